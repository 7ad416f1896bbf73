"""The period of each row, found once for all that are computed of an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.periods import FIRST_DAY
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from kputui.engine.periods import Periods
    from kputui.engine.sharing import Noted

Runs = tuple[pl.Series, list[int]]
"""The different periods of sorted rows, and the rows of each."""

PERIOD = "\0period"
"""The column of the first day of each row's period."""


@dataclass(frozen=True, slots=True)
class RowPeriods:
    """The periods of days; those of an interval's rows are noted, and the runs of them where the rows are sorted."""

    periods: Periods
    noted: Noted

    def of_rows(self, days: pl.Series, grain: Grain) -> pl.Series:
        """The period of each of the interval's rows."""
        return self.noted.once(self.noted.periods, grain, lambda: self._of_rows(days, grain))

    def of(self, days: pl.Series, grain: Grain) -> pl.Series:
        """Each day's period by a lookup table; marked sorted when the days are."""
        if grain is Grain.DAY or days.is_empty():
            return days.rename(PERIOD)
        low, high = days.min(), days.max()
        first, last = (low, high) if isinstance(low, int) and isinstance(high, int) else (FIRST_DAY, FIRST_DAY)
        table = pl.Series(PERIOD, self.periods.table(first, last, grain), dtype=pl.Int32)
        found = table.gather(days - first)
        return found.set_sorted() if days.is_sorted() else found

    def _of_rows(self, days: pl.Series, grain: Grain) -> pl.Series:
        if days.is_empty() or days.null_count() or not days.is_sorted():
            return self.of(days, grain)
        numbers, rows = self.noted.once(self.noted.runs, Grain.DAY, lambda: runs_of(days))
        if grain is Grain.DAY:
            return days.rename(PERIOD)
        starts, lengths = self.noted.runs[grain] = _joined(self.of(numbers, grain), rows)
        own = (starts.new_from_index(place, length) for place, length in enumerate(lengths))
        return pl.concat(list(own), rechunk=True).rename(PERIOD).set_sorted()


def runs_of(sorted_values: pl.Series) -> Runs:
    """The different values, and the rows of each."""
    found = sorted_values.rle().struct.unnest()
    return found["value"], found["len"].to_list()


def _joined(starts: pl.Series, rows: list[int]) -> Runs:
    """The runs of the periods that neighbouring runs of days belong to."""
    found, days = runs_of(starts)
    ends = iter(rows)
    return found, [sum(next(ends) for _ in range(count)) for count in days]
