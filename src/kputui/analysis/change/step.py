"""A known date: the level after it against before it."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from kputui.analysis.change import autoregression
from kputui.analysis.change.effect import StepChange
from kputui.analysis.change.sample import base_design, known
from kputui.analysis.change.scan import with_steps
from kputui.analysis.tails import t_quantile, t_two_sided

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kputui.analysis.change.autoregression import Whitened
    from kputui.analysis.change.sample import Known

LEAST_BEFORE: Final = 8
LEAST_AFTER: Final = 6
MOST_RANK: Final = 0.10
"""A step counts as shown when at most this share of the placebo dates looks as strong."""

_PLACEBO_MARGIN: Final = 4
_FEWEST_PLACEBOS: Final = 9


def step_change(
    starts: Sequence[date], values: Sequence[float | None], day: date, *, season: int | None = None
) -> StepChange:
    """The step at `day` with its 95 % interval and its rank among placebo dates; see StepChange.

    `starts` and `values` are whole periods, oldest first; None is "no data". "After" are the periods that
    start on `day` or later (a period that contains the day without starting on it belongs to neither side).
    `season`: periods to a year or week, used when two full ones are there. An interrupted series with level, trend,
    season and AR(1) errors. Never raises for data: with fewer than 8 points before or 6 after, or a constant
    series, `refusal` says so.
    """
    straddled = max((i for i, start in enumerate(starts) if start < day), default=None)
    if straddled is not None and not _ends_before(starts, straddled, day):
        values = [None if i == straddled else value for i, value in enumerate(values)]
    sample = known(values)
    is_after = np.array([starts[i] >= day for i in sample.at.tolist()], dtype=np.bool_)
    after, before = int(is_after.sum()), int((~is_after).sum())
    refusal = ""
    if before < LEAST_BEFORE:
        refusal = f"not enough points yet (has {before} before, needs {LEAST_BEFORE})"
    elif after < LEAST_AFTER:
        refusal = f"not enough points yet (has {after} after, needs {LEAST_AFTER})"
    elif not sample.scale:
        refusal = "the values do not vary"
    if refusal:
        return StepChange(day=day, refusal=refusal, before=before, after=after)
    bases = _bases(sample.at.tobytes(), season)
    fit = autoregression.with_each(sample.values, bases, is_after.astype(np.float64)[:, None])
    t, step, error = float(fit.t[0]), float(fit.coefficient[0]) * sample.scale, float(fit.error[0]) * sample.scale
    reach = t_quantile(0.025, fit.df) * error
    rank = _placebo_rank(sample, before, season, abs(t))
    return StepChange(
        day=day,
        step=step,
        low=step - reach,
        high=step + reach,
        p=float(t_two_sided(t, fit.df)),
        placebo_rank=rank,
        is_shown=(step - reach > 0 or step + reach < 0) and rank is not None and rank <= MOST_RANK,
        before=before,
        after=after,
        mean_before=float(sample.values[~is_after].mean()) * sample.scale,
        mean_after=float(sample.values[is_after].mean()) * sample.scale,
    )


@lru_cache(maxsize=2)
def _bases(at: bytes, season: int | None) -> tuple[Whitened, ...]:
    """The base design for known values at these periods: one metric has many days, and many metrics have the same."""
    places = np.frombuffer(at, dtype=np.int64)
    return autoregression.whitened(base_design(places, season), np.diff(places), autoregression.FINE)


def _ends_before(starts: Sequence[date], index: int, day: date) -> bool:
    """Whether the period ends before `day`: the next one starts by then (after the last, a shortest period fits)."""
    if index + 1 < len(starts):
        return starts[index + 1] <= day
    length = min((after - before for before, after in pairwise(starts)), default=None)
    return length is not None and starts[index] + length <= day


def _placebo_rank(sample: Known, before: int, season: int | None, strength: float) -> float | None:
    """(1 + placebo dates with |t| of at least `strength`) / (1 + placebo dates), on the points before alone.

    Dates with 4 points on each side; None with fewer than 9 of them.
    """
    splits = np.arange(_PLACEBO_MARGIN, before - _PLACEBO_MARGIN + 1)
    if len(splits) < _FEWEST_PLACEBOS:
        return None
    values, at = sample.values[:before], sample.at[:before]
    bases = autoregression.whitened(base_design(at, season), np.diff(at), autoregression.COARSE)
    stronger = np.abs(with_steps(values, bases, splits).t) >= strength
    return (1 + int(stronger.sum())) / (1 + len(splits))
