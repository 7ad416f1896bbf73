"""Changes: commands as data, what they make of a cell, and the ownership that a journal of them adds up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.model.cell import (
    Cell,
    CellValue,
    Holding,
    LinkCell,
    NoteCell,
    RoleCell,
    SignalCell,
    SnoozeCell,
    StandUpCell,
    holding,
    ownership_of,
)
from kputui.model.link import LinkDecision, LinkState
from kputui.model.ownership import Role
from kputui.model.remark import Remark
from kputui.model.standing_up import MOST_CHANGES, Held, Snoozed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from kputui.model.ids import MetricId
    from kputui.model.ownership import Assignee, Ownership
    from kputui.model.remark import Subject


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a role: A replaces the one accountable, R, C and I add to those who hold it."""

    metric: MetricId
    role: Role
    assignee: Assignee


@dataclass(frozen=True, slots=True)
class Unassign:
    """Take a role from one assignee, or from everybody when none is named."""

    metric: MetricId
    role: Role
    assignee: Assignee | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    """Confirm or refute a link, or make it a hypothesis again.

    `evidence` holds plain values of any names (texts, numbers, flags, lists of them). `cpi_hash` and
    `kpi_hash` are the definitions that were judged; the decision expires when they change.
    """

    cpi: MetricId
    kpi: MetricId
    state: LinkState
    method: str = "judgement"
    evidence: Mapping[str, object] = field(default_factory=dict)
    cpi_hash: str = ""
    kpi_hash: str = ""


@dataclass(frozen=True, slots=True)
class Explain:
    """Write down what was behind the signal of the period that begins on `start`; an empty text takes it away."""

    metric: MetricId
    start: date
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Write a dated note on a metric, a source, a goal or everything; an empty text takes note `number` away."""

    subject: Subject
    day: date
    text: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Snooze:
    """Leave an item of the stand-up out until the day `until`; without a day it is looked at again."""

    item: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Record that the stand-up of `day` was held about what came after `since`, with the changes decided in it.

    Of the changes the newest `MOST_CHANGES` are kept.
    """

    day: date
    since: date
    changes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """Take over one cell that was written by hand; `is_start`: from before there was a journal."""

    cell: Cell
    value: CellValue
    is_start: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """Put the cell back to what it was before change `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class Other:
    """A command that this version does not know: kept, never understood."""

    word: str


Command = Assign | Unassign | Decide | Explain | Note | Snooze | Hold | Import
"""What can be asked for; undoing has a door of its own."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a change, as the kernel knows: login name, user id, host."""

    login: str
    uid: int
    host: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal.

    `seq` counts from 1 and orders changes, whatever the clocks said; `at` is UTC. `before` and
    `after` are the whole values of `cell`. `is_override`: a rule said no, and `reason` says why it
    was done nevertheless. `undoes` is the change that this one takes back.
    """

    seq: int
    at: datetime
    author: Author
    command: Command | Undo | Other
    cell: Cell
    before: CellValue
    after: CellValue
    reason: str = ""
    is_override: bool = False
    undoes: int | None = None

    @property
    def is_start(self) -> bool:
        """Whether this only records what stood there before there was a journal."""
        return isinstance(self.command, Import) and self.command.is_start


def cell_of(command: Command) -> Cell:
    """The cell that a command changes."""
    match command:
        case Assign() | Unassign():
            return RoleCell(command.metric, command.role)
        case Decide():
            return LinkCell(command.cpi, command.kpi)
        case Explain():
            return SignalCell(command.metric, command.start)
        case Note():
            return NoteCell(command.subject, command.day, command.number)
        case Snooze() | Hold():
            return SnoozeCell(command.item) if isinstance(command, Snooze) else StandUpCell(command.day)
        case Import():
            return command.cell


def outcome(
    command: Command, before: CellValue, *, day: date, login: str, reason: str, is_override: bool = False
) -> CellValue:
    """What a command makes of its cell's value `before`; the same value when it was so already."""
    match command:
        case Assign():
            return _assigned(command, _held(before), day, reason if is_override else "")
        case Unassign():
            return _unassigned(command, _held(before), day)
        case Decide():
            return LinkDecision(
                cpi=command.cpi,
                kpi=command.kpi,
                state=command.state,
                decided_by=login,
                decided_on=day,
                method=command.method,
                reason=reason,
                evidence=dict(command.evidence),
                cpi_hash=command.cpi_hash,
                kpi_hash=command.kpi_hash,
            )
        case Explain() | Note():
            return _remarked(command.text, before, day, login)
        case Snooze() | Hold():
            return (
                _snoozed(command, before, day, login) if isinstance(command, Snooze) else _stood(command, before, login)
            )
        case Import():
            return command.value


