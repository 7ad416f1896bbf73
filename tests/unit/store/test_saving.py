"""A change is saved once, compared with what the person saw, and taken back by an inverse change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from kputui import store
from kputui.errors import ExitCode
from kputui.model.cell import Holding, LinkCell, RoleCell
from kputui.model.change import Assign, Author, Decide, Import, Unassign, Undo
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.link import LinkDecision, LinkState
from kputui.model.ownership import Assignee, Role
from kputui.store.lines import MAX_LINE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATE, RETURNS, WAIT = MetricId("late_share"), MetricId("returns"), MetricId("wait")
OWNER = RoleCell(LATE, Role.ACCOUNTABLE)
SHOP = Assignee(TeamId("shop"), PersonId("ines"))
LOGISTICS = Assignee(TeamId("logistics"), PersonId("tarek"))
CARE = Assignee(TeamId("care"))
REASSIGN = Assign(LATE, Role.ACCOUNTABLE, LOGISTICS)


def journal(folder: Path) -> list[str]:
    """The journal's lines."""
    return (folder / "state" / "journal.jsonl").read_text().splitlines()


def test_a_reassignment_is_on_disk_with_author_and_reason(folder: Path, anna: Author) -> None:
    """Who gave the CPI to whom, when and why can be read back; the one accountable is replaced."""
    saved = store.save(folder, REASSIGN, now=NOW, seen_revision=0, reason="new\n carrier", identity=anna)
    state = store.open_store(folder)
    assert saved.change is not None
    assert state.history(OWNER)[-1] == saved.change
    assert (saved.change.author, saved.change.at, saved.change.reason) == (anna, NOW, "new carrier")
    assert saved.change.before == Holding((SHOP,), date(2026, 1, 5))
    assert saved.change.after == Holding((LOGISTICS,), date(2026, 3, 2))
    assert state.ownership == saved.ownership
    assert state.ownership.assignments[LATE].accountable == LOGISTICS
    assert state.ownership.revision(OWNER) == saved.change.seq == state.ownership.seq
    assert (state.notices, state.edits, state.is_read_only) == ((), (), False)
    assert store.verify(folder) == ()


def test_what_stood_there_before_the_journal_is_recorded_first(folder: Path, anna: Author) -> None:
    """The first save of a checkout records the hand-written start, whose cells nobody has changed yet."""
    store.save(folder, Assign(WAIT, Role.CONSULTED, CARE), now=NOW, identity=anna)
    *start, last = store.open_store(folder).changes
    assert [change.command for change in start] == [Import(one.cell, one.after, is_start=True) for one in start]
    assert {change.cell for change in start} == {OWNER, RoleCell(LATE, Role.RESPONSIBLE), LinkCell(LATE, RETURNS)}
    assert last.command == Assign(WAIT, Role.CONSULTED, CARE)
    assert store.open_store(folder).ownership.revision(OWNER) == 0
    evidence = store.open_store(folder).ownership.decisions[LATE, RETURNS].evidence
    assert evidence == {"n": 104, "lag": "1 week"}


def test_a_workspace_without_state_gets_it_with_the_first_change(tmp_path: Path, anna: Author) -> None:
    """The folder appears with the modes that a group of leads needs, whatever the umask."""
    saved = store.save(tmp_path, REASSIGN, now=NOW, identity=anna)
    assert saved.change is not None
    assert saved.change.seq == 1
    assert (tmp_path / "state").stat().st_mode & 0o7777 == 0o2770
    for name in ("journal.jsonl", "accountability.toml", ".lock"):
        assert (tmp_path / "state" / name).stat().st_mode & 0o7777 == 0o660


def test_others_are_added_and_the_accountable_is_replaced(folder: Path, anna: Author) -> None:
    """R, C and I grow; A stays one; taking one away leaves the others."""
    for command in (Assign(LATE, Role.RESPONSIBLE, CARE), Assign(LATE, Role.RESPONSIBLE, LOGISTICS), REASSIGN):
        store.save(folder, command, now=NOW, identity=anna)
    store.save(folder, Unassign(LATE, Role.RESPONSIBLE, CARE), now=NOW, identity=anna)
    assignment = store.open_store(folder).ownership.assignments[LATE]
    assert assignment.accountable == LOGISTICS
    assert assignment.responsible == (Assignee(TeamId("shop")), LOGISTICS)


def test_what_is_so_already_is_no_change(folder: Path, anna: Author, held: Callable[[], dict[str, bytes]]) -> None:
    """Assigning somebody again writes nothing."""
    store.save(folder, REASSIGN, now=NOW, identity=anna)
    before = held()
    assert store.save(folder, REASSIGN, now=NOW + timedelta(days=3), identity=anna).change is None
    assert held() == before


