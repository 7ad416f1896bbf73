"""Rare events: a chart of the time between them, because counts of 0 and 1 have no useful limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from kputui.analysis.signals.judged import firmness_of, variation_of
from kputui.analysis.signals.limits import LEAST_POINTS, xmr
from kputui.analysis.signals.phases import period_length
from kputui.analysis.signals.reading import ProcessChart, Signal, TimeBetween
from kputui.analysis.signals.rules import HIGH, NEITHER, RUN_LENGTHS, patterns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.signals.charting import Charting

    Values = NDArray[np.float64]

_POWER: Final = 1 / 3.6
"""Makes exponential times nearly normal: Nelson, Journal of Quality Technology 26 (1994) 202-205."""


def time_between(starts: Sequence[date], values: Values, charting: Charting) -> ProcessChart:
    """The chart of days between events, from counts a period (nan: no data, taken as time that passed).

    The events of one period are spread evenly over it. Limits of the transformed times (power 1/3.6) hold; `between`
    gives them in days, `limits` is empty. A signal lies at the period of its last event; an unusually long time without
    an event, up to the end of the newest period, is one too. `is_high`: towards more events.
    """
    days, periods, end = _events(starts, values)
    gaps = np.diff(days)
    if len(gaps) < LEAST_POINTS:
        why = f"too few events yet (has {len(days)}, needs {LEAST_POINTS + 1})"
        return ProcessChart(refusal=why, kind="time between", rules=charting.rules, n=len(gaps))
    found = xmr(gaps**_POWER)
    if found is None:
        return ProcessChart(refusal="the times do not vary", kind="time between", rules=charting.rules, n=len(gaps))
    newest = int(np.flatnonzero(~np.isnan(values))[-1])
    signals = []
    for pattern in patterns((gaps**_POWER - found.centre) / found.sigma, charting.rules):
        first, last = int(periods[pattern.first + 1]), int(periods[pattern.last + 1])
        side = None if pattern.side == NEITHER else pattern.side != HIGH
        is_new = last == newest and pattern.last == len(gaps) - 1
        text = f"time between events: {pattern.words}"
        signals.append(Signal(last, starts[last], pattern.rule.name, text, side, is_new, first, starts[first]))
    between = TimeBetween(*(max(each, 0.0) ** (1 / _POWER) for each in (found.lower, found.centre, found.upper)))
    open_days = end - float(days[-1])
    if open_days > between.upper:
        text = f"{open_days:.0f} days without an event; usual are up to {between.upper:.0f}"
        first = int(periods[-1])
        signals.append(Signal(newest, starts[newest], "outside", text, False, True, first, starts[first]))  # noqa: FBT003
    ordered = tuple(sorted(signals, key=lambda signal: (signal.index, signal.first)))
    return ProcessChart(
        kind="time between",
        rules=charting.rules,
        run_length=RUN_LENGTHS[charting.rules],
        n=len(gaps),
        firmness=firmness_of(len(gaps)),
        signals=ordered,
        variation=variation_of(ordered, charting, float(values[newest]), float(np.nanmean(values))),
        between=between,
        notes=("less than one event in two periods: the time between them is judged",),
    )


def _events(starts: Sequence[date], values: Values) -> tuple[Values, NDArray[np.int64], float]:
    """Each event's day (as a number) and period, and the day after the newest period."""
    ordinals = np.array([start.toordinal() for start in starts], dtype=np.float64)
    behind = np.append(ordinals[1:], ordinals[-1] + period_length(starts).days)
    counts = np.nan_to_num(values).astype(np.int64)
    periods = np.repeat(np.arange(len(counts)), counts)
    within = np.concatenate([(np.arange(count) + 0.5) / count for count in counts if count])
    return ordinals[periods] + within * (behind - ordinals)[periods], periods, float(behind[-1])
