"""A question that the figures raise. No numpy here: screens and records read these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kputui.model.ids import MetricId


@dataclass(frozen=True, slots=True)
class Question:
    """One question at a metric.

    `code` is a documented code (G01 ...); `text` asks, in plain words; `figures` holds every number
    behind it; `since`: the day from which; `other`: the guardrail, outcome or denominator that it is about.
    `is_guardrail` outranks all others.
    """

    code: str
    metric: MetricId
    text: str
    figures: Mapping[str, float | int | str] = field(default_factory=dict)
    since: date | None = None
    other: MetricId | None = None
    is_guardrail: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one check says: a question, nothing to ask (`question` None), or `refusal`: why it can't tell yet.

    `figures` holds every number that was computed, also when there is nothing to ask.
    """

    question: Question | None = None
    refusal: str = ""
    figures: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """One metric's whole periods for a check: oldest first, None is "no data".

    `is_higher_better`: the direction in which it improves. `season`: periods to a year or week, or None.
    """

    metric: MetricId
    label: str
    starts: tuple[date, ...]
    values: tuple[float | None, ...]
    is_higher_better: bool = True
    season: int | None = None
