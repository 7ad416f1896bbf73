"""The accountability matrix: all CPIs by all teams, what is missing or exceptional first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.link import LinkState
from kputui.model.metric import MetricKind
from kputui.session.rows import link_state
from kputui.session.views import MatrixRowView, MatrixView

if TYPE_CHECKING:
    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.model.ownership import Role
    from kputui.model.team import Team
    from kputui.session.figures import Figures

_STRONGEST = (
    LinkState.CONFIRMED,
    LinkState.TESTING,
    LinkState.HYPOTHESIS,
    LinkState.EXPIRED,
    LinkState.REFUTED,
)
OPEN = "?"


def matrix_view(figures: Figures) -> MatrixView:
    """CPIs x teams. A hole is a confirmed CPI without A, an exception an A before confirmation.

    Without an A, a "?" stands at each team that could influence the CPI.
    """
    teams = tuple(figures.workspace.teams.values())
    cpis = [metric for metric in figures.workspace.metrics.values() if metric.kind is MetricKind.CPI]
    rows = [_row(figures, cpi, teams) for cpi in cpis]
    rows.sort(key=lambda row: (not row.is_hole, not row.is_exception))
    load = tuple(sum("A" in row.cells[index] for row in rows) for index in range(len(teams)))
    return MatrixView(tuple((team.id, team.label) for team in teams), tuple(rows), load)


def _row(figures: Figures, cpi: Metric, teams: tuple[Team, ...]) -> MatrixRowView:
    assignment = figures.ownership.assignments.get(cpi.id)
    state = best_state(figures, cpi.id)
    has_owner = assignment is not None and assignment.accountable is not None
    cells = []
    for team in teams:
        roles: tuple[Role, ...] = assignment.roles_of(team.id) if assignment else ()
        is_open = not has_owner and cpi.id in team.influences
        cells.append("".join(role.letter for role in roles) + OPEN * is_open)
    is_confirmed = state is LinkState.CONFIRMED
    return MatrixRowView(
        cpi.id,
        cpi.label,
        state.value if state is not None else "no link",
        tuple(cells),
        is_hole=is_confirmed and not has_owner,
        is_exception=has_owner and not is_confirmed,
    )


def best_state(figures: Figures, cpi: MetricId) -> LinkState | None:
    """The furthest state of a CPI's links; None without a link."""
    states = [link_state(figures, cpi, link.kpi) for link in figures.workspace.links if link.cpi == cpi]
    return min(states, key=_STRONGEST.index) if states else None
