"""The way to the board: which folder, which day and which wishes reach it, and what its exit code becomes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kputui.cli import board, main, out
from kputui.model.workspace import Display

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.cli.context import BoardOptions
    from kputui.session.board import Board

Seen = list[tuple["Board", "BoardOptions"]]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """A terminal that is always there, and the boards that were opened on it."""
    monkeypatch.setattr(board, "has_terminal", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return []


def opens(seen: Seen, code: int = 0) -> object:
    def open_board(opened: Board, options: BoardOptions) -> int:
        seen.append((opened, options))
        return code

    return open_board


def run(seen: Seen, *words: object, code: int = 0) -> int:
    return main([str(word) for word in words], opens(seen, code))  # type: ignore[arg-type]


def test_the_board_stands_on_the_day_asked_for(seen: Seen, demo: Path) -> None:
    """--today reaches the board over the workspace's own fixed day."""
    assert run(seen, demo, "--today", "2013-06-30") == 0
    assert seen[0][0].first().header.today == date(2013, 6, 30)
    assert run(seen, demo) == 0
    assert seen[1][0].first().header.today == date(2013, 9, 30)


def test_the_boards_exit_code_is_the_programs(seen: Seen, demo: Path) -> None:
    """What the board answers, the program answers."""
    assert run(seen, "-w", demo, code=143) == 143


@pytest.mark.parametrize(
    ("words", "variable", "has_colour"), [((), "", True), (("--no-color",), "", False), ((), "1", False)]
)
def test_colour_can_be_refused(
    seen: Seen, demo: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], variable: str, has_colour: bool
) -> None:
    """--no-color and NO_COLOR both reach the board."""
    monkeypatch.setenv("NO_COLOR", variable)
    assert run(seen, demo, *words) == 0
    assert seen[0][1].has_colour is has_colour


def test_the_workspaces_keys_reach_the_board(seen: Seen, demo: Path) -> None:
    """The [keys] table goes along."""
    (demo / "kputui.toml").write_text((demo / "kputui.toml").read_text() + '\n[keys]\nquit = "Q"\n')
    assert run(seen, demo) == 0
    assert seen[0][1].keys == {"quit": "Q"}


def test_the_projects_display_reaches_the_board(seen: Seen, demo: Path) -> None:
    """`display` goes along; without it only the cells that differ are written."""
    assert run(seen, demo) == 0
    path = demo / "kputui.toml"
    path.write_text(path.read_text().replace("[project]\n", '[project]\ndisplay = "stock"\n'))
    assert run(seen, demo) == 0
    assert [options.display for _, options in seen] == [Display.DIFF, Display.STOCK]


def test_demo_opens_its_board(seen: Seen, tmp_path: Path) -> None:
    """On a terminal `demo` copies and opens; the second time it only opens."""
    assert run(seen, "demo", tmp_path / "mine") == run(seen, "demo", tmp_path / "mine") == 0
    assert [opened.first().header.project for opened, _ in seen] == ["Three Airports"] * 2


def test_a_broken_workspace_opens_no_board(seen: Seen, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All problems go to stderr, the answer is 2, and no board is opened."""
    (demo / "goals.toml").write_text("[goals\n")
    assert run(seen, demo) == 2
    assert not seen
    assert "goals.toml:1:" in capsys.readouterr().err


def test_pictures_become_ascii_where_they_must() -> None:
    """Text for an encoding that lacks a character is ASCII as a whole and as wide."""
    assert out.encoded("a · b – c", "utf-8") == "a · b – c".encode()  # noqa: RUF001 - the dash that is shown
    assert out.encoded("a · b – c", "ascii") == b"a . b - c"  # noqa: RUF001 - as above
    assert out.encoded("Süd", "latin-1") == "Süd".encode("latin-1")
