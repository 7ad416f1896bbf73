"""Student's t distribution: its tail and its quantiles, with the standard library alone."""

from __future__ import annotations

import math
from functools import lru_cache

_TINY = 1e-300
_TERMS = 300
_CLOSE = 1e-15


def t_below(value: float, freedom: float) -> float:
    """The probability that a t variable with `freedom` degrees of freedom (> 0) is at most `value`."""
    if math.isnan(value):
        return math.nan
    if math.isinf(value):
        return 1.0 if value > 0 else 0.0
    square = value * value
    if math.isinf(square):
        return 1.0 if value > 0 else 0.0
    # The two ways of writing the argument lose digits at opposite ends; the smaller one is exact.
    if square > freedom:
        outside = _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square))
    else:
        outside = 1.0 - _incomplete_beta(0.5, freedom / 2, square / (freedom + square))
    return 1.0 - outside / 2 if value > 0 else outside / 2


@lru_cache(maxsize=256)
def t_quantile(below: float, freedom: float) -> float:
    """The value that a t variable with `freedom` degrees of freedom stays at or under with probability `below`.

    `below` in (0, 1).
    """
    if below < 0.5:
        return -t_quantile(1.0 - below, freedom)
    low, high = 0.0, 1.0
    while t_below(high, freedom) < below and high < 1e12:
        low, high = high, high * 2
    while high - low > 1e-12 * max(1.0, high):
        middle = (low + high) / 2
        if t_below(middle, freedom) < below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(first: float, second: float, upto: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8)."""
    if upto <= 0.0:
        return 0.0
    if upto >= 1.0:
        return 1.0
    if upto > (first + 1) / (first + second + 2):
        return 1.0 - _incomplete_beta(second, first, 1.0 - upto)
    scale = math.lgamma(first + second) - math.lgamma(first) - math.lgamma(second)
    front = math.exp(scale + first * math.log(upto) + second * math.log1p(-upto)) / first
    ratio, above, under = 1.0, 1.0, 0.0
    for term in range(_TERMS):
        half = term // 2
        if term == 0:
            factor = 1.0
        elif term % 2 == 0:
            factor = half * (second - half) * upto / ((first + 2 * half - 1) * (first + 2 * half))
        else:
            factor = -(first + half) * (first + second + half) * upto / ((first + 2 * half) * (first + 2 * half + 1))
        under = 1.0 / _away_from_zero(1.0 + factor * under)
        above = _away_from_zero(1.0 + factor / above)
        ratio *= above * under
        if abs(1.0 - above * under) < _CLOSE:
            break
    return front * (ratio - 1.0)


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
