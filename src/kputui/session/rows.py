"""The goals pane's rows: the hierarchy with KPIs, their CPIs and guardrails; at the foot what supports no goal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.analysis.targets import is_small_sample, meets_target
from kputui.model.link import LinkState
from kputui.model.metric import MetricKind, NumberFormat
from kputui.review import metrics_of, unsupporting
from kputui.session.accountability import link_state_on
from kputui.session.alike import goal_names
from kputui.session.goal_tree import in_tree_order, state_of
from kputui.session.question_views import WORD as QUESTION
from kputui.session.question_views import is_questioned
from kputui.session.views import Quantity, RowKind, RowView, Tone
from kputui.session.words import GOAL_TONES, JUDGEMENT, LINK_TONES, count_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kputui.model.goal import Goal
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.metric import Metric
    from kputui.session.accountability import LinkStanding
    from kputui.session.figures import Figures

SPARK_PERIODS = 24
_ROW_KINDS = {
    MetricKind.KPI: RowKind.KPI,
    MetricKind.CPI: RowKind.CPI,
    MetricKind.GUARDRAIL: RowKind.GUARDRAIL,
    MetricKind.DIAGNOSTIC: RowKind.DIAGNOSTIC,
}
FOOT = "heading:unsupported"


def board_rows(figures: Figures) -> tuple[RowView, ...]:
    """All rows in order. Keys: `goal:G`, `kpi:G/M`, `cpi:G/K/M`, `guard:G/K/M`, `foot:M` and the heading's."""
    rows: list[RowView] = []
    names = goal_names(figures.workspace)
    for goal, depth in in_tree_order(tuple(figures.workspace.goals.values())):
        rows.append(_goal_row(figures, goal, names[goal.id], depth))
        for metric in metrics_of(figures.workspace, goal.id):
            rows.extend(_metric_rows(figures, goal.id, metric, depth + 1))
    rows.extend(_foot_rows(figures))
    parents = {row.parent for row in rows}
    return tuple(replace(row, has_children=True) if row.key in parents else row for row in rows)


def _goal_row(figures: Figures, goal: Goal, name: str, depth: int) -> RowView:
    pace = figures.paces.get(goal.id)
    state = state_of(figures.workspace, figures.paces, goal.id)
    word = state.value if state is not None else "no plan" if pace is not None else ""
    return RowView(
        f"goal:{goal.id}",
        RowKind.GOAL,
        depth,
        name,
        goal=goal.id,
        parent=f"goal:{goal.parent}" if goal.parent in figures.workspace.goals else None,
        pace=pace.pace_index if pace else None,
        is_burn=bool(pace and pace.is_burn),
        state=word,
        tone=GOAL_TONES[state] if state is not None else Tone.MUTED,
    )


def _metric_rows(figures: Figures, goal: GoalId, metric: Metric, depth: int) -> Iterator[RowView]:
    """A metric under its goal, with the CPIs linked to it and its guardrails."""
    workspace = figures.workspace
    key = f"kpi:{goal}/{metric.id}"
    yield _judged_row(figures, key, goal, metric, depth, f"goal:{goal}")
    linked = dict.fromkeys(link.cpi for link in workspace.links if link.kpi == metric.id)
    for cpi in (workspace.metrics[name] for name in linked if name in workspace.metrics):
        cpi_key = f"cpi:{goal}/{metric.id}/{cpi.id}"
        standing = link_standing(figures, cpi.id, metric.id)
        row = metric_row(figures, cpi_key, cpi, depth + 1, key, goal)
        yield _spoken(figures, row, cpi, standing_words(standing), LINK_TONES[standing.state])
        for guard in cpi.guardrails:
            yield from _guard_row(
                figures, f"guard:{goal}/{metric.id}/{cpi.id}/{guard}", guard, depth + 2, cpi_key, goal
            )
    for guard in metric.guardrails:
        yield from _guard_row(figures, f"guard:{goal}/{metric.id}/{guard}", guard, depth + 1, key, goal)


def _judged_row(figures: Figures, key: str, goal: GoalId, metric: Metric, depth: int, parent: str) -> RowView:
    """A KPI: with its goal's pace when it measures the goal, else with its own dated target."""
    row = metric_row(figures, key, metric, depth, parent, goal)
    pace = figures.paces.get(goal)
    if figures.workspace.goals[goal].measured_by == metric.id and pace is not None:
        tone = GOAL_TONES[pace.state] if pace.state is not None else Tone.PLAIN
        return _spoken(figures, replace(row, pace=pace.pace_index, is_burn=pace.is_burn), metric, "", tone)
    return _spoken(figures, row, metric, _target_word(figures, metric), Tone.PLAIN)


