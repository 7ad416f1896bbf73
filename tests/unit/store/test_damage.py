"""Whatever a kill, a merge or a person left in state/: nothing is lost, and what was done is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from kputui import store
from kputui.model.cell import Holding, RoleCell
from kputui.model.change import Assign, Author
from kputui.model.ids import MetricId, TeamId
from kputui.model.ownership import Assignee, Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Held = Callable[[], dict[str, bytes]]

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATE, WAIT = MetricId("late_share"), MetricId("wait")
OWNER = RoleCell(LATE, Role.ACCOUNTABLE)
LOGISTICS, CARE = Assignee(TeamId("logistics")), Assignee(TeamId("care"))
CHANGES = (
    Assign(LATE, Role.ACCOUNTABLE, LOGISTICS),
    Assign(WAIT, Role.RESPONSIBLE, CARE),
    Assign(WAIT, Role.ACCOUNTABLE, CARE),
)


@pytest.fixture
def snapshot(folder: Path, anna: Author) -> Path:
    """The snapshot of a workspace with a few changes."""
    for command in CHANGES:
        store.save(folder, command, now=NOW, identity=anna)
    return folder / "state" / "accountability.toml"


@pytest.fixture
def journal(snapshot: Path) -> Path:
    """Its journal."""
    return snapshot.with_name("journal.jsonl")


def codes(state: store.State) -> list[str]:
    """The codes of what is said on opening."""
    return [notice.code for notice in state.notices]


def test_a_snapshot_behind_is_put_right_without_a_word(folder: Path, snapshot: Path, anna: Author, held: Held) -> None:
    """A kill between the commit and the rename costs nothing, and asks nothing."""
    old = snapshot.read_bytes()
    saved = store.save(folder, Assign(LATE, Role.ACCOUNTABLE, CARE), now=NOW, identity=anna)
    whole = held()
    snapshot.write_bytes(old)
    assert [problem.code for problem in store.verify(folder)] == ["S12"]
    assert snapshot.read_bytes() == old
    state = store.open_store(folder)
    assert (codes(state), state.edits, state.ownership) == ([], (), saved.ownership)
    assert held() == whole


@pytest.mark.parametrize(
    ("content", "code", "kept"),
    [
        (None, "S14", None),
        (b"", "S14", None),
        (b"seq = 3\n[assignments.la", "S14", "accountability.damaged-1.toml"),
        (b"\0\0\0\0", "S14", "accountability.damaged-1.toml"),
        (b"<<<<<<< HEAD\nseq = 1\n=======\nseq = 2\n>>>>>>> b\n", "S15", "accountability.merge-1.toml"),
    ],
)
def test_a_lost_snapshot_is_rebuilt_with_a_notice(
    folder: Path, snapshot: Path, held: Held, content: bytes | None, code: str, kept: str | None
) -> None:
    """Missing, empty, torn or merged: the journal has everything; what a person may want is kept aside."""
    whole = held()
    snapshot.unlink()
    if content is not None:
        snapshot.write_bytes(content)
    state = store.open_store(folder)
    assert codes(state) == [code]
    assert state.ownership.assignments[LATE].accountable == LOGISTICS
    assert held() == (whole | {kept: content} if kept else whole)
    assert codes(store.open_store(folder)) == []


def test_a_hand_edit_is_offered_and_imported(folder: Path, snapshot: Path, tom: Author) -> None:
    """An edit of the snapshot is never in force by itself; imported, it is a change with an author."""
    edited = snapshot.read_text().replace('accountable = "logistics"', 'accountable = "shop"')
    snapshot.write_text(edited)
    state = store.open_store(folder)
    assert codes(state) == ["S13"]
    assert state.ownership.assignments[LATE].accountable == LOGISTICS
    assert snapshot.read_text() == edited
    (edit,) = state.edits
    shop = Assignee(TeamId("shop"))
    assert [(one.cell, one.edited) for one in edit.cells] == [(OWNER, Holding((shop,), date(2026, 3, 2)))]
    (saved,) = store.import_edit(folder, edit, now=NOW, identity=tom, reason="agreed on Monday")
    assert saved.change is not None
    assert saved.change.author == tom
    state = store.open_store(folder)
    assert (codes(state), state.edits) == ([], ())
    assert state.ownership.assignments[LATE].accountable == shop
    with pytest.raises(store.StoreError, match="not the one that was shown"):
        store.import_edit(folder, edit, now=NOW, identity=tom)


def test_a_hand_edit_in_the_way_of_a_save_is_kept_and_still_offered(
    folder: Path, snapshot: Path, anna: Author, tom: Author, held: Held
) -> None:
    """Somebody else's save neither takes the edit over nor drops it; only what differs is offered."""
    edited = snapshot.read_text().replace('accountable = "logistics"', 'accountable = "shop"')
    snapshot.write_text(edited)
    store.save(folder, Assign(WAIT, Role.INFORMED, CARE), now=NOW, identity=anna)
    assert held()["accountability.edited-6-1.toml"] == edited.encode()
    (edit,) = store.open_store(folder).edits
    assert (edit.file, [one.cell for one in edit.cells]) == ("accountability.edited-6-1.toml", [OWNER])
    store.import_edit(folder, edit, now=NOW, identity=tom)
    state = store.open_store(folder)
    assert state.ownership.assignments[LATE].accountable == Assignee(TeamId("shop"))
    assert state.ownership.assignments[WAIT].informed == (CARE,)
    assert sorted(held()) == ["accountability.toml", "journal.jsonl"]


