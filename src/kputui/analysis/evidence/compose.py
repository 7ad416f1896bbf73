"""From the figures of all links to the evidence of each: gates, verdicts, effects, parts."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.diagnose import Diagnoser
from kputui.analysis.evidence.figures import Pairs, part_figures
from kputui.analysis.evidence.judge import ENOUGH_ODDS, Strand, judged
from kputui.analysis.evidence.lags import correlations
from kputui.analysis.evidence.links import LinkNumbers, link_numbers, with_q
from kputui.analysis.evidence.power import more_periods
from kputui.analysis.evidence.refuse import FEWEST_ROWS
from kputui.analysis.evidence.tails import t_quantile
from kputui.analysis.evidence.verdict import Effect, Evidence, LagFigure, Part, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kputui.analysis.evidence.align import Aligned
    from kputui.analysis.evidence.column import Hypothesis
    from kputui.analysis.evidence.figures import LinkFigures
    from kputui.analysis.evidence.whiten import Recipe, Whitened
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain

ALIKE_R = 0.7
"""Two CPIs of one KPI whose whitened values correlate more can't be told apart."""
_FEWEST_IN_PART = 8


@dataclass(frozen=True, slots=True, eq=False)
class Tests:
    """All the numbers: aligned values, one whitened series a recipe, and the figures of each hypothesis' pair."""

    held: Aligned
    hypotheses: tuple[Hypothesis, ...]
    recipes: tuple[Recipe, ...]
    white: Whitened
    pairs: Pairs
    figures: LinkFigures
    grain: Grain
    season: float | None


def composed(
    tests: Tests,
    family: Collection[tuple[MetricId, MetricId]] | None,
    scatter_of: Collection[tuple[MetricId, MetricId]] | None,
) -> Iterator[Evidence]:
    """The evidence of each hypothesis of `tests`, in order; `family` and `scatter_of` as for `weigh`."""
    links = link_numbers(tests.hypotheses, tests.figures)
    diagnoser = Diagnoser(tests.held, tests.recipes, tests.white, tests.pairs, tests.grain, tests.season)
    gates = [_gate(tests, place, link) or diagnoser.season_gate(place) for place, link in enumerate(links)]
    links = with_q(links, [not gate for gate in gates], family)
    parts = _parts(tests, links)
    alike = _alike(tests)
    plain = [_evidence(tests, place, link, gate) for place, (link, gate) in enumerate(zip(links, gates, strict=True))]
    shown = [
        link.best.lag or 0 if one.best is None else one.best.lag or 0 for link, one in zip(links, plain, strict=True)
    ]
    checks = diagnoser.checks(links, shown)
    for place, made in enumerate(plain):
        yield replace(
            made,
            grain=tests.grain,
            checks=() if gates[place] else checks[place],
            parts=parts.get(place, ()),
            alike=alike.get(place, ()),
            scatter=diagnoser.scatter(place, shown[place])
            if scatter_of is None or (made.cpi, made.kpi) in scatter_of
            else (),
        )


def verdicts(tests: Tests) -> list[Verdict]:
    """The verdict of each hypothesis weighed alone, as if no other link were open."""
    diagnoser = Diagnoser(tests.held, tests.recipes, tests.white, tests.pairs, tests.grain, tests.season)
    found = []
    for place, link in enumerate(link_numbers(tests.hypotheses, tests.figures)):
        alone = with_q([link], [True], None)[0]
        if _gate(tests, place, link) or diagnoser.season_gate(place):
            found.append(Verdict.NOT_ENOUGH)
        else:
            found.append(judged(alone.before, alone.together, link.upper(), link.hypothesis.smallest_effect))
    return found


