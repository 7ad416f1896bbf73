"""Rates that a metric's history reached: what a target may fairly ask for."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.plan import planned_weight
from kputui.model.goal import GoalKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.analysis.season_curve import Curve
    from kputui.model.goal import Context, Goal
    from kputui.model.series import Span

RECENT_DAYS = 28


@dataclass(frozen=True, slots=True)
class Rates:
    """The median and the best of the history.

    Unit: for sum goals the metric's unit per planned day; for level goals its change per planned day;
    for ratio goals the metric's own value. "Best" is the way the goal wants to go.
    """

    median: float | None = None
    best: float | None = None
    count: int = 0


def rates(
    goal: Goal,
    kind: GoalKind,
    contexts: Sequence[Context],
    history: Sequence[tuple[Span, float]],
    *,
    is_rising: bool,
    curve: Curve | None = None,
) -> Rates:
    """What the whole periods of `history`, oldest first, reached for this goal.

    A period that the plan hardly weighs (less than half its days) tells nothing about the pace and is
    left out. A level goal's rate is the change over about 28 days, so one wobble is not "the best". With the
    `curve` of a seasonal plan a sum's rate is what a day of an average season would have brought.
    """
    if kind is GoalKind.SUM:
        told = [
            (span, value)
            for span, value in history
            if planned_weight(goal, contexts, span.start, span.end) * 2 >= (span.end - span.start).days
        ]
        weights = [planned_weight(goal, contexts, span.start, span.end, curve) for span, _ in told]
        reached = [value / weight for (_, value), weight in zip(told, weights, strict=True) if weight > 0]
    elif kind is GoalKind.LEVEL:
        reached = _changes(goal, contexts, history)
    else:
        reached = [value for _, value in history]
    if not reached:
        return Rates()
    return Rates(statistics.median(reached), max(reached) if is_rising else min(reached), len(reached))


def recent_change(history: Sequence[tuple[Span, float]]) -> tuple[float, int] | None:
    """How much the newest whole period differs from the one that ended about 28 days before, and those days exactly.

    None where no such period is near, as with quarters.
    """
    lag = _lag(history)
    if lag is None:
        return None
    (old_span, old), (new_span, new) = history[-1 - lag], history[-1]
    days = (new_span.end - old_span.end).days
    return (new - old, days) if days * 2 <= RECENT_DAYS * 3 else None


def _lag(history: Sequence[tuple[Span, float]]) -> int | None:
    if not history:
        return None
    length = max(1, (history[-1][0].end - history[-1][0].start).days)
    lag = max(1, round(RECENT_DAYS / length))
    return lag if len(history) > lag else None


def _changes(goal: Goal, contexts: Sequence[Context], history: Sequence[tuple[Span, float]]) -> list[float]:
    lag = _lag(history)
    if lag is None:
        return []
    changes = []
    for (old_span, old), (new_span, new) in zip(history, history[lag:], strict=False):
        weight = planned_weight(goal, contexts, old_span.end, new_span.end)
        if weight * 2 >= (new_span.end - old_span.end).days:
            changes.append((new - old) / weight)
    return changes
