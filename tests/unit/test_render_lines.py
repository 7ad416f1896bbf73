"""Lines are exactly as wide as asked, whatever goes into them."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.engine.progress import Progress
from kputui.model.ids import MetricId
from kputui.model.metric import Grain, NumberFormat
from kputui.render.chart import chart_lines
from kputui.render.chart_axes import Scale, value_axis
from kputui.render.detail import chart_size, detail_lines, fact_lines, title_line
from kputui.render.goals import columns_for, goal_row
from kputui.render.header import header_line
from kputui.render.lines import Frame, Ink, filled, framed, spread, text_of, width_of
from kputui.render.matrix import Column, RowLook, grid_for, matrix_head, matrix_legend, matrix_load, matrix_row
from kputui.render.safe import safe
from kputui.session.views import (
    ChartView,
    DetailView,
    Fact,
    HeaderView,
    LineView,
    MarkView,
    MatrixRowView,
    Quantity,
    RowKind,
    RowView,
    Tone,
)

TEXT = st.text(max_size=40)
WIDTHS = st.integers(0, 160)
SPANS = st.lists(st.tuples(TEXT.map(safe), st.just(Ink.PLAIN)), max_size=5)
VALUES = st.none() | st.floats()
ROWS = st.builds(
    RowView,
    key=TEXT,
    kind=st.sampled_from(RowKind),
    depth=st.integers(0, 6),
    label=TEXT,
    has_children=st.booleans(),
    quantity=st.none() | st.builds(Quantity, VALUES, st.sampled_from(NumberFormat), TEXT),
    spark=st.lists(VALUES, max_size=10).map(tuple),
    is_last_running=st.booleans(),
    pace=VALUES,
    is_burn=st.booleans(),
    state=TEXT,
    tone=st.sampled_from(Tone),
    age_s=st.none() | st.floats(0, 1e9),
)
FACTS = st.lists(st.builds(Fact, TEXT, st.none() | st.builds(Quantity, VALUES), TEXT), max_size=4).map(tuple)


@given(SPANS, WIDTHS)
def test_a_line_is_filled_exactly(line: list[tuple[str, str]], width: int) -> None:
    """Cut or padded, a line takes the cells that it is given."""
    assert width_of(filled(line, width)) == width
    assert width_of(spread(line, ((" 3 findings", Ink.CAUTION),), width)) == width


@given(st.lists(SPANS, max_size=6), SPANS, WIDTHS, st.integers(0, 12))
def test_a_frame_fills_its_box(
    body: list[list[tuple[str, str]]], title: list[tuple[str, str]], width: int, height: int
) -> None:
    """Frames never stick out and never leave a cell undrawn."""
    lines = framed([tuple(line) for line in body], Frame(tuple(title), tuple(title), is_active=True), width, height)
    assert len(lines) == height
    assert {width_of(line) for line in lines} <= {width}


@given(ROWS, st.integers(1, 160), st.booleans())
def test_a_goal_row_fits_any_width(row: RowView, width: int, is_folded: bool) -> None:
    """Whatever a row holds, it is one line of exactly its width."""
    assert width_of(goal_row(row, width, is_folded=is_folded)) == width


@given(st.integers(0, 200))
def test_columns_never_take_more_than_there_is(width: int) -> None:
    """The label keeps what the columns leave, and columns go before the label does."""
    columns = columns_for(width)
    assert columns.label >= 0
    assert not columns.has_number or columns.label >= 12


def test_columns_line_up() -> None:
    """Values end in the same cell whatever they are, and states begin in the same."""
    quantities = (Quantity(6517, NumberFormat.NUMBER0, "flights"), Quantity(0.5, NumberFormat.PERCENT1))
    rows = [
        RowView("a", RowKind.KPI, depth, "name", quantity=quantity, spark=(1, 2), state="ok", tone=Tone.GOOD)
        for depth, quantity in enumerate(quantities)
    ]
    lines = [text_of(goal_row(row, 80)) for row in rows]
    assert lines[0].index("6 517") + len("6 517") == lines[1].index("50.0") + len("50.0")
    assert lines[0].index("✓ ok") == lines[1].index("✓ ok")


def test_an_old_value_shows_its_time() -> None:
    """A value from before a failure carries its time in the place of the state, from a day on its date."""
    row = RowView("a", RowKind.KPI, 0, "name", quantity=Quantity(1.0), state="ok", tone=Tone.GOOD, age_s=7_500)
    row = replace(row, computed_at=datetime(2026, 11, 21, 14, 5, tzinfo=UTC))
    assert "! from 14:05" in text_of(goal_row(row, 80))
    assert "! from 21 Nov" in text_of(goal_row(replace(row, age_s=90_000), 80))


def test_units_stand_whole_or_not_at_all() -> None:
    """The unit column takes what the names leave; a longer unit is left out, and digits end in one column."""
    given = (
        ("Miles flown", 6.72e6, "M mi"),
        ("Minutes", 11.4, "min"),
        ("Turnbacks", 0.31, "per 1,000 flights flown by everybody here"),
    )
    rows = [
        RowView(name, RowKind.CPI, 2, name, metric=MetricId(name), quantity=Quantity(value, unit=unit), unit=unit)
        for name, value, unit in given
    ]
    columns = columns_for(73, rows)
    texts = [text_of(goal_row(row, 73, columns)) for row in rows]
    assert "6.72 M M mi " in texts[0]
    assert "11.40 min " in texts[1]
    assert "0.310  " in texts[2]
    assert "flights" not in texts[2]
    assert columns_for(73, [replace(row, quantity=None) for row in rows]) == columns


def test_the_smallest_board_shows_values() -> None:
    """At 40 columns a row has its value and its state."""
    row = RowView("a", RowKind.KPI, 1, "Arrived", quantity=Quantity(0.758, NumberFormat.PERCENT1), state="ok")
    assert "75.8% " in text_of(goal_row(row, 38))
    assert "ok" in text_of(goal_row(row, 38))


@given(
    st.builds(
        HeaderView,
        TEXT,
        st.dates(),
        st.booleans(),
        st.none() | st.dates(),
        st.integers(0, 999),
        st.integers(0, 999),
        st.integers(0, 99),
        st.booleans(),
        TEXT,
    ),
    st.integers(1, 200),
)
def test_the_header_fits_any_width(view: HeaderView, width: int) -> None:
    """The top line is one line."""
    assert width_of(header_line(view, width)) == width


def test_the_header_says_what_day_it_stands_on() -> None:
    """A fixed day is marked as such, the data's age is counted from it, and a banner is never hidden."""
    view = HeaderView("Shop", date(2013, 9, 30), True, date(2013, 9, 28), 16, 17, 1)  # noqa: FBT003 - a view's fields in order
    assert text_of(header_line(view, 120)).startswith(" Shop · as of Mon 30 Sep 2013 · data 2 d old")
    assert "16 of 17 metrics support a goal · 1 finding" in text_of(header_line(view, 120))
    broken = HeaderView("Shop", date(2013, 9, 30), False, None, 1, 1, 0, banner="goals.toml:3 is broken")  # noqa: FBT003 - as above
    assert "goals.toml:3 is broken" in text_of(header_line(broken, 40))


