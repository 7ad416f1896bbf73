"""Shifts that nobody named: found where they are, rarely where they are not, and always alike."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from kputui.analysis.change.points import change_points


def weeks(n: int) -> tuple[date, ...]:
    return tuple(date(2024, 1, 1) + timedelta(days=7 * week) for week in range(n))


def autoregressive(phi: float, n: int, series: int, seed: int) -> np.ndarray:
    """Series (series, n) of AR(1) values with variance 1."""
    random = np.random.default_rng(seed)
    steps = random.standard_normal((series, n + 80))
    values = np.zeros_like(steps)
    for at in range(1, n + 80):
        values[:, at] = phi * values[:, at - 1] + steps[:, at] * np.sqrt(1 - phi**2)
    return values[:, 80:]


def test_a_clear_shift_is_dated() -> None:
    """A level that falls by 4 is found at its first week, or one beside it."""
    values = autoregressive(0.3, 80, 1, seed=1)[0] - 4 * (np.arange(80) >= 50)
    (found,) = change_points(weeks(80), values.tolist())
    assert abs(found.index - 50) <= 1
    assert found.day == weeks(80)[found.index]
    assert found.step == pytest.approx(-4, abs=1)
    assert found.p <= 0.05


def test_the_same_data_gives_the_same_answer() -> None:
    """The bootstrap's seed is made of the values: two looks never differ."""
    values = (autoregressive(0.5, 60, 1, seed=2)[0] + 3 * (np.arange(60) >= 30)).tolist()
    assert change_points(weeks(60), values) == change_points(weeks(60), values)


def test_two_shifts_are_both_found() -> None:
    """A rise, and later a smaller fall: two dates, oldest first."""
    time = np.arange(100)
    values = 0.5 * autoregressive(0.2, 100, 1, seed=3)[0] + 6 * (time >= 35) - 3 * (time >= 75)
    found = change_points(weeks(100), values.tolist())
    assert [abs(point.index - at) <= 1 for point, at in zip(found, (35, 75), strict=True)] == [True, True]
    assert [point.step > 0 for point in found] == [True, False]


def test_no_more_than_asked_for() -> None:
    """The number of shifts can be limited."""
    time = np.arange(100)
    values = 0.5 * autoregressive(0.2, 100, 1, seed=3)[0] + 6 * (time >= 35) - 3 * (time >= 75)
    assert len(change_points(weeks(100), values.tolist(), most=1)) <= 1


@pytest.mark.parametrize("values", [[], [1.0] * 60, [1.0, 2.0] * 7, [None] * 60])
def test_too_little_gives_no_shift(values: list[float | None]) -> None:
    """Short, empty and constant series have no shifts, and end no program."""
    assert change_points(weeks(len(values)), values) == ()


def test_gaps_keep_their_place() -> None:
    """The index is that of the series with its gaps."""
    values: list[float | None] = (0.5 * autoregressive(0.2, 80, 1, seed=4)[0] + 4 * (np.arange(80) >= 50)).tolist()
    values[10] = values[30] = values[49] = None
    (found,) = change_points(weeks(80), values)
    assert abs(found.index - 50) <= 1


@pytest.mark.parametrize("phi", [0.0, 0.6, 0.9])
def test_wandering_values_have_no_shifts(phi: float) -> None:
    """Autocorrelated values look like shifts all the time; the test is fooled in about one of twenty."""
    fooled = sum(bool(change_points(weeks(52), values.tolist())) for values in autoregressive(phi, 52, 120, seed=5))
    assert fooled <= 12


def test_a_steady_trend_is_no_shift() -> None:
    """A metric that rises week by week has no date at which it rose."""
    series = autoregressive(0.3, 52, 80, seed=6) + 0.12 * np.arange(52)
    assert sum(bool(change_points(weeks(52), values.tolist())) for values in series) <= 9


def test_large_shifts_are_found() -> None:
    """Four standard deviations at half time are found in most series."""
    series = autoregressive(0.3, 52, 40, seed=7) + 4 * (np.arange(52) >= 26)
    assert sum(bool(change_points(weeks(52), values.tolist())) for values in series) >= 32


def test_a_step_beside_a_trend_is_said_to_be_one() -> None:
    """A falling metric that jumps up once may still end lower: the shift says that a trend is beside it."""
    values = 0.5 * autoregressive(0, 60, 1, seed=8)[0] - 0.2 * np.arange(60) + 4 * (np.arange(60) >= 30)
    found = change_points(weeks(60), values.tolist())
    assert [point.step > 0 for point in found if abs(point.index - 30) <= 1] == [True]
    assert all(point.is_beside_trend for point in found)
    plain = 0.5 * autoregressive(0.2, 80, 1, seed=4)[0]
    assert all(not point.is_beside_trend for point in change_points(weeks(80), plain.tolist()))
