"""Phases of a chart: each has its own limits, in the value's unit, and scores for the rules."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from kputui.analysis.signals.limits import moving_ranges, xmr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.signals.charting import Charting

    Values = NDArray[np.float64]

_MOST_DISPERSION: Final = 3.0
"""Counts that vary more than this many times what chance explains are drawn as XmR."""

_LEAST_EXPECTED: Final = 5.0
"""Expected events (and non-events) a period below which p and u limits are rough."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase, periods `first` up to, not including, `behind`; arrays have an entry a period of the phase.

    `centre`, `lower` and `upper` are in the value's unit; `scores` are (value - centre) / sigma, nan without a
    value; `n` points made the limits, `upper_range` is the moving range's limit (None for p and u). A phase whose
    limits can't be computed is None in its place.
    """

    first: int
    behind: int
    kind: str
    centre: Values
    lower: Values
    upper: Values
    scores: Values
    n: int
    upper_range: float | None = None
    notes: tuple[str, ...] = field(default=())


def period_length(starts: Sequence[date]) -> timedelta:
    """The shortest time between two periods' first days; a day when there is only one period."""
    return min((after - before for before, after in pairwise(starts)), default=timedelta(1))


def first_indexes(starts: Sequence[date], days: Sequence[date]) -> tuple[int, ...]:
    """The first period of each phase: 0, and the periods that contain one of `days` (days outside are left out)."""
    firsts = {0}
    for day in days:
        at = max((i for i, start in enumerate(starts) if start <= day), default=0)
        if at + 1 < len(starts) or day < starts[-1] + period_length(starts):
            firsts.add(at)
    return tuple(sorted(firsts))


class Scale(Enum):
    """On what the limits of single values are computed: they are shown in the value's unit all the same."""

    PLAIN = "XmR"
    LOG = "log XmR"
    ROOT = "square root XmR"

    def made(self, values: Values) -> Values:
        """Values on this scale."""
        if self is Scale.LOG:
            return np.log(values)
        return np.sqrt(values) if self is Scale.ROOT else values

    def shown(self, made: float) -> float:
        """A figure on this scale in the value's unit."""
        if self is Scale.LOG:
            return math.exp(made)
        return max(made, 0.0) ** 2 if self is Scale.ROOT else made


_SCALE_NOTES: Final = MappingProxyType(
    {
        Scale.PLAIN: (),
        Scale.LOG: ("the values are skewed: limits are made on logarithms",),
        Scale.ROOT: ("few events a period: limits are made on square roots",),
    }
)


def xmr_phase(values: Values, base: NDArray[np.bool_], first: int, scale: Scale = Scale.PLAIN) -> Phase | None:
    """Mean and moving range limits of one phase's values; `base` marks those that make the limits."""
    made = scale.made(values)
    found = xmr(np.where(base, made, np.nan))
    if found is None:
        return None
    size = len(values)
    return Phase(
        first=first,
        behind=first + size,
        kind=scale.value,
        centre=np.full(size, scale.shown(found.centre)),
        lower=np.full(size, scale.shown(found.lower)),
        upper=np.full(size, scale.shown(found.upper)),
        scores=(made - found.centre) / found.sigma,
        n=int((base & ~np.isnan(values)).sum()),
        upper_range=found.upper_range if scale is Scale.PLAIN else None,
        notes=_SCALE_NOTES[scale],
    )


def counted_phase(
    values: Values, denominators: Values, base: NDArray[np.bool_], first: int, *, is_share: bool
) -> Phase | None:
    """Limits p (`is_share`) or u of one phase: wider where the denominator is small.

    Where chance alone explains neither more nor less than what is seen, plain limits; else those of Laney, Quality
    Engineering 14 (2002) 531-537 (p', u'); None when even those do not fit (XmR is better), or with too few points.
    """
    used = base & ~np.isnan(values) & (denominators > 0)
    total = float(denominators[used].sum())
    if used.sum() < 6 or not total > 0:
        return None
    centre = float((values[used] * denominators[used]).sum()) / total
    spread = centre * (1 - centre) if is_share else centre
    if not spread > 0:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma = np.where(denominators > 0, np.sqrt(spread / denominators), np.nan)
        scores = (values - centre) / sigma
    ranges = moving_ranges(np.where(used, scores, np.nan))
    ranges = ranges[~np.isnan(ranges)]
    dispersion = float(ranges.mean()) / 1.128 if len(ranges) >= 5 else 1.0
    is_plain = abs(dispersion - 1) <= 2 * 0.83 / math.sqrt(max(len(ranges), 5))
    if dispersion > _MOST_DISPERSION or not dispersion > 0:
        return None
    name = "p" if is_share else "u"
    notes = []
    if not is_plain:
        sigma, scores = sigma * dispersion, scores / dispersion
        notes.append(f"the values vary {dispersion:.1f} times as much as chance alone: {name}' limits")
    expected = float(np.median(denominators[used])) * (min(centre, 1 - centre) if is_share else centre)
    if expected < _LEAST_EXPECTED:
        notes.append(f"limits are rough: only about {expected:.1f} counted a period")
    return Phase(
        first=first,
        behind=first + len(values),
        kind=name if is_plain else f"{name}'",
        centre=np.full(len(values), centre),
        lower=centre - 3 * sigma,
        upper=centre + 3 * sigma,
        scores=scores,
        n=int(used.sum()),
        notes=tuple(notes),
    )


def base_of(starts: Sequence[date], charting: Charting, first: int, *, is_last: bool) -> NDArray[np.bool_]:
    """Which periods of the phase that begins with `first` make its limits: all, or those up to `freeze_at`."""
    base = np.ones(len(starts), dtype=np.bool_)
    if is_last and charting.freeze_at is not None and charting.freeze_at >= starts[first]:
        base = np.array([start <= charting.freeze_at for start in starts], dtype=np.bool_)
    return base
