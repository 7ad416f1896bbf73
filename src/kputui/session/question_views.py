"""Questions as the views say them: one in a row, all at the metric and at its goal, each with its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.review import metrics_of
from kputui.session.views import Fact, Tone
from kputui.session.words import day_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.analysis.gaming.question import Question
    from kputui.model.ids import GoalId, MetricId
    from kputui.session.figures import Figures

WORD = "question"
"""The state that a row shows while a question stands at its metric."""

WEIGHTY = frozenset({"G01", "G02"})
"""The questions that come before a signal: what stands beside the KPI says something else than the KPI."""


def is_questioned(figures: Figures, metric: MetricId, *, is_weighty: bool = False) -> bool:
    """Whether a question stands at the metric; with `is_weighty` only one that comes before a signal."""
    asked = figures.questions.get(metric, ())
    return any(not is_weighty or question.code in WEIGHTY for question in asked)


def question_facts(figures: Figures, metric: MetricId) -> Iterator[Fact]:
    """The questions at a metric, the weightiest first."""
    for question in figures.questions.get(metric, ()):
        yield Fact(WORD, text=_words(question), tone=Tone.CAUTION)


def goal_questions(figures: Figures, goal: GoalId) -> Iterator[Fact]:
    """The questions at the metrics that a goal stands on."""
    for metric in metrics_of(figures.workspace, goal):
        yield from question_facts(figures, metric.id)


def question_notes(figures: Figures, metric: MetricId) -> Iterator[str]:
    """The figures behind each question."""
    for question in figures.questions.get(metric, ()):
        numbers = ", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in question.figures.items())
        yield f"behind {question.code}: {numbers}"


def _words(question: Question) -> str:
    return question.text if question.since is None else f"{question.text} (since {day_words(question.since)})"


def _number(value: float | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
