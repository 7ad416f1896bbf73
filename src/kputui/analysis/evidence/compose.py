"""From the figures of all links to the evidence of each: gates, verdicts, effects, parts."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.diagnose import Diagnoser
from kputui.analysis.evidence.figures import Pairs, part_figures
from kputui.analysis.evidence.judge import ENOUGH_ODDS, Strand, judged
from kputui.analysis.evidence.lags import correlations
from kputui.analysis.evidence.links import LinkNumbers, link_numbers, with_q
from kputui.analysis.evidence.power import Undecided, more_periods
from kputui.analysis.evidence.refuse import FEWEST_ROWS
from kputui.analysis.evidence.verdict import Effect, Evidence, Part, Verdict
from kputui.analysis.tails import t_quantile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kputui.analysis.evidence.align import Aligned
    from kputui.analysis.evidence.column import Hypothesis
    from kputui.analysis.evidence.figures import LinkFigures
    from kputui.analysis.evidence.verdict import LagFigure
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
    judgements = [_judgement(link) for link in links]
    waits = _waits(tests, links, judgements)
    shown = [judgement.shown.lag or 0 for judgement in judgements]
    checks = diagnoser.checks(links, shown)
    for place, (link, judgement, gate) in enumerate(zip(links, judgements, gates, strict=True)):
        ratio = float(tests.figures.ratios[shown[place]][place])
        made = _gated(link, *gate) if gate else _evidence(link, judgement, ratio, waits.get(place))
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
    n = min(figure.n for figure in [*link.declared, *([link.total] if link.total else [])])
    for metric, recipe in ((one.cpi, tests.pairs.x[place]), (one.kpi, tests.pairs.y[place])):
        if tests.white.usable[recipe]:
            continue
        rows = int(np.isfinite(tests.held.values[tests.held.rows[metric]]).sum())
        if rows >= FEWEST_ROWS:
            return f"nothing of {metric} is left beside its trend, season and own past", None
        n = max(0, min(rows - one.high, FEWEST_ROWS - 1))
    if n < FEWEST_ROWS:
        missing = FEWEST_ROWS - n
        return f"{n} joint periods; at least {FEWEST_ROWS} are needed, about {missing} more", missing
    return None


@dataclass(frozen=True, slots=True)
class _Judgement:
    """A verdict, the strand that it rests on, and the lag that shows it."""

    verdict: Verdict
    strand: Strand
    shown: LagFigure


def _judgement(link: LinkNumbers) -> _Judgement:
    """The verdict of a link, the gates apart."""
    one = link.hypothesis
    verdict = judged(link.before, link.together, link.upper(), one.smallest_effect)
    strands = [strand for strand in (link.before, link.together) if strand is not None]
    strand = strands[0]
    sign = one.sign
    if verdict is Verdict.TOGETHER:
        strand = strands[-1]
    elif verdict is Verdict.CONTRADICTED:
        strand, sign = max(strands, key=lambda found: found.e_opposite), -one.sign
    elif verdict is not Verdict.CONFIRMED:
        strand = min(strands, key=lambda found: found.p)
    lags = [figure for figure in link.declared if (figure.lag == 0) is (strand is link.together)]
    return _Judgement(verdict, strand, max(lags, key=lambda figure: sign * figure.r))


def _gated(link: LinkNumbers, reason: str, missing: int | None) -> Evidence:
    """A link that is not judged, and why."""
    one = link.hypothesis
    return Evidence(
        one.cpi,
        one.kpi,
        Verdict.NOT_ENOUGH,
        reason,
        n=link.best.n,
        smallest_effect=one.smallest_effect,
        controls=one.controls,
        more_periods=missing,
    )


def _evidence(link: LinkNumbers, judgement: _Judgement, ratio: float, more: int | None) -> Evidence:
    """A judged link's evidence without what is drawn beside it; `ratio` of the sds at the lag shown."""
    one, strand, shown = link.hypothesis, judgement.strand, judgement.shown
    upper = link.upper()
    return Evidence(
        one.cpi,
        one.kpi,
        judgement.verdict,
        _reason(judgement.verdict, strand, upper, one, more),
        n=shown.n,
        p=strand.p,
        e=strand.e,
        e_opposite=strand.e_opposite,
        q=strand.q,
        best=shown,
        total=link.total,
        profile=tuple(figure for lag, figure in link.profile.items() if lag >= 0),
        upper=upper,
        smallest_effect=one.smallest_effect,
        more_periods=more,
        effect=_effect(shown, ratio),
        controls=one.controls,
    )


def _waits(tests: Tests, links: Sequence[LinkNumbers], judgements: Sequence[_Judgement]) -> dict[int, int | None]:
    """About how many more periods each undecided link needs, by place."""
    undecided: dict[int, Undecided] = {}
    for place, (link, judgement) in enumerate(zip(links, judgements, strict=True)):
        if judgement.verdict not in {Verdict.NOT_ENOUGH, Verdict.LEANING}:
            continue
        sign, is_together = link.hypothesis.sign, judgement.strand is link.together
        singles = [sign * figure.r for figure in link.declared if (figure.lag == 0) is is_together]
        total = None if link.total is None or is_together else sign * link.total.r
        highest = max(sign * figure.r for figure in [*link.declared, *([link.total] if link.total else [])])
        spent = int(tests.figures.spent[place])
        undecided[place] = Undecided(singles, total, highest, link.best.n, spent, link.hypothesis.smallest_effect)
    return dict(zip(undecided, more_periods(list(undecided.values())), strict=True))


def _effect(shown: LagFigure, ratio: float) -> Effect:
    """The slope of the whitened KPI on the whitened CPI, with Student's 95 % interval."""
    slope = shown.r * ratio
    half = t_quantile(0.025, float(shown.df)) * ratio * math.sqrt(max(0.0, 1.0 - shown.r * shown.r) / shown.df)
    return Effect(slope, slope - half, slope + half, shown.lag or 0)


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
    strand = link.before if lag > 0 else link.together
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
