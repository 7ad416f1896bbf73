"""What `kputui links` tells: each link with its state, its evidence and every figure behind the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.errors import UsageError
from kputui.model.metric import MetricKind
from kputui.session.deciding import link_of
from kputui.session.judges import judged_figures
from kputui.session.link_evidence import evidence_view, shown_step
from kputui.session.link_search import Exploration, Search
from kputui.session.link_what_if import expected, refused_words, what_if_words
from kputui.session.link_words import missing_words, verdict_sentence
from kputui.session.naming import metric_named
from kputui.session.rows import link_standing
from kputui.session.weighing import weighed
from kputui.session.words import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kputui.analysis.evidence.verdict import Evidence, Hint
    from kputui.model.ids import MetricId
    from kputui.model.link import Link, LinkDecision, LinkState
    from kputui.model.series import Failure
    from kputui.session.figures import Figures
    from kputui.session.link_views import EvidenceView
    from kputui.session.link_what_if import Expectation
    from kputui.session.open import Opened


@dataclass(frozen=True, slots=True)
class Unread:
    """A metric whose data can't be read, and why."""

    metric: MetricId
    label: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class LinkReport:
    """One link: what is declared (None: nothing), where people left it, and what the data says.

    `why`: what made a confirmation expire. `missing`: what stands between it and a confirmation with evidence.
    `what_if` with its words is there on a confirmed link with an effect.
    `unread`: those of its metrics, controls too, that have no data to be read.
    """

    cpi: MetricId
    kpi: MetricId
    cpi_label: str
    kpi_label: str
    declared: Link | None
    state: LinkState | None
    why: str
    decision: LinkDecision | None
    sentence: str
    missing: str
    evidence: Evidence
    what_if: Expectation | None = None
    what_if_words: str = ""
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class HintReport:
    """An undeclared pair that a search found, with the labels of both."""

    cpi_label: str
    kpi_label: str
    hint: Hint


def link_reports(opened: Opened, cpi: str = "") -> tuple[LinkReport, ...]:
    """All declared links in the order in which people wrote them, of one CPI when it is named.

    Raises UsageError for a name that is no metric, and DataError when the data can't be read at all.
    """
    wanted = metric_named(opened.workspace, cpi, (link.cpi for link in opened.workspace.links)) if cpi else None
    figures = weighed_figures(opened)
    pairs = [(link.cpi, link.kpi) for link in opened.workspace.links if wanted in (None, link.cpi)]
    return tuple(_report(figures, *pair) for pair in pairs)


def pair_report(
    opened: Opened, cpi: str, kpi: str, improves_by: float | None = None
) -> tuple[LinkReport, EvidenceView]:
    """One pair in all its figures, declared or not.

    `improves_by`: by how much (in its own unit) the CPI is to improve for the what-if. Raises UsageError for a name
    that is no metric, and for a what-if of a pair that is no confirmed link.
    """
    workspace = opened.workspace
    pair = (metric_named(workspace, cpi), metric_named(workspace, kpi))
    is_declared = link_of(workspace, *pair) is not None
    figures = judged_figures(opened, (weighed, *(() if is_declared else (Exploration(*pair),))))
    if improves_by is not None and (refused := refused_words(figures, figures.evidence[pair])):
        way = f"kputui links {pair[0]} {pair[1]} shows what the data says"
        raise UsageError(refused, f"{way}; kputui confirm decides" if is_declared else way)
    return _report(figures, *pair, improves_by), evidence_view(figures, *pair)


def hint_reports(opened: Opened) -> tuple[tuple[HintReport, ...], tuple[Unread, ...]]:
    """The undeclared CPI-KPI pairs, the strongest first, and the CPIs and KPIs that could not be looked at.

    They are hints for hypotheses, and no tests.
    """
    search = Search()
    figures = judged_figures(opened, (search,))
    workspace = opened.workspace
    hints = tuple(
        HintReport(metric_words(workspace, hint.cpi), metric_words(workspace, hint.kpi), hint) for hint in search.hints
    )
    looked_at = (one.id for one in workspace.metrics.values() if one.kind in {MetricKind.CPI, MetricKind.KPI})
    return hints, tuple(_unread(figures, looked_at))


def weighed_figures(opened: Opened) -> Figures:
    """The figures with the evidence for every declared link."""
    return judged_figures(opened, (weighed,))


def evidence_of(opened: Opened) -> Mapping[tuple[MetricId, MetricId], Evidence]:
    """What the data says of each declared link, by (CPI, KPI)."""
    return weighed_figures(opened).evidence


def _report(figures: Figures, cpi: MetricId, kpi: MetricId, improves_by: float | None = None) -> LinkReport:
    workspace, evidence = figures.workspace, figures.evidence[cpi, kpi]
    link = link_of(workspace, cpi, kpi)
    standing = link_standing(figures, cpi, kpi) if link is not None else None
    what_if = None if refused_words(figures, evidence) else expected(figures, evidence, improves_by)
    return LinkReport(
        cpi,
        kpi,
        metric_words(workspace, cpi),
        metric_words(workspace, kpi),
        link,
        standing.state if standing is not None else None,
        standing.why if standing is not None else "",
        standing.decision if standing is not None else None,
        verdict_sentence(workspace, evidence, shown_step(figures, cpi), is_declared=link is not None),
        missing_words(evidence, standing.state) if standing is not None else "a declaration",
        evidence,
        what_if,
        what_if_words(figures, what_if, evidence.grain) if what_if is not None else "",
        tuple(_unread(figures, (cpi, kpi, *evidence.controls))),
    )


def _unread(figures: Figures, metrics: Iterable[MetricId]) -> Iterator[Unread]:
    for name in metrics:
        reading = figures.readings.get(name)
        if reading is not None and reading.failure is not None:
            yield Unread(name, metric_words(figures.workspace, name), reading.failure)
