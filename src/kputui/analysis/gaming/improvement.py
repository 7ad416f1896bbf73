"""One-sided tests that several questions share: did a series get better, or worse, from a date on?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from kputui.analysis.change import autoregression
from kputui.analysis.change.sample import base_design, known
from kputui.analysis.tails import t_upper

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.gaming.question import Sample

    Values = NDArray[np.float64]

MOST_P: Final = 0.05
LEAST_BEFORE: Final = 8
LEAST_AFTER: Final = 6
_TREND_T: Final = 2.0


@dataclass(frozen=True, slots=True)
class Move:
    """A level after a date against before it: `step` in the value's unit, one-sided p for a rise and for a fall."""

    step: float
    p_rise: float
    p_fall: float
    before: int
    after: int

    def p_better(self, *, is_higher_better: bool) -> float:
        """The p of the direction that is better."""
        return self.p_rise if is_higher_better else self.p_fall

    def p_worse(self, *, is_higher_better: bool) -> float:
        """The p of the direction that is worse."""
        return self.p_fall if is_higher_better else self.p_rise


def too_few(starts: Sequence[date], values: Sequence[float | None], since: date, least_after: int = LEAST_AFTER) -> str:
    """Why it can't be told yet, or "" when there are 8 points before `since` and `least_after` from it on."""
    days = [start for start, value in zip(starts, values, strict=True) if value is not None]
    after = sum(day >= since for day in days)
    if len(days) - after < LEAST_BEFORE:
        return f"cannot tell (has {len(days) - after} points before, needs {LEAST_BEFORE})"
    return f"cannot tell yet (has {after} points after, needs {least_after})" if after < least_after else ""


def move_at(
    starts: Sequence[date],
    values: Sequence[float | None],
    since: date,
    *,
    season: int | None = None,
    given: Sequence[float] | None = None,
) -> Move | None:
    """The step from `since` on, beside level, season, AR(1) errors and the trend that was there before.

    `given`: one more series in the design (a value for each period with a value); the step is then what it
    does not explain. None when nothing varies or too few points are left.
    """
    sample = known(values)
    is_after = np.array([starts[i] >= since for i in sample.at.tolist()], dtype=np.float64)
    before = int((is_after == 0).sum())
    if not sample.scale or before < LEAST_BEFORE or before == len(sample.at):
        return None
    extra = None if given is None else np.array(given, dtype=np.float64)[sample.at]
    design = base_design(sample.at, season, has_trend=False)
    if extra is not None and np.ptp(extra) > 0:
        design = np.column_stack([design, (extra - extra.mean()) / extra.std()])
    trend = ((sample.at - sample.at.mean()) / len(sample.at))[:, None]
    if np.linalg.matrix_rank(design[:before]) == design.shape[1]:
        early = autoregression.whitened(design[:before], sample.gaps[: before - 1], autoregression.COARSE)
        if before > design.shape[1] + 3:
            fit = autoregression.with_each(sample.values[:before], early, trend[:before])
            if abs(float(fit.t[0])) > _TREND_T:
                design = np.column_stack([design, trend])
    if len(sample.at) < design.shape[1] + 4:
        return None
    bases = autoregression.whitened(design, sample.gaps, autoregression.COARSE)
    fit = autoregression.with_each(sample.values, bases, is_after[:, None])
    t = float(fit.t[0])
    return Move(
        step=float(fit.coefficient[0]) * sample.scale,
        p_rise=float(t_upper(t, fit.df)),
        p_fall=float(t_upper(-t, fit.df)),
        before=before,
        after=int(is_after.sum()),
    )


def drift(values: Sequence[float | None], season: int | None = None) -> Move | None:
    """The trend over all the values, as a rise from first to last; None with fewer than 12 of them."""
    sample = known(values)
    if not sample.scale or len(sample.at) < 12:
        return None
    design = base_design(sample.at, season, has_trend=False)
    bases = autoregression.whitened(design, sample.gaps, autoregression.COARSE)
    trend = ((sample.at - sample.at.mean()) / (sample.at[-1] - sample.at[0]))[:, None]
    fit = autoregression.with_each(sample.values, bases, trend)
    t = float(fit.t[0])
    return Move(
        step=float(fit.coefficient[0]) * sample.scale,
        p_rise=float(t_upper(t, fit.df)),
        p_fall=float(t_upper(-t, fit.df)),
        before=0,
        after=len(sample.at),
    )


def improved(metric: Sample, since: date) -> tuple[Move | None, bool]:
    """The metric's step at `since`, and whether it is one for the better (one-sided p of at most 0.05)."""
    move = move_at(metric.starts, metric.values, since, season=metric.season)
    return move, move is not None and move.p_better(is_higher_better=metric.is_higher_better) <= MOST_P
