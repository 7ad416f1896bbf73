"""The demo's goals at six dates: every pace figure as computed independently of kputui."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from kputui.session.open import open_workspace
from kputui.session.status import GoalStatus, status

ROOT = Path(__file__).parents[2]
EXPECTED = Path(__file__).with_name("expected_goals.csv")
COLUMNS = {
    "actual": "actual",
    "linear_required_to_date": "expected",
    "projection_linear": "projection",
    "needed_per_week_from_here": "required_per_week",
    "pace_per_week_so_far": "pace_per_week",
    "last_28_days": "last_28_days",
}
# The file has eight digits.
TOLERANCE = 1e-6


def expected_rows() -> list[dict[str, str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def statuses(day: str) -> dict[str, GoalStatus]:
    """The demo's status on the evening of a day."""
    return {line.goal: line for line in status(open_workspace(ROOT / "config", today=date.fromisoformat(day)))}


def name_of(row: dict[str, str]) -> str:
    return f"{row['goal']}-{row['as_of']}"


@pytest.mark.parametrize("row", expected_rows(), ids=name_of)
def test_the_demo_goals_have_the_expected_pace(row: dict[str, str]) -> None:
    """Actual, plan, projection, needed and made rates equal the reference file for each goal and date."""
    pace = statuses(row["as_of"])[row["goal"]].pace
    assert pace is not None
    assert pace.as_of == date.fromisoformat(row["as_of"])
    assert (pace.days_elapsed, pace.days_total) == (int(row["days_elapsed"]), int(row["days_total"]))
    for column, name in COLUMNS.items():
        found = getattr(pace, name)
        if row[column]:
            assert found == pytest.approx(float(row[column]), rel=TOLERANCE), column
        else:
            assert found is None, column


@pytest.mark.parametrize("row", expected_rows(), ids=name_of)
def test_the_demo_goals_are_on_pace_when_they_should_be(row: dict[str, str]) -> None:
    """On pace means not behind by any amount; on the due date it means met."""
    line = statuses(row["as_of"])[row["goal"]]
    assert line.pace is not None
    assert line.pace.is_on_pace is (row["on_pace"] == "True")
    if row["as_of"] == "2013-12-31":
        assert line.state == ("met" if row["on_pace"] == "True" else "missed")


def test_the_parent_goal_is_as_weak_as_its_weakest_child() -> None:
    """The goal above the four has no measure: its state is the weakest of theirs, never an average."""
    lines = statuses("2013-09-30")
    assert lines["dependable"].pace is None
    assert lines["dependable"].state == "off track"
    assert [line.depth for line in lines.values()] == [0, 1, 1, 1, 1]
