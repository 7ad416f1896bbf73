"""Seasonal plans: the share curve of earlier years, and what is due by it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.analysis.pace import Measured, judge
from kputui.analysis.plan import SEASONAL_NOTE, evening, plan_of, planned_weight
from kputui.analysis.season_curve import Curve, season_curve, year_before
from kputui.model.goal import Context, Goal, GoalState, PlanKind
from kputui.model.ids import GoalId, MetricId, SourceId
from kputui.model.metric import Aggregation, Direction, Grain, Metric, MetricKind, Simple
from kputui.model.series import Series, Span

START = date(2026, 1, 1)
GOAL = Goal(GoalId("g"), "G", start=START, due=date(2026, 12, 31), target=3_650.0, plan=PlanKind.SEASONAL)
METRIC = Metric(
    MetricId("m"), MetricKind.KPI, "M", Simple(SourceId("s"), Aggregation.SUM), direction=Direction.INCREASE
)


def daily(first: date, behind: date, summer: float = 3.0, level: float = 10.0) -> Series:
    """`level` a day, `summer` times as much from June to August."""
    starts = tuple(first + timedelta(days=day) for day in range((behind - first).days))
    values = tuple(level * (summer if day.month in {6, 7, 8} else 1.0) for day in starts)
    ends = tuple(day + timedelta(days=1) for day in starts)
    return Series(METRIC.id, Grain.DAY, starts, ends, values, (1,) * len(starts), Span(first, behind))


def made(series: Series, start: date = START) -> Curve:
    curve = season_curve(series, start)
    assert curve is not None
    return curve


def test_a_seasonal_plan_asks_what_last_year_brought() -> None:
    """With three times as much in summer, half of the goal is due in the middle of July, not of the year."""
    plan = plan_of(GOAL, (), curve=made(daily(date(2025, 1, 1), date(2026, 3, 1))))
    assert plan is not None
    assert plan.notes == ()
    weight = 273 + 92 * 3
    assert plan.share(evening(date(2026, 4, 30))) == pytest.approx(120 / weight, abs=0.001)
    assert plan.share(evening(date(2026, 7, 16))) == pytest.approx((151 + 46 * 3) / weight, abs=0.002)
    assert plan.share(evening(date(2026, 12, 31))) == 1.0


def test_the_pace_of_a_seasonal_goal_is_fair_in_the_quiet_months() -> None:
    """In April 600 of 3,650 would be far behind a straight line; on the season's plan it is nearly all that is due."""
    curve = made(daily(date(2025, 1, 1), date(2026, 1, 1)))
    measured = Measured(date(2026, 3, 31), 600.0, curve=curve)
    assert judge(GOAL, METRIC, measured).state is GoalState.ON_TRACK
    assert (
        judge(replace(GOAL, plan=PlanKind.LINEAR), METRIC, replace(measured, curve=None)).state is GoalState.OFF_TRACK
    )


def test_a_summer_week_is_not_the_best_rate_of_winter() -> None:
    """The best rate in history counts by season: three times as much in July is the same pace as once in March."""
    curve = made(daily(date(2025, 1, 1), date(2026, 1, 1)))
    weeks = [(Span(date(2025, 7, 7), date(2025, 7, 14)), 210.0), (Span(date(2025, 3, 3), date(2025, 3, 10)), 70.0)]
    pace = judge(GOAL, METRIC, Measured(date(2026, 3, 31), 600.0, history=weeks, curve=curve))
    assert pace.best_rate == pytest.approx(pace.median_rate, rel=0.01)


def test_slow_zones_bend_the_season_too() -> None:
    """A week at half weight in July takes half of July's weight, not half of an average week's."""
    curve = made(daily(date(2025, 1, 1), date(2026, 1, 1)))
    zone = Context(date(2026, 7, 6), date(2026, 7, 12), "works", 0.5)
    first, behind = date(2026, 7, 1), date(2026, 8, 1)
    plain, slowed = planned_weight(GOAL, (), first, behind, curve), planned_weight(GOAL, (zone,), first, behind, curve)
    assert slowed / plain == pytest.approx((31 - 3.5) / 31)


@pytest.mark.parametrize("kind", ["no year", "negative", "nothing"])
def test_without_a_whole_earlier_year_the_plan_is_linear(kind: str) -> None:
    """Eleven months, a year with a negative day, or one that brought nothing make no season; the plan says so."""
    series = {
        "no year": daily(date(2025, 2, 1), date(2026, 1, 1)),
        "negative": daily(date(2025, 1, 1), date(2026, 1, 1), summer=-1.0),
        "nothing": daily(date(2025, 1, 1), date(2026, 1, 1), level=0.0),
    }[kind]
    assert season_curve(series, START) is None
    plan = plan_of(GOAL, ())
    assert plan is not None
    assert plan.notes == (SEASONAL_NOTE,)


def test_years_count_alike() -> None:
    """A year that brought ten times as much has no louder voice in the shape."""
    small = daily(date(2024, 1, 1), date(2025, 1, 1), summer=1.0)
    large = daily(date(2025, 1, 1), date(2026, 1, 1), summer=3.0, level=100.0)
    both = replace(
        small,
        starts=small.starts + large.starts,
        ends=small.ends + large.ends,
        values=small.values + large.values,
        covers=Span(date(2024, 1, 1), date(2026, 1, 1)),
    )
    curve = made(both)
    july, march = (curve.weight(date(2026, month, 15).toordinal()) for month in (7, 3))
    shares = [(1 / 366, 3 / (273 + 276)), (1 / 366, 1 / (273 + 276))]
    assert curve.years == 2
    assert july / march == pytest.approx(sum(shares[0]) / sum(shares[1]), rel=0.01)


def test_what_lies_behind_the_start_is_not_looked_at() -> None:
    """A goal's own year does not plan itself."""
    early, late = daily(date(2025, 1, 1), date(2026, 1, 1)), daily(date(2025, 1, 1), date(2026, 9, 1))
    assert made(early) == made(late)


@given(st.dates(date(1905, 1, 1), date(2100, 1, 1)))
def test_a_year_of_a_curve_weighs_a_year(start: date) -> None:
    """Whatever the season, 365 days weigh about 365: rates by day keep their meaning."""
    curve = Curve(tuple(1 + math.sin(place / 58) / 2 for place in range(366)), 1)
    mean = sum(curve.weights) / 366
    behind = start + timedelta(days=365)
    assert planned_weight(GOAL, (), start, behind, curve) == pytest.approx(365 * mean, rel=0.01)


def test_the_year_before_a_leap_day() -> None:
    """A 29 February has its year before on 1 March."""
    assert year_before(date(2024, 2, 29)) == date(2023, 3, 1)
    assert year_before(date(2024, 2, 29), 4) == date(2020, 2, 29)
