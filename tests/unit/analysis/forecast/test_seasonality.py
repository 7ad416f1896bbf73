"""Seasons: found where they are, and taken out as the textbook does."""

from __future__ import annotations

import numpy as np
import pytest

from kputui.analysis.forecast.seasonality import is_seasonal, without_season

YEARS = np.arange(60)
WAVE = np.sin(2 * np.pi * YEARS / 12)


@pytest.mark.parametrize("is_multiplicative", [True, False])
def test_the_season_is_that_of_classical_decomposition(*, is_multiplicative: bool) -> None:
    """The indexes equal those of statsmodels' seasonal_decompose, by which the textbook's example can be checked."""
    from statsmodels.tsa.seasonal import seasonal_decompose

    noise = np.random.default_rng(3).normal(0, 2, 60)
    series = 100 + YEARS + 30 * WAVE + noise - (0 if is_multiplicative else 400)
    found = without_season(series, 12)
    model = "multiplicative" if is_multiplicative else "additive"
    known = seasonal_decompose(series, model=model, period=12).seasonal[:12]
    assert found.is_multiplicative is is_multiplicative
    assert found.indexes == pytest.approx(known, rel=1e-9)
    assert found.length == 12


@pytest.mark.parametrize("level", [100.0, -100.0])
def test_what_is_taken_out_comes_back(level: float) -> None:
    """The season put on a flat forecast repeats the pattern of the past from the next month on."""
    series = level + 30 * np.resize(WAVE, 65)
    found = without_season(series, 12)
    again = found.put_back(np.full(12, level))
    assert again == pytest.approx(level + 30 * np.resize(WAVE, 77)[65:], abs=0.8)
    assert found.spread(np.ones(12)) == pytest.approx(np.abs(found.ahead(12)) if level > 0 else np.ones(12))


def test_less_than_two_seasons_are_none() -> None:
    """One December says nothing about the next; two of them do."""
    december = 100 + np.resize([0.0] * 11 + [60.0], 24)
    assert without_season(december[:23], 12).length == 1
    assert without_season(december, 12).length == 12


def test_a_smooth_season_is_found_as_well() -> None:
    """Three years of a wave without a peak are seen, though its neighbouring months correlate."""
    assert is_seasonal(100 + 30 * WAVE[:36] + np.random.default_rng(1).normal(0, 5, 36), 12)


def test_a_wandering_level_is_seldom_taken_for_a_season() -> None:
    """Of 200 random walks over five years at most one in ten looks seasonal."""
    rng = np.random.default_rng(12)
    assert sum(is_seasonal(np.cumsum(rng.normal(0, 1, 60)), 12) for _ in range(200)) <= 20


def test_noise_has_no_season() -> None:
    """Of 200 noisy series about one in twenty looks seasonal, no more: the test is a test at 5 %."""
    rng = np.random.default_rng(11)
    assert sum(is_seasonal(rng.normal(100, 10, 60), 12) for _ in range(200)) <= 22


def test_a_constant_series_has_no_season() -> None:
    """What never changes has no pattern, and divides by nothing."""
    assert not is_seasonal(np.full(48, 7.0), 12)
