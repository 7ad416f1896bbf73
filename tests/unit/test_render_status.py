"""The goals' lines: state first, the goal's words, then figures that never flatter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from kputui.analysis.pace import Pace
from kputui.model.goal import GoalKind, GoalState, PlanKind
from kputui.model.ids import GoalId, MetricId
from kputui.model.metric import NumberFormat
from kputui.render.lines import text_of
from kputui.render.status import status_lines, status_records
from kputui.session.clock import Clock
from kputui.session.status import GoalStatus

CLOCK = Clock(date(2013, 9, 30), is_fixed=True)


def pace(**figures: Any) -> Pace:
    return Pace(GoalId("far"), figures.pop("kind", GoalKind.SUM), PlanKind.LINEAR, **figures)


def goal(found: Pace | None, state: GoalState | None = GoalState.ON_TRACK, **more: Any) -> GoalStatus:
    return GoalStatus(
        GoalId("far"), more.pop("label", "The network reaches further"), more.pop("depth", 0), None, None,
        date(2013, 1, 1), date(2013, 12, 31), MetricId("miles"), state, found, **more,
    )  # fmt: skip


def shown(*goals: GoalStatus, width: int | None = None) -> list[str]:
    return [text_of(line) for line in status_lines("Airports", CLOCK, goals, width)][2:]


MILES = pace(
    actual=255.906, target=340.0, pace_index=1.0063, required_per_week=6.398, pace_per_week=6.562, last_28_days=6.651
)


def test_a_goal_is_one_line_where_there_is_room() -> None:
    """State, label, actual of target, pace and both rates stand in one line."""
    line = "on track     The network reaches further  255.9 of 340.0 M mi  pace 1.01  needs 6.4 a week, makes 6.6"
    assert shown(goal(MILES, format=NumberFormat.NUMBER1, unit="M mi")) == [line]


def test_a_narrow_terminal_gets_the_figures_below() -> None:
    """Where a line does not fit, the figures stand below the label and nothing is cut."""
    assert shown(goal(MILES, format=NumberFormat.NUMBER1, unit="M mi"), width=80) == [
        "on track     The network reaches further",
        "             255.9 of 340.0 M mi, pace 1.01, needs 6.4 a week, makes 6.6",
    ]


def test_rounding_never_turns_a_miss_into_a_hit() -> None:
    """414.91 against 415 is shown with the decimals that tell them apart."""
    missed = pace(actual=414.91, target=415.0)
    assert "414.9 of 415.0" in shown(goal(missed, GoalState.MISSED, format=NumberFormat.NUMBER0))[0]
    share = pace(actual=0.7599, target=0.76, kind=GoalKind.RATIO)
    assert "75.99 of 76.00 %" in shown(goal(share, GoalState.AT_RISK, format=NumberFormat.PERCENT0))[0]


def test_an_allowance_leaves_and_uses() -> None:
    """A sum that should stay small burns: what is left a week stands beside what is used."""
    burnt = pace(actual=6761, target=8000, pace_index=1.13, is_burn=True, required_per_week=94.3, pace_per_week=173.4)
    line = shown(goal(burnt, GoalState.OFF_TRACK, format=NumberFormat.NUMBER0, unit="flights"))[0]
    assert "6 761 of at most 8 000 flights  burn 1.13  leaves 94.30 a week, uses 173.4" in line


def test_a_ratio_tells_its_last_28_days() -> None:
    """A ratio has no rate a week; the newest weeks stand beside the whole."""
    ratio = pace(actual=0.75, target=0.76, kind=GoalKind.RATIO, pace_index=0.987, last_28_days=0.8716)
    assert shown(goal(ratio, GoalState.AT_RISK, format=NumberFormat.PERCENT1))[0].endswith("last 28 days 87.2 %")


def test_a_rate_beyond_all_history_says_so() -> None:
    """What is needed and was never made is told in words."""
    lost = pace(actual=1.0, target=100.0, pace_index=0.2, required_per_week=9.0, is_out_of_reach=True)
    assert shown(goal(lost, GoalState.OFF_TRACK))[0].endswith("needs 9 a week, more than it ever made")


def test_a_goal_without_data_says_why() -> None:
    """The failure stands where the figures would."""
    assert shown(goal(None, GoalState.NO_DATA, failure="no file\x1b[31m")) == [
        "no data      The network reaches further  no file␛[31m"
    ]


def test_children_stand_below_their_parent() -> None:
    """The tree is read by its indents; a goal that nothing measures is its label alone."""
    lines = shown(goal(None, GoalState.AT_RISK, label="All is well"), goal(MILES, GoalState.AT_RISK, depth=1))
    assert lines[0] == "at risk      All is well"
    assert lines[1].startswith("at risk        The network reaches further  ")


def test_no_goals_are_told() -> None:
    """A workspace without goals has a line that says so."""
    assert shown() == ["no goals"]


def test_records_are_plain() -> None:
    """Programs get words and ISO dates, and every figure of the pace under its name."""
    (record,) = status_records([goal(MILES)])
    assert (record["state"], record["due"], record["format"]) == ("on track", "2013-12-31", "number")
    figures = record["pace"]
    assert isinstance(figures, dict)
    assert figures["actual"] == 255.906
    assert {"expected", "share", "projection", "required_rate_per_day", "reachable_until"} <= set(figures)


def test_what_is_reached_needs_nothing_more() -> None:
    """A sum over its target asks for no negative rate."""
    done = pace(actual=460.0, target=100.0, pace_index=7.3, required_per_week=-18.7, pace_per_week=14.0)
    assert shown(goal(done, GoalState.ON_TRACK))[0].endswith("460 of 100  pace 7.30")


def test_a_goal_without_a_measure_says_so() -> None:
    """A goal that nothing measures, and that has no goals below it, says that in words."""
    assert shown(replace(goal(None, None), metric=None))[0].startswith("no measure   The network")
