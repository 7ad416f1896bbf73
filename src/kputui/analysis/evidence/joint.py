"""The confirmed CPIs of one KPI fitted together: what each adds beside the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.analysis.evidence.column import Column, Hypothesis
    from kputui.analysis.evidence.verdict import Effect
    from kputui.model.ids import MetricId


def joint(
    columns: Sequence[Column],
    confirmed: Sequence[tuple[Hypothesis, int]],
    *,
    season: float | None = None,
) -> Mapping[MetricId, Effect]:
    """The effect of each CPI when all `confirmed` links of one KPI are fitted together, by CPI.

    `confirmed`: each hypothesis (all of the same KPI) with the lag at which it counts (`Evidence.best.lag`). Empty
    when there are fewer than two, when too few periods are common, or when they can't be told apart (singular).
    """
    raise NotImplementedError
