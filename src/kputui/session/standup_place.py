"""Where a stand-up was left, in the user's state folder: so that it goes on there after the board was closed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kputui.session import bug_log

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """The stand-up of `day` began behind the journal's change `seq`, took `elapsed_s` seconds and stood on item `key`.

    An empty `key` is the last page.
    """

    day: date
    seq: int
    key: str
    elapsed_s: float


class PlaceFile:
    """The file of one workspace, for the user's eyes only. What cannot be kept or read is no place."""

    def __init__(self, workspace: Path) -> None:
        """Name the file; nothing is read or made yet."""
        digest = hashlib.sha256(os.fsencode(os.path.realpath(workspace))).hexdigest()[:16]
        self.path = bug_log.log_path().parent / "standup" / f"{digest}.json"

    def read(self) -> Place | None:
        """Where the last stand-up was left; None without one."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                row = json.loads(file.read(_MAX_BYTES))
            place = Place(date.fromisoformat(row["day"]), int(row["seq"]), str(row["key"]), float(row["elapsed_s"]))
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        return place if 0 <= place.elapsed_s < float("inf") else None

    def write(self, place: Place) -> None:
        """Keep a place, whole or not at all."""
        row = {"day": place.day.isoformat(), "seq": place.seq, "key": place.key, "elapsed_s": place.elapsed_s}
        half = self.path.with_name(f".{self.path.name}-{secrets.token_hex(4)}")
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(json.dumps(row).encode("utf-8", "replace"))
                half.replace(self.path)
            finally:
                half.unlink(missing_ok=True)
