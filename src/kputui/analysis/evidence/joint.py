"""The confirmed CPIs of one KPI fitted together: what each adds beside the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.evidence.align import aligned
from kputui.analysis.evidence.fit import least_squares
from kputui.analysis.evidence.lags import shifted
from kputui.analysis.evidence.refuse import FEWEST_ROWS
from kputui.analysis.evidence.verdict import Effect
from kputui.analysis.evidence.whiten import Recipe, whiten
from kputui.analysis.tails import t_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.analysis.evidence.align import Aligned
    from kputui.analysis.evidence.column import Column, Hypothesis
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain

_SINGULAR = 1e-6


def joint(
    columns: Sequence[Column],
    confirmed: Sequence[tuple[Hypothesis, int]],
    grain: Grain,
    *,
    season: float | None = None,
) -> Mapping[MetricId, Effect]:
    """The effect of each CPI when all `confirmed` links of one KPI are fitted together, by CPI.

    `confirmed`: each hypothesis (all of the same KPI) with the lag at which it counts (`Evidence.best.lag`). The
    whitened KPI is regressed on all whitened CPIs; all controls and known steps go into each whitening. Empty when
    there are fewer than two CPIs with data, fewer than 30 common rows, or when they can't be told apart (singular).
    """
    held = aligned(columns, grain)
    known = [(one, lag) for one, lag in confirmed if one.cpi in held.rows and one.kpi in held.rows]
    if len(known) < 2:
        return {}
    white = whiten(held.values, _recipes(held, [one for one, _ in known]), season)
    rows = white.valid[0].astype(float)
    for place, (_, lag) in enumerate(known, start=1):
        rows = rows * shifted(white.valid[place].astype(float), lag)
    n = int(rows.sum())
    df = n - int(white.parameters.max()) - len(known)
    if n < FEWEST_ROWS or df < 2 or not bool(white.usable.all()):
        return {}
    leads = [shifted(white.residuals[place], lag) for place, (_, lag) in enumerate(known, start=1)]
    scales = [float(np.sqrt((lead * lead * rows).sum() / n)) for lead in leads]
    design = np.stack([rows, *(lead / scale * rows for lead, scale in zip(leads, scales, strict=True))], axis=1)
    if float(np.abs(np.diag(np.linalg.qr(design)[1])).min()) < _SINGULAR * np.sqrt(n):
        return {}
    return _effects(white.residuals[0] * rows, design, df, scales, known)


def _recipes(held: Aligned, hypotheses: Sequence[Hypothesis]) -> tuple[Recipe, ...]:
    """The KPI's whitening, then each CPI's, with the controls and steps of all links."""
    used = {one.kpi for one in hypotheses} | {one.cpi for one in hypotheses}
    named = {control for one in hypotheses for control in one.controls if control in held.rows} - used
    controls = tuple(sorted(held.rows[control] for control in named))
    steps = tuple(sorted({held.place(day) for one in hypotheses for day in one.steps}))
    rows = [held.rows[hypotheses[0].kpi], *(held.rows[one.cpi] for one in hypotheses)]
    return tuple(Recipe(row, controls, steps) for row in rows)


def _effects(
    kpi: np.ndarray, design: np.ndarray, df: int, scales: list[float], known: Sequence[tuple[Hypothesis, int]]
) -> dict[MetricId, Effect]:
    fit = least_squares(design, kpi)
    inverse = np.linalg.inv(fit.triangle)
    spread = np.sqrt(np.einsum("jk,jk->j", inverse, inverse) * float(fit.rss) / df)
    wide = t_quantile(0.025, float(df))
    found: dict[MetricId, Effect] = {}
    for place, (one, lag) in enumerate(known, start=1):
        slope, half = (
            float(fit.coefficients[place]) / scales[place - 1],
            wide * float(spread[place]) / scales[place - 1],
        )
        found[one.cpi] = Effect(slope, slope - half, slope + half, lag)
    return found
