"""Charts: what a detail draws, as values by period, reference lines and marks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.analysis.plan import contexts_of, evening, expected, plan_of
from kputui.model.goal import GoalKind
from kputui.model.metric import Grain, MetricKind
from kputui.session.history import assignees_of, day_of, owner_changes, value_words
from kputui.session.fans import fan_of
from kputui.session.views import ChartView, LineView, MarkView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.analysis.pace import Pace
    from kputui.model.goal import Context, Goal
    from kputui.model.ids import GoalId
    from kputui.model.metric import Metric
    from kputui.model.series import Series
    from kputui.session.figures import Figures

CHART_PERIODS = 60
MAX_PERIODS = 400


def metric_chart(figures: Figures, metric: Metric) -> ChartView | None:
    """The metric's last periods with its dated target; None without a period."""
    reading = figures.readings.get(metric.id)
    series = reading.series if reading else None
    if series is None or not series.starts:
        return None
    first = max(0, len(series.starts) - CHART_PERIODS)
    starts, ends = series.starts[first:], series.ends[first:]
    running, cut = _edges(series, first)
    targets = tuple(metric.target_on(end - timedelta(days=1)) for end in ends)
    lines = (LineView("target", targets),) if any(target is not None for target in targets) else ()
    goals = set(metric.goals) | {goal.id for goal in figures.workspace.goals.values() if goal.measured_by == metric.id}
    zones = [zone for zone in figures.workspace.contexts if _touches(zone, metric, goals)]
    return ChartView(
        metric.grain,
        starts,
        series.values[first:],
        running,
        cut,
        lines,
        _in_order((*_marks(zones, starts[0], ends[-1]), *_owner_marks(figures, metric, starts[0], ends[-1]))),
        metric.format,
        metric.unit,
    )


def _touches(zone: Context, metric: Metric, goals: set[GoalId]) -> bool:
    """Whether a context marks the metric: it names it, or names its goal and no metric, or names nothing."""
    if zone.metrics:
        return metric.id in zone.metrics
    return not zone.goals or bool(goals & set(zone.goals))


def goal_chart(figures: Figures, goal: Goal, metric: Metric, pace: Pace) -> ChartView | None:
    """A goal's way from start to due date: what was reached at each period's end, and what the plan asks."""
    plan = plan_of(goal, figures.workspace.contexts, pace.baseline)
    reading = figures.readings.get(metric.id)
    own = reading.series if reading else None
    series = figures.cumulated.get(goal.id, own)
    if plan is None or goal.start is None or goal.due is None or series is None or not series.starts:
        return metric_chart(figures, metric)
    inside = [index for index in range(len(series.starts)) if series.ends[index] > goal.start]
    inside = [index for index in inside if series.starts[index] <= goal.due][-MAX_PERIODS:]
    if not inside:
        return metric_chart(figures, metric)
    first = inside[0]
    starts = [series.starts[index] for index in inside]
    ends = [series.ends[index] for index in inside]
    values = [series.values[index] for index in inside]
    while ends[-1] <= goal.due and ends[-1].year < date.max.year and len(starts) < MAX_PERIODS:
        starts.append(ends[-1])
        ends.append(following(metric.grain, starts[-1]))
        values.append(None)
    running, cut = _edges(series, first)
    is_kept = running is None and len(starts) > len(inside)
    return ChartView(
        metric.grain,
        tuple(starts),
        tuple(values),
        len(inside) if is_kept else running,
        cut if goal.id not in figures.cumulated else 0,
        _goal_lines(plan_values(figures, goal, pace, ends), goal, pace),
        _marks(contexts_of(goal, figures.workspace.contexts), starts[0], ends[-1]),
        metric.format,
        metric.unit,
        fan=fan_of(figures.outlooks.get(goal.id), starts, values),
    )


def plan_values(figures: Figures, goal: Goal, pace: Pace, ends: Sequence[date]) -> tuple[float | None, ...]:
    """What the goal's plan asks by the end of each period, at most by its due date."""
    plan = plan_of(goal, figures.workspace.contexts, pace.baseline)
    if plan is None or pace.target is None:
        return tuple(None for _ in ends)
    if pace.kind in {GoalKind.RATIO, GoalKind.MAINTAIN} or pace.baseline is None:
        return tuple(pace.target for _ in ends)
    baseline, target = pace.baseline, pace.target
    return tuple(expected(baseline, target, plan.share(evening(end - timedelta(days=1)))) for end in ends)


def _goal_lines(plan: tuple[float | None, ...], goal: Goal, pace: Pace) -> tuple[LineView, ...]:
    is_flat = pace.kind in {GoalKind.RATIO, GoalKind.MAINTAIN}
    lines = [LineView("target" if is_flat else "plan", plan)]
    if goal.target is not None and not is_flat and pace.kind is GoalKind.LEVEL:
        lines.append(LineView("target", tuple(goal.target for _ in plan)))
    return tuple(lines)


def _edges(series: Series, first: int) -> tuple[int | None, int]:
    """The first running period, and how many are cut, counted from index `first`."""
    indexes = range(first, len(series.starts))
    running = next((index - first for index in indexes if series.is_running(index)), None)
    return running, sum(1 for index in indexes if series.is_cut(index))


def _marks(zones: Sequence[Context], start: date, behind: date) -> tuple[MarkView, ...]:
    """The contexts that touch [start, behind)."""
    return tuple(
        MarkView(zone.start, zone.end, zone.note, zone.pace_factor)
        for zone in zones
        if zone.start < behind and zone.end >= start
    )


def _in_order(marks: tuple[MarkView, ...]) -> tuple[MarkView, ...]:
    """The marks by their first day."""
    return tuple(sorted(marks, key=lambda mark: mark.start))


def _owner_marks(figures: Figures, metric: Metric, start: date, behind: date) -> tuple[MarkView, ...]:
    """The days in [start, behind) from which somebody else was accountable for a CPI."""
    if figures.state is None or metric.kind is not MetricKind.CPI:
        return ()
    marks = []
    for change in owner_changes(figures.state, metric.id):
        day = day_of(figures.workspace, change)
        if start <= day < behind and assignees_of(change.before) != assignees_of(change.after):
            words = value_words(figures.workspace, change.cell, change.after)
            marks.append(MarkView(day, day, f"accountable: {words}", is_owner=True))
    return tuple(marks)


def following(grain: Grain, start: date) -> date:
    """The start of the period after the one that starts on `start`."""
    if grain is Grain.DAY:
        return start + timedelta(days=1)
    if grain is Grain.WEEK:
        return start + timedelta(days=7)
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain]
    month = start.month - 1 + months
    return date(start.year + month // 12, month % 12 + 1, 1)
