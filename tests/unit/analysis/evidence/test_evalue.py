"""E-values: odds that are what they claim."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kputui.analysis.evidence.evalue import TAU, e_both, e_one_sided, e_two_sided


@pytest.mark.parametrize(
    ("t", "df", "n"), [(0.0, 30, 33), (1.5, 47, 52), (3.2, 98, 104), (-2.4, 98, 104), (4.0, 120, 130)]
)
def test_e_is_the_mixture_s_likelihood_ratio(t: float, df: int, n: int) -> None:
    """Both e-values are the non-central t density averaged over the prior, by the central one, integrated by hand."""
    from scipy.integrate import simpson
    from scipy.stats import nct, norm
    from scipy.stats import t as student

    sd = math.sqrt(n) * TAU
    delta = np.linspace(0.0, 9.0 * sd, 6001)
    none = float(student.pdf(t, df))
    up = simpson(nct.pdf(t, df, delta) * norm.pdf(delta, scale=sd), x=delta)
    down = simpson(nct.pdf(t, df, -delta) * norm.pdf(delta, scale=sd), x=delta)
    assert float(e_two_sided(t, df, n)) == pytest.approx((up + down) / none, rel=1e-7)
    assert float(e_one_sided(t, df, n)) == pytest.approx(2.0 * up / none, rel=1e-7)
    assert float(e_one_sided(t, df, n, -1.0)) == pytest.approx(2.0 * down / none, rel=1e-7)


def test_an_e_value_is_one_on_average_without_an_effect() -> None:
    """Under luck alone the odds have mean 1, so they pass 20 in at most one case of twenty."""
    from scipy.integrate import quad
    from scipy.stats import t as student

    def weighted(t: float) -> float:
        return float(e_one_sided(t, 60, 65)) * float(student.pdf(t, 60))

    mean, _ = quad(weighted, -60.0, 60.0, limit=400)
    assert mean == pytest.approx(1.0, rel=1e-6)


def test_both_signs_at_once_are_each_alone() -> None:
    """The two odds for rising and falling are the one-sided ones, and their mean is the two-sided one."""
    t, df, n = np.array([-3.0, 0.0, 2.0]), np.full(3, 50.0), np.full(3, 55.0)
    up, down = e_both(t, df, n)
    assert up == pytest.approx(e_one_sided(t, df, n, 1.0), rel=1e-12)
    assert down == pytest.approx(e_one_sided(t, df, n, -1.0), rel=1e-12)
    assert 0.5 * (up + down) == pytest.approx(e_two_sided(t, df, n), rel=1e-12)


def test_a_huge_t_stays_a_number() -> None:
    """Odds beyond any float are still finite."""
    assert math.isfinite(float(e_two_sided(1e8, 5000.0, 5005.0)))
