"""Why a change was not saved: errors as data, with the code, the cell and the other's change."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from kputui.errors import ExitCode, KputuiError
from kputui.model.cell import NoteCell, RoleCell, SignalCell, SnoozeCell, StandUpCell

if TYPE_CHECKING:
    from kputui.model.cell import Cell, CellValue
    from kputui.model.change import Change

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
SPECIAL = frozenset({errno.ENXIO, errno.ENODEV, errno.EISDIR, errno.ELOOP, errno.EMLINK})
"""What systems answer when a socket, a device, a folder, or (by O_NOFOLLOW) a link is opened as a file."""


class StoreError(KputuiError):
    """The program's own files cannot be written, or not read; they are as they were.

    `code` is the stable problem code.
    """

    exit_code = ExitCode.DATA

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Keep the code beside the message."""
        super().__init__(message, hint)
        self.code = code


class LockedError(StoreError):
    """Somebody else is saving and did not finish in time; the message names who holds the lock."""

    exit_code = ExitCode.CONFLICT


class ConflictError(StoreError):
    """The same cell was changed by somebody else since the person looked.

    `change` is the last change of `cell` (who, when, from what to what); `now_there` is its value.
    """

    exit_code = ExitCode.CONFLICT

    def __init__(self, cell: Cell, change: Change | None, now_there: CellValue) -> None:
        """Name the cell, and whoever was first."""
        who = f"{change.author.login} changed it at {change.at:%Y-%m-%d %H:%M:%S} UTC" if change else "it changed"
        super().__init__("S22", f"{_name(cell)}: {who}", "look again, then replace it or keep it")
        self.cell = cell
        self.change = change
        self.now_there = now_there


def _name(cell: Cell) -> str:
    match cell:
        case RoleCell():
            return f"{cell.metric} {cell.role}"
        case SignalCell():
            return f"{cell.metric}, signal of {cell.start}"
        case NoteCell():
            return f"{cell.subject.written}, note of {cell.day}"
        case SnoozeCell():
            return f"snooze of {cell.item}"
        case StandUpCell():
            return f"stand-up of {cell.day}"
    return f"{cell.cpi}->{cell.kpi}"


def refused(error: OSError, what: str) -> StoreError:
    """What the system's refusal means for somebody who wanted `what` (a phrase such as "save the change")."""
    reason = (error.strerror or type(error).__name__).lower()
    if error.errno in FULL:
        return StoreError("S18", f"could not {what}: {reason}", "free some space and try again; nothing was changed")
    if error.errno in FORBIDDEN:
        return StoreError("S17", f"could not {what}: {reason}", "ask for write permission on state/")
    if error.errno in SPECIAL:
        return StoreError("S19", f"could not {what}: one of the files in state/ is not a regular file", "remove it")
    return StoreError("S18", f"could not {what}: {reason}", "nothing was changed")
