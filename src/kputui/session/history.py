"""History: the changes of accountability in words, for a metric, a link, a person, or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kputui.model.cell import Holding, LinkCell, NoteCell, RoleCell, SignalCell, SnoozeCell, StandUpCell
from kputui.model.change import in_force
from kputui.model.ids import GoalId, MetricId
from kputui.model.link import LinkDecision
from kputui.model.ownership import Role
from kputui.model.remark import Remark, SubjectKind
from kputui.model.standing_up import Held, Snoozed
from kputui.session.alike import goal_name
from kputui.session.words import (
    assignee_words,
    count_words,
    day_words,
    decision_words,
    listed,
    metric_words,
    period_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from kputui.model.cell import Cell, CellValue
    from kputui.model.change import Change
    from kputui.model.ids import TeamId
    from kputui.model.ownership import Assignee
    from kputui.model.remark import Subject
    from kputui.model.workspace import Workspace
    from kputui.store import State

NOBODY = "nobody"
UNSAID = "nothing said"
UNDECIDED = "undecided"
"""A link that nobody has decided about, whether its data is at hand or not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change in words.

    `at` is the moment it was saved, in the project's zone; `day` the workspace's day from which it holds.
    `subject`: the metric's label and the role, or the link. `old` and `new` are the values. `is_undone`: it was taken
    back since; `undoes` is the change that this one takes back. `is_start`: it stood there before there
    was a journal. `before` and `after` are the values as the files name them: assignees, or a state.
    """

    seq: int
    at: datetime
    day: date
    author: str
    uid: int
    host: str
    subject: str
    old: str
    new: str
    reason: str
    is_override: bool
    undoes: int | None
    is_undone: bool
    is_start: bool
    cell: Cell
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """The change in a few words: `Stuck on the taxiway, accountable: nobody -> Ramp and taxi (Sam)`."""
        undo = f" (undoes {self.undoes})" if self.undoes is not None else ""
        if self.is_start:
            return f"{self.subject}: {self.new}"
        return f"{self.subject}: {self.old} -> {self.new}{undo}"


def entry_of(workspace: Workspace, change: Change, *, is_undone: bool = False) -> Entry:
    """One change in words."""
    return Entry(
        change.seq,
        change.at.astimezone(ZoneInfo(workspace.project.timezone)),
        day_of(workspace, change),
        change.author.login,
        change.author.uid,
        change.author.host,
        cell_words(workspace, change.cell),
        value_words(workspace, change.cell, change.before),
        value_words(workspace, change.cell, change.after),
        change.reason,
        change.is_override,
        change.undoes,
        is_undone,
        change.is_start,
        change.cell,
        _written(change.before),
        _written(change.after),
    )


def history(workspace: Workspace, state: State, cells: Iterable[Cell]) -> tuple[Entry, ...]:
    """The changes of some cells, newest first."""
    found: list[Entry] = []
    for cell in cells:
        changes = state.history(cell)
        standing = set(in_force(changes))
        found += [
            entry_of(workspace, change, is_undone=change.seq not in standing and change.undoes is None)
            for change in changes
        ]
    return tuple(sorted(found, key=lambda entry: entry.seq, reverse=True))


def metric_history(workspace: Workspace, state: State, metric: MetricId) -> tuple[Entry, ...]:
    """The changes of a metric's roles, of the links from and to it, and of what was said about it, newest first."""
    links = (LinkCell(link.cpi, link.kpi) for link in workspace.links if metric in (link.cpi, link.kpi))
    said = (cell for cell in state.ownership.revisions if _is_remark_on(cell, metric))
    return history(workspace, state, (*(RoleCell(metric, role) for role in Role), *links, *said))


def log(
    workspace: Workspace,
    state: State,
    *,
    metric: MetricId | None = None,
    team: TeamId | None = None,
    person: str = "",
    since: date | None = None,
) -> tuple[Entry, ...]:
    """The changes that fit, newest first.

    `team`: one of its people or itself is named in the change. `person`: named in it, or its author. `since`:
    saved on that day or later.
    """
    cells: dict[Cell, None] = dict.fromkeys(change.cell for change in state.changes)
    entries = history(workspace, state, (cell for cell in cells if metric is None or metric in metrics_of(cell)))
    chosen = [entry for entry in entries if since is None or entry.at.date() >= since]
    if team is None and not person:
        return tuple(chosen)
    by_seq = {change.seq: change for change in state.changes}
    return tuple(entry for entry in chosen if _names(by_seq[entry.seq], team, person))


def metrics_of(cell: Cell) -> tuple[MetricId, ...]:
    """The metrics that a cell is about."""
    match cell:
        case RoleCell() | SignalCell():
            return (cell.metric,)
        case NoteCell():
            return (MetricId(cell.subject.name),) if cell.subject.kind is SubjectKind.METRIC else ()
        case SnoozeCell() | StandUpCell():
            return ()
    return (cell.cpi, cell.kpi)


