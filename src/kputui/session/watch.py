"""The watch: what is worth a line when it becomes so, and what was told of it already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.analysis.signals.reading import Variation
from kputui.model.goal import GoalState
from kputui.model.metric import MetricKind
from kputui.session.alike import goal_names
from kputui.session.explaining import open_signals, open_variation
from kputui.session.goal_tree import state_of
from kputui.session.rows import is_met
from kputui.session.words import WEAKEST_FIRST, count_words, listed, metric_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kputui.model.goal import Goal
    from kputui.model.ids import MetricId
    from kputui.session.figures import Figures

FRESHNESS = "D29"
MAX_SIGNALS = 2_000
"""How many told signals are remembered, the newest; far more than a workspace has at a time."""
_MOST_NAMED = 3
_SILENT = frozenset({GoalState.NO_DATA, GoalState.NOT_STARTED})


@dataclass(frozen=True, slots=True)
class News:
    """Something that is so since the last look. `key` names it, `kind` is the word for programs."""

    kind: str
    key: str
    text: str
    is_worse: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What is known from the last look: goals by state, what is wrong, signals, and the metrics that were there.

    `goals` keep their last state while there is no data. `wrong`: guardrails and data that were told and still are
    so. `signals` were told or there at the start; oldest first. `metrics` and the goals tell what is new in the
    workspace itself, which is no news.
    """

    goals: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: the news, and what is to be remembered of them."""

    news: tuple[News, ...]
    told: Told


def look(figures: Figures, before: Told | None) -> Look:
    """What is new in judged figures since `before`; nothing at the first look, which only remembers."""
    goals = dict(_goals(figures))
    wrong = (*_guardrails(figures), *_data(figures))
    signals = tuple(_signals(figures))
    known = before or Told()
    metrics = tuple(str(name) for name in figures.workspace.metrics)
    keys = dict.fromkeys((*known.signals, *(one.key for one in signals)))
    told = Told(
        {**{str(goal): known.goals[goal] for goal in figures.workspace.goals if goal in known.goals}, **goals},
        tuple(one.key for one in wrong),
        tuple(keys)[-MAX_SIGNALS:],
        metrics,
    )
    if before is None:
        return Look((), told)
    turned = _turned(figures, before, goals)
    fresh = (one for one in signals if one.key not in before.signals and _metric_of(one.key) in before.metrics)
    worse = (one for one in wrong if one.key not in before.wrong)
    return Look((*turned, *worse, *fresh), told)


def start_words(figures: Figures) -> str:
    """What a watch starts from, in one sentence."""
    states = [state for _, state in _goals(figures)]
    by_state = [f"{states.count(state)} {state}" for state in dict.fromkeys(states)]
    goals = f" ({', '.join(by_state)})" if by_state else ""
    signals, wrong = len(open_signals(figures)), len((*_guardrails(figures), *_data(figures)))
    return (
        f"{count_words(len(figures.workspace.goals), 'goal')}{goals}, {count_words(signals, 'signal')} to explain, "
        f"{count_words(wrong, 'guardrail or source', 'guardrails and sources')} not as they should be"
    )


def _goals(figures: Figures) -> Iterator[tuple[str, str]]:
    for goal in figures.workspace.goals:
        state = state_of(figures.workspace, figures.paces, goal)
        if state is not None and state not in _SILENT:
            yield str(goal), state.value


def _turned(figures: Figures, before: Told, goals: Mapping[str, str]) -> Iterator[News]:
    """Goals in another state than before; a goal without a measure is not told when one below it turned."""
    names, turned = goal_names(figures.workspace), {id_ for id_, state in goals.items() if _was(before, id_, state)}
    for goal in figures.workspace.goals.values():
        if goal.id not in turned or (goal.measured_by is None and _has_turned_child(figures, goal, turned)):
            continue
        was, now = GoalState(before.goals[goal.id]), GoalState(goals[goal.id])
        is_worse = WEAKEST_FIRST.index(now) < WEAKEST_FIRST.index(was)
        yield News("goal", f"goal/{goal.id}", f"{names[goal.id]} is {now}, was {was}", is_worse)


def _was(before: Told, goal: str, state: str) -> bool:
    return before.goals.get(goal, state) != state and before.goals[goal] in {one.value for one in GoalState}


def _has_turned_child(figures: Figures, goal: Goal, turned: set[str]) -> bool:
    return any(child.parent == goal.id and child.id in turned for child in figures.workspace.goals.values())


def _signals(figures: Figures) -> Iterator[News]:
    for view in open_signals(figures):
        metric = figures.workspace.metrics[view.metric]
        variation = open_variation(figures, metric)
        words = {Variation.IMPROVEMENT: "an improvement, ", Variation.CONCERN: "a concern, "}
        what = words.get(variation, "") if variation is not None else ""
        text = f"{metric_words(figures.workspace, view.metric)}: {what}{view.period}: {view.text}"
        yield News(
            "signal", f"signal/{view.metric}/{view.since.isoformat()}", text, variation is not Variation.IMPROVEMENT
        )


def _metric_of(key: str) -> str:
    return key.split("/")[1]


def _guardrails(figures: Figures) -> Iterator[News]:
    """Guardrails that miss their target, or whose new signal is a concern."""
    metrics = figures.workspace.metrics
    named = {guard for metric in metrics.values() for guard in metric.guardrails}
    for metric in metrics.values():
        if metric.kind is not MetricKind.GUARDRAIL and metric.id not in named:
            continue
        words = metric_words(figures.workspace, metric.id)
        if is_met(figures, metric) is False:
            yield News("guardrail", f"guardrail/{metric.id}/target", f"{words}, a guardrail, misses its target")
        if open_variation(figures, metric) is Variation.CONCERN:
            yield News("guardrail", f"guardrail/{metric.id}/limits", f"{words}, a guardrail, is getting worse")


def _data(figures: Figures) -> Iterator[News]:
    """A workspace that can't be read, metrics without a value of now, told once a reason, and old sources."""
    if figures.broken:
        yield News("workspace", "workspace", figures.banner)
    failed: dict[tuple[str, str], list[MetricId]] = {}
    for name, reading in figures.readings.items():
        if reading.failure is not None:
            failed.setdefault((reading.failure.code, reading.failure.message), []).append(name)
    for (code, message), names in failed.items():
        labels = [metric_words(figures.workspace, name) for name in names[:_MOST_NAMED]]
        more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
        yield News("data", f"data/{code}/{names[0]}", f"{listed([*labels, *more])}: {message} ({code})")
    for problem in figures.findings:
        if problem.code == FRESHNESS:
            yield News("stale", f"stale/{problem.key}", f"{problem.message} ({problem.code})")
