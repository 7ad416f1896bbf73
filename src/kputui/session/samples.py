"""Samples: a metric's whole periods as questions are asked of them, and the days from which it may have improved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.analysis.gaming.question import Sample
from kputui.analysis.periods import season_length
from kputui.analysis.targets import meets_target
from kputui.model.metric import Direction, MetricKind
from kputui.session.whole_periods import whole_periods

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain, Metric
    from kputui.session.figures import Figures
    from kputui.session.link_data import LinkData

    Pair = tuple[Sample, Sample]

LEAST_BEFORE, LEAST_AFTER = 8, 6
"""Periods with a value on each side of a day, below which nothing is asked about it."""
MOST_DAYS = 3
"""Each further day that is tried makes a false alarm likelier."""

_DIRECTED = frozenset({Direction.INCREASE, Direction.DECREASE})


def sample_of(figures: Figures, name: MetricId) -> Sample | None:
    """The metric's whole periods; None without values, or when nobody says which way is better."""
    metric, whole = figures.workspace.metrics.get(name), whole_periods(figures, name)
    if metric is None or whole is None or metric.direction not in _DIRECTED:
        return None
    is_higher_better = metric.direction is Direction.INCREASE
    return Sample(name, metric.label, whole.starts, whole.values, is_higher_better, whole.season)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two metrics side by side: at their own grain, or at the longer one's."""

    figures: Figures
    data: LinkData

    def fetch(self, wanted: Iterable[tuple[MetricId, MetricId]]) -> None:
        """Have what these pairs need computed, in one request a grain; raises CancelledError."""
        metrics = self.figures.workspace.metrics
        by_grain: dict[Grain, dict[MetricId, None]] = {}
        for pair in wanted:
            grain = _longer(metrics[pair[0]], metrics[pair[1]])
            by_grain.setdefault(grain, {}).update({name: None for name in pair if metrics[name].grain != grain})
        for grain, names in by_grain.items():
            self.data.fetch(names, grain)

    def pair(self, one: MetricId, other: MetricId) -> Pair | None:
        """Both samples over the same kind of periods; None for the metric itself, or where one has none."""
        metrics = self.figures.workspace.metrics
        first, second = sample_of(self.figures, one), sample_of(self.figures, other)
        if one == other or first is None or second is None:
            return None
        self.fetch([(one, other)])
        grain = _longer(metrics[one], metrics[other])
        return _at(self.data, metrics[one], first, grain), _at(self.data, metrics[other], second, grain)


def _longer(one: Metric, other: Metric) -> Grain:
    return max(one.grain, other.grain, key=lambda grain: grain.order)


def _at(data: LinkData, metric: Metric, own: Sample, grain: Grain) -> Sample:
    """The sample at a grain; its own values where it has that grain."""
    if metric.grain == grain:
        return own
    column = data.column(metric.id, grain)
    if column is None:
        return replace(own, starts=(), values=())
    return replace(own, starts=tuple(column.starts), values=tuple(column.values), season=season_length(grain))


def keeps_its_limit(figures: Figures, name: MetricId) -> bool:
    """Whether a guardrail's newest whole period is within its target: as long as it is, nothing was given up."""
    metric, whole = figures.workspace.metrics.get(name), whole_periods(figures, name)
    if metric is None or whole is None:
        return False
    return meets_target(metric, whole.values[-1], whole.ends[-1] - timedelta(days=1)) is True


def asked_of(figures: Figures) -> tuple[Metric, ...]:
    """The metrics that people are steered by: KPIs, CPIs, and what measures a goal."""
    measures = {goal.measured_by for goal in figures.workspace.goals.values()}
    return tuple(
        metric
        for metric in figures.workspace.metrics.values()
        if metric.kind in {MetricKind.KPI, MetricKind.CPI} or metric.id in measures
    )


def outcome_of(figures: Figures, metric: Metric) -> MetricId | None:
    """What shows whether a KPI still stands for something: its `outcome`, else its first goal's measure."""
    if metric.outcome is not None:
        return metric.outcome
    if metric.kind is not MetricKind.KPI:
        return None
    goals = (figures.workspace.goals[goal] for goal in metric.goals if goal in figures.workspace.goals)
    measure = next((goal.measured_by for goal in goals if goal.measured_by is not None), None)
    return None if measure == metric.id else measure


def days_of(figures: Figures, metric: Metric, sample: Sample) -> tuple[date, ...]:
    """The newest days from which the metric may have improved for a reason: at most three, oldest first.

    Shifts that were found, changes of owner and interventions (`Figures.changes`), and the days from which
    its targets hold; only those with enough periods on both sides.
    """
    days = {change.day for change in figures.changes.get(metric.id, ())}
    days |= {target.start for target in metric.targets}
    known = [start for start, value in zip(sample.starts, sample.values, strict=True) if value is not None]
    usable = [
        day
        for day in sorted(days)
        if sum(start < day for start in known) >= LEAST_BEFORE and sum(start >= day for start in known) >= LEAST_AFTER
    ]
    return tuple(usable[-MOST_DAYS:])
