"""What rows are divided by: days, periods, and whether their numbers are finite."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.engine.finite import is_all_finite
from kputui.engine.periods import Periods
from kputui.engine.row_periods import RowPeriods
from kputui.engine.sharing import Noted
from kputui.engine.source import DAY, between
from kputui.model.metric import STANDARD_GRAINS, Grain

_DAYS = st.lists(st.integers(18_000, 18_400), max_size=60)


def _days(numbers: list[int]) -> pl.Series:
    return pl.Series(DAY, numbers, dtype=pl.Int32)


@given(
    _DAYS,
    st.booleans(),
    st.sampled_from(STANDARD_GRAINS),
    st.integers(0, 6),
)
def test_rows_in_order_have_the_periods_of_rows_in_none(
    numbers: list[int], is_sorted: bool, grain: Grain, week_start: int
) -> None:
    """A row's period is that of its day, also where periods are found by runs of rows, whichever is asked first."""
    days = _days(sorted(numbers) if is_sorted else numbers)
    periods = Periods(week_start=week_start)
    calendar = RowPeriods(periods, Noted())
    for asked in (grain, Grain.DAY, Grain.MONTH, grain):
        assert calendar.of_rows(days, asked).to_list() == [periods.start_of(day, asked) for day in days]


@given(_DAYS, st.booleans(), st.integers(17_990, 18_410), st.integers(17_990, 18_410))
def test_a_part_of_the_days_has_their_rows_in_their_order(
    numbers: list[int], is_sorted: bool, start: int, end: int
) -> None:
    """Cutting rows out by their days gives the same whether they are sorted or not."""
    own = sorted(numbers) if is_sorted else numbers
    found = between(pl.DataFrame([_days(own), pl.Series("row", range(len(own)), dtype=pl.Int64)]), start, end)
    assert found.rows() == [(day, row) for row, day in enumerate(own) if start <= day < end]


@pytest.mark.parametrize(
    ("values", "is_finite"),
    [
        ([], True),
        ([None, None], True),
        ([1.5, None, -2.0], True),
        ([1e308, 1e308, 1e308], True),
        ([1.0, float("nan")], False),
        ([float("inf"), float("-inf"), None], False),
        ([1e308, 1e308, float("-inf")], False),
    ],
)
def test_only_nan_and_infinity_are_not_finite(values: list[float | None], is_finite: bool) -> None:
    """A column whose finite values add up to more than a float holds is finite all the same."""
    assert is_all_finite(pl.Series(values, dtype=pl.Float64)) is is_finite
