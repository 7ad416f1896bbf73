"""A first goal's dates and figures, computed from the data itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.engine.request import Request
from kputui.errors import DataError
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import ADDITIVE_AGGREGATIONS, Direction, Grain, Metric, Simple
from kputui.model.series import Failure, Span
from kputui.model.workspace import Project, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.cli.guess import GuessedMetric
    from kputui.model.series import Reading
    from kputui.model.workspace import Source

_BETTER = 0.05
"""How much better than today a guessed target is, as a share."""


@dataclass(frozen=True, slots=True)
class FirstGoal:
    """The days that the data covers, and the goal's dates and figures; `baseline` None for what adds up."""

    first: date
    last: date
    start: date
    due: date
    grain: Grain
    target: float
    baseline: float | None = None


def workspace_of(guessed: Sequence[GuessedMetric], source: Source, folder: str) -> Workspace:
    """A workspace of the guessed metrics alone, to compute them with."""
    metrics = {
        MetricId(metric.id): Metric(
            MetricId(metric.id), metric.kind, metric.label, Simple(SourceId("data"), metric.agg, metric.expr or "1")
        )
        for metric in guessed
    }
    return Workspace(folder, Project(), sources={SourceId("data"): source}, metrics=metrics)


def failures_of(workspace: Workspace) -> tuple[Mapping[MetricId, Failure], Span]:
    """The metrics that their columns cannot give, and the days that the data covers.

    Raises `DataError` when no metric can be computed.
    """
    from kputui.engine.compute import Engine  # noqa: PLC0415 - polars is imported only where it is needed

    readings: tuple[Reading, ...] = ()
    for batch in Engine(workspace).readings(Request(tuple(workspace.metrics), Grain.MONTH)):
        readings = batch
    failures = {reading.metric: reading.failure for reading in readings if reading.failure is not None}
    covered = [reading.series.covers for reading in readings if reading.series is not None and not reading.failure]
    if not covered:
        failure = next(iter(failures.values()), Failure("D09", "the file has no rows"))
        raise DataError(failure.code, failure.message, failure.hint)
    return failures, covered[0]


def first_goal(workspace: Workspace, kpi: GuessedMetric, covers: Span, by: date | None = None) -> FirstGoal:
    """Dates around the data's last year, and a target a little better than where the data's own pace leads.

    What adds up gets the total to reach by the due date (or the allowance not to use up); anything else
    is a level on its way from the value of its first weeks. `by`: the due date that people want.
    """
    from kputui.engine.compute import Engine  # noqa: PLC0415 - polars is imported only where it is needed

    last = covers.end - timedelta(days=1)
    start, due = goal_days(covers.start, last)
    due = by or due
    grain = grain_for((covers.end - covers.start).days)
    whole, early = Span(start, covers.end), Span(start, min(covers.end, start + timedelta(days=_EARLY[grain])))
    name = MetricId(kpi.id)
    values = Engine(workspace).span_values([(name, whole), (name, early)])
    actual, before = (_value(values[name, span]) for span in (whole, early))
    if kpi.agg in ADDITIVE_AGGREGATIONS:
        share = (covers.end - start).days / ((due - start).days + 1)
        return FirstGoal(covers.start, last, start, due, grain, _better(actual / share, kpi))
    baseline = nice(before)
    return FirstGoal(covers.start, last, start, due, grain, _better(actual, kpi, away_from=baseline), baseline)


_EARLY = {Grain.DAY: 7, Grain.WEEK: 28, Grain.MONTH: 90}
"""Over so many days a level's baseline is taken: one period alone would be chance."""


def goal_days(first: date, last: date) -> tuple[date, date]:
    """A goal's start and due date: the data's last year, and the next one when that is nearly over."""
    start = max(first, last.replace(month=1, day=1))
    is_nearly_over = (last.replace(month=12, day=31) - last).days < 60
    return start, date(last.year + is_nearly_over, 12, 31)


def grain_for(days: int) -> Grain:
    """The grain that gives a chart of some ten to a hundred and fifty periods."""
    return Grain.DAY if days < 60 else Grain.WEEK if days < 3 * 366 else Grain.MONTH


def nice(value: float) -> float:
    """`value` with three significant digits, as people write targets."""
    return float(f"{value:.3g}")


def _better(value: float, kpi: GuessedMetric, away_from: float | None = None) -> float:
    """A value a little better, never the same as the baseline, and a share never beyond 0 and 1."""
    is_rising = kpi.direction is Direction.INCREASE

    def beyond(start: float) -> float:
        step = max(abs(value) * _BETTER, abs(away_from or 0.0) * _BETTER / 2) or 1.0
        if kpi.is_share:
            step = min(step, (1 - start) / 2 if is_rising else start / 2)
        return nice(start + step if is_rising else start - step)

    asked = beyond(value)
    if away_from is not None and (asked <= away_from if is_rising else asked >= away_from):
        return beyond(away_from)
    return asked


def _value(found: object) -> float:
    """The value of a span; 0 where there is none, so that people at least see the line to change."""
    value = getattr(found, "value", None)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
