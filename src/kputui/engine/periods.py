"""Days and periods: where each period starts, as the workspace's weeks and fiscal years say. Standard library only.

A day is a number here: the days since 1970-01-01, as Parquet and polars store a date.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from kputui.engine.period_blocks import blocks_of
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from kputui.model.workspace import Project

EPOCH = date(1970, 1, 1)
FIRST_DAY = (date(1900, 1, 1) - EPOCH).days
END_DAY = (date(2200, 1, 1) - EPOCH).days

NEWEST_DAYS = 88
"""The newest quarter of a large source is computed first, by itself."""


def number_of(day: date) -> int:
    """The days from 1970-01-01 to `day`."""
    return (day - EPOCH).days


@lru_cache(maxsize=END_DAY - FIRST_DAY)
def day_of(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of every grain: weeks begin on `week_start`, quarters and years are counted from a fiscal month."""

    week_start: int = 0
    fiscal_year_start: int = 1

    @classmethod
    def of(cls, project: Project) -> Periods:
        """The periods as the workspace counts them."""
        return cls(int(project.week_start), project.fiscal_year_start)

    def start_of(self, day: int, grain: Grain) -> int:
        """The first day of the period that holds `day`; of days in no period that of a piece of at most a month."""
        if grain.calendar is not None:
            return blocks_of(grain.calendar).start_of(day)
        if grain is Grain.DAY:
            return day
        if grain is Grain.WEEK:
            return day - (day + 3 - self.week_start) % 7  # 1970-01-01 was a Thursday
        written = day_of(day)
        months = written.year * 12 + written.month - 1
        return self._month_start(months - (months - (self.fiscal_year_start - 1)) % grain.months)

    def next_start(self, start: int, grain: Grain) -> int:
        """The first day after the period (or the piece in none) that begins on `start`."""
        if grain.calendar is not None:
            return blocks_of(grain.calendar).next_start(start)
        if grain is Grain.DAY:
            return start + 1
        if grain is Grain.WEEK:
            return start + 7
        written = day_of(start)
        return self._month_start(written.year * 12 + written.month - 1 + grain.months)

    @staticmethod
    @lru_cache(maxsize=12 * 300)
    def _month_start(months: int) -> int:
        return number_of(date(months // 12, months % 12 + 1, 1))

    def starts(self, first: int, last: int, grain: Grain) -> list[int]:
        """The first days of all periods from the one holding `first` to the one holding `last`."""
        found = self._cuts(first, last, grain)
        return [start for start in found if self.is_period(start, grain)] if grain.calendar is not None else found

    def ends(self, starts: Sequence[int], grain: Grain) -> list[int]:
        """The day after the last of each of these periods, which follow each other."""
        if grain.calendar is not None:
            return [self.next_start(start, grain) for start in starts]
        return [*starts[1:], self.next_start(starts[-1], grain)] if starts else []

    @staticmethod
    def is_period(start: int, grain: Grain) -> bool:
        """Whether what begins on `start` is a period, not days that a table of periods leaves out."""
        return grain.calendar is None or blocks_of(grain.calendar).period_of(start) is not None

    def newest_start(self, day: int, unit: Grain) -> int:
        """The first day of the newest units up to the one that holds `day` which together reach back a quarter."""
        start = self.start_of(day, unit)
        while day + 1 - start < NEWEST_DAYS:
            start = self.start_of(start - 1, unit)
        return start

    def _cuts(self, first: int, last: int, grain: Grain) -> list[int]:
        if grain is Grain.DAY:
            return list(range(first, last + 1))
        found = []
        start = self.start_of(first, grain)
        while start <= last:
            found.append(start)
            start = self.next_start(start, grain)
        return found

    def table(self, first: int, last: int, grain: Grain) -> array[int]:
        """For each day from `first` to `last`, the first day of its period (32-bit integers)."""
        starts = self._cuts(first, last, grain)
        table = array("i")
        for start, end in zip(starts, [*starts[1:], last + 1], strict=True):
            table.extend([start] * (end - max(start, first)))
        return table

    def span_of(self, start: int, end: int, grains: Iterable[Grain]) -> tuple[int, int]:
        """[start, end) widened to whole periods of all `grains`."""
        asked = tuple(grains)
        low = min((self.start_of(start, grain) for grain in asked), default=start)
        high = max((self.next_start(self.start_of(end - 1, grain), grain) for grain in asked), default=end)
        return low, high


@dataclass(frozen=True, slots=True)
class StretchPeriods(Periods):
    """One stretch of days, [`first`, `end`), as a period, whatever the grain; all days before and after as two more."""

    first: int = 0
    end: int = 0

    @classmethod
    def over(cls, first: int, end: int) -> StretchPeriods:
        """The stretch from `first` up to, not including, `end`."""
        return cls(first=first, end=end)

    def start_of(self, day: int, grain: Grain) -> int:  # noqa: ARG002 (the grain does not matter here)
        """The stretch's first day for its own days, its end for later ones."""
        if day < self.first:
            return FIRST_DAY
        return self.first if day < self.end else self.end

    def _cuts(self, first: int, last: int, grain: Grain) -> list[int]:
        pieces = dict.fromkeys((FIRST_DAY, self.first, self.end))
        return [start for start in pieces if start <= last and self.next_start(start, grain) > first]

    def next_start(self, start: int, grain: Grain) -> int:  # noqa: ARG002
        """The stretch's end after its first day."""
        if start < self.first:
            return self.first
        return self.end if start < self.end else END_DAY


@dataclass(frozen=True, slots=True)
class Interval:
    """Days from `start` up to, not including, `end`: the periods that start in them are computed together.

    `read_end` is the day up to which rows are needed, as the last week may end later.
    """

    start: int
    end: int
    read_end: int


def _read_end(periods: Periods, end: int, grains: frozenset[Grain]) -> int:
    """The end of the last period of any grain that starts before `end`."""
    return max((periods.next_start(periods.start_of(end - 1, grain), grain) for grain in grains), default=end)


def unit_grain(grains: Iterable[Grain]) -> Grain:
    """The grain of the units into which days are cut: months, or the longest of `grains`."""
    return max((Grain.MONTH, *grains), key=lambda grain: (grain.longest_days, grain.value))


def units_of(periods: Periods, days: Sequence[int], grains: frozenset[Grain]) -> list[Interval]:
    """The units, oldest first, whose periods have any of the sorted `days`: months, or the longest of `grains`.

    They stay the same whatever rows are added elsewhere.
    """
    align = unit_grain(grains)
    crossing = grains - {Grain.DAY, align}  # a day and the unit itself never reach into another one
    starts: set[int] = set()
    place = 0
    while place < len(days):
        day = days[place]
        start = periods.start_of(day, align)
        # a week of its first day may begin in the unit before
        starts |= {start, *(periods.start_of(periods.start_of(day, grain), align) for grain in crossing)}
        place = bisect_left(days, periods.next_start(start, align), place)
    found = []
    for start in sorted(starts):
        end = periods.next_start(start, align)
        found.append(Interval(start, end, _read_end(periods, end, crossing)))
    return found


def intervals(
    units: Sequence[Interval],
    rows_in: Callable[[int, int], int],
    chunk_rows: int,
    done: Collection[int] = (),
    first_days: int | None = None,
) -> list[Interval]:
    """Neighbouring units joined to intervals of about `chunk_rows` rows, newest first.

    `rows_in` tells the rows of the days [start, end); units that start on a day of `done` are left out. The newest
    interval takes no further unit once it has `first_days`.
    """
    found: list[Interval] = []
    held = 0
    is_open = False
    for unit in reversed(units):
        if unit.start in done:
            is_open = False
            continue
        rows = rows_in(unit.start, unit.end)
        is_full = first_days is not None and len(found) == 1 and found[-1].end - found[-1].start >= first_days
        if is_open and not is_full and held + rows <= chunk_rows:
            found[-1] = Interval(unit.start, found[-1].end, found[-1].read_end)
            held += rows
        else:
            found.append(unit)
            held, is_open = rows, True
    return found
