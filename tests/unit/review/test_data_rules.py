"""Rules that need the figures: silent without them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.unit.review.sound import CPI, GOAL, KPI, TODAY, changed, codes, findings, goal_changed, only, sound

from kputui.analysis.pace import Pace
from kputui.analysis.signals.reading import Assurance, Firmness, Limits, ProcessChart
from kputui.model.goal import Goal, GoalKind, GoalState, PlanKind
from kputui.model.ids import GoalId, MetricId, PersonId
from kputui.model.metric import DatedTarget, Grain, NumberFormat
from kputui.model.series import Failure, Reading, Series, Span
from kputui.review.known import Known
from kputui.review.rules import run

TARGETS = (DatedTarget(date(2026, 1, 1), 20.0),)


def pace(state: GoalState | None = GoalState.OFF_TRACK, **more: object) -> dict[GoalId, Pace]:
    return {GOAL: replace(Pace(GOAL, GoalKind.SUM, PlanKind.LINEAR, TODAY, state), **more)}  # type: ignore[arg-type]


def reading(rows: int, *, is_whole: bool = True) -> dict[MetricId, Reading]:
    start = date(2026, 6, 1)
    end = start + timedelta(days=7)
    covers = Span(start, end if is_whole else end - timedelta(days=1))
    return {CPI: Reading(CPI, Series(CPI, Grain.WEEK, (start,), (end,), (1.0,), (rows,), covers))}


def chart(assurance: Assurance | None, firmness: Firmness = Firmness.LIMITS) -> ProcessChart:
    limits = (Limits(0, (10.0,), (8.0,), (12.0,)),)
    return ProcessChart(n=14, firmness=firmness, limits=limits, assurance=assurance)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (GoalState.MISSED, ["M18"]),
        (GoalState.NO_DATA, ["M18"]),
        (None, ["M18"]),
        (GoalState.MET, []),
    ],
)
def test_a_goal_that_is_overdue_and_open(state: GoalState | None, found: list[str]) -> None:
    """From the day after it was due, unless it was met."""
    late = goal_changed(sound(), due=TODAY - timedelta(days=1))
    assert codes(late, paces=pace(state)) == found


def test_a_goal_is_not_overdue_on_its_last_day() -> None:
    """The due date still counts; and without figures nothing is said."""
    due = goal_changed(sound(), due=TODAY)
    assert codes(due, paces=pace(GoalState.MISSED)) == []
    assert codes(goal_changed(sound(), due=TODAY - timedelta(days=9))) == []


def test_how_long_a_goal_is_overdue() -> None:
    """The days are said and given as a figure."""
    late = goal_changed(sound(), due=TODAY - timedelta(days=9))
    problem = only(late, paces=pace(GoalState.MISSED))
    assert "9 days ago, and was not met" in problem.message
    assert problem.figures == (("days_overdue", 9),)


def test_a_goal_without_a_measure_is_overdue_by_its_date() -> None:
    """Nothing says whether it was met; a goal above others is told by them."""
    wish = Goal(GoalId("wish"), "We stay", why="It is ours", owner=PersonId("ines"), due=TODAY - timedelta(days=1))
    workspace = sound()
    assert codes(replace(workspace, goals={**workspace.goals, wish.id: wish})) == ["M02", "M18"]
    child = replace(workspace.goals[GOAL], parent=wish.id)
    found = codes(replace(workspace, goals={wish.id: wish, GOAL: child}), paces=pace(GoalState.ON_TRACK))
    assert "M18" not in found


def test_a_goal_that_needs_more_than_was_ever_reached() -> None:
    """The needed rate and the best one are said; a goal within reach, or one that is over, is left alone."""
    lost = pace(is_out_of_reach=True, required_rate_per_day=4.0, best_rate=3.0, median_rate=2.0, days_left=184)
    problem = only(sound(), paces=lost)
    assert problem.code == "M19"
    assert "needs 28 a week from now on; the best ever reached is 21 a week" in problem.message
    assert dict(problem.figures) == {"needed": 4.0, "best_rate": 3.0, "days_left": 184}
    near = pace(required_rate_per_day=3.0, best_rate=3.0, median_rate=2.0, days_left=184)
    assert codes(sound(), paces=near) == []
    over = pace(GoalState.MISSED, is_out_of_reach=True, required_rate_per_day=4.0, best_rate=3.0, days_left=0)
    assert codes(sound(), paces=over) == []


def test_an_allowance_that_leaves_less_than_was_ever_used() -> None:
    """Of an allowance something is left, not needed."""
    lost = pace(is_out_of_reach=True, is_burn=True, required_rate_per_day=0.5, best_rate=2.0, days_left=184)
    assert (
        "leaves 3.5 a week from now on; the least that was ever used is 14 a week" in only(sound(), paces=lost).message
    )


def test_a_ratio_that_needs_more_than_was_ever_reached() -> None:
    """A ratio is compared as it is, not by the day."""
    lost = pace(is_out_of_reach=True, target=0.9, best_rate=0.8, median_rate=0.7, days_left=184)
    assert "needs 0.9 from now on; the best ever reached is 0.8" in only(sound(), paces=lost).message


def test_what_is_needed_is_written_as_the_board_writes_it() -> None:
    """A share in percent, an amount by the week with its unit and its thousands apart."""
    workspace = sound()
    measured = workspace.metrics[KPI]
    share = replace(measured, format=NumberFormat.PERCENT1)
    lost = pace(is_out_of_reach=True, target=0.7345, best_rate=0.7176, median_rate=0.7, days_left=184)
    found = only(replace(workspace, metrics={**workspace.metrics, measured.id: share}), paces=lost).message
    assert "needs 73.45 % from now on; the best ever reached is 71.76 %" in found
    money = replace(measured, unit="EUR")
    lost = pace(is_out_of_reach=True, required_rate_per_day=10878.0, best_rate=6920.0, median_rate=1.0, days_left=184)
    found = only(replace(workspace, metrics={**workspace.metrics, measured.id: money}), paces=lost).message
    assert "needs 76 146 EUR a week from now on; the best ever reached is 48 440 EUR a week" in found


def test_a_target_outside_the_natural_limits() -> None:
    """Only of firm enough limits, and only where the target is never reached."""
    workspace = changed(sound(), KPI, targets=TARGETS)
    problem = only(workspace, charts={KPI: chart(Assurance.CONSISTENT_FAIL)})
    assert problem.code == "M30"
    assert "lies above its upper natural limit 12" in problem.message
    assert "8" not in problem.message
    share = changed(sound(), KPI, targets=(DatedTarget(date(2026, 1, 1), 0.76),), format=NumberFormat.PERCENT1)
    low = replace(chart(Assurance.CONSISTENT_FAIL), limits=(Limits(0, (0.85,), (0.81,), (0.9,)),))
    assert "the target 76.0 % of" in only(share, charts={KPI: low}).message
    assert "below its lower natural limit 81.0 %" in only(share, charts={KPI: low}).message
    assert dict(problem.figures) == {"target": 20.0, "lower": 8.0, "upper": 12.0, "n": 14}
    for other in (
        chart(Assurance.CONSISTENT_PASS),
        chart(Assurance.INCONSISTENT),
        chart(None),
        chart(Assurance.CONSISTENT_FAIL, Firmness.PROVISIONAL),
    ):
        assert codes(workspace, charts={KPI: other}) == []
    assert codes(sound(), charts={KPI: chart(Assurance.CONSISTENT_FAIL)}) == []


def test_a_sample_that_is_too_small() -> None:
    """The newest whole period is what counts; a running one is not looked at."""
    workspace = changed(sound(), CPI, min_sample=50)
    problem = only(workspace, readings=reading(49))
    assert (problem.code, problem.key) == ("M31", "metrics.late.min_sample")
    assert dict(problem.figures) == {"rows": 49, "min_sample": 50}
    assert codes(workspace, readings=reading(50)) == []
    assert codes(workspace, readings=reading(1, is_whole=False)) == []


def test_unreadable_data_keeps_the_rules_silent() -> None:
    """A metric that failed says so elsewhere."""
    workspace = changed(sound(), CPI, min_sample=50)
    failed = {CPI: Reading(CPI, failure=Failure("D01", "cannot be read"))}
    assert findings(workspace, readings=failed, paces=pace(GoalState.NO_DATA)) == ()


def test_without_a_day_nothing_is_overdue() -> None:
    """A caller that knows no day gets the rules that need none."""
    late = goal_changed(sound(), due=date(2020, 1, 1), start=date(2019, 1, 1))
    assert run(Known(late, paces=pace(GoalState.MISSED))) == ()
