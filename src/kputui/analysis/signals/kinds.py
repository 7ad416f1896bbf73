"""Which kind of chart suits the values: counts, skewed values, rare events, or plain single values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

_RARE_MEAN: Final = 2.0
_LEAST_FOR_LOG: Final = 24
_SKEWED: Final = 0.4


def are_rare_events(values: Values) -> bool:
    """Whether values (gaps left out) are counts of events of which fewer than 2 happen a period on average."""
    return bool(
        len(values) and (values >= 0).all() and (values == np.round(values)).all() and 0 < values.mean() < _RARE_MEAN
    )


def octile_skewness(values: Values) -> float:
    """((q7 - q4) - (q4 - q1)) / (q7 - q1) in octiles: 0 when symmetric, not moved by single outliers.

    Hinkley, Biometrika 62 (1975) 101-111. 0 when nothing varies.
    """
    low, middle, high = np.quantile(values, (0.125, 0.5, 0.875)).tolist()
    return (high + low - 2 * middle) / (high - low) if high > low else 0.0


def are_skewed(values: Values) -> bool:
    """Whether positive values are so skewed to the right that logarithms describe them better."""
    if len(values) < _LEAST_FOR_LOG or not (values > 0).all():
        return False
    plain, logged = octile_skewness(values), octile_skewness(np.log(values))
    return plain > max(_SKEWED, 2 / math.sqrt(len(values))) and abs(logged) < plain / 2
