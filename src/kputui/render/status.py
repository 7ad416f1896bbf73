"""The goals' status as lines: a line a goal where there is room, else the figures below the label."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from kputui.model.goal import GoalKind, GoalState
from kputui.model.metric import Grain, NumberFormat
from kputui.render.lines import TONE_INK, Ink, width_of
from kputui.render.number import number, pace_text, unit_of
from kputui.render.problem import wrap
from kputui.render.safe import cell_width, fit, safe
from kputui.session.views import Quantity
from kputui.session.words import GOAL_TONES, day_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.analysis.pace import Pace
    from kputui.render.lines import Line
    from kputui.session.clock import Clock
    from kputui.session.outlooks import GoalOutlook
    from kputui.session.status import GoalStatus

_STATE_CELLS = max(len(state.value) for state in GoalState)
_FINER = (NumberFormat.NUMBER0, NumberFormat.NUMBER1, NumberFormat.NUMBER2, NumberFormat.NUMBER3)
_FINER_PERCENT = (NumberFormat.PERCENT0, NumberFormat.PERCENT1, NumberFormat.PERCENT2)


def status_lines(project: str, clock: Clock, goals: Sequence[GoalStatus], width: int | None = None) -> tuple[Line, ...]:
    """A heading and the goals in tree order.

    One line a goal when the widest fits `width` cells or `width` is None (no terminal); otherwise the
    figures stand on a line of their own below the label.
    """
    when = f"evening of {day_words(clock.today)}" if clock.is_fixed else day_words(clock.today)
    heading: Line = ((safe(project), Ink.STRONG), (f" · {when}", Ink.MUTED))
    if not goals:
        return heading, (), (("no goals", Ink.MUTED),)
    wide = _wide(goals)
    if width is None or max(map(width_of, wide)) <= width:
        return heading, (), *wide
    return heading, (), *_narrow(goals, width)


def status_records(goals: Sequence[GoalStatus]) -> list[dict[str, object]]:
    """The goals for programs: every figure of the pace in full precision, dates in ISO form."""
    return [goal_record(goal) for goal in goals]


def goal_record(goal: GoalStatus | GoalOutlook) -> dict[str, object]:
    """One goal for programs; the weights by day of a seasonal plan are in `expected` and `share` already."""
    record = {name: plain(value) for name, value in asdict(goal).items()}
    pace = record["pace"]
    if isinstance(pace, dict):
        del pace["curve"]
    return record


def plain(value: object) -> object:
    """A value as JSON has it: words of enums and grains, dates in ISO form, tuples as lists; at any depth."""
    if isinstance(value, Enum | Grain):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _wide(goals: Sequence[GoalStatus]) -> list[Line]:
    labels = ["  " * goal.depth + safe(goal.label) for goal in goals]
    cells = [_figures(goal) for goal in goals]
    label_cells = max(map(cell_width, labels))
    columns = [max((cell_width(row[i]) for row in cells if len(row) > 1), default=0) for i in range(3)]
    lines: list[Line] = []
    for goal, label, row in zip(goals, labels, cells, strict=True):
        name = (fit(label, label_cells) if any(row) else label, Ink.PLAIN)
        if len(row) == 1:
            rest = f"  {row[0]}" if row[0] else ""
        else:
            rest = "".join(f"  {fit(cell, size)}" for cell, size in zip(row, columns, strict=True)).rstrip()
        lines.append((_state(goal), ("  ", Ink.PLAIN), name, (rest, Ink.PLAIN)))
    return lines


def _narrow(goals: Sequence[GoalStatus], width: int) -> list[Line]:
    lines: list[Line] = []
    for goal in goals:
        indent = "  " * goal.depth
        margin = " " * (_STATE_CELLS + 2) + indent
        room = max(width - len(margin), 20)
        first, *more = wrap(goal.label, room)
        lines.append((_state(goal), ("  ", Ink.PLAIN), (indent + first, Ink.STRONG)))
        lines += [((margin + label, Ink.STRONG),) for label in more]
        figures = ", ".join(cell for cell in _figures(goal) if cell)
        lines += [((margin + line, Ink.PLAIN),) for line in wrap(figures, room) if line]
    return lines


def _state(goal: GoalStatus) -> tuple[str, str]:
    if goal.state is None:
        return f"{'no plan' if goal.metric else 'no measure':<{_STATE_CELLS}}", Ink.MUTED
    return f"{goal.state.value:<{_STATE_CELLS}}", TONE_INK[GOAL_TONES[goal.state]]


def _figures(goal: GoalStatus) -> tuple[str, ...]:
    """Actual of target, pace, and the rates; or one text that says why there are none."""
    pace = goal.pace
    if pace is None or pace.actual is None:
        return (safe(goal.failure or (pace.notes[0] if pace and pace.notes else "")),)
    index = pace_text(pace.pace_index, pace.is_burn) if pace.pace_index is not None else ""
    return (
        _actual_of_target(goal, pace),
        index if pace.is_burn else f"pace {index}" if index else "",
        _rates(goal, pace),
    )


def _actual_of_target(goal: GoalStatus, pace: Pace) -> str:
    """`6 024 of at most 8 000 flights`; more decimals where rounding would hide that they differ."""
    form = goal.format
    finer = _FINER_PERCENT if form.value.startswith("percent") else _FINER
    for next_form in finer:
        if pace.target is None or pace.actual == pace.target or number(pace.actual, form) != number(pace.target, form):
            break
        form = next_form
    actual = number(pace.actual, form)
    unit = unit_of(Quantity(pace.actual, form, goal.unit))
    unit = f" {safe(unit)}" if unit else ""
    if pace.target is None:
        return actual + unit
    at_most = "at most " if pace.is_burn and pace.kind is not GoalKind.MAINTAIN else ""
    return f"{actual} of {at_most}{number(pace.target, form)}{unit}"


def _rates(goal: GoalStatus, pace: Pace) -> str:
    """What is needed from here and what is made; the last 28 days where a rate has no meaning."""
    if pace.state in {GoalState.MET, GoalState.MISSED} or pace.left_per_week is None:
        if pace.last_28_days is None or pace.kind not in {GoalKind.RATIO, GoalKind.MAINTAIN}:
            return ""
        return f"last 28 days {_value(goal, pace.last_28_days)}"
    needs, makes = ("leaves", "uses") if pace.is_burn else ("needs", "makes")
    made = f", {makes} {_value(goal, pace.pace_per_week)}" if pace.pace_per_week is not None else ""
    reach = ", more than it ever made" if pace.is_out_of_reach and not pace.is_burn else ""
    return f"{needs} {_value(goal, pace.left_per_week)} a week{made}{reach}"


def _value(goal: GoalStatus, value: float | None) -> str:
    form = NumberFormat.NUMBER if goal.format is NumberFormat.NUMBER0 else goal.format
    unit = unit_of(Quantity(value, form))
    return f"{number(value, form)} {unit}" if unit else number(value, form)
