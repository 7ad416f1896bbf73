"""Goals: destinations with a date, and the slow zones planned on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import GoalId, MetricId, PersonId


class PlanKind(StrEnum):
    """How the planned weight is spread from start to due date."""

    LINEAR = "linear"
    BUSINESS_DAYS = "business_days"
    SEASONAL = "seasonal"
    MILESTONES = "milestones"


class GoalKind(StrEnum):
    """How the measure reads on the goal.

    `SUM`: what adds up since the start. `LEVEL`: the newest whole period's value on its way from a
    baseline. `RATIO`: one value over all rows since the start. `MAINTAIN`: a level to be held.
    """

    SUM = "sum"
    LEVEL = "level"
    RATIO = "ratio"
    MAINTAIN = "maintain"


OVER_ALL = frozenset({GoalKind.RATIO, GoalKind.MAINTAIN})
"""The kinds whose forecast is one value over all rows since the start, while each period has one of its own."""


class GoalState(StrEnum):
    """Where a goal stands; the value is the word that people read."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    OFF_TRACK = "off track"
    MET = "met"
    MISSED = "missed"
    NOT_STARTED = "not started"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A value planned for a date (`plan = "milestones"`)."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class Goal:
    """A result that people want by a date; its zones are in the measuring metric's unit.

    `kind` is None when the workspace leaves it to the metric (see `analysis.pace.kind_of`).
    """

    id: GoalId
    label: str
    why: str = ""
    owner: PersonId | None = None
    start: date | None = None
    due: date | None = None
    measured_by: MetricId | None = None
    kind: GoalKind | None = None
    baseline: float | None = None
    commit: float | None = None
    target: float | None = None
    stretch: float | None = None
    plan: PlanKind = PlanKind.LINEAR
    milestones: tuple[Milestone, ...] = ()
    parent: GoalId | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A stretch of time that people know about, both days included.

    Each of its days weighs `pace_factor` in the plan of the goals named (of all goals, when none is
    named); 1.0 only marks the charts.
    """

    start: date
    end: date
    note: str
    pace_factor: float = 1.0
    goals: tuple[GoalId, ...] = ()
    metrics: tuple[MetricId, ...] = ()
