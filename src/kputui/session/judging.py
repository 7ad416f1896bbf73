"""Judging goals: which spans their pace needs, and the pace made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.analysis.pace import Measured, Pace, judge, kind_of
from kputui.analysis.rates import RECENT_DAYS, recent_change
from kputui.analysis.season_curve import MOST_YEARS, season_curve, year_before
from kputui.engine.request import Request
from kputui.model.goal import GoalKind, PlanKind
from kputui.model.metric import Grain
from kputui.model.series import Failure, Series, Span, SpanValue
from kputui.session.words import day_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Protocol

    from kputui.analysis.season_curve import Curve
    from kputui.model.goal import Goal
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.metric import Metric
    from kputui.model.series import Reading
    from kputui.model.workspace import Workspace

    class SpanEngine(Protocol):
        """The part of the engine that judging needs."""

        def span_values(
            self, wanted: Sequence[tuple[MetricId, Span]], last_day: date | None = None
        ) -> Mapping[tuple[MetricId, Span], SpanValue | Failure]:
            """Values over stretches of days, from rows."""
            ...

        def readings(self, request: Request) -> Iterator[tuple[Reading, ...]]:
            """Series by period; the last batch is complete."""
            ...


@dataclass(frozen=True, slots=True)
class Judged:
    """The paces of the goals, and for sum goals the actual so far at the end of each period."""

    paces: Mapping[GoalId, Pace]
    cumulated: Mapping[GoalId, Series]


@dataclass(frozen=True, slots=True)
class _Question:
    """A goal with its measure and the spans to ask for; `whole` and `recent` are None for levels."""

    goal: Goal
    metric: Metric
    kind: GoalKind
    series: Series
    as_of: date
    whole: Span | None
    recent: Span | None


def judge_goals(
    engine: SpanEngine,
    workspace: Workspace,
    readings: Mapping[MetricId, Reading],
    last_day: date,
    goals: Sequence[Goal] | None = None,
) -> Judged:
    """The pace of each measured goal (of `goals` only, when given).

    A goal whose measure failed is "no data", with the failure's message as its note.
    """
    paces: dict[GoalId, Pace] = {}
    questions: list[_Question] = []
    for goal in goals if goals is not None else tuple(workspace.goals.values()):
        metric = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
        if metric is None:
            continue
        reading = readings.get(metric.id)
        if reading is None or reading.series is None:
            paces[goal.id] = _without_data(workspace, goal, metric, last_day, reading.failure if reading else None)
        else:
            questions.append(_question(goal, metric, reading.series, last_day))
    curves = _curves(engine, questions, last_day)
    wanted = dict.fromkeys(
        (question.metric.id, span) for question in questions for span in (question.whole, question.recent) if span
    )
    found = engine.span_values(tuple(wanted), last_day=last_day) if wanted else {}
    for question in questions:
        paces[question.goal.id] = _pace(workspace, question, found, last_day, curves.get(question.goal.id))
    return Judged(paces, _cumulated(engine, questions, paces, last_day))


def _without_data(workspace: Workspace, goal: Goal, metric: Metric, last_day: date, failure: Failure | None) -> Pace:
    pace = judge(goal, metric, Measured(None, None), contexts=workspace.contexts, last_day=last_day)
    return replace(pace, notes=(failure.message,)) if failure is not None else pace


def _question(goal: Goal, metric: Metric, series: Series, last_day: date) -> _Question:
    kind = kind_of(goal, metric)
    limits = (last_day, series.covers.end - timedelta(days=1), goal.due)
    as_of = min(limit for limit in limits if limit is not None)
    behind = as_of + timedelta(days=1)
    if kind is GoalKind.LEVEL or goal.start is None or as_of < goal.start:
        return _Question(goal, metric, kind, series, as_of, None, None)
    first = max(behind - timedelta(days=RECENT_DAYS), min(series.covers.start, as_of))
    return _Question(goal, metric, kind, series, as_of, Span(goal.start, behind), Span(first, behind))


def _pace(
    workspace: Workspace,
    question: _Question,
    found: Mapping[tuple[MetricId, Span], SpanValue | Failure],
    last_day: date,
    curve: Curve | None = None,
) -> Pace:
    goal, metric, series = question.goal, question.metric, question.series
    behind = question.as_of + timedelta(days=1)
    history = [
        (Span(series.starts[index], series.ends[index]), value)
        for index in series.whole
        if series.ends[index] <= behind and (value := series.values[index]) is not None and math.isfinite(value)
    ]
    notes: tuple[str, ...] = ()
    if question.kind is GoalKind.LEVEL:
        measured = _level(goal, history, question.as_of)
    elif question.whole is None or question.recent is None:
        measured = Measured(question.as_of, None, history=history)
    else:
        whole, recent = found.get((metric.id, question.whole)), found.get((metric.id, question.recent))
        notes = (whole.message,) if isinstance(whole, Failure) else _lateness(question.whole, series)
        days = (question.recent.end - question.recent.start).days
        rows = whole.rows if isinstance(whole, SpanValue) else 0
        measured = Measured(question.as_of, _value(whole), _value(recent), days, history, rows=rows, curve=curve)
    pace = judge(goal, metric, measured, contexts=workspace.contexts, last_day=last_day)
    return replace(pace, notes=(*pace.notes, *notes)) if notes else pace


def _lateness(whole: Span, series: Series) -> tuple[str, ...]:
    """That no row lies in the first period of a goal's time: what was before is not in its actual."""
    if not series.starts or series.starts[0] <= whole.start:
        return ()
    return (f"the data begins on {day_words(series.covers.start)}, after the goal's start",)


