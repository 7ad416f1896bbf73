"""Saving a change: lock, read again, compare, temporary file, one journal line (the commit), rename."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.model.cell import ownership_of, values_of
from kputui.model.change import Change, Import, Undo, can_undo, cell_of, outcome
from kputui.store.examine import EDITED, examine
from kputui.store.faults import ConflictError, StoreError, refused
from kputui.store.folder import JOURNAL, SNAPSHOT, open_folder
from kputui.store.identity import whoami
from kputui.store.journal import append, hash_of
from kputui.store.lines import encode
from kputui.store.lock import WAIT_S, locked
from kputui.store.repair import clear, left_behind, make_room
from kputui.store.snapshot import dump

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from kputui.errors import Problem
    from kputui.model.cell import Cell, CellValue
    from kputui.model.change import Author, Command
    from kputui.model.ownership import Ownership
    from kputui.store.examine import Examined, HandEdit
    from kputui.store.folder import StateFolder


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved: the change (None when it was so already) and the ownership since then.

    `ownership` holds all names unchecked, also other leads' changes. `notices`: what else happened, such
    as a snapshot that could not be replaced after the commit.
    """

    change: Change | None
    ownership: Ownership
    notices: tuple[Problem, ...] = ()


def save(  # noqa: PLR0913 - all but two are named, and each call names few
    folder: Path,
    command: Command,
    *,
    now: datetime,
    seen_revision: int | None = None,
    reason: str = "",
    is_override: bool = False,
    day: date | None = None,
    identity: Author | None = None,
    wait_s: float = WAIT_S,
) -> Saved:
    """Save one change below a workspace's folder and return once it is on disk.

    `seen_revision` is the revision of the command's cell that the person looked at (`Ownership.revision`);
    None does not compare. `now` is aware; `day` is the day that `since` and `decided_on` get (that of `now`
    otherwise). Without `identity` the kernel's. Raises ConflictError when the cell changed since,
    LockedError after `wait_s`, StoreError for everything else; then the files are as they were.
    """
    author = identity if identity is not None else whoami()
    cell = cell_of(command)
    text = _clean(reason)
    with _writing(folder, author, wait_s) as (state, found):
        if seen_revision is not None and found.ownership.revision(cell) != seen_revision:
            raise _conflict(found, cell)
        before = found.values.get(cell)
        after = outcome(
            command, before, day=day or now.date(), login=author.login, reason=text, is_override=is_override
        )
        if after == before:
            return Saved(None, found.ownership)
        draft = Change(0, now, author, command, cell, before, after, text, is_override)
        (change,), ownership, notices = _commit(state, found, [draft])
    return Saved(change, ownership, notices)


def undo(
    folder: Path,
    seq: int | None = None,
    *,
    now: datetime,
    reason: str = "",
    identity: Author | None = None,
    wait_s: float = WAIT_S,
) -> Saved:
    """Take change `seq` back, or the author's own last change that still stands; a new, inverse change.

    Raises ConflictError when the cell was changed since, StoreError S24 when there is no such change,
    and everything that `save` raises.
    """
    author = identity if identity is not None else whoami()
    with _writing(folder, author, wait_s) as (state, found):
        target = _own_last(found, author) if seq is None else _numbered(found, seq)
        history = found.journal.of_cell(target.cell)
        if target.is_start:
            raise StoreError("S24", f"change {target.seq} is where the journal begins and cannot be undone")
        if not can_undo(history, target.seq):
            raise _conflict(found, target.cell)
        text = _clean(reason)
        draft = Change(
            0, now, author, Undo(target.seq), target.cell, target.after, target.before, text, undoes=target.seq
        )
        (change,), ownership, notices = _commit(state, found, [draft])
    return Saved(change, ownership, notices)


def import_edit(
    folder: Path,
    edit: HandEdit,
    *,
    now: datetime,
    reason: str = "",
    identity: Author | None = None,
    wait_s: float = WAIT_S,
) -> tuple[Saved, ...]:
    """Take a hand edit of the snapshot over as changes of this author, one a cell; oldest first.

    Raises ConflictError when the edit is not the one that was shown any more, and what `save` raises. A file
    with entries that are not understood is kept beside the new snapshot.
    """
    author = identity if identity is not None else whoami()
    with _writing(folder, author, wait_s) as (state, found):
        present = _edit_again(found, edit)
        drafts = [
            Change(0, now, author, Import(one.cell, one.edited), one.cell, one.now, one.edited, _clean(reason))
            for one in present.cells
        ]
        changes, ownership, notices = _commit(state, found, drafts, taken=present)
    return tuple(Saved(change, ownership, notices) for change in changes)


def discard_edit(folder: Path, edit: HandEdit, *, identity: Author | None = None, wait_s: float = WAIT_S) -> str:
    """Put the state in force back in place of a hand edit; the name under which the edit is kept.

    Raises as `import_edit` does.
    """
    author = identity if identity is not None else whoami()
    with _writing(folder, author, wait_s) as (state, found):
        present = _edit_again(found, edit)
        try:
            temp = state.write_temp("snapshot", dump(found.ownership, found.journal.head))
            kept = state.free_name(SNAPSHOT, "discarded")
            state.rename(present.file, kept)
            if present.file == SNAPSHOT:
                state.rename(temp, SNAPSHOT)
            else:
                state.remove(temp)
            state.sync()
        except OSError as error:
            raise refused(error, "discard the edit") from error
    return kept


