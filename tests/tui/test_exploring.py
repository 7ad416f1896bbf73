"""Exploring on the board by keys alone: the grain, the breakdown, the rows, where they come from, and Esc."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from tests.tui.fake_board import FakeBoard, view_of
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle
from tests.unit.session.fiscal import fiscal, periods, table
from tests.unit.session.market import market

from kputui.engine.progress import Progress
from kputui.session import exploring as cuts
from kputui.session.board import Board
from kputui.session.open import open_workspace
from kputui.session.views import RowKind
from kputui.tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from kputui.model.ids import MetricId
    from kputui.session.cuts import Cut
    from kputui.session.views import BoardView

SIZES = [(80, 24), (140, 40)]


def text_of(app: BoardApp) -> str:
    return "\n".join(lines_of(app))


async def until(pilot: Pilot[Any], *words: str) -> str:
    """The screen's text once it holds all the words, or after 10 s."""
    for _ in range(1_000):
        text = "\n".join(lines_of(pilot.app))
        if all(word in text for word in words):
            break
        await pilot.pause(0.01)
    await settle(pilot)
    return "\n".join(lines_of(pilot.app))


async def to_basket(pilot: Pilot[Any]) -> None:
    """Everything is computed, and the cursor stands on the ratio."""
    for _ in range(1_000):
        header = pilot.app.board_screen.view.header  # type: ignore[attr-defined]  # every app here is a BoardApp
        if header.newest_data is not None and not header.is_computing:
            break
        await pilot.pause(0.01)
    await pilot.press("slash", *"basket", "enter")
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_breakdown_by_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    """`b`, a dimension, Enter: the largest parts with their values, the rest, and the cut in the title."""
    app = BoardApp(Board(market(tmp_path)), has_colour=False)
    async with app.run_test(size=size) as pilot:
        await to_basket(pilot)
        await pilot.press("b", *"shop", "enter")
        text = await until(pilot, "the 8 largest of 12", "broken down by shop")
        assert "Basket · broken down by shop" in text
        assert is_grid_intact(app, size[0])
        assert "\x1b" not in text
        assert_frame(app, f"breakdown_{size[0]}x{size[1]}")
        await pilot.press("enter", "pagedown")
        assert "the rest (4 values)" in await until(pilot, "the rest (4 values)")
        await pilot.press("escape", "escape", "escape")
        await settle(pilot)
        assert "broken down" not in text_of(app)


@pytest.mark.parametrize("size", SIZES)
async def test_only_some_rows_by_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    """`f`, a dimension, values marked with Space: the title names them, no limits are judged, `f` shows all again."""
    app = BoardApp(Board(market(tmp_path)))
    async with app.run_test(size=size) as pilot:
        await to_basket(pilot)
        await pilot.press("f", "enter")
        text = await until(pilot, "12 values")
        assert "(no value)" in text
        assert "(empty)" in text
        await pilot.press(*"value)", "space", *["backspace"] * 6, *"UA", "space")
        assert "✓ UA" in text_of(app)
        assert is_grid_intact(app, size[0])
        assert_frame(app, f"values_{size[0]}x{size[1]}")
        await pilot.press("enter")
        text = await until(pilot, "not judged", "only shop = (no value) and UA")
        assert "limits 0" not in text
        assert_frame(app, f"only_{size[0]}x{size[1]}")
        await pilot.press("f")
        await settle(pilot)
        assert "only shop" not in text_of(app)


async def test_a_goal_is_explored_by_what_measures_it(tmp_path: Path) -> None:
    """On a goal's row `g` goes to what measures it and changes that; of a goal without one it says what to select."""
    app = BoardApp(Board(market(tmp_path)))
    async with app.run_test(size=(140, 40)) as pilot:
        await to_basket(pilot)
        screen = app.board_screen
        rows = screen.view.rows if screen.view is not None else ()
        kpi = next(row for row in rows if row.kind is RowKind.KPI)
        screen.selection.select(kpi.parent or "")
        await pilot.press("g")
        await settle(pilot)
        assert screen.selection.row == kpi
        assert f"{kpi.label} · by" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert f"{kpi.label} · by" not in text_of(app)
        measure = replace(kpi, key="measure", kind=RowKind.DIAGNOSTIC)
        screen.show(replace(screen.view, rows=(rows[0], measure, kpi)))  # type: ignore[type-var, arg-type]  # as below
        screen.selection.select(kpi.parent or "")
        await pilot.press("g")
        assert screen.selection.row == measure
        goals = tuple(row for row in rows if row.kind is RowKind.GOAL)
        screen.show(replace(screen.view, rows=goals))  # type: ignore[type-var, arg-type]  # there is one
        screen.selection.select(goals[0].key)
        await pilot.press("g")
        assert "no metric to explore" in lines_of(app)[-1]


