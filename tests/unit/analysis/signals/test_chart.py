"""A process behaviour chart: its limits, what alerts, and what it says about itself."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from kputui.analysis.change.effect import ChangePoint
from kputui.analysis.signals.chart import process_chart
from kputui.analysis.signals.charting import Charting
from kputui.analysis.signals.reading import Assurance, Firmness, ProcessChart, Variation
from kputui.model.metric import Direction

REFERENCE = (5, 6, 7, 5, 6, 4, 7, 8, 6, 13, 5, 6, 7, 6, 5)
"""Mean 6.4, mean moving range 32 / 14: METHODS section 4."""

GRAVEL = (39, 41, 41, 41, 43, 44, 41, 42, 40, 41, 44, 40)
"""Mean 41.4, moving ranges 2 0 0 2 1 3 1 2 1 3 4: the arithmetic is checked by hand in the test."""


def weeks(n: int, first: date = date(2026, 1, 5)) -> tuple[date, ...]:
    return tuple(first + timedelta(days=7 * week) for week in range(n))


def drawn(values: object, charting: Charting | None = None, denominators: object = None) -> ProcessChart:
    listed = tuple(None if value is None or value != value else float(value) for value in values)  # type: ignore[attr-defined]  # noqa: PLR0124
    return process_chart(weeks(len(listed)), listed, charting or Charting(), denominators)  # type: ignore[arg-type]


def noise(n: int, seed: int = 1, phi: float = 0.0) -> np.ndarray:
    """Values around 0 with autocorrelation `phi` and variance 1."""
    random = np.random.default_rng(seed)
    steps = random.standard_normal(n + 50)
    values = np.zeros(n + 50)
    for at in range(1, n + 50):
        values[at] = phi * values[at - 1] + steps[at] * np.sqrt(1 - phi**2)
    return values[50:]


def test_the_reference_series_has_its_limits_and_its_two_signals() -> None:
    """Mean 6.4, limits from a mean range of 32/14, the tenth point outside, the jump back over the range limit."""
    chart = drawn(REFERENCE)
    limits = chart.limits[0]
    assert limits.centre[0] == pytest.approx(6.4)
    assert limits.upper[0] == pytest.approx(6.4 + 2.66 * 32 / 14, abs=1e-3)
    assert limits.lower[0] == pytest.approx(6.4 - 2.66 * 32 / 14, abs=1e-3)
    assert limits.upper_range == pytest.approx(3.268 * 32 / 14)
    assert [(signal.rule, signal.index + 1) for signal in chart.signals] == [("outside", 10), ("range", 11)]
    assert chart.kind == "XmR"
    assert chart.new == ()


def test_limits_follow_wheelers_arithmetic() -> None:
    """Two more steps by hand: the mean, and 2.66 times the mean of the moving ranges."""
    limits = drawn(GRAVEL).limits[0]
    mean_range = (2 + 0 + 0 + 2 + 1 + 3 + 1 + 2 + 1 + 3 + 4) / 11
    assert limits.centre[0] == pytest.approx(sum(GRAVEL) / 12)
    assert limits.upper[0] == pytest.approx(sum(GRAVEL) / 12 + 2.66 * mean_range, abs=1e-3)


def test_only_the_newest_point_alerts() -> None:
    """An old signal stays on the chart and alerts nobody; the same value in the newest period does."""
    quiet = [5, 6, 7, 5, 6, 4, 7, 8, 6, 5, 6, 7, 6, 5]
    old, new = drawn([*quiet[:7], 15, *quiet[7:]]), drawn([*quiet, 15])
    assert [signal.is_new for signal in old.signals if signal.rule == "outside"] == [False]
    assert [signal.rule for signal in new.new] == ["outside"]


def test_a_run_alerts_while_it_ends_at_the_newest_point() -> None:
    """Eight above the centre alert in the week in which they are eight, and are over one week after they end."""
    values = [5, 7, 5, 7, 5, 7, 5, 7, 5, 7, 5, 7, 5, 7, 5, 7, *[6.4, 6.9, 6.5, 6.8, 6.6, 6.9, 6.7, 6.5]]
    assert [signal.rule for signal in drawn(values).new] == ["run"]
    assert drawn([*values, 4.9]).new == ()
    run = next(signal for signal in drawn([*values, 4.9]).signals if signal.rule == "run")
    assert (run.first, run.is_high) == (15, True)


def test_a_missing_newest_value_does_not_hide_an_alert() -> None:
    """The newest period with a value is the one that alerts."""
    chart = drawn([5, 6, 7, 5, 6, 4, 7, 8, 6, 5, 6, 7, 6, 5, 15, None])
    assert [signal.index for signal in chart.new] == [14]


def test_a_gap_is_never_bridged() -> None:
    """A moving range beside a missing value is no range."""
    with_gap = drawn([5, 6, 7, 5, 6, None, 60, 61, 60, 61, 62, 60])
    ranges = [1, 1, 2, 1, 1, 1, 1, 1, 2]
    assert with_gap.limits[0].upper_range == pytest.approx(3.268 * sum(ranges) / len(ranges))


@pytest.mark.parametrize(
    ("n", "firmness"),
    [(6, Firmness.PROVISIONAL), (11, Firmness.PROVISIONAL), (12, Firmness.LIMITS), (24, Firmness.FIRM)],
)
def test_limits_say_how_firm_they_are(n: int, firmness: Firmness) -> None:
    """Six points give provisional limits, twelve limits, twenty-four firm ones."""
    chart = drawn(noise(n))
    assert (chart.firmness, chart.n) == (firmness, n)


def test_five_points_give_no_chart_and_the_reason() -> None:
    """Too few points are said to be too few."""
    chart = drawn([5, 6, 5, 7, 6])
    assert chart.refusal == "not enough points yet (has 5, needs 6)"
    assert chart.firmness is Firmness.NONE


@pytest.mark.parametrize("values", [[], [None] * 9, [4.0] * 30])
def test_nothing_that_varies_gives_no_chart(values: list[float | None]) -> None:
    """Empty and constant series are refused in words, never drawn with limits of no width."""
    chart = drawn(values)
    assert chart.refusal
    assert (chart.limits, chart.signals) == ((), ())


def test_new_limits_begin_on_a_declared_day() -> None:
    """After a rebase the old level is no signal any more, and each phase has limits of its own."""
    values = [*(10 + 0.3 * noise(16, 2)), *(20 + 0.3 * noise(12, 3))]
    chart = drawn(values, Charting(rebase_at=(weeks(28)[16],)))
    assert [limits.first for limits in chart.limits] == [0, 16]
    assert [round(limits.centre[0]) for limits in chart.limits] == [10, 20]
    assert chart.n == 12


def test_a_day_within_a_period_begins_with_that_period() -> None:
    """A rebase on a Wednesday counts from its week; a day after all data changes nothing."""
    values = [*(10 + 0.3 * noise(16, 2)), *(20 + 0.3 * noise(12, 3))]
    inside = drawn(values, Charting(rebase_at=(weeks(28)[16] + timedelta(days=2),)))
    beyond = drawn(values, Charting(rebase_at=(weeks(40)[39],)))
    assert [limits.first for limits in inside.limits] == [0, 16]
    assert [limits.first for limits in beyond.limits] == [0]


def test_a_phase_that_has_just_begun_has_no_limits_yet() -> None:
    """Three points after a rebase: the old limits end there, and the chart says what is missing."""
    values = [*(10 + 0.3 * noise(16, 2)), 20, 20.5, 19]
    chart = drawn(values, Charting(rebase_at=(weeks(19)[16],)))
    assert [limits.first for limits in chart.limits] == [0]
    assert chart.firmness is Firmness.NONE
    assert chart.new == ()
    assert any("has 3 since" in note for note in chart.notes)


def test_frozen_limits_do_not_follow_later_values() -> None:
    """With a freeze, later values are held against the limits of before."""
    values = [*(10 + 0.3 * noise(16, 2)), *(12 + 0.3 * noise(8, 3))]
    frozen = drawn(values, Charting(freeze_at=weeks(24)[15]))
    assert frozen.n == 16
    assert frozen.limits[0].centre[-1] == pytest.approx(float(np.mean(values[:16])))


def test_a_detected_shift_is_a_signal_while_it_is_new() -> None:
    """New limits from a shift on would hide it: it alerts itself, for eight periods."""
    values = [*(10 + 0.3 * noise(20, 2)), *(12 + 0.3 * noise(8, 3))]
    shift = ChangePoint(day=weeks(28)[20], index=20, step=2.0, f=40.0, p=0.005)
    young = drawn(values, Charting(direction=Direction.DECREASE, shifts=(shift,)))
    assert [(signal.rule, signal.text) for signal in young.new] == [("shift", "a shift to a higher level")]
    assert young.variation is Variation.CONCERN
    old = drawn([*values, 12.0], Charting(shifts=(shift,)))
    assert "shift" not in {signal.rule for signal in old.new}


@pytest.mark.parametrize(
    ("direction", "target", "newest", "variation"),
    [
        (Direction.INCREASE, None, 16, Variation.IMPROVEMENT),
        (Direction.DECREASE, None, 16, Variation.CONCERN),
        (Direction.INCREASE, None, -4, Variation.CONCERN),
        (Direction.NEUTRAL, None, 16, Variation.CHANGE),
        (Direction.MAINTAIN, None, 16, Variation.CHANGE),
        (Direction.MAINTAIN, 6, 16, Variation.CONCERN),
        (Direction.MAINTAIN, 14, 16, Variation.IMPROVEMENT),
        (Direction.INCREASE, None, 6, Variation.COMMON),
    ],
)
def test_the_direction_says_whether_a_signal_is_good(
    direction: Direction, target: float | None, newest: float, variation: Variation
) -> None:
    """The same jump is an improvement, a concern or a change; a routine value is none of them."""
    chart = drawn([*REFERENCE[:9], *REFERENCE[10:], newest], Charting(direction=direction, target=target))
    assert chart.variation is variation


@pytest.mark.parametrize(
    ("direction", "target", "assurance"),
    [
        (Direction.INCREASE, -5, Assurance.CONSISTENT_PASS),
        (Direction.INCREASE, 6, Assurance.INCONSISTENT),
        (Direction.INCREASE, 30, Assurance.CONSISTENT_FAIL),
        (Direction.DECREASE, 30, Assurance.CONSISTENT_PASS),
        (Direction.DECREASE, 6, Assurance.INCONSISTENT),
        (Direction.DECREASE, -5, Assurance.CONSISTENT_FAIL),
        (Direction.NEUTRAL, 30, None),
        (Direction.MAINTAIN, 6, None),
        (Direction.INCREASE, None, None),
    ],
)
def test_assurance_holds_the_limits_against_the_target(
    direction: Direction, target: float | None, assurance: Assurance | None
) -> None:
    """Whether the process as it is will always, sometimes or never reach its target."""
    assert drawn(REFERENCE, Charting(direction=direction, target=target)).assurance is assurance


def test_limits_are_clipped_for_showing_and_not_for_the_rules() -> None:
    """A share can't be below 0, so its limit is shown at 0; the rules still use the true distance."""
    values = 0.05 + 0.03 * noise(30, 4)
    values = np.abs(values)
    plain, clipped = drawn(values, Charting(kind="xmr")), drawn(values, Charting(kind="xmr", low=0.0, high=1.0))
    assert plain.limits[0].lower[0] is not None
    assert plain.limits[0].lower[0] < 0
    assert clipped.limits[0].lower[0] == 0
    assert plain.signals == clipped.signals


def test_unknown_rules_are_refused() -> None:
    """A set of rules that does not exist is a mistake of the caller, named with those that exist."""
    with pytest.raises(ValueError, match="one of wheeler, nhs"):
        drawn(REFERENCE, Charting(rules="shewhart"))


def test_each_set_names_its_price() -> None:
    """The chart says how often its rules cry wolf."""
    assert drawn(REFERENCE, Charting(rules="nhs")).run_length == 82
