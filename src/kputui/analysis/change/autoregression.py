"""Least squares with AR(1) errors: many series or many candidate columns at once, gaps allowed.

Values are quasi-differenced with the rho whose restricted likelihood is largest on a grid, the first value kept (Prais
and Winsten; restricted likelihood: Patterson and Thompson, Biometrika 58 (1971) 545-554), because plain
estimates of rho are far too small in short series with a trend and steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Indexes = NDArray[np.int64]

COARSE: Final = (-0.4, -0.2, 0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.78, 0.85, 0.91, 0.95, 0.98)
"""The rhos tried where thousands of series are fitted."""

FINE: Final = (*(round(-0.5 + 0.025 * step, 4) for step in range(59)), 0.965, 0.98)
"""The rhos tried where one series is fitted."""


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """Takes AR(1) dependence with `rho` out of rows that lie `gaps` periods apart."""

    rho: float
    gaps: Indexes

    def __call__(self, rows: Values) -> Values:
        """Rows (n, ...) with neighbours' dependence taken out; the first row is scaled to the same variance."""
        powers, scales = self._factors()
        shape = (-1,) + (1,) * (rows.ndim - 1)
        result = np.empty_like(rows)
        result[0] = rows[0] * np.sqrt(1 - self.rho**2)
        result[1:] = (rows[1:] - powers.reshape(shape) * rows[:-1]) * scales.reshape(shape)
        return result

    @property
    def log_jacobian(self) -> float:
        """The logarithm of the determinant of the transformation."""
        return float(np.log(self._factors()[1]).sum() + 0.5 * np.log(1 - self.rho**2))

    def _factors(self) -> tuple[Values, Values]:
        powers = np.power(self.rho, self.gaps)
        return powers, np.sqrt((1 - self.rho**2) / (1 - powers**2))


@dataclass(frozen=True, slots=True, eq=False)
class Whitened:
    """A base design under one whitening: an orthonormal basis, and what the restricted likelihood needs of it."""

    whitening: Whitening
    basis: Values
    log_determinant: float

    def left(self, rows: Values) -> Values:
        """What of the whitened rows (n, m) the base design leaves over."""
        white = self.whitening(rows)
        return np.asarray(white - self.basis @ (self.basis.T @ white))


def whitened(design: Values, gaps: Indexes, rhos: Iterable[float]) -> tuple[Whitened, ...]:
    """The base design (n, k; full rank) under each rho."""
    found = []
    for rho in rhos:
        whitening = Whitening(rho, gaps)
        basis, upper = np.linalg.qr(whitening(design))
        found.append(Whitened(whitening, basis, float(np.log(np.abs(np.diag(upper))).sum())))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """One more column fitted beside the base design, candidate by candidate (arrays have one entry each).

    `error` is the coefficient's standard error with the doubt about rho in it; t has `df` degrees of freedom.
    """

    coefficient: Values
    error: Values
    rho: Values
    df: int

    @property
    def t(self) -> Values:
        """Coefficient over its standard error."""
        return np.asarray(self.coefficient / self.error)


def with_each(series: Values, bases: tuple[Whitened, ...], candidates: Values) -> Steps:
    """Each of the candidate columns (n, m) fitted to the series (n) beside the base, averaged over rho.

    The rhos weigh as their restricted likelihood does, so that a short series, which hardly tells its rho, has
    the wide interval that it deserves.
    """
    n, k = bases[0].basis.shape
    df = n - k - 1
    scores, slopes, errors = [], [], []
    for base in bases:
        y = base.left(series[:, None])[:, 0]
        columns = base.left(candidates)
        squares = np.maximum((columns**2).sum(axis=0), 1e-300)
        slope = (y @ columns) / squares
        rest = np.maximum(y @ y - slope**2 * squares, 1e-300)
        scores.append(
            -0.5 * df * np.log(rest) - base.log_determinant - 0.5 * np.log(squares) + base.whitening.log_jacobian
        )
        slopes.append(slope)
        errors.append(rest / df / squares)
    rhos = np.array([base.whitening.rho for base in bases])
    weights = np.exp(np.array(scores) - np.max(scores, axis=0)) * np.gradient(rhos)[:, None]
    weights /= weights.sum(axis=0)
    mean = (weights * slopes).sum(axis=0)
    variance = (weights * (np.array(errors) + (slopes - mean) ** 2)).sum(axis=0)
    return Steps(mean, np.sqrt(variance), (weights * rhos[:, None]).sum(axis=0), df)


def best_rho(many: Values, bases: tuple[Whitened, ...]) -> Indexes:
    """For each of the series (n, m) the index of the base whose rho has the largest restricted likelihood."""
    n, k = bases[0].basis.shape
    scores = []
    for base in bases:
        rest = np.maximum((base.left(many) ** 2).sum(axis=0), 1e-300)
        scores.append(-0.5 * (n - k) * np.log(rest) - base.log_determinant + base.whitening.log_jacobian)
    return np.asarray(np.argmax(np.array(scores), axis=0), dtype=np.int64)
