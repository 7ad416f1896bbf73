"""A workspace in which no rule finds anything, and ways to change one thing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kputui.errors import Place
from kputui.model.goal import Goal
from kputui.model.ids import GoalId, MetricId, PersonId, SourceId, StageId, TeamId
from kputui.model.journey import Stage
from kputui.model.link import Expect, Lag, Link
from kputui.model.metric import Aggregation, DatedTarget, Direction, Metric, MetricKind, Need, Simple
from kputui.model.team import Team
from kputui.model.workspace import Project, Workspace
from kputui.review.known import Known
from kputui.review.rules import run

if TYPE_CHECKING:
    from kputui.errors import Problem

GOAL, KPI, CPI, GUARD, STAGE, TEAM = (
    GoalId("loyal"),
    MetricId("repeat"),
    MetricId("late"),
    MetricId("refunds"),
    StageId("post"),
    TeamId("logistics"),
)
TODAY = date(2026, 6, 30)


def metric(name: str, kind: MetricKind, **more: object) -> Metric:
    """A metric with a definition of its own."""
    definition = Simple(SourceId("orders"), Aggregation.SUM, name)
    return replace(Metric(MetricId(name), kind, name.capitalize(), definition), **more)  # type: ignore[arg-type]


def sound() -> Workspace:
    """A workspace in which no rule finds anything."""
    metrics = (
        metric("repeat", MetricKind.KPI, direction=Direction.INCREASE, goals=(GOAL,), guardrails=(GUARD,)),
        metric(
            "late",
            MetricKind.CPI,
            direction=Direction.DECREASE,
            stage=STAGE,
            need=Need.EXPECTATION,
            question="Is it here on the promised day?",
            discovered="12 ride-alongs",
        ),
        metric(
            "refunds",
            MetricKind.GUARDRAIL,
            direction=Direction.DECREASE,
            targets=(DatedTarget(date(2026, 1, 1), 3.0),),
        ),
    )
    return Workspace(
        "/nowhere",
        Project(),
        goals={
            GOAL: Goal(
                GOAL,
                "Customers come back",
                why="They pay for the growth",
                owner=PersonId("ines"),
                start=date(2026, 1, 1),
                due=date(2026, 12, 31),
                measured_by=KPI,
                target=12.0,
            )
        },
        metrics={entry.id: entry for entry in metrics},
        stages={STAGE: Stage(STAGE, "Waiting")},
        links=(Link(CPI, KPI, Expect.NEGATIVE, Lag(0, 4, "weeks"), "who waited stays away", None, 180),),
        teams={TEAM: Team(TEAM, "Logistics", influences=(CPI,))},
        places={("metrics", "late"): Place("metrics.toml", 12, 10), ("goals", "loyal"): Place("goals.toml", 3)},
    )


def changed(workspace: Workspace, name: MetricId, **more: object) -> Workspace:
    """The workspace with one metric changed."""
    entry = replace(workspace.metrics[name], **more)  # type: ignore[arg-type]
    return replace(workspace, metrics={**workspace.metrics, name: entry})


def goal_changed(workspace: Workspace, **more: object) -> Workspace:
    """The workspace with its goal changed."""
    return replace(workspace, goals={GOAL: replace(workspace.goals[GOAL], **more)})  # type: ignore[arg-type]


def link_changed(workspace: Workspace, **more: object) -> Workspace:
    """The workspace with its link changed."""
    return replace(workspace, links=(replace(workspace.links[0], **more),))  # type: ignore[arg-type]


def with_metrics(workspace: Workspace, *metrics: Metric) -> Workspace:
    """The workspace with further metrics."""
    return replace(workspace, metrics={**workspace.metrics, **{entry.id: entry for entry in metrics}})


def findings(workspace: Workspace, **more: object) -> tuple[Problem, ...]:
    """What the rules find on the day."""
    return run(Known(workspace, today=TODAY, **more))  # type: ignore[arg-type]


def codes(workspace: Workspace, **more: object) -> list[str]:
    """The codes of what the rules find."""
    return [problem.code for problem in findings(workspace, **more)]


def only(workspace: Workspace, **more: object) -> Problem:
    """The one finding that there is."""
    (problem,) = findings(workspace, **more)
    return problem
