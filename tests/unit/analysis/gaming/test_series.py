"""Questions from a KPI and its outcome or guardrail: gaming is found, honest teams are left alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kputui.analysis.gaming.codes import CODES
from kputui.analysis.gaming.question import Sample
from kputui.analysis.gaming.series import diverging, guardrail
from kputui.model.ids import MetricId

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE, AFTER, LAG = 52, 26, 2
STARTS = tuple(date(2024, 1, 1) + timedelta(days=7 * week) for week in range(BEFORE + AFTER))
SINCE = STARTS[BEFORE]


def autoregressive(phi: float, n: int, random: np.random.Generator) -> np.ndarray:
    steps = random.standard_normal(n + 60)
    values = np.zeros(n + 60)
    for at in range(1, n + 60):
        values[at] = phi * values[at - 1] + steps[at] * np.sqrt(1 - phi**2)
    return values[60:]


def sample(name: str, values: np.ndarray, *, is_higher_better: bool = True) -> Sample:
    starts = STARTS[: len(values)]
    return Sample(MetricId(name), name.capitalize(), starts, tuple(values.tolist()), is_higher_better=is_higher_better)


def teams(phi: float, *, rise: float, faked: float, count: int, seed: int) -> Iterator[tuple[Sample, Sample]]:
    """KPIs that rise by `rise` in truth and by `faked` on paper, with outcomes that follow the truth (r = 0.7)."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        truth = autoregressive(phi, BEFORE + AFTER + LAG, random)
        truth[BEFORE + LAG :] += rise
        seen = truth[LAG:] + faked * (np.arange(BEFORE + AFTER) >= BEFORE)
        outcome = 0.7 * truth[: BEFORE + AFTER] + np.sqrt(1 - 0.7**2) * autoregressive(phi, BEFORE + AFTER, random)
        yield sample("accounts", seen), sample("revenue", outcome)


def asked(pairs: Iterator[tuple[Sample, Sample]]) -> int:
    return sum(diverging(kpi, outcome, SINCE, lag=LAG).question is not None for kpi, outcome in pairs)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_full_gaming_is_found(phi: float) -> None:
    """A KPI that rises by two standard deviations on paper alone is asked about in three of four cases at least."""
    assert asked(teams(phi, rise=0.0, faked=2.0, count=60, seed=1)) >= 45


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_honest_teams_are_left_alone(phi: float) -> None:
    """A true rise, with an outcome that follows it, is asked about in about one of twenty cases at most."""
    assert asked(teams(phi, rise=2.0, faked=0.0, count=120, seed=2)) <= 11


def test_teams_that_changed_nothing_are_not_asked() -> None:
    """Without a rise of the KPI there is hardly ever a question."""
    assert asked(teams(0.5, rise=0.0, faked=0.0, count=100, seed=3)) <= 2


def test_an_outcome_that_has_not_risen_yet_is_no_reason() -> None:
    """Two metrics without any tie: the KPI rises, the outcome stays, and nobody is asked for that."""
    random = np.random.default_rng(4)
    count = 0
    for _ in range(60):
        kpi = autoregressive(0.3, 78, random) + 2 * (np.arange(78) >= BEFORE)
        count += (
            diverging(sample("kpi", kpi), sample("outcome", autoregressive(0.3, 78, random)), SINCE).question
            is not None
        )
    assert count <= 6


def test_eleven_points_after_are_too_few() -> None:
    """Before twelve joint points after the date, the answer is that it can't be told yet."""
    kpi, outcome = next(teams(0.0, rise=0.0, faked=4.0, count=1, seed=5))
    answer = diverging(
        Sample(kpi.metric, kpi.label, kpi.starts[:63], kpi.values[:63]),
        Sample(outcome.metric, outcome.label, outcome.starts[:63], outcome.values[:63]),
        SINCE,
    )
    assert answer.question is None
    assert answer.refusal == "cannot tell yet (has 11 points after, needs 12)"


def test_the_question_asks_and_has_its_figures() -> None:
    """Wording asks what the KPI measures, names the outcome, and accuses nobody."""
    kpi, outcome = next(teams(0.0, rise=0.0, faked=4.0, count=1, seed=5))
    answer = diverging(kpi, outcome, SINCE, lag=LAG)
    assert answer.question is not None
    assert answer.question.code == "G01"
    assert answer.question.text.endswith("?")
    assert "Revenue is lower than that implies" in answer.question.text
    assert (answer.question.metric, answer.question.other, answer.question.since) == ("accounts", "revenue", SINCE)
    assert {"kpi_p", "outcome_p", "outcome_step_given_kpi", "points_after", "lag"} <= set(answer.figures)


def test_a_lower_is_better_pair_is_judged_alike() -> None:
    """Waiting times that fall on paper alone are found as well."""
    kpi, outcome = next(teams(0.0, rise=0.0, faked=4.0, count=1, seed=5))
    turned = sample("wait", -np.array(kpi.values), is_higher_better=False)
    answer = diverging(turned, outcome, SINCE, lag=LAG)
    assert answer.question is not None
    assert answer.figures["outcome_p"] == pytest.approx(diverging(kpi, outcome, SINCE, lag=LAG).figures["outcome_p"])


@pytest.mark.parametrize("values", [np.full(78, 3.0), np.full(78, np.nan)])
def test_nothing_that_varies_is_no_question(values: np.ndarray) -> None:
    """Constant and empty series are refused in words."""
    kpi, outcome = next(teams(0.0, rise=0.0, faked=4.0, count=1, seed=5))
    empty = Sample(MetricId("x"), "X", STARTS, tuple(None if v != v else v for v in values.tolist()))  # noqa: PLR0124 - nan
    assert diverging(kpi, empty, SINCE).refusal
    assert diverging(empty, outcome, SINCE).refusal
    assert guardrail(kpi, empty).refusal


def test_a_guardrail_that_pays_for_its_kpi_outranks() -> None:
    """Accounts rise, complaints rise with them: the question names the guardrail and is marked as one."""
    random = np.random.default_rng(6)
    step = 3 * (np.arange(78) >= BEFORE)
    kpi = sample("accounts", autoregressive(0.3, 78, random) + step)
    complaints = sample("complaints", autoregressive(0.3, 78, random) + step, is_higher_better=False)
    answer = guardrail(kpi, complaints, SINCE)
    assert answer.question is not None
    assert (answer.question.code, answer.question.other, answer.question.is_guardrail) == ("G02", "complaints", True)
    assert answer.question.text == "Complaints got worse while Accounts improved: what pays for the improvement?"


def test_slow_wear_of_a_guardrail_is_found_without_a_date() -> None:
    """Both creep over the last third of the data: trends are enough, nobody has to name a day."""
    random = np.random.default_rng(7)
    creep = np.maximum(0, np.arange(78) - 52) * 0.25
    kpi = sample("accounts", 0.7 * autoregressive(0.2, 78, random) + creep)
    quality = sample("quality", 0.7 * autoregressive(0.2, 78, random) - creep)
    answer = guardrail(kpi, quality)
    assert answer.question is not None
    assert answer.figures["shape"] == "trend"


def test_a_guardrail_that_only_wobbles_is_left_alone() -> None:
    """Autocorrelated values without any change raise no question in nearly all cases."""
    random = np.random.default_rng(8)
    pairs = [(autoregressive(0.6, 78, random), autoregressive(0.6, 78, random)) for _ in range(40)]
    assert sum(guardrail(sample("a", a), sample("b", b)).question is not None for a, b in pairs) <= 1


def test_every_code_asks() -> None:
    """No code's meaning accuses: each is a question."""
    assert all(meaning.endswith("?") for meaning in CODES.values())
