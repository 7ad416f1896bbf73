"""Outlooks on a real workspace: in the detail, on the chart, by season, and not computed twice."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kputui.analysis.plan import SEASONAL_NOTE
from kputui.engine.compute import Engine
from kputui.errors import UsageError
from kputui.session.forecasting import forecast
from kputui.session.goal_detail import goal_detail
from kputui.session.judges import Memo, Work, judged_figures
from kputui.session.open import open_workspace
from kputui.session.outlooks import goal_outlooks

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.session.figures import Figures
    from kputui.session.open import Opened

WORKSPACE = """
[project]
name = "Ice cream"

[sources.sales]
path = "sales.csv"
time = "day"

[goals.sell]
label = "People come back for ice"
parent = "above"
why = "it pays the rent"
start = 2026-01-01
due = 2026-12-31
measured_by = "sold"
target = 4020
plan = "{plan}"

[goals.kept]
label = "Nobody waits"
parent = "above"
start = 2026-01-01
due = 2026-12-31
measured_by = "prompt"
kind = "maintain"
target = 0.95

[goals.later]
label = "Something else"

[goals.above]
label = "We stay"

[metrics.sold]
kind = "kpi"
type = "simple"
source = "sales"
agg = "sum"
expr = "items"
grain = "week"
direction = "increase"
format = "number0"
unit = "cones"
goals = ["sell"]

[metrics.prompt]
kind = "kpi"
type = "simple"
source = "sales"
agg = "average"
expr = "prompt"
grain = "week"
direction = "increase"
format = "percent1"
goals = ["kept"]
"""


def items(day: date) -> int:
    """Three times as many in summer, with a ripple."""
    return (18 if day.month in {6, 7, 8} else 6) + day.toordinal() * 7 % 5


def opened(
    folder: Path, today: date, *, plan: str = "linear", first: date = date(2026, 1, 1), last: date = date(2026, 12, 31)
) -> Opened:
    """The workspace on the evening of `today`, with a row for each day from `first` to `last`."""
    (folder / "kputui.toml").write_text(WORKSPACE.format(plan=plan), encoding="utf-8")
    days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    rows = "".join(f"{day},{items(day)},{0.97 + 0.02 * math.sin(day.toordinal())}\n" for day in days)
    (folder / "sales.csv").write_text(f"day,items,prompt\n{rows}", encoding="utf-8")
    return open_workspace(folder, today=today)


def figures_of(workspace: Opened) -> Figures:
    return judged_figures(workspace, (forecast,))


def test_the_goals_detail_says_how_likely_it_is_in_words_and_figures(tmp_path: Path) -> None:
    """Chance, value at the due date and band stand first among the facts, and the chart has the fan."""
    figures = figures_of(opened(tmp_path, date(2026, 11, 15)))
    goal = figures.workspace.goals[next(name for name in figures.workspace.goals if name == "sell")]
    view = goal_detail(figures, "goal:sell", goal)
    outlook = figures.outlooks[goal.id]
    names = [fact.name for fact in view.facts]
    assert names[:3] == ["forecast", "by 31 Dec 2026", "80 % of the time"]
    assert view.facts[0].text.endswith(outlook.words)
    assert view.facts[2].quantity is not None
    assert view.facts[2].until is not None
    assert (view.facts[2].quantity.value, view.facts[2].until.value) == (outlook.low80, outlook.high80)
    assert view.chart is not None
    assert view.chart.fan is not None
    drawn = [value for value in view.chart.fan.mean if value is not None]
    assert drawn[-1] == outlook.mean


def test_a_detail_without_a_forecast_says_why(tmp_path: Path) -> None:
    """After three weeks there are words and no figure."""
    figures = figures_of(opened(tmp_path, date(2026, 1, 25)))
    goal = next(goal for goal in figures.workspace.goals.values() if goal.id == "sell")
    view = goal_detail(figures, "goal:sell", goal)
    assert view.facts[0].name == "no forecast"
    assert view.facts[0].text == "a forecast needs 8 whole periods; there are 3"
    assert view.chart is not None
    assert view.chart.fan is None


def test_all_goals_and_one_goal(tmp_path: Path) -> None:
    """Without a name all goals are told in the tree's order, those without a measure with the reason."""
    workspace = opened(tmp_path, date(2026, 11, 15))
    told = goal_outlooks(workspace)
    assert [goal.goal for goal in told] == ["later", "above", "sell", "kept"]
    assert told[0].outlook.refusal == "nothing measures this goal"
    assert told[1].outlook.refusal == "it has no measure of its own; see the goals below it"
    assert [goal.goal for goal in goal_outlooks(workspace, "kept")] == ["kept"]
    with pytest.raises(UsageError, match="sel"):
        goal_outlooks(workspace, "sel")


