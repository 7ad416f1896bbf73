"""How many more periods an undecided link may need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.evalue import e_one_sided
from kputui.analysis.evidence.judge import ENOUGH_ODDS
from kputui.analysis.evidence.lags import NORMAL_975

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_PERIODS = 520
"""Beyond so many more periods nothing is said."""


def more_periods(
    singles: Sequence[float], total: float | None, highest: float, n: int, spent: int, smallest_effect: float
) -> int | None:
    """About how many more periods until the link is sure or rejected if its correlations stay as they are.

    `singles`: the correlations of the telling lags in the declared direction; `total`: that of the window's sum, None
    without one; `highest` of all declared shapes; `n` joint rows, `spent`: rows less degrees of freedom. The
    false-discovery rate over other links is not looked at. None when more than `MOST_PERIODS` are needed.
    """
    ahead = np.arange(n + 1, n + MOST_PERIODS + 1, dtype=float)
    df = np.maximum(ahead - spent, 2.0)
    e = e_one_sided(_t(np.array(singles, dtype=float)[:, None], df), df, ahead).mean(axis=0)
    if total is not None:
        e = 0.5 * (e + e_one_sided(_t(np.array(total), df), df, ahead))
    upper = np.tanh(np.arctanh(_inside(np.array(highest))) + NORMAL_975 / np.sqrt(np.maximum(df - 1.0, 1.0)))
    decided = np.flatnonzero((e >= ENOUGH_ODDS) | (upper < smallest_effect))
    return int(decided[0]) + 1 if decided.size else None


def _inside(r: Floats) -> Floats:
    return np.clip(r, -0.999999, 0.999999)


def _t(r: Floats, df: Floats) -> Floats:
    r = _inside(r)
    return np.asarray(r * np.sqrt(df / (1.0 - r * r)))
