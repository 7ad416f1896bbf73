"""Questions from counts of rows: each is raised where it should be, and not where honest work looks similar."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from kputui.analysis.gaming import rows
from kputui.analysis.gaming.question import Sample
from kputui.model.ids import MetricId

STARTS = tuple(date(2024, 1, 1) + timedelta(days=7 * week) for week in range(60))
SINCE = STARTS[36]
AFTER = np.arange(60) >= 36


def sample(values: np.ndarray, *, is_higher_better: bool = True, starts: tuple[date, ...] = STARTS) -> Sample:
    listed = tuple(float(value) for value in values)
    return Sample(MetricId("share"), "On-time share", starts, listed, is_higher_better=is_higher_better)


def noise(seed: int, n: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


def test_bunching_is_an_exact_binomial_test() -> None:
    """40 just past and 12 just short: the p is that of scipy's exact test, and the question has the counts."""
    from scipy import stats

    answer = rows.bunching(sample(noise(1)), 15.0, short=12, past=40, width=1.0)
    assert answer.figures["p"] == pytest.approx(stats.binomtest(40, 52, 0.5, alternative="greater").pvalue)
    assert answer.question is not None
    assert answer.question.code == "G03"
    assert answer.question.text.startswith("40 rows lie just past the threshold of On-time share and 12 just short")


@pytest.mark.parametrize(("short", "past"), [(30, 34), (40, 12), (0, 19), (9_000, 9_700)])
def test_no_bunching_is_no_question(short: int, past: int) -> None:
    """Even sides, the wrong side, few rows, and a slope that only size makes significant are left alone."""
    assert rows.bunching(sample(noise(1)), 15.0, short=short, past=past, width=1.0).question is None


def test_few_rows_near_the_target_are_said_to_be_few() -> None:
    """Nineteen rows can't tell."""
    answer = rows.bunching(sample(noise(1)), 15.0, short=0, past=19, width=1.0)
    assert answer.refusal == "cannot tell yet (has 19 rows near the target, needs 20)"


def test_a_share_that_improves_by_counting_fewer() -> None:
    """On time 800 of 1,000, then 800 of 880: the share rose because 12 % are no longer counted."""
    numerators = 800 + 5 * noise(2)
    denominators = np.where(AFTER, 880, 1000) + 5 * noise(3)
    answer = rows.shrinking_denominator(
        sample(numerators / denominators), numerators.tolist(), denominators.tolist(), SINCE
    )
    assert answer.question is not None
    assert answer.question.code == "G04"
    assert "12% fewer are counted" in answer.question.text
    assert "who is no longer counted?" in answer.question.text


def test_a_bad_share_that_improves_by_counting_more() -> None:
    """Complaints per call fall because calls are counted twice: the question asks who is counted now."""
    numerators = 80 + noise(2)
    denominators = np.where(AFTER, 1300, 1000) + 5 * noise(3)
    metric = sample(numerators / denominators, is_higher_better=False)
    answer = rows.shrinking_denominator(metric, numerators.tolist(), denominators.tolist(), SINCE)
    assert answer.question is not None
    assert "more are counted" in answer.question.text


def test_a_share_that_improves_by_its_numerator_is_left_alone() -> None:
    """More on time out of as many, or of somewhat fewer, is an honest improvement."""
    numerators = np.where(AFTER, 900, 800) + 5 * noise(2)
    for fewer in (1000, 985):
        denominators = np.where(AFTER, fewer, 1000) + 5 * noise(3)
        metric = sample(numerators / denominators)
        assert rows.shrinking_denominator(metric, numerators.tolist(), denominators.tolist(), SINCE).question is None


def test_a_share_that_improves_while_there_is_less_of_everything_is_left_alone() -> None:
    """A third fewer flights, and more of them on time: the summer is over, nobody was left out."""
    numerators = np.where(AFTER, 740, 900) + 5 * noise(2)
    denominators = np.where(AFTER, 990, 1490) + 5 * noise(3)
    metric = sample(numerators / denominators)
    assert rows.shrinking_denominator(metric, numerators.tolist(), denominators.tolist(), SINCE).question is None


def test_simpsons_paradox_is_seen() -> None:
    """Both segments got worse and the total better, because the easy one grew (the classic table of 1951)."""
    segments = [rows.Segment("easy", 0.93, 0.90, 100, 300), rows.Segment("hard", 0.73, 0.70, 300, 100)]
    before, after = (0.93 * 100 + 0.73 * 300) / 400, (0.90 * 300 + 0.70 * 100) / 400
    answer = rows.simpson(sample(noise(1)), before, after, segments, SINCE)
    assert answer.question is not None
    assert answer.question.code == "G05"
    assert "2 of its 2 segments did not" in answer.question.text
    assert answer.figures["within"] == pytest.approx(-0.03)
    assert answer.figures["mix"] == pytest.approx(after - before + 0.03)


