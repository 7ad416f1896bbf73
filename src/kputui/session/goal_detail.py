"""A goal's detail: state, zones, pace in figures and words, SMART lights, owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.smart import lights
from kputui.model.goal import GoalKind, GoalState
from kputui.model.metric import NumberFormat
from kputui.session.alike import goal_name
from kputui.session.goal_tree import state_of
from kputui.session.question_views import goal_questions
from kputui.session.views import DetailView, Fact, Quantity, Tone
from kputui.session.words import GOAL_TONES, count_words, day_words, person_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.analysis.forecast.outlook import Outlook
    from kputui.analysis.pace import Pace
    from kputui.analysis.smart import Light
    from kputui.model.goal import Goal
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures
    from kputui.session.views import ChartView


def goal_detail(figures: Figures, key: str, goal: Goal) -> DetailView:
    """All about one goal."""
    workspace = figures.workspace
    metric = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
    pace, outlook = figures.paces.get(goal.id), figures.outlooks.get(goal.id)
    state = state_of(workspace, figures.paces, goal.id)
    children = [child for child in workspace.goals.values() if child.parent == goal.id]
    headline: list[Fact] = []
    if state is not None:
        headline.append(Fact("", text=state.value, tone=GOAL_TONES[state]))
    if metric is not None and pace is not None:
        headline.extend(_headline(metric, pace))
    facts: list[Fact] = [*goal_questions(figures, goal.id), *_children(figures, children)]
    if metric is not None and pace is not None:
        facts.extend(_outlook_facts(metric, outlook, pace.kind))
        facts.extend(pace_facts(metric, pace))
        facts.extend(reach_facts(pace))
    facts.extend(_dates(goal, pace))
    if metric is not None:
        facts.extend(_zones(goal, metric))
    if goal.why:
        facts.append(Fact("why", text=goal.why))
    shining = lights(goal, metric, pace, children)
    facts.extend(_lights(shining))
    notes = [*(pace.notes if pace else ()), *(f"forecast: {note}" for note in (outlook.notes if outlook else ()))]
    if metric is None and children:
        notes.append("no measure of its own: the state is the weakest of the goals below it")
    notes.extend(f"{light.name}: {light.reason}" for light in shining if light.is_lit and light.reason != goal.why)
    return DetailView(
        key,
        (goal_name(figures.workspace, goal), "goal"),
        tuple(headline),
        _chart(figures, goal, metric, pace) if metric is not None and pace is not None else None,
        tuple(facts),
        owner=f"owner {person_words(goal.owner)}" if goal.owner else "nobody owns this goal yet",
        notes=tuple(notes),
    )


def _outlook_facts(metric: Metric, outlook: Outlook | None, kind: GoalKind) -> Iterator[Fact]:
    """The forecast's facts; nothing before there is one."""
    if outlook is not None:
        from kputui.session.outlooks import outlook_facts  # noqa: PLC0415 - no start has a forecast

        yield from outlook_facts(metric, outlook, kind)


def _chart(figures: Figures, goal: Goal, metric: Metric, pace: Pace) -> ChartView | None:
    from kputui.session.charts import goal_chart  # noqa: PLC0415 - no start has a pace to draw

    return goal_chart(figures, goal, metric, pace)


def _children(figures: Figures, children: Sequence[Goal]) -> Iterator[Fact]:
    """Each goal below with its own state and forecast: a parent is never an average of them."""
    for child in children:
        state, outlook = state_of(figures.workspace, figures.paces, child.id), figures.outlooks.get(child.id)
        words = [state.value] if state is not None else []
        if outlook is not None and outlook.p_met is not None and not outlook.refusal:
            from kputui.analysis.forecast.outlook import share_words  # noqa: PLC0415 - as for the facts

            words.append(f"forecast {share_words(outlook.p_met)}, {outlook.words}")
        if words:
            tone = GOAL_TONES[state] if state is not None else Tone.PLAIN
            yield Fact(f"{goal_name(figures.workspace, child)}:", text="; ".join(words), tone=tone)


def _lights(shining: Sequence[Light]) -> Iterator[Fact]:
    """The lit SMART lights in one fact, each unlit one with its reason."""
    lit = [light.name for light in shining if light.is_lit]
    if lit:
        yield Fact("lit", text=", ".join(lit))
    for light in shining:
        if not light.is_lit:
            yield Fact(f"{light.name}?", text=light.reason, tone=Tone.CAUTION)