def _gate(tests: Tests, place: int, link: LinkNumbers) -> tuple[str, int | None] | None:
    """Why a link is not judged, and how many periods are missing at least; None when it is."""
    one = link.hypothesis
    for metric, recipe in ((one.cpi, tests.pairs.x[place]), (one.kpi, tests.pairs.y[place])):
        rows = int(np.isfinite(tests.held.values[tests.held.rows[metric]]).sum())
        if not tests.white.usable[recipe] and rows >= FEWEST_ROWS:
            return f"nothing of {metric} is left beside its trend, season and own past", None
    n = min(figure.n for figure in link.declared)
    if link.total is not None:
        n = min(n, link.total.n)
    if n < FEWEST_ROWS:
        missing = FEWEST_ROWS - n
        return f"{n} joint periods; at least {FEWEST_ROWS} are needed, about {missing} more", missing
    return None


def _evidence(tests: Tests, place: int, link: LinkNumbers, gate: tuple[str, int | None] | None) -> Evidence:
    """A link's evidence without what is drawn beside it."""
    one, best = link.hypothesis, link.best
    made = Evidence(
        one.cpi,
        one.kpi,
        Verdict.NOT_ENOUGH,
        "",
        n=best.n,
        best=best,
        total=link.total,
        profile=tuple(figure for lag, figure in link.profile.items() if lag >= 0),
        smallest_effect=one.smallest_effect,
        controls=one.controls,
    )
    if gate is not None:
        reason, missing = gate
        return replace(made, reason=reason, more_periods=missing, best=None, total=None, profile=())
    upper = link.upper()
    verdict = judged(link.before, link.together, upper, one.smallest_effect)
    strand, shown = _telling(link, verdict)
    more = None
    if verdict in {Verdict.NOT_ENOUGH, Verdict.LEANING}:
        more = _more(link, strand, int(tests.figures.spent[place]))
    return replace(
        made,
        verdict=verdict,
        reason=_reason(verdict, strand, upper, one, more),
        n=shown.n,
        best=shown,
        p=strand.p,
        e=strand.e,
        e_opposite=strand.e_opposite,
        q=strand.q,
        upper=upper,
        more_periods=more,
        effect=_effect(shown, float(tests.figures.ratios[shown.lag or 0][place])),
    )


def _telling(link: LinkNumbers, verdict: Verdict) -> tuple[Strand, LagFigure]:
    """The strand that the verdict rests on, and the lag that shows it."""
    one = link.hypothesis
    strands = [strand for strand in (link.before, link.together) if strand is not None]
    if link.together is not None and (verdict is Verdict.TOGETHER or link.before is None):
        return link.together, link.profile[0]
    if verdict is Verdict.CONTRADICTED:
        strand = max(strands, key=lambda found: found.e_opposite)
        lags = [0] if strand is link.together else [figure.lag for figure in link.declared if figure.lag]
        return strand, min((link.profile[lag or 0] for lag in lags), key=lambda figure: one.sign * figure.r)
    strand = strands[0]
    if verdict is not Verdict.CONFIRMED:
        strand = min(strands, key=lambda found: found.p)
    if strand is link.together:
        return strand, link.profile[0]
    return strand, max((figure for figure in link.declared if figure.lag), key=lambda figure: one.sign * figure.r)


def _more(link: LinkNumbers, strand: Strand, spent: int) -> int | None:
    """About how many more periods until the telling strand is sure, or a lead of interest is ruled out."""
    sign = link.hypothesis.sign
    is_together = strand is link.together
    telling = [sign * figure.r for figure in link.declared if (figure.lag == 0) is is_together]
    total = None if link.total is None or is_together else sign * link.total.r
    others = [sign * figure.r for figure in [*link.declared, *([link.total] if link.total else [])]]
    return more_periods(telling, total, max(others), link.best.n, spent, link.hypothesis.smallest_effect)


def _effect(shown: LagFigure, ratio: float) -> Effect:
    """The slope of the whitened KPI on the whitened CPI, with Student's 95 % interval."""
    slope = shown.r * ratio
    half = _quantile(shown.df) * ratio * math.sqrt(max(0.0, 1.0 - shown.r * shown.r) / shown.df)
    return Effect(slope, slope - half, slope + half, shown.lag or 0)


@lru_cache(maxsize=4096)
def _quantile(df: int) -> float:
    return t_quantile(0.025, float(df))


