"""All declared links weighed at once: from columns and hypotheses to evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.align import aligned, start_of
from kputui.analysis.evidence.compose import Tests, composed
from kputui.analysis.evidence.figures import Pairs, link_figures
from kputui.analysis.evidence.refuse import MOST_GAPS, Raw
from kputui.analysis.evidence.verdict import Evidence, Verdict
from kputui.analysis.evidence.whiten import Recipe, whiten

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kputui.analysis.evidence.align import Aligned
    from kputui.analysis.evidence.column import Column, Hypothesis
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain

PROFILE_LAGS = 12
"""The lag profile reaches at least so far."""
REVERSE_LAGS = 4
"""So many lags the other way round (the KPI first) are looked at."""


def weigh(
    columns: Sequence[Column],
    hypotheses: Sequence[Hypothesis],
    grain: Grain,
    *,
    season: float | None = None,
    family: Collection[tuple[MetricId, MetricId]] | None = None,
    scatter_of: Collection[tuple[MetricId, MetricId]] | None = None,
) -> dict[tuple[MetricId, MetricId], Evidence]:
    """The evidence for each hypothesis, by (CPI, KPI).

    `columns`: every metric that a hypothesis names as CPI, KPI or control, at `grain`, whole periods only; a metric
    without a column is "not enough data". `season`: the length of a season in periods (see `season.season_of`), None
    for none; it is modelled for series that span two seasons. `family`: the open links, over which false discoveries
    are held down; all hypotheses when None. `scatter_of`: the links whose scatter is wanted, all when None.
    Hypotheses with lags of another grain are to be weighed in another call.

    Refusals by definition (a metric with itself, its part) are the caller's; those by data are made here.
    """
    held = aligned(columns, grain)
    raw = Raw(held.values)
    found: dict[tuple[MetricId, MetricId], Evidence] = {}
    open_ones: list[Hypothesis] = []
    for one in hypotheses:
        refused = _refused(held, raw, one, grain)
        if refused is None:
            open_ones.append(one)
        else:
            found[one.cpi, one.kpi] = refused
    if open_ones:
        for evidence in composed(tests_of(held, open_ones, grain, season), family, scatter_of):
            found[evidence.cpi, evidence.kpi] = evidence
    return {(one.cpi, one.kpi): _dated(held, found[one.cpi, one.kpi], one, grain) for one in hypotheses}


def _refused(held: Aligned, raw: Raw, one: Hypothesis, grain: Grain) -> Evidence | None:
    """Why a link is not tested at all, None when it is."""
    kept = Evidence(
        one.cpi,
        one.kpi,
        Verdict.NOT_ENOUGH,
        "",
        grain=grain,
        smallest_effect=one.smallest_effect,
        controls=one.controls,
    )
    for metric in (one.cpi, one.kpi, *one.controls):
        if metric not in held.rows or not raw.counts[held.rows[metric]]:
            return replace(kept, reason=f"{metric} has no data")
    first, second = held.rows[one.cpi], held.rows[one.kpi]
    same = "a metric can't lead itself" if first == second else raw.same(first, second)
    if same:
        return replace(kept, verdict=Verdict.REFUSED, reason=f"one measure seen from two sides: {same}")
    for metric in (one.cpi, one.kpi):
        if raw.is_constant[held.rows[metric]]:
            return replace(kept, reason=f"{metric} never changes")
    length, *gaps = raw.gaps(first, second)
    if length == 0:
        return replace(kept, reason="the two have no period in common")
    for metric, share in zip((one.cpi, one.kpi), gaps, strict=True):
        if share > MOST_GAPS:
            missing = f"{metric} has no data in {share:.0%} of the {length} periods"
            return replace(kept, reason=f"{missing}; at most {MOST_GAPS:.0%} may be missing", n=length)
    return None


def tests_of(held: Aligned, hypotheses: Sequence[Hypothesis], grain: Grain, season: float | None) -> Tests:
    """All the numbers behind the verdicts, in one go."""
    recipes: dict[Recipe, int] = {}
    places: list[list[int]] = [[], []]
    for one in hypotheses:
        controls = tuple(sorted(held.rows[control] for control in set(one.controls) - {one.cpi, one.kpi}))
        steps = tuple(sorted({held.place(day) for day in one.steps}))
        for side, metric in enumerate((one.cpi, one.kpi)):
            recipe = Recipe(held.rows[metric], controls, steps)
            places[side].append(recipes.setdefault(recipe, len(recipes)))
    white = whiten(held.values, tuple(recipes), season)
    low, high = [one.low for one in hypotheses], [one.high for one in hypotheses]
    pairs = Pairs(*(np.array(part, dtype=np.int64) for part in (*places, low, high)))
    furthest = max(PROFILE_LAGS, max(high) + 1)
    figures = link_figures(white, pairs, range(-REVERSE_LAGS, furthest + 1))
    return Tests(held, tuple(hypotheses), tuple(recipes), white, pairs, figures, grain, season)


def _dated(held: Aligned, evidence: Evidence, one: Hypothesis, grain: Grain) -> Evidence:
    """The evidence with the last day that any of its metrics has a value for."""
    rows = [held.rows[metric] for metric in (one.cpi, one.kpi, *one.controls) if metric in held.rows]
    known = [np.flatnonzero(np.isfinite(held.values[row])) for row in rows]
    last = max((int(places[-1]) for places in known if places.size), default=-1)
    if last < 0:
        return evidence
    return replace(evidence, data_to=start_of(held.starts[0], last + 1, grain) - timedelta(days=1))
