"""Paths: smoothers against oracles, gates, bands and sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.analysis.forecast.combination import Path, chance, path_of, reach, surprise_weights, weighted_sums
from kputui.analysis.forecast.smoothing import smoothers


def series(seed: int, count: int = 60) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A level that wanders, with noise on it."""
    rng = np.random.default_rng(seed)
    return np.asarray(100 + np.cumsum(rng.normal(0.3, 2, count)) + rng.normal(0, 4, count))


@pytest.mark.parametrize("seed", range(5))
def test_simple_smoothing_fits_as_well_as_statsmodels(seed: int) -> None:
    """The grid finds a smoothing whose squared error is within a hundredth of the optimiser's."""
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    values = series(seed)
    known = SimpleExpSmoothing(values, initialization_method="estimated").fit()
    simple = smoothers(values, 6)[0]
    assert simple.mse * len(values) <= known.sse * 1.01
    assert simple.ahead[-1] == pytest.approx(known.forecast(6), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_damped_trend_fits_about_as_well_as_statsmodels(seed: int) -> None:
    """The same within a twentieth for the damped trend, which is kept from being one line through all points."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    values = series(seed)
    limits = {"damping_trend": (0.8, 0.98)}
    known = ExponentialSmoothing(
        values, trend="add", damped_trend=True, initialization_method="estimated", bounds=limits
    ).fit()
    assert smoothers(values, 6)[1].mse * len(values) <= known.sse * 1.05


@pytest.mark.parametrize("seed", range(5))
def test_theta_is_that_of_statsmodels(seed: int) -> None:
    """Half a straight line, half smoothing: near statsmodels' Theta, whose line starts elsewhere by a hair."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    values = series(seed)
    known = ThetaModel(values, period=1, deseasonalize=False, use_test=False).fit(use_mle=False).forecast(6)
    assert smoothers(values, 6)[2].ahead[-1] == pytest.approx(np.asarray(known), rel=0.02)


def test_too_few_points_give_no_forecast() -> None:
    """Seven points are an anecdote; eight give a drift; twelve the combination."""
    values = series(2).tolist()
    assert path_of(values[:7], 3) is None
    drift, combined = path_of(values[:8], 3), path_of(values[:12], 3)
    assert drift is not None
    assert combined is not None
    assert drift.method == "random walk with drift"
    assert "damped trend" in combined.method


def test_the_drift_is_the_mean_change() -> None:
    """Eight points that rise by 7 in all go on by 1 a period; bands after Hyndman and Athanasopoulos, 5.5."""
    path = path_of([0, 2, 2, 4, 4, 6, 6, 7], 2)
    assert path is not None
    assert path.mean == pytest.approx([8.0, 9.0])
    sigma = np.std([2, 0, 2, 0, 2, 0, 1], ddof=1)
    assert path.sd == pytest.approx([sigma * math.sqrt(1 + 1 / 7), sigma * math.sqrt(2 * (1 + 2 / 7))])


def test_a_season_needs_two_of_it() -> None:
    """With two years of months the forecast repeats the year's wave; with 23 months it does not know of one."""
    wave = [100 + 40 * math.sin(2 * math.pi * month / 12) + month % 3 for month in range(36)]
    short, long = path_of(wave[:23], 12, 12), path_of(wave, 12, 12)
    assert short is not None
    assert long is not None
    assert (short.season, long.season) == (1, 12)
    assert long.mean == pytest.approx(wave[:12], abs=6)
    assert long.method.endswith("season of 12")


def test_what_never_changes_has_no_band() -> None:
    """A constant series says nothing about how far a forecast may miss."""
    assert path_of([5.0] * 30, 4) is None
    assert path_of([0.0] * 30, 4) is None


anything = st.floats(allow_nan=False, allow_infinity=False)
sizes = st.one_of(
    st.lists(anything, max_size=60),
    st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=90),
    st.lists(st.sampled_from([0.0, 1.0, 1e-300, 1e300]), min_size=8, max_size=60),
    st.lists(st.integers(0, 3).map(float), min_size=8, max_size=60),
)


@settings(max_examples=60, deadline=None)
@given(sizes, st.integers(1, 30), st.sampled_from([1, 4, 7, 12]))
def test_any_series_gives_a_finite_path_or_none(values: list[float], steps: int, season: int) -> None:
    """Zeros, negative, huge and tiny values: a path of finite numbers, or no forecast, never a crash."""
    path = path_of(values, steps, season)
    if path is not None:
        assert len(path.mean) == len(path.sd) == steps
        assert np.all(np.isfinite(path.mean))
        assert np.all(np.isfinite(path.sd))
        assert np.all(path.sd >= 0)


