"""Questions from two series side by side: a KPI and its outcome, a KPI and its guardrail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.gaming.question import Answer

if TYPE_CHECKING:
    from datetime import date

    from kputui.analysis.gaming.question import Sample


def diverging(kpi: Sample, outcome: Sample, since: date, *, lag: int = 0) -> Answer:
    """G01: whether the KPI improved from `since` on while the outcome is worse than the KPI implies.

    `outcome` is what the KPI stands for (at the same grain; periods are matched by their first day), following
    the KPI `lag` periods later. Both tests are one-sided at 5 %; that the outcome did not improve "significantly"
    is no criterion. Fewer than 12 joint points after `since`: `refusal`.
    """
    return Answer(refusal="not computed")


def guardrail(kpi: Sample, guard: Sample, since: date | None = None) -> Answer:
    """G02: whether the guardrail got worse while its KPI improved, from `since` on or lately (None).

    With None, the date is the KPI's newest shift for the better, else both trends over the last third count.
    """
    return Answer(refusal="not computed")
