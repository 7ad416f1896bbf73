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
    trend = _centred_average(values, length)
    half = length // 2
    inside = slice(half, len(values) - half)
    with np.errstate(over="ignore"):
        detrended = values[inside] / trend if is_multiplicative else values[inside] - trend
    places = np.arange(len(values))[inside] % length
    indexes = np.array([np.mean(detrended[places == place]) for place in range(length)])
    mean = indexes.mean()
    indexes = np.maximum(indexes / mean, _SMALLEST_INDEX) if is_multiplicative else indexes - mean
    around = np.resize(indexes, len(values))
    return Seasonal(values / around if is_multiplicative else values - around, indexes, is_multiplicative)


def is_seasonal(values: Values, length: int) -> bool:
    """Whether the autocorrelation at one season's lag is above what the nearer lags alone would make of it.

    Bartlett's limit with the lags below the season; source: the M3 entry of the Theta method
    (Assimakopoulos and Nikolopoulos, 2000).
    """
    centred = values - values.mean()
    power = float(centred @ centred)
    if not power > 0 or not math.isfinite(power):
        return False
    lags = np.array([float(centred[lag:] @ centred[:-lag]) / power for lag in range(1, length + 1)])
    limit = _NORMAL_95 * math.sqrt((1 + 2 * float(lags[:-1] @ lags[:-1])) / len(values))
    return bool(lags[-1] > limit)


def _centred_average(values: Values, length: int) -> Values:
    """The moving average over one season around each point that has half a season on both sides."""
    kernel = np.full(length, 1.0 / length)
    if length % 2 == 0:
        kernel = np.concatenate([[0.5 / length], np.full(length - 1, 1.0 / length), [0.5 / length]])
    return np.convolve(values, kernel, mode="valid")
