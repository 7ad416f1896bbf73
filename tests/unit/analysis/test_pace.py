"""Pace: states, indexes and rates of goals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.analysis.pace import Measured, burn, judge, kind_of, progress
from kputui.model.goal import Context, Goal, GoalKind, GoalState, PlanKind
from kputui.model.ids import GoalId, MetricId, SourceId
from kputui.model.metric import Aggregation, Direction, Input, Metric, MetricKind, Ratio, Simple
from kputui.model.series import Span


def metric(direction: Direction = Direction.INCREASE, agg: Aggregation = Aggregation.SUM) -> Metric:
    return Metric(MetricId("m"), MetricKind.KPI, "M", Simple(SourceId("s"), agg), direction=direction)


SALES = Goal(GoalId("g"), "G", start=date(2026, 1, 1), due=date(2026, 12, 31), target=365.0, measured_by=MetricId("m"))
LEVEL = replace(SALES, baseline=100.0, target=200.0, kind=GoalKind.LEVEL)
SHARE = replace(SALES, target=415.0, kind=GoalKind.RATIO)


def weeks(*values: float, end: date = date(2026, 1, 1)) -> list[tuple[Span, float]]:
    """Whole weeks, the last ending before `end`."""
    first = end - timedelta(days=7 * len(values))
    starts = [first + timedelta(days=7 * index) for index in range(len(values))]
    return [(Span(start, start + timedelta(days=7)), value) for start, value in zip(starts, values, strict=True)]


def test_exactly_on_plan_is_on_track() -> None:
    """73 of 365 days and 73 of 365 units: index 1, nothing to correct."""
    pace = judge(SALES, metric(), Measured(date(2026, 3, 14), 73.0))
    assert pace.pace_index == pytest.approx(1.0)
    assert pace.state is GoalState.ON_TRACK
    assert pace.is_on_pace
    assert pace.required_rate_per_day == pytest.approx(1.0)
    assert pace.projection == pytest.approx(365.0)


@pytest.mark.parametrize(
    ("actual", "state"), [(73.0, GoalState.ON_TRACK), (72.9, GoalState.AT_RISK), (65.0, GoalState.OFF_TRACK)]
)
def test_behind_by_any_amount_is_never_on_track(actual: float, state: GoalState) -> None:
    """A little behind is at risk, more than a tenth behind is off track."""
    assert judge(SALES, metric(), Measured(date(2026, 3, 14), actual)).state is state


@pytest.mark.parametrize(
    ("direction", "actual", "state"),
    [
        (Direction.DECREASE, 90.0, GoalState.ON_TRACK),
        (Direction.DECREASE, 110.0, GoalState.OFF_TRACK),
        (Direction.INCREASE, 110.0, GoalState.ON_TRACK),
        (Direction.INCREASE, 90.0, GoalState.OFF_TRACK),
    ],
)
def test_a_level_to_be_kept_is_judged_by_its_direction(direction: Direction, actual: float, state: GoalState) -> None:
    """Where the target is the baseline, the metric's direction says which side of it is better."""
    kept = replace(LEVEL, target=100.0)
    assert judge(kept, metric(direction), Measured(date(2026, 3, 14), actual)).state is state


@pytest.mark.parametrize(
    ("direction", "actual", "state", "is_burn"),
    [
        (Direction.DECREASE, -20.0, GoalState.OFF_TRACK, False),
        (Direction.DECREASE, -80.0, GoalState.ON_TRACK, False),
        (Direction.DECREASE, -365.0, GoalState.MET, False),
        (Direction.INCREASE, -20.0, GoalState.ON_TRACK, True),
        (Direction.INCREASE, -100.0, GoalState.OFF_TRACK, True),
        (Direction.INCREASE, -366.0, GoalState.MISSED, True),
    ],
)
def test_a_sum_below_zero_is_a_way_down_or_an_allowance(
    direction: Direction, actual: float, state: GoalState, *, is_burn: bool
) -> None:
    """A debt to be paid off is on its way down; a loss to be kept small is an allowance that burns."""
    pace = judge(replace(SALES, target=-365.0), metric(direction), Measured(date(2026, 3, 14), actual))
    assert (pace.state, pace.is_burn) == (state, is_burn)


def test_a_ratio_has_no_index_of_a_target_below_zero() -> None:
    """Behind a target of -5 no index says 1.1: a loss of 5.5 is no tenth more of the goal."""
    pace = judge(replace(SHARE, target=-5.0), metric(), Measured(date(2026, 3, 14), -5.5))
    assert (pace.pace_index, pace.state) == (None, GoalState.OFF_TRACK)