def test_an_override_is_remembered_with_its_reason(folder: Path, anna: Author) -> None:
    """Accountability before confirmation keeps its written reason until somebody else takes over."""
    command = Assign(WAIT, Role.ACCOUNTABLE, CARE)
    store.save(folder, command, now=NOW, identity=anna, reason="pilot until May", is_override=True)
    assert store.open_store(folder).ownership.exceptions == {WAIT: "pilot until May"}
    assert 'exception = "pilot until May"' in (folder / "state" / "accountability.toml").read_text()
    store.save(folder, Assign(WAIT, Role.ACCOUNTABLE, SHOP), now=NOW, identity=anna)
    assert store.open_store(folder).ownership.exceptions == {}


def test_a_judgement_records_person_day_reason_and_definitions(folder: Path, anna: Author) -> None:
    """A confirmed link says who judged it, on which day, and which definitions were judged."""
    command = Decide(WAIT, RETURNS, LinkState.CONFIRMED, evidence={"n": 12}, cpi_hash="ab", kpi_hash="cd")
    store.save(folder, command, now=NOW, day=date(2013, 9, 30), identity=anna, reason="seen in the field")
    assert store.open_store(folder).ownership.decisions[WAIT, RETURNS] == LinkDecision(
        WAIT,
        RETURNS,
        LinkState.CONFIRMED,
        "anna",
        date(2013, 9, 30),
        "judgement",
        "seen in the field",
        {"n": 12},
        "ab",
        "cd",
    )


def test_second_writer_is_refused(folder: Path, anna: Author, tom: Author) -> None:
    """A lead whose copy is old is told who was first and what is there now; the other lead's change survives."""
    first = store.save(folder, REASSIGN, now=NOW, seen_revision=0, identity=tom)
    with pytest.raises(store.ConflictError, match="tom changed it at 2026-03-02 09:30:00 UTC") as caught:
        store.save(folder, Assign(LATE, Role.ACCOUNTABLE, CARE), now=NOW, seen_revision=0, identity=anna)
    assert caught.value.exit_code is ExitCode.CONFLICT
    assert caught.value.change == first.change
    assert caught.value.now_there == Holding((LOGISTICS,), date(2026, 3, 2))
    assert store.open_store(folder).ownership == first.ownership


def test_changes_to_other_cells_merge(folder: Path, anna: Author, tom: Author) -> None:
    """Two leads who looked at the same moment and changed different cells are both saved."""
    store.save(folder, REASSIGN, now=NOW, seen_revision=0, identity=tom)
    saved = store.save(folder, Assign(LATE, Role.INFORMED, CARE), now=NOW, seen_revision=0, identity=anna)
    assert saved.ownership.assignments[LATE].accountable == LOGISTICS
    assert saved.ownership.assignments[LATE].informed == (CARE,)


def test_undo_is_a_new_inverse_change(folder: Path, anna: Author) -> None:
    """Undo brings back owner, day and exception, and both changes stay in the history."""
    before = store.open_store(folder).ownership
    first = store.save(folder, REASSIGN, now=NOW, identity=anna).change
    assert first is not None
    undone = store.undo(folder, now=NOW, identity=anna)
    assert undone.change is not None
    assert (undone.change.command, undone.change.undoes) == (Undo(first.seq), first.seq)
    assert undone.ownership.assignments == before.assignments
    assert [change.seq for change in store.open_store(folder).history(OWNER)][1:] == [first.seq, undone.change.seq]


def test_undo_goes_back_step_by_step_and_can_be_undone(folder: Path, anna: Author, tom: Author) -> None:
    """Each undo takes back the author's newest change that stands; others' changes are not touched."""
    store.save(folder, Assign(WAIT, Role.INFORMED, CARE), now=NOW, identity=tom)
    one = store.save(folder, REASSIGN, now=NOW, identity=anna).change
    two = store.save(folder, Assign(LATE, Role.ACCOUNTABLE, CARE), now=NOW, identity=anna).change
    assert one is not None
    assert two is not None
    taken = [store.undo(folder, now=NOW, identity=anna).change for _ in range(2)]
    assert [change.undoes for change in taken if change] == [two.seq, one.seq]
    with pytest.raises(store.StoreError, match="anna has no change to undo"):
        store.undo(folder, now=NOW, identity=anna)
    assert taken[1] is not None
    again = store.undo(folder, taken[1].seq, now=NOW, identity=anna)
    assert again.ownership.assignments[LATE].accountable == LOGISTICS
    assert again.ownership.assignments[WAIT].informed == (CARE,)


