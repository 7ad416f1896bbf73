"""Least squares and its tests: certified values, and other people's programs."""

from __future__ import annotations

import numpy as np
import pytest

from kputui.analysis.evidence.fit import least_squares
from kputui.analysis.evidence.multiple import benjamini_hochberg

NORRIS = """
0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5 668.5 666.3 998.5 996.3 449.1 448.6 778.9 777.0 559.2
558.2 0.3 0.4 0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6 557.7 556.0 228.3 228.1 998.0 995.8
888.8 887.6 119.6 120.2 0.3 0.3 0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0 778.9 779.0 10.2 11.1 117.6
118.3 228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5
"""
LONGLEY = """
60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962
"""


def table(text: str, width: int) -> np.ndarray:
    """The numbers of `text` in rows of `width`."""
    return np.array([float(one) for one in text.split()]).reshape(-1, width)


def test_norris_is_certified() -> None:
    """The straight line of NIST's Norris data is the certified one (StRD, lower difficulty)."""
    rows = table(NORRIS, 2)
    assert len(rows) == 36
    fit = least_squares(np.stack([np.ones(36), rows[:, 1]], axis=1), rows[:, 0])
    assert fit.coefficients == pytest.approx([-0.262323073774029, 1.00211681802045], rel=1e-10)
    assert np.sqrt(fit.rss / 34) == pytest.approx(0.884796396144373, rel=1e-10)


def test_longley_is_certified() -> None:
    """The nearly collinear Longley data give NIST's certified coefficients (StRD, higher difficulty)."""
    rows = table(LONGLEY, 7)
    fit = least_squares(np.concatenate([np.ones((16, 1)), rows[:, 1:]], axis=1), rows[:, 0])
    certified = [
        -3482258.63459582,
        15.0618722713733,
        -0.358191792925910e-01,
        -2.02022980381683,
        -1.03322686717359,
        -0.511041056535807e-01,
        1829.15146461355,
    ]
    assert fit.coefficients == pytest.approx(certified, rel=1e-7)
    assert np.sqrt(fit.rss / 9) == pytest.approx(304.854073561965, rel=1e-9)


def test_many_designs_are_fitted_as_one_by_one() -> None:
    """A batch of fits gives the residuals that statsmodels gives each of them, to 1e-9."""
    from statsmodels.api import OLS

    rng = np.random.default_rng(3)
    designs, values = rng.normal(size=(5, 40, 4)), rng.normal(size=(5, 40))
    fit = least_squares(designs, values)
    for i in range(5):
        other = OLS(values[i], designs[i]).fit()
        assert fit.coefficients[i] == pytest.approx(other.params, rel=1e-9)
        assert fit.residuals[i] == pytest.approx(other.resid, abs=1e-9)


def test_benjamini_and_hochberg_s_own_example() -> None:
    """Their fifteen p values of 1995 (JRSS B 57, 3.2) give four discoveries at 5 %, one more than Bonferroni."""
    found = [0.0001, 0.0004, 0.0019, 0.0095]
    p = [*found, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    q = benjamini_hochberg(p)
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(0.0095 * 15 / 4)
    assert (np.array(p) * 15 <= 0.05).sum() == 3


def test_q_agrees_with_scipy() -> None:
    """Q values in any order, with ties, are scipy's."""
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(5).uniform(size=200) ** 2
    p[10:20] = p[0]
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p), rel=1e-12)
    assert benjamini_hochberg([]).size == 0


def test_columns_that_depend_on_each_other_leave_the_right_residuals() -> None:
    """A column given twice and an empty one change no residual: a careless control does not stop a board."""
    rng = np.random.default_rng(4)
    design, values = rng.normal(size=(30, 3)), rng.normal(size=30)
    twice = np.column_stack([design, design[:, 0], np.zeros(30)])
    fit = least_squares(twice, values)
    assert fit.residuals == pytest.approx(least_squares(design, values).residuals, abs=1e-9)
