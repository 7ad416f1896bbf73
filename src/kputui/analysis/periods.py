"""Periods of a grain: which one follows, and how many make a season. Standard library only."""

from __future__ import annotations

from datetime import date, timedelta

from kputui.model.metric import Grain

SEASONS = {Grain.DAY: 7, Grain.WEEK: 52, Grain.MONTH: 12, Grain.QUARTER: 4}
"""The periods that may make one season: a week of days, else a year; a year itself has none."""

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def following(grain: Grain, start: date) -> date:
    """The start of the period after the one that starts on `start`; raises `OverflowError` at the end of time."""
    if grain is Grain.DAY:
        return start + timedelta(days=1)
    if grain is Grain.WEEK:
        return start + timedelta(days=7)
    month = start.month - 1 + _MONTHS[grain]
    if start.year + month // 12 > date.max.year:
        raise OverflowError
    return date(start.year + month // 12, month % 12 + 1, 1)


def periods_until(grain: Grain, start: date, behind: date, most: int) -> tuple[tuple[date, date], ...]:
    """The periods [start, end) from `start` on, up to the one that reaches `behind`, at most `most` of them."""
    found: list[tuple[date, date]] = []
    while start < behind and len(found) < most:
        try:
            end = following(grain, start)
        except OverflowError:
            break
        found.append((start, end))
        start = end
    return tuple(found)
