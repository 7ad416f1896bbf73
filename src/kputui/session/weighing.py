"""The evidence for each declared link, for the figures: refused by definition, or tested on the data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from kputui.analysis.evidence.column import Hypothesis
from kputui.analysis.evidence.verdict import Check, Evidence, Past, Verdict
from kputui.model.link import Expect, LinkState
from kputui.model.metric import Grain
from kputui.session.accountability import link_state_on
from kputui.session.link_data import Asked, CancelledError, LinkData
from kputui.session.link_refusals import refused_by_definition, shared_words
from kputui.session.words import day_words, metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kputui.analysis.evidence.column import Column
    from kputui.analysis.evidence.verdict import Effect
    from kputui.model.ids import MetricId
    from kputui.model.link import Link
    from kputui.session.figures import Figures
    from kputui.session.judges import Work
    from kputui.session.link_data import Compared

    Pair = tuple[MetricId, MetricId]


_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True, slots=True)
class Placed:
    """A declared link as it is tested: how it is compared, and the hypothesis in periods of that grain."""

    link: Link
    compared: Compared
    hypothesis: Hypothesis


def weighed(figures: Figures, work: Work) -> Figures:
    """The figures with the evidence for each declared link; all links of a grain are tested in one go.

    Unchanged when the work was cancelled, or nothing else came out.
    """
    if not figures.workspace.links:
        return figures
    data, workspace = LinkData(figures, work), figures.workspace
    names = dict.fromkeys(name for link in workspace.links for name in (link.cpi, link.kpi, *link.controls))
    stamps = tuple(data.stamp(name) for name in names)
    inputs = (workspace, dict(figures.ownership.decisions), figures.clock, stamps)
    try:
        found = work.memo.kept("evidence", inputs, lambda: _weighed(figures, data, workspace.links))
    except CancelledError:
        return figures
    return figures if found == figures.evidence else replace(figures, evidence=found)


def _weighed(figures: Figures, data: LinkData, links: Sequence[Link]) -> dict[Pair, Evidence]:
    """The evidence for `links`, in their order."""
    found: dict[Pair, Evidence] = {}
    open_ones: list[Link] = []
    for link in links:
        if refused := refused_by_definition(figures.workspace, link.cpi, link.kpi):
            found[link.cpi, link.kpi] = Evidence(link.cpi, link.kpi, Verdict.REFUSED, refused)
        else:
            open_ones.append(link)
    placed = placed_links(figures, data, open_ones)
    for grain in dict.fromkeys(one.compared.grain for one in placed):
        found |= _of_grain(figures, data, [one for one in placed if one.compared.grain is grain], grain)
    found = _over_all_grains(found)
    found |= _joint(figures, data, placed, found)
    return {(link.cpi, link.kpi): found[link.cpi, link.kpi] for link in links}


def placed_links(figures: Figures, data: LinkData, links: Sequence[Link]) -> tuple[Placed, ...]:
    """Each link with the grain and the lags at which its metrics are compared."""
    compared = data.compared([Asked((link.cpi, link.kpi, *link.controls), link.lag) for link in links])
    return tuple(Placed(link, one, _hypothesis(figures, link, one)) for link, one in zip(links, compared, strict=True))


def _hypothesis(figures: Figures, link: Link, compared: Compared) -> Hypothesis:
    """The link for the test; days on which either metric is declared to begin anew are known level shifts."""
    metrics = figures.workspace.metrics
    steps = {day for name in (link.cpi, link.kpi) for day in metrics[name].signals.rebase}
    return Hypothesis(
        link.cpi,
        link.kpi,
        1 if link.expect is Expect.POSITIVE else -1,
        compared.low,
        compared.high,
        link.declared,
        link.controls,
        tuple(sorted(steps)),
        link.smallest_effect,
    )


def _of_grain(figures: Figures, data: LinkData, placed: Sequence[Placed], grain: Grain) -> dict[Pair, Evidence]:
    """The evidence of the links that are compared at one grain."""
    from kputui.analysis.evidence.season import season_of  # noqa: PLC0415 - numpy only in the worker
    from kputui.analysis.evidence.weigh import weigh  # noqa: PLC0415 - numpy only in the worker

    found = {
        (one.link.cpi, one.link.kpi): Evidence(
            one.link.cpi, one.link.kpi, Verdict.NOT_ENOUGH, one.compared.failure, grain=grain
        )
        for one in placed
    }
    tested = [one for one in placed if not one.compared.failure]
    hypotheses = tuple(one.hypothesis for one in tested)
    columns = data.columns((name for one in hypotheses for name in (one.cpi, one.kpi, *one.controls)), grain)
    undecided = _undecided(figures, hypotheses)
    if hypotheses:
        made = data.work.memo.kept(
            ("weigh", grain),
            (hypotheses, columns, undecided),
            lambda: weigh(columns, hypotheses, grain, season=season_of(grain), family=undecided),
        )
        for one in tested:
            pair = (one.link.cpi, one.link.kpi)
            found[pair] = _told(figures, data, one, made[pair])
    return found


def _undecided(figures: Figures, hypotheses: Sequence[Hypothesis]) -> tuple[Pair, ...]:
    """The open links: a search that ended with somebody's decision makes no other one easier or harder."""
    closed = {LinkState.CONFIRMED, LinkState.REFUTED}
    decisions = figures.ownership.decisions
    pairs = ((one.cpi, one.kpi) for one in hypotheses)
    return tuple(pair for pair in pairs if pair not in decisions or decisions[pair].state not in closed)


