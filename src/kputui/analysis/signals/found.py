"""Signals of a chart: patterns in scores, wide moving ranges, and surprises where neighbours depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from kputui.analysis.signals.limits import moving_ranges, xmr
from kputui.analysis.signals.reading import Limits, Signal
from kputui.analysis.signals.rules import HIGH, NEITHER, patterns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.change.effect import ChangePoint
    from kputui.analysis.signals.dependence import Surprise
    from kputui.analysis.signals.phases import Phase

    Values = NDArray[np.float64]

_NEW_LEVEL: Final = 8
_SURE_P: Final = 0.01


def in_scores(starts: Sequence[date], scores: Values, offset: int, rules: str, newest: int) -> list[Signal]:
    """The patterns of the set `rules` in scores (nan: no value) of the periods from index `offset` on."""
    at = np.flatnonzero(~np.isnan(scores))
    found = []
    for pattern in patterns(scores[at], rules):
        first, last = offset + int(at[pattern.first]), offset + int(at[pattern.last])
        found.append(
            Signal(
                index=last,
                start=starts[last],
                rule=pattern.rule.name,
                text=pattern.words,
                is_high=None if pattern.side == NEITHER else pattern.side == HIGH,
                is_new=last == newest,
                first=first,
                since=starts[first],
            )
        )
    return found


def in_ranges(starts: Sequence[date], values: Values, phase: Phase) -> list[Signal]:
    """Moving ranges above their limit. They are drawn and never alert: that would double the false alarms."""
    if phase.upper_range is None:
        return []
    ranges = moving_ranges(values[phase.first : phase.behind])
    wide = (np.flatnonzero(ranges > phase.upper_range) + phase.first).tolist()
    text = "a larger jump than the range limit"
    return [Signal(i, starts[i], "range", text, None, is_new=False, first=i - 1, since=starts[i - 1]) for i in wide]


def in_shifts(starts: Sequence[date], shifts: Sequence[ChangePoint], newest: int) -> list[Signal]:
    """Detected shifts as signals, at the first period of the new level.

    New while that level is at most 8 periods old, and only with p of at most 0.01: the test for shifts is asked again
    each period, and must not double the false alarms of the rules.
    """
    return [
        Signal(
            index=shift.index,
            start=starts[shift.index],
            rule="shift",
            text=_shift_words(shift),
            is_high=shift.step > 0,
            is_new=newest - shift.index < _NEW_LEVEL and shift.p <= _SURE_P,
            first=shift.index,
            since=starts[shift.index],
        )
        for shift in shifts
    ]


def _shift_words(shift: ChangePoint) -> str:
    level = "higher" if shift.step > 0 else "lower"
    return f"a shift to a {level} level" + (" than the trend before" if shift.is_beside_trend else "")


def in_surprises(starts: Sequence[date], left: Surprise, rules: str, newest: int) -> tuple[list[Signal], Limits | None]:
    """The patterns in one-step residuals, and the residuals' own limits (None when they don't vary)."""
    found = xmr(left.residuals)
    if found is None:
        return [], None
    scores = (left.residuals - found.centre) / found.sigma
    n = len(scores)
    limits = Limits(0, (found.centre,) * n, (found.lower,) * n, (found.upper,) * n, found.upper_range)
    return in_scores(starts, scores, 0, rules, newest), limits
