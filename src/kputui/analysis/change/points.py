"""Unknown dates: where a series shifts to another level, tested against its own autocorrelation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from kputui.analysis.change import autoregression
from kputui.analysis.change.effect import ChangePoint
from kputui.analysis.change.sample import base_design, known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.change.autoregression import Whitened
    from kputui.analysis.change.sample import Known

    Values = NDArray[np.float64]

LEAST_POINTS: Final = 16
MOST_P: Final = 0.05
_REPLICATES: Final = 199
_MARGIN: Final = 0.1
_LEAST_SIDE: Final = 5
_TREND_T: Final = 2.0
_HOPELESS_F: Final = 6.0
"""Below this no bootstrap is run: independent values alone reach it in a third of all series."""


def change_points(
    starts: Sequence[date], values: Sequence[float | None], *, season: int | None = None, most: int = 3
) -> tuple[ChangePoint, ...]:
    """The shifts with a bootstrap p of at most 0.05, oldest first, `most` at most; () when none or too few points.

    `starts` and `values` are whole periods, oldest first; None is "no data". The largest F of a step over all dates
    with a tenth of the values (5 at least) on each side, beside level, season, AR(1) errors and the trend if there is
    one; shifts that were found stay in while the next is looked for. The same data always gives the same answer: the
    bootstrap's seed is made of the values. Fewer than 16 points: ().
    """
    sample = known(values)
    if len(sample.at) < LEAST_POINTS or not sample.scale:
        return ()
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(sample.values.tobytes()).digest()[:8], "little"))
    found: list[ChangePoint] = []
    has_trend = _has_trend(sample, season)
    design = base_design(sample.at, season, has_trend=has_trend)
    while len(found) < most:
        point = _strongest(starts, sample, design, random)
        if point is None:
            break
        found.append(replace(point, is_beside_trend=has_trend))
        design = np.column_stack([design, sample.at >= point.index])
    return tuple(sorted(found, key=lambda each: each.index))


def _has_trend(sample: Known, season: int | None) -> bool:
    """Whether the trend beside level, season and AR(1) errors is more than twice its standard error."""
    bases = autoregression.whitened(base_design(sample.at, season, has_trend=False), sample.gaps, autoregression.COARSE)
    trend = (sample.at - sample.at.mean())[:, None] / len(sample.at)
    return bool(abs(autoregression.with_each(sample.values, bases, trend).t[0]) > _TREND_T)


def _strongest(
    starts: Sequence[date], sample: Known, design: Values, random: np.random.Generator
) -> ChangePoint | None:
    """The date at which a step helps most, if chance rarely makes one help as much."""
    n = len(sample.at)
    margin = max(_LEAST_SIDE, int(_MARGIN * n))
    splits = np.arange(margin, n - margin + 1)
    if n - design.shape[1] < 2 * _LEAST_SIDE or not len(splits):
        return None
    steps = (np.arange(n)[:, None] >= splits).astype(np.float64)
    bases = autoregression.whitened(design, sample.gaps, autoregression.COARSE)
    largest, where = _largest_f(sample.values[:, None], bases, steps)
    f = float(largest[0])
    if f < _HOPELESS_F:
        return None
    base = bases[int(autoregression.best_rho(sample.values[:, None], bases)[0])]
    chance, _ = _largest_f(_without_shift(sample, base, random), bases, steps)
    p = (1 + int((chance >= f).sum())) / (1 + _REPLICATES)
    if p > MOST_P:
        return None
    fit = autoregression.with_each(sample.values, bases, steps[:, where])
    index = int(sample.at[splits[where[0]]])
    return ChangePoint(day=starts[index], index=index, step=float(fit.coefficient[0]) * sample.scale, f=f, p=p)


def _largest_f(many: Values, bases: tuple[Whitened, ...], steps: Values) -> tuple[Values, NDArray[np.int64]]:
    """For each of the series (n, m): the largest F over the steps (n, k), at the rho without a step, and its place."""
    largest, where = np.zeros(many.shape[1]), np.zeros(many.shape[1], dtype=np.int64)
    chosen = autoregression.best_rho(many, bases)
    for index in np.unique(chosen).tolist():
        base, mine = bases[index], chosen == index
        columns, rest = base.left(steps), base.left(many[:, mine])
        squares = (columns**2).sum(axis=0)
        is_new = squares > 1e-8
        gain = np.where(is_new[:, None], (columns.T @ rest) ** 2 / np.where(is_new, squares, 1.0)[:, None], 0.0)
        left = np.maximum((rest**2).sum(axis=0) - gain, 1e-300)
        f = gain / left * (len(many) - base.basis.shape[1] - 1)
        largest[mine], where[mine] = f.max(axis=0), f.argmax(axis=0)
    return largest, where


def _without_shift(sample: Known, base: Whitened, random: np.random.Generator) -> Values:
    """Series (n, replicates) like the sample but without a shift: its own innovations, drawn again."""
    n, k = base.basis.shape
    left = base.left(sample.values[:, None])[:, 0]
    left = (left - left.mean()) * np.sqrt(n / (n - k))
    drawn = random.choice(left, (n, _REPLICATES))
    rho = base.whitening.rho
    powers = np.power(rho, sample.gaps)
    series = np.empty_like(drawn)
    series[0] = drawn[0] / np.sqrt(1 - rho**2)
    for row, power in enumerate(powers.tolist(), start=1):
        series[row] = power * series[row - 1] + drawn[row] * np.sqrt((1 - power**2) / (1 - rho**2))
    return series