def _told(figures: Figures, data: LinkData, placed: Placed, evidence: Evidence) -> Evidence:
    """The evidence in the workspace's names, with what the definitions add, and the data it stands on."""
    workspace, link = figures.workspace, placed.link
    names = {str(name): metric_words(workspace, name) for name in (link.cpi, link.kpi, *link.controls)}
    checks = [replace(check, text=_named(check.text, names)) for check in evidence.checks]
    if shared := shared_words(workspace, link.cpi, link.kpi):
        checks.append(Check("shared parts", held=False, text=shared))
    if placed.compared.note:
        checks.append(Check("grain", held=True, text=placed.compared.note))
    stamped = replace(evidence, reason=_named(evidence.reason, names), checks=tuple(checks))
    grain = placed.compared.grain
    used = data.columns((link.cpi, link.kpi), grain)
    first = max((column.starts[0] for column in used if column.starts), default=None)
    if len(used) < 2 or first is None or evidence.data_to is None:
        return stamped
    found = _hash_of(data, (link.cpi, link.kpi), grain, first, evidence.data_to)
    gaps = _gaps(evidence, used)
    if gaps is not None and grain is Grain.DAY:
        stamped = replace(stamped, reason=f"{stamped.reason}; a lag in weeks would compare whole weeks")
    return replace(stamped, data_from=first, data_hash=found, past=_past(figures, data, placed), gaps=gaps)


def _gaps(evidence: Evidence, columns: Sequence[Column]) -> float | None:
    """The share of periods without data in the worse of the two metrics, when that is what keeps them from a test."""
    from kputui.analysis.evidence.refuse import MOST_GAPS  # noqa: PLC0415 - numpy only in the worker

    if evidence.p is not None or evidence.verdict is not Verdict.NOT_ENOUGH:
        return None
    first = max(column.starts[0] for column in columns)
    last = min(column.starts[-1] for column in columns)
    shares = []
    for column in columns:
        inside = [
            value is None for day, value in zip(column.starts, column.values, strict=True) if first <= day <= last
        ]
        shares.append(sum(inside) / len(inside) if inside else 0.0)
    return max(shares) if max(shares) > MOST_GAPS else None


def _named(text: str, names: Mapping[str, str]) -> str:
    """A text that names metrics by their ids and days in ISO form, with labels and days as people read them."""
    if "-" in text:
        text = _DAY.sub(lambda found: day_words(date.fromisoformat(found[0])), text)
    if not any(name in text for name in names):
        return text
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])(?:{pattern})(?![\w-])", lambda found: names[found[0]], text)