async def test_a_metric_without_dimensions_says_so(tmp_path: Path) -> None:
    """The menu of one that declares none offers the parts of its dates, and says how to declare some."""
    market(tmp_path)
    path = tmp_path / "kputui.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('dimensions = ["shop", "buyer"]\n', ""), encoding="utf-8")
    app = BoardApp(Board(open_workspace(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        await to_basket(pilot)
        await pilot.press("b")
        text = await until(pilot, "weekday")
        assert 'dimensions = ["region"]' in text
        assert is_grid_intact(app, 80)


async def test_g_goes_through_the_grains_and_comes_back(tmp_path: Path) -> None:
    """Each press is the next longer period; behind the year come days, then the metric's own again."""
    app = BoardApp(Board(market(tmp_path)))
    async with app.run_test(size=(140, 40)) as pilot:
        await to_basket(pilot)
        for grain in ("month", "quarter", "year", "day"):
            await pilot.press("g")
            assert f"Basket · by {grain}" in await until(pilot, f"Basket · by {grain}", "not judged")
        await pilot.press("g")
        await settle(pilot)
        assert "Basket · by" not in text_of(app)


@pytest.mark.parametrize("size", SIZES)
async def test_g_goes_through_the_grains_of_a_table_too(tmp_path: Path, size: tuple[int, int]) -> None:
    """The workspace's own grains stand among the others by their length; labels are on the axis and in the headline."""
    app = BoardApp(Board(open_workspace(fiscal(tmp_path))), has_colour=False)
    async with app.run_test(size=size) as pilot:
        await pilot.press("down")
        assert "P06 FY26 3 757" in await until(pilot, "P06 FY26 3 757", "P07 FY26, running 210")
        for grain in ("quarter", "season"):
            await pilot.press("g")
            assert f"Amount · by {grain}" in await until(pilot, f"Amount · by {grain}", "not judged")
        await until(pilot, "season of 1 Jun 2026, running", "lie in no period of `season`")
        assert is_grid_intact(app, size[0])
        await pilot.press("escape", "enter")
        text = await until(pilot, "by period445, 2023-2026")
        assert "P01 FY23" in text
        assert "P01 FY26" in text
        assert is_grid_intact(app, size[0])
        assert_frame(app, f"period445_{size[0]}x{size[1]}")


async def test_a_mended_table_of_periods_is_seen(tmp_path: Path) -> None:
    """While a table has a fault the last numbers stay under a banner; mended, the new periods are shown."""
    app = BoardApp(Board(open_workspace(fiscal(tmp_path))), has_colour=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down")
        await until(pilot, "P06 FY26 3 757")
        rows = periods()
        last = rows[41]
        await pilot.pause(0.05)
        (tmp_path / "periods.csv").write_text(table([*rows[:41], (last[0], last[1], rows[42][1]), *rows[42:]]))
        text = await until(pilot, "periods.csv line 44: starts on")
        assert "P06 FY26 3 757" in text
        (tmp_path / "periods.csv").write_text(table([*rows[:41], ("Sixth", *last[1:]), *rows[42:]]))
        assert "Sixth 3 757" in await until(pilot, "Sixth 3 757")


async def test_a_cut_is_kept_with_its_metric(tmp_path: Path) -> None:
    """Another row shows its own; back again, the cut is still there, and answered from memory."""
    app = BoardApp(Board(market(tmp_path)))
    async with app.run_test(size=(140, 40)) as pilot:
        await to_basket(pilot)
        await pilot.press("escape", "g")
        await until(pilot, "Basket · by month", "not judged")
        await pilot.press("up")
        assert "Basket · by month" not in text_of(app)
        await pilot.press("down")
        assert "Basket · by month" in text_of(app)
        assert "not judged" in text_of(app)


async def test_o_opens_the_rows_of_a_cut(tmp_path: Path) -> None:
    """Files, rows used, the cut's condition, the definition down to its inputs, freshness, tests, rows of each part."""
    app = BoardApp(Board(market(tmp_path)))
    async with app.run_test(size=(140, 60)) as pilot:
        await to_basket(pilot)
        await pilot.press("b", *"shop", "enter")
        await until(pilot, "the 8 largest of 12")
        await pilot.press("o")
        text = await until(pilot, "rows used")
        for words in (
            "data/orders.parquet",
            "basket = (spent where amount > 1) / orders",
            "spent = sum(amount) from orders",
            "buyer is never empty: kept",
            "is_new is True and False: kept",
            "warn after 2 days: kept",
            "shop = UA",
            "the rest (4 values)",
        ):
            assert words in text


async def test_keys_are_not_held_up_and_esc_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a cut computes the cursor moves; Esc stops it, and Esc again shows the metric as it is."""
    started, go = threading.Event(), threading.Event()
    whole = cuts.Explorer._explored

    def slow(
        self: cuts.Explorer, metric: MetricId, cut: Cut, is_cancelled: Callable[[], bool]
    ) -> Iterator[cuts.Explored]:
        started.set()
        go.wait(10)
        yield from whole(self, metric, cut, is_cancelled)

    monkeypatch.setattr(cuts.Explorer, "_explored", slow)
    app = BoardApp(Board(market(tmp_path)))
    async with app.run_test(size=(140, 40)) as pilot:
        await to_basket(pilot)
        await pilot.press("escape", "g")
        assert started.wait(10)
        assert "computing ... Esc stops it" in text_of(app)
        await pilot.press("up")
        assert "Basket · by month" not in text_of(app)
        await pilot.press("down", "escape")
        assert "stopped" in text_of(app)
        go.set()
        await pilot.pause(0.1)
        assert "Basket · by month" in text_of(app)
        assert "not judged" not in text_of(app)
        await pilot.press("escape")
        assert "by month" not in text_of(app)


async def test_esc_in_a_menu_changes_nothing(tmp_path: Path) -> None:
    """A menu left by Esc leaves the metric as it was; a row without a metric has none."""
    app = BoardApp(Board(market(tmp_path)))
    async with app.run_test(size=(80, 24)) as pilot:
        await to_basket(pilot)
        for key in ("b", "f"):
            await pilot.press(key, "escape")
            await settle(pilot)
            assert app.screen is app.board_screen
        await pilot.press("f", "enter", "escape")
        await settle(pilot)
        assert "Basket ·" in text_of(app)
        assert "only shop" not in text_of(app)


class StoppableBoard(FakeBoard):
    """Looks at a million rows, a few at a time, until it is told to stop."""

    def refresh(self, is_cancelled: Callable[[], bool], *, is_forced: bool = False) -> Iterator[BoardView]:
        """Views that say how far it is."""
        del is_forced
        for done in range(1, 1_000):
            if is_cancelled():
                return
            self._generation += 1
            yield self._at(done, is_computing=True)
            threading.Event().wait(0.01)

    def stopped(self) -> BoardView:
        """The view, marked."""
        self._generation += 1
        return self._at(400, is_computing=False)

    def _at(self, done: int, *, is_computing: bool) -> BoardView:
        from dataclasses import replace

        view = view_of(self._generation)
        header = replace(
            view.header,
            is_computing=is_computing,
            progress=Progress(done * 1_000, 1_000_000, date(2021, 5, 1)),
            is_stopped=not is_computing,
        )
        return replace(view, header=header)


async def test_the_header_says_how_far_it_is_and_esc_stops_it() -> None:
    """Rows done of all rows while computing; Esc ends it, says so, and `a` goes on."""
    app = BoardApp(StoppableBoard())
    async with app.run_test(size=(140, 40)) as pilot:
        assert "of 1.00 M rows, back to May 2021, Esc stops" in await until(pilot, "back to May 2021, Esc stops")
        await pilot.press("escape")
        assert "stopped at 40 %, a goes on" in await until(pilot, "a goes on")
        await pilot.press("a")
        assert "Esc stops" in await until(pilot, "Esc stops")
        await pilot.press("escape")
        await until(pilot, "a goes on")
