"""The log of bugs: tracebacks without values of anybody's data, in a file that only the user can read."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kputui import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPEAKS_OF_CODE = (AttributeError, ImportError, NameError, TypeError)
"""Errors whose message names code; other messages may quote a value of somebody's data."""


def report_of(error: BaseException) -> str:
    """The error and what led to it, without locals and without messages that may quote data."""
    return "".join(_frames(error))


def id_of(report: str) -> str:
    """Eight digits that are the same for the same bug."""
    return hashlib.sha256(report.encode("utf-8", "replace")).hexdigest()[:8]


def _frames(error: BaseException) -> list[str]:
    """The traceback's frames and the kinds of errors, with neither locals nor messages that may quote data."""
    report: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        kind = f"{type(seen).__module__}.{type(seen).__qualname__}"
        message = f": {seen}" if isinstance(seen, _SPEAKS_OF_CODE) else " (message left out)"
        report[:0] = [*traceback.format_tb(seen.__traceback__), kind + message + "\n"]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        if seen is not None:
            report[:0] = ["then:\n"]
    return report


def _log_folder(environ: Mapping[str, str]) -> Path:
    """The user's state folder, or one in the temporary folder for a user without a home."""
    if (state := environ.get("XDG_STATE_HOME", "")).startswith("/"):
        return Path(state) / "kputui"
    try:
        return Path.home() / ".local" / "state" / "kputui"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"kputui-{os.getuid()}"


def _refuse_foreign(folder: Path) -> None:
    """Raises `OSError` for a folder that somebody else made in our log's place."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, f"{folder} is not ours")


def keep(report: str, error_id: str, environ: Mapping[str, str]) -> Path:
    """Add the report to the log, which is made with mode 0600 and never through a link; raises `OSError`."""
    folder = _log_folder(environ)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_foreign(folder)
    path = folder / "errors.log"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="replace") as log:
        os.fchmod(log.fileno(), 0o600)
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        log.write(f"== {error_id} {stamp} kputui {__version__} python {sys.version.split()[0]}\n{report}\n")
    return path