def test_a_little_behind_is_off_track_when_it_needs_more_than_ever() -> None:
    """An index of 0.95 does not calm when no week of the past was good enough for the rest."""
    slow = Measured(date(2026, 12, 1), 0.95 * 335, history=weeks(7.0, 7.5, 8.0))
    pace = judge(SALES, metric(), slow)
    assert pace.is_out_of_reach
    assert pace.state is GoalState.OFF_TRACK


def test_rounding_never_turns_a_miss_into_a_hit() -> None:
    """414.91 against 415.0 on the due date is missed, however it is written."""
    due = SHARE.due
    assert judge(SHARE, metric(), Measured(due, 414.91)).state is GoalState.MISSED
    assert judge(SHARE, metric(), Measured(due, 414.9999999)).state is GoalState.MISSED
    assert judge(SHARE, metric(), Measured(due, 415.0)).state is GoalState.MET


def test_a_sum_is_met_as_soon_as_it_is_reached() -> None:
    """Nobody waits for December to celebrate."""
    assert judge(SALES, metric(), Measured(date(2026, 6, 1), 365.0)).state is GoalState.MET


def test_an_allowance_is_missed_as_soon_as_it_is_used_up() -> None:
    """8,001 of 8,000 allowed cancellations in June cannot be undone; all 8,000 can still be kept."""
    falling = metric(Direction.DECREASE)
    assert judge(SALES, falling, Measured(date(2026, 6, 1), 366.0)).state is GoalState.MISSED
    assert judge(SALES, falling, Measured(SALES.due, 365.0)).state is GoalState.MET


def test_an_allowance_burns() -> None:
    """More used than due by now is a burn over 1, and behind."""
    pace = judge(SALES, metric(Direction.DECREASE), Measured(date(2026, 3, 14), 80.0))
    assert pace.is_burn
    assert pace.pace_index == pytest.approx(80 / 73)
    assert pace.state is GoalState.AT_RISK
    fast = judge(SALES, metric(Direction.DECREASE), Measured(date(2026, 3, 14), 73 / 0.9 + 0.1))
    assert fast.state is GoalState.OFF_TRACK


def test_a_level_is_met_only_on_its_due_date() -> None:
    """A level that is there in June may be gone in December."""
    assert judge(LEVEL, metric(), Measured(date(2026, 6, 30), 210.0)).state is GoalState.ON_TRACK
    assert judge(LEVEL, metric(), Measured(LEVEL.due, 210.0)).state is GoalState.MET


def test_a_level_goes_down_as_well() -> None:
    """From 200 down to 100: 150 at half time is on plan, 160 is behind."""
    falling = replace(LEVEL, baseline=200.0, target=100.0)
    half = date(2026, 7, 2)
    behind = judge(falling, metric(Direction.DECREASE), Measured(half, 160.0))
    assert behind.pace_index == pytest.approx(40 / (100 * 183 / 365))
    assert behind.is_behind
    assert judge(falling, metric(Direction.DECREASE), Measured(half, 149.0)).state is GoalState.ON_TRACK


def test_a_level_without_a_baseline_counts_from_where_it_was() -> None:
    """The last value before the start is the baseline when nobody wrote one."""
    goal = replace(LEVEL, baseline=None)
    pace = judge(goal, metric(), Measured(date(2026, 7, 2), 150.0, baseline=100.0))
    assert pace.baseline == 100.0
    assert pace.progress == pytest.approx(0.5)


@pytest.mark.parametrize(("actual", "way"), [(75.0, -0.25), (100.0, 0.0), (150.0, 0.5), (225.0, 1.25)])
def test_progress_shows_overshoot_and_undershoot(actual: float, way: float) -> None:
    """More than all the way is over 100 %, the wrong way is below 0."""
    assert progress(actual, 100.0, 200.0) == pytest.approx(way)


def test_progress_downwards() -> None:
    """From 200 to 100, 175 is a quarter of the way."""
    assert progress(175.0, 200.0, 100.0) == pytest.approx(0.25)
    assert progress(1.0, 5.0, 5.0) is None


def test_before_the_start_a_goal_is_not_started() -> None:
    """A goal that begins next year has no pace yet."""
    pace = judge(SALES, metric(), Measured(date(2025, 12, 1), None), last_day=date(2025, 12, 1))
    assert pace.state is GoalState.NOT_STARTED


