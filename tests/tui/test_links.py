"""The screen of the links: the grid, its filters, the evidence of a link, and confirming from there."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.tui.fake_board import FakeBoard, view_of
from tests.tui.fake_links import board_with_links, evidence_view, large_links, links_view
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle
from tests.tui.test_display import RecordedApp, agreed, written_lines

from kputui.analysis.evidence.verdict import Verdict
from kputui.model.ids import GoalId, MetricId, TeamId
from kputui.model.link import LinkState
from kputui.render.chart_evidence import profile_lines, scatter_lines
from kputui.render.glyphs import ascii_text
from kputui.render.lines import text_of, width_of
from kputui.render.links import link_row, link_words
from kputui.session.link_views import LinksView
from kputui.tui.app import BoardApp
from kputui.tui.link_table import READY, LinkTable, Narrowing
from kputui.tui.messages import ReadingsReady
from kputui.tui.screens.evidence import EvidenceScreen
from kputui.tui.screens.links import LinksScreen

if TYPE_CHECKING:
    from textual.pilot import Pilot

SIZES = [(80, 24), (140, 40)]


def app_of(view: LinksView | None = None, *, is_ascii: bool = False, has_colour: bool = True) -> BoardApp:
    board = board_with_links() if view is None else replace(view_of(1), links=view)
    return BoardApp(FakeBoard(board), is_ascii=is_ascii, has_colour=has_colour)


def text_of_screen(app: BoardApp) -> str:
    return "\n".join(lines_of(app))


async def drawn(pilot: Pilot[int]) -> None:
    """Wait until no chart is due any more."""
    for _ in range(300):
        await pilot.pause(0.01)
        if not pilot.app._desk.is_busy:  # type: ignore[attr-defined]  # every app here is a BoardApp
            break
    await pilot.pause()


# --- the table without a screen


def test_up_and_down_come_back_to_the_column() -> None:
    """Walking over rows without a link in the column does not lose it: further down the cursor is back in it."""
    table = LinkTable(links_view()).pointed(MetricId("evening_wait60"), MetricId("clean_start"))
    there_and_back = table.moved(1).moved(1).moved(-2)
    assert there_and_back.cell == table.cell
    assert table.moved(-100).cell is not None
    assert table.moved(100).cell is None


def test_left_and_right_go_to_the_links_of_a_cpi_only() -> None:
    """Empty cells are no stops, and the ends hold."""
    table = LinkTable(links_view()).pointed(MetricId("taxi45"))
    right = table.moved_across(1)
    assert right.cell is not None
    assert right.cell.kpi == "legs_per_aircraft"
    assert right.moved_across(1).cell == right.cell
    assert right.moved_across(-5).cell == table.cell


@pytest.mark.parametrize(
    ("narrowing", "links", "cpis"),
    [
        (Narrowing(), 10, 10),
        (Narrowing(text="three-hour"), 2, 2),
        (Narrowing(text="taxiway"), 2, 1),
        (Narrowing(text="ready to"), 3, 3),
        (Narrowing(text="arrive when"), 4, 4),
        (Narrowing(text="nobody knows"), 0, 1),
        (Narrowing(state="confirmed"), 2, 2),
        (Narrowing(state=READY), 2, 2),
        (Narrowing(state="has an open decision"), 3, 3),
        (Narrowing(team=TeamId("operations")), 3, 2),
        (Narrowing(goal=GoalId("arrive_as_promised")), 4, 4),
        (Narrowing(goal=GoalId("arrive_as_promised"), state="refuted"), 1, 1),
        (Narrowing(text="no such words"), 0, 0),
    ],
)
def test_narrowing_keeps_what_it_says(narrowing: Narrowing, links: int, cpis: int) -> None:
    """Text, state, team and goal each leave out the others, and all of them together what one leaves out."""
    table = LinkTable(links_view()).narrowed(narrowing)
    assert (table.links, len(table.rows)) == (links, cpis)
    assert {column for cells in table.kept.values() for column in cells} <= set(table.columns)


def test_no_two_marks_look_alike_in_ascii() -> None:
    """Each state and each verdict has a mark of its own, also where only ASCII can be sent."""
    cell = links_view().cells[0][0]
    assert cell is not None
    decided = [link_words(replace(cell, state=state, verdict=""))[0] for state in LinkState]
    weighed = [link_words(replace(cell, state=LinkState.TESTING, verdict=verdict))[0] for verdict in Verdict]
    marks = {ascii_text(mark) for mark in (*decided, *weighed)}
    assert len(marks) == len({*decided, *weighed}) == len(Verdict) + 4


def test_an_empty_table_moves_nowhere() -> None:
    """Without links every key is harmless."""
    table = LinkTable()
    assert table.moved(1) == table.moved_across(1) == table
    assert table.cell is None


# --- the charts of the evidence


@pytest.mark.parametrize("size", [(24, 7), (38, 10), (66, 16), (90, 16), (30, 3)])
def test_the_charts_have_the_size_that_was_asked_for(size: tuple[int, int]) -> None:
    """Whatever the size, each line is as wide as it should be."""
    view = evidence_view()
    assert view.profile is not None
    for lines in (scatter_lines(view, *size), profile_lines(view.profile, *size)):
        assert len(lines) == size[1]
        assert {width_of(line) for line in lines} == {size[0]}


@pytest.mark.parametrize(
    "points",
    [(), ((0.0, 0.0),), ((math.nan, 1.0), (2.0, math.inf)), ((1e120, -1e120), (-1e120, 1e120)), ((5.0, 5.0),) * 3],
)
def test_odd_pairs_are_drawn_or_said_to_be_none(points: tuple[tuple[float, float], ...]) -> None:
    """No pairs, one pair, pairs that are no numbers, huge and equal ones: a chart or a sentence."""
    lines = scatter_lines(replace(evidence_view(), scatter=points), 60, 12)
    assert len(lines) == 12
    shown = "".join(text_of(line) for line in lines)
    has_points = any(math.isfinite(x) and math.isfinite(y) for x, y in points)
    assert ("•" in shown) is has_points
    assert ("no pairs to draw" in shown) is not has_points


def test_undeclared_lags_are_hollow() -> None:
    """What no verdict rests on looks different, also without colour."""
    view = evidence_view().profile
    assert view is not None
    shown = "\n".join(text_of(line) for line in profile_lines(view, 60, 14))
    assert shown.count("●") == sum(view.is_declared) + 1
    assert shown.count("○") == len(view.lags) - sum(view.is_declared) + 1
    assert "lag in weeks" in shown


# --- the screen


@pytest.mark.parametrize("size", [(40, 10), *SIZES, (200, 60)])
async def test_the_links_look_as_drawn(size: tuple[int, int]) -> None:
    """`4` opens the grid: sign, strength and state of each link, and in words the one under the cursor."""
    app = app_of()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("4")
        assert_frame(app, f"links_{size[0]}x{size[1]}")
        assert is_grid_intact(app, size[0])
        await pilot.press("escape")
        assert app.screen is app.board_screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_evidence_looks_as_drawn(size: tuple[int, int]) -> None:
    """Enter opens the verdict's sentence, the charts and the figures; Esc comes back to the same link."""
    app = app_of()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("4", "down", "enter")
        await drawn(pilot)
        assert isinstance(app.screen, EvidenceScreen)
        assert_frame(app, f"evidence_{size[0]}x{size[1]}")
        await pilot.press("end")
        assert "Dana confirmed it" in text_of_screen(app)
        await pilot.press("escape")
        assert isinstance(app.screen, LinksScreen)
        assert "Left late → On-time arrivals" in text_of_screen(app)


