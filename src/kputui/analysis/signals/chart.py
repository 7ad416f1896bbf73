"""The process behaviour chart of one metric: limits, signals, variation and assurance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kputui.analysis.signals import dependence, kinds, phases, rare
from kputui.analysis.signals.charting import Charting
from kputui.analysis.signals.found import in_ranges, in_scores, in_shifts, in_surprises
from kputui.analysis.signals.judged import assurance_of, firmness_of, variation_of
from kputui.analysis.signals.limits import LEAST_POINTS
from kputui.analysis.signals.phases import Scale
from kputui.analysis.signals.reading import Limits, ProcessChart
from kputui.analysis.signals.rules import RUN_LENGTHS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from kputui.analysis.signals.phases import Phase
    from kputui.analysis.signals.reading import Signal

    Values = NDArray[np.float64]

_PLAIN = Charting()


@dataclass(frozen=True, slots=True)
class _Given:
    """What a chart is made of, as arrays; `firsts` are the first periods of its phases."""

    starts: tuple[date, ...]
    values: Values
    denominators: Values | None
    charting: Charting
    firsts: tuple[int, ...]

    @property
    def newest(self) -> int:
        """The newest period with a value."""
        return int(np.flatnonzero(~np.isnan(self.values))[-1])


def process_chart(
    starts: Sequence[date],
    values: Sequence[float | None],
    charting: Charting = _PLAIN,
    denominators: Sequence[float | None] | None = None,
) -> ProcessChart:
    """The chart of whole periods, oldest first; never raises for data, `refusal` says why there is no chart.

    `starts` and `values` have one entry a whole period (leave out running and cut ones); None is "no data" and is
    skipped, never bridged. `denominators`: what each value was divided by (values are then numerator / denominator,
    a share or a rate per unit); p and u limits follow from them. The figures' indexes are those of `values`.
    Only the newest period with a value alerts (`Signal.is_new`). ValueError for an unknown set of rules.
    """
    if charting.rules not in RUN_LENGTHS:
        raise ValueError(f"unknown rules {charting.rules!r}: one of {', '.join(RUN_LENGTHS)}")
    array = _array(values)
    present = array[~np.isnan(array)]
    if len(present) < LEAST_POINTS:
        return _refused(charting, len(present), f"not enough points yet (has {len(present)}, needs {LEAST_POINTS})")
    if present.min() == present.max():
        return _refused(charting, len(present), "the values do not vary")
    given = _Given(
        starts=tuple(starts),
        values=array,
        denominators=None if denominators is None else _array(denominators),
        charting=charting,
        firsts=phases.first_indexes(starts, (*charting.rebase_at, *(shift.day for shift in charting.shifts))),
    )
    if given.denominators is None and charting.kind is None and kinds.are_rare_events(present):
        return rare.time_between(given.starts, array, charting)
    return _drawn(given)


def _drawn(given: _Given) -> ProcessChart:
    charting = given.charting
    drawn = _phases(given)
    last = next((each for each in reversed(drawn) if each is not None), None)
    n = int((~np.isnan(given.values)).sum())
    if last is None:
        return _refused(charting, n, "too few points side by side for limits")
    in_force = drawn[-1]
    findings = _findings(given, [phase for phase in drawn if phase is not None], n)
    notes = (*last.notes, *findings.notes)
    if last.kind == Scale.PLAIN.value and kinds.are_rough(given.values[~np.isnan(given.values)]):
        notes += ("the values are skewed: the upper limit is rough until there are 24 points",)
    if in_force is None:
        has = int((~np.isnan(given.values[given.firsts[-1] :])).sum())
        notes += (f"new limits need {LEAST_POINTS} points (has {has} since {given.starts[given.firsts[-1]]})",)
    shifts = in_shifts(given.starts, charting.shifts, given.newest)
    signals = tuple(sorted([*findings.signals, *shifts], key=lambda signal: (signal.index, signal.first, signal.rule)))
    is_residual = findings.left is not None
    return ProcessChart(
        kind=f"{last.kind} on residuals" if is_residual else last.kind,
        rules=charting.rules,
        run_length=RUN_LENGTHS[charting.rules],
        n=in_force.n if in_force else 0,
        firmness=firmness_of(in_force.n if in_force else 0),
        starts=given.starts,
        limits=tuple(_limits(phase, charting) for phase in drawn if phase is not None),
        signals=signals,
        variation=variation_of(signals, charting, float(given.values[given.newest]), float(last.centre[-1])),
        assurance=assurance_of(given.values, in_force, charting, is_residual=is_residual) if in_force else None,
        autocorrelation=findings.autocorrelation,
        is_residual=is_residual,
        residuals=_tuple(findings.left.residuals) if findings.left else (),
        residual_limits=findings.residual_limits,
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Findings:
    """The signals of all phases, and where neighbours depend on each other what they were taken from."""

    signals: list[Signal]
    autocorrelation: float | None
    left: dependence.Surprise | None = None
    residual_limits: Limits | None = None
    notes: tuple[str, ...] = ()


def _findings(given: _Given, drawn: list[Phase], n: int) -> _Findings:
    rules, season = given.charting.rules, given.charting.season
    centred = dependence.deviations(given.values, given.firsts)
    rho = dependence.lag_one(centred)
    shown = rho if n >= dependence.LEAST_POINTS else None
    is_seasonal = dependence.is_seasonal(centred, season)
    if not (is_seasonal or dependence.is_dependent(rho, n)):
        signals = [
            s for phase in drawn for s in in_scores(given.starts, phase.scores, phase.first, rules, given.newest)
        ]
        signals += [s for phase in drawn for s in in_ranges(given.starts, given.values, phase)]
        return _Findings(signals, shown)
    left = dependence.surprise(given.values, given.firsts, season)
    signals, limits = in_surprises(given.starts, left, rules, given.newest)
    return _Findings(signals, shown, left, limits, (_dependence_note(rho, left, is_seasonal=is_seasonal),))


def _dependence_note(rho: float, left: dependence.Surprise, *, is_seasonal: bool) -> str:
    parts = [name for name, has in (("season", left.has_season), ("the trend", left.has_trend)) if has]
    taken = " and ".join([", ".join(parts), "the value before"] if parts else ["the value before"])
    why = "the values follow a season" if is_seasonal else f"neighbouring values depend on each other ({rho:.2f})"
    return f"{why}: signals are taken from what {taken} did not foretell; slow shifts need the test for shifts"


def _phases(given: _Given) -> list[Phase | None]:
    """Every phase's limits, None where there are too few points."""
    charting, values = given.charting, given.values
    present = values[~np.isnan(values)]
    scale = Scale.PLAIN
    if charting.kind is None and given.denominators is None and kinds.are_few_events(present):
        scale = Scale.ROOT
    elif charting.kind is None and given.denominators is None and kinds.are_skewed(present):
        scale = Scale.LOG
    is_counted = given.denominators is not None and charting.kind != "xmr" and bool((present >= 0).all())
    is_share = charting.kind == "p" or (charting.kind is None and bool((present <= 1).all()))
    drawn = []
    for first, behind in zip(given.firsts, (*given.firsts[1:], len(values)), strict=True):
        base = phases.base_of(given.starts, charting, first, is_last=behind == len(values))[first:behind]
        part = values[first:behind]
        phase = None
        if is_counted and given.denominators is not None:
            phase = phases.counted_phase(part, given.denominators[first:behind], base, first, is_share=is_share)
        drawn.append(phase or phases.xmr_phase(part, base, first, scale))
    return drawn


def _limits(phase: Phase, charting: Charting) -> Limits:
    high = 1.0 if charting.high is None and phase.kind.startswith("p") else charting.high
    return Limits(
        first=phase.first,
        centre=tuple(phase.centre.tolist()),
        lower=_tuple(phase.lower if charting.low is None else np.maximum(phase.lower, charting.low)),
        upper=_tuple(phase.upper if high is None else np.minimum(phase.upper, high)),
        upper_range=phase.upper_range,
    )


def _array(values: Sequence[float | None]) -> Values:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _tuple(values: Values) -> tuple[float | None, ...]:
    return tuple(None if value != value else value for value in values.tolist())  # noqa: PLR0124 - nan


def _refused(charting: Charting, n: int, why: str) -> ProcessChart:
    return ProcessChart(refusal=why, rules=charting.rules, n=n)