def test_a_hand_edit_can_be_discarded_and_is_kept(folder: Path, snapshot: Path, held: Held) -> None:
    """Discarding puts the state in force back, and the file beside it."""
    whole = held()
    snapshot.write_text(snapshot.read_text().replace("logistics", "shop"))
    edited = snapshot.read_bytes()
    (edit,) = store.open_store(folder).edits
    kept = store.discard_edit(folder, edit)
    assert held() == whole | {kept: edited}
    assert store.open_store(folder).edits == ()


def test_a_removed_entry_is_an_edit_too(folder: Path, snapshot: Path) -> None:
    """Who deletes a table takes the roles away, once it is imported."""
    text = snapshot.read_text()
    start = text.index("[assignments.wait]")
    snapshot.write_text(text[:start] + text[text.index("[links.") :])
    (edit,) = store.open_store(folder).edits
    assert {one.cell for one in edit.cells} == {RoleCell(WAIT, role) for role in (Role.ACCOUNTABLE, Role.RESPONSIBLE)}
    assert {one.edited for one in edit.cells} == {None}
    store.import_edit(folder, edit, now=NOW)
    assert WAIT not in store.open_store(folder).ownership.assignments


def test_a_snapshot_of_another_journal_is_offered_not_believed(
    folder: Path, snapshot: Path, journal: Path, anna: Author
) -> None:
    """A journal that lost its newest lines is seen, and what the snapshot still knows is offered."""
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    state = store.open_store(folder)
    assert codes(state) == ["S13", "S16"]
    assert [one.cell for one in state.edits[0].cells] == [RoleCell(WAIT, Role.ACCOUNTABLE)]
    assert snapshot.exists()
    store.save(folder, Assign(LATE, Role.INFORMED, CARE), now=NOW, identity=anna)
    assert [one.cell for edit in store.open_store(folder).edits for one in edit.cells] == [
        RoleCell(WAIT, Role.ACCOUNTABLE)
    ]


def test_a_missing_journal_leaves_the_snapshot_in_force(folder: Path, journal: Path, anna: Author) -> None:
    """Without its journal the snapshot is the start again, with a warning."""
    before = store.open_store(folder).ownership.assignments
    journal.unlink()
    state = store.open_store(folder)
    assert (codes(state), state.ownership.assignments) == (["S16"], before)
    store.save(folder, Assign(LATE, Role.INFORMED, CARE), now=NOW, identity=anna)
    assert codes(store.open_store(folder)) == []


def test_a_torn_tail_is_set_aside_and_the_next_append_is_fine(
    folder: Path, journal: Path, anna: Author, held: Held
) -> None:
    """Half a line of a save that was never acknowledged does not hurt the next one."""
    whole = journal.read_bytes()
    torn = b'{"seq":7,"at":"2026'
    journal.write_bytes(whole + torn)
    assert codes(store.open_store(folder, is_repairing=False)) == ["S11"]
    assert codes(store.open_store(folder)) == ["S11"]
    assert journal.read_bytes() == whole
    assert held()["journal.torn-1.jsonl"] == torn
    store.save(folder, Assign(LATE, Role.INFORMED, CARE), now=NOW, identity=anna)
    assert store.verify(folder) == ()


