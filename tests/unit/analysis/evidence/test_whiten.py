"""Prewhitening: what is left of a series is what its own past, trend, season and steps don't tell."""

from __future__ import annotations

import numpy as np
import pytest

from kputui.analysis.evidence import lags
from kputui.analysis.evidence.diagnose import ljung_box
from kputui.analysis.evidence.fit import least_squares
from kputui.analysis.evidence.steps import strongest_step
from kputui.analysis.evidence.whiten import Recipe, harmonics_of, season_columns, whiten


def ar(rng: np.random.Generator, n: int, *phi: float) -> np.ndarray:
    """An autoregression of unit innovations."""
    found = rng.normal(size=n + 50)
    for t in range(len(phi), n + 50):
        found[t] += sum(one * found[t - lag] for lag, one in enumerate(phi, start=1))
    return found[50:]


@pytest.mark.parametrize("phi", [(), (0.7,), (0.5, 0.35), (0.6, -0.5, 0.4)])
def test_residuals_are_those_of_statsmodels(phi: tuple[float, ...]) -> None:
    """The whitened values of trend + AR(p) are statsmodels' conditional least-squares residuals, to 1e-9."""
    from statsmodels.tsa.ar_model import AutoReg

    values = 50.0 + ar(np.random.default_rng(11), 180, *phi)
    white = whiten(values[None], [Recipe(0)])
    assert white.steps == ((),)
    order = int(white.orders[0])
    assert order == len(phi)
    other = AutoReg(values, lags=order, trend="ct").fit()
    assert white.residuals[0, order:] == pytest.approx(other.resid, abs=1e-9)
    assert not white.valid[0, :order].any()
    assert int(white.parameters[0]) == order + 2


def test_the_order_is_the_one_with_the_least_bic() -> None:
    """Of the orders 0 to 3, all fitted to the same rows, the one with the smallest BIC of statsmodels is taken."""
    from statsmodels.tsa.ar_model import AutoReg

    rng = np.random.default_rng(12)
    values = np.stack(
        [ar(rng, 90, *phi) for phi in ((), (0.3,), (0.9,), (0.3, 0.3), (0.2, 0.1, 0.3)) for _ in range(4)]
    )
    white = whiten(values, [Recipe(row) for row in range(len(values))])
    for row, series in enumerate(values):
        if white.steps[row]:
            continue
        bic = [AutoReg(series, lags=p, trend="ct", hold_back=3).fit().bic for p in range(4)]
        assert int(white.orders[row]) == int(np.argmin(bic))


def test_a_season_a_step_and_a_control_are_taken_out() -> None:
    """A wave, a known step and a control's share leave nothing behind but noise."""
    rng = np.random.default_rng(13)
    n = 200
    control = rng.normal(size=n)
    noise = 0.5 * rng.normal(size=n)
    wave = 3.0 * np.sin(2.0 * np.pi * np.arange(n) / 12.0 + 1.0)
    values = noise + wave + 4.0 * control + 6.0 * (np.arange(n) >= 80)
    white = whiten(np.stack([values, control]), [Recipe(0, controls=(1,), steps=(80,))], 12.0)
    valid = white.valid[0]
    assert white.harmonics == (6,)
    assert np.corrcoef(white.residuals[0, valid], noise[valid])[0, 1] > 0.93
    assert abs(np.corrcoef(white.residuals[0, valid], control[valid])[0, 1]) < 1e-9


def test_a_gap_is_left_out_not_filled() -> None:
    """A missing value takes its own row and those that need it as their past; the others are as if fitted alone."""
    values = ar(np.random.default_rng(14), 120, 0.8)
    values[40] = np.nan
    white = whiten(values[None], [Recipe(0)])
    assert int(white.orders[0]) == 1
    assert not white.valid[0, [0, 40, 41]].any()
    assert white.valid[0].sum() == 117
    rows = np.flatnonzero(white.valid[0])
    design = np.stack([np.ones(117), rows.astype(float), values[rows - 1]], axis=1)
    assert white.residuals[0, rows] == pytest.approx(least_squares(design, values[rows]).residuals, abs=1e-9)


def test_the_strongest_step_is_found_by_trying_each() -> None:
    """The sup-F and its place are those of fitting every possible step."""
    rng = np.random.default_rng(15)
    n = 60
    values = rng.normal(size=n) + 2.0 * (np.arange(n) >= 37)
    design = np.stack([np.ones(n), np.arange(n, dtype=float)], axis=1)
    fit = least_squares(design[None], values[None])
    best, f = strongest_step(fit, np.ones((1, n), dtype=bool), 2)
    tried = {}
    for step in range(6, n - 5):
        more = least_squares(np.column_stack([design, np.arange(n) >= step]), values)
        tried[step] = float((fit.rss[0] - more.rss) / (more.rss / (n - 3)))
    strongest = max(tried, key=tried.__getitem__)
    assert int(best[0]) == strongest
    assert float(f[0]) == pytest.approx(tried[strongest], rel=1e-9)


