"""Least squares with AR(1) errors: many series or many candidate columns at once, gaps allowed.

Values are quasi-differenced with the rho whose restricted likelihood is largest on a grid, the first value kept (Prais
and Winsten; restricted likelihood: Patterson and Thompson, Biometrika 58 (1971) 545-554), because plain
estimates of rho are far too small in short series with a trend and steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """Takes AR(1) dependence with `rho` out of rows that lie `gaps` periods apart.

    From the second row on (n - 1,) `powers` of the row before are taken off, and the rest is scaled by `scales`; the
    first row is scaled by `first`, to the same variance. `log_jacobian` is the logarithm of the determinant of that.
    """

    rho: float
    gaps: Indexes
    powers: Values = field(init=False)
    scales: Values = field(init=False)
    first: float = field(init=False)
    log_jacobian: float = field(init=False)

    def __post_init__(self) -> None:
        """Work the factors out once: a series is whitened many times."""
        powers = np.power(self.rho, self.gaps)
        scales = np.sqrt((1 - self.rho**2) / (1 - powers**2))
        object.__setattr__(self, "powers", powers)
        object.__setattr__(self, "scales", scales)
        object.__setattr__(self, "first", float(np.sqrt(1 - self.rho**2)))
        object.__setattr__(self, "log_jacobian", float(np.log(scales).sum() + 0.5 * np.log(1 - self.rho**2)))

    def __call__(self, rows: Values) -> Values:
        """Rows (n, ...) with neighbours' dependence taken out."""
        shape = (-1,) + (1,) * (rows.ndim - 1)
        result = np.empty_like(rows)
        result[0] = rows[0] * self.first
        np.multiply(rows[:-1], self.powers.reshape(shape), out=result[1:])
        np.subtract(rows[1:], result[1:], out=result[1:])
        result[1:] *= self.scales.reshape(shape)
        return result

    def coloured(self, innovations: Values) -> Values:
        """Stationary AR(1) series (n, m) made of independent innovations (n, m) of one variance: the way back."""
        series = innovations / np.concatenate([[self.first], self.scales])[:, None]
        for row, power in enumerate(self.powers.tolist(), start=1):
            series[row] += power * series[row - 1]
        return np.asarray(series)


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
    fits = []
    for base in bases:
        y, columns = base.left(series[:, None])[:, 0], base.left(candidates)
        fits.append((float(y @ y), y @ columns, (columns**2).sum(axis=0)))
    return averaged(bases, fits)


def averaged(bases: tuple[Whitened, ...], fits: Iterable[tuple[float, Values, Values]]) -> Steps:
    """The candidates' coefficients averaged over the rhos of the bases, as `with_each` does.

    `fits`, one a base: the series' sum of squares beside the base, its products with the candidates (m,), and the
    candidates' own sums of squares (m,), all whitened.
    """
    n, k = bases[0].basis.shape
    df = n - k - 1
    scores, slopes, errors = [], [], []
    for base, (whole, products, own) in zip(bases, fits, strict=True):
        squares = np.maximum(own, 1e-300)
        slope = products / squares
        rest = np.maximum(whole - slope**2 * squares, 1e-300)
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
