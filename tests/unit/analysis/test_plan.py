"""Plans: what is due by when, with slow zones."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.analysis.plan import (
    EMPTY_NOTE,
    MILESTONES_NOTE,
    SEASONAL_NOTE,
    Piece,
    Plan,
    business_days,
    evening,
    expected,
    plan_of,
    planned_weight,
    rate_beside,
    required_rate,
    share,
)
from kputui.model.goal import Context, Goal, Milestone, PlanKind
from kputui.model.ids import GoalId

YEAR = Goal(
    GoalId("loyal"),
    "Customers come back",
    start=date(2026, 1, 1),
    due=date(2026, 12, 31),
    baseline=10_000,
    target=12_000,
)
MOVE = Context(date(2026, 7, 6), date(2026, 7, 24), "warehouse move", 0.5)


def due_on(day: date, contexts: tuple[Context, ...] = (MOVE,)) -> float:
    found = share(YEAR, contexts, day)
    assert found is not None
    return expected(10_000, 12_000, found)


@pytest.mark.parametrize(
    ("day", "value"), [(date(2026, 6, 30), 11_018.28), (date(2026, 7, 15), 11_074.54), (date(2026, 7, 31), 11_139.24)]
)
def test_a_slow_zone_moves_what_is_expected(day: date, value: float) -> None:
    """A year from 10,000 to 12,000 with half weight on 6-24 July asks the values of METHODS section 2."""
    assert due_on(day) == pytest.approx(value, abs=0.005)


def test_the_year_with_the_slow_zone_weighs_355_and_a_half_days() -> None:
    """19 days at half weight take 9.5 from the year's 365."""
    assert planned_weight(YEAR, (MOVE,), date(2026, 1, 1), date(2027, 1, 1)) == pytest.approx(355.5)


def test_road_trip_half_way_through() -> None:
    """100 miles in 2 h, 40 after 1 h: index 0.8, and the second hour needs 60 mph (METHODS 2)."""
    trip = Plan((Piece(0.0, 2.0),))
    due = expected(0.0, 100.0, trip.share(1.0))
    assert 40 / due == pytest.approx(0.8)
    assert required_rate(100 - 40, trip.weight(1.0, 2.0)) == pytest.approx(60.0)


def test_road_trip_with_a_school_zone() -> None:
    """With 0.2 h planned at 25 mph the rest of the 100 miles in 2 h needs 52.78 mph (METHODS 2)."""
    rate = rate_beside(100.0, 2.0, [(0.2, 25.0)])
    assert rate is not None
    assert rate == pytest.approx(52.78, abs=0.005)
    slow = Plan((Piece(0.0, 0.2, 25.0 / rate), Piece(0.2, 2.0)))
    assert required_rate(100.0, slow.total) == pytest.approx(rate)


def test_no_weight_left_has_no_rate() -> None:
    """After the last day nothing can be asked any more."""
    assert required_rate(10.0, 0.0) is None


def test_the_slowest_of_two_zones_rules() -> None:
    """Where zones overlap the lower factor counts, and a mark without a factor changes nothing."""
    mark = Context(date(2026, 7, 1), date(2026, 7, 31), "summer")
    stop = Context(date(2026, 7, 20), date(2026, 7, 26), "closed", 0.0)
    weight = planned_weight(YEAR, (MOVE, mark, stop), date(2026, 7, 1), date(2026, 8, 1))
    assert weight == pytest.approx(5 + 14 * 0.5 + 5)


def test_a_zone_slows_the_goals_that_it_names() -> None:
    """A context that names other goals slows nothing here; one that names none slows all."""
    other = Context(MOVE.start, MOVE.end, "not ours", 0.5, goals=(GoalId("other"),))
    ours = Context(MOVE.start, MOVE.end, "ours", 0.5, goals=(GoalId("other"), YEAR.id))
    assert due_on(date(2026, 7, 31), (other,)) == due_on(date(2026, 7, 31), ())
    assert due_on(date(2026, 7, 31), (ours,)) == due_on(date(2026, 7, 31))


def test_weekends_bring_nothing_on_business_days() -> None:
    """A business-day plan rises from Monday to Friday and rests on the weekend."""
    goal = Goal(GoalId("g"), "G", start=date(2026, 6, 1), due=date(2026, 6, 14), target=10, plan=PlanKind.BUSINESS_DAYS)
    shares = [share(goal, (), date(2026, 6, day)) for day in (1, 5, 6, 7, 8, 14)]
    assert shares == pytest.approx([0.1, 0.5, 0.5, 0.5, 0.6, 1.0])


def test_a_plan_of_a_single_weekend_says_that_nothing_is_due() -> None:
    """Without a working day nothing is due before the end, and the plan says so."""
    goal = Goal(GoalId("g"), "G", start=date(2026, 6, 6), due=date(2026, 6, 7), target=10, plan=PlanKind.BUSINESS_DAYS)
    plan = plan_of(goal, ())
    assert plan is not None
    assert EMPTY_NOTE in plan.notes
    assert [plan.share(evening(date(2026, 6, day))) for day in (6, 7)] == [0.0, 1.0]


