"""The customer's journey: its stages in order, under each the CPIs by need, and where nobody measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.model.metric import MetricKind, Need
from kputui.model.ownership import Role
from kputui.session.rows import link_standing, metric_row, standing_words
from kputui.session.views import Quantity, Tone
from kputui.session.words import LINK_TONES, assignee_words, metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures

NO_STAGE = "no stage yet"
_NEEDS = (*Need, None)


@dataclass(frozen=True, slots=True)
class JourneyCpiView:
    """A CPI on the journey: what was asked, how it was found, who has it, and the KPIs it is linked to.

    `links`: KPI and how far the link has come, in words; `state` and `tone` are those of the first.
    """

    metric: MetricId
    label: str
    need: str
    quantity: Quantity | None
    spark: tuple[float | None, ...]
    is_last_running: bool
    state: str
    tone: Tone
    owner: str
    question: str
    discovered: str
    links: tuple[tuple[MetricId, str], ...] = ()


@dataclass(frozen=True, slots=True)
class JourneyStageView:
    """A stage: what the customer wants there, and its CPIs by need; none is a hole."""

    label: str
    outcome: str
    cpis: tuple[JourneyCpiView, ...] = ()


@dataclass(frozen=True, slots=True)
class JourneyView:
    """Stages from left to right, and the KPIs (id, label) that CPIs are linked to, in the workspace's order."""

    stages: tuple[JourneyStageView, ...] = ()
    kpis: tuple[tuple[MetricId, str], ...] = ()


def journey_view(figures: Figures) -> JourneyView:
    """The whole journey; CPIs without a stage stand in one of their own, at the end."""
    workspace = figures.workspace
    cpis = [metric for metric in workspace.metrics.values() if metric.kind is MetricKind.CPI]
    stages = [
        JourneyStageView(stage.label or str(stage.id), stage.outcome, _by_need(figures, cpis, stage.id))
        for stage in workspace.stages.values()
    ]
    left = [cpi for cpi in cpis if cpi.stage not in workspace.stages]
    if left:
        stages.append(JourneyStageView(NO_STAGE, "", tuple(_cpi(figures, cpi) for cpi in left)))
    linked = {link.kpi for link in workspace.links}
    kpis = tuple((kpi, metric_words(workspace, kpi)) for kpi in workspace.metrics if kpi in linked)
    return JourneyView(tuple(stages), kpis)


def _by_need(figures: Figures, cpis: Iterable[Metric], stage: object) -> tuple[JourneyCpiView, ...]:
    here = [cpi for cpi in cpis if cpi.stage == stage]
    return tuple(_cpi(figures, cpi) for cpi in sorted(here, key=lambda cpi: _NEEDS.index(cpi.need)))


def _cpi(figures: Figures, cpi: Metric) -> JourneyCpiView:
    row = metric_row(figures, str(cpi.id), cpi, 0, None, None)
    links: list[tuple[MetricId, str]] = []
    tone, state = Tone.CAUTION, "no link"
    for link in figures.workspace.links:
        if link.cpi == cpi.id:
            standing = link_standing(figures, cpi.id, link.kpi)
            if not links:
                tone, state = LINK_TONES[standing.state], standing_words(standing)
            links.append((link.kpi, standing_words(standing)))
    assignment = figures.ownership.assignments.get(cpi.id)
    holders = assignment.holders(Role.ACCOUNTABLE) if assignment is not None else ()
    return JourneyCpiView(
        cpi.id,
        row.label,
        cpi.need.value if cpi.need is not None else "",
        row.quantity,
        row.spark,
        row.is_last_running,
        state,
        tone,
        assignee_words(figures.workspace, holders[0]) if holders else "",
        cpi.question,
        cpi.discovered,
        tuple(links),
    )
