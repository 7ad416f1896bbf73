"""Unknown dates: where a series shifts to another level, tested against its own autocorrelation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from kputui.analysis.change import autoregression
from kputui.analysis.change.blocks import LONG, Long, are_days_of_years, blocks_of, dated, year_waves
from kputui.analysis.change.effect import ChangePoint
from kputui.analysis.change.sample import base_design, known
from kputui.analysis.change.scan import RhoGrid, rho_grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.change.autoregression import Whitened
    from kputui.analysis.change.sample import Known

    Values = NDArray[np.float64]
    Indexes = NDArray[np.int64]

LEAST_POINTS: Final = 16
MOST_P: Final = 0.05
_LONG_RHOS: Final = (-0.6, -0.3, *(round(1 - 0.75**step, 4) for step in range(18)))
"""Even steps of what memory makes of the level's variance: long series tell a slow return from a shift."""
_REPLICATES: Final = 199
_FIRST_LOOK: Final = 49
_MARGIN: Final = 0.1
_LEAST_SIDE: Final = 5
_LONG_SIDE: Final = 8
_TREND_T: Final = 2.0
_HOPELESS_F: Final = 6.0
"""Below this no bootstrap is run: independent values alone reach it in a third of all series."""
_GRIDS_KEPT: Final = 4
"""Most metrics of a workspace have values for the same periods, and so one design."""


def change_points(
    starts: Sequence[date], values: Sequence[float | None], *, season: int | None = None, most: int = 3
) -> tuple[ChangePoint, ...]:
    """The shifts with a bootstrap p of at most 0.05, oldest first, `most` at most; () when none or too few points.

    `starts` and `values` are whole periods, oldest first; None is "no data". The largest F of a step over all dates
    with a tenth of the values (5 at least) on each side, beside level, season, AR(1) errors and the trend if there is
    one; shifts that were found stay in while the next is looked for. The same data always gives the same answer: the
    bootstrap's seed is made of the values. Fewer than 16 points: ().

    More than 520 periods are judged as means of neighbours (days as weeks), with 8 means on each side and for days
    beside waves of a year; the date of a shift is then looked for among the periods themselves.
    """
    blocks = blocks_of(starts, values, season) if len(values) > LONG else None
    if blocks is None:
        return _judged(starts, values, season, most)
    first_day = starts[0].toordinal() if are_days_of_years(starts) else None
    coarse = _judged(blocks.starts, blocks.values, blocks.season, most, Long(first_day, blocks.size))
    placed = (dated(starts, values, season, blocks.size, point) for point in coarse)
    return tuple(sorted(placed, key=lambda each: each.index))


def _judged(
    starts: Sequence[date],
    values: Sequence[float | None],
    season: int | None,
    most: int,
    long: Long | None = None,
) -> tuple[ChangePoint, ...]:
    sample = known(values)
    if len(sample.at) < LEAST_POINTS or not sample.scale:
        return ()
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(sample.values.tobytes()).digest()[:8], "little"))
    found: list[ChangePoint] = []
    has_trend = _has_trend(sample, season, long)
    grid = _grid(sample.at.tobytes(), season, long, has_trend=has_trend)
    margin = _LONG_SIDE if long is not None else max(_LEAST_SIDE, int(_MARGIN * len(sample.at)))
    while len(found) < most:
        point = _strongest(starts, sample, grid, margin, random)
        if point is None:
            break
        found.append(replace(point, is_beside_trend=has_trend))
        if len(found) < most:
            grid = grid.beside((sample.at >= point.index).astype(np.float64))
    return tuple(sorted(found, key=lambda each: each.index))


def _has_trend(sample: Known, season: int | None, long: Long | None) -> bool:
    """Whether the trend beside level, season and AR(1) errors is more than twice its standard error."""
    grid = _grid(sample.at.tobytes(), season, long, has_trend=False)
    trend = (sample.at - sample.at.mean())[:, None] / len(sample.at)
    return bool(abs(autoregression.with_each(sample.values, grid.bases, trend).t[0]) > _TREND_T)


@lru_cache(maxsize=_GRIDS_KEPT)
def _grid(at: bytes, season: int | None, long: Long | None, *, has_trend: bool) -> RhoGrid:
    """The base design for known values at these periods."""
    places = np.frombuffer(at, dtype=np.int64)
    design = base_design(places, season, has_trend=has_trend)
    if long is not None and long.first_day is not None:
        design = np.column_stack([design, year_waves(long.first_day + long.size * places)])
    return rho_grid(design, np.diff(places), autoregression.COARSE if long is None else _LONG_RHOS)


def _strongest(
    starts: Sequence[date], sample: Known, grid: RhoGrid, margin: int, random: np.random.Generator
) -> ChangePoint | None:
    """The date at which a step helps most, if chance rarely makes one help as much."""
    n = len(sample.at)
    splits = np.arange(margin, n - margin + 1)
    if n - grid.columns < 2 * _LEAST_SIDE or not len(splits):
        return None
    values = grid.unexplained(sample.values[:, None])
    largest, where = grid.largest_f(values, splits)
    f = float(largest[0])
    if f < _HOPELESS_F:
        return None
    p = _p_of(f, _without_shift(values, grid.bases[int(grid.best(values)[0])], random), grid, splits)
    if p > MOST_P:
        return None
    split = splits[where[0]]
    fit = autoregression.with_each(sample.values, grid.bases, (np.arange(n) >= split).astype(np.float64)[:, None])
    index = int(sample.at[split])
    return ChangePoint(day=starts[index], index=index, step=float(fit.coefficient[0]) * sample.scale, f=f, p=p)


def _p_of(f: float, chance: Values, grid: RhoGrid, splits: Indexes) -> float:
    """How often chance, series (n, replicates), helps a step as much as `f`; 1 as soon as that is too often."""
    most = int(MOST_P * (1 + _REPLICATES)) - 1
    count = 0
    for part in (chance[:, :_FIRST_LOOK], chance[:, _FIRST_LOOK:]):
        count += int((grid.largest_f(part, splits)[0] >= f).sum())
        if count > most:
            return 1.0
    return (1 + count) / (1 + _REPLICATES)


def _without_shift(values: Values, base: Whitened, random: np.random.Generator) -> Values:
    """Series (n, replicates) like the values (n, 1) but without a shift: their own innovations, drawn again."""
    n, k = base.basis.shape
    left = base.left(values)[:, 0]
    drawn = random.choice((left - left.mean()) * np.sqrt(n / (n - k)), (n, _REPLICATES))
    return base.whitening.coloured(drawn)
