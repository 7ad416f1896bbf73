"""The last answers, given again at once while no file has changed. No polars here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.engine import files
from kputui.engine.listing import fingerprints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from kputui.engine.remote import Remote
    from kputui.engine.request import Request
    from kputui.model.ids import SourceId
    from kputui.model.series import Reading
    from kputui.model.workspace import Workspace

_MOST = 8
_MOST_VALUES = 1_000_000

State = tuple["date", "Mapping[SourceId, files.Fingerprint]"]


def state_now(
    workspace: Workspace, allowed_roots: tuple[Path, ...], today: date, remote: Remote | None = None
) -> State | None:
    """The day and the state of all files; None when one was written so lately that its stamp may not tell a change."""
    found = fingerprints(workspace, allowed_roots, remote)
    now = time.time_ns()
    stamps = (stamp for one in found.values() for stamp in one.stamps)
    return None if any(now - stamp.mtime_ns < files.YOUNG_NS for stamp in stamps) else (today, found)


@dataclass(slots=True)
class Remembered:
    """The readings of the last requests with the state of the files that they were computed from."""

    _held: dict[Request, tuple[State, tuple[Reading, ...]]] = field(default_factory=dict)

    def answer(self, request: Request, state: State | None) -> tuple[Reading, ...] | None:
        """The readings, when they were computed from files in this very state."""
        found = self._held.get(request)
        return found[1] if found is not None and state is not None and found[0] == state else None

    def keep(self, request: Request, state: State | None, readings: tuple[Reading, ...]) -> None:
        """Keep complete readings without failures, if they are not too many."""
        self._held.pop(request, None)
        values = sum(len(one.series.values) for one in readings if one.series is not None)
        if state is None or values > _MOST_VALUES or any(one.failure is not None for one in readings):
            return
        self._held[request] = (state, readings)
        if len(self._held) > _MOST:
            del self._held[next(iter(self._held))]