def test_a_level_shift_is_found_and_taken_out() -> None:
    """A shift of three sd is found within a period or two of its day."""
    values = np.random.default_rng(16).normal(size=100) + 3.0 * (np.arange(100) >= 55)
    white = whiten(values[None], [Recipe(0)])
    assert len(white.steps[0]) == 1
    assert abs(white.steps[0][0] - 55) <= 2


def test_a_season_needs_two_of_it() -> None:
    """Below two seasons none is modelled, and a wave that shows is told by a small p."""
    assert harmonics_of(52.0, 103) == 0
    assert harmonics_of(52.0, 104) > 0
    assert harmonics_of(7.0, 14) == 3
    assert harmonics_of(4.0, 8) == 2
    assert len(season_columns(4.0, 2, 20)) == 3
    assert harmonics_of(None, 500) == 0
    rng = np.random.default_rng(17)
    wave = 2.0 * np.sin(2.0 * np.pi * np.arange(80) / 52.0)
    white = whiten(np.stack([rng.normal(size=80) + wave, rng.normal(size=80)]), [Recipe(0), Recipe(1)], 52.0)
    assert float(white.season_p[0]) < 0.001
    assert float(white.season_p[1]) > 0.05


def test_what_can_t_be_fitted_is_not_usable() -> None:
    """A constant, a straight line and a handful of values leave nothing to correlate."""
    n = 50
    line = np.arange(n, dtype=float)
    few = np.full(n, np.nan)
    few[:6] = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0]
    white = whiten(np.stack([np.full(n, 3.0), line, few, np.full(n, np.nan)]), [Recipe(row) for row in range(4)], 12.0)
    assert white.usable.tolist() == [False, False, False, False]


def test_correlations_leave_out_what_either_lacks() -> None:
    """At each lag r is numpy's over the rows that both have, for a matrix of pairs and for single ones."""
    rng = np.random.default_rng(18)
    x, y = rng.normal(size=(3, 60)), rng.normal(size=(2, 60))
    x_rows, y_rows = (np.asarray(rng.uniform(size=one.shape) > 0.2, dtype=float) for one in (x, y))
    x, y = x * x_rows, y * y_rows
    for lag in (-2, 0, 3):
        moved, moved_rows = lags.shifted(x, lag), lags.shifted(x_rows, lag)
        found = lags.correlations(moved, moved_rows, y, y_rows)
        for i in range(3):
            for j in range(2):
                both = (moved_rows[i] * y_rows[j]) > 0
                assert found.n[i, j] == both.sum()
                assert found.r[i, j] == pytest.approx(np.corrcoef(moved[i, both], y[j, both])[0, 1], abs=1e-12)
        alone = lags.paired(moved[:2], moved_rows[:2], y, y_rows)
        assert alone.r == pytest.approx(found.r[[0, 1], [0, 1]], abs=1e-12)


def test_a_test_s_figures_are_a_regression_s() -> None:
    """With only an intercept spent, t, p and the slope are those of statsmodels' regression."""
    from statsmodels.api import OLS, add_constant

    rng = np.random.default_rng(19)
    x = rng.normal(size=50)
    y = 0.4 * x + rng.normal(size=50)
    rows = np.ones((1, 50))
    found = lags.correlations(x[None], rows, y[None], rows)
    shape = lags.tested(found, np.array([[1]]))
    other = OLS(y, add_constant(x)).fit()
    assert shape.t[0, 0] == pytest.approx(other.tvalues[1], rel=1e-9)
    assert 2.0 * shape.p[0, 0] == pytest.approx(other.pvalues[1], rel=1e-9)
    assert (found.r * found.ratio)[0, 0] == pytest.approx(other.params[1], rel=1e-9)


def test_a_window_s_sum_needs_all_its_lags() -> None:
    """The sum over lags 1 to 3 is made of the three values before, where all are known."""
    x = np.array([[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]])
    rows = np.array([[1.0, 1.0, 1.0, 1.0, 0.0, 1.0]])
    total, valid = lags.window_sum(x * rows, rows, 1, 3)
    assert valid[0].tolist() == [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]
    assert total[0].tolist() == [0.0, 0.0, 0.0, 7.0, 14.0, 0.0]


def test_ljung_box_is_statsmodels() -> None:
    """The p of what is left of a series' own past is statsmodels'."""
    from statsmodels.stats.diagnostic import acorr_ljungbox

    values = ar(np.random.default_rng(20), 120, 0.2)
    values -= values.mean()
    other = acorr_ljungbox(values, lags=[10], model_df=1)["lb_pvalue"].iloc[0]
    assert ljung_box(values, np.ones(120, dtype=bool), 1) == pytest.approx(other, rel=1e-9)
