"""Forecasts as lines for people and as records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.forecast.outlook import share_words
from kputui.model.goal import GoalKind
from kputui.render.lines import TONE_INK, Ink
from kputui.render.number import number, quantity_text
from kputui.render.problem import wrap
from kputui.render.safe import cell_width, fit, fit_right, safe
from kputui.render.status import goal_record
from kputui.session.outlooks import due_words
from kputui.session.views import Quantity
from kputui.session.words import GOAL_TONES, day_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.render.lines import Line
    from kputui.session.clock import Clock
    from kputui.session.outlooks import GoalOutlook

_WIDTH = 79
_GAP = "  "


def forecast_records(goals: Sequence[GoalOutlook]) -> list[dict[str, object]]:
    """The goals for programs: every figure of the forecast and of the pace in full precision, dates in ISO form."""
    return [goal_record(goal) for goal in goals]


def overview_lines(project: str, clock: Clock, goals: Sequence[GoalOutlook], width: int | None) -> tuple[Line, ...]:
    """A heading and, for each goal, its label and below it the forecast in a line or more of `width` cells."""
    lines: list[Line] = [_heading(project, clock), ()]
    for goal in goals:
        lines.append(((safe(goal.label), Ink.STRONG),))
        lines += [((f"    {line}", Ink.PLAIN),) for line in wrap(_summary(goal), max((width or 10_000) - 4, 20))]
    return (*lines, *([] if goals else [(("no goals", Ink.MUTED),)]))


def goal_lines(project: str, clock: Clock, goal: GoalOutlook, width: int | None) -> tuple[Line, ...]:
    """All of one goal's forecast: in words, at the due date, period by period, how it was made, and its notes."""
    room = max(width or _WIDTH, 20)
    lines: list[Line] = [_heading(project, clock), (), ((safe(goal.label), Ink.STRONG),)]
    if goal.state is not None and goal.pace is not None and goal.pace.actual is not None:
        state = (f"{goal.state.value}", TONE_INK[GOAL_TONES[goal.state]])
        lines.append((state, (f"  {_actual(goal)}", Ink.PLAIN)))
    lines += [((line, Ink.PLAIN),) for line in wrap(_summary(goal), room)]
    lines += _table(goal)
    outlook = goal.outlook
    made = []
    if outlook.steps:
        made.append(f"made of {outlook.n} whole periods by the {outlook.method}")
    lines += [((line, Ink.MUTED),) for text in (*made, *outlook.notes) for line in wrap(text, room)]
    return tuple(lines)


def _heading(project: str, clock: Clock) -> Line:
    when = f"evening of {day_words(clock.today)}" if clock.is_fixed else day_words(clock.today)
    return (safe(project), Ink.STRONG), (f" · forecast on {'the ' if clock.is_fixed else ''}{when}", Ink.MUTED)


def _summary(goal: GoalOutlook) -> str:
    """`78 %: leaning to be met; by 31 Dec 2013 7 661 flights, 80 %: 7 230 to 8 168`, or why there is no forecast."""
    outlook = goal.outlook
    if outlook.refusal or outlook.due is None:
        return f"no forecast: {outlook.refusal or 'the goal has no due date'}"
    due = due_words(outlook.due, goal.pace.kind) if goal.pace is not None else day_words(outlook.due)
    if outlook.mean is None:
        return f"no forecast for {due}: {outlook.words}"
    chance = f"{share_words(outlook.p_met)}: {outlook.words}; " if outlook.p_met is not None else ""
    at80, at95 = _band(goal, outlook.low80, outlook.high80), _band(goal, outlook.low95, outlook.high95)
    return f"{chance}by {due} {_quantity(goal, outlook.mean)} (80 %: {at80}; 95 %: {at95})"


def _actual(goal: GoalOutlook) -> str:
    pace = goal.pace
    if pace is None or pace.target is None:
        return _quantity(goal, pace.actual if pace else None)
    at_most = "at most " if pace.is_burn and pace.kind is GoalKind.SUM else ""
    return f"{number(pace.actual, goal.format)} of {at_most}{_quantity(goal, pace.target)}"


def _quantity(goal: GoalOutlook, value: float | None) -> str:
    return safe(quantity_text(Quantity(value, goal.format, goal.unit)))


def _band(goal: GoalOutlook, low: float | None, high: float | None) -> str:
    return f"{number(low, goal.format)} to {number(high, goal.format)}"


def _table(goal: GoalOutlook) -> list[Line]:
    """A line a period: its last day, the middle and the two bands."""
    steps = goal.outlook.steps
    if not steps:
        return []
    rows: list[tuple[str, ...]] = [("up to", "middle", "80 % from", "to", "95 % from", "to")]
    for step in steps:
        values = (step.mean, step.low80, step.high80, step.low95, step.high95)
        last = type(step.end).fromordinal(step.end.toordinal() - 1)
        rows.append((day_words(last), *(number(value, goal.format) for value in values)))
    sizes = [max(cell_width(row[column]) for row in rows) for column in range(6)]
    lines: list[Line] = [()]
    for index, row in enumerate(rows):
        cells = [fit(row[0], sizes[0]), *(fit_right(cell, size) for cell, size in zip(row[1:], sizes[1:], strict=True))]
        lines.append(((_GAP.join(cells), Ink.MUTED if index == 0 else Ink.PLAIN),))
    return [*lines, ()]
