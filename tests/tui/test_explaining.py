"""Signals on the board by keys alone: what is marked, what `e` asks, and what is on disk then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle
from tests.unit.session.depot import WEEKS, Depot, routine

from kputui.session.board import Board
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

SIZES = [(80, 24), (140, 40)]


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


def app_of(depot: Depot, **more: Any) -> BoardApp:
    return BoardApp(Board(depot.open()), **more)


def text_of(app: BoardApp) -> str:
    return "\n".join(lines_of(app))


async def computed(pilot: Pilot[Any]) -> None:
    """Everything is computed and drawn."""
    for _ in range(1_000):
        header = pilot.app.board_screen.view.header  # type: ignore[attr-defined]  # every app here is a BoardApp
        if header.newest_data is not None and not header.is_computing:
            break
        await pilot.pause(0.01)
    await settle(pilot)


async def until(pilot: Pilot[Any], words: str) -> str:
    """The screen's text once it holds the words, or after 5 s."""
    for _ in range(500):
        await pilot.pause(0.01)
        if words in (text := "\n".join(lines_of(pilot.app))):
            return text
    return "\n".join(lines_of(pilot.app))


async def to_minutes(pilot: Pilot[Any]) -> None:
    """The cursor on the KPI with the signal."""
    await computed(pilot)
    await pilot.press("slash", *"minutes", "enter")
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_new_signal_is_seen_without_colour(tmp_path: Path, size: tuple[int, int]) -> None:
    """A glyph and a word in the tree, the count in the top line, and the reason in the detail."""
    app = app_of(Depot(tmp_path, outlier), has_colour=False)
    async with app.run_test(size=size) as pilot:
        await to_minutes(pilot)
        assert "◉ concern" in text_of(app)
        assert "1 to explain" in lines_of(app)[0] or "1 signal to explain" in lines_of(app)[0]
        assert "explains it)" in text_of(app)
        assert is_grid_intact(app, size[0])
        assert_frame(app, f"signal_{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_e_asks_what_was_behind_it_and_writes_it_down(tmp_path: Path, size: tuple[int, int]) -> None:
    """`e`, a sentence, Enter: in the journal, then on the screen; mark and count are gone and `u` brings them back."""
    depot = Depot(tmp_path, outlier)
    app = app_of(depot)
    async with app.run_test(size=size) as pilot:
        await to_minutes(pilot)
        await pilot.press("e")
        await settle(pilot)
        assert "Explain a signal: Minutes to the door" in text_of(app)
        assert_frame(app, f"explain_{size[0]}x{size[1]}")
        await pilot.press("enter")
        assert not (depot.folder / "state" / "journal.jsonl").exists()
        await pilot.press(*"a closed bridge", "enter")
        text = await until(pilot, "u takes it back")
        assert "◉ concern" not in text
        assert "to explain" not in lines_of(app)[0]
        line = json.loads((depot.folder / "state" / "journal.jsonl").read_text(encoding="utf-8"))
        assert (line["command"], line["cell"]) == ("explain", ["signal", "minutes", "2026-10-05"])
        assert line["after"]["text"] == "a closed bridge"
        await pilot.press("u", "enter")
        assert "◉ concern" in await until(pilot, "◉ concern")


async def test_e_on_routine_variation_says_why_not(tmp_path: Path) -> None:
    """Nobody is asked to explain what is routine."""
    app = app_of(Depot(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await to_minutes(pilot)
        await pilot.press("e")
        assert "what varies is routine" in lines_of(app)[-1]
        assert app.screen is app.board_screen


async def test_an_older_signal_can_be_explained_from_the_list(tmp_path: Path) -> None:
    """Of several signals the new one is chosen; Tab goes to the list, and an older one takes a text too."""
    depot = Depot(tmp_path, lambda number: 48.0 if number in (20, WEEKS - 1) else routine(number))
    app = app_of(depot)
    async with app.run_test(size=(140, 40)) as pilot:
        await to_minutes(pilot)
        await pilot.press("e", "tab", "down", "tab", *"a strike", "enter")
        assert "u takes it back" in await until(pilot, "u takes it back")
        line = json.loads((depot.folder / "state" / "journal.jsonl").read_text(encoding="utf-8"))
        assert line["cell"] == ["signal", "minutes", "2026-05-25"]
        assert "◉ concern" in text_of(app)


async def test_e_works_on_the_metrics_page(tmp_path: Path) -> None:
    """From everything about a metric `e` goes to its question, and after it the board shows who explained it."""
    app = app_of(Depot(tmp_path, outlier))
    async with app.run_test(size=(80, 24)) as pilot:
        await to_minutes(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("e")
        assert "Explain a signal" in await until(pilot, "Explain a signal")
        await pilot.press(*"a closed bridge", "enter")
        assert "a closed bridge" in await until(pilot, "u takes it back")
        assert app.screen is app.board_screen


async def test_signals_are_drawn_in_ascii_too(tmp_path: Path) -> None:
    """Where the terminal shows ASCII alone, limits, mean and signal still differ from each other."""
    app = app_of(Depot(tmp_path, outlier), is_ascii=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await to_minutes(pilot)
        text = text_of(app)
        assert text.isascii()
        assert "== limits" in text
        assert "@ signal" in text
