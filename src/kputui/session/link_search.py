"""Looking around: an undeclared pair explored, and all undeclared pairs ranked as hints. Neither confirms anything."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kputui.analysis.evidence.column import Hypothesis
from kputui.analysis.evidence.verdict import Evidence, Verdict
from kputui.model.link import Lag
from kputui.model.metric import MetricKind
from kputui.session.link_data import Asked, LinkData
from kputui.session.link_refusals import refused_by_definition

if TYPE_CHECKING:
    from kputui.analysis.evidence.verdict import Hint
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain
    from kputui.model.workspace import Workspace
    from kputui.session.figures import Figures
    from kputui.session.judges import Work

EXPLORED_LAG = 4
"""The lags looked at, in periods, when nobody has declared one."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """A judge that adds what the data shows of one undeclared pair, at the coarser of the two metrics' grains.

    Both signs and all lags from 0 to 4 are looked at, so that nothing of it is a test: no verdict but "leaning" (for
    "there is something"), "not enough data" or "refused" comes out, and no q.
    """

    cpi: MetricId
    kpi: MetricId

    def __call__(self, figures: Figures, work: Work) -> Figures:
        """The figures with the pair's evidence."""
        found = self._explored(figures, LinkData(figures, work))
        return replace(figures, evidence={**figures.evidence, (self.cpi, self.kpi): found})

    def _explored(self, figures: Figures, data: LinkData) -> Evidence:
        from kputui.analysis.evidence.season import season_of  # noqa: PLC0415 - only the worker judges
        from kputui.analysis.evidence.weigh import weigh  # noqa: PLC0415 - numpy only in the worker

        workspace, pair = figures.workspace, (self.cpi, self.kpi)
        if refused := refused_by_definition(workspace, *pair):
            return Evidence(*pair, Verdict.REFUSED, refused)
        lag = Lag(0, EXPLORED_LAG, common_grain(workspace, *pair).value)
        (compared,) = data.compared([Asked(pair, lag)])
        if compared.failure:
            return Evidence(*pair, Verdict.NOT_ENOUGH, compared.failure, grain=compared.grain)
        columns = data.columns(pair, compared.grain)
        sides = [
            weigh(
                columns,
                [Hypothesis(*pair, sign, compared.low, compared.high)],
                compared.grain,
                season=season_of(compared.grain),
            )[pair]
            for sign in (1, -1)
        ]
        found = max(sides, key=lambda one: one.e if one.e is not None else -1.0)
        is_tested = found.verdict not in (Verdict.REFUSED, Verdict.NOT_ENOUGH)
        return replace(found, verdict=Verdict.LEANING if is_tested else found.verdict, q=None, more_periods=None)


def common_grain(workspace: Workspace, *names: MetricId) -> Grain:
    """The coarsest of the metrics' own grains."""
    return max((workspace.metrics[name].grain for name in names), key=lambda grain: grain.order)


@dataclass(slots=True)
class Search:
    """A judge that changes no figures and keeps in `hints` the undeclared CPI-KPI pairs, the strongest first.

    Each pair is looked at by the coarser of the two metrics' own grains, at lags of 1 to 4 periods. Pairs that are
    one measure, or one a part of the other, are left out.
    """

    hints: tuple[Hint, ...] = field(default=())

    def __call__(self, figures: Figures, work: Work) -> Figures:
        """Look, and give the figures back as they are."""
        from kputui.analysis.evidence.multiple import benjamini_hochberg  # noqa: PLC0415 - numpy only in the worker

        data, workspace = LinkData(figures, work), figures.workspace
        pairs: dict[Grain, list[tuple[MetricId, MetricId]]] = {}
        for cpi in _of_kind(workspace, MetricKind.CPI):
            for kpi in _of_kind(workspace, MetricKind.KPI):
                pairs.setdefault(common_grain(workspace, cpi, kpi), []).append((cpi, kpi))
        found = [hint for grain, wanted in pairs.items() for hint in _searched(figures, data, grain, wanted)]
        q = benjamini_hochberg([hint.p for hint in found]).tolist()
        hints = [replace(hint, q=one) for hint, one in zip(found, q, strict=True)]
        self.hints = tuple(sorted(hints, key=lambda hint: (hint.p, -abs(hint.r), hint.cpi, hint.kpi)))
        return figures


def _of_kind(workspace: Workspace, kind: MetricKind) -> tuple[MetricId, ...]:
    return tuple(metric.id for metric in workspace.metrics.values() if metric.kind is kind)


def _searched(
    figures: Figures, data: LinkData, grain: Grain, pairs: list[tuple[MetricId, MetricId]]
) -> tuple[Hint, ...]:
    """The hints among `pairs`, which are all compared by `grain`."""
    from kputui.analysis.evidence.search import search  # noqa: PLC0415 - numpy only in the worker
    from kputui.analysis.evidence.season import season_of  # noqa: PLC0415 - as above

    workspace = figures.workspace
    wanted = {pair for pair in pairs if not refused_by_definition(workspace, *pair)}
    wanted -= {(link.cpi, link.kpi) for link in workspace.links}
    cpis, kpis = dict.fromkeys(cpi for cpi, _ in pairs), dict.fromkeys(kpi for _, kpi in pairs)
    left_out = {(cpi, kpi) for cpi in cpis for kpi in kpis} - wanted
    data.fetch((*cpis, *kpis), grain)
    columns = data.columns((*cpis, *kpis), grain)
    return search(
        columns, tuple(cpis), tuple(kpis), grain, declared=left_out, max_lag=EXPLORED_LAG, season=season_of(grain)
    )
