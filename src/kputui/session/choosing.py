"""What a dialog about accountability needs to know: who can be chosen, who holds a role, what would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.model.cell import LinkCell, values_of
from kputui.model.change import cell_of, outcome
from kputui.model.link import LinkState
from kputui.model.ownership import Assignee, Assignment, Role
from kputui.session import accountability
from kputui.session.history import entry_of, value_words
from kputui.session.naming import people_of
from kputui.session.words import assignee_words, decision_words, metric_words

if TYPE_CHECKING:
    from kputui.model.change import Author, Command
    from kputui.model.ids import MetricId, TeamId
    from kputui.model.team import Team
    from kputui.session.accountability import Judged
    from kputui.session.history import Entry
    from kputui.session.open import Opened

_HINTS = {Role.ACCOUNTABLE: "is accountable", Role.RESPONSIBLE: "is responsible"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team or a person in it: `label` names it, `hint` says what it holds already and its load."""

    assignee: Assignee
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role for a metric, in words: `accountable: Station ops (Rosa)`."""

    role: Role
    assignee: Assignee
    words: str


@dataclass(frozen=True, slots=True)
class LinkChoice:
    """A declared link and where it stands: its other end in words, its state in words."""

    cell: LinkCell
    label: str
    state: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a command would change: the cell's value before and after in words, and its revision on show."""

    old: str
    new: str
    revision: int
    is_change: bool


def candidates(opened: Opened, metric: MetricId) -> tuple[Candidate, ...]:
    """Teams with their people, lead first; teams that can move the metric before the others."""
    workspace = opened.workspace
    teams = sorted(workspace.teams.values(), key=lambda team: metric not in team.influences)
    assignment = opened.ownership.assignments.get(metric, Assignment(metric))
    found: list[Candidate] = []
    for team in teams:
        found.append(Candidate(Assignee(team.id), _label(team), _team_hint(opened, team, assignment)))
        for person in people_of(team):
            assignee = Assignee(team.id, person)
            words = [held for role, held in _HINTS.items() if assignee in assignment.holders(role)]
            hint = ", ".join((*(["lead"] if person == team.lead else []), *words))
            found.append(Candidate(assignee, assignee_words(workspace, assignee), hint))
    return tuple(found)


def _label(team: Team) -> str:
    return team.label or str(team.id)


def _team_hint(opened: Opened, team: Team, assignment: Assignment) -> str:
    load = accountability.load(opened.ownership).get(team.id, accountability.Load())
    parts = [held for role, held in _HINTS.items() if Assignee(team.id) in assignment.holders(role)]
    if assignment.metric not in team.influences:
        parts.append("does not influence it")
    parts.append(f"accountable for {load.accountable}")
    return ", ".join(parts)


def holders(opened: Opened, metric: MetricId, team: TeamId | None = None) -> tuple[Holder, ...]:
    """Who holds which role for a metric, accountable first; of one team and its people when it is named."""
    assignment = opened.ownership.assignments.get(metric, Assignment(metric))
    return tuple(
        Holder(role, one, f"{role}: {assignee_words(opened.workspace, one)}")
        for role in Role
        for one in assignment.holders(role)
        if team is None or one.team == team
    )


def links_of(opened: Opened, cpi: MetricId, evidence: Judged | None = None) -> tuple[LinkChoice, ...]:
    """The declared links of a CPI, as people wrote them; `evidence`: what the data says of links."""
    workspace = opened.workspace
    found = []
    for link in workspace.links:
        if link.cpi == cpi:
            standing = accountability.link_state_on(
                workspace, opened.ownership, cpi, link.kpi, opened.clock.today, evidence
            )
            method = standing.decision.method if standing.decision is not None else ""
            words = decision_words(standing.state, method) if method else LinkState(standing.state).value
            found.append(LinkChoice(LinkCell(cpi, link.kpi), metric_words(workspace, link.kpi), words))
    return tuple(found)


def preview(opened: Opened, command: Command, evidence: Judged | None = None) -> Preview:
    """What the command's cell is now (an expired confirmation is called so), and what the command would make of it."""
    cell = cell_of(command)
    before = values_of(opened.ownership).get(cell)
    after = outcome(command, before, day=opened.clock.today, login="", reason="")
    old, new = (value_words(opened.workspace, cell, value) for value in (before, after))
    if isinstance(cell, LinkCell):
        workspace, day = opened.workspace, opened.clock.today
        standing = accountability.link_state_on(workspace, opened.ownership, cell.cpi, cell.kpi, day, evidence)
        old = standing.state.value if standing.state is LinkState.EXPIRED else old
    return Preview(old, new, opened.ownership.revision(cell), after != before)


def last_own(opened: Opened, author: Author) -> Entry | None:
    """The author's newest change that stands: what an undo takes back; None when there is none."""
    change = opened.state.journal.standing_of(author)
    return entry_of(opened.workspace, change) if change is not None else None
