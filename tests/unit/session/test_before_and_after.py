"""Before and after: changes of owner, interventions and notes beside the values, and what is not enough yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.session.depot import WEEKS, Depot, routine, week

from kputui.analysis.change.effect import StepChange
from kputui.errors import UsageError
from kputui.model.change import Note
from kputui.model.ids import MetricId
from kputui.model.remark import Subject, SubjectKind
from kputui.session import commands
from kputui.session.board import Board
from kputui.session.comparing import compared
from kputui.session.judges import judged_figures
from kputui.session.signal_reports import compare_report

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from kputui.session.views import BoardView, DetailView

MINUTES, LATE, WEAR = MetricId("minutes"), MetricId("late_share"), MetricId("wear")


def dropped(number: int) -> float:
    """Four minutes less from week 24 on."""
    return routine(number) - (4.0 if number >= 24 else 0.0)


def annotation(day: date, note: str, more: str = "") -> str:
    return f'\n[[annotations]]\non = {day}\nnote = "{note}"\n{more}\n'


def shown(board: Board) -> BoardView:
    *_, last = board.refresh()
    return last


def detail_of(view: BoardView, metric: MetricId) -> DetailView:
    return view.details[next(row.key for row in view.rows if row.metric == metric)]


def marks_of(view: BoardView, metric: MetricId) -> list[str]:
    chart = detail_of(view, metric).chart
    return [mark.label for mark in chart.marks] if chart is not None else []


def test_an_intervention_is_compared_with_its_interval(tmp_path: Path) -> None:
    """The step at a declared day has the size that was put there, an interval round it, and no cause."""
    depot = Depot(tmp_path, dropped)
    depot.add(annotation(week(24), "second shift", 'metrics = ["minutes"]\nintervention = true'))
    detail = detail_of(shown(Board(depot.open())), MINUTES)
    effect = next(one for one in detail.effects if not one.is_found)
    assert (effect.day, effect.what) == (week(24), "second shift")
    assert effect.step is not None
    assert effect.low is not None
    assert effect.high is not None
    assert effect.step.value == pytest.approx(-4.0, abs=0.5)
    assert effect.low.value is not None
    assert effect.high.value is not None
    assert effect.low.value < -4.0 < effect.high.value < 0
    assert effect.is_shown


def test_a_change_of_owner_is_compared_and_drawn(tmp_path: Path) -> None:
    """Each day from which somebody else was accountable is compared, marked on the chart, and not called a cause."""
    depot = Depot(tmp_path)
    depot.give("vans", week(10))
    depot.give("hall", week(37))
    view = shown(Board(depot.open()))
    newer, older = detail_of(view, LATE).effects
    assert (newer.day, newer.what) == (week(37), "accountable: Hall")
    assert newer.refusal.startswith("not enough points yet")
    assert newer.step is None
    assert (older.day, older.refusal) == (week(10), "")
    assert older.step is not None
    assert older.step.unit == "points"
    assert marks_of(view, LATE) == ["accountable: Vans", "accountable: Hall"]


def test_other_events_near_the_day_stand_beside_it(tmp_path: Path) -> None:
    """What happened within two weeks of the day is named; what was long before is not."""
    depot = Depot(tmp_path, dropped)
    depot.add(annotation(week(24), "second shift", "intervention = true"))
    depot.add(annotation(week(23), "new scanners"))
    depot.add(annotation(week(3), "new year sale"))
    depot.add(f'\n[[contexts]]\nfrom = {week(25)}\nto = {week(26)}\nnote = "heat wave"\n')
    effect = next(one for one in detail_of(shown(Board(depot.open())), MINUTES).effects if not one.is_found)
    assert [words.partition(" (")[0] for words in effect.near] == ["new scanners", "heat wave"]


def test_notes_are_drawn_on_the_charts_that_they_are_about(tmp_path: Path) -> None:
    """A note on a source, a goal, a metric or everything marks the charts it touches and no others."""
    depot = Depot(tmp_path)
    depot.add(annotation(week(5), "of parcels", 'sources = ["parcels"]'))
    depot.add(annotation(week(6), "of the goal", 'goals = ["soon"]'))
    depot.add(annotation(week(7), "of minutes", 'metrics = ["minutes"]'))
    depot.add(annotation(week(8), "of all"))
    view = shown(Board(depot.open()))
    assert marks_of(view, MINUTES) == ["of the goal", "of minutes", "of all"]
    assert marks_of(view, LATE) == ["of parcels", "of the goal", "of all"]
    assert marks_of(view, WEAR) == ["of all"]


def test_a_note_of_the_journal_is_drawn_like_one_of_the_workspace(tmp_path: Path) -> None:
    """A dated note that somebody wrote on the board is a mark on its charts, until it is taken back."""
    depot = Depot(tmp_path)
    board = Board(depot.open())
    shown(board)
    commands.apply(board, Note(Subject(SubjectKind.METRIC, "wear"), week(9), "new tyres"), reason="")
    assert marks_of(board.view(), WEAR) == ["new tyres"]
    assert marks_of(board.view(), MINUTES) == []
    commands.undo(board)
    assert marks_of(board.view(), WEAR) == []


def test_notes_of_two_people_stand_side_by_side(tmp_path: Path) -> None:
    """A note never takes the place of one that somebody else wrote on the same subject and day, seen or not."""
    depot = Depot(tmp_path)
    mine, theirs = depot.open(), depot.open()
    subject = Subject(SubjectKind.METRIC, "wear")
    commands.note(theirs, subject, week(9), "new tyres")
    commands.note(mine, subject, week(9), "new drivers")
    commands.note(Board(depot.open()), subject, week(9), "new roads")
    remarks = depot.open().ownership.remarks
    assert sorted(remark.text for remark in remarks.values()) == ["new drivers", "new roads", "new tyres"]


def test_a_note_on_what_is_not_defined_is_refused(tmp_path: Path) -> None:
    """A misspelt subject is told at once, and nothing is written."""
    opened = Depot(tmp_path).open()
    with pytest.raises(commands.RefusedError, match="no source parcel is defined"):
        commands.apply(opened, Note(Subject(SubjectKind.SOURCE, "parcel"), week(9), "x"), reason="")
    assert opened.state.journal.seq == 0


def test_any_day_can_be_asked_about(tmp_path: Path) -> None:
    """The command compares a day that nobody declared, and refuses one outside the data."""
    opened = Depot(tmp_path, dropped).open()
    ((change, view),) = compare_report(opened, "minutes", week(24)).changes
    assert isinstance(change, StepChange)
    assert (change.before, change.after, view.what) == (24, WEEKS - 24, "")
    with pytest.raises(UsageError, match="not within the data"):
        compare_report(opened, "minutes", week(WEEKS + 1))


def test_days_outside_the_data_are_left_out(tmp_path: Path) -> None:
    """An intervention planned for next month is no comparison yet."""
    depot = Depot(tmp_path)
    depot.add(annotation(week(WEEKS + 3), "a plan", "intervention = true"))
    figures = judged_figures(depot.open(), (compared,))
    assert MINUTES not in figures.changes
