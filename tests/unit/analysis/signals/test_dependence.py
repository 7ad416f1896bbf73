"""Neighbours that depend on each other break plain limits; the guard sees it, and alarms stay rare."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from kputui.analysis.signals import dependence
from kputui.analysis.signals.chart import process_chart
from kputui.analysis.signals.charting import Charting
from kputui.analysis.signals.limits import xmr
from kputui.analysis.signals.rules import patterns

SERIES = 400


def autoregressive(phi: float, n: int, series: int, seed: int) -> np.ndarray:
    """Series (series, n) of AR(1) values with variance 1."""
    random = np.random.default_rng(seed)
    steps = random.standard_normal((series, n + 80))
    values = np.zeros_like(steps)
    for at in range(1, n + 80):
        values[:, at] = phi * values[:, at - 1] + steps[:, at] * np.sqrt(1 - phi**2)
    return values[:, 80:]


def days(n: int) -> tuple[date, ...]:
    return tuple(date(2024, 1, 1) + timedelta(days=day) for day in range(n))


def alarms(phi: float, n: int) -> tuple[float, float, float]:
    """Shares of charts: with any signal without the guard, with any signal with it, with a new one with it."""
    plain = any_signal = new = 0
    for values in autoregressive(phi, n, SERIES, seed=int(10 * phi) + n):
        limits = xmr(values)
        assert limits is not None
        plain += bool(patterns((values - limits.centre) / limits.sigma, "wheeler"))
        chart = process_chart(days(n), values.tolist())
        any_signal += any(signal.rule != "range" for signal in chart.signals)
        new += bool(chart.new)
    return plain / SERIES, any_signal / SERIES, new / SERIES


@pytest.mark.parametrize(("phi", "without"), [(0.6, 0.74), (0.9, 0.96)])
def test_dependent_values_alarm_rarely(phi: float, without: float) -> None:
    """Where plain limits show signals in 74 and 96 % of 24-point charts, the guard leaves about what chance leaves."""
    plain, any_signal, new = alarms(phi, 24)
    assert plain == pytest.approx(without, abs=0.06)
    assert any_signal <= 0.16
    assert new <= 0.025


def test_independent_values_keep_their_plain_chart() -> None:
    """On values that only vary by chance the newest period alerts in about 0.8 % of charts."""
    _, _, new = alarms(0.0, 52)
    assert new <= 0.02


def test_the_chart_says_that_neighbours_depend_on_each_other() -> None:
    """The guard is never silent: kind, figure, residuals with limits, and a note."""
    values = autoregressive(0.8, 60, 1, seed=5)[0] + 20
    chart = process_chart(days(60), values.tolist())
    assert chart.is_residual
    assert chart.kind == "XmR on residuals"
    assert chart.autocorrelation is not None
    assert chart.autocorrelation > 0.3
    assert chart.residual_limits is not None
    assert chart.residuals[0] is None
    assert len(chart.residuals) == 60
    assert any("depend on each other" in note for note in chart.notes)


def test_a_real_jump_is_still_seen_among_dependent_values() -> None:
    """The guard takes dependence out, not surprises: a jump of eight standard deviations alerts."""
    values = autoregressive(0.7, 60, 1, seed=6)[0]
    values[-1] += 8
    chart = process_chart(days(60), values.tolist())
    assert chart.is_residual
    assert [signal.rule for signal in chart.new] == ["outside"]


def test_a_weekly_pattern_is_taken_out() -> None:
    """Quiet weekends are no signals, and a Saturday like a Monday is one."""
    random = np.random.default_rng(7)
    values = 10 + 0.5 * random.standard_normal(70) - 6 * (np.arange(70) % 7 >= 5)
    chart = process_chart(days(70), values.tolist(), Charting(season=7))
    assert chart.is_residual
    assert chart.new == ()
    values[-2] += 6
    busy = process_chart(days(69), values[:69].tolist(), Charting(season=7))
    assert "outside" in {signal.rule for signal in busy.new}


def test_a_declared_phase_is_not_dependence() -> None:
    """Two declared levels look like dependence over all; within the phases there is none."""
    random = np.random.default_rng(8)
    values = random.standard_normal(60) + 8 * (np.arange(60) >= 30)
    declared = process_chart(days(60), values.tolist(), Charting(rebase_at=(days(60)[30],)))
    assert process_chart(days(60), values.tolist()).is_residual
    assert not declared.is_residual


def test_the_bias_of_short_series_is_taken_off() -> None:
    """On average the corrected figure is near the truth, where the plain one is far below it."""
    values = autoregressive(0.6, 30, 2_000, seed=9)
    found = np.mean([dependence.lag_one(each - each.mean()) for each in values])
    assert found == pytest.approx(0.6, abs=0.04)


def test_gaps_are_foretold_over_their_length() -> None:
    """Values after a weekend are foretold from Friday, so business days keep their signals."""
    values = autoregressive(0.8, 140, 1, seed=10)[0]
    values[np.arange(140) % 7 >= 5] = np.nan
    left = dependence.surprise(values, (0,), None)
    known = left.residuals[~np.isnan(left.residuals)]
    assert len(known) == 99
    assert left.rho == pytest.approx(0.8, abs=0.2)
    assert abs(dependence.lag_one(known - known.mean())) < 0.25
