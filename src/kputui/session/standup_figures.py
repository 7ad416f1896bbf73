"""Items that the figures raise: guardrails, goals that turned, signals, questions, data that is old or missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.analysis.signals.reading import Variation
from kputui.engine.codes import DATA_TESTS
from kputui.errors import Severity
from kputui.model.goal import GoalState
from kputui.model.metric import MetricKind, NumberFormat
from kputui.review import parts_of
from kputui.session.explaining import SIGNAL_TONES, signal_facts, signals_of
from kputui.session.goal_detail import reach_words
from kputui.session.quantities import value_of
from kputui.session.rows import date_before, is_met
from kputui.session.standup_views import Item, ItemKind
from kputui.session.views import Fact, Quantity, Tone
from kputui.session.words import count_words, listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kputui.analysis.gaming.question import Question
    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures
    from kputui.session.signal_views import SignalView
    from kputui.session.standup_scene import Scene
    from kputui.session.standup_views import GoalStanding

_BEHIND_IT = "What was behind it?"
_BACK_ON_PLAN = "What brings it back on plan?"
_ASKS_OF_GOALS = {
    GoalState.MISSED.value: "What did we learn, and what is next?",
    GoalState.NO_DATA.value: "Who brings the data back?",
}
_FRESHNESS = "D29"
_ABOUT_DATA = DATA_TESTS | {_FRESHNESS}
_MOST_FOLDED = 5
_LEAST_SHOWN = 0.005
"""Below it two decimals would say zero."""


def guardrails(scene: Scene) -> Iterator[Item]:
    """What must not get worse meanwhile and has: beyond its limits, off its target, or worse while its KPI improves."""
    for metric in guardrail_metrics(scene):
        asked = [one for one in _questions(scene.now) if one.is_guardrail and one.other == metric.id]
        concern = [view for view in _open(scene.now, metric) if _variation(scene.now, metric) is Variation.CONCERN]
        misses = is_met(scene.now, metric) is False
        if not (asked or concern or misses):
            continue
        was_missing = scene.then is not None and is_met(scene.then, metric) is False
        told = [question.text for question in asked]
        told += [f"{view.period}: {view.text}" for view in concern]
        told += ["it still misses its target" if was_missing else "it no longer meets its target"] if misses else []
        is_new = (misses and not was_missing) or _is_any_new(scene, metric, concern)
        is_new = is_new or any((one.code, one.metric, one.other) not in _known_questions(scene) for one in asked)
        facts = (*_value_facts(scene, metric), *signal_facts(scene.now, metric), *_numbers(asked))
        asks = _BEHIND_IT if concern else "What do we do about it, and who?"
        item = _of_metric(scene, metric, ItemKind.GUARDRAIL, told, concern[0].since if concern else None)
        yield replace(item, asks=asks, tone=Tone.CAUTION, facts=facts, is_new=is_new)


def turned_goals(scene: Scene) -> Iterator[Item]:
    """Goals whose state is another than then; one that only follows a goal below it is not told twice."""
    for goal, standing in scene.standings.items():
        if not (standing.is_worse or standing.is_better) or _only_follows(scene, standing):
            continue
        pace = scene.now.paces.get(goal)
        kind = ItemKind.WORSE if standing.is_worse else ItemKind.BETTER
        reach = reach_words(pace)
        yield Item(
            f"goal/{goal}/{standing.now}",
            kind,
            standing.name,
            f"it was {standing.then}, and is {standing.now}",
            _ASKS_OF_GOALS.get(standing.now, _BACK_ON_PLAN) if standing.is_worse else "",
            standing.tone,
            more=(reach,) if reach else (),
            facts=tuple(_pace_facts(standing)),
            row_key=standing.row_key,
            goal=standing,
            owner=f"{standing.owner} owns the goal" if standing.owner else "nobody owns the goal",
            said=scene.said_of(None, goal),
        )


def signals(scene: Scene) -> Iterator[Item]:
    """Signals that nobody has explained yet, then those that were explained since; one item a metric."""
    parts, guarding = parts_of(scene.workspace), {metric.id for metric in guardrail_metrics(scene)}
    for metric in scene.workspace.metrics.values():
        if metric.kind is MetricKind.DIAGNOSTIC and metric.id in parts:
            continue
        opened = _open(scene.now, metric)
        variation = _variation(scene.now, metric)
        if metric.id in guarding and variation is Variation.CONCERN:
            opened = []
        if opened:
            told = [f"{_word(variation)}{view.period}: {view.text}" for view in opened]
            known = [words for view in opened for words in view.known]
            told += [f"known of these days: {listed(list(dict.fromkeys(known)))}"] if known else []
            facts = (*(Fact(view.period, view.value) for view in opened), *signal_facts(scene.now, metric))
            item = _of_metric(scene, metric, ItemKind.SIGNAL, told, opened[0].since)
            is_new, tone = _is_any_new(scene, metric, opened), SIGNAL_TONES[variation]
            yield replace(item, asks=_BEHIND_IT, tone=tone, facts=facts, is_new=is_new)
            continue
        explained = [one for one in signals_of(scene.now, metric) if one.explanation and scene.is_since(one.on)]
        if explained:
            told = [f"{view.period}: {view.text}" for view in explained]
            facts = tuple(Fact(view.period, view.value) for view in explained)
            yield replace(_of_metric(scene, metric, ItemKind.EXPLAINED, told, explained[0].since), facts=facts)


def questions(scene: Scene) -> Iterator[Item]:
    """What the figures ask at a metric; a guardrail's question is at the guardrail."""
    known = _known_questions(scene)
    for name, asked in scene.now.questions.items():
        own = [question for question in asked if not (question.is_guardrail and question.other is not None)]
        metric = scene.workspace.metrics.get(name)
        if not own or metric is None:
            continue
        told, codes = [question.text for question in own], "+".join(sorted({question.code for question in own}))
        is_new = any((question.code, question.metric, question.other) not in known for question in own)
        facts = (*_value_facts(scene, metric), *_numbers(own))
        yield replace(
            _of_metric(scene, metric, ItemKind.QUESTION, told),
            key=f"question/{name}/{codes}",
            asks="Is there a plain answer?",
            tone=Tone.CAUTION,
            facts=facts,
            is_new=is_new,
            code=own[0].code,
            start=own[0].since,
        )


