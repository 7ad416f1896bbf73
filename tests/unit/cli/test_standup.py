"""`kputui standup`: what it prints and answers, for people and for programs."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.session.depot import WEEKS, Depot, routine

from kputui.model.change import Hold
from kputui.session import commands

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Kputui


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(tmp_path, outlier)


def as_json(text: str) -> Any:
    """The JSON of a command, with no number that JSON does not know."""
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_items_with_what_they_ask(kputui: Kputui, depot: Depot) -> None:
    """A heading with both days, then each item with its question, its goal and its figures."""
    answer = kputui("-w", depot.folder, "standup")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "Depot · evening of 11 Oct 2026, since 4 Oct 2026"
    assert lines[2] == " signal · new  Minutes to the door  What was behind it?"
    assert "goal Parcels are there soon  on track, burn 0.87" in answer.out
    assert "week of 5 Oct 2026 48.0 min" in answer.out


def test_json_holds_every_figure(kputui: Kputui, depot: Depot) -> None:
    """Programs get the days, the items with keys and figures, and all goals then and now."""
    report = as_json(kputui("-w", depot.folder, "standup", "--since", "2026-09-27", "--format", "json").out)
    assert (report["since"], report["today"]) == ("2026-09-27", "2026-10-11")
    (item,) = report["items"]
    assert (item["key"], item["kind"]) == ("signal/minutes/2026-10-05", "signal")
    assert item["facts"][0]["quantity"]["value"] == 48.0
    assert {goal["goal"] for goal in report["goals"]} == {"soon", "other"}
    assert report["goals"][0]["pace"] is not None


def test_since_is_the_last_one_held(kputui: Kputui, depot: Depot) -> None:
    """After one was held the next looks back to it, and its record is a line of the log."""
    friday = date(2026, 10, 9)
    commands.apply(depot.open(friday), Hold(friday, date(2026, 10, 2)), reason="")
    assert kputui("-w", depot.folder, "standup").out.startswith("Depot · evening of 11 Oct 2026, since 9 Oct 2026")
    assert "stand-up of 9 Oct 2026: not held -> held, 0 changes decided" in kputui("-w", depot.folder, "log").out
    (line,) = as_json(kputui("-w", depot.folder, "log", "--format", "json").out)
    assert line["stand_up"] == "2026-10-09"


def test_a_day_to_come_is_misuse(kputui: Kputui, depot: Depot) -> None:
    """A stand-up looks back: the answer is 2, with the day it has to lie before."""
    answer = kputui("-w", depot.folder, "standup", "--since", "2026-10-11")
    assert answer.code == 2
    assert "before 11 Oct 2026" in answer.err


def test_data_that_cannot_be_read_answers_5(kputui: Kputui, depot: Depot) -> None:
    """The other items are printed, the missing data is one of them, and the exit code says so."""
    (depot.folder / "data" / "parcels.csv").unlink()
    answer = kputui("-w", depot.folder, "standup")
    assert answer.code == 5
    assert "Who brings the data back?" in answer.out
    assert "signal · new" in answer.out


def test_hostile_names_reach_no_terminal(kputui: Kputui, depot: Depot) -> None:
    """Control characters of a label or a note are pictures in what is printed."""
    depot.set('label = "Minutes to the door"', 'label = "Min\\u001b[31mutes[/]"')
    depot.add('\n[[annotations]]\non = 2026-10-08\nnote = "new \\u202evans\\u0007"\n')
    out = kputui("-w", depot.folder, "standup").out
    assert not {sign for sign in out if sign in "\x1b\x07\u202e"}
    assert "Min" in out
