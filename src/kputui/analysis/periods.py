"""Periods of a grain: which one follows, and how many make a season. Standard library only."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta

from kputui.model.metric import Grain

_SEASONS = {Grain.DAY: 7, Grain.WEEK: 52, Grain.MONTH: 12, Grain.QUARTER: 4}


def season_length(grain: Grain) -> int | None:
    """The periods that may make one season: a week of days, else a year; None where none can be told.

    A year itself has none. Of the periods of a table it is the number that always makes a year, if there is one.
    """
    return _SEASONS.get(grain) if grain.calendar is None else grain.calendar.season


def following(grain: Grain, start: date) -> date:
    """The day after the last one of the period that starts on `start`; raises `OverflowError` at the end of time.

    Where a table lists the periods and none starts on that day, it raises `OverflowError` too.
    """
    if grain.calendar is not None:
        place = grain.calendar.index_of(start)
        if place is None:
            raise OverflowError
        return grain.calendar.ends[place]
    if not grain.months:
        return start + timedelta(days=grain.longest_days)
    month = start.month - 1 + grain.months
    if start.year + month // 12 > date.max.year:
        raise OverflowError
    return date(start.year + month // 12, month % 12 + 1, 1)


def periods_until(grain: Grain, start: date, behind: date, most: int) -> tuple[tuple[date, date], ...]:
    """The periods [start, end) from `start` on, up to the one that reaches `behind`, at most `most` of them.

    Of the periods of a table no more than it lists: they may end earlier.
    """
    if grain.calendar is not None:
        starts, ends = grain.calendar.starts, grain.calendar.ends
        first = bisect_left(starts, start)
        last = min(bisect_left(starts, behind), first + most)
        return tuple(zip(starts[first:last], ends[first:last], strict=True))
    found: list[tuple[date, date]] = []
    while start < behind and len(found) < most:
        try:
            end = following(grain, start)
        except OverflowError:
            break
        found.append((start, end))
        start = end
    return tuple(found)