def _past(figures: Figures, data: LinkData, placed: Placed) -> Past | None:
    """The data of now over the days that the standing confirmation was made on; None where it does not say which."""
    link = placed.link
    decision = figures.ownership.decisions.get((link.cpi, link.kpi))
    if decision is None or decision.state is not LinkState.CONFIRMED or not decision.evidence.get("data_hash"):
        return None
    if decision.evidence.get("grain") != placed.compared.grain.value:
        return None
    try:
        first, last = (date.fromisoformat(str(decision.evidence.get(name))) for name in ("data_from", "data_to"))
    except ValueError:
        return None
    return Past(first, last, _hash_of(data, (link.cpi, link.kpi), placed.compared.grain, first, last))


def _hash_of(data: LinkData, metrics: Iterable[MetricId], grain: Grain, first: date, last: date) -> str:
    """A hash of the metrics' values from `first` to `last`."""
    return "-".join(data.digest(metric, grain, first, last) for metric in metrics)


def _over_all_grains(found: dict[Pair, Evidence]) -> dict[Pair, Evidence]:
    """The evidence with false discoveries held down over the links of all grains together.

    A verdict that only its own grain's links allowed falls back to leaning.
    """
    from kputui.analysis.evidence.judge import ALPHA  # noqa: PLC0415 - only the worker judges
    from kputui.analysis.evidence.multiple import benjamini_hochberg  # noqa: PLC0415 - numpy only in the worker

    tested = {pair: one for pair, one in found.items() if one.p is not None and one.q is not None}
    if len({one.grain for one in tested.values()}) < 2:
        return found
    q = benjamini_hochberg([one.p for one in tested.values() if one.p is not None]).tolist()
    changed = dict(found)
    for (pair, one), shared in zip(tested.items(), q, strict=True):
        worst = max(shared, one.q or 0.0)
        is_sure = one.verdict in (Verdict.CONFIRMED, Verdict.TOGETHER)
        verdict = Verdict.LEANING if is_sure and worst > ALPHA else one.verdict
        reason = "not enough beside so many open links" if verdict is not one.verdict else one.reason
        changed[pair] = replace(one, q=worst, verdict=verdict, reason=reason)
    return changed


def _joint(
    figures: Figures, data: LinkData, placed: Sequence[Placed], found: Mapping[Pair, Evidence]
) -> dict[Pair, Evidence]:
    """The evidence of the confirmed links of each KPI that has several, with the effect beside the others."""
    families: dict[tuple[MetricId, Grain], list[tuple[Hypothesis, int]]] = {}
    for one in placed:
        evidence = found[one.link.cpi, one.link.kpi]
        standing = link_state_on(
            figures.workspace, figures.ownership, one.link.cpi, one.link.kpi, figures.clock.today, found
        )
        if standing.state is LinkState.CONFIRMED and evidence.best is not None:
            family = families.setdefault((one.link.kpi, one.compared.grain), [])
            family.append((one.hypothesis, evidence.best.lag or 0))
    changed: dict[Pair, Evidence] = {}
    for (kpi, grain), family in families.items():
        if len(family) > 1:
            effects = _effects(data, kpi, grain, tuple(family))
            changed |= {(cpi, kpi): replace(found[cpi, kpi], joint=effect) for cpi, effect in effects.items()}
    return changed


def _effects(
    data: LinkData, kpi: MetricId, grain: Grain, family: tuple[tuple[Hypothesis, int], ...]
) -> Mapping[MetricId, Effect]:
    from kputui.analysis.evidence.joint import joint  # noqa: PLC0415 - numpy only in the worker
    from kputui.analysis.evidence.season import season_of  # noqa: PLC0415 - only the worker judges

    columns = data.columns((name for one, _ in family for name in (one.cpi, one.kpi, *one.controls)), grain)
    inputs = (family, columns)
    return data.work.memo.kept(
        ("joint", kpi, grain), inputs, lambda: joint(columns, family, grain, season=season_of(grain))
    )
