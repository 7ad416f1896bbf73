"""What one look at a source's time column tells: rows by day, and the newest time."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import accumulate
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kputui.engine.periods import END_DAY, FIRST_DAY, day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.engine.times import LocalTimes, Zones


@dataclass(frozen=True, slots=True)
class Facts:
    """What one look at the time column of all files tells.

    `rows_by_day` counts the rows of each local day, in order of the days, `last_day` is the last of them;
    `rows` counts all, also those without a time.
    """

    rows_by_day: Mapping[int, int]
    rows: int
    no_time: int
    is_dated: bool
    newest: datetime | None
    notes: tuple[str, ...] = ()
    last_day: int = FIRST_DAY
    _days: tuple[int, ...] = field(init=False, repr=False)
    _sums: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Add the rows up, so that those of any stretch of days are found by its ends."""
        object.__setattr__(self, "_days", tuple(self.rows_by_day))
        object.__setattr__(self, "_sums", (0, *accumulate(self.rows_by_day.values())))

    def rows_in(self, start: int, end: int = END_DAY) -> int:
        """The rows of the days [start, end)."""
        return self._sums[bisect_left(self._days, end)] - self._sums[bisect_left(self._days, start)]

    def days_in(self, start: int, end: int) -> tuple[int, ...]:
        """The days of [start, end) that have rows, in their order."""
        return self._days[bisect_left(self._days, start) : bisect_left(self._days, end)]

    def span(self, last: int | None) -> tuple[int, int] | None:
        """The first and last day with rows, up to the day `last`; None when there is no such row."""
        end = len(self._days) if last is None else bisect_left(self._days, last + 1)
        return (self._days[0], self._days[end - 1]) if end else None


@dataclass(slots=True)
class Tally:
    """Adds up what pieces of a time column tell; `notes` are what should be known of them.

    `implausible` counts the times before 1900 or after 2199 where they are not among the notes.
    """

    zones: Zones
    rows_by_day: Counter[int] = field(default_factory=Counter)
    no_time: int = 0
    is_dated: bool = True
    newest: datetime | None = None
    notes: dict[str, None] = field(default_factory=dict)
    implausible: int = 0

    def add(self, times: LocalTimes) -> None:
        """Add a piece."""
        missing = times.days.null_count()
        self.no_time += missing
        if missing == len(times.days):
            return
        found: Mapping[int, int] | None = times.runs
        if found is None:
            counts = times.days.drop_nulls().value_counts()
            found = dict(zip(counts.to_series(0).to_list(), counts.to_series(1).to_list(), strict=True))
        self.rows_by_day.update(found)
        self.is_dated = self.is_dated and times.is_dated
        self._add_newest(newest_of(times, self.zones))

    def join(self, other: Tally) -> None:
        """Add what the pieces of another file told."""
        self.rows_by_day.update(other.rows_by_day)
        self.no_time += other.no_time
        self.is_dated = self.is_dated and other.is_dated
        self.notes |= other.notes
        self.implausible += other.implausible
        self._add_newest(other.newest)

    def _add_newest(self, newest: datetime | None) -> None:
        if newest is not None and (self.newest is None or in_utc(newest) > in_utc(self.newest)):
            self.newest = newest

    def facts(self, rows: int) -> Facts:
        """What all pieces told."""
        last = max(self.rows_by_day, default=FIRST_DAY)
        days = dict(sorted(self.rows_by_day.items()))
        return Facts(days, rows, self.no_time, self.is_dated, self.newest, tuple(self.notes), last)


def newest_of(times: LocalTimes, zones: Zones) -> datetime | None:
    """The newest plausible time in UTC; a date is its midnight without a zone."""
    newest = (times.stamps.filter(times.days.is_not_null()) if times.days.null_count() else times.stamps).max()
    if isinstance(newest, datetime):
        if newest.tzinfo is None:
            newest = newest.replace(tzinfo=ZoneInfo(zones.naive))  # of a time that happens twice, its first
        return newest.astimezone(UTC)
    if isinstance(newest, date):
        return datetime.combine(newest, time())
    return None


def newest_until(facts: Facts, last: int | None) -> datetime | None:
    """The newest row's time up to the day `last` (where later rows were cut off, its day at midnight)."""
    span = facts.span(last)
    if span is None:
        return None
    if span[1] == facts.last_day:
        return facts.newest
    return datetime.combine(day_of(span[1]), time())


def in_utc(moment: datetime) -> datetime:
    """A moment that can be compared with others: without a zone it is in UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
