"""Mine: what a person is accountable and responsible for, and the private board that only the user can read."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.errors import UsageError
from kputui.model.ids import PersonId
from kputui.model.ownership import Role
from kputui.session.accountability import best_state_on, link_state_on
from kputui.session.naming import people_of
from kputui.session.open import open_workspace, utc_now
from kputui.session.words import JUDGEMENT, assignee_words, decision_words, metric_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date, datetime

    from kputui.model.ids import GoalId, MetricId
    from kputui.model.ownership import Assignee
    from kputui.model.workspace import Workspace
    from kputui.session.open import Opened

FOLDER_MODE, FILE_MODE = 0o700, 0o600


@dataclass(frozen=True, slots=True)
class MineRow:
    """One CPI that a person, or a team of theirs, holds a role for; `holder` says which of the two.

    `state` is the furthest link's, a confirmation without a test told apart.
    """

    metric: MetricId
    label: str
    role: Role
    holder: str
    is_own: bool
    state: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class MineView:
    """What one person holds: by name first, then through their teams; accountable before responsible.

    `is_known`: the roster or a goal names the person. `goals`: those that they own.
    """

    person: PersonId
    is_known: bool
    rows: tuple[MineRow, ...]
    goals: tuple[tuple[GoalId, str], ...] = ()


def login() -> str:
    """The login name of whoever runs the program, as the kernel knows; empty when it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def mine(opened: Opened, person: str = "") -> MineView:
    """What `person` holds in this workspace; the person whose handle is the login name when left out."""
    workspace = opened.workspace
    handle = PersonId(person or login())
    rows = sorted(_rows(opened, handle), key=lambda row: (not row.is_own, row.role is not Role.ACCOUNTABLE))
    goals = tuple((goal.id, goal.label or str(goal.id)) for goal in workspace.goals.values() if goal.owner == handle)
    return MineView(handle, handle in known_people(workspace), tuple(rows), goals)


def known_people(workspace: Workspace) -> tuple[PersonId, ...]:
    """Everybody whom teams and goals name, each once."""
    people = [person for team in workspace.teams.values() for person in people_of(team)]
    owners = [goal.owner for goal in workspace.goals.values() if goal.owner is not None]
    return tuple(dict.fromkeys((*people, *owners)))


def private_folder(environ: Mapping[str, str] | None = None) -> Path | None:
    """Where the user's private board is: `mine` in kputui's config folder; None for a user without a home."""
    found = os.environ if environ is None else environ
    if (config := found.get("XDG_CONFIG_HOME", "")).startswith("/"):
        return Path(config) / "kputui" / "mine"
    try:
        return Path.home() / ".config" / "kputui" / "mine"
    except RuntimeError:
        return None


def open_private(
    *, today: date | None = None, now: Callable[[], datetime] = utc_now, folder: Path | None = None
) -> Opened | None:
    """The user's private board, a workspace of its own; None when there is none. `folder` for tests.

    Its data lies beside it or anywhere in the user's home. Raises UsageError when others could read or
    exchange its files, with the command that puts it right, and ConfigError with all problems.
    """
    place = folder if folder is not None else private_folder()
    if place is None or not place.exists() or not any(place.glob("*.toml")):
        return None
    if problem := _open_to_others(place):
        raise UsageError(*problem)
    home = _home()
    return open_workspace(place, today=today, now=now, allowed_roots=(home,) if home is not None else ())


def _rows(opened: Opened, person: PersonId) -> Iterator[MineRow]:
    workspace, ownership = opened.workspace, opened.ownership
    teams = {team.id for team in workspace.teams.values() if person in people_of(team)}

    def row(metric: MetricId, role: Role, assignee: Assignee, since: date | None) -> MineRow | None:
        is_own = assignee.person == person
        if not is_own and (assignee.person is not None or assignee.team not in teams):
            return None
        state = _state_words(opened, metric)
        label, holder = metric_words(workspace, metric), assignee_words(workspace, assignee)
        return MineRow(metric, label, role, holder, is_own, state, since)

    for metric in workspace.metrics:
        assignment = ownership.assignments.get(metric)
        if assignment is None:
            continue
        first = [assignment.accountable] if assignment.accountable is not None else []
        found = [row(metric, Role.ACCOUNTABLE, one, assignment.since) for one in first]
        found += [row(metric, Role.RESPONSIBLE, one, None) for one in assignment.responsible]
        yield from (one for one in found if one is not None)


def _state_words(opened: Opened, cpi: MetricId) -> str:
    workspace, ownership, day = opened.workspace, opened.ownership, opened.clock.today
    best = best_state_on(workspace, ownership, cpi, day)
    if best is None:
        return "no link"
    found = [link_state_on(workspace, ownership, cpi, link.kpi, day) for link in workspace.links if link.cpi == cpi]
    methods = {one.decision.method if one.decision else "" for one in found if one.state is best}
    return decision_words(best, JUDGEMENT if methods == {JUDGEMENT} else "")


def _open_to_others(folder: Path) -> tuple[str, str] | None:
    """Why a private board is not private, and what to type; None when it is."""
    if (words := _fault(folder, is_folder=True)) is not None:
        return words
    return next((words for file in sorted(folder.glob("*.toml")) if (words := _fault(file, is_folder=False))), None)


def _fault(path: Path, *, is_folder: bool) -> tuple[str, str] | None:
    status = path.lstat()
    if not (stat.S_ISDIR if is_folder else stat.S_ISREG)(status.st_mode):
        return f'"{path}" is not a regular {"folder" if is_folder else "file"}', "put a real one there"
    if status.st_uid != os.getuid():
        return f'"{path}" belongs to somebody else', "the private board is read from your own files only"
    if stat.S_IMODE(status.st_mode) & 0o077:
        mode = FOLDER_MODE if is_folder else FILE_MODE
        return f'"{path}" can be read or changed by others', f"make it yours alone: chmod {mode:o} {path}"
    return None


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except RuntimeError:
        return None