def data(scene: Scene) -> Iterator[Item]:
    """Metrics without values of now, told once a reason, and sources that break what was promised of them."""
    failed: dict[tuple[str, str], list[MetricId]] = {}
    stale: set[MetricId] = set()
    for name, reading in scene.now.readings.items():
        if reading.failure is not None:
            failed.setdefault((reading.failure.code, reading.failure.message), []).append(name)
            stale |= {name} if reading.is_stale else set()
    for (code, message), names in failed.items():
        told = [message]
        old = [scene.words(name) for name in names if name in stale]
        told += [f"older values are on show: {_cut(old)}"] if old else []
        title = _cut([scene.words(name) for name in names])
        key = f"data/{code}/{names[0]}"
        yield _item_of_data(scene, key, title, told, code, names[0])
    broken: dict[str, list[tuple[str, str]]] = {}
    for problem in scene.now.findings:
        if problem.code in _ABOUT_DATA and problem.severity is not Severity.INFO:
            kind, _, rest = problem.key.partition(".")
            source = rest.partition(".")[0] if kind == "sources" else problem.key
            broken.setdefault(source, []).append((problem.code, problem.message))
    for source, found in broken.items():
        codes = "+".join(sorted({code for code, _ in found}))
        yield _item_of_data(scene, f"data/{source}/{codes}", source, [words for _, words in found], found[0][0])


def guardrail_metrics(scene: Scene) -> tuple[Metric, ...]:
    """The metrics that must not get worse: by their kind, or because another metric names them so."""
    metrics = scene.workspace.metrics
    named = {guard for metric in metrics.values() for guard in metric.guardrails}
    return tuple(metric for metric in metrics.values() if metric.kind is MetricKind.GUARDRAIL or metric.id in named)


def _of_metric(scene: Scene, metric: Metric, kind: ItemKind, told: list[str], start: date | None = None) -> Item:
    """An item about a metric: what is told, where it hangs, whose it is and what was said about it."""
    since = f"/{start.isoformat()}" if start is not None else ""
    goal = scene.goal_of(metric.id)
    return Item(
        f"{kind.value.split()[-1]}/{metric.id}{since}",
        kind,
        scene.words(metric.id),
        told[0],
        more=tuple(told[1:]),
        row_key=scene.row_key(metric.id),
        goal=goal,
        metric=metric.id,
        start=start,
        owner=scene.owner_of(metric.id),
        said=scene.said_of(metric.id, goal.goal if goal is not None else None),
    )