_ROWS = Progress(600, 1000, date(2021, 5, 3))
_BYTES = Progress(bytes_done=150_000_000, bytes_all=600_000_000)


@pytest.mark.parametrize(
    ("progress", "width", "words"),
    [
        (_ROWS, 140, "computing 60 %, 600 of 1.00 k rows, back to May 2021, Esc stops · 16 of"),
        (_ROWS, 110, "computing 60 %, 600 of 1.00 k rows, back to May 2021, Esc stops"),
        (_ROWS, 80, "computing 60 %, 600 of 1.00 k rows, Esc stops"),
        (_BYTES, 140, "converting CSV 25 %, 150 of 600 MB, Esc stops · 16 of"),
        (_BYTES, 80, "converting CSV 25 %, 150 of 600 MB, Esc stops"),
        (None, 140, "computing · 16 of 17"),
    ],
)
def test_header_tells_how_far_the_computing_is(progress: Progress | None, width: int, words: str) -> None:
    """Rows and the month back to which all is finished, or the bytes of CSV files, as far as there is room."""
    day = date(2013, 9, 30)
    view = HeaderView("Shop", day, True, day, 16, 17, 0, is_computing=True, progress=progress)  # noqa: FBT003 - as above
    assert words in text_of(header_line(view, width))
    stopped = replace(view, is_computing=False, is_stopped=True)
    share = "" if progress is None else " at 60 %" if progress.rows_all else " at 25 %"
    assert f"stopped{share}, a goes on" in text_of(header_line(stopped, width))


