"""A step at every date at once: what one more step explains, by sums from the end instead of a fit a date.

A whitened step is nothing before its date, one value at it, and from then on the same values for all dates; so its
products with any column are a running sum, and a scan of n dates costs n additions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.change.autoregression import Whitened, averaged, whitened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from kputui.analysis.change.autoregression import Steps

    Values = NDArray[np.float64]
    Indexes = NDArray[np.int64]

_NOTHING_NEW = 1e-8
"""A step with less than this left beside the base says nothing of its own."""
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class RhoGrid:
    """A base design (n, k) under each rho of a grid, ready for many series.

    `squares` (rhos, n) and `products` (rhos, n - 1) weigh the squares of a series and its products with the value
    before, so that together they are its whitened sum of squares; `adjoints` (rhos * k, n) give what the base takes of
    that; `offsets` (rhos,) are what the restricted likelihood adds for the rho alone.
    """

    bases: tuple[Whitened, ...]
    squares: Values
    products: Values
    adjoints: Values
    offsets: Values

    @property
    def rows(self) -> int:
        """How many values a series has."""
        return int(self.squares.shape[1])

    @property
    def columns(self) -> int:
        """How many coefficients the base has."""
        return int(self.bases[0].basis.shape[1])

    def beside(self, column: Values) -> RhoGrid:
        """The grid of the base with one more column (n,), which the base must not hold already."""
        return _made(tuple(_widened(base, column) for base in self.bases))

    def unexplained(self, many: Values) -> Values:
        """What the base leaves over of series (n, m) by ordinary least squares: sums of it do not cancel."""
        plain = self._plain
        return np.asarray(many - plain.basis @ (plain.basis.T @ many))

    def best(self, many: Values) -> Indexes:
        """For each of the series (n, m) the place of the rho with the largest restricted likelihood.

        The series must not lie far from 0 (`unexplained` sees to that).
        """
        return np.asarray(np.argmax(self._scores(many), axis=0), dtype=np.int64)

    @property
    def _plain(self) -> Whitened:
        return next(base for base in self.bases if base.whitening.rho == 0)

    def _scores(self, many: Values) -> Values:
        """The restricted log likelihoods (rhos, m) of series (n, m), up to a constant."""
        taken = (self.adjoints @ many).reshape(len(self.bases), self.columns, -1)
        whole = self.squares @ many**2 + self.products @ (many[1:] * many[:-1])
        rest = np.maximum(whole - (taken**2).sum(axis=1), _TINY)
        return np.asarray(-0.5 * (self.rows - self.columns) * np.log(rest) + self.offsets[:, None])

    def largest_f(self, many: Values, splits: Indexes) -> tuple[Values, Indexes]:
        """For each of the series (n, m): the largest F of a step that begins at one of `splits`, and which one.

        At the rho of the base without a step; `splits` are rows from 1 on, the answer counts in them.
        """
        largest, where = np.zeros(many.shape[1]), np.zeros(many.shape[1], dtype=np.int64)
        chosen = self.best(many)
        for index in np.unique(chosen).tolist():
            base, mine = self.bases[index], chosen == index
            rest = base.left(many[:, mine])
            norms = _step_norms(base)[splits]
            gains = _with_steps(base, rest)[splits] ** 2
            gains /= np.where(norms > _NOTHING_NEW, norms, np.inf)[:, None]
            place = gains.argmax(axis=0)
            gain = gains[place, np.arange(len(place))]
            left = np.maximum((rest**2).sum(axis=0) - gain, _TINY)
            largest[mine], where[mine] = gain / left * (self.rows - self.columns - 1), place
        return largest, where


def rho_grid(design: Values, gaps: Indexes, rhos: Iterable[float]) -> RhoGrid:
    """The base design (n, k; full rank), whose rows lie `gaps` periods apart, under each rho; 0 must be among them."""
    return _made(whitened(design, gaps, rhos))


def with_steps(series: Values, bases: tuple[Whitened, ...], splits: Indexes) -> Steps:
    """The step that begins at each of `splits` (rows from 1 on) fitted to the series (n,); as `with_each` does."""
    fits = []
    for base in bases:
        left = base.left(series[:, None])
        products = _with_steps(base, left)[splits, 0]
        fits.append((float(left[:, 0] @ left[:, 0]), products, _step_norms(base)[splits]))
    return averaged(bases, fits)


def _made(bases: tuple[Whitened, ...]) -> RhoGrid:
    n, k = bases[0].basis.shape
    squares, products = np.empty((len(bases), n)), np.empty((len(bases), n - 1))
    adjoints = np.empty((len(bases) * k, n))
    for place, base in enumerate(bases):
        powers, scales = base.whitening.powers, base.whitening.scales
        factors = np.concatenate([[base.whitening.first], scales])
        squares[place] = factors**2
        squares[place, :-1] += (scales * powers) ** 2
        products[place] = -2 * scales**2 * powers
        adjoint = adjoints[place * k : (place + 1) * k]
        np.multiply(base.basis.T, factors, out=adjoint)
        adjoint[:, :-1] -= adjoint[:, 1:] * powers
    offsets = np.array([base.whitening.log_jacobian - base.log_determinant for base in bases])
    return RhoGrid(bases, squares, products, adjoints, offsets)


def _widened(base: Whitened, column: Values) -> Whitened:
    """The base with one more column, made orthogonal twice: once leaves rounding errors where little is left."""
    left = base.left(column[:, None])[:, 0]
    left -= base.basis @ (base.basis.T @ left)
    length = float(np.sqrt(left @ left))
    basis = np.column_stack([base.basis, left / length])
    return Whitened(base.whitening, basis, base.log_determinant + float(np.log(length)))


def _with_steps(base: Whitened, columns: Values) -> Values:
    """The products of whitened columns (n, m) with the whitened step that begins at each row, (n, m)."""
    powers, scales = base.whitening.powers, base.whitening.scales
    inside = columns.copy()
    inside[0] = 0.0
    inside[1:] *= (scales * (1 - powers))[:, None]
    sums = np.cumsum(inside[::-1], axis=0)[::-1]
    sums[1:] += columns[1:] * (scales * powers)[:, None]
    return np.asarray(sums)


def _step_norms(base: Whitened) -> Values:
    """The sum of squares of what the base leaves over of the whitened step that begins at each row, (n,)."""
    powers, scales = base.whitening.powers, base.whitening.scales
    inside = np.concatenate([[0.0], (scales * (1 - powers)) ** 2])
    whole = np.cumsum(inside[::-1])[::-1]
    whole[1:] += scales**2 - inside[1:]
    return np.asarray(whole - (_with_steps(base, base.basis) ** 2).sum(axis=1))
