"""Findings: one function a rule, each giving where the workspace falls short of the method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.smart import has_metric_in_label, has_number_in_label
from kputui.model.metric import MetricKind
from kputui.review.support import unsupporting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.ownership import Ownership
    from kputui.model.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: the key path it is about, what is wrong, and what to do."""

    path: tuple[str, ...]
    message: str
    hint: str = ""


def kpi_without_goal(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """KPIs that name no goal and measure none."""
    measures = {goal.measured_by for goal in workspace.goals.values()}
    for metric in workspace.metrics.values():
        if metric.kind is MetricKind.KPI and not metric.goals and metric.id not in measures:
            yield Finding(
                ("metrics", metric.id),
                f'the KPI "{metric.label}" stands under no goal',
                "name its goal in `goals`, or make it a diagnostic",
            )


def goal_without_measure(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """Goals with neither a measure nor a KPI nor a goal below them."""
    parents = {goal.parent for goal in workspace.goals.values()}
    named = {goal for metric in workspace.metrics.values() for goal in metric.goals}
    for goal in workspace.goals.values():
        if goal.measured_by is None and goal.id not in parents and goal.id not in named:
            yield Finding(
                ("goals", goal.id),
                f'nothing measures the goal "{goal.label}"',
                "name its metric in `measured_by`, or let a KPI name it in `goals`",
            )


def goal_without_dates_or_target(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """Measured goals that cannot be judged: no target, no start or no due date."""
    for goal in workspace.goals.values():
        wanted = {"target": goal.target, "start": goal.start, "due": goal.due}
        missing = [name for name, value in wanted.items() if value is None]
        if goal.measured_by is not None and missing:
            yield Finding(
                ("goals", goal.id),
                f'the goal "{goal.label}" has no pace: it lacks {" and ".join(missing)}',
                "pace needs a target, a start and a due date",
            )


def goal_label_with_number(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """Goals whose label holds a number or their metric's name instead of a result."""
    for goal in workspace.goals.values():
        metric = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
        if has_number_in_label(goal):
            yield Finding(
                ("goals", goal.id, "label"),
                f'the goal\'s label "{goal.label}" holds a number',
                "say the result in words and put the number into `target`",
            )
        elif has_metric_in_label(goal, metric):
            yield Finding(
                ("goals", goal.id, "label"),
                f'the goal\'s label "{goal.label}" names its metric',
                "say what is better for people when the goal is reached",
            )


def cpi_without_link(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """CPIs that no link ties to a KPI."""
    linked = {link.cpi for link in workspace.links}
    for metric in workspace.metrics.values():
        if metric.kind is MetricKind.CPI and metric.id not in linked:
            yield Finding(
                ("metrics", metric.id),
                f'the CPI "{metric.label}" has no link to a KPI',
                "write down in [[links]] which KPI it should move, which way, after how long, and why",
            )


def kpi_without_guard(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """KPIs with neither a guardrail nor a note on how one would cheat them."""
    for metric in workspace.metrics.values():
        if metric.kind is MetricKind.KPI and not metric.guardrails and not metric.gaming.strip():
            yield Finding(
                ("metrics", metric.id),
                f'the KPI "{metric.label}" has neither a guardrail nor a gaming note',
                "how would one cheat it? write that in `gaming`, or name a metric in `guardrails` that would show it",
            )


def stage_without_cpi(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """Stages of the journey at which nothing is measured."""
    covered = {metric.stage for metric in workspace.metrics.values() if metric.kind is MetricKind.CPI}
    for index, stage in enumerate(workspace.stages.values()):
        if stage.id not in covered:
            yield Finding(
                ("journey", str(index)),
                f'no CPI measures the stage "{stage.label}"',
                "what do customers meet there? give a CPI this `stage`",
            )


def metric_without_goal(workspace: Workspace, _: Ownership) -> Iterator[Finding]:
    """Guardrails, diagnostics and linked CPIs that support no goal (KPIs and unlinked CPIs have rules of their own)."""
    linked = {link.cpi for link in workspace.links}
    for metric in unsupporting(workspace):
        if metric.kind is MetricKind.KPI or (metric.kind is MetricKind.CPI and metric.id not in linked):
            continue
        yield Finding(
            ("metrics", metric.id),
            f'the {metric.kind} "{metric.label}" supports no goal',
            "name a goal in `goals`, use it as a guardrail, or drop it",
        )
