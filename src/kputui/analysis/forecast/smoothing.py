"""Smoothing: three exponential smoothers fitted to one series, and what each says from every point on.

All of them are one recursion, e = y - l - b; l' = l + b + alpha e; b' = phi b + beta e, which is linear in
the data and in the first level and trend. So all candidate parameters run side by side, on the series and
on the answers to a first level of 1 and a first trend of 1, and the best first values follow in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kputui.analysis.forecast.seasonality import Values

_ALPHAS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])
_TREND_ALPHAS = np.array([0.05, 0.15, 0.3, 0.5, 0.7, 0.9])
_TREND_SHARES = np.array([0.01, 0.05, 0.15, 0.4])
_PHIS = np.array([0.8, 0.87, 0.94, 0.98])
_RIDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Smoother:
    """One fitted smoother. `ahead[t, h]`: what it says of point t + h before point t; row n is the forecast.

    `alpha`, `beta`, `phi`: its parameters; the weight of a surprise i periods later is
    alpha + beta (1 + phi + ... + phi^(i-1)).
    """

    ahead: Values
    alpha: float
    beta: float
    phi: float
    mse: float


@dataclass(frozen=True, slots=True)
class _Run:
    """Errors (n, candidates, columns) and the states before each point, and behind the last (n + 1, ...)."""

    errors: Values
    levels: Values
    trends: Values


def smoothers(values: Values, steps: int) -> tuple[Smoother, Smoother, Smoother]:
    """Simple exponential smoothing, damped trend and Theta, fitted to `values`, (n,), n >= 4.

    Theta is half a straight line through all points and half simple smoothing of the line with twice the
    curvature (Assimakopoulos and Nikolopoulos, 2000).
    """
    count = len(values)
    times = np.arange(count + steps + 1, dtype=np.float64)
    slope, intercept = np.polyfit(times[:count], values, 1)
    straight = intercept + slope * times
    bent = 2 * values - straight[:count]
    columns = np.stack([values, bent], axis=1)
    simple = np.stack([_ALPHAS, np.zeros_like(_ALPHAS), np.zeros_like(_ALPHAS)], axis=1)
    damped = _grid(_TREND_ALPHAS, _TREND_SHARES, _PHIS)
    best = _best(columns, simple, damped)
    near_alphas = np.concatenate([_around(best[0][0], _ALPHAS), _around(best[2][0], _ALPHAS)])
    simple = np.stack([near_alphas, np.zeros_like(near_alphas), np.zeros_like(near_alphas)], axis=1)
    alpha, beta, phi = best[1]
    shares = _around(beta / alpha, _TREND_SHARES)
    damped = _grid(_around(alpha, _TREND_ALPHAS), shares, _around(phi, _PHIS))
    best = _best(columns, simple, damped)
    run = _run(columns, np.array(best))
    flat = _smoother(run, 0, 0, steps, best[0])
    trend = _smoother(run, 1, 0, steps, best[1])
    second = _smoother(run, 2, 1, steps, best[2])
    lines = straight[np.arange(count + 1)[:, None] + np.arange(steps)[None, :]]
    theta = (second.ahead + lines) / 2
    mse = float(np.mean((values - theta[:count, 0]) ** 2))
    return flat, trend, Smoother(theta, second.alpha, 0.0, 0.0, mse)


def _grid(alphas: Values, shares: Values, phis: Values) -> Values:
    """All combinations as (alpha, beta, phi); beta is a share of alpha."""
    first, share, phi = (axis.ravel() for axis in np.meshgrid(alphas, shares, phis, indexing="ij"))
    return np.stack([first, first * share, phi], axis=1)


def _around(best: float, grid: Values) -> Values:
    """Five values from half-way to the lower neighbour up to half-way to the upper one."""
    at = int(np.argmin(np.abs(grid - best)))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    return np.array([(low + best) / 2, (low + 3 * best) / 4, best, (high + 3 * best) / 4, (high + best) / 2])


def _run(columns: Values, parameters: Values) -> _Run:
    """The recursion of all candidates over the data columns, and over a first level of 1 and a first trend of 1."""
    count, data = columns.shape
    alpha, beta, phi = (parameters[:, place, None] for place in range(3))
    level = np.zeros((len(parameters), data + 2))
    trend = np.zeros_like(level)
    level[:, data], trend[:, data + 1] = 1.0, 1.0
    inputs = np.concatenate([columns, np.zeros((count, 2))], axis=1)
    errors = np.empty((count, *level.shape))
    levels, trends = np.empty((count + 1, *level.shape)), np.empty((count + 1, *level.shape))
    for time in range(count):
        levels[time], trends[time] = level, trend
        level = level + trend
        error = np.subtract(inputs[time], level, out=errors[time])
        level = level + alpha * error
        trend = phi * trend + beta * error
    levels[count], trends[count] = level, trend
    return _Run(errors, levels, trends)


def _best(columns: Values, simple: Values, damped: Values) -> list[tuple[float, float, float]]:
    """The parameters with the smallest squared error: simple of the series, damped of it, simple of the bent line."""
    run = _run(columns, np.concatenate([simple, damped]))
    gram = np.einsum("tki,tkj->kij", run.errors, run.errors)
    flat, trended = gram[: len(simple)], gram[len(simple) :]
    found = []
    for column, source, candidates, has_trend in (
        (0, flat, simple, False),
        (0, trended, damped, True),
        (1, flat, simple, False),
    ):
        at = int(np.argmin(_squares(source, column, has_trend=has_trend)))
        alpha, beta, phi = candidates[at]
        found.append((float(alpha), float(beta), float(phi)))
    return found


def _first_states(gram: Values, column: int, *, has_trend: bool) -> tuple[Values, Values]:
    """The first level and trend, (candidates,), that make the squared error smallest."""
    level_level, level_data = gram[:, 2, 2], gram[:, 2, column]
    if not has_trend:
        return -level_data / (level_level + _RIDGE), np.zeros(len(gram))
    trend_trend, trend_data, cross = gram[:, 3, 3], gram[:, 3, column], gram[:, 2, 3]
    level_level, trend_trend = level_level * (1 + _RIDGE) + _RIDGE, trend_trend * (1 + _RIDGE) + _RIDGE
    whole = level_level * trend_trend - cross * cross
    level = (cross * trend_data - trend_trend * level_data) / whole
    trend = (cross * level_data - level_level * trend_data) / whole
    return level, trend


def _squares(gram: Values, column: int, *, has_trend: bool) -> Values:
    level, trend = _first_states(gram, column, has_trend=has_trend)
    return (
        gram[:, column, column]
        + 2 * level * gram[:, 2, column]
        + 2 * trend * gram[:, 3, column]
        + level * level * gram[:, 2, 2]
        + 2 * level * trend * gram[:, 2, 3]
        + trend * trend * gram[:, 3, 3]
    )


def _smoother(run: _Run, candidate: int, column: int, steps: int, parameters: tuple[float, float, float]) -> Smoother:
    gram = np.einsum("ti,tj->ij", run.errors[:, candidate], run.errors[:, candidate])[None]
    has_trend = candidate == 1
    level, trend = (float(first[0]) for first in _first_states(gram, column, has_trend=has_trend))
    picked = np.array([1.0, level, trend])
    parts = np.array([column, 2, 3])
    levels = run.levels[:, candidate][:, parts] @ picked
    trends = run.trends[:, candidate][:, parts] @ picked
    alpha, beta, phi = parameters
    growth = np.concatenate([[0.0], np.cumsum(phi ** np.arange(steps))])[1:] if has_trend else np.zeros(steps)
    ahead: Values = levels[:, None] + trends[:, None] * growth[None, :]
    errors = run.errors[:, candidate][:, parts] @ picked
    return Smoother(ahead, alpha, beta, phi, float(np.mean(errors**2)))
