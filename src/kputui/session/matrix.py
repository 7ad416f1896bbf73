"""The accountability matrix: all CPIs by all teams, what is missing or exceptional first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kputui.model.cell import RoleCell
from kputui.model.link import LinkState
from kputui.model.metric import MetricKind
from kputui.model.ownership import Role
from kputui.session import accountability
from kputui.session.history import assignees_of, cell_words, metrics_of, value_words
from kputui.session.naming import people_of
from kputui.session.rows import link_standing, standing_words
from kputui.session.views import ChangeMark, MatrixRowView, MatrixView
from kputui.session.words import person_words

if TYPE_CHECKING:
    from kputui.model.change import Change
    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.model.ownership import Assignment
    from kputui.model.team import Team
    from kputui.session.figures import Figures

OPEN = "?"


def matrix_view(figures: Figures, todos: dict[MetricId, list[str]], marks: tuple[ChangeMark, ...]) -> MatrixView:
    """CPIs x teams. A hole is a confirmed CPI without A, an exception an A before confirmation.

    Without an A, a "?" stands at each team that could influence the CPI. First the holes, then the
    exceptions, then what else is to be decided, then the rest as people wrote it.
    """
    workspace = figures.workspace
    teams = tuple(workspace.teams.values())
    exceptions = accountability.exceptions(
        workspace, figures.ownership, day=figures.clock.today, evidence=figures.evidence
    )
    rows = []
    for cpi in workspace.metrics.values():
        if cpi.kind is MetricKind.CPI:
            own = tuple(mark for mark in marks if cpi.id in metrics_of(mark.cell))
            rows.append(_row(figures, cpi, teams, tuple(todos.get(cpi.id, ())), own, cpi.id in exceptions))
    rows.sort(key=lambda row: (not row.is_hole, not row.is_exception, not row.todos))
    load = accountability.load(figures.ownership)
    nothing = accountability.Load()
    return MatrixView(
        tuple((team.id, team.label) for team in teams),
        tuple(rows),
        tuple(load.get(team.id, nothing).accountable for team in teams),
        tuple(load.get(team.id, nothing).responsible for team in teams),
        tuple(people_of(team) for team in teams),
    )


def _row(
    figures: Figures,
    cpi: Metric,
    teams: tuple[Team, ...],
    todos: tuple[str, ...],
    marks: tuple[ChangeMark, ...],
    is_exception: bool,
) -> MatrixRowView:
    assignment = figures.ownership.assignments.get(cpi.id)
    has_owner = assignment is not None and assignment.accountable is not None
    cells = []
    for team in teams:
        roles: tuple[Role, ...] = assignment.roles_of(team.id) if assignment else ()
        is_open = not has_owner and cpi.id in team.influences
        cells.append("".join(role.letter for role in roles) + OPEN * is_open)
    state = accountability.best_state_on(
        figures.workspace, figures.ownership, cpi.id, figures.clock.today, figures.evidence
    )
    return MatrixRowView(
        cpi.id,
        cpi.label or str(cpi.id),
        _state_words(figures, cpi.id, state),
        tuple(cells),
        is_hole=state is LinkState.CONFIRMED and not has_owner,
        is_exception=is_exception,
        todos=todos,
        marks=marks,
        held=_held(assignment),
        since=assignment.since if assignment is not None else None,
    )


def _held(assignment: Assignment | None) -> dict[str, str]:
    """Each assignee with its letters, accountable first."""
    held: dict[str, str] = {}
    if assignment is None:
        return held
    for role in Role:
        for one in assignment.holders(role):
            held[one.written] = held.get(one.written, "") + role.letter
    return held


def _state_words(figures: Figures, cpi: MetricId, state: LinkState | None) -> str:
    """The furthest state of a CPI's links; a tested confirmation is said before a judged one."""
    if state is None:
        return "no link"
    standings = [link_standing(figures, cpi, link.kpi) for link in figures.workspace.links if link.cpi == cpi]
    words = {standing_words(standing) for standing in standings if standing.state is state}
    return state.value if state.value in words else min(words)


def change_marks(figures: Figures) -> tuple[ChangeMark, ...]:
    """What others changed since the person looked, newest first."""
    changes = sorted(figures.marks.values(), key=lambda change: change.seq, reverse=True)
    return tuple(_mark(figures, change) for change in changes)


def _mark(figures: Figures, change: Change) -> ChangeMark:
    workspace, cell = figures.workspace, change.cell
    old, new = (value_words(workspace, cell, value) for value in (change.before, change.after))
    author = person_words(change.author.login)
    moment = change.at.astimezone(ZoneInfo(workspace.project.timezone))
    text = f"{author} set {cell_words(workspace, cell)} to {new} at {moment:%H:%M}, before {old}"
    if not isinstance(cell, RoleCell):
        return ChangeMark(cell, author, change.at, text)
    teams = dict.fromkeys(one.team for one in {*assignees_of(change.before)} ^ {*assignees_of(change.after)})
    return ChangeMark(cell, author, change.at, text, cell.role, tuple(sorted(teams)))