def test_a_total_whose_segments_improve_is_left_alone() -> None:
    """The mix may change; as long as most segments improve there is no question."""
    segments = [rows.Segment("easy", 0.90, 0.93, 100, 300), rows.Segment("hard", 0.70, 0.72, 300, 100)]
    assert rows.simpson(sample(noise(1)), 0.75, 0.88, segments, SINCE).question is None
    assert rows.simpson(sample(noise(1)), 0.75, 0.88, segments[:1], SINCE).refusal


def months(count: int, spike: float, dip: float, seed: int) -> tuple[Sample, list[date]]:
    """Daily values with a weekly pattern; the last three days of a month are higher, the first three lower."""
    days = tuple(date(2024, 1, 1) + timedelta(days=day) for day in range(31 * count))
    ends = [day for day in days if (day + timedelta(days=1)).day == 1]
    values = 100 - 40 * np.array([day.weekday() >= 5 for day in days]) + 5 * noise(seed, len(days))
    for end in ends:
        at = days.index(end)
        values[at - 2 : at + 1] += spike
        values[at + 1 : at + 4] -= dip
    return sample(values, starts=days), ends[:-1]


def test_a_spike_that_is_paid_back_is_seen() -> None:
    """Sales pulled into the month and missing after it raise the question."""
    metric, ends = months(10, 20, 15, 4)
    answer = rows.end_of_period_spike(metric, ends)
    assert answer.question is not None
    assert answer.question.code == "G06"
    assert answer.figures["last_days"] == pytest.approx(20, abs=4)
    assert answer.figures["first_days"] == pytest.approx(-15, abs=4)


@pytest.mark.parametrize(("spike", "dip"), [(0, 0), (20, 0), (0, 15)])
def test_a_spike_without_pay_back_is_left_alone(spike: float, dip: float) -> None:
    """A busy month's end (pay day) is no moved work, nor is a slow first week alone."""
    metric, ends = months(10, spike, dip, 5)
    assert rows.end_of_period_spike(metric, ends).question is None


def test_few_ends_of_periods_are_said_to_be_few() -> None:
    """Three month ends can't tell."""
    metric, ends = months(4, 20, 15, 6)
    assert rows.end_of_period_spike(metric, ends).refusal.startswith("cannot tell yet (has 3 ends")
    assert rows.end_of_period_spike(metric, []).refusal


def test_rows_that_vanish_where_the_improvement_starts() -> None:
    """A quarter of the rows is missing from the week in which the share rises."""
    counts = (np.where(AFTER, 750, 1000) + 10 * noise(7)).astype(int).tolist()
    answer = rows.rows_missing(sample(0.8 + 0.1 * AFTER + 0.01 * noise(8)), counts, SINCE)
    assert answer.question is not None
    assert answer.question.code == "G07"
    assert answer.question.text.startswith("25% of the rows are missing")


def test_as_many_rows_or_no_improvement_is_no_question() -> None:
    """Fewer rows without an improvement, and an improvement on all rows, are left alone."""
    fewer = (np.where(AFTER, 750, 1000) + 10 * noise(7)).astype(int).tolist()
    as_many = (1000 + 10 * noise(7)).astype(int).tolist()
    assert rows.rows_missing(sample(0.8 + 0.01 * noise(8)), fewer, SINCE).question is None
    assert rows.rows_missing(sample(0.8 + 0.1 * AFTER + 0.01 * noise(8)), as_many, SINCE).question is None


def test_a_definition_that_changed_where_the_improvement_starts() -> None:
    """A new filter a week before the rise is asked about; one half a year earlier is not."""
    metric = sample(0.8 + 0.1 * AFTER + 0.01 * noise(8))
    answer = rows.definition_changed(metric, [STARTS[35]], SINCE)
    assert answer.question is not None
    assert (answer.question.code, answer.question.figures["changed_on"]) == ("G08", STARTS[35].isoformat())
    assert rows.definition_changed(metric, [STARTS[10]], SINCE).question is None
    assert rows.definition_changed(metric, [], SINCE).question is None


def test_a_date_with_too_little_around_it_is_refused() -> None:
    """All checks of a date say when it is too early to tell."""
    metric = sample(0.8 + 0.01 * noise(8))
    late = STARTS[57]
    answers = [
        rows.rows_missing(metric, [1000] * 60, late),
        rows.definition_changed(metric, [late], late),
        rows.shrinking_denominator(metric, [800.0] * 60, [1000.0] * 60, late),
    ]
    assert {answer.refusal for answer in answers} == {"cannot tell yet (has 3 points after, needs 6)"}
