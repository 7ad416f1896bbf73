"""The views of the links: CPIs x KPIs, and all the evidence behind one link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kputui.session.accountability import is_against_verdict
from kputui.session.alike import goal_names
from kputui.session.link_views import EvidenceView, LinkCellView, LinksView
from kputui.session.link_words import VERDICT_TONES, missing_words
from kputui.session.rows import link_standing
from kputui.session.words import LINK_TONES, metric_words

if TYPE_CHECKING:
    from kputui.model.ids import GoalId, MetricId, TeamId
    from kputui.model.link import Link
    from kputui.session.figures import Figures

SIGNS = {"positive": "+", "negative": "-"}


def links_view(figures: Figures) -> LinksView:
    """All declared links as a grid of CPIs by KPIs, both in the order in which people wrote the metrics.

    Only CPIs and KPIs with a link have a row or a column.
    """
    workspace = figures.workspace
    links = {(link.cpi, link.kpi): link for link in workspace.links}
    linked, moved = {cpi for cpi, _ in links}, {kpi for _, kpi in links}
    cpis = [name for name in workspace.metrics if name in linked]
    kpis = [name for name in workspace.metrics if name in moved]
    cells = tuple(
        tuple(_cell(figures, links[cpi, kpi]) if (cpi, kpi) in links else None for kpi in kpis) for cpi in cpis
    )
    goals = goal_names(workspace)
    return LinksView(
        tuple((name, metric_words(workspace, name)) for name in kpis),
        tuple((name, metric_words(workspace, name)) for name in cpis),
        cells,
        tuple(_teams(figures, name) for name in cpis),
        tuple(_goals(figures, name) for name in kpis),
        tuple((team.id, team.label or str(team.id)) for team in workspace.teams.values()),
        tuple(goals.items()),
        is_weighing=not figures.evidence and bool(links),
    )


def _cell(figures: Figures, link: Link) -> LinkCellView:
    evidence = figures.evidence.get((link.cpi, link.kpi))
    standing = link_standing(figures, link.cpi, link.kpi)
    best = evidence.best if evidence is not None else None
    is_undecided = standing.decision is None
    tone = VERDICT_TONES[evidence.verdict] if evidence and is_undecided else LINK_TONES[standing.state]
    return LinkCellView(
        link.cpi,
        link.kpi,
        SIGNS[link.expect.value],
        best.r if best is not None else None,
        standing.state,
        evidence.verdict.value if evidence is not None else "",
        missing_words(evidence, standing.state),
        tone,
        is_exception=is_against_verdict(standing.decision),
        why=standing.why,
    )


def _teams(figures: Figures, cpi: MetricId) -> frozenset[TeamId]:
    """The teams that a CPI belongs to: who is accountable for it, and who influences it."""
    assignment = figures.ownership.assignments.get(cpi)
    own = {assignment.accountable.team} if assignment is not None and assignment.accountable is not None else set()
    return frozenset(own | {team.id for team in figures.workspace.teams.values() if cpi in team.influences})


def _goals(figures: Figures, kpi: MetricId) -> frozenset[GoalId]:
    """The goals that a KPI serves: those it names, and those it measures."""
    workspace = figures.workspace
    measured = {goal.id for goal in workspace.goals.values() if goal.measured_by == kpi}
    return frozenset(measured | {goal for goal in workspace.metrics[kpi].goals if goal in workspace.goals})


class EvidenceViews(Mapping[tuple["MetricId", "MetricId"], EvidenceView]):
    """The evidence of each declared link by (CPI, KPI); a view is made at the first look and kept."""

    def __init__(self, figures: Figures) -> None:
        """Keep the figures; nothing is made yet."""
        self._figures = figures
        self._pairs = dict.fromkeys((link.cpi, link.kpi) for link in figures.workspace.links)
        self._made: dict[tuple[MetricId, MetricId], EvidenceView] = {}

    def __getitem__(self, pair: tuple[MetricId, MetricId]) -> EvidenceView:
        """The view of a declared link; raises KeyError for another pair."""
        if pair not in self._pairs:
            raise KeyError(pair)
        made = self._made.get(pair)
        if made is None:
            from kputui.session.link_evidence import evidence_view  # noqa: PLC0415 - no start pays for it

            made = self._made[pair] = evidence_view(self._figures, *pair)
        return made

    def __iter__(self) -> Iterator[tuple[MetricId, MetricId]]:
        """The pairs in the order in which people declared them."""
        return iter(self._pairs)

    def __len__(self) -> int:
        """The number of declared links."""
        return len(self._pairs)
