"""Whitened CPIs against whitened KPIs: correlations at each lag and over windows, all pairs at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.evalue import e_both
from kputui.analysis.tails import t_upper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

NORMAL_975 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """Of each CPI with each KPI, (CPIs, KPIs): joint rows `n`, correlation `r` (0 where there is none).

    `ratio`: the whitened KPI's sd by the whitened CPI's; r * ratio is the slope of the KPI on the CPI.
    """

    n: NDArray[np.int64]
    r: Floats
    ratio: Floats

    def pick(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Correlations:
        """The same for pairs only, (pairs,)."""
        return Correlations(self.n[rows, columns], self.r[rows, columns], self.ratio[rows, columns])


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One shape of the test over arrays of any one shape; the meanings are those of `LagFigure`.

    `p` is one-sided for a positive correlation (`p_against` for a negative one), as are `e` and `e_against`.
    """

    n: NDArray[np.int64]
    r: Floats
    low: Floats
    high: Floats
    t: Floats
    df: Floats
    p: Floats
    p_against: Floats
    e: Floats
    e_against: Floats


def shifted(values: NDArray[np.float64], lag: int) -> Floats:
    """The series `lag` periods later (earlier when negative), 0 where nothing is."""
    if lag == 0:
        return values
    moved = np.zeros_like(values)
    if lag >= values.shape[-1] or -lag >= values.shape[-1]:
        return moved
    if lag > 0:
        moved[..., lag:] = values[..., :-lag]
    else:
        moved[..., :lag] = values[..., -lag:]
    return moved


def correlations(x: Floats, x_valid: Floats, y: Floats, y_valid: Floats) -> Correlations:
    """Pearson correlations over the rows that both have, from masked matrices (CPIs, n) and (KPIs, n).

    `x_valid` and `y_valid` are 1.0 for a valid row, else 0.0, and the values 0 there.
    """
    sums = (x @ y_valid.T, x_valid @ y.T, (x * x) @ y_valid.T, x_valid @ (y * y).T, x @ y.T)
    return _from_sums(x_valid @ y_valid.T, sums)


def paired(x: Floats, x_valid: Floats, y: Floats, y_valid: Floats) -> Correlations:
    """As `correlations`, of each row of `x` with the same row of `y` only, (pairs,)."""

    def summed(first: Floats, second: Floats) -> Floats:
        return np.asarray(np.einsum("pn,pn->p", first, second))

    sums = (summed(x, y_valid), summed(x_valid, y), summed(x * x, y_valid), summed(x_valid, y * y), summed(x, y))
    return _from_sums(summed(x_valid, y_valid), sums)


def _from_sums(n: Floats, sums: tuple[Floats, Floats, Floats, Floats, Floats]) -> Correlations:
    """Pearson's r from the number of rows and the sums of x, y, x x, y y and x y over them."""
    sum_x, sum_y, xx, yy, xy = sums
    safe = np.maximum(n, 1.0)
    xx, yy, xy = xx - sum_x * sum_x / safe, yy - sum_y * sum_y / safe, xy - sum_x * sum_y / safe
    varied = (xx > 0.0) & (yy > 0.0)
    r = np.where(varied, xy / np.sqrt(np.where(varied, xx * yy, 1.0)), 0.0)
    ratio = np.sqrt(np.where(varied, yy / np.where(varied, xx, 1.0), 0.0))
    return Correlations(np.rint(n).astype(np.int64), np.clip(r, -1.0, 1.0), ratio)


def window_sum(x: Floats, valid: Floats, low: int, high: int) -> tuple[Floats, Floats]:
    """The sum of each series over the lags `low` to `high`, valid where all of them are."""
    total, rows = np.zeros_like(x), np.ones_like(valid)
    for lag in range(low, high + 1):
        total = total + shifted(x, lag)
        rows = rows * shifted(valid, lag)
    return total * rows, rows


def tested(found: Correlations, parameters: NDArray[np.int64]) -> Shape:
    """The figures of a test of each correlation; `parameters`: how many both fits had together.

    t has n - parameters - 1 degrees of freedom; the interval is Fisher's z with sd 1 / sqrt(df - 1).
    """
    df = np.maximum(found.n - parameters - 1.0, 2.0)
    r = np.clip(found.r, -1.0 + 1e-12, 1.0 - 1e-12)
    t = r * np.sqrt(df / (1.0 - r * r))
    smaller = t_upper(np.abs(t), df)
    rises = t >= 0.0
    p, against = np.where(rises, smaller, 1.0 - smaller), np.where(rises, 1.0 - smaller, smaller)
    e, e_against = e_both(t, df, found.n.astype(float))
    z, half = np.arctanh(r), NORMAL_975 / np.sqrt(np.maximum(df - 1.0, 1.0))
    return Shape(found.n, found.r, np.tanh(z - half), np.tanh(z + half), t, df, p, against, e, e_against)