def fold(changes: Iterable[Change]) -> Ownership:
    """The ownership that changes add up to, in the order given (that of `seq`).

    A cell's value is the `after` of its last change, so of each cell's changes the last is enough.
    Its revision is that change's seq, and 0 while it is as it was before there was a journal.
    """
    values: dict[Cell, CellValue] = {}
    revisions: dict[Cell, int] = {}
    seq = 0
    for change in changes:
        values[change.cell] = change.after
        revisions[change.cell] = 0 if change.is_start else change.seq
        seq = change.seq
    return ownership_of(values, {cell: number for cell, number in revisions.items() if number}, seq)


def in_force(changes: Iterable[Change]) -> tuple[int, ...]:
    """The seqs of one cell's changes that stand, oldest first: an undo takes the change it undoes from the end.

    An undo that is undone brings the change back.
    """
    standing: list[int] = []
    taken: dict[int, int] = {}
    for change in changes:
        target = change.undoes
        if target is not None and standing and standing[-1] == target:
            taken[change.seq] = standing.pop()
        elif target is not None and target in taken:
            standing.append(taken[target])
        else:
            standing.append(change.seq)
    return tuple(standing)


def can_undo(changes: Iterable[Change], seq: int) -> bool:
    """Whether change `seq` of one cell, all of whose changes are given, can be undone: nothing came after it."""
    own = tuple(changes)
    if not own or (own[0].is_start and own[0].seq == seq):
        return False
    return own[-1].seq == seq or in_force(own)[-1:] == (seq,)


def _remarked(text: str, before: CellValue, day: date, login: str) -> Remark | None:
    clean = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    if isinstance(before, Remark) and before.text == clean:
        return before
    return Remark(clean, login, day) if clean else None


def _snoozed(command: Snooze, before: CellValue, day: date, login: str) -> Snoozed | None:
    if isinstance(before, Snoozed) and before.until == command.until:
        return before
    return Snoozed(command.until, login, day) if command.until is not None else None


def _stood(command: Hold, before: CellValue, login: str) -> Held:
    held = Held(command.since, login, command.changes[-MOST_CHANGES:])
    is_same = isinstance(before, Held) and (before.since, before.changes) == (held.since, held.changes)
    return before if isinstance(before, Held) and is_same else held


def _held(value: CellValue) -> Holding:
    return value if isinstance(value, Holding) else Holding()


def _assigned(command: Assign, before: Holding, day: date, exception: str) -> Holding:
    if command.role is not Role.ACCOUNTABLE:
        is_new = command.assignee not in before.assignees
        return Holding((*before.assignees, command.assignee)) if is_new else before
    is_same = before.assignees == (command.assignee,)
    if is_same and exception in ("", before.exception):
        return before
    return Holding((command.assignee,), before.since if is_same else day, exception)


def _unassigned(command: Unassign, before: Holding, day: date) -> Holding | None:
    left = tuple(one for one in before.assignees if command.assignee not in (None, one))
    if left == before.assignees:
        return holding(before.assignees, before.since, before.exception)
    return holding(left, day if command.role is Role.ACCOUNTABLE else None)
