"""The guide cannot rot: its commands run on the demo and answer as it says, and its links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "guide").glob("*.md"))
ALL = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)
_ANSWERS = re.compile(r"^(.*?)\s+# answers (\d+)$")


def script_of(page: str) -> str:
    """The page's runnable blocks as one script that stops where an answer is not the one told."""
    lines = []
    for block in _BLOCK.findall(page):
        for line in block.splitlines():
            told = _ANSWERS.match(line)
            lines.append(f'{told[1]} && code=0 || code=$?; test "$code" = {told[2]}' if told else line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_answer_as_told(page: Path, tmp_path: Path) -> None:
    """Each page alone, in a folder that holds the demo, with files of its own."""
    script = script_of(page.read_text(encoding="utf-8"))
    assert "kputui" in script
    here, tools = tmp_path / "here", tmp_path / "bin"
    here.mkdir()
    tools.mkdir()
    shutil.copytree(ROOT / "config", here / "kputui-demo")
    (tools / "kputui").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kputui "$@"\n', encoding="utf-8")
    (tools / "kputui").chmod(0o755)
    homes = {name: str(tmp_path / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    done = subprocess.run(
        ["/bin/sh", "-eux", "-c", script],
        cwd=here,
        env={**os.environ, **homes, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files(page: Path) -> None:
    """Each relative link names something that is in the repository."""
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_every_page_is_in_the_index() -> None:
    """docs/README.md leads to all pages."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"]
    assert not [page.name for page in pages if f"({page.relative_to(ROOT / 'docs').as_posix()})" not in index]
