"""Least squares over many designs at once, by QR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """`residuals` (..., n), `rss` (...), and of the design its `basis` (..., n, k) and `triangle` (..., k, k).

    `turned` (..., k): the values in the basis.
    """

    residuals: Floats
    rss: Floats
    basis: Floats
    triangle: Floats
    turned: Floats

    @property
    def coefficients(self) -> Floats:
        """The coefficients, (..., k); raises numpy.linalg.LinAlgError for a design that is not of full rank."""
        return np.asarray(np.linalg.solve(self.triangle, self.turned[..., None])[..., 0])


def least_squares(design: Floats, values: Floats) -> Fit:
    """Ordinary least squares of `values` (..., n) on `design` (..., n, k).

    A row that is to be left out is zero in both. Where columns depend on each other, the residuals are those of the
    space that they span, and the basis has zeros in place of what they lack.
    """
    basis, triangle = np.linalg.qr(design)
    pivots = np.abs(np.diagonal(triangle, axis1=-2, axis2=-1))
    for place in np.argwhere(pivots.min(axis=-1) <= _SINGULAR * pivots.max(axis=-1)):
        at = tuple(place.tolist())
        spanned, sizes, _ = np.linalg.svd(design[at], full_matrices=False)
        basis[at] = spanned * (sizes > _SINGULAR * sizes[0])
    turned = np.einsum("...nk,...n->...k", basis, values)
    residuals = values - np.einsum("...nk,...k->...n", basis, turned)
    # Once more against the basis: what rounding left of the design in the residuals goes too.
    again = np.einsum("...nk,...n->...k", basis, residuals)
    residuals = residuals - np.einsum("...nk,...k->...n", basis, again)
    return Fit(residuals, np.einsum("...n,...n->...", residuals, residuals), basis, triangle, turned)
