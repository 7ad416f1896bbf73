"""Stretches of days: what a window, a look back or an earlier period means in days. Standard library only.

A day is a number, the days since 1970-01-01; a stretch runs from its start up to, not including, its end.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kputui.engine.period_blocks import blocks_of
from kputui.engine.periods import FIRST_DAY, day_of, number_of
from kputui.errors import DataError
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.engine.period_blocks import Blocks
    from kputui.engine.periods import Periods

_DAYS: Mapping[str, int] = {"day": 1, "week": 7}
_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days [`start`, `end`) whose rows make the value that stands at `label`."""

    label: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Length:
    """A number of days and a number of months; one of them is 0."""

    days: int = 0
    months: int = 0

    @classmethod
    def of(cls, text: str) -> Length:
        """The length of "7 days", "2 months" or "1 year"; raises DataError D20."""
        count, _, unit = text.strip().partition(" ")
        unit = unit.strip().removesuffix("s")
        if not (count.isascii() and count.isdigit() and int(count)) or unit not in {*_DAYS, *_MONTHS}:
            raise DataError("D20", f"`{text}` is not a length of time", 'such as "7 days", "1 month", "1 year"')
        if unit in _DAYS:
            return cls(days=int(count) * _DAYS[unit])
        return cls(months=int(count) * _MONTHS[unit])

    @property
    def longest(self) -> int:
        """The most days that it can be."""
        return self.days + self.months * _LONGEST_MONTH

    def before(self, day: int) -> int:
        """The day so much earlier; in a month that is too short its last day, at the calendar's end its end."""
        return self._moved(day, -1)

    def after(self, day: int) -> int:
        """The day so much later; in a month that is too short its last day."""
        return self._moved(day, 1)

    def _moved(self, day: int, sign: int) -> int:
        if not self.months:
            return day + sign * self.days
        written = day_of(day)
        year, month = divmod(written.year * 12 + written.month - 1 + sign * self.months, 12)
        if not date.min.year <= year <= date.max.year:
            return number_of(date.min if sign < 0 else date.max)
        last = calendar.monthrange(year, month + 1)[1]
        return number_of(written.replace(year=year, month=month + 1, day=min(written.day, last)))


@dataclass(frozen=True, slots=True)
class Trail:
    """The days that lead up to a day, itself included.

    A `length` is half-open: 7 days are the day and the six before; 2 months at 1 March begin on 2
    January. `to_date` begins with the day's period of that grain. With neither it is all days before.
    """

    length: Length | None = None
    to_date: Grain | None = None

    def start(self, day: int, periods: Periods, first: int) -> int:
        """The first day of the trail that ends with `day`; `first` is the data's first day."""
        if self.length is not None:
            return self.length.before(day) + 1
        if self.to_date is not None:
            start = periods.start_of(day, self.to_date)
            return start if periods.is_period(start, self.to_date) else day + 1  # a day in no period has no trail
        return min(first, day)

    @property
    def longest(self) -> int | None:
        """The most days before a day that belong to its trail; None for all."""
        if self.length is not None:
            return self.length.longest
        return None if self.to_date is None else self.to_date.longest_days


@dataclass(frozen=True, slots=True)
class Offset:
    """How much earlier a value is read: a `length`, or the period with which a longer one (`to_grain`) begins.

    Or `count` periods of a table, `by`: a whole period is then read whole, any other day as far into its period.
    """

    length: Length | None = None
    to_grain: Grain | None = None
    count: int = 0
    by: Grain | None = None

    @classmethod
    def of(cls, text: str, grains: Mapping[str, Grain]) -> Offset:
        """The offset of "1 year", or of "12 period445s" with that of the workspace's `grains`; raises DataError D20."""
        count, _, unit = text.strip().partition(" ")
        name = next((name for name in (unit.strip(), unit.strip().removesuffix("s")) if name in grains), None)
        if name is None or not (count.isascii() and count.isdigit() and int(count)):
            return cls(Length.of(text))
        return cls(count=int(count), by=grains[name])

    def after(self, first: int) -> int:
        """The first day whose value may be read so much earlier, of values from the day `first` on."""
        if self.by is not None and self.by.calendar is not None:
            return blocks_of(self.by.calendar).later_start(first, self.count)
        return first if self.length is None else self.length.after(first)

    @property
    def longest(self) -> int:
        """The most days that it reaches back."""
        if self.by is not None and self.by.calendar is not None:
            return blocks_of(self.by.calendar).reach(self.count)
        if self.length is not None:
            return self.length.longest
        return 0 if self.to_grain is None else self.to_grain.longest_days

    def moved(self, stretch: Stretch, periods: Periods, grain: Grain | None) -> Stretch:
        """The stretch that is read instead of `stretch`, a period of `grain` (None: any days).

        Days and weeks keep their length: a shift by months moves their first day. Months and longer
        periods move both ends, so that a shift by whole months reads whole periods. To the start of a
        longer period: its first day, its first seven days, its first month or quarter.
        """
        if self.to_grain is not None:
            if grain is not None and grain.longest_days >= self.to_grain.longest_days:
                return stretch
            start = periods.start_of(stretch.start, self.to_grain)
            if grain in {Grain.MONTH, Grain.QUARTER}:
                return Stretch(stretch.label, start, periods.next_start(start, grain))
            return Stretch(stretch.label, start, start + (7 if grain is Grain.WEEK else 1))
        if self.by is not None and self.by.calendar is not None:
            return self._periods_earlier(stretch, blocks_of(self.by.calendar), grain)
        length = self.length or Length()
        start = length.before(stretch.start)
        keeps = grain in {Grain.DAY, Grain.WEEK}
        end = start + stretch.end - stretch.start if keeps else length.before(stretch.end)
        return Stretch(stretch.label, start, end)

    def _periods_earlier(self, stretch: Stretch, blocks: Blocks, grain: Grain | None) -> Stretch:
        """The stretch some periods of a table earlier; one before all data where there is none."""
        start = blocks.earlier(stretch.start, self.count)
        if start is not None and grain == self.by:
            return Stretch(stretch.label, start, blocks.next_start(start))
        last = stretch.end - 1 if grain not in {Grain.DAY, Grain.WEEK} else None
        end = start if last is None else blocks.earlier(last, self.count)
        if start is None or end is None or end < start:
            return Stretch(stretch.label, FIRST_DAY - 1, FIRST_DAY - 1)
        return Stretch(stretch.label, start, end + (stretch.end - stretch.start if last is None else 1))
