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

PERIOD = "\0period"
"""The column of the first day of each row's period."""


@dataclass(frozen=True, slots=True)
class RowPeriods:
    """The periods of days; those of an interval's rows are noted."""

    periods: Periods
    noted: Noted

    def of_rows(self, days: pl.Series, grain: Grain) -> pl.Series:
        """The period of each of the interval's rows."""
        if grain not in self.noted.periods:
            self.noted.periods[grain] = self.of(days, grain)
        return self.noted.periods[grain]

    def of(self, days: pl.Series, grain: Grain) -> pl.Series:
        """Each day's period by a lookup table; marked sorted when the days are."""
        if grain is Grain.DAY or days.is_empty():
            return days.rename(PERIOD)
        low, high = days.min(), days.max()
        first, last = (low, high) if isinstance(low, int) and isinstance(high, int) else (FIRST_DAY, FIRST_DAY)
        table = pl.Series(PERIOD, self.periods.table(first, last, grain), dtype=pl.Int32)
        found = table.gather(days - first)
        return found.set_sorted() if days.is_sorted() else found
