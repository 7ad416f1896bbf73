"""Whether numbers are finite, found by what costs least."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def is_all_finite(column: pl.Series) -> bool:
    """Whether no value of a column of floats is NaN or infinite.

    A finite sum proves it in a tenth of the time of looking at each; finite values may still have a sum that is not.
    """
    return isfinite(column.sum()) or bool(column.is_finite().all())