def _guard_row(figures: Figures, key: str, guard: MetricId, depth: int, parent: str, goal: GoalId) -> Iterator[RowView]:
    metric = figures.workspace.metrics.get(guard)
    if metric is None:
        return
    row = replace(metric_row(figures, key, metric, depth, parent, goal), kind=RowKind.GUARDRAIL)
    holds = is_met(figures, metric)
    if holds is None:
        yield _spoken(figures, row, metric, _target_word(figures, metric), Tone.PLAIN)
    else:
        yield _spoken(figures, row, metric, "ok" if holds else "worse", Tone.PLAIN if holds else Tone.CAUTION)


def _foot_rows(figures: Figures) -> Iterator[RowView]:
    metrics = unsupporting(figures.workspace)
    if not metrics:
        return
    words = count_words(len(metrics), "metric supports no goal", "metrics support no goal")
    yield RowView(FOOT, RowKind.HEADING, 0, words, tone=Tone.MUTED)
    for metric in metrics:
        row = metric_row(figures, f"foot:{metric.id}", metric, 1, FOOT, None)
        yield _spoken(figures, row, metric, "", Tone.MUTED)


def metric_row(
    figures: Figures, key: str, metric: Metric, depth: int, parent: str | None, goal: GoalId | None
) -> RowView:
    """A metric's name with the newest whole period's value and the last periods as a sparkline."""
    reading = figures.readings.get(metric.id)
    series = reading.series if reading else None
    row = RowView(
        key,
        _ROW_KINDS[metric.kind],
        depth,
        metric.label or metric.id,
        goal=goal,
        metric=metric.id,
        parent=parent,
        unit=_widest_unit(metric),
    )
    if series is None:
        return row
    newest = series.newest_whole
    shown = [index for index in range(len(series.starts))[-SPARK_PERIODS:] if not series.is_cut(index)]
    return replace(
        row,
        quantity=Quantity(None if newest is None else series.values[newest], metric.format, metric.unit),
        spark=tuple(series.values[index] for index in shown),
        is_last_running=bool(shown) and series.is_running(shown[-1]),
        age_s=figures.age_s(metric.id),
        computed_at=figures.computed_at(metric.id),
    )


def _widest_unit(metric: Metric) -> str:
    """The widest unit that a value of the metric can be written with."""
    if metric.format.value.startswith("percent"):
        return "%"
    return "min" if metric.format is NumberFormat.DURATION else metric.unit


def _spoken(figures: Figures, row: RowView, metric: Metric, state: str, tone: Tone) -> RowView:
    """The row with its word; a failure or missing data speaks first, unless an older value is still shown."""
    reading = figures.readings.get(metric.id)
    if reading is None:
        return replace(row, state=state if row.kind is RowKind.CPI else "", tone=tone)
    if reading.series is None:
        failure = reading.failure
        return replace(row, state=f"error {failure.code}" if failure else "no data", tone=Tone.CAUTION)
    if row.quantity is not None and row.quantity.value is None and row.kind is not RowKind.CPI:
        return replace(row, state="no data", tone=Tone.MUTED)
    from kputui.session.explaining import SIGNAL_TONES, open_variation  # noqa: PLC0415 - no start has a reading

    variation = open_variation(figures, metric)
    if is_questioned(figures, metric.id, is_weighty=variation is not None):
        return replace(row, state=QUESTION, tone=Tone.CAUTION)
    if variation is not None:
        word = "signal" if variation.value == "change" else variation.value
        return replace(row, state=word, tone=SIGNAL_TONES[variation], has_signal=True)
    return replace(row, state=state, tone=tone)


def _target_word(figures: Figures, metric: Metric) -> str:
    holds = is_met(figures, metric)
    if holds is not None:
        return "meets" if holds else "misses"
    return "no target" if not metric.targets else ""


def is_met(figures: Figures, metric: Metric) -> bool | None:
    """Whether the newest whole period meets the target that was in force on its last day; None of a small sample."""
    reading = figures.readings.get(metric.id)
    series = reading.series if reading else None
    newest = series.newest_whole if series else None
    if series is None or newest is None or is_small_sample(metric, series.rows[newest]):
        return None
    return meets_target(metric, series.values[newest], date_before(series.ends[newest]))


def date_before(day: date) -> date:
    """The day before."""
    return day.fromordinal(day.toordinal() - 1)


def link_standing(figures: Figures, cpi: MetricId, kpi: MetricId) -> LinkStanding:
    """A link's state on the board's day: what was decided, a confirmation expired when its grounds changed."""
    return link_state_on(figures.workspace, figures.ownership, cpi, kpi, figures.clock.today, figures.evidence)


def standing_words(standing: LinkStanding) -> str:
    """A link's state in one short word; a judgement without a test is not called confirmed there."""
    is_judged = standing.decision is not None and standing.decision.method == JUDGEMENT
    return "judged" if is_judged and standing.state is LinkState.CONFIRMED else standing.state.value
