"""Long daily histories: judged as weeks, dated by the day, and never fooled by the year."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from kputui.analysis.change import autoregression
from kputui.analysis.change.points import change_points
from kputui.analysis.change.sample import base_design
from kputui.analysis.change.scan import rho_grid, with_steps

DAYS = 2_000
STARTS = tuple(date(2019, 1, 1) + timedelta(days=day) for day in range(DAYS))


def daily(phi: float, seed: int) -> np.ndarray:
    """AR(1) values of variance 1 with a weekly wave."""
    steps = np.random.default_rng(seed).standard_normal(DAYS + 100) * np.sqrt(1 - phi**2)
    values = np.zeros_like(steps)
    for at in range(1, len(values)):
        values[at] = phi * values[at - 1] + steps[at]
    wave: np.ndarray = np.sin(2 * np.pi * np.arange(DAYS) / 7)
    return np.asarray(values[100:] + wave)


def test_a_shift_of_long_ago_and_one_of_ten_weeks_ago_are_dated() -> None:
    """A shift in the middle is found, and one that is too young for a tenth of the history; to the day or nearly."""
    time = np.arange(DAYS)
    values = daily(0.3, 1) + 2 * (time >= 903) - 3 * (time >= DAYS - 70)
    old, new = change_points(STARTS, values.tolist(), season=7)
    assert abs(old.index - 903) <= 4
    assert abs(new.index - (DAYS - 70)) <= 2
    assert (old.step > 0, new.step < 0) == (True, True)
    assert new.day == STARTS[new.index]


@pytest.mark.parametrize("phi", [0.0, 0.9, 0.99])
def test_quiet_histories_have_no_shifts(phi: float) -> None:
    """However long a metric remembers, chance alone makes a shift in about one series of twenty."""
    fooled = sum(bool(change_points(STARTS, daily(phi, seed).tolist(), season=7)) for seed in range(20))
    assert fooled <= 4


def test_the_time_of_year_is_no_shift() -> None:
    """A metric that is higher each summer has not shifted since spring."""
    wave = 1.5 * np.sin(2 * np.pi * np.arange(DAYS) / 365.25)
    fooled = sum(bool(change_points(STARTS, (daily(0.3, seed) + wave).tolist(), season=7)) for seed in range(20))
    assert fooled <= 4


def test_missing_weekends_and_weeks_are_no_shifts() -> None:
    """Days without data make no shift, and hide none."""
    values: list[float | None] = (daily(0.3, 3) + 2 * (np.arange(DAYS) >= 1_200)).tolist()
    values = [None if at % 7 in {5, 6} or 400 <= at < 460 else value for at, value in enumerate(values)]
    (found,) = change_points(STARTS, values, season=7)
    assert abs(found.index - 1_200) <= 7
    assert values[found.index] is not None


@pytest.mark.parametrize("values", [[None] * 900, [5.0] * 900, [None] * 899 + [1.0]])
def test_nothing_known_is_no_shift(values: list[float | None]) -> None:
    """Long series without values or without variation have no shifts, and end no program."""
    assert change_points(STARTS[:900], values, season=7) == ()


def test_a_scan_is_a_fit_for_each_date() -> None:
    """Sums over all dates give what least squares gives date by date, gaps included."""
    at = np.delete(np.arange(80), [3, 4, 30, 61])
    values = daily(0.5, 9)[at]
    bases = autoregression.whitened(base_design(at, 7), np.diff(at), autoregression.COARSE)
    splits = np.arange(5, 70)
    steps = (np.arange(len(at))[:, None] >= splits).astype(float)
    fast, slow = with_steps(values, bases, splits), autoregression.with_each(values, bases, steps)
    assert fast.t == pytest.approx(slow.t, rel=1e-9)
    assert fast.rho == pytest.approx(slow.rho, rel=1e-9)


def test_one_more_column_is_the_wider_design() -> None:
    """A grid that is given one more column equals the grid of the design with it."""
    at = np.arange(60)
    design, column = base_design(at, 12), (at >= 20).astype(float)
    wider = rho_grid(design, np.diff(at), autoregression.COARSE).beside(column)
    anew = rho_grid(np.column_stack([design, column]), np.diff(at), autoregression.COARSE)
    series = wider.unexplained(daily(0.6, 4)[:60, None])
    assert wider.largest_f(series, np.arange(25, 50))[0] == pytest.approx(
        anew.largest_f(series, np.arange(25, 50))[0], rel=1e-9
    )
