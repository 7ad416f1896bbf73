"""Tails: the probabilities behind each verdict are the textbook's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kputui.analysis.tails import chi2_upper, f_upper, incomplete_beta, t_quantile, t_two_sided, t_upper


@pytest.mark.parametrize(
    ("df", "quantile"),
    [(1, 12.706204736), (2, 4.302652730), (5, 2.570581836), (10, 2.228138852), (30, 2.042272456), (120, 1.979930405)],
)
def test_t_is_the_printed_table_s(df: int, quantile: float) -> None:
    """Two-sided 5 % points of Student's t are those of the printed table (NIST/SEMATECH e-Handbook, 1.3.6.7.2)."""
    assert t_quantile(0.025, df) == pytest.approx(quantile, rel=1e-9)
    assert float(t_two_sided(quantile, df)) == pytest.approx(0.05, rel=1e-8)


@pytest.mark.parametrize(("df1", "df2", "point"), [(1, 10, 4.965), (4, 20, 2.866), (10, 10, 2.978), (3, 100, 2.696)])
def test_f_is_the_printed_table_s(df1: int, df2: int, point: float) -> None:
    """5 % points of F are those of the printed table (NIST/SEMATECH e-Handbook, 1.3.6.7.3)."""
    assert float(f_upper(point, df1, df2)) == pytest.approx(0.05, abs=5e-5)


@pytest.mark.parametrize(("df", "point"), [(1, 6.635), (5, 15.086), (10, 23.209), (20, 37.566)])
def test_chi_squared_is_the_printed_table_s(df: int, point: float) -> None:
    """1 % points of chi-squared are those of the printed table (NIST/SEMATECH e-Handbook, 1.3.6.7.4)."""
    assert chi2_upper(point, df) == pytest.approx(0.01, abs=2e-6)


def test_cauchy_tail_is_exact() -> None:
    """With one degree of freedom the tail is an arc tangent."""
    t = np.array([-50.0, -1.0, 0.0, 0.3, 1.0, 12.0, 1e6])
    exact = [0.5 - math.atan(one) / math.pi for one in t[:-1]]
    assert t_upper(t[:-1], 1) == pytest.approx(exact, rel=1e-11)
    assert float(t_upper(1e6, 1)) == pytest.approx(1.0 / (math.pi * 1e6), rel=1e-10)


def test_tails_agree_with_scipy() -> None:
    """Over the whole range that verdicts meet, t, F and chi-squared are scipy's to 1e-9 and better."""
    from scipy import stats

    rng = np.random.default_rng(7)
    t, df = rng.normal(size=4000) * 8.0, rng.integers(1, 500, 4000)
    assert t_upper(t, df) == pytest.approx(stats.t.sf(t, df), rel=1e-9)
    f, one, two = np.abs(rng.normal(size=2000)) * 4.0, rng.integers(1, 12, 2000), rng.integers(1, 400, 2000)
    assert f_upper(f, one, two) == pytest.approx(stats.f.sf(f, one, two), rel=1e-9, abs=1e-200)
    for k in range(1, 30):
        assert chi2_upper(1.3 * k, k) == pytest.approx(float(stats.chi2.sf(1.3 * k, k)), rel=1e-11)
        assert t_quantile(0.01, k) == pytest.approx(float(stats.t.isf(0.01, k)), rel=1e-10)
    for upper in (1e-12, 1e-5, 0.001, 0.1, 0.3, 0.499, 0.5, 0.7, 0.999):
        for freedom in (1.0, 2.5, 7.0, 40.0, 300.0, 5000.0):
            expected = float(stats.t.isf(upper, freedom))
            assert t_quantile(upper, freedom) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_ends_are_whole() -> None:
    """At the ends of their range the tails are 0 and 1, and an unknown t stays unknown."""
    assert incomplete_beta(2.0, 3.0, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert t_upper(np.array([0.0, math.inf, -math.inf]), 5).tolist() == [0.5, 0.0, 1.0]
    assert math.isnan(float(t_upper(math.nan, 5)))
    assert chi2_upper(0.0, 3) == 1.0
    assert float(f_upper(0.0, 3, 9)) == 1.0
    assert t_quantile(0.975, 10) == pytest.approx(-2.228138852, rel=1e-9)
