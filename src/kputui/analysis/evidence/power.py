"""How many more periods an undecided link may need."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Undecided:
    """What an undecided link's wait depends on.

    `singles`: the correlations of the telling lags in the declared direction; `total`: that of the window's sum, None
    without one; `highest` of all declared shapes; `n` joint rows; `spent`: rows less degrees of freedom.
    """

    singles: Sequence[float]
    total: float | None
    highest: float
    n: int
    spent: int
    smallest_effect: float


def more_periods(links: Sequence[Undecided]) -> list[int | None]:
    """About how many more periods until each link is sure or rejected, if its correlations stay as they are.

    Found by halving, all links at once. The false-discovery rate over other links is not looked at. None when more
    than `MOST_PERIODS` are needed.
    """
    if not links:
        return []
    low, high = np.zeros(len(links)), np.full(len(links), float(MOST_PERIODS + 1))
    while bool(np.any(high - low > 1.0)):
        middle = np.floor(0.5 * (low + high))
        decided = _decided(links, middle)
        low, high = np.where(decided, low, middle), np.where(decided, middle, high)
    return [None if more > MOST_PERIODS else int(more) for more in high.tolist()]


def _decided(links: Sequence[Undecided], more: Floats) -> NDArray[np.bool_]:
    """Whether each link would be sure or rejected after `more` further periods."""
    rows = np.array([float(link.n) for link in links]) + more
    df = np.maximum(rows - np.array([link.spent for link in links]), 2.0)
    counts = np.array([len(link.singles) for link in links])
    each = np.repeat(np.arange(len(links)), counts)
    singles = np.array([r for link in links for r in link.singles], dtype=float)
    e = np.bincount(each, e_one_sided(_t(singles, df[each]), df[each], rows[each]), len(links)) / counts
    with_total = np.flatnonzero([link.total is not None for link in links])
    totals = np.array([link.total for link in links if link.total is not None], dtype=float)
    sums = e_one_sided(_t(totals, df[with_total]), df[with_total], rows[with_total])
    e[with_total] = 0.5 * (e[with_total] + sums)
    highest = _inside(np.array([link.highest for link in links]))
    upper = np.tanh(np.arctanh(highest) + NORMAL_975 / np.sqrt(np.maximum(df - 1.0, 1.0)))
    return np.asarray((e >= ENOUGH_ODDS) | (upper < np.array([link.smallest_effect for link in links])))


def _inside(r: Floats) -> Floats:
    return np.clip(r, -0.999999, 0.999999)


def _t(r: Floats, df: Floats) -> Floats:
    r = _inside(r)
    return np.asarray(r * np.sqrt(df / (1.0 - r * r)))
