"""Explanations and notes in the journal: kept through every repair, compared as any change, not in the snapshot."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from kputui import store
from kputui.model.cell import NoteCell, SignalCell
from kputui.model.change import Assign, Author, Explain, Note, Other
from kputui.model.ids import MetricId, TeamId
from kputui.model.ownership import Assignee, Role
from kputui.model.remark import MAX_REMARK, Remark, Subject, SubjectKind, subject_of
from kputui.store.journal import parse
from kputui.store.lines import MAX_LINE, decode

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 14, 8, tzinfo=UTC)
ANNA, TOM = Author("anna", 1004, "board"), Author("tom", 1005, "board")
LATE, START = MetricId("late_share"), date(2026, 3, 2)
CELL = SignalCell(LATE, START)


def explain(folder: Path, text: str, author: Author = ANNA, seen: int | None = None) -> store.Saved:
    return store.save(folder, Explain(LATE, START, text), now=NOW, identity=author, seen_revision=seen)


def test_an_explanation_is_kept_with_its_author_and_day(tmp_path: Path) -> None:
    """What somebody wrote is there when the folder is opened again, with who and when."""
    explain(tmp_path, "  a closed\n bridge ")
    state = store.open_store(tmp_path)
    assert state.ownership.remarks == {CELL: Remark("a closed bridge", "anna", date(2026, 3, 14))}
    assert (state.notices, store.verify(tmp_path)) == ((), ())


def test_the_snapshot_is_of_accountability_alone(tmp_path: Path) -> None:
    """Texts stay out of the file that people compare in git; losing that file loses none of them."""
    store.save(tmp_path, Assign(LATE, Role.INFORMED, Assignee(TeamId("ops"))), now=NOW, identity=ANNA)
    explain(tmp_path, "a closed bridge")
    snapshot = tmp_path / "state" / "accountability.toml"
    assert "bridge" not in snapshot.read_text(encoding="utf-8")
    snapshot.unlink()
    state = store.open_store(tmp_path)
    assert state.ownership.remarks[CELL].text == "a closed bridge"
    assert state.edits == ()
    assert snapshot.exists()


def test_a_hand_edit_of_the_snapshot_leaves_the_remarks_alone(tmp_path: Path) -> None:
    """An edited snapshot is offered for its roles; nobody is told that explanations were removed."""
    store.save(tmp_path, Assign(LATE, Role.INFORMED, Assignee(TeamId("ops"))), now=NOW, identity=ANNA)
    explain(tmp_path, "a closed bridge")
    snapshot = tmp_path / "state" / "accountability.toml"
    snapshot.write_text(snapshot.read_text(encoding="utf-8").replace('"ops"', '"shop"'), encoding="utf-8")
    state = store.open_store(tmp_path)
    (edit,) = state.edits
    assert len(edit.cells) == 1
    store.import_edit(tmp_path, edit, now=NOW, identity=TOM)
    assert store.open_store(tmp_path).ownership.remarks[CELL].text == "a closed bridge"


def test_the_second_who_explains_the_same_signal_is_told(tmp_path: Path) -> None:
    """Two people who looked at the same open signal: the later one hears who was first, and nothing is overwritten."""
    explain(tmp_path, "a closed bridge", seen=0)
    with pytest.raises(store.ConflictError) as caught:
        explain(tmp_path, "holidays", TOM, seen=0)
    assert caught.value.now_there == Remark("a closed bridge", "anna", date(2026, 3, 14))
    explain(tmp_path, "holidays", TOM, seen=1)
    assert store.open_store(tmp_path).ownership.remarks[CELL].by == "tom"


def test_undo_takes_an_explanation_back(tmp_path: Path) -> None:
    """The one before it is in force again; an empty text takes it away as well."""
    explain(tmp_path, "a closed bridge")
    explain(tmp_path, "holidays", TOM)
    store.undo(tmp_path, now=NOW, identity=TOM)
    assert store.open_store(tmp_path).ownership.remarks[CELL].text == "a closed bridge"
    explain(tmp_path, "")
    assert store.open_store(tmp_path).ownership.remarks == {}


def test_the_longest_text_still_fits_beside_the_one_that_replaces_it(tmp_path: Path) -> None:
    """A text at the limit can be saved, replaced by another at the limit, and taken back; one byte more is refused."""
    explain(tmp_path, "a" * MAX_REMARK)
    explain(tmp_path, "b" * MAX_REMARK)
    store.undo(tmp_path, now=NOW, identity=ANNA)
    lines = (tmp_path / "state" / "journal.jsonl").read_bytes().splitlines(keepends=True)
    assert max(map(len, lines)) < MAX_LINE
    with pytest.raises(store.StoreError, match="an explanation or a note holds 1400") as caught:
        explain(tmp_path, "ü" * (MAX_REMARK // 2) + "x")
    assert caught.value.code == "S23"
    assert store.open_store(tmp_path).ownership.seq == 3


def test_quotes_and_escapes_of_a_text_survive(tmp_path: Path) -> None:
    """Quotes, backslashes and words of the journal's own inside a text change nothing about its line."""
    text = '"cell":["role","x"],"before": \\ "prev":""} ü 🦊'
    explain(tmp_path, text)
    state = store.open_store(tmp_path)
    assert state.ownership.remarks[CELL].text == text
    assert state.history(CELL)[0].command == Explain(LATE, START, text)


