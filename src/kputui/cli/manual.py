"""Help for people, made from the tables in `arguments`: on the screen, and as docs/commands.md."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from kputui.cli.arguments import BOARD, COMMANDS, GLOBAL_OPTIONS, HELP
from kputui.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kputui.cli.arguments import Command, Option

WIDTH = 79
_NEXT = """\
new here: kputui demo          your own data: kputui init
more on a command: kputui COMMAND --help"""
_PREFACE = """\
# Commands

<!-- Made by docs/make.py from src/kputui/cli/arguments.py; a test fails when it is stale. -->

Data goes to standard output, talk to standard error. Options may stand before or after the command.
A first word that is no command is a folder: `kputui DIR` opens its board.

On a terminal nothing in your data can act: control characters and marks that turn text round are replaced by a
sign, in every format. In a pipe or a file CSV and JSON (UTF-8) hold each value as it is in the data, for programs; look
at such a file with a pager that shows control characters, such as `less`."""
_COLUMN = 26

EXIT_CODES = {
    ExitCode.OK: "all is well",
    ExitCode.FINDINGS: "findings: `check` lists some, or a goal is in the state of `status --fail-on`",
    ExitCode.USAGE: "the workspace or the command line cannot be used, or there is no terminal for the board",
    ExitCode.CONFLICT: "stale, or somebody else changed it first",
    ExitCode.REFUSED: "refused by a rule of the method",
    ExitCode.DATA: "data cannot be read, or a metric asked for cannot be computed",
    ExitCode.BUG: "a bug in kputui; its traceback is in a log that only you can read",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
}


def overview() -> str:
    """What `kputui --help` prints: the commands, a line each, and the options of all."""
    commands = "\n".join(_entry(command.name, command.summary, 10) for command in COMMANDS.values())
    return "\n\n".join(
        (
            "usage: kputui [options] [DIR]\n       kputui [options] COMMAND ...",
            _filled(
                "Steer by goals in the terminal: goals first, the KPIs under them, the CPIs behind those, "
                "and who is accountable."
            ),
            f"commands:\n{commands}",
            f"options:\n{_listed((*GLOBAL_OPTIONS, HELP))}",
            _NEXT,
        )
    )


def help_of(command: Command) -> str:
    """What `kputui COMMAND --help` prints."""
    usage = _usage(command)
    parts = [usage, _filled(command.about)]
    if command.positionals:
        words = "\n".join(_entry(positional.usage, positional.help) for positional in command.positionals)
        parts.append(f"arguments:\n{words}")
    if command.options:
        parts.append(f"options:\n{_listed(command.options)}")
    parts.append(f"options of every command:\n{_listed((*GLOBAL_OPTIONS, HELP))}")
    parts.append("examples:\n" + "\n".join(f"  {example}" for example in command.examples))
    return "\n\n".join(parts)


def as_markdown() -> str:
    """docs/commands.md: every command, option and exit code."""
    parts = [
        _PREFACE,
        "## Options of every command\n\n" + _table("option", ((o.usage, o.help) for o in (*GLOBAL_OPTIONS, HELP))),
    ]
    for command in COMMANDS.values():
        title = "kputui" if command.name == BOARD else f"kputui {command.name}"
        rows = [(p.usage, p.help) for p in command.positionals] + [(o.usage, o.help) for o in command.options]
        table = _table("argument", rows) + "\n\n" if rows else ""
        examples = "\n".join(command.examples)
        parts.append(
            f"## {title}\n\n```\n{command.usage}\n```\n\n{command.about}\n\n{table}Try:\n\n```sh\n{examples}\n```"
        )
    codes = ((str(code.value), meaning) for code, meaning in EXIT_CODES.items())
    parts.append("## Exit codes\n\n" + _table("code", codes))
    return "\n\n".join(parts) + "\n"


def _usage(command: Command) -> str:
    """The usage line, broken between options but not inside one."""
    glued = re.sub(r"\[[^]]*\]", lambda option: option[0].replace(" ", "\xa0"), command.usage)
    lines = _wrapped(f"usage: {glued}", WIDTH, hanging=9)
    return "\n".join(lines).replace("\xa0", " ")


def _filled(text: str) -> str:
    return "\n".join(_wrapped(text, WIDTH))


def _wrapped(text: str, width: int, hanging: int = 0) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=" " * hanging, break_on_hyphens=False, break_long_words=False)


def _listed(options: Iterable[Option]) -> str:
    return "\n".join(_entry(option.usage, option.help) for option in options)


def _entry(name: str, words: str, column: int = _COLUMN) -> str:
    """A name at the left and its explanation beside it, or below a long name."""
    indent = " " * column
    lines = _wrapped(words, WIDTH - column)
    first = f"  {name}"
    if len(first) > column - 2:
        return "\n".join((first, *(indent + line for line in lines)))
    return "\n".join((f"{first:<{column}}{lines[0]}", *(indent + line for line in lines[1:])))


def _table(head: str, rows: Iterable[tuple[str, str]]) -> str:
    body = "\n".join(f"| `{name.replace('|', chr(92) + '|')}` | {words} |" for name, words in rows)
    return f"| {head} | what |\n|---|---|\n{body}"
