"""Names as people type them: metrics, teams, people and links, or the nearest known one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.errors import UsageError, did_you_mean
from kputui.model.change import Assign, Unassign
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.metric import MetricKind
from kputui.model.ownership import Assignee, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kputui.model.team import Team
    from kputui.model.workspace import Workspace


def metric_named(workspace: Workspace, name: str, known: Iterable[str] | None = None) -> MetricId:
    """The metric of that name; `known` are the names to offer for a wrong one, all metrics when left out.

    Raises UsageError that names the nearest.
    """
    names = tuple(workspace.metrics if known is None else known)
    if name in names or name in workspace.metrics:
        return MetricId(name)
    raise UsageError(f'no metric "{name}"', did_you_mean(name, names) or f"metrics: {', '.join(names)}")


def team_named(workspace: Workspace, name: str) -> Team:
    """The team of that name; raises UsageError that names the nearest."""
    team = workspace.teams.get(TeamId(name))
    if team is not None:
        return team
    near = did_you_mean(name, workspace.teams)
    raise UsageError(f'no team "{name}"', near or f"teams: {', '.join(workspace.teams)}")


def people_of(team: Team) -> tuple[PersonId, ...]:
    """A team's people, its lead first, each once."""
    return tuple(dict.fromkeys((*([team.lead] if team.lead else []), *team.members)))


def assignee_named(workspace: Workspace, team: str, person: str = "") -> Assignee:
    """The team, or the person in it, written `team` or `team/person`; raises UsageError that names the nearest."""
    name, _, inside = team.partition("/")
    if inside and person and inside != person:
        raise UsageError(f'two people are named: "{inside}" and "{person}"', "leave one of them out")
    handle = person or inside
    found = team_named(workspace, name)
    if not handle:
        return Assignee(found.id)
    people = people_of(found)
    if handle in people:
        return Assignee(found.id, PersonId(handle))
    known = f"in the team: {', '.join(people)}" if people else "the team names nobody"
    raise UsageError(f'"{handle}" is not in the team "{found.id}"', did_you_mean(handle, people) or known)


def link_named(workspace: Workspace, cpi: str, kpi: str) -> tuple[MetricId, MetricId]:
    """The declared link between two metrics; raises UsageError that names the nearest or what the CPI is linked to."""
    links = workspace.links
    first = metric_named(workspace, cpi, dict.fromkeys(link.cpi for link in links))
    second = metric_named(workspace, kpi, dict.fromkeys(link.kpi for link in links if link.cpi == first))
    if any((link.cpi, link.kpi) == (first, second) for link in workspace.links):
        return first, second
    if any((link.cpi, link.kpi) == (second, first) for link in workspace.links):
        raise UsageError(f'no link "{first}" -> "{second}" is declared', f"the CPI comes first: {second} {first}")
    kpis = [str(link.kpi) for link in workspace.links if link.cpi == first]
    known = (
        f"{first} is linked to: {', '.join(kpis)}" if kpis else "declare it in [[links]] first: sign, lag, mechanism"
    )
    raise UsageError(f'no link "{first}" -> "{second}" is declared', known)


def assignment_named(
    workspace: Workspace, metric: str, team: str, role: str = "", person: str = "", *, is_removing: bool = False
) -> Assign | Unassign:
    """The command that these names mean; `role` is accountable when left out.

    A team or person that left the roster can still be removed. Raises UsageError that names the nearest.
    """
    cpis = (entry.id for entry in workspace.metrics.values() if entry.kind is MetricKind.CPI)
    found, part = metric_named(workspace, metric, cpis), Role(role or Role.ACCOUNTABLE)
    if not is_removing:
        return Assign(found, part, assignee_named(workspace, team, person))
    name, _, inside = team.partition("/")
    handle = person or inside
    return Unassign(found, part, Assignee(TeamId(name), PersonId(handle) if handle else None))