async def test_an_expired_link_says_why() -> None:
    """Under the grid stands what changed since somebody confirmed it."""
    view = links_view()
    first, *others = view.cells
    gone = "the data up to 30 Sep 2013 has other values now than when it was confirmed"
    cells = tuple(cell and replace(cell, state=LinkState.EXPIRED, why=gone) for cell in first)
    app = app_of(replace(view, cells=(cells, *others)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4")
        assert gone in text_of_screen(app)


async def test_each_link_says_what_it_lacks() -> None:
    """The strip under the grid names the link under the cursor, its state, and what is missing; a hole says so."""
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4", "right")
        assert "missing: about 40 more weeks" in text_of_screen(app)
        await pilot.press("end")
        assert "Nobody knows what for: no link to a KPI is declared" in text_of_screen(app)
        await pilot.press("enter")
        assert "no link stands here" in lines_of(app)[-1]
        await pilot.press("up", "up", "up")
        assert "decided against the verdict: an exception" in text_of_screen(app)


async def test_text_narrows_the_grid_and_esc_shows_all() -> None:
    """`/` finds by names and words, the title says what is active, Esc takes it away and only then leaves."""
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4", "slash", *"taxi")
        assert "/taxi" in lines_of(app)[-1]
        await pilot.press("enter")
        assert "2 links, 1 CPI · /taxi" in lines_of(app)[0]
        assert "Left late" not in text_of_screen(app)
        await pilot.press("escape")
        assert "Left late" in text_of_screen(app)
        assert len(app.screen_stack) == 2
        await pilot.press("slash", *"zzz", "enter")
        assert "no link is left: Esc shows all" in text_of_screen(app)
        await pilot.press("escape", "escape")
        assert app.screen is app.board_screen


async def test_a_form_narrows_by_state_team_and_goal() -> None:
    """`v` asks which links, counts them while choosing, and the title says what is active."""
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("4", "v", *"ready")
        assert "2 links of 2 CPIs" in text_of_screen(app)
        assert_frame(app, "links_narrow_100x30")
        await pilot.press("enter", "enter", *"arrive", "enter")
        assert "only ready to confirm · goal People arrive" in lines_of(app)[0]
        assert "Early risers kept waiting" in text_of_screen(app)
        assert "Evening waits" not in text_of_screen(app)


async def test_the_grid_opens_on_the_selected_cpi() -> None:
    """On a CPI's row of the board `4` goes to its links."""
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"small jet", "enter", "4")
        assert "Put on a small jet → Afternoon on-time arrivals" in text_of_screen(app)


async def test_without_links_the_key_says_so() -> None:
    """A workspace without links has no grid, and the press says what to add."""
    app = app_of(LinksView())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4")
        assert app.screen is app.board_screen
        assert "no CPI is linked to a KPI" in lines_of(app)[-1]


async def test_newer_figures_keep_cursor_and_filter() -> None:
    """What arrives while the grid is open is shown in it; nothing else moves."""
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4", "slash", *"arriv", "enter", "down")
        before = lines_of(app)
        newer = board_with_links(9)
        assert newer.links is not None
        cells = tuple(
            tuple(cell and replace(cell, strength=-0.11, missing="nothing") for cell in row)
            for row in newer.links.cells
        )
        app.post_message(ReadingsReady(replace(newer, links=replace(newer.links, cells=cells))))
        await pilot.pause()
        after = lines_of(app)
        assert before[0] == after[0]
        assert "-.11" in text_of_screen(app)
        assert app.screen.table.cell.cpi == "gate_late15"  # type: ignore[attr-defined]  # it is the links' screen


async def test_other_screens_are_reached_from_here() -> None:
    """`6`, `3` and `1` leave the grid and open what they always open; the help opens over it."""
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key, words in (("6", "Check"), ("3", "Accountability"), ("1", "Goals")):
            await pilot.press("4", key)
            await pilot.pause()
            assert words in lines_of(app)[0] + lines_of(app)[1], key
            assert len(app.screen_stack) <= 2
            await pilot.press("escape")
        await pilot.press("4", "question_mark")
        await pilot.pause()
        assert "Keys" in lines_of(app)[0]
        await pilot.press("escape")
        assert len(app.screen_stack) == 2
        await pilot.press("enter", "6")
        await pilot.pause(0.05)
        assert "Check" in lines_of(app)[0]
        await pilot.press("escape")
        assert app.screen is app.board_screen


async def test_without_utf8_and_without_colour_the_grid_still_reads() -> None:
    """Only ASCII is sent where the locale has no more, and marks tell the states apart without colour."""
    app = app_of(is_ascii=True, has_colour=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4")
        assert_frame(app, "links_ascii_80x24")
        assert text_of_screen(app).isascii()
        await pilot.press("enter")
        await drawn(pilot)
        assert text_of_screen(app).isascii()


# --- at its largest


async def test_a_large_grid_scrolls_both_ways_and_makes_only_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 CPIs by 50 KPIs: names stay in sight, and a key makes no more rows than the screen has."""
    made: list[int] = []

    def counted(*arguments: object, **more: object) -> object:
        made.append(len(arguments[1]))  # type: ignore[arg-type]  # the cells of one row
        return link_row(*arguments, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr("kputui.tui.panes.links.link_row", counted)
    monkeypatch.setattr("kputui.tui.panes.links.PREVIEW_RESTS_S", 600)  # a slow machine rests between two keys
    app = app_of(large_links())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("4", *["pagedown"] * 5, "right", "right")
        assert_frame(app, "links_large_80x24")
        assert is_grid_intact(app, 80)
        assert any("What passengers feel" in line and "[" in line for line in lines_of(app))
        made.clear()
        await pilot.press("down")
        assert 0 < len(made) <= 24
        assert max(made) <= 12
        await pilot.press("end")
        assert "200/200" in lines_of(app)[0]


def test_a_large_table_is_searched_once_a_filter() -> None:
    """A cursor key looks through no links again: what the filter keeps is handed on."""
    table = LinkTable(large_links()).narrowed(Narrowing(text="team 7"))
    first = table.kept
    for _ in range(20):
        table = table.moved(1)
    assert table.kept is first


async def test_after_every_key_the_terminal_shows_what_the_links_mean() -> None:
    """Through grid, forms, evidence and help the terminal always equals the screen."""
    app = RecordedApp(FakeBoard(board_with_links()), 100, 30)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        for key in [
            "4",
            "down",
            "right",
            "slash",
            "a",
            "r",
            "r",
            "enter",
            "v",
            "down",
            "enter",
            "escape",
            "enter",
            "down",
            "end",
            "escape",
            "question_mark",
            "escape",
            "t",
            "6",
        ]:
            await pilot.press(key)
            await agreed(app, pilot)
            assert written_lines(app) == lines_of(app), key


async def test_a_cursor_key_writes_little_in_the_grid() -> None:
    """A cursor key among the links costs less than 1,000 bytes on the line."""
    for view in (board_with_links(), replace(view_of(1), links=large_links())):
        app = RecordedApp(FakeBoard(view), 140, 40)
        async with app.run_test(size=(140, 40)) as pilot:
            await settle(pilot)
            await pilot.press("4")
            await pilot.pause(0.1)
            costs = []
            for key in ("down", "down", "right", "down", "down", "left", "down", "down"):
                before = app.written
                await pilot.press(key)
                await pilot.pause(0.05)
                costs.append(app.written - before)
            assert max(costs) < 1_000, costs
