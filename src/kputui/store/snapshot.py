"""The snapshot `state/accountability.toml`: who holds which role, and what was decided about links."""

from __future__ import annotations

import errno
import os
import stat
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kputui.errors import Place, Problem, Severity
from kputui.model.ownership import Ownership
from kputui.store.entries import Entries

if TYPE_CHECKING:
    from kputui.model.workspace import Workspace

STATE_FOLDER = "state"
SNAPSHOT = "accountability.toml"
MAX_BYTES = 4 * 1024 * 1024

_NOT_REGULAR = {errno.ENXIO, errno.ENODEV, errno.EISDIR, errno.ELOOP, errno.EMLINK}
"""What systems answer when a socket, a device, a folder, or (by O_NOFOLLOW) a link is opened as a file."""

Stamp = tuple[int, int, int, int]


class _UnreadableError(Exception):
    """The snapshot is there but cannot be read; the message says why."""


def read_ownership(folder: Path, workspace: Workspace) -> tuple[Ownership, tuple[Problem, ...]]:
    """The ownership recorded below a workspace's folder, and warnings about what was left out.

    A missing file is an empty ownership. A damaged one too, with a warning: nothing here is fatal.
    Entries that name unknown metrics, teams or links are left out; a person who is not in the team
    is kept. Never raises for what the file holds.
    """
    path = Path(folder) / STATE_FOLDER / SNAPSHOT
    shown = str(path)
    try:
        content = _read_bytes(path, Path(folder))
    except FileNotFoundError:
        return Ownership(), ()
    except _UnreadableError as error:
        return Ownership(), (_warning("S01", shown, str(error)),)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        return Ownership(), (_warning("S02", shown, f"not UTF-8 at byte {error.start}"),)
    except (ValueError, RecursionError) as error:
        reason = str(error) or "nested too deeply"
        return Ownership(), (_warning("S02", shown, f"not valid TOML: {reason}"),)
    entries = Entries(shown, text, workspace)
    assignments = entries.assignments(_table(data, "assignments", entries))
    decisions = entries.decisions(_table(data, "links", entries))
    return Ownership(assignments, decisions), tuple(entries.problems)


def stamp(folder: Path) -> Stamp | None:
    """A cheap fingerprint of the snapshot that changes when it does; None while there is none."""
    try:
        status = os.stat(Path(folder) / STATE_FOLDER / SNAPSHOT, follow_symlinks=False)  # noqa: PTH116 - no link followed
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns


def _read_bytes(path: Path, folder: Path) -> bytes:
    """The bytes of the snapshot: a regular file, not a link, below the workspace's real folder."""
    if not Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder)):
        raise _UnreadableError("the state folder is a link that leads outside the workspace")
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        handle = os.open(path, flags)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _UnreadableError("it is not a regular file")
            content = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except OSError as error:
        is_special = error.errno in _NOT_REGULAR
        reason = "it is not a regular file" if is_special else (error.strerror or type(error).__name__).lower()
        raise _UnreadableError(reason) from None
    if len(content) > MAX_BYTES:
        raise _UnreadableError(f"it is larger than {MAX_BYTES >> 20} MiB")
    return content


def _table(data: dict[str, Any], name: str, entries: Entries) -> dict[str, Any]:
    table = data.get(name, {})
    if isinstance(table, dict):
        return table
    entries.warn("S03", f'"{name}" is not a table', (name,))
    return {}


def _warning(code: str, shown: str, reason: str) -> Problem:
    message = f"accountability is not known: {reason}"
    return Problem(code, message, Severity.WARNING, Place(shown, 1), hint="the file is written by the program")