def _reason(verdict: Verdict, strand: Strand, upper: float, one: Hypothesis, more: int | None) -> str:
    """The verdict in plain words."""
    wait = "" if more is None else f"; about {more} more period{'s' if more > 1 else ''}"
    odds = f"{odds_text(strand.e)} against luck"
    if verdict is Verdict.CONFIRMED:
        return f"the CPI leads the KPI as declared, {odds}"
    if verdict is Verdict.TOGETHER:
        return f"both move in the same period, {odds}; which goes first can't be seen"
    if verdict is Verdict.CONTRADICTED:
        return f"the KPI moves the other way than declared, {odds_text(strand.e_opposite)} against luck"
    if verdict is Verdict.REJECTED:
        return f"a lead of r = {one.smallest_effect:g} or more is ruled out: at most {upper:.2f}"
    if verdict is Verdict.LEANING:
        why = f"p = {strand.p:.3f}, but only {odds}"
        if strand.e >= ENOUGH_ODDS:
            why = f"{odds}, but not enough beside so many open links"
        return f"{why}{wait}"
    return f"neither shown nor ruled out: {odds}{wait}"


def odds_text(e: float) -> str:
    """An e-value as odds: "34 : 1", "1 : 5"."""
    if e >= 1.0:
        return f"{min(e, 1e6):,.0f} : 1" if e < 1e6 else "more than 1,000,000 : 1"
    return f"1 : {1.0 / max(e, 1e-6):,.0f}"


def _parts(tests: Tests, links: list[LinkNumbers]) -> dict[int, tuple[Part, ...]]:
    """The same test before and after the day of each declaration, by link."""
    days: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(tests.hypotheses):
        if one.declared is not None:
            days[tests.held.place(one.declared)].append(place)
    found: dict[int, tuple[Part, ...]] = {}
    length = len(tests.held.starts)
    for day, places in days.items():
        chosen = np.array(places)
        pairs = Pairs(*(part[chosen] for part in (tests.pairs.x, tests.pairs.y, tests.pairs.low, tests.pairs.high)))
        hypotheses = [tests.hypotheses[place] for place in places]
        lags = sorted({lag for one in hypotheses for lag in range(one.low, one.high + 1)})
        sides = []
        for name, first, last in (("before", 0, day), ("since", day, length)):
            figures = part_figures(tests.white, pairs, first, last, lags)
            sides.append([(name, link) for link in link_numbers(hypotheses, figures)])
        for place, *both in zip(places, *sides, strict=True):
            found[place] = tuple(_part(name, link, links[place].best.lag or 0) for name, link in both)
    return found


def _part(name: str, link: LinkNumbers, lag: int) -> Part:
    """One part's figures, at the lag that is the strongest over all the data."""
    figure = link.profile[lag]
    if min(one.n for one in link.declared) < _FEWEST_IN_PART:
        return Part(name, figure.n, None, None, None)
    strand = link.before or link.together
    return Part(name, figure.n, figure.r, None if strand is None else strand.p, None if strand is None else strand.e)


def _alike(tests: Tests) -> dict[int, tuple[MetricId, ...]]:
    """The other CPIs of the same KPI that can't be told apart from each link's."""
    by_kpi: dict[MetricId, list[int]] = defaultdict(list)
    for place, one in enumerate(tests.hypotheses):
        by_kpi[one.kpi].append(place)
    found: dict[int, tuple[MetricId, ...]] = {}
    for places in by_kpi.values():
        x = tests.pairs.x[np.array(places)]
        rows = tests.white.valid[x].astype(float)
        values = tests.white.residuals[x]
        between = correlations(values, rows, values, rows)
        close = (np.abs(between.r) > ALIKE_R) & (between.n >= FEWEST_ROWS)
        for i, place in enumerate(places):
            cpi = tests.hypotheses[place].cpi
            others = [tests.hypotheses[places[j]].cpi for j in np.flatnonzero(close[i]).tolist() if places[j] != place]
            if others:
                found[place] = tuple(sorted({other for other in others if other != cpi}))
    return found
