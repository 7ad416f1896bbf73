"""Calendars: the periods of a table, such as 4-4-5 months or seasons. Standard library only."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_YEAR = 365.25
_SHORTEST_YEAR, _LONGEST_YEAR = 357, 378
"""Days between the same period of two years: 52 or 53 weeks, each period moved by a week at most."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods [`starts[i]`, `ends[i]`), oldest first, at least one, none overlapping another.

    Days between two periods belong to none. `labels` has a name for each period, or is empty.
    """

    starts: tuple[date, ...]
    ends: tuple[date, ...]
    labels: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Cheap: calendars are parts of many keys."""
        return hash((len(self.starts), self.starts[0], self.ends[-1]))

    def index_of(self, day: date) -> int | None:
        """The place of the period that holds a day; None for a day in no period."""
        place = bisect_right(self.starts, day) - 1
        return place if place >= 0 and day < self.ends[place] else None

    def next_index(self, day: date) -> int:
        """The place of the first period that starts after a day; the number of periods when none does."""
        return bisect_right(self.starts, day)

    def label_of(self, day: date) -> str:
        """The name of the period that holds a day; "" where there is none."""
        place = self.index_of(day) if self.labels else None
        return "" if place is None else self.labels[place]

    @property
    def longest_days(self) -> int:
        """The days of the longest period."""
        return _shape_of(self).longest

    @property
    def mean_days(self) -> float:
        """The mean length of the periods in days."""
        return _shape_of(self).mean

    @property
    def season(self) -> int | None:
        """How many periods always make a year; None where that cannot be told, or one period is a year."""
        return _shape_of(self).season

    @property
    def digest(self) -> str:
        """Sixteen hex digits that change when a day belongs to another period than before."""
        return _shape_of(self).digest


@dataclass(frozen=True, slots=True)
class _Shape:
    longest: int
    mean: float
    season: int | None
    digest: str


@lru_cache(maxsize=256)
def _shape_of(calendar: Calendar) -> _Shape:
    lengths = [(end - start).days for start, end in zip(calendar.starts, calendar.ends, strict=True)]
    mean = sum(lengths) / len(lengths)
    text = ";".join(f"{start}/{end}" for start, end in zip(calendar.starts, calendar.ends, strict=True))
    return _Shape(max(lengths), mean, _season(calendar, mean), hashlib.sha256(text.encode()).hexdigest()[:16])


def _season(calendar: Calendar, mean: float) -> int | None:
    """A season is told only where no day is left out, and every run of so many periods is a year long."""
    season = round(_YEAR / mean)
    if season < 2 or len(calendar.starts) <= season:
        return None
    if any(end != start for end, (_, start) in zip(calendar.ends, pairwise(calendar.starts), strict=False)):
        return None
    years = zip(calendar.starts, calendar.starts[season:], strict=False)
    return season if all(_SHORTEST_YEAR <= (late - early).days <= _LONGEST_YEAR for early, late in years) else None
