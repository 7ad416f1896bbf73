"""What if: by how much a KPI is expected to change when a confirmed CPI improves, and what that is of a goal's gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.evidence.what_if import WhatIf, what_if
from kputui.analysis.targets import meets_target
from kputui.model.goal import GoalKind
from kputui.model.link import LinkState
from kputui.model.metric import Direction, Grain
from kputui.session.link_words import PERCENT, figure, interval_words, later_words, moved_words, step_of
from kputui.session.rows import date_before, link_standing
from kputui.session.words import metric_words

if TYPE_CHECKING:
    from kputui.analysis.evidence.verdict import Effect, Evidence
    from kputui.analysis.pace import Pace
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures


_STATES = {LinkState.HYPOTHESIS: "a hypothesis", LinkState.TESTING: "in testing"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a change of a CPI is expected to do.

    `change`: of the CPI, in its unit and with its sign; `is_to_target`: it goes from now to the CPI's target.
    `found`: the expected change of the KPI by period, with the share of the gap of `goal` (of the KPI's own dated
    target when `goal` is None) that it makes; no share when there is no gap. `periods` are the whole periods left
    to a goal that adds up, over which the change counts; 1 for any other.
    """

    cpi: MetricId
    kpi: MetricId
    change: float
    is_to_target: bool
    found: WhatIf
    is_joint: bool = False
    gap: float | None = None
    goal: GoalId | None = None
    periods: int = 1


def expected(figures: Figures, evidence: Evidence, change: float | None = None) -> Expectation | None:
    """What is expected when the CPI improves by `change` (its size, in its unit); None without an effect.

    Without a `change` it is the way from now to the CPI's target, or one natural step where it has none or has
    reached it. The effect is the one beside the KPI's other confirmed CPIs where there are some.
    """
    effect = evidence.joint or evidence.effect
    cpi, kpi = (figures.workspace.metrics.get(name) for name in (evidence.cpi, evidence.kpi))
    if effect is None or cpi is None or kpi is None:
        return None
    is_to_target = False
    if change is None:
        way = _way_to_target(figures, cpi)
        is_to_target = way is not None
        change = way if way is not None else _better(cpi, _step(figures, cpi))
    else:
        change = _better(cpi, change)
    gap, goal, periods = _gap(figures, kpi, evidence, effect)
    share_of = None if gap is None else gap / periods
    found = what_if(effect, change, share_of)
    return Expectation(
        evidence.cpi, evidence.kpi, change, is_to_target, found, evidence.joint is not None, gap, goal, periods
    )


def what_if_words(figures: Figures, expectation: Expectation, grain: Grain | None) -> str:
    """An expectation in one sentence, always with its interval."""
    metrics, found = figures.workspace.metrics, expectation.found
    cpi, kpi = metrics[expectation.cpi], metrics[expectation.kpi]
    first, second = (metric_words(figures.workspace, one.id) for one in (cpi, kpi))
    target = " (to its target)" if expectation.is_to_target else ""
    interval = interval_words(kpi, found.low, found.high)
    doubt = _reach_words(figures, cpi, expectation.change)
    return (
        f"{doubt}if {first} {moved_words(cpi, expectation.change)}{target}, {second} is expected to "
        f"{moved_words(kpi, found.expected, 'fall', 'rise')} {interval} {later_words(found.lag, grain)}"
        f"{_share_words(figures, expectation)}"
    )


def _reach_words(figures: Figures, metric: Metric, change: float) -> str:
    """That a change leads below zero, or a share beyond all of it, where nothing can be expected; else ""."""
    newest = _newest(figures, metric)
    if newest is None:
        return ""
    reached = newest[0] + change
    is_beyond = metric.format in PERCENT and reached > 1
    if not is_beyond and not (newest[0] >= 0 > reached and metric.direction is Direction.DECREASE):
        return ""
    return f"{metric_words(figures.workspace, metric.id)} can't go so far from where it stands; "


