"""Files from the board by keys alone: the report, tables and pictures, where the user says and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.tui.screen_text import is_grid_intact, lines_of, settle
from tests.unit.session.depot import WEEKS, Depot, routine

from kputui.session.board import Board
from kputui.tui.actions import Situation
from kputui.tui.app import BoardApp
from kputui.tui.filing import Filing
from kputui.tui.linepane import Look

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

HOSTILE = "</text><script>x</script> [@click=app.quit]a[/] &amp;"


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


@pytest.fixture
def depot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Depot:
    """The depot, with the user in an empty folder beside it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Depot(tmp_path, outlier)


def text_of(pilot: Pilot[Any]) -> str:
    return "\n".join(lines_of(pilot.app))


async def computed(pilot: Pilot[Any]) -> None:
    """Everything is computed and drawn."""
    for _ in range(1_000):
        header = pilot.app.board_screen.view.header  # type: ignore[attr-defined]  # every app here is a BoardApp
        if header.newest_data is not None and not header.is_computing:
            break
        await pilot.pause(0.01)
    await settle(pilot)


async def until(pilot: Pilot[Any], words: str) -> str:
    """The screen's text once it holds the words, or after 10 s."""
    for _ in range(1_000):
        await pilot.pause(0.01)
        if words in text_of(pilot):
            break
    return text_of(pilot)


async def typed(pilot: Pilot[Any], words: str) -> None:
    """The words in place of what the field holds."""
    await pilot.press("ctrl+u", *("full_stop" if c == "." else "slash" if c == "/" else c for c in words))


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (40, 10)])
async def test_p_writes_the_page_where_the_user_says(depot: Depot, tmp_path: Path, size: tuple[int, int]) -> None:
    """A name with the day is offered; Enter writes one HTML file, and the last line says where it is."""
    app = BoardApp(Board(depot.open()), has_colour=False)
    async with app.run_test(size=size) as pilot:
        await computed(pilot)
        await pilot.press("p")
        assert "stand-up-2026-10-11.html" in await until(pilot, "Write the report")
        assert is_grid_intact(app, size[0])
        await pilot.press("enter")
        assert "wrote stand-up-2026-10-11.html" in await until(pilot, "wrote")
    page = (tmp_path / "here" / "stand-up-2026-10-11.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "What was behind it?" in page


async def test_the_name_says_markdown_or_neither(depot: Depot, tmp_path: Path) -> None:
    """.md writes Markdown; another ending is told what it should be, and Enter writes nothing."""
    app = BoardApp(Board(depot.open()))
    async with app.run_test(size=(100, 30)) as pilot:
        await computed(pilot)
        await pilot.press("p")
        await typed(pilot, "page.txt")
        assert "end the name in .html or .md" in await until(pilot, "end the name in .html or .md")
        await pilot.press("enter")
        await settle(pilot)
        assert not list((tmp_path / "here").iterdir())
        await typed(pilot, "page.md")
        await pilot.press("enter")
        await until(pilot, "wrote")
    assert (tmp_path / "here" / "page.md").read_text(encoding="utf-8").startswith("# Depot: stand-up of 11 Oct 2026")


async def test_no_file_of_the_workspace_is_written_over(depot: Depot) -> None:
    """Data and state are refused while the name is typed, and stay as they are."""
    before = (depot.folder / "data" / "rides.csv").read_bytes()
    app = BoardApp(Board(depot.open()))
    async with app.run_test(size=(140, 30)) as pilot:
        await computed(pilot)
        await pilot.press("E", "tab")
        await typed(pilot, "../depot/data/rides.csv")
        assert "never writes over it" in await until(pilot, "never writes")
        await pilot.press("enter")
        await settle(pilot)
        assert "Export a table" in text_of(pilot)
        await typed(pilot, "../nowhere/x.csv")
        assert "there is no folder" in await until(pilot, "no folder")
    assert (depot.folder / "data" / "rides.csv").read_bytes() == before


async def test_a_file_that_is_there_is_named_before_it_is_replaced(depot: Depot, tmp_path: Path) -> None:
    """The question says so; Esc leaves the file alone."""
    old = tmp_path / "here" / "goals.csv"
    old.write_text("old", encoding="utf-8")
    app = BoardApp(Board(depot.open()))
    async with app.run_test(size=(100, 30)) as pilot:
        await computed(pilot)
        await pilot.press("E", *"goals", "enter")
        await typed(pilot, "goals.csv")
        assert "Enter replaces it" in await until(pilot, "replaces")
        await pilot.press("escape")
        await settle(pilot)
    assert old.read_text(encoding="utf-8") == "old"


async def test_the_values_of_the_selected_metric_are_offered_first(depot: Depot, tmp_path: Path) -> None:
    """On a metric Enter takes its values; the file's name makes them JSON."""
    app = BoardApp(Board(depot.open()))
    async with app.run_test(size=(100, 30)) as pilot:
        await computed(pilot)
        await pilot.press("slash", *"minutes", "enter", "E")
        assert "values of Minutes to the door, by period" in await until(pilot, "values of")
        await pilot.press("enter")
        await typed(pilot, "minutes.json")
        await pilot.press("enter")
        await until(pilot, "wrote minutes.json")
    records = json.loads((tmp_path / "here" / "minutes.json").read_text(encoding="utf-8"))
    assert len(records) == WEEKS
    assert records[-1]["value"] == pytest.approx(48.0)


async def test_a_picture_shows_the_board_without_the_question_and_its_text_is_text(
    depot: Depot, tmp_path: Path
) -> None:
    """The screen as it was when the key was pressed; names are escaped, and nothing is loaded from anywhere."""
    depot.set('label = "Minutes to the door"', f"label = '{HOSTILE}'")
    app = BoardApp(Board(depot.open()))
    async with app.run_test(size=(140, 40)) as pilot:
        await computed(pilot)
        await pilot.press("S")
        assert "kputui-board.svg" in await until(pilot, "Save a picture")
        await pilot.press("enter")
        await until(pilot, "wrote")
    drawn = (tmp_path / "here" / "kputui-board.svg").read_text(encoding="utf-8")
    assert "Save" not in drawn
    assert "<script" not in drawn
    assert "@font-face" not in drawn
    assert "script" in drawn


def test_nothing_is_written_before_the_figures_are_there(depot: Depot) -> None:
    """A key that comes too early says so, and asks nothing."""
    board, said, pushed = Board(depot.open()), list[str](), list[object]()
    look = Look({}, is_ascii=False)
    filing = Filing(board, pushed.append, lambda: look, said.append, pushed.append, str)
    for id_ in ("report", "export"):
        filing.act(id_, Situation(board.first()), str)
    assert said == ["the figures are still being computed"] * 2
    assert pushed == []


async def test_the_report_is_written_from_the_stand_up(depot: Depot, tmp_path: Path) -> None:
    """`p` on any page of it, and the board is where it was."""
    app = BoardApp(Board(depot.open()))
    async with app.run_test(size=(100, 30)) as pilot:
        await computed(pilot)
        await pilot.press("5")
        await until(pilot, "Stand-up 1 of")
        await pilot.press("p")
        await until(pilot, "Write the report")
        await pilot.press("enter")
        assert "wrote stand-up" in await until(pilot, "wrote")
        assert "Stand-up 1 of" in text_of(pilot)
    assert list((tmp_path / "here").iterdir())
