"""Seasonality: whether a series has one, and the series without it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

# One-sided 5 %: the test of the Theta method as it was entered in the M3 competition.
_NORMAL_95 = 1.645
_MIN_SEASONS = 2
# From three seasons on a strong one is found by its strength as well: nsdiffs' limit in R's forecast package.
_SEASONS_OF_STRENGTH = 3
_STRONG = 0.64
# Indexes nearer to 0 would blow the deseasonalised series up.
_SMALLEST_INDEX = 0.01


@dataclass(frozen=True, slots=True)
class Seasonal:
    """A series without its season. `indexes`: one a place in the season, of the series's first point on.

    Multiplicative indexes have the mean 1, additive ones the mean 0; with a `length` of 1 there is no season.
    """

    adjusted: Values
    indexes: Values
    is_multiplicative: bool

    @property
    def length(self) -> int:
        """The points that make one season; 1 without a season."""
        return len(self.indexes)

    def ahead(self, steps: int) -> Values:
        """The indexes of the `steps` points behind the series."""
        return self.indexes[(len(self.adjusted) + np.arange(steps)) % self.length]

    def put_back(self, path: Values) -> Values:
        """Forecasts of the adjusted series, (steps,), with the season in them again."""
        ahead = self.ahead(len(path))
        return path * ahead if self.is_multiplicative else path + ahead

    def spread(self, sd: Values) -> Values:
        """Standard deviations of the adjusted series, (steps,), in the units of the season ahead."""
        return sd * np.abs(self.ahead(len(sd))) if self.is_multiplicative else sd


def without_season(values: Values, length: int) -> Seasonal:
    """The series without its season by classical decomposition, when two seasons are there and the test passes.

    `values`: (n,), finite. `length`: points a season. The indexes multiply where all values are positive,
    else they add. Source: Makridakis, Wheelwright and Hyndman, Forecasting (1998), chapter 3.
    """
    if length < 2 or len(values) < _MIN_SEASONS * length or not is_seasonal(values, length):
        return Seasonal(values, np.zeros(1), is_multiplicative=False)
    is_multiplicative = bool(np.all(values > 0))
    indexes, _ = _indexes(values, length, is_multiplicative=is_multiplicative)
    mean = indexes.mean()
    indexes = np.maximum(indexes / mean, _SMALLEST_INDEX) if is_multiplicative else indexes - mean
    around = np.resize(indexes, len(values))
    return Seasonal(values / around if is_multiplicative else values - around, indexes, is_multiplicative)


def is_seasonal(values: Values, length: int) -> bool:
    """Whether one season's lag correlates more than the nearer lags make it, or the season is strong.

    The first is Bartlett's limit with the lags below the season, as in the M3 entry of the Theta method
    (Assimakopoulos and Nikolopoulos, 2000). It overlooks smooth waves, whose nearer lags correlate too, so from
    three seasons on the strength of Wang, Smith and Hyndman (2006) counts as well: the part of the detrended
    series's variance that the season takes away.
    """
    centred = values - values.mean()
    power = float(centred @ centred)
    if not power > 0 or not math.isfinite(power):
        return False
    lags = np.array([float(centred[lag:] @ centred[:-lag]) / power for lag in range(1, length + 1)])
    limit = _NORMAL_95 * math.sqrt((1 + 2 * float(lags[:-1] @ lags[:-1])) / len(values))
    if lags[-1] > limit:
        return True
    return len(values) >= _SEASONS_OF_STRENGTH * length and _strength(values, length) > _STRONG


def _indexes(values: Values, length: int, *, is_multiplicative: bool) -> tuple[Values, Values]:
    """The mean of each place in the season, (length,), and the detrended series, without half a season at each end."""
    half = length // 2
    inside = slice(half, len(values) - half)
    trend = _centred_average(values, length)
    detrended = values[inside] / trend if is_multiplicative else values[inside] - trend
    places = np.arange(len(values))[inside] % length
    return np.array([np.mean(detrended[places == place]) for place in range(length)]), detrended


def _strength(values: Values, length: int) -> float:
    """How much smaller the variance of the detrended series is without its season, 0 to 1; both unbiased."""
    indexes, detrended = _indexes(values, length, is_multiplicative=False)
    rest = detrended - indexes[(np.arange(len(detrended)) + length // 2) % length]
    variance = float(np.var(detrended, ddof=1))
    return 1 - float(rest @ rest) / (len(rest) - length) / variance if variance > 0 else 0.0


def _centred_average(values: Values, length: int) -> Values:
    """The moving average over one season around each point that has half a season on both sides."""
    kernel = np.full(length, 1.0 / length)
    if length % 2 == 0:
        kernel = np.concatenate([[0.5 / length], np.full(length - 1, 1.0 / length), [0.5 / length]])
    return np.convolve(values, kernel, mode="valid")
