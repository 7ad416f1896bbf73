"""Writing only the cells that differ shows the same picture as writing everything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from tests.tui.fake_board import FakeBoard, view_of
from tests.tui.screen_text import TinyTerminal, lines_of, settle
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from kputui.model.workspace import Display
from kputui.tui.app import BoardApp
from kputui.tui.display import ScreenGrid
from kputui.tui.messages import ReadingsReady

if TYPE_CHECKING:
    from textual.pilot import Pilot
    from textual.screen import Screen

CONSOLE = Console(color_system="truecolor", force_terminal=True)


def _never(error: BaseException) -> str:
    raise error


class RecordedApp(BoardApp):
    """A board whose every update is written to a tiny terminal, as the driver would."""

    def __init__(self, board: FakeBoard, width: int, height: int, **more: Any) -> None:
        super().__init__(board, **more)
        self._grid = ScreenGrid(_never)
        self.terminal = TinyTerminal(width, height)
        self.written = 0

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if renderable is not None and not self._batch_count:
            update = self._grid.reduced(renderable, self.size)
            data = update.render_segments(CONSOLE)  # type: ignore[attr-defined]  # every update here is of cells
            self.written += len(data.encode())
            self.terminal.write(data)
        super()._display(screen, renderable)


WALK = (
    "down down down space space tab down down tab tab end home slash l a t e enter escape t down question_mark "
    "down escape 3 up 1 ctrl+p m i l e s enter o escape ctrl+l pagedown left left right"
)


def written_lines(app: RecordedApp) -> list[str]:
    """What a terminal shows after all that was written."""
    return [line.replace("\x00", "") for line in app.terminal.lines]


async def agreed(app: RecordedApp, pilot: Pilot[int]) -> None:
    """Wait for the terminal to catch up: a chart may arrive in the app before its cells are written."""
    await pilot.pause()
    for _ in range(100):
        await pilot.pause(0.02)
        if written_lines(app) == lines_of(app):
            break


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_after_every_key_the_terminal_shows_what_the_screen_means(size: tuple[int, int]) -> None:
    """Forty keys through panes, pages, themes and filters: the terminal always equals the screen."""
    app = RecordedApp(FakeBoard(), *size)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in WALK.split():
            await pilot.press(key)
            await agreed(app, pilot)
            assert written_lines(app) == lines_of(app), key


async def test_hostile_and_wide_names_are_written_whole() -> None:
    """Wide characters that change into narrow ones and back leave no halves on the screen."""
    view = view_of(1)
    names = ("漢字漢字漢字", "a漢b字c", "plain", "e\u0301e\u0301e\u0301", "👩\u200d💻 work", "\x1b[31mred")
    app = RecordedApp(FakeBoard(view), 100, 30)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        for generation in range(2, 8):
            rows = tuple(
                replace(row, label=names[(index + generation) % len(names)]) for index, row in enumerate(view.rows)
            )
            app.post_message(ReadingsReady(replace(view, generation=generation, rows=rows)))
            await agreed(app, pilot)
            assert app.terminal.lines == lines_of(app)


async def test_a_cursor_key_writes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor key costs less than 1,000 bytes; looking on costs none."""
    app = RecordedApp(FakeBoard(), 140, 40)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        monkeypatch.setattr("kputui.tui.panes.detail.CHART_RESTS_S", 0.5)  # a slow machine rests between two keys
        costs = []
        for _ in range(20):
            before = app.written
            await pilot.press("down")
            costs.append(app.written - before)
            await pilot.pause()
        assert sorted(costs)[len(costs) // 2] < 1_000
        await settle(pilot)
        before = app.written
        await pilot.pause(1.2)
        assert app.written == before


STYLES = st.sampled_from(
    [Style(), Style(bold=True), Style(color="red"), Style(reverse=True), Style(bgcolor="#102030"), Style(dim=True)]
)
ROW = st.lists(st.tuples(st.sampled_from(["ab", "  ", "漢", "e\u0301", "x漢 y", "─╌", "      "]), STYLES), max_size=8)


def _strip(row: list[tuple[str, Style]]) -> Strip:
    return Strip([Segment(text, style) for text, style in row]).adjust_cell_length(20)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.lists(ROW, min_size=3, max_size=3), min_size=1, max_size=5))
def test_any_frames_in_a_row_come_out_right(frames: list[list[list[tuple[str, Style]]]]) -> None:
    """Whatever was shown before, the terminal shows the newest frame, cell for cell."""
    grid = ScreenGrid(_never)
    terminal = TinyTerminal(20, 3)
    for frame in frames:
        strips = [_strip(row) for row in frame]
        update = LayoutUpdate([[strip] for strip in strips], Region(0, 0, 20, 3))
        terminal.write(grid.difference(update, (20, 3), CONSOLE))
        assert terminal.lines == [strip.text for strip in strips]


async def test_the_stock_display_writes_as_textual_does() -> None:
    """With `display = "stock"` no update is reduced."""
    app = BoardApp(FakeBoard(), display=Display.STOCK)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        update = LayoutUpdate([], Region(0, 0, 0, 0))
        assert app._grid.reduced(update, (80, 24)) is update
    assert ScreenGrid(_never).reduced(update, (80, 24)) is not update
