"""Which kind of chart suits the values: rare events, few events, skewed values, or plain single values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

_RARE_MEAN: Final = 0.5
"""From here up to 2 a period, times spread evenly over their periods are too regular: they alarm in 6 to 31 % of
quiet charts (benchmarks/signals_runs.py); square roots of the counts do in 2 to 5 %."""

_FEW_MEAN: Final = 2.0
_LONG_TAIL: Final = 2.5
_LEAST_FOR_LOG: Final = 24
_SKEWED: Final = 0.2


def are_rare_events(values: Values) -> bool:
    """Whether values (gaps left out) are counts of less than one event in two periods: the time between is charted."""
    return _are_counts(values) and 0 < values.mean() < _RARE_MEAN


def are_few_events(values: Values) -> bool:
    """Whether values are counts of fewer than 2 events a period: their square roots are charted."""
    return _are_counts(values) and _RARE_MEAN <= values.mean() < _FEW_MEAN


def _are_counts(values: Values) -> bool:
    return bool(len(values) and (values >= 0).all() and (values == np.round(values)).all())


def octile_skewness(values: Values) -> float:
    """((q7 - q4) - (q4 - q1)) / (q7 - q1) in octiles: 0 when symmetric, not moved by single outliers.

    Hinkley, Biometrika 62 (1975) 101-111. 0 when nothing varies.
    """
    low, middle, high = np.quantile(values, (0.125, 0.5, 0.875)).tolist()
    return (high + low - 2 * middle) / (high - low) if high > low else 0.0


def are_skewed(values: Values) -> bool:
    """Whether positive values are so skewed to the right that logarithms describe them better."""
    if len(values) < _LEAST_FOR_LOG or not (values > 0).all() or values.max() < _LONG_TAIL * np.median(values):
        return False
    plain, logged = octile_skewness(values), octile_skewness(np.log(values))
    return plain > max(_SKEWED, 1 / math.sqrt(len(values))) and abs(logged) < plain / 2


def are_rough(values: Values) -> bool:
    """Whether positive values are skewed but too few for a chart on logarithms: their limits are not to be trusted."""
    if len(values) < 12 or not (values > 0).all() or values.max() < _LONG_TAIL * np.median(values):
        return False
    return len(values) < _LEAST_FOR_LOG and octile_skewness(values) > max(_SKEWED, 1 / math.sqrt(len(values)))
