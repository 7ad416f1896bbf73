"""Least squares over many designs at once, by QR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """`coefficients` (..., k), `residuals` (..., n), `rss` (...), the design's `basis` (..., n, k) and `triangle`."""

    coefficients: Floats
    residuals: Floats
    rss: Floats
    basis: Floats
    triangle: Floats


def least_squares(design: Floats, values: Floats) -> Fit:
    """Ordinary least squares of `values` (..., n) on `design` (..., n, k), each of full column rank.

    A row that is to be left out is zero in both. Raises numpy.linalg.LinAlgError for an exactly singular design.
    """
    basis, triangle = np.linalg.qr(design)
    turned = np.einsum("...nk,...n->...k", basis, values)
    coefficients = np.linalg.solve(triangle, turned[..., None])[..., 0]
    residuals = values - np.einsum("...nk,...k->...n", basis, turned)
    # Once more against the basis: what rounding left of the design in the residuals goes too.
    again = np.einsum("...nk,...n->...k", basis, residuals)
    residuals = residuals - np.einsum("...nk,...k->...n", basis, again)
    return Fit(coefficients, residuals, np.einsum("...n,...n->...", residuals, residuals), basis, triangle)
