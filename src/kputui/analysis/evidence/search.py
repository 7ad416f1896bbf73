"""Hints for hypotheses: undeclared pairs by whitened strength, corrected for the search. They confirm nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.align import aligned
from kputui.analysis.evidence.lags import correlations, shifted, tested
from kputui.analysis.evidence.multiple import benjamini_hochberg
from kputui.analysis.evidence.refuse import FEWEST_ROWS, MOST_GAPS, Raw
from kputui.analysis.evidence.verdict import Hint
from kputui.analysis.evidence.whiten import Recipe, whiten

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from kputui.analysis.evidence.align import Aligned
    from kputui.analysis.evidence.column import Column
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain

    Floats = NDArray[np.float64]


def search(
    columns: Sequence[Column],
    cpis: Collection[MetricId],
    kpis: Collection[MetricId],
    grain: Grain,
    *,
    declared: Collection[tuple[MetricId, MetricId]] = (),
    max_lag: int = 4,
    season: float | None = None,
) -> tuple[Hint, ...]:
    """The undeclared CPI-KPI pairs at their strongest lag (1 to `max_lag`), the strongest evidence first.

    `Hint.p` is two-sided and corrected for the lags of the pair (Bonferroni), `q` for all pairs searched. Pairs that
    are one measure seen from two sides, or have too little data, are left out.
    """
    held = aligned(columns, grain)
    rows = [[held.rows[metric] for metric in dict.fromkeys(group) if metric in held.rows] for group in (cpis, kpis)]
    if not rows[0] or not rows[1] or not held.starts:
        return ()
    white = whiten(held.values, [Recipe(row) for group in rows for row in group], season)
    size = len(rows[0])
    x, y = white.residuals[:size], white.residuals[size:]
    x_rows, y_rows = white.valid[:size].astype(float), white.valid[size:].astype(float)
    spent = white.spent(np.arange(size)[:, None], np.arange(size, size + len(rows[1]))[None, :])
    usable = white.usable[:size, None] & white.usable[None, size:]
    shapes = [
        tested(correlations(shifted(x, lag), shifted(x_rows, lag), y, y_rows), spent) for lag in range(1, max_lag + 1)
    ]
    p, r, n = (
        np.stack(one) for one in zip(*((2.0 * np.minimum(s.p, s.p_against), s.r, s.n) for s in shapes), strict=True)
    )
    enough = (n.min(axis=0) >= FEWEST_ROWS) & usable
    raw, known = Raw(held.values), set(declared)
    best = np.argmin(p, axis=0)
    chosen = [
        (int(best[i, j]), i, j)
        for i, j in np.argwhere(enough).tolist()
        if _is_searched(held, raw, (rows[0][i], rows[1][j]), known)
    ]
    corrected = [min(1.0, float(p[at]) * max_lag) for at in chosen]
    q = benjamini_hochberg(corrected).tolist()
    names = [[held.metrics[row] for row in group] for group in rows]
    hints = [
        Hint(names[0][at[1]], names[1][at[2]], grain, at[0] + 1, float(r[at]), int(n[at]), one, two)
        for at, one, two in zip(chosen, corrected, q, strict=True)
    ]
    return tuple(sorted(hints, key=lambda hint: (hint.p, -abs(hint.r), hint.cpi, hint.kpi)))


def _is_searched(held: Aligned, raw: Raw, pair: tuple[int, int], declared: set[tuple[MetricId, MetricId]]) -> bool:
    """Whether the pair is undeclared, two measures, and without too many gaps."""
    cpi, kpi = pair
    if cpi == kpi or (held.metrics[cpi], held.metrics[kpi]) in declared:
        return False
    length, *gaps = raw.gaps(cpi, kpi)
    return length > 0 and max(gaps) <= MOST_GAPS and not raw.same(cpi, kpi)
