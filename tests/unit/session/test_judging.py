"""Judging: the day on which a goal's measure stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kputui.model.goal import GoalState
from kputui.session.open import open_workspace
from kputui.session.status import status

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.session.status import GoalStatus

WORKSPACE = """
[project]
name = "Levels"

[sources.rows]
path = "rows.csv"
time = "day"

[goals.calm]
label = "Fewer people wait"
why = "waiting costs trust"
start = 2026-01-01
due = 2026-03-31
measured_by = "waiting"
baseline = 10
target = {target}
{extra}

[metrics.waiting]
kind = "kpi"
label = "Waiting time"
type = "simple"
source = "rows"
agg = "average"
expr = "minutes"
grain = "{grain}"
direction = "decrease"
goals = ["calm"]
"""


def judged(
    folder: Path,
    today: date,
    *,
    target: int = 5,
    grain: str = "week",
    extra: str = "",
    first: date = date(2025, 12, 1),
    fall: float = 0.0,
) -> GoalStatus:
    """The one goal on the evening of `today`; each day from `first` to June has the value 6, less `fall` a day."""
    days = [first + timedelta(days=day) for day in range((date(2026, 7, 1) - first).days)]
    text = WORKSPACE.format(target=target, grain=grain, extra=extra)
    (folder / "kputui.toml").write_text(text, encoding="utf-8")
    rows = "".join(f"{day},{6 - fall * index}\n" for index, day in enumerate(days))
    (folder / "rows.csv").write_text(f"day,minutes\n{rows}", encoding="utf-8")
    (line,) = status(open_workspace(folder, today=today))
    return line


@pytest.mark.parametrize(("target", "state"), [(5, GoalState.MISSED), (7, GoalState.MET)])
@pytest.mark.parametrize("today", [date(2026, 3, 31), date(2026, 6, 30)])
def test_a_level_goal_ends_on_its_due_date(tmp_path: Path, today: date, target: int, state: GoalState) -> None:
    """A due date inside a week is over all the same: the goal is met or missed by the last week before it."""
    line = judged(tmp_path, today, target=target)
    assert line.state is state
    assert line.pace is not None
    assert (line.pace.as_of, line.pace.days_left, line.pace.share) == (date(2026, 3, 31), 0, 1.0)


def test_a_level_goal_runs_until_its_due_date(tmp_path: Path) -> None:
    """The evening before the due date nothing is decided, and the newest whole week says where the goal stands."""
    line = judged(tmp_path, date(2026, 3, 30))
    assert line.state is GoalState.OFF_TRACK
    assert line.pace is not None
    assert line.pace.as_of == date(2026, 3, 29)


def test_a_level_goal_is_not_decided_by_a_value_from_before_its_start(tmp_path: Path) -> None:
    """Where no whole period lies in the goal's time there is no data to miss it by."""
    assert judged(tmp_path, date(2026, 6, 30), grain="year").state is GoalState.NO_DATA


@pytest.mark.parametrize(
    ("first", "notes"),
    [(date(2026, 2, 2), ("the data begins on 2 Feb 2026, after the goal's start",)), (date(2026, 1, 2), ())],
)
def test_data_that_begins_late_is_told(tmp_path: Path, first: date, notes: tuple[str, ...]) -> None:
    """A sum over a time of which the first weeks have no rows says so; a first day without a row is no news."""
    line = judged(tmp_path, date(2026, 3, 1), extra='kind = "sum"', first=first)
    assert line.pace is not None
    assert line.pace.notes == notes


@pytest.mark.parametrize(
    ("grain", "rate"), [("day", -0.07), ("week", -0.07), ("month", -0.07 * 29.5 / 28), ("quarter", None)]
)
def test_the_recent_rate_of_a_level_is_over_the_days_that_it_took(
    tmp_path: Path, grain: str, rate: float | None
) -> None:
    """A level that falls by 0.01 a day falls by 0.07 a week, whatever the grain; a quarter is not recent."""
    line = judged(tmp_path, date(2026, 3, 30), grain=grain, first=date(2025, 1, 1), fall=0.01)
    assert line.pace is not None
    assert line.pace.last_28_days == (None if rate is None else pytest.approx(rate, rel=1e-6))
