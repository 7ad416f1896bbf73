"""Gates and refusals: what keeps a link from being tested, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_ROWS = 30
"""Joint whitened rows below which nothing is judged."""
MOST_GAPS = 0.15
"""The share of periods without data above which nothing is judged."""
SAME_R = 0.999
"""From this correlation on two measures are one: equal, complements, or one computed from the other."""
_SAME_CHANGES_R = 0.98
_FEWEST_FOR_SAME = 8


@dataclass(frozen=True, slots=True)
class Gate:
    """Why a link can't be judged yet: `reason`, and how many periods are missing at least (None: not known)."""

    reason: str
    more_periods: int | None = None


def same_by_data(first: Floats, second: Floats) -> str:
    """How two raw series (n,), NaN for no data, are one measure seen from two sides; "" when they are not.

    Both the values and their changes from period to period must agree, so that two straight lines are not one.
    """
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < _FEWEST_FOR_SAME:
        return ""
    a, b = first[both], second[both]
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return ""
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()))
    if bool(np.all(np.abs(a - b) <= 1e-9 * scale)):
        return "both have the same values"
    if bool(np.ptp(a + b) <= 1e-9 * scale):
        return f"they always add up to {float(np.mean(a + b)):.6g}: one is the other's complement"
    r, changes = _r(a, b), _r(np.diff(a), np.diff(b))
    if abs(r) >= SAME_R and abs(changes) >= _SAME_CHANGES_R:
        side = "" if r > 0 else ", seen from the other side"
        return f"one is computed from the other (r = {r:.4f}){side}"
    return ""


def _r(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0.0 else 0.0


def gap_share(first: Floats, second: Floats) -> tuple[int, float, float]:
    """Over the periods that both series span: their number, and the share without data in each."""
    one, two = np.flatnonzero(np.isfinite(first)), np.flatnonzero(np.isfinite(second))
    if not one.size or not two.size:
        return 0, 1.0, 1.0
    start, end = max(int(one[0]), int(two[0])), min(int(one[-1]), int(two[-1])) + 1
    length = end - start
    if length <= 0:
        return 0, 1.0, 1.0
    inside = [((where >= start) & (where < end)).sum() for where in (one, two)]
    return length, 1.0 - float(inside[0]) / length, 1.0 - float(inside[1]) / length
