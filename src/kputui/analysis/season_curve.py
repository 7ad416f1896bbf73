"""The season of a sum: what each day of the year brought in earlier years, for seasonal plans."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.model.series import Series

MOST_YEARS = 3
_LEAP_YEAR = 2000
_DAYS = 366
_LEAP_DAY = date(_LEAP_YEAR, 2, 29).timetuple().tm_yday - 1
# Three weeks around a day: no weekday counts more than another, and holidays stay near their date.
_AROUND = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """What each day of a leap year weighs, 366 weights with the mean 1. `years`: how many years they were made of."""

    weights: tuple[float, ...]
    years: int

    def weight(self, ordinal: int) -> float:
        """What the day weighs, as `date.toordinal` counts it."""
        return self.weights[_place(date.fromordinal(ordinal))]

    def cumulated(self, start: int, end: int) -> tuple[float, ...]:
        """The weight from `start` up to each position of [start, end], ordinals."""
        return tuple(itertools.accumulate((self.weight(day) for day in range(start, end)), initial=0.0))


def year_before(day: date, years: int = 1) -> date:
    """The same day so many years before; 1 March for a 29 February that is not there."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def season_curve(days: Series, start: date) -> Curve | None:
    """The curve of the whole years before `start`, at most three, each counting alike; None without one.

    `days` are daily values of what adds up. A day without a value brought nothing. A year is left out when
    the data does not span it, when it holds a negative or no finite value, or when nothing came in.
    """
    known = {day: 0.0 if value is None else value for day, value in zip(days.starts, days.values, strict=True)}
    sums, found = [0.0] * _DAYS, 0
    counts = [0] * _DAYS
    for back in range(1, MOST_YEARS + 1):
        if start.year - back < 1:
            break
        first, behind = year_before(start, back), year_before(start, back - 1)
        year = _year(known, first, behind) if days.covers.start <= first and behind <= days.covers.end else None
        if year is None:
            continue
        found += 1
        for place, share in year.items():
            sums[place] += share
            counts[place] += 1
    if not found:
        return None
    plain = [total / count if count else math.nan for total, count in zip(sums, counts, strict=True)]
    if not counts[_LEAP_DAY]:
        plain[_LEAP_DAY] = (plain[_LEAP_DAY - 1] + plain[_LEAP_DAY + 1]) / 2
    smooth = [
        math.fsum(plain[(place + step) % _DAYS] for step in range(-_AROUND, _AROUND + 1)) / (2 * _AROUND + 1)
        for place in range(_DAYS)
    ]
    mean = math.fsum(smooth) / _DAYS
    return Curve(tuple(weight / mean for weight in smooth), found)


def _year(known: Mapping[date, float], first: date, behind: date) -> dict[int, float] | None:
    """Each day's part of the year [first, behind), by its place in a leap year; None when it can't be used."""
    days = [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), behind.toordinal())]
    values = [known.get(day, 0.0) for day in days]
    total = math.fsum(values) if all(map(math.isfinite, values)) else math.nan
    if not total > 0 or not math.isfinite(total) or min(values) < 0:
        return None
    return {_place(day): value / total for day, value in zip(days, values, strict=True)}


def _place(day: date) -> int:
    return day.replace(year=_LEAP_YEAR).timetuple().tm_yday - 1