def test_milestones_are_joined_by_straight_lines() -> None:
    """Between two dated values the plan goes on evenly."""
    goal = Goal(
        GoalId("g"),
        "G",
        start=date(2026, 1, 1),
        due=date(2026, 1, 10),
        target=100,
        plan=PlanKind.MILESTONES,
        milestones=(Milestone(date(2026, 1, 4), 80),),
    )
    assert [share(goal, (), date(2026, 1, day)) for day in (2, 4, 7, 10)] == pytest.approx([0.4, 0.8, 0.9, 1.0])


def test_a_seasonal_plan_says_that_it_is_linear_for_now() -> None:
    """Nobody takes a straight line for a season."""
    goal = Goal(GoalId("g"), "G", start=date(2026, 1, 1), due=date(2026, 1, 10), target=1, plan=PlanKind.SEASONAL)
    plan = plan_of(goal, ())
    assert plan is not None
    assert plan.notes == (SEASONAL_NOTE,)
    assert plan.share(evening(date(2026, 1, 5))) == pytest.approx(0.5)


def test_a_goal_without_dates_has_no_plan() -> None:
    """Without a start or a due date there is nothing to be on pace with."""
    assert plan_of(Goal(GoalId("g"), "G", due=date(2026, 1, 1)), ()) is None
    assert share(Goal(GoalId("g"), "G", start=date(2026, 1, 1)), (), date(2026, 1, 1)) is None


def test_a_goal_until_the_end_of_time_is_planned_at_once() -> None:
    """A due date in the year 9999 is a plan like any other."""
    goal = Goal(GoalId("g"), "G", start=date(1, 1, 1), due=date.max, target=1)
    assert share(goal, (), date.max) == 1.0


days = st.dates(min_value=date(2000, 1, 1), max_value=date(2030, 12, 31))
zones = st.builds(
    lambda start, length, factor: Context(start, start + timedelta(days=length), "zone", factor),
    days,
    st.integers(0, 400),
    st.floats(0.0, 3.0),
)


@given(days, st.integers(0, 900), st.lists(zones, max_size=4), st.sampled_from(PlanKind), st.data())
def test_share_rises_from_nothing_to_all(
    start: date, length: int, contexts: list[Context], kind: PlanKind, data: st.DataObject
) -> None:
    """Whatever the plan and its zones: 0 before the start, 1 on the due date, never falling in between."""
    due = start + timedelta(days=length)
    goal = Goal(GoalId("g"), "G", start=start, due=due, target=100.0, plan=kind)
    plan = plan_of(goal, contexts)
    assert plan is not None
    assert plan.share(start.toordinal()) == 0.0
    assert plan.share(evening(due)) == 1.0
    ordered = sorted(data.draw(st.lists(st.integers(start.toordinal(), evening(due)), min_size=2, max_size=6)))
    shares = [plan.share(position) for position in ordered]
    assert all(early <= late + 1e-12 for early, late in itertools.pairwise(shares))


@given(st.integers(1, 3_000_000), st.integers(0, 60))
def test_business_days_are_counted_as_a_calendar_does(start: int, length: int) -> None:
    """Counting by weeks gives the same as looking at every day."""
    days_between = [date.fromordinal(ordinal).weekday() < 5 for ordinal in range(start, start + length)]
    assert business_days(start, start + length) == sum(days_between)


def test_milestones_outside_the_goals_time_are_told() -> None:
    """A value dated before the start or after the due date plans nothing, and is not passed over in silence."""
    stones = (Milestone(date(2025, 12, 1), 5), Milestone(date(2026, 1, 4), 80))
    goal = replace(YEAR, plan=PlanKind.MILESTONES, milestones=stones)
    plan = plan_of(goal, ())
    assert plan is not None
    assert plan.notes == (MILESTONES_NOTE,)


def test_slow_zones_bend_the_way_between_milestones() -> None:
    """Inside a zone of weight 0 the plan stands still, and the milestone is due all the same."""
    stop = Context(date(2026, 1, 1), date(2026, 1, 5), "closed", 0.0)
    goal = Goal(
        GoalId("g"),
        "G",
        start=date(2026, 1, 1),
        due=date(2026, 1, 20),
        target=100,
        plan=PlanKind.MILESTONES,
        milestones=(Milestone(date(2026, 1, 10), 40),),
    )
    shares = [share(goal, (stop,), date(2026, 1, day)) for day in (5, 6, 10, 20)]
    assert shares == pytest.approx([0.0, 0.08, 0.4, 1.0])


def test_milestones_of_a_level_lead_down_as_well() -> None:
    """From 10 to 4 with 8 planned for the first half: a third of the way."""
    goal = replace(YEAR, baseline=10, target=4, plan=PlanKind.MILESTONES, milestones=(Milestone(date(2026, 6, 30), 8),))
    assert share(goal, (), date(2026, 6, 30)) == pytest.approx(1 / 3)
