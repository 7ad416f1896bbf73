"""Links: the hypothesis that a CPI leads a KPI, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kputui.model.ids import MetricId


class Expect(StrEnum):
    """The declared sign: does the KPI rise (positive) or fall (negative) when the CPI rises."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class LinkState(StrEnum):
    """How far a link has come."""

    HYPOTHESIS = "hypothesis"
    TESTING = "testing"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Lag:
    """How many periods of `unit` the KPI follows the CPI, from `low` to `high`."""

    low: int
    high: int
    unit: str


@dataclass(frozen=True, slots=True)
class Link:
    """A declared hypothesis: sign, lag and mechanism are written before looking.

    `controls`: metrics that may drive both, and are held still in the test. `smallest_effect`: the correlation (of
    what is left when trend, season and memory are taken out) below which a lead is of no interest.
    """

    cpi: MetricId
    kpi: MetricId
    expect: Expect
    lag: Lag
    mechanism: str = ""
    declared: date | None = None
    review_every_days: int | None = None
    controls: tuple[MetricId, ...] = ()
    smallest_effect: float = 0.3


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """What a person decided about a link, when and on which grounds (from `state/`).

    `method` is "judgement" for a person's own; `evidence` holds what a test found, of any names.
    `cpi_hash` and `kpi_hash` are the definitions that were judged (empty when not known).
    """

    cpi: MetricId
    kpi: MetricId
    state: LinkState
    decided_by: str = ""
    decided_on: date | None = None
    method: str = ""
    reason: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)
    cpi_hash: str = ""
    kpi_hash: str = ""
