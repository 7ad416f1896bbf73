"""Opening the program's own files: the state in force, its history, and what is wrong or offered."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.errors import Place, Problem, Severity
from kputui.model.ownership import Ownership
from kputui.store.examine import Examined, HandEdit, Standing, examine, nothing
from kputui.store.faults import StoreError, refused
from kputui.store.folder import JOURNAL, SNAPSHOT, STATE_FOLDER, creation_refusal, open_folder, words_of
from kputui.store.identity import whoami
from kputui.store.lock import locked
from kputui.store.mount import network_kind
from kputui.store.repair import repair

if TYPE_CHECKING:
    from kputui.model.cell import Cell
    from kputui.model.change import Change
    from kputui.store.folder import StateFolder
    from kputui.store.journal import Journal


@dataclass(frozen=True)
class State:
    """The program's own files as they were opened.

    `ownership` is what the journal adds up to, names unchecked. `notices` say what was repaired, is
    damaged or is offered; `edits` are hand edits that can be imported. `read_only` says in words why
    nothing can be changed, and is empty when it can.
    """

    ownership: Ownership
    journal: Journal
    notices: tuple[Problem, ...] = ()
    edits: tuple[HandEdit, ...] = ()
    read_only: str = ""

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be changed now."""
        return bool(self.read_only)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes, oldest first; decoded when first asked for."""
        return self.journal.changes

    def history(self, cell: Cell) -> tuple[Change, ...]:
        """The changes of one cell, oldest first."""
        return self.journal.of_cell(cell)


def open_store(folder: Path, *, is_repairing: bool = True) -> State:
    """Open the state of a workspace folder; never raises for what its files hold.

    Puts the files in order where nobody has to be asked (a snapshot behind or lost, half a line at the
    journal's end, temporary files of a killed save), if they may be written and nobody is saving.
    """
    try:
        opened = open_folder(Path(folder))
    except (OSError, StoreError) as error:
        problem = _cannot_open(Path(folder), error)
        return State(Ownership(), nothing().journal, (problem,), (), problem.message)
    if opened is None:
        return State(Ownership(), nothing().journal, read_only=_cannot_create(Path(folder)))
    with opened:
        found = examine(opened)
        notices = (*found.notices, *_on_network(opened))
        reason = _read_only(opened, found)
        if is_repairing and found.wants_repair and not reason:
            found = _repaired(opened, found)
    return State(found.ownership, found.journal, notices, found.edits, reason)


def verify(folder: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with the program's own files, read without changing them.

    Beside the notices of `open_store`: a snapshot behind, and lines whose fields are not understood.
    """
    try:
        opened = open_folder(Path(folder))
    except (OSError, StoreError) as error:
        return (_cannot_open(Path(folder), error),)
    if opened is None:
        return ()
    with opened:
        found = examine(opened)
        problems = [*found.notices, *_on_network(opened)]
        if found.standing is Standing.BEHIND:
            message = "the snapshot is behind the journal; opening the board puts it right"
            problems.append(Problem("S12", message, Severity.INFO, Place(opened.shown(SNAPSHOT), 1)))
        problems += _odd_lines(opened, found.journal)
        if (refusal := opened.refusal()) is not None:
            code, message, hint = refusal
            problems.append(Problem(code, message, Severity.WARNING, hint=hint))
    return tuple(problems)


def _on_network(folder: StateFolder) -> tuple[Problem, ...]:
    kind = network_kind(folder.path)
    if not kind:
        return ()
    message = f"state/ is on a network mount ({kind}): changes of several leads are kept apart on one host only"
    return (Problem("S25", message, Severity.INFO, hint="let all leads open the board on the same host"),)


def _odd_lines(folder: StateFolder, journal: Journal) -> list[Problem]:
    odd = (seq for seq in range(1, journal.seq + 1) if journal.change(seq) is None)
    shown = folder.shown(JOURNAL)
    return [Problem("S09", f"line {seq} is not understood", Severity.WARNING, Place(shown, seq)) for seq in odd]


def _repaired(folder: StateFolder, found: Examined) -> Examined:
    """The state after a repair; as it was when somebody is saving just now or the disk says no."""
    with contextlib.suppress(StoreError, OSError), locked(folder, whoami(), wait_s=0.0):
        return repair(folder, examine(folder))
    return found


def _read_only(folder: StateFolder, found: Examined) -> str:
    if found.blocked is not None:
        return f"read-only: {found.blocked.message}"
    if (refusal := folder.refusal()) is not None:
        return f"read-only: {refusal[1]}"
    missing = folder.lacks_permission()
    return f"read-only: {missing}" if missing else ""


def _cannot_create(folder: Path) -> str:
    refusal = creation_refusal(folder)
    return f"read-only: {refusal[1]}" if refusal is not None else ""


def _cannot_open(folder: Path, error: OSError | StoreError) -> Problem:
    reason = words_of(error) if isinstance(error, OSError) else error.message
    return Problem(
        "S01",
        f"accountability is not known: state/ cannot be opened: {reason}",
        Severity.WARNING,
        Place(str(folder / STATE_FOLDER), 1),
        hint=refused(error, "open it").hint if isinstance(error, OSError) else error.hint,
    )
