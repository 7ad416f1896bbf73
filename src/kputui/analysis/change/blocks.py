"""Long series in blocks: means of neighbouring periods decide whether there is a shift, the periods say when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.change.effect import ChangePoint

    Values = NDArray[np.float64]

LONG: Final = 520
"""More periods than this are judged in blocks."""

_SHORT_SEASON: Final = 14
"""Seasons up to here vanish in a block; longer ones would leave too few blocks."""
_YEAR_DAYS: Final = 365.25
_LEAST_YEARS: Final = 2
_YEAR_HARMONICS: Final = 3
_NEAR: Final = 4


@dataclass(frozen=True, slots=True)
class Long:
    """What blocks stand for: `size` periods each, from the ordinal `first_day` on (None: not days over years)."""

    first_day: int | None
    size: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """Means of `size` periods each, oldest first; None where less than half of them have a value."""

    size: int
    starts: tuple[date, ...]
    values: tuple[float | None, ...]
    season: int | None


def blocks_of(starts: Sequence[date], values: Sequence[float | None], season: int | None) -> Blocks:
    """The series in blocks of whole seasons where a season is short, of as few periods as make 520 blocks else.

    They are counted from the oldest period: new periods change the newest block alone.
    """
    size = -(-len(values) // LONG)
    if season is not None and 1 < season <= _SHORT_SEASON:
        size = -(-size // season) * season
    array = np.full(-(-len(values) // size) * size, np.nan)
    array[: len(values)] = [np.nan if value is None else value for value in values]
    rows = array.reshape(-1, size)
    has = np.isfinite(rows)
    counts = has.sum(axis=1)
    sums = np.where(has, rows, 0.0).sum(axis=1)
    made = [s / c if 2 * c >= size else None for s, c in zip(sums.tolist(), counts.tolist(), strict=True)]
    left = season // size if season is not None and season % size == 0 and season > size else None
    return Blocks(size, tuple(starts[::size]), tuple(made), left)


def are_days_of_years(starts: Sequence[date]) -> bool:
    """Whether the periods are single days over two years and more, so that the level may go with the year."""
    days = (starts[-1] - starts[0]).days
    return days == len(starts) - 1 and days >= _LEAST_YEARS * _YEAR_DAYS


def year_waves(ordinals: NDArray[np.int64]) -> Values:
    """Three waves of a year, (n, 6), at days given by their ordinals."""
    angle = 2 * np.pi / _YEAR_DAYS * ordinals
    waves = [wave(k * angle) for k in range(1, _YEAR_HARMONICS + 1) for wave in (np.cos, np.sin)]
    return np.column_stack(waves)


def dated(
    starts: Sequence[date], values: Sequence[float | None], season: int | None, size: int, point: ChangePoint
) -> ChangePoint:
    """The shift of a block at the period at which two levels fit best, within a block of where it was found."""
    middle = point.index * size
    first, behind = max(middle - _NEAR * size, 0), min(middle + _NEAR * size, len(values))
    near = np.array([np.nan if value is None else value for value in values[first:behind]], dtype=np.float64)
    if season is not None and season <= size:
        near = near - _of_season(values, season)[np.arange(first, behind) % season]
    has = np.isfinite(near)
    deviations = np.where(has, near - near[has].mean(), 0.0)
    before, sums = np.cumsum(has) - has, np.cumsum(deviations) - deviations
    after = has.sum() - before
    gains = np.where((before > 0) & (after > 0), sums**2 * (1 / np.maximum(before, 1) + 1 / np.maximum(after, 1)), 0.0)
    gains[np.abs(np.arange(first, behind) - middle) > size] = -1.0
    index = first + int(np.where(has, gains, -1.0).argmax())
    return replace(point, index=index, day=starts[index])


def _of_season(values: Sequence[float | None], season: int) -> Values:
    """The mean of each place in the season, (season,); 0 where a place has no values."""
    array = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    parts = [array[place::season] for place in range(season)]
    return np.array([part[np.isfinite(part)].mean() if np.isfinite(part).any() else 0.0 for part in parts])
