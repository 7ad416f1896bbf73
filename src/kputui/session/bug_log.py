"""The log of bugs: where in the source they happened, without anybody's data, for the user's eyes only.

One file for both front ends, `kputui.log` in the user's state folder, mode 0600.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from kputui import __version__

MAX_BYTES = 1_000_000
"""A log beyond this size is put aside as `kputui.log.old`, in place of the one put aside before."""
_SPEAKS_OF_CODE = (AttributeError, ImportError, NameError, TypeError)
"""Errors whose message names code; other messages may quote a value of somebody's data."""


def log_path() -> Path:
    """The log in the user's state folder; in the temporary folder for a user without a home."""
    if (state := os.environ.get("XDG_STATE_HOME", "")).startswith("/"):
        return Path(state, "kputui", "kputui.log")
    try:
        return Path.home() / ".local" / "state" / "kputui" / "kputui.log"
    except RuntimeError:
        return Path(tempfile.gettempdir(), f"kputui-{os.getuid()}", "kputui.log")


def id_of(error: BaseException) -> str:
    """Eight digits that are the same for the same bug."""
    return _id_of_report(_report(error))


def keep(error: BaseException) -> str:
    """Add the error and the places that led to it to the log, and give its id; raises `OSError`."""
    report = _report(error)
    error_id = _id_of_report(report)
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = f"== {error_id} {stamp} kputui {__version__} python {sys.version.split()[0]}\n{report}\n"
    with os.fdopen(open_log(), "ab") as log:
        log.write(entry.encode("utf-8", "replace"))
    return error_id


def note(error: BaseException) -> str:
    """As `keep`, for who has something better to do than to fail over a log: the id, kept or not."""
    with contextlib.suppress(OSError):
        return keep(error)
    return id_of(error)


def open_log() -> int:
    """A file descriptor at the log's end, to be closed by the caller; raises `OSError`.

    The log is made with mode 0600, never through a link, and never in a folder that is somebody else's.
    """
    path = log_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, f"{path.parent} is not ours")
    log = _opened(path)
    if os.fstat(log).st_size <= MAX_BYTES:
        return log
    os.close(log)
    path.replace(path.with_suffix(".log.old"))
    return _opened(path)


def _opened(path: Path) -> int:
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.fchmod(log, 0o600)
    return log


def _id_of_report(report: str) -> str:
    import hashlib  # noqa: PLC0415 - only a bug pays for it

    return hashlib.sha256(report.encode("utf-8", "replace")).hexdigest()[:8]


def _report(error: BaseException) -> str:
    """The traceback's frames and the kinds of errors, with neither locals nor messages that may quote data."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        kind = f"{type(seen).__module__}.{type(seen).__qualname__}"
        message = f": {seen}" if isinstance(seen, _SPEAKS_OF_CODE) else " (message left out)"
        parts[:0] = [*traceback.format_tb(seen.__traceback__), kind + message + "\n"]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        if seen is not None:
            parts[:0] = ["then:\n"]
    return "".join(parts)
