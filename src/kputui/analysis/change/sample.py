"""A series made ready for regressions: the known values, how far apart they lie, and their base design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.whiten import harmonics_of, season_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Indexes = NDArray[np.int64]

_SPARE_ROWS = 8
"""So many more values than coefficients a design with a season must have."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The known values of a series in standard deviations (`scale` each), and their indexes `at` in the series."""

    at: Indexes
    values: Values
    scale: float

    @property
    def gaps(self) -> Indexes:
        """How many periods lie from each known value to the next."""
        return np.diff(self.at)


def known(values: Sequence[float | None]) -> Known:
    """The known values; `scale` is 0 when they don't vary."""
    at = np.array([index for index, value in enumerate(values) if value is not None], dtype=np.int64)
    plain = np.array([value for value in values if value is not None], dtype=np.float64)
    scale = float(plain.std()) if len(plain) else 0.0
    if len(plain) and scale <= 1e-12 * float(np.abs(plain).max()):
        scale = 0.0
    return Known(at, plain / scale if scale else plain, scale)


def base_design(at: Indexes, season: int | None, *, has_trend: bool = True) -> Values:
    """Level, trend, and the season's waves where two full seasons and enough values are there; (n, k)."""
    span = int(at[-1] - at[0]) + 1
    columns = [np.ones(len(at))]
    if has_trend:
        columns.append((at - at.mean()) / span)
    count = harmonics_of(season, span)
    while count and len(columns) + 2 * count + _SPARE_ROWS > len(at):
        count -= 1
    if season and count:
        columns += [wave[at] for wave in season_columns(season, count, int(at[-1]) + 1)]
    return np.column_stack(columns)