def _item_of_data(
    scene: Scene, key: str, title: str, told: list[str], code: str, metric: MetricId | None = None
) -> Item:
    return Item(
        key,
        ItemKind.DATA,
        title,
        told[0],
        "Who brings the data back?" if code == _FRESHNESS or metric is not None else "Who looks at the rows?",
        Tone.CAUTION,
        more=tuple(told[1:]),
        row_key=scene.row_key(metric) if metric is not None else "",
        goal=scene.goal_of(metric) if metric is not None else None,
        metric=metric,
        code=code,
    )


def _only_follows(scene: Scene, standing: GoalStanding) -> bool:
    """Whether a goal without a measure of its own turned as one of those below it did."""
    if standing.goal in scene.now.paces:
        return False
    goals = scene.workspace.goals
    return any(
        goals[below.goal].parent == standing.goal
        and (below.is_worse, below.is_better) == (standing.is_worse, standing.is_better)
        for below in scene.standings.values()
    )


def _pace_facts(standing: GoalStanding) -> Iterator[Fact]:
    if standing.actual is not None:
        yield Fact("now", standing.actual)
    if standing.target is not None:
        yield Fact("target", standing.target)
    name = "burn" if standing.is_burn else "pace"
    if standing.pace is not None:
        yield Fact(name, Quantity(standing.pace, NumberFormat.NUMBER2), tone=standing.tone)
    if standing.pace_then is not None:
        yield Fact(f"{name} then", Quantity(standing.pace_then, NumberFormat.NUMBER2))
    if standing.p_met is not None:
        yield Fact("forecast", Quantity(standing.p_met, NumberFormat.PERCENT0), standing.words)


def _open(figures: Figures, metric: Metric) -> list[SignalView]:
    """The signals that ask for an explanation, newest first, each pattern once."""
    found: dict[date, SignalView] = {}
    for view in signals_of(figures, metric):
        if view.is_open:
            found.setdefault(view.since, view)
    return list(found.values())


def _is_any_new(scene: Scene, metric: Metric, views: list[SignalView]) -> bool:
    """Whether one of these signals was not there then."""
    if scene.then is None:
        return any(scene.is_since(view.start) for view in views)
    before = {view.since for view in signals_of(scene.then, metric) if view.is_new}
    return any(view.since not in before for view in views)


def _variation(figures: Figures, metric: Metric) -> Variation:
    chart = figures.signals.get(metric.id)
    return chart.variation if chart is not None else Variation.COMMON


def _word(variation: Variation) -> str:
    words = {Variation.IMPROVEMENT: "an improvement, ", Variation.CONCERN: "a concern, "}
    return words.get(variation, "")


def _questions(figures: Figures) -> Iterator[Question]:
    for asked in figures.questions.values():
        yield from asked


def _known_questions(scene: Scene) -> set[object]:
    """What was asked then already, by what it is about."""
    if scene.then is None:
        return set()
    return {(question.code, question.metric, question.other) for question in _questions(scene.then)}


def _value_facts(scene: Scene, metric: Metric) -> Iterator[Fact]:
    """The newest whole period's value and its target."""
    reading = scene.now.readings.get(metric.id)
    series = reading.series if reading is not None else None
    newest = series.newest_whole if series is not None else None
    if series is None or newest is None:
        return
    yield Fact("now", value_of(metric, series.values[newest]))
    target = metric.target_on(date_before(series.ends[newest]))
    if target is not None:
        yield Fact("target", value_of(metric, target))


def _numbers(asked: list[Question]) -> Iterator[Fact]:
    """The figures behind questions."""
    for question in asked:
        for name, value in question.figures.items():
            words = name.replace("_", " ")
            if isinstance(value, int):
                yield Fact(words, Quantity(float(value), NumberFormat.NUMBER0))
            elif isinstance(value, float) and (value == 0 or abs(value) >= _LEAST_SHOWN):
                yield Fact(words, Quantity(value, NumberFormat.NUMBER2))
            else:
                yield Fact(words, None, f"{value:.1g}" if isinstance(value, float) else str(value))


def _cut(names: list[str]) -> str:
    """The first few of many names."""
    more = len(names) - _MOST_FOLDED
    return listed(names) if more <= 0 else f"{', '.join(names[:_MOST_FOLDED])} and {count_words(more, 'more', 'more')}"