def test_a_last_line_without_its_end_still_counts(folder: Path, journal: Path, anna: Author) -> None:
    """An editor that strips the last line end loses nobody's change."""
    before = store.open_store(folder).ownership
    journal.write_bytes(journal.read_bytes().rstrip(b"\n"))
    assert store.open_store(folder, is_repairing=False).ownership == before
    store.save(folder, Assign(LATE, Role.INFORMED, CARE), now=NOW, identity=anna)
    assert store.open_store(folder).ownership.seq == before.seq + 1
    assert store.verify(folder) == ()


@pytest.mark.parametrize(
    ("number", "change", "code", "line"),
    [
        (2, (b'"seq":2', b'"seq":2,,'), "S09", 2),
        (2, (b'{"seq":2', b"\x00\xff"), "S09", 2),
        (3, (b'"login":"anna"', b'"login":"tomm"'), "S10", 4),
        (4, (b'"seq":4', b'"seq":9'), "S10", 4),
        (2, (b'{"seq":2', b"<<<<<<< HEAD"), "S09", 2),
        (1, (b'"prev":""', b'"prev":"f"'), "S10", 1),
    ],
)
def test_an_edited_line_makes_the_store_read_only_and_says_which(
    folder: Path,
    journal: Path,
    anna: Author,
    held: Held,
    number: int,
    change: tuple[bytes, bytes],
    code: str,
    line: int,
) -> None:
    """A bad middle line or a broken chain stops changes, not reading, and names the line."""
    lines = journal.read_bytes().splitlines(keepends=True)
    assert change[0] in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(*change)
    journal.write_bytes(b"".join(lines))
    before = held()
    state = store.open_store(folder)
    assert state.is_read_only
    (notice,) = state.notices
    assert notice.place is not None
    assert (notice.code, notice.place.line) == (code, line)
    assert f"line {line} " in state.read_only
    assert state.ownership.assignments[LATE].accountable == LOGISTICS
    with pytest.raises(store.StoreError, match=f"line {line} "):
        store.save(folder, Assign(LATE, Role.INFORMED, CARE), now=NOW, identity=anna)
    assert held() == before


def test_the_last_line_changed_is_seen_by_the_snapshot(
    folder: Path, snapshot: Path, journal: Path, anna: Author, held: Held
) -> None:
    """No later line vouches for the last one, but the snapshot does, and it is not written over."""
    content = journal.read_bytes()
    start = content.rindex(b'"login":"anna"')
    journal.write_bytes(content[:start] + content[start:].replace(b"anna", b"tomm"))
    proof = snapshot.read_bytes()
    for _ in range(2):
        assert codes(store.open_store(folder)) == ["S16"]
    assert [problem.code for problem in store.verify(folder)] == ["S16"]
    store.save(folder, Assign(LATE, Role.INFORMED, CARE), now=NOW, identity=anna)
    assert proof in held().values()


def test_stale_temporary_files_go_with_the_next_start(folder: Path, snapshot: Path, held: Held) -> None:
    """What a killed save left is removed; other people's files are not."""
    whole = held()
    (snapshot.parent / ".kputui-snapshot.4711.tmp").write_bytes(b"half")
    (snapshot.parent / "notes.txt").write_bytes(b"mine")
    store.open_store(folder)
    assert held() == whole | {"notes.txt": b"mine"}


def test_a_damaged_snapshot_without_a_journal_is_not_written_over(folder: Path, anna: Author, held: Held) -> None:
    """There is nothing to rebuild it from, so a person has to look first."""
    (folder / "state" / "accountability.toml").write_text("<<<<<<< ours\n")
    before = held()
    state = store.open_store(folder)
    assert (codes(state), state.is_read_only) == (["S02"], True)
    with pytest.raises(store.StoreError, match="merge marks"):
        store.save(folder, CHANGES[0], now=NOW, identity=anna)
    assert held() == before


def test_entries_that_are_not_understood_are_kept_beside_the_first_save(folder: Path, anna: Author, held: Held) -> None:
    """A hand-written start with odd entries is not thinned out in silence."""
    path = folder / "state" / "accountability.toml"
    text = path.read_text() + "[assignments.wait]\naccountable = 5\n"
    path.write_text(text)
    store.save(folder, CHANGES[0], now=NOW, identity=anna)
    assert held()["accountability.before-1.toml"] == text.encode()
