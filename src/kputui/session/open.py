"""Opening a workspace: people's files, the program's own, and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kputui import config, store
from kputui.errors import ConfigError
from kputui.session.clock import Clock, clock_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from kputui.errors import Problem
    from kputui.model.ownership import Ownership
    from kputui.model.workspace import Workspace


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace that was read: with its ownership, its warnings, its clock, and how to read it again.

    `asked_today` is the day named on the command line; `now` gives the moment in UTC.
    """

    workspace: Workspace
    ownership: Ownership
    problems: tuple[Problem, ...]
    clock: Clock
    folder: Path
    asked_today: date | None = None
    now: Callable[[], datetime] = utc_now
    allowed_roots: tuple[Path, ...] = ()


def open_workspace(
    folder: Path,
    *,
    today: date | None = None,
    now: Callable[[], datetime] = utc_now,
    allowed_roots: tuple[Path, ...] = (),
) -> Opened:
    """Read the workspace of a folder; raises `ConfigError` with all problems when it cannot be used."""
    loaded = config.read(folder, allowed_roots=allowed_roots)
    if loaded.workspace is None:
        raise ConfigError(loaded.problems)
    ownership, found = store.read_ownership(folder, loaded.workspace)
    clock = clock_of(loaded.workspace.project, today, now())
    problems = (*loaded.problems, *found)
    return Opened(loaded.workspace, ownership, problems, clock, folder, today, now, allowed_roots)
