"""What a test of links is given: metrics' values on a common grain, and what was declared. No numpy here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kputui.model.ids import MetricId

SMALLEST_EFFECT = 0.3
"""The whitened correlation below which a lead is of no interest, unless a hypothesis says otherwise."""


@dataclass(frozen=True, slots=True)
class Column:
    """A metric's whole periods at the common grain, oldest first; None is "no data".

    `starts` are the periods' first days, rising; a period left out is a gap as well. `values` and `starts` have the
    same length.
    """

    metric: MetricId
    values: Sequence[float | None]
    starts: Sequence[date]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A declared link at the common grain.

    `sign`: +1 when the KPI is to rise with the CPI, -1 when it is to fall. `low` to `high`: by how many periods of the
    common grain the KPI follows (0 <= low <= high). `declared`: the day it was written down. `controls`: metrics that
    may drive both; they go into both designs, at the same period. `steps`: days of known level shifts of either
    metric (a price change, a re-organisation).
    """

    cpi: MetricId
    kpi: MetricId
    sign: int
    low: int
    high: int
    declared: date | None = None
    controls: tuple[MetricId, ...] = ()
    steps: tuple[date, ...] = ()
    smallest_effect: float = SMALLEST_EFFECT
