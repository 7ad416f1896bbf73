"""What a watch told already, in the user's state folder: one small file a workspace, for the user's eyes only."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kputui.errors import UsageError
from kputui.session import bug_log
from kputui.session.watch import Told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 1
MAX_BYTES = 4_000_000


class WatchMemory:
    """The file of one workspace. Two watches of one workspace take turns, so that each thing is told once."""

    def __init__(self, workspace: Path, folder: Path | None = None) -> None:
        """Name the file; nothing is read or made yet. `folder` for tests."""
        self._workspace = os.path.realpath(workspace)
        self._folder = folder if folder is not None else bug_log.log_path().parent / "watch"
        digest = hashlib.sha256(os.fsencode(self._workspace)).hexdigest()[:16]
        self.path = self._folder / f"{digest}.json"

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the file for a look and what it tells; waits for another watch. Raises `UsageError`."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
                raise PermissionError(errno.EPERM, "not ours")
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            lock = os.open(self.path.with_suffix(".lock"), flags, 0o600)
        except OSError as error:
            raise self._error(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def read(self) -> Told | None:
        """What was told; None at the first look, and when the file is no longer what was written."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                record = json.loads(file.read(MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            return None
        return _told(record) if isinstance(record, dict) and record.get("format") == FORMAT else None

    def write(self, told: Told) -> None:
        """Keep what was told, whole or not at all; raises `UsageError`."""
        record = {
            "format": FORMAT,
            "workspace": self._workspace,
            "goals": dict(told.goals),
            "wrong": told.wrong,
            "signals": told.signals,
            "metrics": told.metrics,
        }
        half = self.path.with_name(f".{self.path.name}-{secrets.token_hex(4)}")
        content = (json.dumps(record, indent=1) + "\n").encode("utf-8", "replace")
        try:
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self.path)
        except OSError as error:
            raise self._error(error) from error
        finally:
            with contextlib.suppress(OSError):
                half.unlink(missing_ok=True)

    def _error(self, error: OSError) -> UsageError:
        why = error.strerror or type(error).__name__
        return UsageError(f'what was told cannot be kept in "{self._folder}": {why}', "XDG_STATE_HOME names the place")


def _told(record: dict[str, object]) -> Told | None:
    goals = record.get("goals")
    lists = [record.get(name) for name in ("wrong", "signals", "metrics")]
    if not isinstance(goals, dict) or not all(isinstance(one, list) for one in lists):
        return None
    wrong, signals, metrics = (tuple(str(key) for key in one) for one in lists if isinstance(one, list))
    return Told({str(goal): str(state) for goal, state in goals.items()}, wrong, signals, metrics)
