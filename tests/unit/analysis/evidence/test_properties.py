"""What never changes a verdict: units, the order of things, other links."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.analysis.evidence.column import Column, Hypothesis
from kputui.analysis.evidence.judge import Strand, combined, judged, mixed
from kputui.analysis.evidence.multiple import benjamini_hochberg
from kputui.analysis.evidence.verdict import Evidence, Verdict
from kputui.analysis.evidence.weigh import weigh
from kputui.model.ids import MetricId
from kputui.model.metric import Grain

CPI, KPI = MetricId("cpi"), MetricId("kpi")
WEEKS = [date(2024, 1, 1) + timedelta(weeks=i) for i in range(90)]
SCALES = st.floats(0.001, 1e5) | st.floats(-1e5, -0.001)
SHIFTS = st.floats(-1e4, 1e4)


def pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A CPI and a KPI that follows it a little."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=90)
    return x, 0.35 * np.roll(x, 2) + rng.normal(size=90)


def one(x: np.ndarray, y: np.ndarray, sign: int = 1) -> Evidence:
    """The evidence of the link."""
    columns = [Column(CPI, x.tolist(), WEEKS), Column(KPI, y.tolist(), WEEKS)]
    return weigh(columns, [Hypothesis(CPI, KPI, sign, 0, 3)], Grain.WEEK)[CPI, KPI]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), SCALES, SCALES, SHIFTS, SHIFTS)
def test_units_change_nothing(seed: int, a: float, b: float, c: float, d: float) -> None:
    """Other units give the same verdict and odds; a turned scale turns the sign to declare; the effect scales along."""
    x, y = pair(seed)
    plain, moved = one(x, y), one(a * x + c, b * y + d, 1 if a * b > 0 else -1)
    assert moved.verdict is plain.verdict
    assert moved.p == pytest.approx(plain.p, rel=1e-5)
    assert moved.e == pytest.approx(plain.e, rel=1e-5)
    assert plain.effect is not None
    assert moved.effect is not None
    assert moved.effect.slope == pytest.approx(plain.effect.slope * b / a, rel=1e-5)


def test_the_order_of_links_and_columns_changes_nothing() -> None:
    """Links and columns in any order give each link the same evidence."""
    rng = np.random.default_rng(5)
    names = [MetricId(f"m{i}") for i in range(6)]
    columns = [Column(name, rng.normal(size=90).cumsum().tolist(), WEEKS) for name in names]
    links = [Hypothesis(cpi, kpi, 1, 1, 1 + i % 3) for i, cpi in enumerate(names) for kpi in names if cpi != kpi]
    there, back = weigh(columns, links, Grain.WEEK), weigh(columns[::-1], links[::-1], Grain.WEEK)
    assert list(there) == [(link.cpi, link.kpi) for link in links]
    for key, found in there.items():
        assert back[key].verdict is found.verdict
        assert back[key].q == pytest.approx(found.q, rel=1e-9)
        assert back[key].data_to == found.data_to


def test_a_link_alone_has_the_figures_it_has_among_others() -> None:
    """Further links change q, never a link's own p and odds; outside the family a link has no q."""
    x, y = pair(3)
    rng = np.random.default_rng(6)
    others = [MetricId(f"n{i}") for i in range(5)]
    columns = [Column(CPI, x.tolist(), WEEKS), Column(KPI, y.tolist(), WEEKS)]
    columns += [Column(name, rng.normal(size=90).tolist(), WEEKS) for name in others]
    links = [Hypothesis(CPI, KPI, 1, 0, 3), *(Hypothesis(name, KPI, 1, 1, 2) for name in others)]
    among = weigh(columns, links, Grain.WEEK)
    alone = one(x, y)
    assert among[CPI, KPI].e == pytest.approx(alone.e, rel=1e-9)
    assert among[CPI, KPI].p == pytest.approx(alone.p, rel=1e-9)
    outside = weigh(columns, links, Grain.WEEK, family={(name, KPI) for name in others})
    assert outside[CPI, KPI].q is None
    assert among[CPI, KPI].q is not None
    for found in among.values():
        assert found.p is not None
        assert found.q is not None
        assert found.q >= found.p


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_q_is_never_below_p(p: list[float]) -> None:
    """However many links there are, q is at least p, at most 1, and ordered as p is."""
    q = benjamini_hochberg(p)
    assert all(a <= b <= 1.0 for a, b in zip(p, q, strict=True))
    order = np.argsort(p, kind="stable")
    assert bool(np.all(np.diff(q[order]) >= 0.0))


SURE = Strand(p=0.0001, e=50.0, e_opposite=0.1, q=0.001)
WEAK = Strand(p=0.02, e=4.0, e_opposite=0.2, q=0.1)
LUCK = Strand(p=0.6, e=0.4, e_opposite=0.5, q=0.8)
AGAINST = Strand(p=0.9999, e=0.1, e_opposite=60.0, q=1.0)


@pytest.mark.parametrize(
    ("before", "together", "upper", "verdict"),
    [
        (SURE, None, 0.6, Verdict.CONFIRMED),
        (SURE, AGAINST, 0.6, Verdict.CONFIRMED),
        (replace(SURE, q=0.06), None, 0.6, Verdict.LEANING),
        (replace(SURE, e=19.9), None, 0.6, Verdict.LEANING),
        (LUCK, SURE, 0.6, Verdict.TOGETHER),
        (None, SURE, 0.6, Verdict.TOGETHER),
        (WEAK, None, 0.5, Verdict.LEANING),
        (WEAK, None, 0.2, Verdict.LEANING),
        (AGAINST, None, 0.1, Verdict.CONTRADICTED),
        (replace(AGAINST, e_opposite=19.0), None, 0.4, Verdict.NOT_ENOUGH),
        (LUCK, None, 0.29, Verdict.REJECTED),
        (LUCK, LUCK, 0.31, Verdict.NOT_ENOUGH),
    ],
)
def test_verdicts_follow_the_table(
    before: Strand | None, together: Strand | None, upper: float, verdict: Verdict
) -> None:
    """Each row of the table of verdicts, and what stands on its edges."""
    assert judged(before, together, upper, 0.3) is verdict


def test_looking_at_more_lags_costs() -> None:
    """One good lag of four counts less than a good lag alone, and a sum's odds count half."""
    assert combined([0.01], None) == 0.01
    assert combined([0.01, 0.5, 0.5, 0.5], None) == pytest.approx(0.04)
    assert combined([0.01, 0.5, 0.5, 0.5], 0.002) == pytest.approx(0.004)
    assert mixed([40.0, 0.0, 0.0, 0.0], None) == 10.0
    assert mixed([40.0, 0.0, 0.0, 0.0], 30.0) == 20.0
