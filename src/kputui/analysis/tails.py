"""Tails and quantiles of Student's t, F and chi-squared, over arrays.

The regularised incomplete beta function is its continued fraction (Abramowitz & Stegun 26.5.8) by the modified Lentz
algorithm; t and F follow from it (26.7.1, 26.6.2).
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_TINY = 1e-300
_EPSILON = 1e-15
_ROUNDING = 1e-14
_MOST_STEPS = 10_000


def _log_gamma(values: Floats) -> Floats:
    """The logarithm of the gamma function; few distinct values are expected (degrees of freedom)."""
    distinct, places = np.unique(values, return_inverse=True)
    return np.array([math.lgamma(one) for one in distinct])[places].reshape(values.shape)


def _kept_from_zero(values: Floats) -> Floats:
    return np.where(np.abs(values) < _TINY, _TINY, values)


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """The continued fraction of the incomplete beta function, for x < (a + 1) / (a + b + 2); flat arrays."""
    found = np.empty_like(x)
    open_places = np.arange(x.size)
    c = np.ones_like(x)
    d = 1.0 / _kept_from_zero(1.0 - (a + b) * x / (a + 1.0))
    h = d.copy()
    for m in range(1, _MOST_STEPS):
        a2m = a + 2 * m
        even = m * (b - m) * x / ((a2m - 1.0) * a2m)
        d = 1.0 / _kept_from_zero(1.0 + even * d)
        c = _kept_from_zero(1.0 + even / c)
        h = h * d * c
        odd = -(a + m) * (a + b + m) * x / (a2m * (a2m + 1.0))
        d = 1.0 / _kept_from_zero(1.0 + odd * d)
        c = _kept_from_zero(1.0 + odd / c)
        step = d * c
        h = h * step
        going = np.abs(step - 1.0) > _EPSILON
        if not going.all() and (m % 8 == 0 or not going.any()):
            found[open_places] = h
            open_places, a, b, x = open_places[going], a[going], b[going], x[going]
            c, d, h = c[going], d[going], h[going]
        if not open_places.size:
            return found
    found[open_places] = h
    return found


def incomplete_beta(a: ArrayLike, b: ArrayLike, x: ArrayLike, complement: ArrayLike | None = None) -> Floats:
    """I_x(a, b), the regularised incomplete beta function, elementwise; a, b > 0 and 0 <= x <= 1.

    `complement` is 1 - x when the caller knows it without cancellation.
    """
    a, b, x = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (a, b, x)))
    rest = 1.0 - x if complement is None else np.broadcast_to(np.asarray(complement, dtype=float), x.shape)
    shape = x.shape
    a, b, x, rest = (one.ravel() for one in (a, b, x, rest))
    turned = x > (a + 1.0) / (a + b + 2.0)
    first, second = np.where(turned, b, a), np.where(turned, a, b)
    at, other = np.where(turned, rest, x), np.where(turned, x, rest)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = first * np.log(at) + second * np.log(other)
        logs += _log_gamma(first + second) - _log_gamma(first) - _log_gamma(second)
        front = np.where((at <= 0.0) | (other <= 0.0), 0.0, np.exp(logs) / first)
    part = front * _fraction(first, second, at)
    part = np.where(np.isnan(x), np.nan, np.where(turned, 1.0 - part, part))
    return np.clip(part, 0.0, 1.0).reshape(shape)


def t_upper(t: ArrayLike, df: ArrayLike) -> Floats:
    """P(T > t) for Student's t with `df` > 0 degrees of freedom, elementwise."""
    t, df = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(df, dtype=float))
    square = t * t
    whole = df + square
    with np.errstate(invalid="ignore"):
        far = np.where(np.isinf(square), 0.0, df / whole)
        near = np.where(np.isinf(square), 1.0, square / whole)
    half = 0.5 * incomplete_beta(df / 2.0, 0.5, far, near)
    return np.where(t >= 0.0, half, 1.0 - half)


def t_two_sided(t: ArrayLike, df: ArrayLike) -> Floats:
    """P(|T| > |t|) for Student's t with `df` degrees of freedom, elementwise."""
    return np.asarray(2.0 * t_upper(np.abs(np.asarray(t, dtype=float)), df))


@lru_cache(maxsize=4096)
def t_quantile(upper: float, df: float) -> float:
    """The t that is passed with probability `upper` (0 < upper < 1), by Newton's method to the last digits.

    Answers are kept: all metrics of one length ask for the same.
    """
    if upper > 0.5:
        return -t_quantile(1.0 - upper, df)
    # The normal quantile lies below t's, and the tail is convex: the steps only ever go up to the root.
    found = -NormalDist().inv_cdf(upper)
    scale = math.lgamma((df + 1.0) / 2.0) - math.lgamma(df / 2.0) - 0.5 * math.log(df * math.pi)
    for _ in range(_MOST_STEPS):
        density = math.exp(scale - (df + 1.0) / 2.0 * math.log1p(found * found / df))
        step = (float(t_upper(found, df)) - upper) / density
        if step <= _ROUNDING * found:
            break
        found += step
    return found


def f_upper(f: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """P(F > f) for the F distribution with `df1` and `df2` degrees of freedom, elementwise; f >= 0."""
    f, df1, df2 = (np.asarray(one, dtype=float) for one in (f, df1, df2))
    whole = df2 + df1 * f
    return incomplete_beta(df2 / 2.0, df1 / 2.0, df2 / whole, df1 * f / whole)


def chi2_upper(x: float, df: int) -> float:
    """P(X > x) for chi-squared with a whole number `df` of degrees of freedom (Abramowitz & Stegun 26.4.4-5)."""
    if x <= 0.0:
        return 1.0
    half = x / 2.0
    total = 0.0 if df % 2 == 0 else math.erfc(math.sqrt(half))
    start = 0.0 if df % 2 == 0 else 0.5
    for step in range(df // 2):
        power = start + step
        total += math.exp(power * math.log(half) - half - math.lgamma(power + 1.0))
    return min(1.0, total)
