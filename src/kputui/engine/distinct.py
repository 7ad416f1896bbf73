"""Distinct values counted by marking each in a row of bits: a half to a sixth of looking them up in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.groups import GROUP
from kputui.engine.row_periods import runs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.engine.groups import Groups
    from kputui.engine.row_periods import Runs
    from kputui.engine.sharing import Noted
    from kputui.model.metric import Grain

_BITS_A_ROW = 128
_ROWS_A_SUM = 100
_ROWS_A_PERIOD = 4_000
"""With more bits or sums of bits a row, or fewer rows a period, it would cost what it saves."""

_MOST_BITS = 2**31
_NARROW = (pl.Int8, pl.Int16, pl.Int32)
_WHOLE = (*_NARROW, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
_OFF, _ON = pl.Series([False]), pl.Series([True])


@dataclass(frozen=True, slots=True)
class Bounds:
    """Whole numbers lie from `base` on, and below `base + size`."""

    base: int
    size: int

    @classmethod
    def of(cls, values: pl.Series) -> Bounds | None:
        """The bounds of a column; None when it holds something else, or nothing."""
        low, high = (values.min(), values.max()) if values.dtype in _WHOLE else (None, None)
        if not isinstance(low, int) or not isinstance(high, int):
            return None
        base = 0 if 0 <= low <= high // 8 else low  # a few bits more cost less than a subtraction a row
        return cls(base, high - base + 1)

    def offsets(self, values: pl.Series) -> pl.Series:
        """What the values are beyond the base (UInt32)."""
        narrow = values.dtype in _NARROW  # a byte less its least one may be more than a byte holds
        found = (values.cast(pl.Int64) if narrow else values) - self.base if self.base else values
        return found.cast(pl.UInt32)


@dataclass(frozen=True, slots=True)
class Marks:
    """Counts the distinct values of an interval's rows by their periods of a grain; what they share is noted.

    Only for all rows of the interval: what is noted is of them.
    """

    noted: Noted
    grain: Grain

    def counts(
        self, rows: pl.DataFrame, period: str, values: Sequence[str], groups: Groups | None
    ) -> pl.DataFrame | None:
        """How many different values each of the columns `values` has by period, or by period and group.

        The rows are sorted by `period` (Int32, no nulls). Keyed by `period`, or by the groups' key of both; a key
        without any row may be there too. Columns that can't be counted so are left out; None where no column can.
        """
        ranks = None if groups is None else groups.ranks()
        if rows.is_empty() or (groups is not None and ranks is None):
            return None
        periods, lengths = self._runs(rows[period])
        own, places = ([0], None) if ranks is None else ranks
        sums = len(lengths) * len(own)
        if max(sums * _ROWS_A_SUM, len(lengths) * _ROWS_A_PERIOD) > rows.height:
            return None
        most = min(_MOST_BITS // len(own), _BITS_A_ROW * rows.height // sums)
        bounds = {name: found for name in values if (found := self._bounds(rows[name])) is not None}
        fitting = [name for name, found in bounds.items() if found.size <= most]
        if not fitting:
            return None
        dense = None if places is None else places.gather(rows[GROUP])
        columns = [periods.rename(period) if groups is None else groups.keys(periods, own)]
        for name in fitting:
            size, numbers = bounds[name].size, self._offsets(rows[name], bounds[name])
            counts = _marked(numbers if dense is None else dense * size + numbers, lengths, size, len(own))
            columns.append(pl.Series(name, counts, dtype=pl.Int64))
        return pl.DataFrame(columns)

    def _bounds(self, values: pl.Series) -> Bounds | None:
        return self.noted.once(self.noted.bounds, values.name, lambda: Bounds.of(values))

    def _offsets(self, values: pl.Series, bounds: Bounds) -> pl.Series:
        return self.noted.once(self.noted.offsets, values.name, lambda: bounds.offsets(values))

    def _runs(self, periods: pl.Series) -> Runs:
        return self.noted.once(self.noted.runs, self.grain, lambda: runs_of(periods))


def _marked(places: pl.Series, lengths: Sequence[int], size: int, groups: int) -> list[int]:
    """The marked bits of each run of rows and group, where each row marks its place."""
    has_nulls = places.null_count() > 0
    counts: list[int] = []
    start = 0
    for length in lengths:
        own = places.slice(start, length)
        marks = _OFF.new_from_index(0, size * groups).scatter(own.drop_nulls() if has_nulls else own, _ON)
        counts += [int(marks.slice(group * size, size).sum()) for group in range(groups)]
        start += length
    return counts
