"""How many more periods an undecided link may need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.evalue import e_one_sided
from kputui.analysis.evidence.judge import ENOUGH_ODDS
from kputui.analysis.evidence.lags import NORMAL_975

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_PERIODS = 520
"""Beyond so many more periods nothing is said."""


def more_periods(
    r: Sequence[float], n: int, spent: int, shapes_total: float | None, smallest_effect: float
) -> int | None:
    """About how many more periods until the link is confirmed or rejected if its correlations stay as they are.

    `r`: the correlations of the single lags in the declared direction; `shapes_total`: that of the window's sum, None
    without one; `n` joint rows, `spent`: rows less degrees of freedom. The false-discovery rate over other links is not
    looked at. None when more than `MOST_PERIODS` are needed.
    """
    ahead = np.arange(n + 1, n + MOST_PERIODS + 1, dtype=float)
    df = np.maximum(ahead - spent, 2.0)
    rs = np.clip(np.array(r, dtype=float), -0.999999, 0.999999)[:, None]
    singles = e_one_sided(rs * np.sqrt(df / (1.0 - rs * rs)), df, ahead)
    e = singles.mean(axis=0)
    highest = rs.max(axis=0)
    if shapes_total is not None:
        total = min(max(shapes_total, -0.999999), 0.999999)
        e = 0.5 * (e + e_one_sided(total * np.sqrt(df / (1.0 - total * total)), df, ahead))
        highest = np.maximum(highest, total)
    upper = np.tanh(np.arctanh(highest) + NORMAL_975 / np.sqrt(np.maximum(df - 1.0, 1.0)))
    decided = np.flatnonzero((e >= ENOUGH_ODDS) | (upper < smallest_effect))
    return int(decided[0]) + 1 if decided.size else None