def test_notes_of_one_day_stand_side_by_side(tmp_path: Path) -> None:
    """Notes on any subject, and several on one day, each by its number."""
    subjects = [Subject(), Subject(SubjectKind.METRIC, "late_share"), Subject(SubjectKind.GOAL, "loyal")]
    for subject in subjects:
        for number in (1, 2):
            store.save(tmp_path, Note(subject, START, f"note {number}", number), now=NOW, identity=ANNA)
    remarks = store.open_store(tmp_path).ownership.remarks
    assert {cell: one.text for cell, one in remarks.items()} == {
        NoteCell(subject, START, number): f"note {number}" for subject in subjects for number in (1, 2)
    }


def test_a_later_versions_command_on_a_known_cell_is_kept(tmp_path: Path) -> None:
    """A command that this version does not know is no damage: its value counts, its name is kept."""
    explain(tmp_path, "a closed bridge")
    line = (tmp_path / "state" / "journal.jsonl").read_bytes()
    later = line.replace(b'"command":"explain"', b'"command":"translate"')
    (change,) = parse(later, "journal.jsonl").changes
    assert change.command == Other("translate")
    assert change.after == Remark("a closed bridge", "anna", date(2026, 3, 14))


@pytest.mark.parametrize(
    "cell",
    [
        ["signal", "late_share", "2 March"],
        ["signal", "late_share", "2026-03-02", "1"],
        ["note", "metric", "2026-03-02", "1"],
        ["note", "everything/x", "2026-03-02", "1"],
        ["note", "weather/x", "2026-03-02", "1"],
        ["note", "metric/x", "2026-03-02"],
        ["note", "metric/x", "2026-03-02", "one"],
    ],
)
def test_a_cell_that_is_none_is_told_apart(tmp_path: Path, cell: list[str]) -> None:
    """A line about something else is no change, and never half a one."""
    explain(tmp_path, "a closed bridge")
    row = json.loads((tmp_path / "state" / "journal.jsonl").read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match=r".+"):
        decode(row | {"cell": cell})


def test_subjects_are_written_and_read_back() -> None:
    """Each kind of subject has one way to be written."""
    for subject in (Subject(), Subject(SubjectKind.SOURCE, "orders"), Subject(SubjectKind.METRIC, "late_share")):
        assert subject_of(subject.written) == subject


def test_remarks_are_shown_while_the_journal_waits_for_repair(tmp_path: Path) -> None:
    """A damaged line makes everything read-only; explanations from before it are still there to read."""
    explain(tmp_path, "a closed bridge")
    explain(tmp_path, "holidays")
    path = tmp_path / "state" / "journal.jsonl"
    first, _ = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"<<<<<<< ours\n" + first)
    state = store.open_store(tmp_path)
    assert state.is_read_only
    assert state.ownership.remarks[CELL].text == "a closed bridge"
