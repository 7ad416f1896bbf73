"""Putting the program's own files in order, under the lock, without asking and without losing a byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kputui.errors import Problem, Severity
from kputui.store.examine import Standing, examine
from kputui.store.folder import JOURNAL, SNAPSHOT
from kputui.store.journal import cut_tail
from kputui.store.snapshot import Condition, dump

if TYPE_CHECKING:
    from kputui.store.examine import Examined
    from kputui.store.folder import StateFolder


def clear(folder: StateFolder, found: Examined) -> Examined:
    """What every save begins with: stale temporary files removed, half a line at the journal's end set aside.

    Raises OSError.
    """
    for name in found.stale_temps:
        folder.remove(name)
    if not found.journal.tail:
        return found
    cut_tail(folder, found.journal)
    return examine(folder)


def make_room(folder: StateFolder, found: Examined) -> None:
    """Set the old snapshot aside where the journal does not have all that it holds. Raises OSError."""
    if found.standing is Standing.EDITED:
        folder.set_aside(SNAPSHOT, f"edited-{found.journal.seq}")
    elif found.standing is Standing.LOST and found.snapshot.condition in (Condition.DAMAGED, Condition.MERGED):
        folder.set_aside(SNAPSHOT, "merge" if found.snapshot.condition is Condition.MERGED else "damaged")
    elif found.standing is Standing.START and found.snapshot.problems:
        folder.set_aside(SNAPSHOT, "before")


def repair(folder: StateFolder, found: Examined) -> Examined:
    """The state after the files were put in order; an edited snapshot stays until it is imported or in the way.

    Raises OSError; then nothing is lost, and the next start tries again.
    """
    if not found.wants_repair:
        return found
    found = clear(folder, found)
    if found.journal.lacks_end:
        handle = folder.open(JOURNAL, os.O_WRONLY | os.O_APPEND, is_ours=True)
        try:
            os.write(handle, b"\n")
            os.fdatasync(handle)
        finally:
            os.close(handle)
    if found.standing in (Standing.BEHIND, Standing.LOST):
        temp = folder.write_temp("snapshot", dump(found.ownership, found.journal.head))
        make_room(folder, found)
        folder.rename(temp, SNAPSHOT)
        folder.sync()
    return examine(folder)


def left_behind(error: OSError) -> Problem:
    """The notice that a change is saved and its snapshot not yet."""
    reason = error.strerror or type(error).__name__
    message = f"the change is saved; the snapshot could not be replaced ({reason.lower()}) and is rebuilt later"
    return Problem("S12", message, Severity.INFO)
