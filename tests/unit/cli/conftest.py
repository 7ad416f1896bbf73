"""What the tests of the commands share: the demo in a folder of its own, and the program in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from kputui.cli import main

if TYPE_CHECKING:
    from kputui.cli.context import BoardOptions
    from kputui.session.board import Board

DEMO = Path(__file__).parents[3] / "config"


@dataclass(frozen=True)
class Answer:
    """What a command printed and answered."""

    code: int
    out: str
    err: str


Kputui = Callable[..., Answer]


def nobody(_board: Board, _options: BoardOptions) -> NoReturn:
    """No board may be opened."""
    raise AssertionError


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A copy of the demo workspace, to break."""
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder)
    return folder


@pytest.fixture
def kputui(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kputui:
    """The program in this process, standing in an empty folder, with a state folder of its own."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str | Path) -> Answer:
        code = main([str(word) for word in words], nobody)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Answer(code, captured.out, captured.err)

    return run
