"""Before and after a known date: an interval that holds, a placebo check, and no answer too early."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from kputui.analysis.change import autoregression
from kputui.analysis.change.step import step_change


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


def test_a_step_is_found_with_its_interval() -> None:
    """A level that rises by 3 is reported as about 3, shown, with plain averages beside it."""
    values = 10 + autoregressive(0.3, 52, 1, seed=1)[0] + 3 * (np.arange(52) >= 30)
    found = step_change(weeks(52), values.tolist(), weeks(52)[30])
    assert found.refusal == ""
    assert found.low is not None
    assert found.high is not None
    assert found.low < 3 < found.high
    assert found.is_shown
    assert (found.before, found.after) == (30, 22)
    assert found.mean_before == pytest.approx(values[:30].mean())
    assert found.mean_after == pytest.approx(values[30:].mean())


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (37, "not enough points yet (has 3 after, needs 6)"),
        (7, "not enough points yet (has 7 before, needs 8)"),
        (40, "not enough points yet (has 0 after, needs 6)"),
    ],
)
def test_too_few_points_are_said_to_be_too_few(at: int, refusal: str) -> None:
    """Nothing is claimed before there are 8 points before and 6 after."""
    found = step_change(weeks(40), autoregressive(0, 40, 1, seed=2)[0].tolist(), weeks(41)[at])
    assert found.refusal == refusal
    assert found.step is None
    assert not found.is_shown


def test_a_constant_series_is_refused() -> None:
    """Where nothing varies there is nothing to compare."""
    assert step_change(weeks(40), [5.0] * 40, weeks(40)[20]).refusal == "the values do not vary"


def test_a_period_that_contains_the_day_belongs_to_neither_side() -> None:
    """A change on a Wednesday leaves its week out of both averages."""
    values = [*[10.0, 11.0] * 10, 500.0, *[12.0, 13.0] * 10]
    found = step_change(weeks(41), values, weeks(41)[20] + timedelta(days=2))
    assert (found.before, found.after) == (20, 20)
    assert found.mean_before == pytest.approx(10.5)
    assert found.mean_after == pytest.approx(12.5)


def test_gaps_are_left_out() -> None:
    """Weeks without data count on neither side and do not disturb the answer."""
    values: list[float | None] = (10 + autoregressive(0.3, 60, 1, seed=3)[0] + 4 * (np.arange(60) >= 40)).tolist()
    for at in (5, 6, 20, 45, 51):
        values[at] = None
    found = step_change(weeks(60), values, weeks(60)[40])
    assert (found.before, found.after) == (37, 18)
    assert found.is_shown


def test_a_steady_trend_is_no_step() -> None:
    """A metric that rises all the time has not changed on the day that somebody came."""
    shown = 0
    for values in autoregressive(0.3, 60, 60, seed=4):
        shown += step_change(weeks(60), (values + 0.2 * np.arange(60)).tolist(), weeks(60)[36]).is_shown
    assert shown <= 7


@pytest.mark.parametrize("phi", [0.0, 0.6, 0.9])
def test_a_change_that_did_not_happen_is_rarely_shown(phi: float) -> None:
    """On values that only wander, a date is credited with a step in about one of twenty cases."""
    series = autoregressive(phi, 38, 200, seed=5)
    found = [step_change(weeks(38), values.tolist(), weeks(38)[26]) for values in series]
    assert sum(each.is_shown for each in found) <= 18
    assert sum(each.p is not None and each.p <= 0.05 for each in found) <= 22


def test_few_points_before_leave_the_placebo_check_open() -> None:
    """With 10 points before there are too few other dates: a step is estimated, and not shown as proven."""
    values = autoregressive(0, 20, 1, seed=6)[0] + 8 * (np.arange(20) >= 10)
    found = step_change(weeks(20), values.tolist(), weeks(20)[10])
    assert found.step is not None
    assert found.placebo_rank is None
    assert not found.is_shown


def test_a_wobbling_past_outranks_a_step() -> None:
    """Where the past made such steps by itself, the date gets no credit."""
    values = autoregressive(0.2, 60, 1, seed=7)[0] + 3 * ((np.arange(60) // 10) % 2)
    found = step_change(weeks(60), values.tolist(), weeks(60)[50])
    assert found.placebo_rank is not None
    assert found.placebo_rank > 0.1
    assert not found.is_shown


def test_the_season_is_not_taken_for_a_step() -> None:
    """A yearly wave over three years of months is no change of level."""
    time = np.arange(40)
    values = 10 + 5 * np.sin(2 * np.pi * time / 12) + 0.3 * autoregressive(0, 40, 1, seed=8)[0]
    starts = tuple(date(2020 + month // 12, month % 12 + 1, 1) for month in range(40))
    found = step_change(starts, values.tolist(), starts[30], season=12)
    assert found.step is not None
    assert abs(found.step) < 1
    assert not found.is_shown


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_the_unit_does_not_matter(unit: float) -> None:
    """Euros or billions: the same step, in the metric's unit, with the same p."""
    values = 10 + autoregressive(0.3, 52, 1, seed=1)[0] + 3 * (np.arange(52) >= 30)
    plain = step_change(weeks(52), values.tolist(), weeks(52)[30])
    scaled = step_change(weeks(52), (values * unit).tolist(), weeks(52)[30])
    assert plain.step is not None
    assert scaled.step == pytest.approx(plain.step * unit)
    assert scaled.p == pytest.approx(plain.p)


def test_without_dependence_it_is_least_squares() -> None:
    """With rho fixed at 0 coefficient and error are those of statsmodels' ordinary least squares."""
    import statsmodels.api as sm

    values = autoregressive(0, 40, 1, seed=9)[0]
    step = (np.arange(40) >= 25).astype(float)
    design = np.column_stack([np.ones(40), np.arange(40.0)])
    bases = autoregression.whitened(design, np.ones(39, dtype=np.int64), (0.0,))
    whitening = bases[0]
    y, column = whitening.left(values[:, None])[:, 0], whitening.left(step[:, None])[:, 0]
    oracle = sm.OLS(values, np.column_stack([design, step])).fit()
    slope = float(y @ column / (column @ column))
    assert slope == pytest.approx(oracle.params[2])
    assert float(((y - slope * column) ** 2).sum()) == pytest.approx(oracle.ssr)


def test_dependence_is_taken_out_as_by_generalised_least_squares() -> None:
    """With a known rho the fit is that of statsmodels' GLS with the AR(1) covariance, gaps included."""
    import statsmodels.api as sm

    at = np.array([0, 1, 2, 4, 5, 6, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19], dtype=np.int64)
    values = autoregressive(0.5, 20, 1, seed=10)[0][at]
    step = (at >= 10).astype(float)
    design = np.ones((len(at), 1))
    (base,) = autoregression.whitened(design, np.diff(at), (0.5,))
    y, column = base.left(values[:, None])[:, 0], base.left(step[:, None])[:, 0]
    covariance = 0.5 ** np.abs(at[:, None] - at)
    oracle = sm.GLS(values, np.column_stack([design, step]), sigma=covariance).fit()
    assert float(y @ column / (column @ column)) == pytest.approx(oracle.params[1])
