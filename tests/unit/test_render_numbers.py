"""Numbers, sparklines and dates as people read them."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.model.metric import NumberFormat
from kputui.render.dates import span_text, weekday_text
from kputui.render.glyphs import ASCII, ascii_text
from kputui.render.goals import goal_row
from kputui.render.lines import text_of
from kputui.render.matrix import matrix_legend
from kputui.render.number import number, pace_text, quantity_text, short_number
from kputui.render.safe import cell_width, safe
from kputui.render.spark import spark
from kputui.session.views import Quantity, RowKind, RowView

F = NumberFormat


@pytest.mark.parametrize(
    ("value", "number_format", "unit", "text"),
    [
        (10912, F.NUMBER0, "customers", "10 912 customers"),
        (0.76, F.PERCENT1, "", "76.0 %"),
        (0.7546, F.PERCENT, "", "75.5 %"),
        (0.05249, F.PERCENT2, "", "5.25 %"),
        (-0.0001, F.NUMBER1, "", "0.0"),
        (-1234.5, F.NUMBER1, "", "-1 234.5"),
        (3.14159, F.NUMBER, "", "3.14"),
        (6517.0, F.NUMBER, "flights", "6 517 flights"),
        (14760.0, F.DURATION, "", "4.1 h"),
        (90.0, F.DURATION, "", "1.5 min"),
        (None, F.NUMBER0, "flights", "–"),  # noqa: RUF001 - the dash of "no data"
        (math.nan, F.NUMBER0, "flights", "–"),  # noqa: RUF001 - as above
        (math.inf, F.PERCENT, "", "– %".removesuffix(" %")),  # noqa: RUF001 - as above
    ],
)
def test_values_in_their_format(value: float | None, number_format: F, unit: str, text: str) -> None:
    """Each format, with thousands apart, the unit behind, and a dash for no data."""
    assert quantity_text(Quantity(value, number_format, unit)) == text


@pytest.mark.parametrize(
    ("pace", "is_burn", "text"),
    [
        (0.94, False, "0.94"),
        (1.0, False, "1.00"),
        (0.998, False, "0.99"),
        (1.004, False, "1.00"),
        (1.65, True, "burn 1.65"),
        (1.002, True, "burn 1.01"),
        (1.0, True, "burn 1.00"),
        (-0.2, False, "-0.20"),
        (math.inf, False, "–"),  # noqa: RUF001 - the dash of "no data"
    ],
)
def test_rounding_never_turns_a_miss_into_a_hit(pace: float, is_burn: bool, text: str) -> None:
    """A pace that is just behind plan reads as behind, an allowance that is just overspent as overspent."""
    assert pace_text(pace, is_burn) == text


@given(st.floats(0, 3))
def test_a_pace_reads_on_the_side_where_it_is(pace: float) -> None:
    """1.00 and more is shown only to a pace of at least 1; a burn over 1 is never shown as 1.00."""
    assert (float(pace_text(pace, is_burn=False)) >= 1) == (pace >= 1)
    assert (float(pace_text(pace, is_burn=True).removeprefix("burn ")) > 1) <= (pace > 1)
    assert not (pace > 1 and pace_text(pace, is_burn=True) == "burn 1.00")


@pytest.mark.parametrize(
    ("values", "width", "blocks"),
    [
        ((1, 2, 3, 4, 5, 6, 7, 8), 8, "▁▂▃▄▅▆▇█"),
        ((1, 2, 3), 5, "  ▁▅█"),
        ((1, None, 3), 3, "▁ █"),
        ((5, 5), 2, "▄▄"),
        ((None, None), 2, "  "),
        ((), 3, "   "),
        ((9, 1, 2), 2, "▁█"),
        ((math.nan, 1, 2), 3, " ▁█"),
        ((1e308, -1e308), 2, "█▁"),
    ],
)
def test_sparklines(values: tuple[float | None, ...], width: int, blocks: str) -> None:
    """The newest values from lowest to highest; gaps stay gaps, extremes do not overflow."""
    assert spark(values, width) == blocks


def test_a_running_period_does_not_flatten_the_whole_ones() -> None:
    """One day of a week's sum is small; the weeks before keep their shape, and it stands at the bottom."""
    assert spark((100, 102, 104, 15), 4, is_last_running=True) == "▁▅█▁"


def test_dates() -> None:
    """Days in words, stretches with the month once."""
    assert weekday_text(date(2013, 9, 30)) == "Mon 30 Sep 2013"
    assert span_text(date(2013, 2, 8), date(2013, 2, 9)) == "8-9 Feb"
    assert span_text(date(2013, 6, 24), date(2013, 7, 12)) == "24 Jun - 12 Jul"


@given(st.text(max_size=30))
def test_ascii_is_ascii_and_as_wide(text: str) -> None:
    """The ASCII form of any safe text takes the same cells, so nothing moves."""
    shown = safe(text)
    assert ascii_text(shown).isascii()
    assert len(ascii_text(shown)) == cell_width(ascii_text(shown))
    marks_gone = sum(cell_width(character) == 0 for character in shown)
    assert len(ascii_text(shown)) in {cell_width(shown), cell_width(shown) + marks_gone}


def test_every_glyph_has_an_ascii_form_of_one_cell() -> None:
    """The table is complete and exact."""
    assert all(len(glyph) == len(plain) == 1 and plain.isascii() for glyph, plain in ASCII.items())


def test_no_number_in_scientific_notation() -> None:
    """Large and small values are written out."""
    assert number(1e15, F.NUMBER0) == "1 000 000 000 000 000"
    assert number(0.00001, F.NUMBER) == "0.000"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6_710_051.0, "6.71 M"),
        (-12_345.0, "-12.3 k"),
        (999_999.0, "1.00 M"),
        (350_217_607.0, "350 M"),
        (2.5e12, "2.50 T"),
        (42.0, "42"),
    ],
)
def test_large_numbers_in_short(value: float, text: str) -> None:
    """A number that its column can't hold keeps three digits and its size, never a cut number."""
    assert short_number(value) == text


def test_a_large_value_is_not_cut_in_its_row() -> None:
    """Seven million reads 6.71 M in the goals pane, not `6 710 ...`."""
    row = RowView("kpi:g/m", RowKind.KPI, 1, "Distance", quantity=Quantity(6_710_051.0, NumberFormat.NUMBER0))
    assert "6.71 M" in text_of(goal_row(row, 80))


@pytest.mark.parametrize("width", range(28, 140))
def test_the_legend_of_the_matrix_is_never_cut(width: int) -> None:
    """Narrower panes get a shorter legend, not the beginning of the long one."""
    assert "…" not in text_of(matrix_legend(width))


def test_an_absurd_pace_is_still_a_text() -> None:
    """A baseline that is almost the plan makes a pace of any size; it is written out, never an error."""
    assert pace_text(1.7e306, is_burn=False).startswith("1 7")
