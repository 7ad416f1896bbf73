"""E-values for a t statistic: odds against luck that stay honest however often one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.tails import t_upper

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

TAU = 0.25
"""The standard deviation of the normal prior of the standardised effect (a lead worth knowing, not a huge one)."""
_LARGEST_LOG = 690.0


def e_two_sided(t: ArrayLike, df: ArrayLike, n: ArrayLike, tau: float = TAU) -> Floats:
    """The Bayes factor of effect ~ N(0, tau^2) in units of the noise's sd against none, from t on `n` rows.

    With the right Haar prior on the noise it is a test martingale's value (Gönen et al. 2005, The American
    Statistician 59; Grünwald et al. 2024, JRSS B 86). Elementwise; `df` > 0.
    """
    return np.asarray(np.exp(np.minimum(_log_two_sided(t, df, n, tau), _LARGEST_LOG)))


def e_one_sided(t: ArrayLike, df: ArrayLike, n: ArrayLike, sign: ArrayLike = 1.0, tau: float = TAU) -> Floats:
    """As `e_two_sided`, with the prior folded to effects of `sign` (+1 or -1)."""
    t, df, n = (np.asarray(one, dtype=float) for one in (t, df, n))
    odds, towards = _parts(t, df, n, tau)
    folded = np.asarray(sign, dtype=float) * towards
    return np.asarray(odds * 2.0 * t_upper(-folded, df + 1.0))


def e_both(t: Floats, df: Floats, n: Floats, tau: float = TAU) -> tuple[Floats, Floats]:
    """The one-sided e-values for a positive and for a negative effect."""
    odds, towards = _parts(t, df, n, tau)
    smaller = t_upper(np.abs(towards), df + 1.0)
    with_sign, against = odds * 2.0 * (1.0 - smaller), odds * 2.0 * smaller
    rises = towards >= 0.0
    return np.where(rises, with_sign, against), np.where(rises, against, with_sign)


def _log_two_sided(t: ArrayLike, df: ArrayLike, n: ArrayLike, tau: float) -> Floats:
    t, df, n = (np.asarray(one, dtype=float) for one in (t, df, n))
    g = n * tau * tau
    square = t * t
    ratio = np.log1p(square / df) - np.log1p(square / (df * (1.0 + g)))
    return np.asarray(-0.5 * np.log1p(g) + 0.5 * (df + 1.0) * ratio)


def _parts(t: Floats, df: Floats, n: Floats, tau: float) -> tuple[Floats, Floats]:
    """The two-sided odds, and the t with df + 1 whose tail folds them to one side."""
    g = n * tau * tau
    inner = df * (1.0 + t * t / (df * (1.0 + g)))
    towards = t * np.sqrt(g / (1.0 + g)) * np.sqrt((df + 1.0) / inner)
    return e_two_sided(t, df, n, tau), towards
