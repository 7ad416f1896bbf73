"""What a chart's limits and signals mean: firmness, variation, assurance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.signals.reading import Assurance, Firmness, Variation
from kputui.model.metric import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from kputui.analysis.signals.charting import Charting
    from kputui.analysis.signals.phases import Phase
    from kputui.analysis.signals.reading import Signal


def firmness_of(points: int) -> Firmness:
    """How far limits made of so many points can be trusted: 6 provisional, 12 limits, 24 firm."""
    if points < 6:
        return Firmness.NONE
    if points < 12:
        return Firmness.PROVISIONAL
    return Firmness.LIMITS if points < 24 else Firmness.FIRM


def variation_of(signals: Iterable[Signal], charting: Charting, newest: float, centre: float) -> Variation:
    """What the newest signals are; one for the worse outweighs those for the better.

    A metric to be held at its target improves when `newest` is nearer the target than the `centre`.
    """
    sides = [signal.is_high for signal in signals if signal.is_new]
    if not sides:
        return Variation.COMMON
    sided = [side for side in sides if side is not None]
    if charting.direction is Direction.NEUTRAL or not sided:
        return Variation.CHANGE
    if charting.direction is Direction.MAINTAIN:
        if charting.target is None:
            return Variation.CHANGE
        is_nearer = abs(newest - charting.target) < abs(centre - charting.target)
        return Variation.IMPROVEMENT if is_nearer else Variation.CONCERN
    is_better_high = charting.direction is Direction.INCREASE
    return Variation.IMPROVEMENT if all(side == is_better_high for side in sided) else Variation.CONCERN


def assurance_of(
    values: NDArray[np.float64], phase: Phase, charting: Charting, *, is_residual: bool
) -> Assurance | None:
    """The limits in force against the target; None without a target or without a better direction.

    Where neighbours depend on each other the moving range is too small, so the phase's own spread
    (3 standard deviations) takes its place.
    """
    target = charting.target
    if target is None or charting.direction not in (Direction.INCREASE, Direction.DECREASE):
        return None
    lower, upper = _newest(phase.lower), _newest(phase.upper)
    if is_residual:
        spread = 3 * float(np.nanstd(values[phase.first : phase.behind], ddof=1))
        lower, upper = min(lower, float(phase.centre[-1]) - spread), max(upper, float(phase.centre[-1]) + spread)
    is_above, is_below = lower >= target, upper <= target
    if charting.direction is Direction.INCREASE:
        is_below = upper < target
    else:
        is_above = lower > target
    if not (is_above or is_below):
        return Assurance.INCONSISTENT
    is_pass = is_above if charting.direction is Direction.INCREASE else is_below
    return Assurance.CONSISTENT_PASS if is_pass else Assurance.CONSISTENT_FAIL


def _newest(limits: NDArray[np.float64]) -> float:
    known = limits[~np.isnan(limits)]
    return float(known[-1])
