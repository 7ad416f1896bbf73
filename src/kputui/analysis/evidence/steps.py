"""Level shifts found in a series: where one more step dummy helps the fit most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kputui.analysis.evidence.fit import Fit

STEP_F = 12.0
"""The sup-F above which a step is taken up (about 1 % for one break, Andrews 1993, Econometrica 61)."""
MOST_STEPS = 3
_FEWEST_ROWS = 2
"""A step is looked for up to so few rows from the ends: a shared shift that has just begun fools the test most."""


def strongest_step(fit: Fit, valid: NDArray[np.bool_], columns: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each of the fits (batch, n, `columns`): the period at which a step helps most, and its F.

    `valid` (batch, n): the rows that were fitted. The F compares the fit with and without a dummy that is 1 from that
    period on, all coefficients fitted again; it is 0 where no period leaves enough rows on both sides.
    """
    rows = valid.sum(axis=1)
    after = np.cumsum(valid[:, ::-1], axis=1)[:, ::-1]
    shared = np.cumsum(fit.basis[:, ::-1, :], axis=1)[:, ::-1, :]
    left = after - np.einsum("bnk,bnk->bn", shared, shared)
    moved = np.cumsum(fit.residuals[:, ::-1], axis=1)[:, ::-1]
    allowed = valid & (after >= _FEWEST_ROWS) & (rows[:, None] - after >= _FEWEST_ROWS) & (left > 1e-6 * after)
    gain = np.where(allowed, moved * moved / np.where(allowed, left, 1.0), 0.0)
    rss = fit.rss[:, None]
    rest = np.maximum(rss - gain, 1e-12 * rss)
    df = np.maximum(rows - columns - 1, 1)[:, None]
    f = np.where(rest > 0.0, gain / np.where(rest > 0.0, rest, 1.0) * df, 0.0)
    best = np.argmax(f, axis=1)
    return best, f[np.arange(len(best)), best]
