"""A metric's detail: newest whole value, target, running period, facts, links, owner, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.targets import is_small_sample, meets_target
from kputui.engine.codes import DATA_TESTS
from kputui.model.cell import LinkCell, RoleCell
from kputui.model.link import LinkState
from kputui.model.metric import MetricKind
from kputui.model.ownership import Role
from kputui.review import inputs_of
from kputui.session.accountability import best_state_on
from kputui.session.charts import metric_chart
from kputui.session.explaining import chart_notes, effects_of, signal_facts, signals_of
from kputui.session.figures import sources_of
from kputui.session.goal_detail import pace_facts, reach_facts
from kputui.session.history import metric_history
from kputui.session.link_words import brief_words
from kputui.session.provenance_facts import provenance_facts
from kputui.session.quantities import difference_of
from kputui.session.question_views import question_facts, question_notes
from kputui.session.rows import date_before, link_standing
from kputui.session.views import DetailView, Fact, Quantity, Tone
from kputui.session.words import (
    GOAL_TONES,
    assignee_words,
    count_words,
    day_words,
    decision_words,
    expect_words,
    lag_words,
    listed,
    period_words,
    person_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.cell import Cell
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.metric import Metric
    from kputui.model.ownership import Assignment
    from kputui.model.series import Reading, Series
    from kputui.session.accountability import LinkStanding
    from kputui.session.figures import Figures

MAX_CHANGES = 5
"""How many changes a detail lists; the history has them all."""


def metric_detail(figures: Figures, key: str, metric: Metric, goal: GoalId | None = None) -> DetailView:
    """All about one metric; under a goal that it measures also the goal's pace."""
    reading = figures.readings.get(metric.id)
    series = reading.series if reading else None
    facts: list[Fact] = []
    pace = figures.paces.get(goal) if goal is not None else None
    if goal is not None and pace is not None and figures.workspace.goals[goal].measured_by == metric.id:
        if pace.state is not None:
            facts.append(Fact("goal", text=pace.state.value, tone=GOAL_TONES[pace.state]))
        facts.extend(pace_facts(metric, pace))
        facts.extend(reach_facts(pace))
    facts.extend(question_facts(figures, metric.id))
    facts.extend(signal_facts(figures, metric))
    facts.extend(_facts(figures, metric, series))
    return DetailView(
        key,
        _title(figures, metric),
        tuple(_headline(metric, series)) if series is not None else _without_series(reading),
        metric_chart(figures, metric),
        tuple(facts),
        tuple(_links(figures, metric)),
        _owner(figures, metric) if metric.kind is MetricKind.CPI else "",
        (
            *_data_notes(figures, reading),
            *_test_notes(figures, metric),
            *question_notes(figures, metric.id),
            *chart_notes(figures, metric),
            *_background(figures, metric),
        ),
        tuple(provenance_facts(figures, reading)) if reading is not None else (),
        tuple(_changes(figures, metric)) if metric.kind is MetricKind.CPI else (),
        signals=signals_of(figures, metric),
        effects=effects_of(figures, metric),
        grain=metric.grain,
        dimensions=metric.dimensions,
        grains=figures.workspace.all_grains,
    )


def _without_series(reading: Reading | None) -> tuple[Fact, ...]:
    """What stands in the headline's place: nothing while computing, else why there is no value."""
    if reading is None:
        return ()
    if reading.failure is None:
        return (Fact("", text="no data"),)
    return (Fact("", text=reading.failure.message, tone=Tone.BAD),)


def _data_notes(figures: Figures, reading: Reading | None) -> Iterator[str]:
    """The age of old values, the failure with its code and hint, and what the engine noticed."""
    if reading is None:
        return
    if reading.is_stale:
        at = figures.computed_at(reading.metric)
        moment = f"{at:%H:%M} on {day_words(at.date())}" if at is not None else "before"
        yield f"these values are from {moment}: the newest try failed"
    if reading.failure is not None:
        hint = f" ({reading.failure.hint})" if reading.failure.hint else ""
        yield f"{reading.failure.code}: {reading.failure.message}{hint}"
    yield from reading.notes


def _test_notes(figures: Figures, metric: Metric) -> Iterator[str]:
    """What the tests of the metric's sources found."""
    starts = tuple(f"sources.{name}." for name in sorted(sources_of(figures.workspace, metric.id)))
    for problem in figures.findings:
        if problem.code in DATA_TESTS and problem.key.startswith(starts):
            yield f"data test: {problem.message}"