def test_a_narrow_header_keeps_what_asks() -> None:
    """That data is fresh gives way to what is to be explained and found; that it is old stays."""
    fresh = HeaderView("Blue, Green and Amber", date(2025, 11, 29), True, date(2025, 11, 29), 20, 34, 15)  # noqa: FBT003 - a view's fields in order
    assert text_of(header_line(fresh, 80)).endswith("as of Sat 29 Nov 2025      20/34 metrics · 15 findings ")
    both = replace(fresh, project="Three Airports", signals=3)
    assert text_of(header_line(both, 80)).endswith(" 3 to explain · 15 findings ")
    assert "data up to this day" in text_of(header_line(both, 140))
    old = replace(fresh, newest_data=date(2025, 11, 20))
    assert "data 9 d old" in text_of(header_line(old, 80))


@given(TEXT, st.lists(TEXT, max_size=9), st.lists(TEXT, max_size=3), st.integers(0, 120))
def test_the_matrix_fits_any_width(label: str, teams: list[str], letters: list[str], width: int) -> None:
    """Head, rows and load have the same width; teams that do not fit are counted; the cursor's team is shown."""
    cells = tuple((letters or [""])[index % max(len(letters), 1)] for index in range(len(teams)))
    row = MatrixRowView(MetricId("m"), label, "hypothesis", cells)
    columns = tuple(Column(name, str(index), str(index)) for index, name in enumerate(teams))
    at = len(teams) - 1 if teams else None
    grid = grid_for((label,), columns, width, 0, at)
    shown = range(grid.first, grid.first + len(grid.cells))
    letters_shown, marked = [cells[index] for index in shown], [index % 2 == 0 for index in shown]
    lines = [
        *matrix_head(columns, grid, at),
        matrix_row(row, letters_shown, marked, grid, RowLook(at, is_active=True)),
        matrix_load(["1"] * len(teams), grid),
        matrix_legend(width),
    ]
    assert all(width_of(line) <= max(width, 2) for line in lines)
    if teams and width >= 30:
        assert at in shown
        assert grid.hidden == len(teams) - len(grid.cells)
        assert (f"← {grid.first}" in text_of(lines[0])) == (grid.first > 0)


def chart_of(values: tuple[float | None, ...], **more: object) -> ChartView:
    starts = tuple(date(2013, 1, 7) + timedelta(weeks=index) for index in range(len(values)))
    fields: dict[str, object] = {"running_from": None, "cut_until": 0} | more
    return ChartView(Grain.WEEK, starts, values, **fields)  # type: ignore[arg-type]  # a test's short form


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.none() | st.floats(-1e12, 1e12), max_size=60).map(tuple),
    st.integers(0, 100),
    st.integers(0, 30),
    st.sampled_from(NumberFormat),
)
def test_a_chart_fills_its_box(
    values: tuple[float | None, ...], width: int, height: int, number_format: NumberFormat
) -> None:
    """Any values at any size: the box is full, and nothing is raised."""
    lines = chart_lines(
        chart_of(values, format=number_format, lines=(LineView("target", values[::-1]),)), width, height
    )
    assert len(lines) == height
    assert {width_of(line) for line in lines} <= {width}