def of(surprises: list[float], sd: list[float]) -> Path:
    count = len(sd)
    return Path(np.arange(1.0, count + 1), np.array(sd), np.array(surprises), np.ones(count), 20, "", 24)


def test_sums_follow_the_formula_of_the_path() -> None:
    """The sd of a sum = sum(sd) sqrt(sum_j W_j^2) / sum_h sqrt(1 + sum_i c_i^2), by hand for three steps."""
    mean, sd = weighted_sums(of([1.0, 0.5, 0.2], [2.0, 3.0, 4.0]), [1, 1, 1])
    together = math.sqrt(1.0**2 + 1.5**2 + 1.7**2)
    apart = 1 + math.sqrt(1 + 0.25) + math.sqrt(1 + 0.25 + 0.04)
    assert mean == pytest.approx([1.0, 3.0, 6.0])
    assert sd[-1] == pytest.approx(9 * together / apart)
    assert sd[0] == pytest.approx(2.0)


def test_sums_lie_between_independent_and_fully_joined_steps() -> None:
    """Without carried surprises the variances add up; with all of them carried it is a random walk's sum."""
    loose = weighted_sums(of([1, 0, 0, 0], [1, 1, 1, 1]), [1] * 4)[1][-1]
    walk_sd = np.sqrt(np.arange(1, 5)).tolist()
    walk = weighted_sums(of([1, 1, 1, 1], walk_sd), [1] * 4)[1][-1]
    assert loose == pytest.approx(2.0)
    assert walk == pytest.approx(math.sqrt(1 + 4 + 9 + 16))


def test_part_of_a_period_brings_its_part() -> None:
    """Two of seven days of a week bring two sevenths of it, and of its uncertainty."""
    mean, sd = weighted_sums(of([1.0, 0.3], [2.0, 2.0]), [2 / 7, 0])
    assert mean.tolist() == pytest.approx([2 / 7, 2 / 7])
    assert sd.tolist() == pytest.approx([4 / 7, 4 / 7])


def test_weights_of_surprises_are_those_of_the_damped_trend() -> None:
    """c_i = alpha + beta (1 + phi + ... + phi^(i-1))."""
    found = surprise_weights(0.5, 0.1, 0.9, 4)
    assert found == pytest.approx([1, 0.6, 0.5 + 0.1 * 1.9, 0.5 + 0.1 * 2.71])


def generated(kind: str, rng: np.random.Generator, count: int) -> list[float]:
    """Series of which the truth is known."""
    noise = rng.standard_normal(count)
    if kind == "random walk":
        return [100 + 3 * float(value) for value in np.cumsum(noise)]
    carried = {"noise": 0.0, "AR(0.6)": 0.6, "AR(0.9)": 0.9}[kind]
    values = [noise[0] / math.sqrt(1 - carried**2)]
    for shock in noise[1:]:
        values.append(carried * values[-1] + shock)
    return [100 + 10 * value for value in values]


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("noise", 0.74, 0.93), ("AR(0.6)", 0.72, 0.93), ("AR(0.9)", 0.72, 0.92), ("random walk", 0.72, 0.88)],
)
def test_bands_of_sums_hold_what_they_promise(kind: str, low: float, high: float) -> None:
    """The 80 % band of the next 13 periods' sum holds it in about 80 of 100 cases, at 38 points of the past."""
    rng = np.random.default_rng(20)
    hits, cases = 0, 150
    for _ in range(cases):
        values = generated(kind, rng, 51)
        path = path_of(values[:38], 13)
        assert path is not None
        mean, sd = weighted_sums(path, [1] * 13)
        hits += abs(sum(values[38:]) - mean[-1]) <= reach(0.8, path.freedom) * sd[-1]
    assert low <= hits / cases <= high


@pytest.mark.parametrize(("inside", "freedom", "width"), [(0.8, 10, 1.372), (0.95, 10, 2.228), (0.95, 3, 3.182)])
def test_bands_are_as_wide_as_the_table_of_t(inside: float, freedom: int, width: float) -> None:
    """The reach of a band is the printed table's (Fisher and Yates)."""
    assert reach(inside, freedom) == pytest.approx(width, abs=0.0005)


def test_a_chance_is_the_tail_on_the_good_side() -> None:
    """At the mean it is even, a band's end away one in ten, and endlessly far away it is sure."""
    assert chance(0.0, 10) == 0.5
    assert chance(-reach(0.8, 10), 10) == pytest.approx(0.1)
    assert (chance(1e300, 3), chance(-math.inf, 3)) == pytest.approx((1.0, 0.0))


@pytest.mark.parametrize("count", [8, 11])
def test_points_on_one_straight_line_get_no_forecast(count: int) -> None:
    """A plan that was copied into the data says nothing of how far it may be missed: no band of no width."""
    assert path_of([100.0 + 2.5 * i for i in range(count)], 4) is None