def test_without_a_value_there_is_no_data() -> None:
    """No data is neither on track nor off track."""
    assert judge(SALES, metric(), Measured(None, None), last_day=date(2026, 2, 1)).state is GoalState.NO_DATA


def test_a_value_from_before_the_start_says_nothing_about_the_goal() -> None:
    """The goal has begun, but no whole period lies behind its start: no data, not a verdict."""
    pace = judge(LEVEL, metric(), Measured(date(2025, 12, 28), 90.0), last_day=date(2026, 1, 3))
    assert pace.state is GoalState.NO_DATA
    assert pace.notes == ("no whole period since the goal's start yet",)


def test_a_goal_without_a_target_has_no_state() -> None:
    """A measured goal that cannot be judged says why."""
    pace = judge(replace(SALES, target=None), metric(), Measured(date(2026, 2, 1), 5.0))
    assert pace.state is None
    assert pace.notes == ("no pace: the goal has no target",)


def test_recent_pace_is_per_week() -> None:
    """28 days that brought 56 are 14 a week; 14 days that brought 28 are 14 a week as well."""
    month = judge(SALES, metric(), Measured(date(2026, 3, 14), 73.0, recent=56.0))
    young = judge(SALES, metric(), Measured(date(2026, 3, 14), 73.0, recent=28.0, recent_days=14))
    assert month.last_28_days == young.last_28_days == pytest.approx(14.0)


def test_when_the_best_rate_no_longer_helps() -> None:
    """At 0.5 a day, and 2 a day at best ever, 365 can be waited for until the 2nd of September, not longer."""
    pace = judge(SALES, metric(), Measured(date(2026, 3, 31), 45.0, history=weeks(3.5, 14.0)))
    assert pace.reachable_until is not None
    waited = (pace.reachable_until - date(2026, 3, 31)).days
    left = 275 - waited
    assert 45 + 0.5 * waited + 2 * left >= 365
    assert 45 + 0.5 * (waited + 1) + 2 * (left - 1) < 365


def test_slow_weeks_of_the_past_are_no_median() -> None:
    """Periods that the plan hardly weighs do not lower the bar."""
    closed = Context(date(2025, 12, 25), date(2025, 12, 31), "closed", 0.1)
    pace = judge(SALES, metric(), Measured(date(2026, 3, 14), 73.0, history=weeks(7.0, 14.0, 0.0)), contexts=(closed,))
    assert pace.median_rate == pytest.approx(1.5)
    assert pace.best_rate == pytest.approx(2.0)


def test_a_ratio_is_compared_with_its_target() -> None:
    """A share has no sum to catch up with: expected is the target, the projection the share itself."""
    pace = judge(replace(SHARE, target=0.76), metric(agg=Aggregation.AVERAGE), Measured(date(2026, 6, 1), 0.7433))
    assert (pace.expected, pace.projection) == (0.76, 0.7433)
    assert pace.pace_index == pytest.approx(0.7433 / 0.76)
    assert pace.required_per_week is None
    assert pace.state is GoalState.AT_RISK


def test_a_held_level_burns_its_error_budget() -> None:
    """98 % where 99 % is to be held has used its allowance twice over."""
    goal = replace(SALES, target=0.99, kind=GoalKind.MAINTAIN)
    pace = judge(goal, metric(Direction.INCREASE, Aggregation.AVERAGE), Measured(date(2026, 6, 1), 0.98, recent=0.97))
    assert pace.is_burn
    assert pace.pace_index == pytest.approx(2.0)
    assert pace.state is GoalState.OFF_TRACK
    calm = judge(goal, metric(Direction.INCREASE, Aggregation.AVERAGE), Measured(date(2026, 6, 1), 0.98, recent=0.995))
    assert calm.state is GoalState.AT_RISK


def test_burn_needs_shares() -> None:
    """A burn of something that is no share has no meaning."""
    assert burn(12.0, 10.0, is_rising=False) is None
    assert burn(0.02, 0.01, is_rising=False) == pytest.approx(2.0)
    assert burn(1.0, 1.0, is_rising=True) is None