def test_undo_after_somebody_elses_change_is_a_conflict(folder: Path, anna: Author, tom: Author) -> None:
    """What somebody built upon is not pulled away from under them."""
    mine = store.save(folder, REASSIGN, now=NOW, identity=anna).change
    store.save(folder, Assign(LATE, Role.ACCOUNTABLE, CARE), now=NOW, identity=tom)
    assert mine is not None
    for asked in (None, mine.seq):
        with pytest.raises(store.ConflictError, match="tom changed it"):
            store.undo(folder, asked, now=NOW, identity=anna)


def test_what_cannot_be_undone_is_said(folder: Path, anna: Author) -> None:
    """A change that does not exist, and the start, are refused in words."""
    store.save(folder, Assign(WAIT, Role.INFORMED, CARE), now=NOW, identity=anna)
    with pytest.raises(store.StoreError, match="no change 99"):
        store.undo(folder, 99, now=NOW, identity=anna)
    with pytest.raises(store.StoreError, match="where the journal begins"):
        store.undo(folder, 1, now=NOW, identity=anna)


def test_a_clock_set_back_changes_no_order(folder: Path, anna: Author) -> None:
    """The order is that of the numbers, not of the clocks."""
    store.save(folder, REASSIGN, now=NOW, identity=anna)
    store.save(folder, Assign(LATE, Role.ACCOUNTABLE, CARE), now=NOW - timedelta(days=900), identity=anna)
    assert store.open_store(folder).ownership.assignments[LATE].accountable == CARE
    assert store.verify(folder) == ()


def test_a_reason_that_is_too_long_is_refused_whole(
    folder: Path, anna: Author, held: Callable[[], dict[str, bytes]]
) -> None:
    """A line never grows beyond what one write keeps whole; nothing is cut in silence."""
    before = held()
    with pytest.raises(store.StoreError, match="too long") as caught:
        store.save(folder, REASSIGN, now=NOW, identity=anna, reason="ö" * MAX_LINE)
    assert caught.value.code == "S23"
    assert held() == before


@pytest.mark.parametrize("reason", ['quote " and \\', "\x1b[31mred", "\ud800 alone", "[@click=x]y", "a\u2028b", "日本"])
def test_any_reason_comes_back(folder: Path, anna: Author, reason: str) -> None:
    """Quotes, control characters and other scripts in a reason neither break the files nor get lost."""
    store.save(folder, Assign(WAIT, Role.ACCOUNTABLE, CARE), now=NOW, identity=anna, reason=reason, is_override=True)
    state = store.open_store(folder)
    kept = " ".join(reason.replace("\ud800", "?").split())
    assert (state.changes[-1].reason, state.ownership.exceptions[WAIT]) == (kept, kept)
    assert (state.notices, store.verify(folder)) == ((), ())


def test_the_author_is_whom_the_kernel_knows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$USER, $LOGNAME and a missing HOME change nothing about who did it."""
    real = store.whoami()
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mallory")
    monkeypatch.delenv("HOME", raising=False)
    saved = store.save(folder, REASSIGN, now=NOW)
    assert saved.change is not None
    assert saved.change.author == real
    row = json.loads(journal(folder)[-1])
    assert (row["login"], row["uid"], row["host"]) == (real.login, real.uid, real.host)


def test_a_user_without_a_name_is_named_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's bare uid can save."""

    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr("os.getuid", lambda: 4711)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert replace(store.whoami(), host="") == Author("uid4711", 4711, "")


def test_the_snapshot_diffs_well(folder: Path, anna: Author) -> None:
    """One change of owner is a few lines of the snapshot and one line of the journal, added."""
    store.save(folder, Assign(WAIT, Role.INFORMED, CARE), now=NOW, identity=anna)
    old = (folder / "state" / "accountability.toml").read_text().splitlines()
    lines = journal(folder)
    store.save(folder, REASSIGN, now=NOW, identity=anna)
    new = (folder / "state" / "accountability.toml").read_text().splitlines()
    assert journal(folder)[:-1] == lines
    assert {line.split(" = ")[0] for line in set(new) - set(old)} == {"seq", "journal", "accountable", "since"}
    assert len(new) == len(old)


def test_the_stamp_covers_journal_and_snapshot(folder: Path, anna: Author) -> None:
    """An open board sees a save, and also a journal that alone has grown."""
    seen = [store.stamp(folder)]
    store.save(folder, REASSIGN, now=NOW, identity=anna)
    seen.append(store.stamp(folder))
    with (folder / "state" / "journal.jsonl").open("ab") as file:
        file.write(b"{")
    seen.append(store.stamp(folder))
    assert len(set(seen)) == 3
