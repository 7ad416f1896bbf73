"""Last good values: what stays on show when a newer reading has failed, or its data has shrunk too much."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.model.series import Failure
from kputui.session.figures import SHRUNK

if TYPE_CHECKING:
    from kputui.model.series import Reading

_SHRINKS_BY = 0.2
"""A producer that stalls in the middle of a rewrite is only seen by the rows that are missing."""


def or_last_good(reading: Reading, before: Reading | None) -> Reading:
    """The reading, or after a failure the last good values marked as old."""
    if reading.series is not None or reading.failure is None or before is None or before.series is None:
        return reading
    return replace(before, failure=reading.failure, is_stale=True)


def with_older(reading: Reading, before: Reading | None) -> Reading:
    """A reading that is not complete yet, with the values of before in the periods that are not computed again yet."""
    if before is None or before.series is None or reading.failure is not None:
        return reading
    own, old = reading.series, before.series
    if own is None or not own.starts:
        return before
    count = bisect_right(old.ends, own.starts[0])
    if own.grain != old.grain or not count:
        return reading
    series = replace(
        own,
        starts=old.starts[:count] + own.starts,
        ends=old.ends[:count] + own.ends,
        values=old.values[:count] + own.values,
        rows=old.rows[:count] + own.rows,
        covers=replace(own.covers, start=min(old.covers.start, own.covers.start)),
    )
    return replace(reading, series=series)


def or_before_it_shrank(reading: Reading, before: Reading | None) -> Reading:
    """The reading, or the last good values when its sources lost more than a fifth of their rows."""
    if before is None or reading.series is None or before.provenance is None or reading.provenance is None:
        return reading
    had, has = before.provenance.rows_read, reading.provenance.rows_read
    if has >= had * (1 - _SHRINKS_BY):
        return reading
    failure = Failure(
        SHRUNK,
        f"data shrank {100 * (had - has) / had:.0f} %: {had} rows before, {has} now",
        "a file that is still being written looks like this; accept it (y on the board) when it is meant",
    )
    return replace(before, failure=failure, is_stale=True)
