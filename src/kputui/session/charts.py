"""Charts: what a detail draws, as values by period, reference lines and marks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.analysis.periods import periods_until
from kputui.analysis.plan import contexts_of, evening, expected, plan_of
from kputui.model.goal import OVER_ALL, GoalKind
from kputui.session.events import EventKind, events_of
from kputui.session.explaining import is_ever_negative
from kputui.session.fans import fan_of
from kputui.session.views import ChartView, LineView, MarkView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kputui.analysis.pace import Pace
    from kputui.model.goal import Context, Goal
    from kputui.model.metric import Metric
    from kputui.model.series import Series
    from kputui.session.figures import Figures

CHART_PERIODS = 60
MAX_PERIODS = 400
_SAID = frozenset({EventKind.NOTE, EventKind.INTERVENTION})


def metric_chart(figures: Figures, metric: Metric) -> ChartView | None:
    """The metric's last periods with its dated target; None without a period."""
    reading = figures.readings.get(metric.id)
    series = reading.series if reading else None
    if series is None or not series.starts:
        return None
    first = max(0, len(series.starts) - CHART_PERIODS)
    starts, ends = series.starts[first:], series.ends[first:]
    running, cut = edges(series, first)
    targets = tuple(metric.target_on(end - timedelta(days=1)) for end in ends)
    lines = (LineView("target", targets),) if any(target is not None for target in targets) else ()
    index_of = {start: index for index, start in enumerate(starts)}
    return ChartView(
        metric.grain,
        starts,
        series.values[first:],
        running,
        cut,
        (*lines, *_limit_lines(figures, metric, index_of)),
        _event_marks(figures, metric, starts[0], ends[-1]),
        metric.format,
        metric.unit,
        _signalled(figures, metric, index_of),
    )


def _limit_lines(figures: Figures, metric: Metric, index_of: Mapping[date, int]) -> Iterator[LineView]:
    """The natural limits and the mean of each phase, over the periods that are shown.

    While new values are on show whose chart is not drawn yet, the limits are those of the values before.
    """
    chart = figures.signals.get(metric.id)
    if chart is None or not chart.limits:
        return
    names = ("limits", "limits", "mean")
    drawn: list[list[float | None]] = [[None] * len(index_of) for _ in names]
    has_negative = is_ever_negative(figures, metric)
    for limits in chart.limits:
        for number, values in enumerate(zip(limits.upper, limits.lower, limits.centre, strict=True), limits.first):
            index = index_of.get(chart.starts[number])
            if index is not None:
                for line, value in zip(drawn, values, strict=True):
                    line[index] = value
    for name, line in zip(names, drawn, strict=True):
        shown = tuple(value if value is not None and (value >= 0 or has_negative) else None for value in line)
        if any(value is not None for value in shown):
            yield LineView(name, shown)


def _signalled(figures: Figures, metric: Metric, index_of: Mapping[date, int]) -> tuple[int, ...]:
    chart = figures.signals.get(metric.id)
    signals = chart.signals if chart is not None else ()
    return tuple(sorted({index_of[signal.start] for signal in signals if signal.start in index_of}))


def _event_marks(figures: Figures, metric: Metric, start: date, behind: date) -> tuple[MarkView, ...]:
    """What happened in [start, behind): planned slow times, notes, and the days from which somebody else was owner."""
    factors = {(zone.start, zone.end, zone.note): zone.pace_factor for zone in figures.workspace.contexts}
    return tuple(
        MarkView(
            event.start,
            event.end,
            event.words,
            factors.get((event.start, event.end, event.words), 1.0) if event.kind is EventKind.CONTEXT else 1.0,
            is_owner=event.kind is EventKind.OWNER,
        )
        for event in events_of(figures, metric)
        if event.start < behind and event.end >= start
    )


def goal_chart(figures: Figures, goal: Goal, metric: Metric, pace: Pace) -> ChartView | None:
    """A goal's way from start to due date: what was reached at each period's end, and what the plan asks."""
    plan = plan_of(goal, figures.workspace.contexts, pace.baseline, pace.curve)
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
    ahead = periods_until(metric.grain, ends[-1], goal.due + timedelta(days=1), MAX_PERIODS - len(starts))
    starts += [start for start, _ in ahead]
    ends += [end for _, end in ahead]
    values += [None] * len(ahead)
    running, cut = edges(series, first)
    is_kept = running is None and len(starts) > len(inside)
    return ChartView(
        metric.grain,
        tuple(starts),
        tuple(values),
        len(inside) if is_kept else running,
        cut if goal.id not in figures.cumulated else 0,
        _goal_lines(plan_values(figures, goal, pace, ends), goal, pace),
        _goal_marks(figures, goal, metric, starts[0], ends[-1]),
        metric.format,
        metric.unit,
        fan=fan_of(
            figures.outlooks.get(goal.id), starts, values, f"of each {metric.grain}" if pace.kind in OVER_ALL else ""
        ),
    )


def plan_values(figures: Figures, goal: Goal, pace: Pace, ends: Sequence[date]) -> tuple[float | None, ...]:
    """What the goal's plan asks by the end of each period, at most by its due date."""
    plan = plan_of(goal, figures.workspace.contexts, pace.baseline, pace.curve)
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


def edges(series: Series, first: int) -> tuple[int | None, int]:
    """The first running period, and how many are cut, counted from index `first`."""
    indexes = range(first, len(series.starts))
    running = next((index - first for index in indexes if series.is_running(index)), None)
    return running, sum(1 for index in indexes if series.is_cut(index))


def _goal_marks(figures: Figures, goal: Goal, metric: Metric, start: date, behind: date) -> tuple[MarkView, ...]:
    """The goal's contexts, and the notes and interventions about it or what measures it, by their first day."""
    zones = _marks(contexts_of(goal, figures.workspace.contexts), start, behind)
    notes = (
        MarkView(event.start, event.end, event.words)
        for event in events_of(figures, metric)
        if event.kind in _SAID and event.start < behind and event.end >= start
    )
    return tuple(sorted((*zones, *notes), key=lambda mark: (mark.start, mark.end, mark.label)))


def _marks(zones: Sequence[Context], start: date, behind: date) -> tuple[MarkView, ...]:
    """The contexts that touch [start, behind)."""
    return tuple(
        MarkView(zone.start, zone.end, zone.note, zone.pace_factor)
        for zone in zones
        if zone.start < behind and zone.end >= start
    )