@contextlib.contextmanager
def _writing(folder: Path, author: Author, wait_s: float) -> Iterator[tuple[StateFolder, Examined]]:
    """The state folder, locked and free of what killed saves left; refuses what must not be written."""
    try:
        opened = open_folder(Path(folder), create=True)
    except OSError as error:
        raise refused(error, "open state/") from error
    assert opened is not None  # noqa: S101 - it was created
    with opened, contextlib.ExitStack() as held:
        if (refusal := opened.refusal()) is not None:
            raise StoreError(*refusal)
        try:
            held.enter_context(locked(opened, author, wait_s=wait_s))
            found = examine(opened)
            if found.blocked is None:
                found = clear(opened, found)
        except OSError as error:
            raise refused(error, "save the change") from error
        if found.blocked is not None:
            raise StoreError(found.blocked.code, f"read-only: {found.blocked.message}", found.blocked.hint)
        yield opened, found


def _commit(
    folder: StateFolder, found: Examined, drafts: Sequence[Change], *, taken: HandEdit | None = None
) -> tuple[tuple[Change, ...], Ownership, tuple[Problem, ...]]:
    """Write changes that follow the journal: the numbered changes, the ownership after them, and notices."""
    start = _start_changes(found, drafts[0]) if found.journal.is_missing and drafts else []
    changes, lines, head = _numbered_lines(found, [*start, *drafts])
    values = dict(found.values)
    revisions = dict(found.ownership.revisions)
    for change in changes:
        values[change.cell] = change.after
        if not change.is_start:
            revisions[change.cell] = change.seq
    ownership = ownership_of(values, revisions, found.journal.seq + len(changes))
    try:
        temp = folder.write_temp("snapshot", dump(ownership, head))
    except OSError as error:
        raise refused(error, "save the change") from error
    try:
        _append(folder, found, lines)
    except StoreError:
        folder.remove(temp)
        raise
    try:
        _replace(folder, found, temp, taken)
    except OSError as error:
        folder.remove(temp)
        return tuple(changes[len(start) :]), ownership, (left_behind(error),)
    return tuple(changes[len(start) :]), ownership, ()


def _append(folder: StateFolder, found: Examined, lines: Sequence[bytes]) -> None:
    """The commit: one write to the journal; the first journal of all appears whole, by its name."""
    if not found.journal.is_missing:
        append(folder, found.journal, lines)
        return
    try:
        temp = folder.write_temp("journal", b"".join(lines))
        try:
            folder.rename(temp, JOURNAL)
        except OSError:
            folder.remove(temp)
            raise
        try:
            folder.sync()
        except OSError:
            folder.remove(JOURNAL)
            raise
    except OSError as error:
        raise refused(error, "save the change") from error


def _replace(folder: StateFolder, found: Examined, temp: str, taken: HandEdit | None) -> None:
    if taken is None or (taken.file == SNAPSHOT and taken.problems):
        make_room(folder, found)
    folder.rename(temp, SNAPSHOT)
    if taken is not None and taken.file.startswith(EDITED):
        if taken.problems:
            folder.set_aside(taken.file, "imported")
        else:
            folder.remove(taken.file)
    folder.sync()


def _start_changes(found: Examined, first: Change) -> list[Change]:
    """What stood in the snapshot before there was a journal, as its first lines."""
    held = sorted(values_of(found.ownership).items(), key=lambda entry: repr(entry[0]))
    return [
        Change(0, first.at, first.author, Import(cell, value, is_start=True), cell, None, value) for cell, value in held
    ]


def _numbered_lines(found: Examined, drafts: Sequence[Change]) -> tuple[list[Change], list[bytes], str]:
    changes: list[Change] = []
    lines: list[bytes] = []
    head = found.journal.head
    for seq, draft in enumerate(drafts, found.journal.seq + 1):
        change = Change(
            seq,
            draft.at,
            draft.author,
            draft.command,
            draft.cell,
            draft.before,
            draft.after,
            draft.reason,
            draft.is_override,
            draft.undoes,
        )
        line = encode(change, head)
        head = hash_of(line)
        changes.append(change)
        lines.append(line)
    return changes, lines, head


def _own_last(found: Examined, author: Author) -> Change:
    change = found.journal.standing_of(author)
    if change is None:
        raise StoreError("S24", f"{author.login} has no change to undo")
    return change


def _numbered(found: Examined, seq: int) -> Change:
    change = found.journal.change(seq)
    if change is None:
        raise StoreError("S24", f"there is no change {seq}", f"the last one is {found.journal.seq}")
    return change


def _edit_again(found: Examined, edit: HandEdit) -> HandEdit:
    for one in found.edits:
        if one.file == edit.file and one.cells == edit.cells:
            return one
    raise StoreError("S24", f"the edit in state/{edit.file} is not the one that was shown", "look again")


def _conflict(found: Examined, cell: Cell) -> ConflictError:
    history = found.journal.of_cell(cell)
    now_there: CellValue = found.values.get(cell)
    return ConflictError(cell, history[-1] if history else None, now_there)


def _clean(reason: str) -> str:
    """A reason as both files can hold it: one line, no lone surrogates."""
    return " ".join(reason.encode("utf-8", "replace").decode("utf-8").split())
