"""Support: which metrics a goal stands on, and which are only parts of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.model.metric import Conversion, Cumulative, Derived, MetricKind, Ratio

if TYPE_CHECKING:
    from kputui.errors import Place
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.metric import Definition, Metric
    from kputui.model.workspace import Workspace


def inputs_of(definition: Definition) -> tuple[MetricId, ...]:
    """The metrics that a definition is made of; empty for a simple one."""
    if isinstance(definition, Ratio):
        return (definition.numerator.metric, definition.denominator.metric)
    if isinstance(definition, Derived):
        return tuple(part.metric for part in definition.inputs)
    if isinstance(definition, Cumulative):
        return (definition.input.metric,)
    if isinstance(definition, Conversion):
        return (definition.base.metric, definition.conversion.metric)
    return ()


def parts_deep(workspace: Workspace, metric: MetricId) -> frozenset[MetricId]:
    """The metric itself and all metrics that it is made of."""
    found: set[MetricId] = set()
    waiting = [metric]
    while waiting:
        name = waiting.pop()
        if name not in found and name in workspace.metrics:
            found.add(name)
            waiting.extend(inputs_of(workspace.metrics[name].definition))
    return frozenset(found)


def metrics_of(workspace: Workspace, goal: GoalId) -> tuple[Metric, ...]:
    """A goal's metrics for showing: its measure, then the KPIs naming it, then others naming it.

    CPIs stand under the KPIs that they move, and diagnostics that are only parts of others under none.
    """
    metrics = workspace.metrics
    measure = workspace.goals[goal].measured_by
    naming = [metric for metric in metrics.values() if goal in metric.goals and metric.id != measure]
    kpis = [metric for metric in naming if metric.kind is MetricKind.KPI]
    parts = parts_of(workspace)
    others = [
        metric
        for metric in naming
        if metric.kind is MetricKind.GUARDRAIL or (metric.kind is MetricKind.DIAGNOSTIC and metric.id not in parts)
    ]
    first = [metrics[measure]] if measure is not None and measure in metrics else []
    return (*first, *kpis, *others)


def parts_of(workspace: Workspace) -> frozenset[MetricId]:
    """The metrics that others are made of."""
    return frozenset(part for metric in workspace.metrics.values() for part in inputs_of(metric.definition))


def supporting(workspace: Workspace) -> frozenset[MetricId]:
    """The metrics that support a goal: its measure, those naming it, linked CPIs, guardrails, outcomes, parts."""
    metrics = workspace.metrics
    found = {metric.id for metric in metrics.values() if any(goal in workspace.goals for goal in metric.goals)}
    measures = (goal.measured_by for goal in workspace.goals.values())
    found |= {measure for measure in measures if measure is not None and measure in metrics}
    found |= {link.cpi for link in workspace.links if link.kpi in found and link.cpi in metrics}
    waiting = list(found)
    while waiting:
        metric = metrics[waiting.pop()]
        shown_by = () if metric.outcome is None else (metric.outcome,)
        further = {*metric.guardrails, *shown_by, *inputs_of(metric.definition)} & metrics.keys() - found
        found |= further
        waiting.extend(further)
    return frozenset(found)


def unsupporting(workspace: Workspace) -> tuple[Metric, ...]:
    """The metrics that support no goal, in the order written; mere parts of others are left out."""
    known, parts = supporting(workspace), parts_of(workspace)
    return tuple(
        metric
        for metric in workspace.metrics.values()
        if metric.id not in known and not (metric.kind is MetricKind.DIAGNOSTIC and metric.id in parts)
    )


def kpis_of(workspace: Workspace, goal: GoalId) -> tuple[Metric, ...]:
    """The KPIs under a goal, as written: those naming it, and its measure when that is one."""
    measure = workspace.goals[goal].measured_by
    return tuple(
        metric
        for metric in workspace.metrics.values()
        if metric.kind is MetricKind.KPI and (goal in metric.goals or metric.id == measure)
    )


def standing_alone(workspace: Workspace) -> tuple[MetricId, ...]:
    """The metrics that are looked at for themselves: all but the diagnostics that others are made of."""
    parts = parts_of(workspace)
    return tuple(
        metric.id
        for metric in workspace.metrics.values()
        if not (metric.kind is MetricKind.DIAGNOSTIC and metric.id in parts)
    )


@dataclass(frozen=True, slots=True)
class Alignment:
    """How many of the metrics that stand for themselves support a goal.

    Diagnostics that are only parts of other metrics are not counted. The share is in per cent.
    """

    supporting: int
    metrics: int

    @property
    def percent(self) -> float | None:
        """The share that supports a goal; None without a metric."""
        return 100 * self.supporting / self.metrics if self.metrics else None


def alignment(workspace: Workspace) -> Alignment:
    """How far the metrics serve the goals."""
    counted, supported = standing_alone(workspace), supporting(workspace)
    return Alignment(sum(name in supported for name in counted), len(counted))


def place_of(workspace: Workspace, path: tuple[str, ...]) -> Place | None:
    """Where a key is written, or the nearest table around it."""
    while path:
        if (place := workspace.places.get(path)) is not None:
            return place
        path = path[:-1]
    return None
