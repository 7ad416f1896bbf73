"""Columns on one time axis: each metric a row, each period a place, NaN where there is no data."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from kputui.model.series import LARGEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kputui.analysis.evidence.column import Column
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """`values` (metrics, periods) with NaN for no data; `starts`: the periods' first days, none left out."""

    metrics: tuple[MetricId, ...]
    values: NDArray[np.float64]
    starts: tuple[date, ...]
    rows: Mapping[MetricId, int]

    def place(self, day: date) -> int:
        """The index of the first period that begins on `day` or later (the number of periods when none does)."""
        return next((i for i, start in enumerate(self.starts) if start >= day), len(self.starts))


def place_from(origin: date, start: date, grain: Grain) -> int:
    """How many periods of `grain` lie between the period that begins at `origin` and the one at `start`."""
    if grain.calendar is not None:
        return bisect_left(grain.calendar.starts, start) - bisect_left(grain.calendar.starts, origin)
    if grain.months:
        return ((start.year - origin.year) * 12 + start.month - origin.month) // grain.months
    return (start - origin).days // grain.longest_days


def start_of(origin: date, place: int, grain: Grain) -> date:
    """The first day of the period `place` periods after the one that begins at `origin`.

    After the last period of a table it is the day after its end.
    """
    if grain.calendar is not None:
        starts = grain.calendar.starts
        found = bisect_left(starts, origin) + place
        return starts[found] if found < len(starts) else grain.calendar.ends[-1]
    if grain.months:
        months = origin.year * 12 + origin.month - 1 + place * grain.months
        return date(months // 12, months % 12 + 1, 1)
    return origin + timedelta(days=place * grain.longest_days)


def aligned(columns: Sequence[Column], grain: Grain) -> Aligned:
    """All columns over the periods from the first to the last that any of them has; not finite is no data."""
    metrics = tuple(column.metric for column in columns)
    rows = {metric: row for row, metric in enumerate(metrics)}
    days = [(column.starts[0], column.starts[-1]) for column in columns if len(column.starts)]
    if not days:
        return Aligned(metrics, np.full((len(metrics), 0), np.nan), (), rows)
    origin = min(first for first, _ in days)
    length = place_from(origin, max(last for _, last in days), grain) + 1
    values = np.full((len(metrics), length), np.nan)
    places: dict[int, list[int]] = {}
    for row, column in enumerate(columns):
        # Metrics of one board mostly share their calendar: its places are made once.
        key = hash(tuple(column.starts))
        if key not in places:
            places[key] = [place_from(origin, start, grain) for start in column.starts]
        found = [math.nan if value is None else value for value in column.values]
        values[row, places[key]] = found
    values[~(np.abs(values) < LARGEST)] = np.nan
    return Aligned(metrics, values, tuple(start_of(origin, i, grain) for i in range(length)), rows)
