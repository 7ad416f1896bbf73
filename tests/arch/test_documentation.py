"""The documentation says what the program does: every code, command and option, and no page is stale."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kputui.cli.arguments import COMMANDS, GLOBAL_OPTIONS
from kputui.errors import ExitCode
from kputui.session.meanings import ROOMS

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "kputui"
DOCUMENTED = {code: meaning for _, codes in ROOMS for code, meaning in codes.items()}


def make() -> ModuleType:
    """docs/make.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def codes_used() -> dict[str, set[str]]:
    """Problem code -> the files whose code names it, the tables of codes left out."""
    used: dict[str, set[str]] = {}
    for path in SOURCES.rglob("*.py"):
        if path.name == "codes.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[A-Z]\d\d", node.value)
            ):
                used.setdefault(node.value, set()).add(str(path.relative_to(SOURCES)))
    return used


def test_every_code_is_documented() -> None:
    """Each problem code that the sources name has its line in a room's table."""
    unknown = {code: files for code, files in codes_used().items() if code not in DOCUMENTED}
    assert not unknown


def test_every_documented_code_is_used() -> None:
    """No documented code is a promise that nothing keeps."""
    assert not sorted(set(DOCUMENTED) - set(codes_used()))


def test_every_table_of_codes_is_published() -> None:
    """A room that brings its own codes is part of docs/problems.md, and no two rooms share a code."""
    tables = {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("codes.py")}
    assert len(tables) == len(ROOMS)
    assert len(DOCUMENTED) == sum(len(codes) for _, codes in ROOMS)


@pytest.mark.parametrize("page", ["commands.md", "problems.md", "rules.md", "config-reference.md"])
def test_no_generated_page_is_stale(page: str) -> None:
    """A generated page is what `python docs/make.py` writes now."""
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == make().PAGES[page]()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_is_documented(name: str) -> None:
    """Each command, option and word stands in docs/commands.md, and the command in the README."""
    command = COMMANDS[name]
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"```\n{command.usage}\n```" in page
    for option in (*command.options, *GLOBAL_OPTIONS):
        assert all(flag in page for flag in option.flags)
        assert option.help in page
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert command.usage.split(" [")[0] in readme


def test_every_exit_code_is_documented() -> None:
    """Each exit code has its line."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert all(f"| `{code.value}` |" in page for code in ExitCode)


def test_examples_name_real_commands() -> None:
    """Each example of a command parses with that command's own table."""
    from shlex import split

    from kputui.cli.program import parser_of

    for command in COMMANDS.values():
        for example in command.examples:
            words = split(example.partition(" >")[0])[1:]
            if words and words[0] in COMMANDS:
                parser_of(COMMANDS[words[0]]).parse_intermixed_args(words[1:])