def test_a_held_level_is_forecast_by_its_rows(tmp_path: Path) -> None:
    """97 % held where 95 % are asked for will be held at the end of the year as well."""
    (held,) = goal_outlooks(opened(tmp_path, date(2026, 11, 15)), "kept")
    assert held.outlook.mean == pytest.approx(0.97, abs=0.002)
    assert (held.outlook.p_met or 0) > 0.97


def test_the_whole_time_and_the_single_weeks_are_named(tmp_path: Path) -> None:
    """Where the goal counts over the whole time, its value says so, and the fan says that it is of each week."""
    figures = figures_of(opened(tmp_path, date(2026, 11, 15)))
    goal = next(goal for goal in figures.workspace.goals.values() if goal.id == "kept")
    view = goal_detail(figures, "goal:kept", goal)
    assert "by 31 Dec 2026 over the whole time" in [fact.name for fact in view.facts]
    assert view.chart is not None
    assert view.chart.fan is not None
    assert view.chart.fan.what == "of each week"


def test_the_same_figures_are_not_forecast_again(tmp_path: Path) -> None:
    """A refresh that changes nothing of a goal keeps its outlook without computing it."""
    workspace = opened(tmp_path, date(2026, 11, 15))
    memo, figures = Memo(), judged_figures(workspace, ())
    work = Work(Engine(workspace.workspace, now=workspace.now), memo, lambda: False)
    first = forecast(figures, work)
    again = forecast(figures, work)
    assert first is not figures
    assert all(again.outlooks[goal] is outlook for goal, outlook in first.outlooks.items())
    assert forecast(first, work) is first


def test_a_cancelled_forecast_leaves_the_figures_alone(tmp_path: Path) -> None:
    """Who leaves the board does not wait for forecasts."""
    workspace = opened(tmp_path, date(2026, 11, 15))
    figures = judged_figures(workspace, ())
    assert forecast(figures, Work(Engine(workspace.workspace, now=workspace.now), Memo(), lambda: True)) is figures


def test_a_seasonal_plan_follows_the_year_before(tmp_path: Path) -> None:
    """With a year of history half of the year's goal is not due before the summer is."""
    today = date(2026, 4, 30)
    figures = figures_of(opened(tmp_path, today, plan="seasonal", first=date(2025, 1, 1)))
    pace = next(pace for goal, pace in figures.paces.items() if goal == "sell")
    year = [date(2025, 1, 1) + timedelta(days=day) for day in range(365)]
    due = sum(map(items, year[:120])) / sum(map(items, year))
    assert pace.share == pytest.approx(due, abs=0.01)
    assert SEASONAL_NOTE not in pace.notes
    goal = next(goal for goal in figures.workspace.goals.values() if goal.id == "sell")
    chart = goal_detail(figures, "goal:sell", goal).chart
    assert chart is not None
    plan = chart.lines[0].values
    june, spring = (plan[26] or 0) - (plan[22] or 0), (plan[14] or 0) - (plan[10] or 0)
    assert june > 2 * spring


def test_a_seasonal_plan_without_history_is_linear_and_says_so(tmp_path: Path) -> None:
    """Data that begins in March of the year before is no whole year."""
    figures = figures_of(opened(tmp_path, date(2026, 4, 30), plan="seasonal", first=date(2025, 3, 1)))
    pace = next(pace for goal, pace in figures.paces.items() if goal == "sell")
    assert pace.share == pytest.approx(120 / 365)
    assert SEASONAL_NOTE in pace.notes


def test_a_parent_lists_its_children_with_state_and_forecast(tmp_path: Path) -> None:
    """The goal above shows each goal below as it stands, and no average of them."""
    figures = figures_of(opened(tmp_path, date(2026, 11, 15)))
    above = next(goal for goal in figures.workspace.goals.values() if goal.id == "above")
    facts = {fact.name: fact.text for fact in goal_detail(figures, "goal:above", above).facts}
    assert facts["Nobody waits:"] == "on track; forecast > 97 %, likely to be met"
    assert "track; forecast " in facts["People come back for ice:"]
