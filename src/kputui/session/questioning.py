"""The questions that the figures raise, metric by metric: asked of series, of rows, and of what stands beside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kputui.errors import DataError
from kputui.model.lint import Level
from kputui.session.link_data import CancelledError, LinkData
from kputui.session.redefined import redefinitions
from kputui.session.row_questions import RowFigures, row_figures
from kputui.session.samples import Pairs, asked_of, days_of, keeps_its_limit, outcome_of, sample_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from kputui.analysis.gaming.question import Answer, Question, Sample
    from kputui.analysis.gaming.rows import Segment
    from kputui.model.ids import MetricId
    from kputui.model.lint import Lint
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures
    from kputui.session.judges import Work
    from kputui.session.samples import Pair


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that questions about one metric are made of; equal cases have equal questions."""

    metric: Metric
    sample: Sample
    days: tuple[date, ...]
    outcome: Pair | None
    guards: tuple[Pair, ...]
    redefined: tuple[date, ...]
    figures: RowFigures


def questioned(figures: Figures, work: Work) -> Figures:
    """The figures with the questions to ask at each KPI, CPI and goal's measure, the weightiest first.

    Unchanged when the work was cancelled, or nothing else came out.
    """
    try:
        found = _questions(figures, work)
    except CancelledError:
        return figures
    return figures if found == figures.questions else replace(figures, questions=found)


def _questions(figures: Figures, work: Work) -> dict[MetricId, tuple[Question, ...]]:
    """The questions by metric; raises CancelledError."""
    samples = {metric.id: (metric, sample) for metric in asked_of(figures) if (sample := sample_of(figures, metric.id))}
    days = {name: days_of(figures, metric, sample) for name, (metric, sample) in samples.items()}
    improving = _improving(work, samples.values(), days)
    try:
        from_rows = row_figures(figures, work, [metric for metric, _ in samples.values()], improving)
    except DataError:
        from_rows = {}
    pairs, redefined = Pairs(figures, LinkData(figures, work)), redefinitions(figures)
    pairs.fetch((name, other) for name, (metric, _) in samples.items() for other in _beside(figures, metric))
    found: dict[MetricId, tuple[Question, ...]] = {}
    for name, subject in samples.items():
        if work.is_cancelled():
            raise CancelledError
        rows = from_rows.get(name, RowFigures())
        case = _case(figures, pairs, subject, days[name], redefined.get(name, ()), rows)
        asked = work.memo.kept(("questions", name), case, partial(_asked, case))
        if heard := _heard(figures.workspace.lint, asked):
            found[name] = heard
    return found


def _heard(lint: Lint, asked: Iterable[Question]) -> tuple[Question, ...]:
    """The questions that the workspace wants to be asked."""
    return tuple(
        question
        for question in asked
        if lint.levels.get(question.code) is not Level.OFF
        and not lint.is_ignored(question.code, ("metrics", question.metric))
    )


def _improving(
    work: Work, samples: Iterable[tuple[Metric, Sample]], days: dict[MetricId, tuple[date, ...]]
) -> dict[MetricId, date]:
    """The newest day from which each metric improved; those that did not are left out."""
    from kputui.analysis.gaming.improvement import improved  # noqa: PLC0415 - numpy only in the worker

    found = {}
    for metric, sample in samples:
        tried = days[metric.id]
        since = work.memo.kept(
            ("improving", metric.id),
            (sample, tried),
            lambda sample=sample, tried=tried: next(  # type: ignore[misc]
                (day for day in reversed(tried) if improved(sample, day)[1]), None
            ),
        )
        if since is not None:
            found[metric.id] = since
    return found


def _case(
    figures: Figures,
    pairs: Pairs,
    subject: tuple[Metric, Sample],
    days: tuple[date, ...],
    redefined: tuple[date, ...],
    from_rows: RowFigures,
) -> _Case:
    metric, sample = subject
    outcome = outcome_of(figures, metric)
    guards = (pairs.pair(metric.id, name) for name in _guards(figures, metric))
    return _Case(
        metric,
        sample,
        days,
        None if outcome is None else pairs.pair(metric.id, outcome),
        tuple(guard for guard in guards if guard is not None),
        redefined,
        from_rows,
    )


def _guards(figures: Figures, metric: Metric) -> tuple[MetricId, ...]:
    """The guardrails that may have got worse."""
    return tuple(name for name in metric.guardrails if not keeps_its_limit(figures, name))


def _beside(figures: Figures, metric: Metric) -> Iterator[MetricId]:
    """The metrics with which a metric is compared."""
    yield from _guards(figures, metric)
    if (outcome := outcome_of(figures, metric)) is not None:
        yield outcome


def _asked(case: _Case) -> tuple[Question, ...]:
    """The questions, guardrails first, then in the order of their codes; each code once for each thing beside."""
    asked: dict[tuple[str, MetricId | None], Question] = {}
    for answer in _answers(case):
        if answer.question is not None:
            asked.setdefault((answer.question.code, answer.question.other), answer.question)
    return tuple(sorted(asked.values(), key=lambda one: (not one.is_guardrail, one.code)))


def _answers(case: _Case) -> Iterator[Answer]:
    """All answers, the newest day first."""
    from kputui.analysis.gaming import rows, series  # noqa: PLC0415 - numpy only in the worker

    sample, newest_first = case.sample, tuple(reversed(case.days))
    for kpi, guard in case.guards:
        yield series.guardrail(kpi, guard)
    if case.outcome is not None:
        kpi, outcome = case.outcome
        yield from (series.diverging(kpi, outcome, day) for day in newest_first)
    if (near := case.figures.near) is not None:
        yield rows.bunching(sample, near.threshold, near.short, near.past, width=near.width)
    for day in newest_first:
        yield from _answers_since(case, day)
    if case.figures.daily is not None and case.figures.ends:
        yield rows.end_of_period_spike(case.figures.daily, case.figures.ends)


def _answers_since(case: _Case, day: date) -> Iterator[Answer]:
    """What rows say of an improvement from a day on; missing rows are told once, by the denominator."""
    from kputui.analysis.gaming import rows  # noqa: PLC0415 - numpy only in the worker

    shares = case.figures.shares
    if shares is not None:
        shrunk = rows.shrinking_denominator(case.sample, shares.numerators, shares.denominators, day)
        yield shrunk
        if shrunk.question is not None:
            return
    if case.figures.split is not None and case.figures.split.since == day:
        split = case.figures.split
        yield rows.simpson(case.sample, split.before, split.after, _segments(split.parts), day)
    if case.figures.source_rows:
        yield rows.rows_missing(case.sample, case.figures.source_rows, day)
    yield rows.definition_changed(case.sample, case.redefined, day)


def _segments(parts: Sequence[tuple[str, float, float, float, float]]) -> list[Segment]:
    from kputui.analysis.gaming.rows import Segment as Made  # noqa: PLC0415 - numpy only in the worker

    return [Made(*part) for part in parts]
