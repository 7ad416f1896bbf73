"""What a state folder holds: journal and snapshot read together, and how they stand to each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from kputui.errors import Place, Problem, Severity
from kputui.model.cell import accountability_of, values_of
from kputui.model.ownership import Ownership
from kputui.store.folder import JOURNAL, SNAPSHOT
from kputui.store.journal import Journal, read_journal
from kputui.store.snapshot import Condition, Snapshot, read_snapshot, unreadable

if TYPE_CHECKING:
    from kputui.model.cell import Cell, CellValue
    from kputui.store.folder import StateFolder

EDITED = "accountability.edited-"


class Standing(StrEnum):
    """How the snapshot stands to the journal."""

    START = "start"  # there is no journal yet: the snapshot is where it begins
    CLEAN = "clean"
    BEHIND = "behind"
    LOST = "lost"  # missing, empty, damaged or merged: to be rebuilt
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class CellEdit:
    """One cell that somebody edited by hand: its value in force, and the value in the file."""

    cell: Cell
    now: CellValue
    edited: CellValue


@dataclass(frozen=True, slots=True)
class HandEdit:
    """A snapshot edited by hand, not yet imported: the file's name in state/ and the cells that differ.

    `problems`: entries in it that are not understood.
    """

    file: str
    cells: tuple[CellEdit, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Examined:
    """Journal and snapshot of one moment, the ownership in force, and what is to be said about them."""

    journal: Journal
    snapshot: Snapshot
    ownership: Ownership
    standing: Standing
    notices: tuple[Problem, ...] = ()
    edits: tuple[HandEdit, ...] = ()
    stale_temps: tuple[str, ...] = ()
    values: dict[Cell, CellValue] = field(default_factory=dict)

    @property
    def blocked(self) -> Problem | None:
        """What keeps anything from being saved until a person has repaired it."""
        if self.journal.problem is not None:
            return self.journal.problem
        is_lost = self.journal.is_missing and self.snapshot.condition in (Condition.DAMAGED, Condition.MERGED)
        if not is_lost and self.snapshot.condition is not Condition.UNREADABLE:
            return None
        return next(notice for notice in self.notices if notice.code in ("S01", "S02", "S19"))

    @property
    def wants_repair(self) -> bool:
        """Whether the files can be put in order without asking anybody."""
        is_torn = bool(self.journal.tail or self.journal.lacks_end or self.stale_temps)
        return self.blocked is None and (is_torn or self.standing in (Standing.BEHIND, Standing.LOST))


def examine(folder: StateFolder) -> Examined:
    """Read a state folder without changing it; never raises for what its files hold."""
    snapshot = read_snapshot(folder)
    journal = read_journal(folder)  # after the snapshot: a save in between then only makes the snapshot look behind
    temps = tuple(folder.stale_temps())
    if journal.problem is not None:
        ownership = journal.ownership_at(journal.seq)
        if snapshot.is_whole:
            ownership = replace(snapshot.ownership, remarks=ownership.remarks)
        notices = (journal.problem, *snapshot.problems)
        return Examined(journal, snapshot, ownership, Standing.CLEAN, notices, (), temps, values_of(ownership))
    if journal.is_missing:
        return _start(folder, journal, snapshot, temps)
    ownership = journal.ownership_at(journal.seq)
    values = accountability_of(ownership)
    standing, edit = _compare(journal, snapshot, values)
    edits = [edit] if edit is not None and edit.cells else []
    edits += [found for name in folder.names() if (found := _aside(folder, name, journal, values)) is not None]
    notices = (
        *_torn(folder, journal),
        *_about(folder, snapshot, standing),
        *(_offer(folder, one) for one in edits),
    )
    if (
        snapshot.is_whole
        and snapshot.seq is not None
        and not belongs(snapshot, journal)
        and standing is Standing.EDITED
    ):
        message = f"the snapshot was written after a line {snapshot.seq} that this journal does not have"
        notices = (*notices, _stray(folder, f"{message}: lines are missing, or history was edited"))
    return Examined(journal, snapshot, ownership, standing, notices, tuple(edits), temps, values_of(ownership))


def nothing() -> Examined:
    """What a workspace without a state folder holds."""
    return Examined(Journal(is_missing=True), Snapshot(SNAPSHOT, Condition.MISSING), Ownership(), Standing.START)


def _start(folder: StateFolder, journal: Journal, snapshot: Snapshot, temps: tuple[str, ...]) -> Examined:
    notices: tuple[Problem, ...] = snapshot.problems
    if snapshot.condition not in (Condition.WHOLE, Condition.MISSING, Condition.EMPTY):
        notices = (unreadable(snapshot, folder.shown(snapshot.name)),)
    elif snapshot.seq:
        notices = (*notices, _stray(folder, "the journal is missing; the snapshot stands for itself"))
    return Examined(
        journal, snapshot, snapshot.ownership, Standing.START, notices, (), temps, values_of(snapshot.ownership)
    )


def _compare(journal: Journal, snapshot: Snapshot, values: dict[Cell, CellValue]) -> tuple[Standing, HandEdit | None]:
    if not snapshot.is_whole:
        return Standing.LOST, None
    found = accountability_of(snapshot.ownership)
    is_current = snapshot.seq == journal.seq and snapshot.head == journal.head
    if found == values and is_current and not snapshot.problems:
        return Standing.CLEAN, None
    edit = _edit_in(snapshot, journal, values)
    is_stray = snapshot.seq is not None and not belongs(snapshot, journal) and found != _start_of(journal)
    return (Standing.EDITED if edit.cells or edit.problems or is_stray else Standing.BEHIND), edit


def _edit_in(
    snapshot: Snapshot, journal: Journal, values: dict[Cell, CellValue], set_aside_at: int | None = None
) -> HandEdit:
    """What was changed by hand since the snapshot was written, and is not so already.

    A snapshot that says nothing of a journal is compared with the state from before there was one; one that
    another journal wrote with the state in force, or with that of change `set_aside_at`.
    """
    found = accountability_of(snapshot.ownership)
    start = _start_of(journal)
    if belongs(snapshot, journal):
        base = values if snapshot.seq == journal.seq else accountability_of(journal.ownership_at(snapshot.seq or 0))
    else:
        then = values if set_aside_at is None else accountability_of(journal.ownership_at(set_aside_at))
        base = start if snapshot.seq is None or found == start else then
    cells = sorted({*base, *found}, key=repr)
    edited = (
        CellEdit(cell, values.get(cell), found.get(cell))
        for cell in cells
        if found.get(cell) != base.get(cell) and found.get(cell) != values.get(cell)
    )
    return HandEdit(snapshot.name, tuple(edited), snapshot.problems)


def _start_of(journal: Journal) -> dict[Cell, CellValue]:
    """What stood there before there was a journal."""
    return accountability_of(journal.ownership_at(journal.start_seq))


def belongs(snapshot: Snapshot, journal: Journal) -> bool:
    """Whether the snapshot was written from this journal."""
    seq = snapshot.seq
    if seq is None or seq > journal.seq:
        return False
    return snapshot.head == (journal.hashes[seq - 1] if seq else "")


def _aside(folder: StateFolder, name: str, journal: Journal, values: dict[Cell, CellValue]) -> HandEdit | None:
    """An edit that a save found in its way and set aside."""
    if not name.startswith(EDITED):
        return None
    snapshot = read_snapshot(folder, name)
    number = name.removeprefix(EDITED).partition("-")[0]
    set_aside_at = int(number) if number.isdecimal() and len(number) < 10 else None
    edit = _edit_in(snapshot, journal, values, set_aside_at) if snapshot.is_whole else None
    return edit if edit is not None and edit.cells else None


def _torn(folder: StateFolder, journal: Journal) -> tuple[Problem, ...]:
    if not journal.tail:
        return ()
    message = f"the journal ends in half a line of {len(journal.tail)} bytes, of a save that did not finish"
    place = Place(folder.shown(JOURNAL), journal.seq + 1)
    return (Problem("S11", message, Severity.INFO, place, hint="it is set aside before the next change"),)


def _about(folder: StateFolder, snapshot: Snapshot, standing: Standing) -> tuple[Problem, ...]:
    place = Place(folder.shown(snapshot.name), 1)
    if standing is Standing.LOST and snapshot.condition is not Condition.UNREADABLE:
        code = "S15" if snapshot.condition is Condition.MERGED else "S14"
        message = f"the snapshot is rebuilt from the journal: {snapshot.reason}"
        return (Problem(code, message, Severity.INFO, place),)
    if standing is Standing.LOST:
        message = f"the snapshot cannot be used: {snapshot.reason}"
        return (Problem("S19", message, Severity.WARNING, place, hint="remove it; the journal has all changes"),)
    return ()


def _offer(folder: StateFolder, edit: HandEdit) -> Problem:
    count = len(edit.cells)
    message = f"the snapshot was edited by hand: {count} entr{'y differs' if count == 1 else 'ies differ'}"
    hint = "import the edit, or discard it"
    return Problem("S13", message, Severity.WARNING, Place(folder.shown(edit.file), 1), hint=hint)


def _stray(folder: StateFolder, message: str) -> Problem:
    return Problem("S16", message, Severity.WARNING, Place(folder.shown(SNAPSHOT), 1))
