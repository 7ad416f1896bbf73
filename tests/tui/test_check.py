"""The screen of the check: groups of findings, all about the one under the cursor, and the way into the editor."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.tui.fake_board import FakeBoard, view_of
from tests.tui.screen_text import assert_frame, is_grid_intact, lines_of, settle

from kputui.errors import Place, Problem, Severity, UsageError
from kputui.tui.app import BoardApp
from kputui.tui.editor import Spot, editor_command, run_editor, spot_of
from kputui.tui.finding_list import About, FindingList
from kputui.tui.messages import ReadingsReady
from kputui.tui.screens.check import CheckScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kputui.session.views import BoardView

FINDINGS = (
    Problem(
        "C12",
        'no key "lable"',
        Severity.ERROR,
        Place("goals.toml", 7, 1, 'lable = "x"'),
        "goals.far.lable",
        "near: label",
    ),
    Problem("D07", "flights.csv has 900 M rows", Severity.ERROR, None, "sources.flights", "split it"),
    Problem("M08", "Strongest gust supports no goal", Severity.WARNING, Place("metrics.toml", 435), "metrics.gust"),
    Problem("M08", "Rain supports no goal", Severity.INFO, Place("metrics.toml", 422), "metrics.rain", "drop it"),
    Problem("R08", "nobody is accountable for Left late", Severity.WARNING, Place("metrics.toml", 60), "metrics.late"),
    Problem("G01", "accounts per customer rise, fee revenue does not: what happened?", Severity.WARNING),
)


def board_of(findings: tuple[Problem, ...] = FINDINGS, generation: int = 1) -> BoardView:
    return replace(view_of(generation), findings=findings)


def app_of(findings: tuple[Problem, ...] = FINDINGS) -> BoardApp:
    return BoardApp(FakeBoard(board_of(findings)))


def text_of(app: BoardApp) -> str:
    return "\n".join(lines_of(app))


# --- the list without a screen


def test_findings_stand_under_what_they_are_about() -> None:
    """Files first, then data, rules, accountability, questions; each heading counts."""
    rows = FindingList(FINDINGS).rows
    headings = [(row.about, row.count) for row in rows if row.problem is None]
    assert headings == [
        (About.FILES, 1),
        (About.DATA, 1),
        (About.RULES, 2),
        (About.PEOPLE, 1),
        (About.QUESTIONS, 1),
    ]
    assert [row.problem.code for row in rows if row.problem] == ["C12", "D07", "M08", "M08", "R08", "G01"]


def test_the_gravest_findings_come_first() -> None:
    """Warnings stand above notes in a group, and a group with a warning above one of mere notes."""
    note = Problem("D07", "flights.csv is large", Severity.INFO)
    file, _, warning, rain, *others = FINDINGS
    rows = FindingList((note, rain, warning, *others, file)).rows
    assert [row.about for row in rows if row.problem is None] == [
        About.FILES,
        About.RULES,
        About.PEOPLE,
        About.QUESTIONS,
        About.DATA,
    ]
    assert [row.problem.code for row in rows if row.problem] == ["C12", "M08", "M08", "R08", "G01", "D07"]
    assert [row.problem for row in rows if row.about is About.RULES and row.problem] == [warning, rain]


def test_folding_a_group_keeps_the_cursor_on_it() -> None:
    """Left on a finding folds its group, right unfolds it and goes to its first finding."""
    found = FindingList(FINDINGS).pointed(6)
    folded = found.to_the_left()
    assert folded.row is not None
    assert (folded.row.about, folded.row.problem) == (About.RULES, None)
    assert len(folded.rows) == len(found.rows) - 2
    opened = folded.to_the_right().to_the_right()
    assert opened.row is not None
    assert opened.row.problem == FINDINGS[2]
    assert folded.to_the_left() == folded


def test_newer_findings_leave_the_cursor_on_its_finding() -> None:
    """A finding that is gone above or a line that moved does not lose the place."""
    found = FindingList(FINDINGS).pointed(6)
    moved = replace(FINDINGS[3], place=Place("metrics.toml", 423))
    newer = found.with_findings((FINDINGS[0], FINDINGS[2], moved))
    assert newer.row is not None
    assert newer.row.problem == moved
    gone = found.with_findings(FINDINGS[:1])
    assert gone.row is not None
    assert gone.with_findings(()).row is None


# --- the editor's command


def programs(folder: Path, *names: str) -> dict[str, str]:
    """An environment whose PATH holds programs of these names only."""
    for name in names:
        path = folder / name
        path.write_text("#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
    return {"PATH": str(folder)}


@pytest.mark.parametrize(
    ("setting", "program", "arguments"),
    [
        ("vi", "vi", ["+12", "FILE"]),
        ("nvim -n", "nvim", ["-n", "+12", "FILE"]),
        ("nano", "nano", ["+12", "FILE"]),
        ("emacs -nw", "emacs", ["-nw", "+12", "FILE"]),
        ("code --wait", "code", ["--wait", "-g", "FILE:12"]),
        ("hx", "hx", ["FILE:12"]),
        ("subl -w", "subl", ["-w", "FILE:12"]),
        ("myeditor", "myeditor", ["FILE"]),
        ("'my editor' --flag", "my editor", ["--flag", "FILE"]),
    ],
)
def test_known_editors_open_at_the_line(tmp_path: Path, setting: str, program: str, arguments: list[str]) -> None:
    """Each editor gets the line in its own way; an unknown one gets the file; the words of the setting stay."""
    environment = programs(tmp_path, program) | {"EDITOR": setting}
    file = tmp_path / "goals $(touch x).toml"
    command = editor_command(Spot(file, 12), environment)
    assert command == [program, *(part.replace("FILE", str(file)) for part in arguments)]


def test_editor_comes_before_visual_and_vi_is_the_last_resort(tmp_path: Path) -> None:
    """$EDITOR, else $VISUAL, else vi."""
    environment = programs(tmp_path, "vi", "nano", "hx")
    spot = Spot(tmp_path / "a.toml", 1)
    assert editor_command(spot, environment | {"EDITOR": "nano", "VISUAL": "hx"})[0] == "nano"
    assert editor_command(spot, environment | {"EDITOR": " ", "VISUAL": "hx"})[0] == "hx"
    assert editor_command(spot, environment)[0] == "vi"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({}, "there is no editor: set $EDITOR"),
        ({"EDITOR": "gone -x"}, '$EDITOR is "gone", which is not found'),
        ({"VISUAL": "vi 'open"}, "$VISUAL is not a command: a quotation mark is not closed"),
    ],
)
def test_an_editor_that_cannot_be_started_is_said_in_a_sentence(
    tmp_path: Path, setting: dict[str, str], words: str
) -> None:
    """No editor, one that is not there, a setting that is no command: a sentence, and nothing is run."""
    with pytest.raises(UsageError) as caught:
        editor_command(Spot(tmp_path / "a.toml", 1), programs(tmp_path) | setting)
    assert caught.value.message == words


def test_the_programs_own_files_are_not_for_editing(tmp_path: Path) -> None:
    """A place in state/ is refused: a hand's edit would break the journal's chain."""
    with pytest.raises(UsageError, match="not for editing"):
        spot_of(Place(str(tmp_path / "state" / "journal.jsonl"), 3), tmp_path)
    assert spot_of(Place("goals.toml", 0), tmp_path) == Spot(tmp_path / "goals.toml", 1)


def test_the_editor_is_run_without_a_shell(tmp_path: Path) -> None:
    """Its words are arguments and nothing else, and its exit code is told."""
    note = tmp_path / "note"
    script = f"import sys, pathlib; pathlib.Path({str(note)!r}).write_text(repr(sys.argv[1:]))"
    assert run_editor([sys.executable, "-c", script, "$(id)", "; ls", "+3"]) == ""
    assert note.read_text() == "['$(id)', '; ls', '+3']"
    assert "ended with code 3" in run_editor([sys.executable, "-c", "raise SystemExit(3)"])
    assert "did not start" in run_editor([str(tmp_path)])


# --- the screen


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (140, 40)])
async def test_the_check_looks_as_drawn(size: tuple[int, int]) -> None:
    """`6` opens the groups; below them the finding under the cursor with its line, what to do, and its code."""
    app = app_of()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("6")
        assert_frame(app, f"check_{size[0]}x{size[1]}")
        assert is_grid_intact(app, size[0])


async def test_keys_of_the_check() -> None:
    """Moving, folding and leaving; a finding without a place says so."""
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("6", "down", "down")
        assert "it stands in no file" in text_of(app)
        await pilot.press("enter")
        assert "there is nothing to edit" in lines_of(app)[-1]
        await pilot.press("space")
        assert "900 M rows" not in text_of(app)
        await pilot.press("enter")
        assert "900 M rows" in text_of(app)
        await pilot.press("end")
        assert "what happened?" in text_of(app)
        await pilot.press("escape")
        assert app.screen is app.board_screen


class LendingApp(BoardApp):
    """Lends its terminal as the real one does, and notes it; the test's terminal is none."""

    lent = 0

    @contextlib.contextmanager
    def suspend(self) -> Iterator[None]:
        self.lent += 1
        yield


