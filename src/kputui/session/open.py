"""Opening a workspace: people's files, the program's own, and the clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kputui import config, store
from kputui.errors import ConfigError
from kputui.session.alike import told_apart
from kputui.session.clock import Clock, clock_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from kputui.engine.remote import Remote
    from kputui.errors import Problem
    from kputui.model.ownership import Ownership
    from kputui.model.workspace import Workspace
    from kputui.store import State


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace that was read: with its state, its warnings, its clock, and how to read it again.

    `config_problems` are the warnings about people's files; those about the program's own are notices of
    `state`. `asked_today` is the day named on the command line; `now` gives the moment in UTC.
    `cache` is the folder in which finished periods are kept; None keeps nothing. `remote` are the remote files
    that the user lets the program read; None reads none.
    """

    workspace: Workspace
    state: State
    config_problems: tuple[Problem, ...]
    clock: Clock
    folder: Path
    asked_today: date | None = None
    now: Callable[[], datetime] = utc_now
    allowed_roots: tuple[Path, ...] = ()
    cache: Path | None = None
    remote: Remote | None = None

    @property
    def ownership(self) -> Ownership:
        """Who is accountable for what, and what was decided about links."""
        return self.state.ownership

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The warnings of reading."""
        return (*self.config_problems, *self.state.notices)


def open_workspace(
    folder: Path,
    *,
    today: date | None = None,
    now: Callable[[], datetime] = utc_now,
    allowed_roots: tuple[Path, ...] = (),
    is_repairing: bool = True,
    cache: Path | None = None,
    remote: Remote | None = None,
) -> Opened:
    """Read the workspace of a folder; raises `ConfigError` with all problems when it cannot be used.

    What a killed save left behind in `state/` is put in order on the way, unless `is_repairing` is false.
    """
    loaded = config.read(folder, allowed_roots=allowed_roots, remote=remote.prefixes if remote is not None else ())
    if loaded.workspace is None:
        raise ConfigError(loaded.problems)
    state = store.open_known(folder, loaded.workspace, is_repairing=is_repairing)
    clock = clock_of(loaded.workspace.project, today, now())
    shown = _known_by(told_apart(loaded.workspace), clock)
    return Opened(shown, state, loaded.problems, clock, folder, today, now, allowed_roots, cache, remote)


def _known_by(workspace: Workspace, clock: Clock) -> Workspace:
    """A review of the past without what happened later: contexts that weigh nothing, and notes, of later days.

    Planned slow zones stay: they bend the plan, and were known. Live, what people wrote of days to come stays too.
    """
    if not clock.is_fixed:
        return workspace
    return replace(
        workspace,
        contexts=tuple(one for one in workspace.contexts if one.start <= clock.today or one.pace_factor != 1.0),
        annotations=tuple(one for one in workspace.annotations if one.on <= clock.today),
    )