def _value(found: SpanValue | Failure | None) -> float | None:
    return found.value if isinstance(found, SpanValue) else None


def _level(goal: Goal, history: Sequence[tuple[Span, float]], as_of: date) -> Measured:
    """A level is what the newest whole period says, and holds at the end of that period.

    On the due date's evening the period that ended last before it says what was reached: no later one counts.
    """
    if not history:
        return Measured(None, None)
    newest, actual = history[-1]
    baseline = next(
        (value for span, value in reversed(history) if goal.start and span.end <= goal.start), history[0][1]
    )
    change, days = recent_change(history) or (None, RECENT_DAYS)
    is_begun = goal.start is not None and newest.end > goal.start
    held_on = as_of if is_begun and as_of == goal.due else newest.end - timedelta(days=1)
    return Measured(held_on, actual, change, days, history, baseline)


def _curves(engine: SpanEngine, questions: Sequence[_Question], last_day: date) -> dict[GoalId, Curve]:
    """The season of each sum with a seasonal plan, from the daily values of the years before its start."""
    seasonal = [
        (question, question.whole.start)
        for question in questions
        if question.goal.plan is PlanKind.SEASONAL and question.kind is GoalKind.SUM and question.whole
    ]
    if not seasonal:
        return {}
    metrics = tuple(dict.fromkeys(question.metric.id for question, _ in seasonal))
    first = min(year_before(start, min(MOST_YEARS, start.year - 1)) for _, start in seasonal)
    daily = _daily(engine, metrics, first, last_day)
    made = (
        (question.goal.id, season_curve(daily[question.metric.id], start))
        for question, start in seasonal
        if question.metric.id in daily
    )
    return {goal: curve for goal, curve in made if curve is not None}


def _daily(engine: SpanEngine, metrics: tuple[MetricId, ...], start: date, last_day: date) -> dict[MetricId, Series]:
    """The values by day from `start` on, of those metrics that have any."""
    daily: dict[MetricId, Series] = {}
    for batch in engine.readings(Request(metrics, grain=Grain.DAY, start=start, last_day=last_day)):
        daily |= {reading.metric: reading.series for reading in batch if reading.series is not None}
    return daily


def _cumulated(
    engine: SpanEngine, questions: Sequence[_Question], paces: Mapping[GoalId, Pace], last_day: date
) -> dict[GoalId, Series]:
    """For each sum goal: the sum of days from its start to each period's end, when the days add up to the actual."""
    sums = [question for question in questions if question.kind is GoalKind.SUM and question.whole]
    if not sums:
        return {}
    metrics = tuple(dict.fromkeys(question.metric.id for question in sums))
    start = min(question.whole.start for question in sums if question.whole)
    daily = _daily(engine, metrics, start, last_day)
    found = {}
    for question in sums:
        pace = paces[question.goal.id]
        days = daily.get(question.metric.id)
        if days is not None and question.whole is not None and pace.actual is not None:
            series = _running_sums(question.series, days, question.whole)
            if series.values and math.isclose(series.values[-1] or 0.0, pace.actual, rel_tol=1e-6, abs_tol=1e-9):
                found[question.goal.id] = series
    return found


def _running_sums(series: Series, days: Series, whole: Span) -> Series:
    """The sum since `whole.start` at the end of each of the series's periods, at most up to `whole.end`."""
    kept = [
        index
        for index in range(len(series.starts))
        if series.ends[index] > whole.start and series.starts[index] < whole.end
    ]
    sums, total, position = [], 0.0, 0
    for index in kept:
        while position < len(days.starts) and days.starts[position] < min(series.ends[index], whole.end):
            if days.starts[position] >= whole.start:
                total += days.values[position] or 0.0
            position += 1
        sums.append(total)
    return Series(
        series.metric,
        series.grain,
        tuple(series.starts[index] for index in kept),
        tuple(series.ends[index] for index in kept),
        tuple(sums),
        tuple(series.rows[index] for index in kept),
        series.covers,
    )