def test_the_kind_follows_the_metric() -> None:
    """What adds up is summed, a baseline makes a level, the rest is a ratio; a written kind wins."""
    ratio = replace(metric(), definition=Ratio(Input(MetricId("a")), Input(MetricId("b"))))
    assert kind_of(SALES, metric()) is GoalKind.SUM
    assert kind_of(SALES, metric(agg=Aggregation.MEDIAN)) is GoalKind.RATIO
    assert kind_of(SALES, ratio) is GoalKind.RATIO
    assert kind_of(replace(SALES, baseline=1.0), metric()) is GoalKind.LEVEL
    assert kind_of(SALES, metric(Direction.MAINTAIN)) is GoalKind.MAINTAIN
    assert kind_of(replace(SALES, kind=GoalKind.RATIO), metric()) is GoalKind.RATIO


@given(
    st.floats(1.0, 1e9),
    st.integers(0, 364),
    st.floats(-1e9, 1e9),
    st.sampled_from([PlanKind.LINEAR, PlanKind.BUSINESS_DAYS]),
)
def test_the_index_is_one_exactly_on_plan(way: float, day: int, baseline: float, plan: PlanKind) -> None:
    """Whatever baseline, target and plan: who has what is expected has index 1 and is not behind."""
    goal = replace(LEVEL, baseline=baseline, target=baseline + way, plan=plan)
    as_of = date(2026, 1, 1) + timedelta(days=day)
    asked = judge(goal, metric(), Measured(as_of, baseline)).expected
    assert asked is not None
    pace = judge(goal, metric(), Measured(as_of, asked))
    assert pace.pace_index is None or pace.pace_index == pytest.approx(1.0)
    assert not pace.is_behind


@given(st.floats(0.0, 500.0), st.integers(0, 363))
def test_what_is_needed_is_enough(actual: float, day: int) -> None:
    """Keeping the required rate until the due date reaches the target."""
    pace = judge(SALES, metric(), Measured(date(2026, 1, 1) + timedelta(days=day), actual))
    assert pace.required_rate_per_day is not None
    assert actual + pace.required_rate_per_day * (364 - day) == pytest.approx(365.0)


def test_what_is_reached_has_nothing_left_to_do() -> None:
    """A sum over its target has no rate that is still needed, an allowance used up none that is left."""
    assert judge(SALES, metric(), Measured(date(2026, 3, 14), 73.0)).left_per_week == pytest.approx(7.0)
    assert judge(SALES, metric(), Measured(date(2026, 3, 14), 400.0)).left_per_week is None
    assert judge(SALES, metric(Direction.DECREASE), Measured(date(2026, 3, 14), 400.0)).left_per_week is None


def test_a_ratio_says_what_its_rest_needs() -> None:
    """A quarter of the year at 0.70 leaves the target of 0.76 to the other three: they need 0.78."""
    goal = replace(SHARE, target=0.76)
    pace = judge(goal, metric(), Measured(date(2026, 4, 1), 0.70, history=weeks(0.70, 0.79)))
    assert pace.needed_from_here == pytest.approx(0.76 + 0.06 * 91 / 274)
    assert not pace.is_out_of_reach
    assert judge(goal, metric(), Measured(goal.due, 0.70)).needed_from_here is None


def test_a_ratio_is_lost_when_its_rest_needs_more_than_ever() -> None:
    """The best week ever beats the target, but not what the last weeks of the year would need."""
    goal = replace(SHARE, target=0.76)
    pace = judge(goal, metric(), Measured(date(2026, 12, 1), 0.74, history=weeks(0.70, 0.90)))
    assert pace.needed_from_here == pytest.approx(0.76 + 0.02 * 335 / 30)
    assert pace.is_out_of_reach
    assert pace.state is GoalState.OFF_TRACK


@pytest.mark.parametrize(
    ("whole", "recent", "state"),
    [
        (0.98, 0.97, GoalState.OFF_TRACK),
        (0.98, 0.995, GoalState.AT_RISK),
        (0.995, 0.97, GoalState.ON_TRACK),
        (0.995, 0.995, GoalState.ON_TRACK),
    ],
)
def test_a_held_level_alarms_over_two_windows(whole: float, recent: float, state: GoalState) -> None:
    """Both windows have to burn too fast: an old incident is no alarm any more, a new one is none yet."""
    goal = replace(SHARE, target=0.99, kind=GoalKind.MAINTAIN)
    pace = judge(goal, metric(), Measured(date(2026, 6, 1), whole, recent))
    assert pace.state is state
    assert pace.pace_index == pytest.approx((1 - whole) / 0.01)
    assert pace.burn_of_28_days == pytest.approx((1 - recent) / 0.01)
