"""Student's t: tails and quantiles against scipy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.analysis.forecast.student import t_below, t_quantile


@given(st.floats(-50, 50), st.sampled_from([1, 2, 3, 7, 20, 100, 1_000, 100_000]))
def test_tails_are_those_of_scipy(value: float, freedom: int) -> None:
    """A probability that is shown is right in every digit that is."""
    from scipy import stats

    assert t_below(value, freedom) == pytest.approx(float(stats.t.cdf(value, freedom)), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("below", [0.001, 0.1, 0.5, 0.9, 0.975])
@pytest.mark.parametrize("freedom", [1, 3, 10, 500])
def test_quantiles_are_those_of_scipy(below: float, freedom: int) -> None:
    """The bands are as wide as the tables say."""
    from scipy import stats

    assert t_quantile(below, freedom) == pytest.approx(float(stats.t.ppf(below, freedom)), rel=1e-9, abs=1e-9)


def test_the_ends_of_the_line_are_sure() -> None:
    """A target infinitely far away is met or missed, and what is no number stays none."""
    assert (t_below(math.inf, 5), t_below(-math.inf, 5)) == (1.0, 0.0)
    assert (t_below(1e200, 5), t_below(-1e200, 5)) == (1.0, 0.0)
    assert math.isnan(t_below(math.nan, 5))