def _title(figures: Figures, metric: Metric) -> tuple[str, ...]:
    stage = figures.workspace.stages.get(metric.stage) if metric.stage else None
    kind = metric.kind.upper() if metric.kind in {MetricKind.KPI, MetricKind.CPI} else metric.kind.value
    parts = (metric.label or metric.id, kind, stage.label if stage else "", metric.need.value if metric.need else "")
    return tuple(part for part in parts if part)


def _headline(metric: Metric, series: Series) -> Iterator[Fact]:
    newest = series.newest_whole
    if newest is None:
        yield Fact("", text="no whole period yet")
    else:
        value = series.values[newest]
        yield Fact(period_words(series.grain, series.starts[newest]), Quantity(value, metric.format, metric.unit))
        yield from _target(metric, series, newest)
        yield from change_facts(metric, series, newest)
    last = len(series.starts) - 1
    if last >= 0 and series.is_running(last):
        name = f"{period_words(series.grain, series.starts[last])}, running"
        yield Fact(name, Quantity(series.values[last], metric.format, metric.unit), tone=Tone.MUTED)


def _target(metric: Metric, series: Series, newest: int) -> Iterator[Fact]:
    """The target in force, and whether the newest whole period meets it; a small sample is not judged."""
    day = date_before(series.ends[newest])
    target = metric.target_on(day)
    if target is None:
        return
    is_small = is_small_sample(metric, series.rows[newest])
    is_met = None if is_small else meets_target(metric, series.values[newest], day)
    words = "" if is_met is None else "met" if is_met else "missed"
    yield Fact("target", Quantity(target, metric.format, metric.unit), words)


def change_facts(metric: Metric, series: Series, newest: int) -> Iterator[Fact]:
    """The change against the whole period before; withheld when there is none or it has no value."""
    before = newest - 1
    if before < 0 or not series.is_whole(before):
        return
    old, new = series.values[before], series.values[newest]
    if old is None or new is None:
        return
    name = f"against the {series.grain} before"
    if new == old:
        yield Fact(name, text="no change")
        return
    size = abs(new - old)
    yield Fact(name, difference_of(metric, size), "more" if new > old else "less")


def _facts(figures: Figures, metric: Metric, series: Series | None) -> Iterator[Fact]:
    if series is not None and series.newest_whole is not None:
        rows = series.rows[series.newest_whole]
        if is_small_sample(metric, rows):
            words = f"sample too small: {count_words(rows, 'row')}, {metric.min_sample} wanted"
            yield Fact("", text=words, tone=Tone.CAUTION)
    yield from _freshness(figures, metric)


def _background(figures: Figures, metric: Metric) -> Iterator[str]:
    """What people wrote about the metric: what it is, what it asks, who watches over it."""
    metrics = figures.workspace.metrics

    def names(ids: tuple[MetricId, ...]) -> str:
        return listed([metrics[name].label or name for name in ids if name in metrics])

    for name, text in (
        ("is", metric.description),
        ("made of", names(inputs_of(metric.definition))),
        ("asks", metric.question),
        ("found by", metric.discovered),
        ("guarded by", names(metric.guardrails)),
        ("could be cheated by", metric.gaming),
    ):
        if text:
            yield f"{name}: {text}"


def _freshness(figures: Figures, metric: Metric) -> Iterator[Fact]:
    """How old the newest row is, with what the sources promise."""
    reading = figures.readings.get(metric.id)
    newest = reading.provenance.newest if reading and reading.provenance else None
    if newest is None:
        return
    day = figures.local_day(newest)
    age = figures.clock.today - day
    promises = [
        source.freshness
        for name in sources_of(figures.workspace, metric.id)
        if (source := figures.workspace.sources.get(name)) is not None and source.freshness is not None
    ]
    is_error = any(promise.error_after is not None and age > promise.error_after for promise in promises)
    is_late = any(promise.warn_after is not None and age > promise.warn_after for promise in promises)
    tone = Tone.BAD if is_error else Tone.CAUTION if is_late else Tone.MUTED
    words = f"up to {day_words(day)}"
    if age.days > 0 and (is_late or is_error):
        words += f", {count_words(age.days, 'day')} old"
    yield Fact("data", text=words, tone=tone)


