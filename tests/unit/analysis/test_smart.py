"""SMART lights: each says why it is lit or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kputui.analysis.pace import Measured, judge
from kputui.analysis.smart import lights
from kputui.analysis.targets import meets_target
from kputui.model.goal import Goal
from kputui.model.ids import GoalId, MetricId, SourceId
from kputui.model.metric import Aggregation, DatedTarget, Direction, Metric, MetricKind, Simple
from kputui.model.series import Span

METRIC = Metric(
    MetricId("m"),
    MetricKind.KPI,
    "Repeat buyers",
    Simple(SourceId("s"), Aggregation.SUM),
    direction=Direction.INCREASE,
)
GOAL = Goal(
    GoalId("g"),
    "Customers come back",
    why="They pay for the growth",
    start=date(2026, 1, 1),
    due=date(2026, 12, 31),
    measured_by=MetricId("m"),
    target=365.0,
)


def history(value: float) -> list[tuple[Span, float]]:
    return [(Span(date(2025, 12, 1), date(2025, 12, 8)), value), (Span(date(2025, 12, 8), date(2025, 12, 15)), 7.0)]


def lit(goal: Goal, metric: Metric | None = METRIC, best: float = 14.0) -> dict[str, bool]:
    pace = judge(goal, METRIC, Measured(date(2026, 3, 14), 60.0, history=history(best)))
    return {light.name: light.is_lit for light in lights(goal, metric, pace)}


def test_a_whole_goal_has_five_lights() -> None:
    """A result, a measure with a target, a reason, dates, and a rate that was reached before."""
    assert all(lit(GOAL).values())
    assert list(lit(GOAL)) == ["specific", "measurable", "attainable", "relevant", "time-bound"]


@pytest.mark.parametrize(
    ("change", "dark"),
    [
        ({"label": "Raise retention by 10 %"}, "specific"),
        ({"label": "More repeat buyers"}, "specific"),
        ({"label": " "}, "specific"),
        ({"target": None}, "measurable"),
        ({"target": 900.0}, "attainable"),
        ({"why": ""}, "relevant"),
        ({"due": None}, "time-bound"),
    ],
)
def test_each_lack_puts_its_light_out(change: dict[str, object], dark: str) -> None:
    """A number or metric in the label, no target, a rate never reached, no reason, no date."""
    assert not lit(replace(GOAL, **change))[dark]  # type: ignore[arg-type]


def test_a_parent_is_measured_by_the_goals_below() -> None:
    """A goal without a measure of its own is measurable when all its children are."""
    parent = replace(GOAL, measured_by=None)
    found = {light.name: light for light in lights(parent, None, None, (GOAL,))}
    assert found["measurable"].is_lit
    assert found["measurable"].reason == "measured by the goals below it"
    alone = {light.name: light for light in lights(parent, None)}
    assert not alone["measurable"].is_lit


def test_an_allowance_is_compared_with_what_was_used() -> None:
    """A budget that leaves less than the best week ever used is not attainable, and says so."""
    falling = replace(METRIC, direction=Direction.DECREASE)
    pace = judge(GOAL, falling, Measured(date(2026, 12, 1), 360.0, history=history(14.0)))
    attainable = lights(GOAL, falling, pace)[2]
    assert not attainable.is_lit
    assert attainable.reason == "leaves less than the lowest ever used"


@pytest.mark.parametrize(
    ("direction", "value", "is_met"),
    [
        (Direction.INCREASE, 0.76, True),
        (Direction.INCREASE, 0.7599999, False),
        (Direction.DECREASE, 0.7600001, False),
        (Direction.NEUTRAL, 0.8, None),
        (Direction.INCREASE, None, None),
    ],
)
def test_a_dated_target_is_met_or_not(direction: Direction, value: float | None, is_met: bool | None) -> None:
    """Unrounded, in the metric's own direction; without a direction or a value nothing is said."""
    metric = replace(METRIC, direction=direction, targets=(DatedTarget(date(2026, 1, 1), 0.76),))
    assert meets_target(metric, value, date(2026, 3, 1)) is is_met


def test_a_target_counts_from_its_date() -> None:
    """Before its first date there is none; afterwards the latest one rules."""
    metric = replace(METRIC, targets=(DatedTarget(date(2026, 1, 1), 1.0), DatedTarget(date(2026, 7, 1), 2.0)))
    assert meets_target(metric, 1.5, date(2025, 12, 31)) is None
    assert meets_target(metric, 1.5, date(2026, 6, 30)) is True
    assert meets_target(metric, 1.5, date(2026, 7, 1)) is False