def test_a_chart_shows_curve_target_running_period_marks_and_months() -> None:
    """Everything that the design asks of the chart is there, each with its own glyph."""
    values = tuple(0.7 + 0.1 * math.sin(week / 3) for week in range(30))
    marks = (MarkView(date(2013, 2, 8), date(2013, 2, 9), "blizzard", 0.5),)
    view = chart_of(
        values, running_from=29, format=NumberFormat.PERCENT1, marks=marks, lines=(LineView("target", (0.76,) * 30),)
    )
    text = "\n".join(text_of(line) for line in chart_lines(view, 70, 16))
    for part in ("╌╌ target", "○ running", "Feb", "Jul", "by week, 2013", "a 8-9 Feb blizzard", " % ┤"):
        assert part in text
    assert any(0x2801 <= ord(character) <= 0x28FF for character in text)


def test_gaps_are_not_bridged_and_single_points_are_seen() -> None:
    """No data is no line; one value between two gaps is a point."""
    text = "\n".join(text_of(line) for line in chart_lines(chart_of((None, 5.0, None, None, None)), 50, 12))
    assert "•" in text
    assert "no data to draw" in "\n".join(text_of(line) for line in chart_lines(chart_of((None, None)), 50, 12))


def test_two_charts_in_a_row_do_not_mix() -> None:
    """One figure a process is all that plotext has: the second chart shows nothing of the first."""
    up, flat = tuple(float(i) for i in range(20)), (5.0,) * 20
    alone = chart_lines(chart_of(flat), 60, 14)
    chart_lines(chart_of(up), 60, 14)
    assert chart_lines(chart_of(flat), 60, 14) == alone


def test_a_long_series_is_reduced_and_keeps_its_extremes() -> None:
    """Ten thousand points are drawn from a few a column, and the one spike is still seen."""
    spiked = [1.0] * 10_000
    spiked[5_000] = 100.0
    days = tuple(date(1990, 1, 1) + timedelta(days=index) for index in range(10_000))
    lines = chart_lines(ChartView(Grain.DAY, days, tuple(spiked), None, 0), 60, 14)
    assert any(0x2801 <= ord(character) <= 0x28FF for character in text_of(lines[0]) + text_of(lines[1]))


@settings(deadline=None)
@given(
    FACTS, FACTS, st.lists(TEXT, max_size=3).map(tuple), TEXT, st.integers(1, 120), st.integers(1, 40), st.booleans()
)
def test_a_detail_fills_its_box(
    headline: tuple[Fact, ...],
    facts: tuple[Fact, ...],
    texts: tuple[str, ...],
    owner: str,
    width: int,
    height: int,
    has_chart: bool,
) -> None:
    """Whatever a detail holds, its lines fit; what does not is counted."""
    chart = chart_of((1.0, 2.0)) if has_chart else None
    view = DetailView("k", texts, headline, chart, facts, texts, owner, texts)
    lines = detail_lines(view, None, width, height)
    assert len(lines) <= height
    assert {width_of(line) for line in lines} <= {width}
    size = chart_size(view, width, height)
    assert size is None or (size[0] == width and size[1] < height)
    assert all(text_of(line).isprintable() for line in (*fact_lines(facts, width), title_line(view)))


@pytest.mark.parametrize("height", [10, 20, 30])
def test_the_chart_stands_still_while_the_selection_moves(height: int) -> None:
    """The chart's place depends on the pane alone, not on how much there is to say about a row."""
    chatty = DetailView("a", ("a",), (Fact("x", text="y " * 100),), chart_of((1.0, 2.0)), notes=("n " * 300,))
    quiet = DetailView("b", ("b",), (), chart_of((1.0, 2.0)))
    assert chart_size(chatty, 60, height) == chart_size(quiet, 60, height)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=6), st.integers(3, 30))
def test_ticks_fall_evenly(values: list[float], rows: int) -> None:
    """Ticks stand a whole number of rows apart, the first in the bottom row, and all values have a row."""
    low, high, ticks = value_axis(values, rows)
    scale = Scale(10, rows, 5, low, high, ticks)
    at = [scale.row(tick) for tick in ticks]
    assert at[0] == rows - 1
    assert len({below - above for below, above in itertools.pairwise(at)}) <= 1
    assert all(0 <= scale.row(value) < rows for value in values)
