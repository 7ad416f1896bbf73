"""Ownership: who is accountable, responsible, consulted and informed, as `state/` records it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kputui.model.cell import Cell, RemarkCell
    from kputui.model.ids import MetricId, PersonId, TeamId
    from kputui.model.link import LinkDecision
    from kputui.model.remark import Remark
    from kputui.model.standing_up import Held, Snoozed


class Role(StrEnum):
    """A team's part in a CPI."""

    ACCOUNTABLE = "accountable"
    RESPONSIBLE = "responsible"
    CONSULTED = "consulted"
    INFORMED = "informed"

    @property
    def letter(self) -> str:
        """The matrix letter: A, R, C or I."""
        return self.value[0].upper()


@dataclass(frozen=True, slots=True)
class Assignee:
    """A team, or one person in it; written `team` or `team/person`."""

    team: TeamId
    person: PersonId | None = None

    @property
    def written(self) -> str:
        """The assignee as files hold it: `team` or `team/person`."""
        return f"{self.team}/{self.person}" if self.person else str(self.team)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who holds which role for one metric."""

    metric: MetricId
    accountable: Assignee | None = None
    responsible: tuple[Assignee, ...] = ()
    consulted: tuple[Assignee, ...] = ()
    informed: tuple[Assignee, ...] = ()
    since: date | None = None

    def holders(self, role: Role) -> tuple[Assignee, ...]:
        """Who holds a role, in the order it was given."""
        match role:
            case Role.ACCOUNTABLE:
                return (self.accountable,) if self.accountable else ()
            case Role.RESPONSIBLE:
                return self.responsible
            case Role.CONSULTED:
                return self.consulted
            case Role.INFORMED:
                return self.informed

    def roles_of(self, team: TeamId) -> tuple[Role, ...]:
        """The roles that `team` or one of its people holds, accountable first."""
        return tuple(role for role in Role if any(a.team == team for a in self.holders(role)))


@dataclass(frozen=True, slots=True)
class Ownership:
    """All assignments and link decisions of a workspace.

    `revisions`: the seq of each cell's last change; a cell that is not in it has revision 0.
    `exceptions`: the written reason where somebody became accountable before confirmation. `seq`: the
    last change of all. `remarks`: the explanations of signals and the notes in force. `snoozes`: the items of the
    stand-up that were put off, by their keys. `stand_ups`: those held, by their day.
    """

    assignments: Mapping[MetricId, Assignment] = field(default_factory=dict)
    decisions: Mapping[tuple[MetricId, MetricId], LinkDecision] = field(default_factory=dict)
    revisions: Mapping[Cell, int] = field(default_factory=dict)
    exceptions: Mapping[MetricId, str] = field(default_factory=dict)
    seq: int = 0
    remarks: Mapping[RemarkCell, Remark] = field(default_factory=dict)
    snoozes: Mapping[str, Snoozed] = field(default_factory=dict)
    stand_ups: Mapping[date, Held] = field(default_factory=dict)

    def revision(self, cell: Cell) -> int:
        """The seq of the last change of a cell; 0 when it never changed."""
        return self.revisions.get(cell, 0)
