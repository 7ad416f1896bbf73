"""Rules about KPIs, their guardrails, and metrics of every kind."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.errors import Severity
from kputui.model.metric import Direction, MetricKind
from kputui.review.definitions import definition_key, rough_key
from kputui.review.finding import Finding, Rule
from kputui.review.support import unsupporting

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from kputui.model.metric import Metric
    from kputui.model.workspace import Workspace
    from kputui.review.known import Known

_DIRECTED = frozenset({MetricKind.KPI, MetricKind.CPI, MetricKind.GUARDRAIL})


def without_goal(known: Known) -> Iterator[Finding]:
    """KPIs that name no goal and measure none."""
    measures = {goal.measured_by for goal in known.workspace.goals.values()}
    for metric in known.workspace.metrics.values():
        if metric.kind is MetricKind.KPI and not metric.goals and metric.id not in measures:
            yield Finding(("metrics", metric.id), f'the KPI "{metric.label}" stands under no goal')


def without_guard(known: Known) -> Iterator[Finding]:
    """KPIs with neither a guardrail nor a note on how one would cheat them."""
    for metric in known.workspace.metrics.values():
        if metric.kind is MetricKind.KPI and not metric.guardrails and not metric.gaming.strip():
            yield Finding(("metrics", metric.id), f'the KPI "{metric.label}" has neither a guardrail nor a gaming note')


def metric_without_goal(known: Known) -> Iterator[Finding]:
    """Guardrails, diagnostics and linked CPIs that support no goal (KPIs and unlinked CPIs have rules of their own)."""
    linked = {link.cpi for link in known.workspace.links}
    for metric in unsupporting(known.workspace):
        if metric.kind is MetricKind.KPI or (metric.kind is MetricKind.CPI and metric.id not in linked):
            continue
        yield Finding(("metrics", metric.id), f'the {metric.kind} "{metric.label}" supports no goal')


def one_label_twice(known: Known) -> Iterator[Finding]:
    """Metrics that people can't tell apart by their label."""
    first: dict[str, Metric] = {}
    for metric in known.workspace.metrics.values():
        name = metric.label.strip().casefold()
        before = first.setdefault(name, metric)
        if before is not metric:
            yield Finding(
                ("metrics", metric.id, "label"), f'"{metric.label}" is also the label of the metric `{before.id}`'
            )


def one_definition_twice(known: Known) -> Iterator[Finding]:
    """Metrics of the same definition and grain under two names; different goals may want them, readers are misled."""
    for first, *others in _same(known.workspace):
        for metric in others:
            yield Finding(
                ("metrics", metric.id),
                f'"{metric.label}" is defined as "{first.label}" is (`{first.id}`): two names for one figure',
            )


def without_direction(known: Known) -> Iterator[Finding]:
    """KPIs, CPIs and guardrails that do not say which way is better."""
    for metric in known.workspace.metrics.values():
        if metric.kind in _DIRECTED and metric.direction is Direction.NEUTRAL:
            name = metric.kind.upper() if metric.kind is not MetricKind.GUARDRAIL else "guardrail"
            yield Finding(("metrics", metric.id), f'the {name} "{metric.label}" does not say which way is better')


def guardrail_without_target(known: Known) -> Iterator[Finding]:
    """Guardrails without a value from which on they are worse than agreed."""
    metrics = known.workspace.metrics
    guards = {name for metric in metrics.values() for name in metric.guardrails}
    for metric in metrics.values():
        is_guard = metric.kind is MetricKind.GUARDRAIL or metric.id in guards
        if is_guard and not metric.targets:
            yield Finding(("metrics", metric.id), f'the guardrail "{metric.label}" has no limit')


def guarded_by_itself(known: Known) -> Iterator[Finding]:
    """Metrics that are their own guardrail, by name or by definition: such a guardrail moves with them.

    A ratio's denominator is a good guardrail: it shows who is no longer counted.
    """
    metrics = known.workspace.metrics
    for metric in metrics.values():
        for index, name in enumerate(metric.guardrails):
            guard = metrics.get(name)
            if guard is not None and rough_key(guard.definition) == rough_key(metric.definition):
                what = "" if name == metric.id else f", under the name `{name}`"
                path = ("metrics", metric.id, "guardrails", str(index))
                yield Finding(path, f'"{metric.label}" is its own guardrail{what}')


def _same(workspace: Workspace) -> Iterator[list[Metric]]:
    """The metrics of equal definition and grain, where there is more than one."""
    alike: dict[Hashable, list[Metric]] = defaultdict(list)
    for metric in workspace.metrics.values():
        alike[metric.grain, rough_key(metric.definition)].append(metric)
    for metrics in alike.values():
        same: dict[Hashable, list[Metric]] = defaultdict(list)
        for metric in metrics if len(metrics) > 1 else ():
            same[definition_key(metric.definition)].append(metric)
        yield from (found for found in same.values() if len(found) > 1)


def table_of_periods_over(known: Known) -> Iterator[Finding]:
    """Tables of periods that end before today, or before the due date of a goal that is measured by them."""
    workspace = known.workspace
    for name, grain in workspace.grains.items():
        if grain.calendar is None:
            continue
        end = grain.calendar.ends[-1]
        last = end - timedelta(days=1)
        if known.today is not None and end <= known.today:
            used = any(metric.grain == grain for metric in workspace.metrics.values())
            rest = "what came later is in no period" if used else "and no metric has this grain"
            yield Finding(("grains", name), f'the table of the grain "{name}" ends on {last}: {rest}')
            continue
        for goal in workspace.goals.values():
            measured = workspace.metrics.get(goal.measured_by) if goal.measured_by is not None else None
            if goal.due is not None and end <= goal.due and measured is not None and measured.grain == grain:
                yield Finding(
                    ("grains", name),
                    f'the table of the grain "{name}" ends on {last}, and the goal "{goal.label}" on {goal.due}',
                )


RULES: tuple[Rule, ...] = (
    Rule(
        "M01",
        Severity.WARNING,
        "a KPI stands under no goal",
        "name its goal in `goals`, or make it a diagnostic",
        without_goal,
    ),
    Rule(
        "M06",
        Severity.WARNING,
        "a KPI has neither a guardrail nor a gaming note",
        "how would one cheat it? write that in `gaming`, or name a metric in `guardrails` that would show it",
        without_guard,
    ),
    Rule(
        "M08",
        Severity.INFO,
        "a metric supports no goal",
        "name a goal in `goals`, use it as a guardrail, or drop it",
        metric_without_goal,
    ),
    Rule(
        "M25",
        Severity.WARNING,
        "two metrics have the same label",
        "say in each label what is different",
        one_label_twice,
    ),
    Rule(
        "M26",
        Severity.INFO,
        "two metrics are names for one definition",
        "keep one of them; a metric may name several goals",
        one_definition_twice,
    ),
    Rule(
        "M27",
        Severity.WARNING,
        "a KPI, CPI or guardrail does not say which way is better",
        'write direction = "increase", "decrease" or "maintain"',
        without_direction,
    ),
    Rule(
        "M28",
        Severity.INFO,
        "a guardrail has no limit",
        "write in `targets` from which value on it is worse than agreed",
        guardrail_without_target,
    ),
    Rule(
        "M29",
        Severity.WARNING,
        "a metric is its own guardrail",
        "name one that can move against it",
        guarded_by_itself,
    ),
    Rule(
        "M44",
        Severity.WARNING,
        "a table of periods ends before today, or before a goal that is measured by them",
        "list the coming periods too",
        table_of_periods_over,
    ),
)
