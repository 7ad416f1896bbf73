"""How much neighbouring values depend on each other, and what is left when that is taken out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

LEAST_POINTS: Final = 12
"""Points from which dependence is judged at all."""

_ROUNDS: Final = 6
_CLOSE: Final = 0.97
_MOST_DUMMIES: Final = 12
"""The longest season with a level of its own for each period; longer ones are two sine waves."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """One-step residuals in the values' unit (nan at a gap and at the first value), and what was taken out."""

    residuals: Values
    rho: float
    has_trend: bool
    has_season: bool


def lag_one(deviations: Values) -> float:
    """The lag-1 autocorrelation of deviations from a level (gaps are nan), with its small-sample bias taken off.

    Bias -(1 + 4 rho) / n: Marriott and Pope, Biometrika 41 (1954) 390-402. 0 when nothing varies.
    """
    products = deviations[1:] * deviations[:-1]
    products = products[~np.isnan(products)]
    squares = deviations[~np.isnan(deviations)] ** 2
    if len(products) < 2 or not squares.sum() > 0:
        return 0.0
    plain = float(products.mean() / squares.mean())
    return min(0.99, plain + (1 + 4 * plain) / len(squares))


def is_dependent(rho: float, n: int) -> bool:
    """Whether a corrected lag-1 autocorrelation is more than max(0.3, 2 / sqrt(n))."""
    return n >= LEAST_POINTS and rho > max(0.3, 2 / math.sqrt(n))


def deviations(values: Values, phases: tuple[int, ...]) -> Values:
    """Values minus their phase's mean; `phases` are the first indexes of the phases, the first is 0."""
    result = values.copy()
    for first, behind in zip(phases, (*phases[1:], len(values)), strict=True):
        part = values[first:behind]
        if not np.isnan(part).all():
            result[first:behind] = part - np.nanmean(part)
    return result


def is_seasonal(centred: Values, season: int | None) -> bool:
    """Whether values one season apart go together: their correlation is above max(0.3, 2 / sqrt(pairs))."""
    if not season or season < 2 or len(centred) < 3 * season:
        return False
    products = centred[season:] * centred[:-season]
    products = products[~np.isnan(products)]
    squares = centred[~np.isnan(centred)] ** 2
    if len(products) < LEAST_POINTS or not squares.sum() > 0:
        return False
    return float(products.mean() / squares.mean()) > max(0.3, 2 / math.sqrt(len(products)))


def surprise(values: Values, phases: tuple[int, ...], season: int | None) -> Surprise:
    """What each value brings that season, trend and the value before it did not foretell.

    Least squares on quasi-differenced values (Cochrane and Orcutt, JASA 44 (1949) 32-61), with the
    combination of trend and season that the Bayesian information criterion prefers; rho is corrected for its
    small-sample bias. A value after a gap of k periods is foretold with rho^k.
    """
    at = np.flatnonzero(~np.isnan(values))
    options = product((False, True), (False, True) if season and season > 1 and len(at) >= 2 * season else (False,))
    best: tuple[float, Surprise] | None = None
    for has_trend, has_season in options:
        design = _design(len(values), phases, season if has_season else None, has_trend=has_trend)[at]
        if design.shape[1] + 4 > len(at):
            continue
        left, rho = _whitened(values[at], design, np.diff(at))
        score = len(left) * math.log(max(float(left @ left), 1e-300)) + math.log(len(at)) * design.shape[1]
        if best is None or score < best[0]:
            residuals = np.full(len(values), np.nan)
            residuals[at[1:]] = left
            best = (score, Surprise(residuals, rho, has_trend, has_season))
    if best is None:
        return Surprise(np.full(len(values), np.nan), 0.0, has_trend=False, has_season=False)
    return best[1]


def _whitened(values: Values, design: Values, gaps: NDArray[np.int64]) -> tuple[Values, float]:
    rho = 0.0
    left = values
    for _ in range(_ROUNDS):
        powers = rho**gaps
        scale = np.sqrt((1 - rho**2) / (1 - powers**2)) if rho else np.ones(len(gaps))
        x = (design[1:] - powers[:, None] * design[:-1]) * scale[:, None]
        y = (values[1:] - powers * values[:-1]) * scale
        coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
        left = y - x @ coefficients
        level = values - design @ coefficients
        deviated = np.full(int(gaps.sum()) + 1, np.nan)
        deviated[np.concatenate(([0], np.cumsum(gaps)))] = level - level.mean()
        update = max(-_CLOSE, min(_CLOSE, lag_one(deviated)))
        if abs(update - rho) < 1e-4:
            break
        rho = update
    return left, rho


def _design(n: int, phases: tuple[int, ...], season: int | None, *, has_trend: bool) -> Values:
    time = np.arange(n)
    columns = [((time >= first).astype(np.float64)) for first in phases]
    if has_trend:
        columns.append(time / n - 0.5)
    if season:
        if season <= _MOST_DUMMIES and n >= 3 * season:
            columns.extend((time % season == k).astype(np.float64) for k in range(1, season))
        else:
            angles = 2 * np.pi * time / season
            columns.extend(wave(h * angles) for h in (1, 2) for wave in (np.sin, np.cos))
    return np.column_stack(columns)
