"""Natural process limits of single values: the mean and the mean moving range (XmR)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

LEAST_POINTS: Final = 6
"""Points for provisional limits."""

_D2: Final = 1.128
"""The mean range of two normal values in standard deviations: 3 / 1.128 = 2.66."""

_D4: Final = 3.268
"""The upper range limit in mean ranges."""


@dataclass(frozen=True, slots=True)
class Xmr:
    """The centre, the sigma that the mean moving range implies (`mean_range` / 1.128), and the range limit."""

    centre: float
    mean_range: float

    @property
    def sigma(self) -> float:
        """One third of the way from the centre to a limit."""
        return self.mean_range / _D2

    @property
    def lower(self) -> float:
        """The lower natural process limit: centre - 2.66 mean ranges."""
        return self.centre - 3 * self.sigma

    @property
    def upper(self) -> float:
        """The upper natural process limit: centre + 2.66 mean ranges."""
        return self.centre + 3 * self.sigma

    @property
    def upper_range(self) -> float:
        """The upper limit of the moving range: 3.268 mean ranges."""
        return self.mean_range * _D4


def moving_ranges(values: Values) -> Values:
    """|value - the one before|, nan at the start and beside a gap (nan): a gap is never bridged."""
    return np.abs(np.diff(values, prepend=np.nan))


def xmr(values: Values) -> Xmr | None:
    """Limits of values with gaps as nan; None without 6 values and 3 ranges, or when they don't vary.

    Wheeler, Understanding Variation (1993), chapter 3.
    """
    ranges = moving_ranges(values)
    ranges = ranges[~np.isnan(ranges)]
    present = values[~np.isnan(values)]
    if len(present) < LEAST_POINTS or len(ranges) < LEAST_POINTS // 2:
        return None
    mean_range = float(ranges.mean())
    if mean_range <= 1e-12 * float(np.abs(present).max()):
        return None
    return Xmr(float(present.mean()), mean_range)
