"""Hints for hypotheses: undeclared pairs by whitened strength, corrected for the search. They confirm nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kputui.analysis.evidence.column import Column
    from kputui.analysis.evidence.verdict import Hint
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain


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
    """The undeclared CPI-KPI pairs at their strongest lag (1 to `max_lag`), the strongest first.

    `Hint.p` is two-sided and corrected for the lags of the pair, `q` for all pairs searched. Pairs that are one
    measure seen from two sides, or have too little data, are left out.
    """
    raise NotImplementedError
