"""The combination: where a series goes next, and how wide that may miss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.forecast.seasonality import Values, without_season
from kputui.analysis.forecast.smoothing import smoothers
from kputui.analysis.tails import t_quantile, t_upper

if TYPE_CHECKING:
    from collections.abc import Sequence

DRIFT_POINTS = 8
COMBINED_POINTS = 12
# A longer past costs time and says little more about what comes next.
NEWEST_POINTS = 520
_WARM_UP = 4
_MIN_ORIGINS = 6
_PARAMETERS = 4
_MIN_FREEDOM = 3
_FLAT = 1e-12
# Farther out no probability differs from 0 or 1, and squares would overflow.
_FAR = 1e100


@dataclass(frozen=True, slots=True)
class Path:
    """The next periods of a series: `mean` and `sd`, (steps,).

    `surprises[i]` is how much of one period's surprise is still there i periods later (the first is 1).
    `excess`, (steps,): how many times wider than the path's variance earlier forecasts missed the sum of so
    many periods, at least 1. `freedom`: degrees of freedom of the t distribution around the mean. `season`:
    points that make one season, 1 without. `n` points were used.
    """

    mean: Values
    sd: Values
    surprises: Values
    excess: Values
    freedom: int
    method: str
    n: int
    season: int = 1


def path_of(values: Sequence[float], steps: int, season: int = 1) -> Path | None:
    """The next `steps` periods behind `values`, finite, oldest first; `season`: points that could make one.

    From 12 points on the mean of simple exponential smoothing, damped trend and Theta without the season;
    from 8 points on a random walk with drift. None with fewer points, and when no point differs from the
    next or fewer than 12 lie on one line: nothing says then how wide a forecast may miss.
    """
    if len(values) < DRIFT_POINTS or steps < 1:
        return None
    series = np.array(values[-NEWEST_POINTS:], dtype=np.float64)
    size = float(np.max(np.abs(series)))
    if not np.isfinite(size) or size <= 0 or float(np.ptp(series / size)) <= _FLAT:
        return None
    scaled = series / size
    found = _combined(scaled, steps, season) if len(series) >= COMBINED_POINTS else _drift(scaled, steps)
    with np.errstate(over="ignore"):
        mean, sd = found.mean * size, found.sd * size
    if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(sd))) or float(np.max(found.sd)) <= _FLAT:
        return None
    return replace(found, mean=mean, sd=sd)


def _drift(series: Values, steps: int) -> Path:
    """A random walk with drift; source: Hyndman and Athanasopoulos, Forecasting (2021), sections 5.2 and 5.5."""
    changes = np.diff(series)
    ahead = np.arange(1, steps + 1, dtype=np.float64)
    freedom = max(len(changes) - 1, 1)
    sigma = float(np.sqrt(np.sum((changes - changes.mean()) ** 2) / freedom))
    sd = sigma * np.sqrt(ahead * (1 + ahead / len(changes)))
    mean = series[-1] + changes.mean() * ahead
    return Path(mean, sd, np.ones(steps), np.ones(steps), freedom, "random walk with drift", len(series))


def _combined(series: Values, steps: int, season: int) -> Path:
    """The mean of three smoothers; sd is the larger of the model's and of what earlier forecasts missed by."""
    count = len(series)
    seasonal = without_season(series, season)
    adjusted = seasonal.adjusted
    fitted = smoothers(adjusted, steps)
    ahead = np.mean([smoother.ahead for smoother in fitted], axis=0)
    freedom = max(count - _PARAMETERS - (seasonal.length - 1), _MIN_FREEDOM)
    loss = count / freedom
    simple, trend = fitted[0], fitted[1]
    # The damped trend alone often finds a small weight by luck, and would make long sums too sure.
    surprises = np.maximum(
        surprise_weights(trend.alpha, trend.beta, trend.phi, steps),
        surprise_weights(simple.alpha, 0.0, 0.0, steps),
    )
    misses = _misses(adjusted, ahead)
    missed = _mean_squares(misses)
    model = np.sqrt(missed[0] * loss * np.cumsum(surprises**2))
    sd = np.maximum(model, np.sqrt(np.maximum.accumulate(missed) * loss))
    sums = np.sqrt(_mean_squares(np.cumsum(misses, axis=1)) * loss)
    together = sd.cumsum() * _joint(surprises, np.ones(steps))
    excess = np.maximum.accumulate(np.maximum(sums / together, 1.0))
    method = "mean of simple smoothing, damped trend and Theta"
    if seasonal.length > 1:
        method += f", season of {seasonal.length}"
    mean, sd = seasonal.put_back(ahead[count]), seasonal.spread(sd)
    return Path(mean, sd, surprises, excess, freedom, method, count, seasonal.length)


