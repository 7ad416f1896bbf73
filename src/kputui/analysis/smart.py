"""The five SMART lights of a goal, each with the reason why it is lit or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.analysis.pace import Pace
    from kputui.model.goal import Goal
    from kputui.model.metric import Metric

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Light:
    """One light: its name, whether it is lit, and why."""

    name: str
    is_lit: bool
    reason: str


def lights(
    goal: Goal, metric: Metric | None, pace: Pace | None = None, children: Sequence[Goal] = ()
) -> tuple[Light, ...]:
    """The lights specific, measurable, attainable, relevant and time-bound, in this order.

    `metric` is what measures the goal, `children` are the goals below it.
    """
    return (
        _specific(goal, metric),
        _measurable(goal, metric, children),
        _attainable(goal, pace, children),
        _relevant(goal),
        _time_bound(goal),
    )


def has_metric_in_label(goal: Goal, metric: Metric | None) -> bool:
    """Whether the goal's label names its metric instead of a result."""
    return metric is not None and bool(metric.label) and metric.label.casefold() in goal.label.casefold()


def has_number_in_label(goal: Goal) -> bool:
    """Whether the goal's label holds a figure; figures belong to the target."""
    return _DIGIT.search(goal.label) is not None


def _specific(goal: Goal, metric: Metric | None) -> Light:
    if not goal.label.strip():
        reason = "has no label"
    elif has_number_in_label(goal):
        reason = "its label holds a number; the number belongs to the target"
    elif has_metric_in_label(goal, metric):
        reason = "its label names the metric, not the result"
    else:
        return Light("specific", is_lit=True, reason="names a result, without a number or a metric")
    return Light("specific", is_lit=False, reason=reason)


def _measurable(goal: Goal, metric: Metric | None, children: Sequence[Goal]) -> Light:
    if metric is None:
        if children and all(child.measured_by for child in children):
            return Light("measurable", is_lit=True, reason="measured by the goals below it")
        return Light("measurable", is_lit=False, reason="no metric measures it")
    if goal.target is None:
        return Light("measurable", is_lit=False, reason=f"measured by {metric.label}, but without a target")
    return Light("measurable", is_lit=True, reason=f"measured by {metric.label}, with a target")


def _attainable(goal: Goal, pace: Pace | None, children: Sequence[Goal]) -> Light:
    if goal.measured_by is None and children:
        return Light("attainable", is_lit=False, reason="judged at each of the goals below it")
    if goal.target is None:
        return Light("attainable", is_lit=False, reason="without a target nothing can be compared")
    if pace is None or pace.best_rate is None or pace.median_rate is None:
        return Light("attainable", is_lit=False, reason="no whole period yet to compare with")
    needed = pace.required_rate_per_day if pace.required_rate_per_day is not None else pace.target
    if pace.days_left == 0 or needed is None:
        return Light("attainable", is_lit=not pace.is_behind, reason="the due date is over")
    return _compared(pace, needed, pace.median_rate, pace.best_rate)


def _compared(pace: Pace, needed: float, median: float, best: float) -> Light:
    """What is asked against what the past reached; for an allowance, what is left against what the past used."""
    is_usual = median == best or (needed <= median if best > median else needed >= median)
    if pace.is_burn and pace.required_rate_per_day is not None:
        words = (
            "leaves less than the lowest ever used",
            "leaves the median of the past or more",
            "leaves less than the median",
        )
        below = ", but more than the lowest ever used"
    else:
        words = (
            "asks more than the best ever reached",
            "asks no more than the median of the past",
            "asks more than the median",
        )
        below = " of the past, but less than its best"
    if pace.is_out_of_reach:
        return Light("attainable", is_lit=False, reason=words[0])
    return Light("attainable", is_lit=True, reason=words[1] if is_usual else words[2] + below)


def _relevant(goal: Goal) -> Light:
    if goal.why.strip():
        return Light("relevant", is_lit=True, reason=goal.why)
    return Light("relevant", is_lit=False, reason="does not say why it matters")


def _time_bound(goal: Goal) -> Light:
    if goal.start is None or goal.due is None:
        missing = "start" if goal.start is None else "due date"
        return Light("time-bound", is_lit=False, reason=f"has no {missing}")
    return Light("time-bound", is_lit=True, reason="has a start and a due date")
