"""The chart that suits the values: shares, rates, few and rare events, skewed values."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kputui.analysis.signals.chart import process_chart
from kputui.analysis.signals.charting import Charting
from kputui.analysis.signals.reading import Variation
from kputui.model.metric import Direction

if TYPE_CHECKING:
    from kputui.analysis.signals.reading import ProcessChart


def drawn(values: np.ndarray, denominators: np.ndarray | None = None, charting: Charting | None = None) -> ProcessChart:
    """The chart of weekly values."""
    starts = tuple(date(2024, 1, 1) + timedelta(days=7 * week) for week in range(len(values)))
    divided = None if denominators is None else denominators.astype(float).tolist()
    return process_chart(starts, values.astype(float).tolist(), charting or Charting(), divided)


def test_share_limits_are_wider_where_fewer_are_counted() -> None:
    """A week with 100 deliveries has wider limits than one with 400: p +- 3 sqrt(p (1 - p) / n)."""
    random = np.random.default_rng(1)
    sizes = random.integers(100, 401, 40)
    chart = drawn(random.binomial(sizes, 0.1) / sizes, sizes, Charting(low=0.0, high=1.0))
    limits = chart.limits[0]
    mean = limits.centre[0]
    assert chart.kind == "p"
    assert [upper for upper in limits.upper if upper is not None] == pytest.approx(
        mean + 3 * np.sqrt(mean * (1 - mean) / sizes), abs=1e-12
    )
    assert limits.upper_range is None


def test_no_share_has_a_limit_above_the_whole() -> None:
    """Of two or three things counted a week no share can be more than all of them."""
    random = np.random.default_rng(4)
    sizes = random.integers(2, 4, 40)
    chart = drawn(random.binomial(sizes, 0.6) / sizes, sizes)
    assert chart.kind.startswith("p")
    assert {upper for upper in chart.limits[-1].upper if upper is not None} == {1.0}


def test_the_mean_share_weighs_every_row_alike() -> None:
    """The centre is all late deliveries over all deliveries, not the average of averages."""
    sizes = np.array([50, 1000] * 10)
    shares = np.random.default_rng(13).binomial(sizes, 0.1) / sizes
    chart = drawn(shares, sizes)
    assert chart.limits[0].centre[0] == pytest.approx((shares * sizes).sum() / sizes.sum())


def test_rates_above_one_get_u_limits() -> None:
    """Faults per delivery can exceed 1: u +- 3 sqrt(u / n)."""
    random = np.random.default_rng(2)
    sizes = random.integers(5, 30, 40)
    chart = drawn(random.poisson(2.0 * sizes) / sizes, sizes)
    assert chart.kind == "u"
    mean = chart.limits[0].centre[0]
    assert chart.limits[0].upper[3] == pytest.approx(mean + 3 * np.sqrt(mean / sizes[3]))


def test_more_spread_than_chance_widens_the_limits_and_is_said() -> None:
    """Large denominators make plain p limits so narrow that every week alarms; Laney's do not."""
    random = np.random.default_rng(3)
    sizes = random.integers(500, 2000, 40)
    chart = drawn(random.binomial(sizes, np.clip(0.1 + 0.02 * random.standard_normal(40), 0.01, 0.99)) / sizes, sizes)
    assert chart.kind == "p'"
    assert any("times as much as chance alone" in note for note in chart.notes)
    assert chart.new == ()


def test_spread_that_has_nothing_to_do_with_counting_is_drawn_as_xmr() -> None:
    """When weeks differ far more than any counting explains, limits come from the moving range."""
    random = np.random.default_rng(4)
    sizes = random.integers(5_000, 20_000, 40)
    shares = np.clip(0.3 + 0.05 * random.standard_normal(40), 0.0, 1.0)
    assert drawn(shares, sizes).kind == "XmR"


def test_few_counted_are_said_to_make_rough_limits() -> None:
    """With two or three events a week p limits are rough, and the chart says so."""
    random = np.random.default_rng(5)
    sizes = random.integers(20, 40, 40)
    chart = drawn(random.binomial(sizes, 0.08) / sizes, sizes)
    assert any("limits are rough" in note for note in chart.notes)


def test_a_week_without_denominator_has_no_limits() -> None:
    """No deliveries, no limits for that week: a gap, never 0."""
    random = np.random.default_rng(6)
    sizes = random.integers(100, 401, 30)
    shares = random.binomial(sizes, 0.1) / sizes
    starts = tuple(date(2024, 1, 1) + timedelta(days=7 * week) for week in range(30))
    values = [*shares[:10].tolist(), None, *shares[11:].tolist()]
    denominators = [*sizes[:10].tolist(), None, *sizes[11:].tolist()]
    chart = process_chart(starts, values, Charting(), denominators)
    assert (chart.limits[0].upper[10], chart.limits[0].lower[10]) == (None, None)


def test_few_events_are_charted_on_square_roots() -> None:
    """About one complaint a week: the lower limit is 0 and not below."""
    counts = np.random.default_rng(7).poisson(1.2, 52)
    chart = drawn(counts)
    assert chart.kind == "square root XmR"
    assert chart.limits[0].lower[0] == 0


def test_rare_events_are_charted_by_the_time_between_them() -> None:
    """One accident a month, seen weekly: the days between are judged, and no limits are drawn on zeros."""
    counts = np.random.default_rng(8).poisson(0.25, 104)
    chart = drawn(counts)
    assert chart.kind == "time between"
    assert chart.limits == ()
    assert chart.between is not None
    assert chart.between.lower < 28 < chart.between.upper


def test_a_long_time_without_an_event_is_an_improvement() -> None:
    """When accidents stop, the chart says so although no new event comes."""
    counts = np.concatenate([np.random.default_rng(9).poisson(0.4, 80), np.zeros(60)])
    chart = drawn(counts, charting=Charting(direction=Direction.DECREASE))
    assert [signal.is_high for signal in chart.new] == [False]
    assert "without an event" in chart.new[0].text
    assert chart.variation is Variation.IMPROVEMENT


def test_too_few_events_are_refused() -> None:
    """Three events in a year tell nothing about the time between them."""
    counts = np.zeros(52)
    counts[[5, 20, 41]] = 1
    assert drawn(counts).refusal == "too few events yet (has 3, needs 7)"


def test_skewed_values_are_charted_on_logarithms() -> None:
    """Waiting times with a long tail: the lower limit stays above 0 and the chart says how it was made."""
    waits = np.exp(np.random.default_rng(10).standard_normal(60))
    chart = drawn(waits)
    assert chart.kind == "log XmR"
    assert chart.limits[0].lower[0] is not None
    assert chart.limits[0].lower[0] > 0
    assert any("logarithms" in note for note in chart.notes)


def test_one_outlier_does_not_make_values_skewed() -> None:
    """A single signal must not be hidden by taking logarithms."""
    values = 10 + np.random.default_rng(11).standard_normal(40)
    values[20] = 40
    chart = drawn(values)
    assert chart.kind == "XmR"
    assert 20 in {signal.index for signal in chart.signals if signal.rule == "outside"}


@pytest.mark.parametrize("kind", ["log", "few", "rare"])
def test_the_wish_for_a_plain_chart_is_heeded(kind: str) -> None:
    """`xmr` in the config draws plain single values, whatever they look like."""
    random = np.random.default_rng(12)
    values = {"log": np.exp(random.standard_normal(60)), "few": random.poisson(1, 60), "rare": random.poisson(0.3, 60)}
    assert drawn(values[kind], charting=Charting(kind="xmr")).kind == "XmR"
