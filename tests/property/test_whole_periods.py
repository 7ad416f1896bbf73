"""The whole periods of a series are those that its data spans, each judged by itself."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from kputui.model.ids import MetricId
from kputui.model.metric import Grain
from kputui.model.series import Series, Span

_FIRST = date(2024, 1, 1)
_LENGTHS_AND_GAPS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=12)


@given(_LENGTHS_AND_GAPS, st.integers(-50, 600), st.integers(-50, 600))
def test_the_whole_periods_are_those_that_are_whole_one_by_one(
    periods: list[tuple[int, int]], start: int, end: int
) -> None:
    """Periods of any length, with gaps between them, and data that spans some, all or none of them."""
    behind = accumulate((length + gap for length, gap in periods), initial=0)
    starts = tuple(_FIRST + timedelta(days=days) for days, _ in zip(behind, periods, strict=False))
    ends = tuple(first + timedelta(days=length) for first, (length, _) in zip(starts, periods, strict=True))
    covers = Span(_FIRST + timedelta(days=start), _FIRST + timedelta(days=end))
    series = Series(MetricId("m"), Grain.DAY, starts, ends, (1.0,) * len(starts), (1,) * len(starts), covers)
    whole = [index for index in range(len(starts)) if series.is_whole(index)]
    assert list(series.whole) == whole
    assert series.newest_whole == (whole[-1] if whole else None)