def _misses(series: Values, ahead: Values) -> Values:
    """What each earlier forecast missed by, (origins, steps); nan where the series ends before."""
    count, steps = len(series), ahead.shape[1]
    later = np.arange(_WARM_UP, count)[:, None] + np.arange(steps)[None, :]
    known = np.concatenate([series, np.full(steps, np.nan)])
    misses: Values = known[later] - ahead[_WARM_UP:count]
    return misses


def _mean_squares(misses: Values) -> Values:
    """The mean square of each column's known values, (steps,); 0 where there are too few of them."""
    known = np.isfinite(misses)
    counts = known.sum(axis=0)
    squares = np.where(known, misses, 0.0) ** 2
    return np.where(counts >= _MIN_ORIGINS, squares.sum(axis=0) / np.maximum(counts, 1), 0.0)


def surprise_weights(alpha: float, beta: float, phi: float, steps: int) -> Values:
    """How much of a surprise is left 0, 1, 2 ... periods later: 1, then alpha + beta (1 + phi + ... + phi^(i-1)).

    Source: METHODS 3, the weights of the damped trend.
    """
    growth = np.cumsum(phi ** np.arange(max(steps - 1, 0)))
    return np.concatenate([[1.0], alpha + beta * growth])[:steps]


def weighted_sums(path: Path, weights: Sequence[float]) -> tuple[Values, Values]:
    """Mean and sd, (steps,), of the first 1, 2 ... steps added up, each taken `weights[step]` times (>= 0).

    The variance is the path's: one surprise is in all the periods that follow it. Independent steps would
    make the sum too sure, fully joined ones too unsure (METHODS 3); with weights of 1 it is
    sum(sd) * sqrt(sum_j W_j^2) / sum_h sqrt(1 + sum_i c_i^2), W_j = 1 + sum_{i<j} c_i; wider where the
    sums of earlier forecasts missed by more than that.
    """
    taken = np.array(weights, dtype=np.float64)
    steps = len(taken)
    spread = np.cumsum(path.sd[:steps] * taken) * _joint(path.surprises[:steps], taken)
    return np.cumsum(path.mean[:steps] * taken), spread * path.excess[:steps]


def _joint(surprises: Values, taken: Values) -> Values:
    """The sd of sums over the sum of sds, (steps,): between independent steps and fully joined ones."""
    steps = len(taken)
    lag = np.arange(steps)[:, None] - np.arange(steps)[None, :]
    # carried[h, s]: what the surprise of step s adds to the weighted step h.
    carried = np.where(lag >= 0, surprises[np.maximum(lag, 0)], 0.0) * taken[:, None]
    together = np.sqrt(np.sum(np.cumsum(carried, axis=0) ** 2, axis=1))
    apart = np.cumsum(np.sqrt(np.sum(carried**2, axis=1)))
    return np.where(apart > 0, together / np.where(apart > 0, apart, 1.0), 1.0)


def reach(inside: float, freedom: int) -> float:
    """How many sds a band that holds `inside` (0 to 1) of the cases reaches to each side."""
    return t_quantile((1 - inside) / 2, freedom)


def chance(ahead: float, freedom: int) -> float:
    """The probability that a value comes out above a target that the mean is `ahead` sds above of."""
    return float(t_upper(-min(max(ahead, -_FAR), _FAR), freedom))
