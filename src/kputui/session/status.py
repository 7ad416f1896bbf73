"""Status: where each goal stands, with every figure of its pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.model.metric import NumberFormat
from kputui.model.series import Failure
from kputui.session.alike import goal_names
from kputui.session.engines import engine_for
from kputui.session.goal_tree import in_tree_order, state_of
from kputui.session.judging import judge_goals

if TYPE_CHECKING:
    from datetime import date

    from kputui.analysis.pace import Pace
    from kputui.model.goal import GoalState
    from kputui.model.ids import GoalId, MetricId, PersonId
    from kputui.model.series import Reading
    from kputui.session.open import Opened


@dataclass(frozen=True, slots=True)
class GoalStatus:
    """One goal's line: what it is, its state, and its pace (None for a goal that nothing measures).

    `depth` counts its parents. `format` and `unit` are its metric's. `failure` says why a measured goal
    has no data, with the problem's code and what to do about it.
    """

    goal: GoalId
    label: str
    depth: int
    parent: GoalId | None
    owner: PersonId | None
    start: date | None
    due: date | None
    metric: MetricId | None
    state: GoalState | None
    pace: Pace | None
    format: NumberFormat = NumberFormat.NUMBER
    unit: str = ""
    failure: str = ""
    failure_code: str = ""
    failure_hint: str = ""


def status(opened: Opened) -> tuple[GoalStatus, ...]:
    """One status a goal, parents before their children; loads the engine and reads the data."""
    workspace, last_day = opened.workspace, opened.clock.last_day
    engine = engine_for(opened)
    measures = tuple(dict.fromkeys(goal.measured_by for goal in workspace.goals.values() if goal.measured_by))
    readings: dict[MetricId, Reading] = {}
    if measures:
        for batch in engine.readings(opened.clock.request(measures)):
            readings |= {reading.metric: reading for reading in batch}
    paces = judge_goals(engine, workspace, readings, last_day).paces
    names, lines = goal_names(workspace), []
    for goal, depth in in_tree_order(tuple(workspace.goals.values())):
        metric = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
        reading = readings.get(metric.id) if metric else None
        failure = reading.failure if reading and reading.failure else Failure("", "")
        lines.append(
            GoalStatus(
                goal.id,
                names[goal.id],
                depth,
                goal.parent,
                goal.owner,
                goal.start,
                goal.due,
                metric.id if metric else None,
                state_of(workspace, paces, goal.id),
                paces.get(goal.id),
                metric.format if metric else NumberFormat.NUMBER,
                metric.unit if metric else "",
                failure.message,
                failure.code,
                failure.hint,
            )
        )
    return tuple(lines)