def _is_remark_on(cell: Cell, metric: MetricId) -> bool:
    return isinstance(cell, SignalCell | NoteCell) and metric in metrics_of(cell)


def owner_changes(state: State, metric: MetricId) -> tuple[Change, ...]:
    """The changes of who is accountable for a metric that stand (an undone one does not), oldest first."""
    changes = state.history(RoleCell(metric, Role.ACCOUNTABLE))
    standing = set(in_force(changes))
    return tuple(change for change in changes if change.seq in standing)


def day_of(workspace: Workspace, change: Change) -> date:
    """The workspace's day from which a change holds: what it records itself, else when it was saved."""
    return _recorded(change) or change.at.astimezone(ZoneInfo(workspace.project.timezone)).date()


def records_day(change: Change) -> bool:
    """Whether a change says itself from which day it holds."""
    return _recorded(change) is not None


def _recorded(change: Change) -> date | None:
    if isinstance(change.cell, NoteCell | StandUpCell):
        return change.cell.day
    value = change.after
    if change.undoes is not None:
        return None
    if isinstance(value, Holding):
        return value.since
    if isinstance(value, LinkDecision):
        return value.decided_on
    return value.on if isinstance(value, Remark | Snoozed) else None


def cell_words(workspace: Workspace, cell: Cell) -> str:
    """What a cell is about: `Stuck on the taxiway, accountable`, or `Stuck on the taxiway -> On-time arrivals`."""
    if isinstance(cell, RoleCell):
        return f"{metric_words(workspace, cell.metric)}, {cell.role}"
    if isinstance(cell, SignalCell):
        metric = workspace.metrics.get(cell.metric)
        period = period_words(metric.grain, cell.start) if metric is not None else day_words(cell.start)
        return f"{metric_words(workspace, cell.metric)}, signal of {period}"
    if isinstance(cell, NoteCell):
        return f"{subject_words(workspace, cell.subject)}, note for {day_words(cell.day)}"
    if isinstance(cell, SnoozeCell):
        return f"{snoozed_words(workspace, cell.item)}, in the stand-up"
    if isinstance(cell, StandUpCell):
        return f"stand-up of {day_words(cell.day)}"
    return f"{metric_words(workspace, cell.cpi)} -> {metric_words(workspace, cell.kpi)}"


def snoozed_words(workspace: Workspace, item: str) -> str:
    """An item of the stand-up by its key `kind/name ...`: `Late deliveries (signal)`."""
    kind, _, rest = item.partition("/")
    names = rest.split("/")
    known = [metric_words(workspace, MetricId(name)) for name in names if name in workspace.metrics]
    known += [goal_name(workspace, goal) for name in names if (goal := workspace.goals.get(GoalId(name))) is not None]
    return f"{' -> '.join(known)} ({kind})" if known else item.replace("/", " ")


def subject_words(workspace: Workspace, subject: Subject) -> str:
    """What a note is about, by its label; a source by its name."""
    if subject.kind is SubjectKind.METRIC:
        return metric_words(workspace, MetricId(subject.name))
    if subject.kind is SubjectKind.GOAL:
        goal = workspace.goals.get(GoalId(subject.name))
        return goal.label if goal is not None else subject.name
    return subject.name or "everything"


def value_words(workspace: Workspace, cell: Cell, value: CellValue) -> str:
    """A cell's value in words: who holds the role, or what was decided about the link."""
    if isinstance(value, LinkDecision):
        return decision_words(value.state, value.method)
    if isinstance(value, Remark):
        return value.text
    if isinstance(cell, SnoozeCell | StandUpCell):
        return _standing_words(cell, value)
    if isinstance(cell, SignalCell | NoteCell):
        return UNSAID
    if isinstance(cell, LinkCell):
        return UNDECIDED
    return listed([assignee_words(workspace, one) for one in assignees_of(value)]) or NOBODY


def _standing_words(cell: SnoozeCell | StandUpCell, value: CellValue) -> str:
    if isinstance(value, Snoozed):
        return f"left out until {day_words(value.until)}"
    if isinstance(value, Held):
        return f"held, {count_words(len(value.changes), 'change')} decided"
    return "on the list" if isinstance(cell, SnoozeCell) else "not held"


def _names(change: Change, team: TeamId | None, person: str) -> bool:
    named = {one for value in (change.before, change.after) for one in assignees_of(value)}
    author = "" if change.is_start else change.author.login
    is_team = team is None or any(one.team == team for one in named)
    is_person = not person or person == author or any(one.person == person for one in named)
    return is_team and is_person


def assignees_of(value: CellValue) -> tuple[Assignee, ...]:
    """Who is named in a role's value."""
    return value.assignees if isinstance(value, Holding) else ()


def _written(value: CellValue) -> tuple[str, ...]:
    if isinstance(value, LinkDecision):
        return (value.state.value,)
    if isinstance(value, Remark):
        return (value.text,)
    if isinstance(value, Snoozed):
        return (value.until.isoformat(),)
    if isinstance(value, Held):
        return tuple(map(str, value.changes))
    return tuple(one.written for one in assignees_of(value))