async def test_enter_edits_and_the_files_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter opens the file at its line, and the board reads the files as soon as the editor is closed."""
    file = tmp_path / "metrics.toml"
    file.write_text("a\nb\n", encoding="utf-8")
    ran: list[list[str]] = []

    def editor(command: list[str]) -> str:
        ran.append(command)
        return ""

    monkeypatch.setattr("kputui.tui.editor.run_editor", editor)
    monkeypatch.setenv("EDITOR", "vi")
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    programs(tmp_path, "vi")
    problem = replace(FINDINGS[3], place=Place(str(file), 2))
    board = FakeBoard(board_of((problem,)))
    app = LendingApp(board)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("6", "enter")
        for _ in range(300):
            await pilot.pause(0.01)
            if "read again: 1 finding" in lines_of(app)[-1]:
                break
        assert ran == [["vi", "+2", str(file)]]
        assert app.lent == 1
        assert board.reloads == 1
        assert "read again: 1 finding" in lines_of(app)[-1]
        assert isinstance(app.screen, CheckScreen)


async def test_no_editor_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any editor the press is answered, and the screen stays."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("EDITOR", "gone")
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("6", "enter")
        assert '$EDITOR is "gone", which is not found' in lines_of(app)[-1]


async def test_findings_that_are_solved_leave_the_open_screen() -> None:
    """What the next check finds is shown at once; with nothing left the screen says so."""
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("6")
        app.post_message(ReadingsReady(board_of((), generation=7)))
        await pilot.pause()
        assert "nothing to look at" in text_of(app)