def _headline(metric: Metric, pace: Pace) -> Iterator[Fact]:
    name = "so far" if pace.kind in {GoalKind.SUM, GoalKind.RATIO} else "now"
    yield Fact(name, Quantity(pace.actual, metric.format, metric.unit))
    if pace.target is not None:
        yield Fact("allowance" if _is_allowance(pace) else "target", Quantity(pace.target, metric.format, metric.unit))
    if pace.pace_index is not None:
        name = "burn" if pace.is_burn else "pace"
        yield Fact(name, Quantity(pace.pace_index, NumberFormat.NUMBER2), tone=_pace_tone(pace))


def _is_allowance(pace: Pace) -> bool:
    return pace.is_burn and pace.kind is GoalKind.SUM


def _pace_tone(pace: Pace) -> Tone:
    tone = GOAL_TONES[pace.state] if pace.state is not None else Tone.PLAIN
    return tone if pace.is_behind else Tone.PLAIN


def pace_facts(metric: Metric, pace: Pace) -> Iterator[Fact]:
    """What was asked by now, what is needed from here, what was made, and where that leads."""

    def of(value: float | None, suffix: str = "") -> Quantity:
        unit = f"{metric.unit}{suffix}".strip() if suffix else metric.unit
        return Quantity(value, metric.format, unit)

    each = " a week"
    if pace.expected is not None and pace.kind in {GoalKind.SUM, GoalKind.LEVEL}:
        yield Fact("plan by now", of(pace.expected))
    if pace.left_per_week is not None:
        yield Fact("left" if _is_allowance(pace) else "needed", of(pace.left_per_week, each))
    if pace.pace_per_week is not None:
        yield Fact("used so far" if _is_allowance(pace) else "made so far", of(pace.pace_per_week, each))
    if pace.needed_from_here is not None and pace.is_behind:
        yield Fact("needed from here", of(pace.needed_from_here))
    if pace.last_28_days is not None:
        is_rate = pace.kind in {GoalKind.SUM, GoalKind.LEVEL}
        yield Fact("last 28 days", of(pace.last_28_days, each if is_rate else ""))
    if pace.burn_of_28_days is not None:
        yield Fact("burn of the last 28 days", Quantity(pace.burn_of_28_days, NumberFormat.NUMBER2))
    if pace.projection is not None and pace.days_left and pace.kind in {GoalKind.SUM, GoalKind.LEVEL}:
        yield Fact("at this pace", of(pace.projection), "by the due date")
    if pace.progress is not None and pace.kind is GoalKind.LEVEL:
        yield Fact("way done", Quantity(pace.progress, NumberFormat.PERCENT0))


def _zones(goal: Goal, metric: Metric) -> Iterator[Fact]:
    for name, value in (("baseline", goal.baseline), ("commit", goal.commit), ("stretch", goal.stretch)):
        if value is not None:
            yield Fact(name, Quantity(value, metric.format, metric.unit))


def _dates(goal: Goal, pace: Pace | None) -> Iterator[Fact]:
    if goal.start is not None and goal.due is not None:
        yield Fact("", text=f"from {day_words(goal.start)} to {day_words(goal.due)}")
    if pace is not None and pace.days_left is not None:
        yield Fact("", text=f"{count_words(pace.days_left, 'day')} left")
    if pace is not None and pace.as_of is not None:
        yield Fact("as of", text=day_words(pace.as_of))


def reach_facts(pace: Pace) -> Iterator[Fact]:
    """The warning of `reach_words`, when there is one."""
    if words := reach_words(pace):
        yield Fact("", text=words, tone=Tone.CAUTION)


def reach_words(pace: Pace | None) -> str:
    """Whether the target can still be reached at the best rate that the history shows; "" when that is no question."""
    if pace is None or pace.state in {GoalState.MET, GoalState.MISSED, None} or not pace.days_left:
        return ""
    is_allowance = _is_allowance(pace)
    if pace.is_out_of_reach:
        return (
            "cannot be kept any more, even at the lowest rate ever reached"
            if is_allowance
            else "cannot be reached any more, even at the best rate ever reached"
        )
    if pace.reachable_until is None:
        return ""
    day = day_words(pace.reachable_until)
    if is_allowance:
        return f"going on like this, cannot be kept after {day}, even at the lowest rate ever reached"
    return f"going on like this, cannot be reached after {day}, even at the best rate ever reached"
