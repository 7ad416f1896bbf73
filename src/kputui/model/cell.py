"""Cells: the smallest parts of the ownership that change, are compared and are undone as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.model.link import LinkDecision
from kputui.model.ownership import Assignment, Ownership, Role
from kputui.model.remark import Remark
from kputui.model.standing_up import Held, Snoozed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.ownership import Assignee
    from kputui.model.remark import Subject


@dataclass(frozen=True, slots=True)
class RoleCell:
    """Who holds one role for one metric."""

    metric: MetricId
    role: Role


@dataclass(frozen=True, slots=True)
class LinkCell:
    """What was decided about one link."""

    cpi: MetricId
    kpi: MetricId


@dataclass(frozen=True, slots=True)
class SignalCell:
    """How the signal of one metric in the period that begins on `start` is explained."""

    metric: MetricId
    start: date


@dataclass(frozen=True, slots=True)
class NoteCell:
    """One of the notes on a subject for a day; `number` counts them from 1."""

    subject: Subject
    day: date
    number: int = 1


@dataclass(frozen=True, slots=True)
class SnoozeCell:
    """Until when an item of the stand-up is left out, by the item's key."""

    item: str


@dataclass(frozen=True, slots=True)
class StandUpCell:
    """The stand-up of one day."""

    day: date


RemarkCell = SignalCell | NoteCell
"""Cells that hold a remark. The journal alone keeps them; the snapshot is of accountability."""

Cell = RoleCell | LinkCell | RemarkCell | SnoozeCell | StandUpCell


@dataclass(frozen=True, slots=True)
class Holding:
    """The value of a role's cell.

    `since` and `exception` belong to the accountable alone: the day from which it is so (also that
    nobody is), and the written reason for accountability before a link is confirmed.
    """

    assignees: tuple[Assignee, ...] = ()
    since: date | None = None
    exception: str = ""


_LISTED = (Role.RESPONSIBLE, Role.CONSULTED, Role.INFORMED)

CellValue = Holding | LinkDecision | Remark | Snoozed | Held | None
"""None: nothing was ever recorded, or it was undone."""


def holding(assignees: Iterable[Assignee] = (), since: date | None = None, exception: str = "") -> Holding | None:
    """A holding, or None when it says nothing."""
    held = tuple(assignees)
    return Holding(held, since, exception) if held or since is not None or exception else None


def values_of(ownership: Ownership) -> dict[Cell, CellValue]:
    """The cells of an ownership that hold something."""
    told: dict[Cell, CellValue] = dict(ownership.remarks.items())
    told |= {SnoozeCell(item): snoozed for item, snoozed in ownership.snoozes.items()}
    told |= {StandUpCell(day): held for day, held in ownership.stand_ups.items()}
    return accountability_of(ownership) | told


def accountability_of(ownership: Ownership) -> dict[Cell, CellValue]:
    """The cells that the snapshot holds: roles and decisions about links, and nothing that was said."""
    found: dict[Cell, CellValue] = {}
    for metric, assignment in ownership.assignments.items():
        first = (assignment.accountable,) if assignment.accountable else ()
        owner = holding(first, assignment.since, ownership.exceptions.get(metric, ""))
        if owner is not None:
            found[RoleCell(metric, Role.ACCOUNTABLE)] = owner
        lists = (assignment.responsible, assignment.consulted, assignment.informed)
        for role, assignees in zip(_LISTED, lists, strict=True):
            if assignees:
                found[RoleCell(metric, role)] = Holding(assignees)
    found |= {LinkCell(*pair): decision for pair, decision in ownership.decisions.items()}
    return found


def ownership_of(values: Mapping[Cell, CellValue], revisions: Mapping[Cell, int], seq: int) -> Ownership:
    """The ownership that these cells make; metrics and links in the order of their names."""
    roles: dict[MetricId, dict[Role, Holding]] = {}
    decisions: dict[tuple[MetricId, MetricId], LinkDecision] = {}
    remarks: dict[RemarkCell, Remark] = {}
    snoozes: dict[str, Snoozed] = {}
    stand_ups: dict[date, Held] = {}
    for cell, value in values.items():
        if isinstance(cell, RoleCell) and isinstance(value, Holding):
            roles.setdefault(cell.metric, {})[cell.role] = value
        elif isinstance(cell, LinkCell) and isinstance(value, LinkDecision):
            decisions[cell.cpi, cell.kpi] = value
        elif isinstance(cell, SignalCell | NoteCell) and isinstance(value, Remark):
            remarks[cell] = value
        elif isinstance(cell, SnoozeCell) and isinstance(value, Snoozed):
            snoozes[cell.item] = value
        elif isinstance(cell, StandUpCell) and isinstance(value, Held):
            stand_ups[cell.day] = value
    assignments: dict[MetricId, Assignment] = {}
    exceptions: dict[MetricId, str] = {}
    for metric in sorted(roles):
        held = roles[metric]
        owner = held.get(Role.ACCOUNTABLE, Holding())
        assignments[metric] = Assignment(
            metric,
            next(iter(owner.assignees), None),
            held.get(Role.RESPONSIBLE, Holding()).assignees,
            held.get(Role.CONSULTED, Holding()).assignees,
            held.get(Role.INFORMED, Holding()).assignees,
            owner.since,
        )
        if owner.exception:
            exceptions[metric] = owner.exception
    decided = dict(sorted(decisions.items()))
    return Ownership(assignments, decided, dict(revisions), exceptions, seq, remarks, snoozes, stand_ups)
