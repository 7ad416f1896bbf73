"""Rules about goals: what each finds, and near misses that it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.unit.review.sound import (
    GOAL,
    GUARD,
    KPI,
    changed,
    codes,
    findings,
    goal_changed,
    metric,
    only,
    sound,
    with_metrics,
)

from kputui.model.goal import Goal, GoalKind, Milestone, PlanKind
from kputui.model.ids import GoalId, PersonId
from kputui.model.metric import Direction, MetricKind

PARENT = GoalId("independent")


def test_a_goal_that_nothing_measures() -> None:
    """A goal without measure, KPI and goals below; a parent is measured through its children."""
    lone = Goal(GoalId("lone"), "A wish", why="Wishes move us", owner=PersonId("ines"))
    workspace = sound()
    assert only(replace(workspace, goals={**workspace.goals, lone.id: lone})).code == "M02"
    child = replace(workspace.goals[GOAL], parent=lone.id)
    assert findings(replace(workspace, goals={lone.id: lone, GOAL: child})) == ()


@pytest.mark.parametrize("lack", ["target", "start", "due"])
def test_a_goal_that_cannot_be_judged(lack: str) -> None:
    """Pace needs a target, a start and a due date; the finding names what lacks."""
    problem = only(goal_changed(sound(), **{lack: None}))
    assert problem.code == "M03"
    assert problem.message.endswith(f"it lacks {lack}")


def test_a_goal_says_why() -> None:
    """A why of spaces is none."""
    assert codes(goal_changed(sound(), why="  ")) == ["M09"]


def test_somebody_answers_for_a_goal() -> None:
    """Nobody named is a note."""
    assert codes(goal_changed(sound(), owner=None)) == ["M10"]


def test_a_level_names_where_it_starts() -> None:
    """A level goal wants a baseline; a sum starts at nothing."""
    assert codes(goal_changed(sound(), kind=GoalKind.LEVEL)) == ["M11"]
    assert codes(goal_changed(sound(), kind=GoalKind.LEVEL, baseline=8.0)) == []
    assert codes(goal_changed(sound(), kind=GoalKind.SUM)) == []


@pytest.mark.parametrize(
    ("direction", "zones", "found"),
    [
        (Direction.INCREASE, (10, 12, 15), []),
        (Direction.INCREASE, (12, 12, 12), []),
        (Direction.INCREASE, (13, 12, 15), ["goals.loyal.target"]),
        (Direction.INCREASE, (10, 12, 11), ["goals.loyal.stretch"]),
        (Direction.INCREASE, (15, 12, 10), ["goals.loyal.target", "goals.loyal.stretch"]),
        (Direction.INCREASE, (15, None, 10), ["goals.loyal.stretch"]),
        (Direction.DECREASE, (15, 12, 10), []),
        (Direction.DECREASE, (10, 12, 15), ["goals.loyal.target", "goals.loyal.stretch"]),
        (Direction.MAINTAIN, (10, 12, 11), []),
    ],
)
def test_zones_rise_towards_the_better_side(
    direction: Direction, zones: tuple[float | None, ...], found: list[str]
) -> None:
    """Stretch asks for more than target, target for more than commit, whichever way is better."""
    commit, target, stretch = zones
    workspace = goal_changed(changed(sound(), KPI, direction=direction), commit=commit, target=target, stretch=stretch)
    zone_problems = [problem for problem in findings(workspace) if problem.code == "M12"]
    assert [problem.key for problem in zone_problems] == found
    assert all(len(problem.figures) == 2 for problem in zone_problems)


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "is_found"),
    [
        (Direction.INCREASE, 8, 12, False),
        (Direction.INCREASE, 12, 8, True),
        (Direction.INCREASE, 12, 12, True),
        (Direction.DECREASE, 12, 8, False),
        (Direction.DECREASE, 8, 12, True),
        (Direction.MAINTAIN, 8, 12, False),
    ],
)
def test_a_target_improves_on_its_baseline(
    direction: Direction, baseline: float, target: float, *, is_found: bool
) -> None:
    """A level's target on the baseline or on its worse side is a slip; a level to be held is not a way."""
    workspace = goal_changed(changed(sound(), KPI, direction=direction), baseline=baseline, target=target)
    assert ("M13" in codes(workspace)) == is_found


def test_an_allowance_may_lie_where_it_likes() -> None:
    """A sum whose target is below its baseline is no level on its way."""
    workspace = goal_changed(sound(), kind=GoalKind.SUM, baseline=12.0, target=8.0)
    assert codes(workspace) == []


def test_milestones_lie_in_the_goals_time() -> None:
    """The first and the last day belong to it; a day outside is found with its index."""
    inside = (Milestone(date(2026, 1, 1), 3.0), Milestone(date(2026, 12, 31), 12.0))
    assert codes(goal_changed(sound(), plan=PlanKind.MILESTONES, milestones=inside)) == []
    outside = (Milestone(date(2025, 12, 31), 1.0), Milestone(date(2026, 6, 1), 3.0), Milestone(date(2027, 1, 1), 4.0))
    found = findings(goal_changed(sound(), plan=PlanKind.MILESTONES, milestones=outside))
    assert [(problem.code, problem.key) for problem in found] == [
        ("M14", "goals.loyal.milestones.0"),
        ("M14", "goals.loyal.milestones.2"),
    ]


def test_a_goal_ends_no_later_than_what_it_serves() -> None:
    """The same day is fine; a parent without a date asks for none."""
    workspace = sound()
    parent = Goal(PARENT, "We stand on our own", why="Nobody decides for us", owner=PersonId("ines"))
    child = replace(workspace.goals[GOAL], parent=PARENT)
    for due, expected in ((date(2026, 12, 30), ["M15"]), (date(2026, 12, 31), []), (None, [])):
        goals = {PARENT: replace(parent, due=due), GOAL: child}
        assert codes(replace(workspace, goals=goals)) == expected


def test_one_kpi_alone_is_tunnel_vision() -> None:
    """A second KPI or a guardrail shows another side; a gaming note does not."""
    alone = changed(sound(), KPI, guardrails=(), gaming="sending everybody a coupon")
    found = findings(alone)
    assert [problem.code for problem in found] == ["M08", "M16"]
    assert "Repeat" in found[-1].message
    second = metric("basket", MetricKind.KPI, direction=Direction.INCREASE, goals=(GOAL,), gaming="bundles")
    assert "M16" not in codes(with_metrics(alone, second))
    assert "M16" not in codes(changed(alone, KPI, guardrails=(GUARD,)))


def test_a_goal_without_kpis_is_not_tunnel_vision() -> None:
    """Measured by a diagnostic alone: there is no KPI to stare at."""
    workspace = changed(sound(), KPI, kind=MetricKind.DIAGNOSTIC)
    assert "M16" not in codes(workspace)


@pytest.mark.parametrize(("count", "is_found"), [(6, False), (7, True)])
def test_too_many_kpis_under_one_goal(count: int, *, is_found: bool) -> None:
    """Seven are read together, eight are not."""
    more = [
        metric(f"kpi{index}", MetricKind.KPI, direction=Direction.INCREASE, goals=(GOAL,), gaming="somehow")
        for index in range(count)
    ]
    found = findings(with_metrics(sound(), *more))
    assert [problem.code for problem in found] == (["M17"] if is_found else [])
    if is_found:
        assert found[0].figures == (("kpis", 8),)