def _share_words(figures: Figures, expectation: Expectation) -> str:
    found = expectation.found
    if found.share is None or found.share_low is None or found.share_high is None:
        return ""
    low, high = (figure(100 * share) for share in (found.share_low, found.share_high))
    goal = figures.workspace.goals.get(expectation.goal) if expectation.goal is not None else None
    whose = f'the goal "{goal.label}"' if goal is not None else f"the target of {_label(figures, expectation)}"
    over = f" over the {expectation.periods} periods left" if expectation.periods > 1 else ""
    if found.share < 0:
        return f"; that is away from {whose}"
    return f"; that is {figure(100 * found.share)} % [{low}, {high}] of what is missing to {whose}{over}"


def _label(figures: Figures, expectation: Expectation) -> str:
    return metric_words(figures.workspace, expectation.kpi)


def refused_words(figures: Figures, evidence: Evidence) -> str:
    """Why no what-if is told of a pair; "" of a confirmed link, which has not expired, with an effect."""
    if not any((link.cpi, link.kpi) == (evidence.cpi, evidence.kpi) for link in figures.workspace.links):
        return "nobody has declared this link: only a confirmed one tells what if"
    state = link_standing(figures, evidence.cpi, evidence.kpi).state
    if state is not LinkState.CONFIRMED:
        return f"this link is {_STATES.get(state, state)}: only a confirmed one tells what if"
    if evidence.joint is None and evidence.effect is None:
        return "the data at hand gives no effect of this link to tell what if from"
    return ""


def _newest(figures: Figures, metric: Metric) -> tuple[float, int] | None:
    """The newest whole value of a metric, and its index."""
    reading = figures.readings.get(metric.id)
    series = reading.series if reading is not None else None
    newest = series.newest_whole if series is not None else None
    if series is None or newest is None:
        return None
    value = series.values[newest]
    return None if value is None else (value, newest)


def _way_to_target(figures: Figures, metric: Metric) -> float | None:
    """The change from the newest whole value to the target in force; None without one, or when it is met."""
    newest = _newest(figures, metric)
    if newest is None:
        return None
    reading = figures.readings[metric.id]
    assert reading.series is not None  # noqa: S101 - `_newest` found its value
    day = date_before(reading.series.ends[newest[1]])
    target = metric.target_on(day)
    if target is None or meets_target(metric, newest[0], day):
        return None
    return target - newest[0]


def _step(figures: Figures, metric: Metric) -> float:
    reading = figures.readings.get(metric.id)
    return step_of(metric, reading.series.values if reading is not None and reading.series is not None else ()).size


def _better(metric: Metric, size: float) -> float:
    """A change of that size in the metric's better direction; as it is where no direction is better."""
    if metric.direction is Direction.DECREASE:
        return -abs(size)
    return abs(size) if metric.direction is Direction.INCREASE else size


def _gap(figures: Figures, kpi: Metric, evidence: Evidence, effect: Effect) -> tuple[float | None, GoalId | None, int]:
    """What is missing to the first goal that the KPI measures, that goal, and over how many periods a change counts.

    Of an allowance it is what the pace so far would use too much. Without such a goal it is the way to the KPI's
    own dated target; None when nothing is missing.
    """
    for goal in figures.workspace.goals.values():
        pace = figures.paces.get(goal.id)
        if goal.measured_by == kpi.id and pace is not None and (gap := _missing(pace)) is not None:
            return gap, goal.id, _periods_left(pace, evidence, effect) if pace.kind is GoalKind.SUM else 1
    return _way_to_target(figures, kpi), None, 1


def _missing(pace: Pace) -> float | None:
    at = pace.projection if pace.is_burn and pace.kind is GoalKind.SUM else pace.actual
    if at is None or pace.target is None:
        return None
    missing = pace.target - at
    if pace.is_burn:
        return missing if missing < 0 else None
    way = pace.target - (pace.baseline or 0.0)
    return missing if missing * way > 0 else None


def _periods_left(pace: Pace, evidence: Evidence, effect: Effect) -> int:
    days = evidence.grain.mean_days if evidence.grain is not None else 7.0
    return max(1, int((pace.days_left or 0) / days) - effect.lag)