def _links(figures: Figures, metric: Metric) -> Iterator[str]:
    """The links in sentences; what leads what is a hypothesis until a person confirms it, and never a cause."""
    metrics = figures.workspace.metrics
    for link in figures.workspace.links:
        if link.cpi == metric.id and link.kpi in metrics:
            lead, told, other = "lead", "leads", metrics[link.kpi]
        elif link.kpi == metric.id and link.cpi in metrics:
            lead, told, other = "be led by", "led by", metrics[link.cpi]
        else:
            continue
        standing = link_standing(figures, link.cpi, link.kpi)
        sign = expect_words(link.expect)
        if standing.state is not LinkState.CONFIRMED:
            was = "was " if standing.state is LinkState.REFUTED else ""
            told, sign = f"{was}expected to {lead}", sign.removeprefix("expected ")
        words = f"{told} {other.label or other.id}, {sign}, {lag_words(link.lag)}"
        words = f"{words}: {link.mechanism}" if link.mechanism else words
        found = figures.evidence.get((link.cpi, link.kpi))
        said = f"; the data says: {brief_words(found)}" if found is not None else ""
        yield f"{_standing(standing)}: {words}{said}"


def _standing(standing: LinkStanding) -> str:
    """A link's state with its ground; an expired confirmation says why and asks for a decision."""
    if standing.state is LinkState.EXPIRED:
        return f"expired, {standing.why}, confirm it again or refute it"
    decision = standing.decision
    if decision is None:
        return standing.state.value
    words = decision_words(decision.state, decision.method)
    return words if not decision.decided_by else f"{words} by {person_words(decision.decided_by)}"


def _owner(figures: Figures, metric: Metric) -> str:
    """Who is accountable, since when, and whether that was before a link was confirmed."""
    assignment = figures.ownership.assignments.get(metric.id)
    if assignment is None:
        return "nobody is accountable yet"
    if assignment.accountable is None:
        words = "nobody is accountable yet"
    else:
        words = f"accountable {assignee_words(figures.workspace, assignment.accountable)}"
        if assignment.since is not None:
            words += f" since {day_words(assignment.since)}"
        words += _exception(figures, metric)
    return "; ".join([words, *_other_roles(figures, assignment)])


def _exception(figures: Figures, metric: Metric) -> str:
    """That somebody became accountable before a link was confirmed, and the written reason."""
    workspace, ownership, day = figures.workspace, figures.ownership, figures.clock.today
    if best_state_on(workspace, ownership, metric.id, day, figures.evidence) is not LinkState.CONFIRMED:
        reason = ownership.exceptions.get(metric.id, "")
        return ", before confirmation" + (f" ({reason})" if reason else "")
    return ", an exception when it was decided" if metric.id in ownership.exceptions else ""


def _changes(figures: Figures, metric: Metric) -> Iterator[str]:
    """Who became accountable and what was decided, newest first; a change stands beside the values, not as a cause."""
    if figures.state is None:
        return
    entries = metric_history(figures.workspace, figures.state, metric.id)
    shown = [entry for entry in entries if not entry.is_undone and entry.undoes is None and _is_shown(entry.cell)]
    for entry in shown[:MAX_CHANGES]:
        is_role = isinstance(entry.cell, RoleCell)
        words = f"since {day_words(entry.day)} {entry.new}" + ("" if is_role else f": {entry.subject}")
        by = "" if entry.is_start else f", by {person_words(entry.author)}"
        yield f"{words}{by}" + (f": {entry.reason}" if entry.reason else "")
    if len(shown) > MAX_CHANGES:
        yield f"and {count_words(len(shown) - MAX_CHANGES, 'earlier change')}"


def _is_shown(cell: Cell) -> bool:
    """Whether a cell's changes stand in the detail: the accountable and the links, not the other roles."""
    return isinstance(cell, LinkCell) or (isinstance(cell, RoleCell) and cell.role is Role.ACCOUNTABLE)


def _other_roles(figures: Figures, assignment: Assignment) -> Iterator[str]:
    for name, holders in (
        ("responsible", assignment.responsible),
        ("consulted", assignment.consulted),
        ("informed", assignment.informed),
    ):
        if holders:
            yield f"{name}: {listed([assignee_words(figures.workspace, holder) for holder in holders])}"
