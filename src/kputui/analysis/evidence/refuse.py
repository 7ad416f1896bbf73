"""Gates and refusals: what keeps a link from being tested, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.lags import correlations

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
_SUSPICIOUS_R = 0.99
_NEGLIGIBLE = 1e-12
_FEWEST_FOR_SAME = 8


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


class Raw:
    """The raw series, (metrics, n) with NaN for no data, and what pairs of them share."""

    def __init__(self, values: Floats) -> None:
        """Give the aligned values; the correlations of all pairs are made once."""
        if not values.shape[1]:
            values = np.full((len(values), 1), np.nan)
        self._values = values
        known = np.isfinite(values)
        self._before = np.concatenate([np.zeros((len(values), 1), dtype=np.int64), np.cumsum(known, axis=1)], axis=1)
        self.counts = self._before[:, -1]
        n = values.shape[1]
        self._first = np.where(self.counts > 0, np.argmax(known, axis=1), n)
        self._end = np.where(self.counts > 0, n - np.argmax(known[:, ::-1], axis=1), 0)
        scaled = np.where(known, values, 0.0)
        centre = scaled.sum(axis=1) / np.maximum(self.counts, 1)
        scaled = np.where(known, values - centre[:, None], 0.0)
        spread = np.abs(scaled).max(axis=1, initial=0.0)
        self.is_constant = spread <= _NEGLIGIBLE * np.abs(centre)
        scaled = scaled / np.where(spread > 0.0, spread, 1.0)[:, None]
        rows = known.astype(float)
        self._r = np.abs(correlations(scaled, rows, scaled, rows).r)

    def same(self, first: int, second: int) -> str:
        """As `same_by_data` for two rows."""
        if self._r[first, second] < _SUSPICIOUS_R:
            return ""
        return same_by_data(self._values[first], self._values[second])

    def gaps(self, first: int, second: int) -> tuple[int, float, float]:
        """Over the periods that both rows span: their number, and the share without data in each."""
        start, end = max(self._first[first], self._first[second]), min(self._end[first], self._end[second])
        length = int(end - start)
        if length <= 0:
            return 0, 1.0, 1.0
        inside = [int(self._before[row, end] - self._before[row, start]) for row in (first, second)]
        return length, 1.0 - inside[0] / length, 1.0 - inside[1] / length
