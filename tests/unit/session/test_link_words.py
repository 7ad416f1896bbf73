"""The sentences about links: plain for a stand-up, exact for a statistician, and never a cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kputui.analysis.evidence.verdict import Effect, Evidence, LagFigure, Verdict
from kputui.model.ids import MetricId, SourceId
from kputui.model.link import LinkState
from kputui.model.metric import Aggregation, Grain, Metric, MetricKind, NumberFormat, Simple
from kputui.model.workspace import Project, Workspace
from kputui.session.link_words import (
    brief_words,
    change_words,
    figure,
    interval_words,
    later_words,
    missing_words,
    moved_words,
    odds_words,
    short_odds,
    step_of,
    verdict_sentence,
)

TAXI, ON_TIME = MetricId("taxi"), MetricId("on_time")


def metric(name: MetricId, label: str, form: NumberFormat = NumberFormat.PERCENT1, unit: str = "") -> Metric:
    definition = Simple(SourceId("flights"), Aggregation.AVERAGE, "delay")
    return Metric(name, MetricKind.CPI, label, definition, format=form, unit=unit)


SHARE = metric(TAXI, "Stuck on the taxiway")
HOURS = metric(TAXI, "Hours", NumberFormat.NUMBER0, "h")
WORKSPACE = Workspace(
    "/", Project(), metrics={TAXI: SHARE, ON_TIME: metric(ON_TIME, "On-time arrivals", NumberFormat.PERCENT1)}
)
BEST = LagFigure(1, 48, -0.55, -0.72, -0.31, -4.4, 44, 0.0001, 34.9, 0.01)
FOUND = Evidence(
    TAXI,
    ON_TIME,
    Verdict.CONFIRMED,
    "",
    n=48,
    grain=Grain.WEEK,
    p=0.0001,
    e=34.9,
    e_opposite=0.01,
    best=BEST,
    upper=0.72,
    effect=Effect(-0.41, -0.51, -0.3, 1),
)


def test_a_confirmed_link_in_one_sentence() -> None:
    """What leads what, by how much with its interval, when, with what odds, on how much data."""
    assert verdict_sentence(WORKSPACE, FOUND) == (
        "Stuck on the taxiway leads On-time arrivals: one point more goes with 0.41 points less [0.30, 0.51] one week "
        "later; 34 : 1 against luck (n = 48 weeks)"
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"verdict": Verdict.LEANING, "e": 7.96}, "Stuck on the taxiway may lead On-time arrivals: one point more "),
        ({"verdict": Verdict.LEANING, "e": 7.96}, "one week later; 7.9 : 1 against luck, and 20 : 1 is asked (n ="),
        (
            {"verdict": Verdict.TOGETHER, "best": replace(BEST, lag=0), "effect": Effect(-0.41, -0.51, -0.3, 0)},
            "move together in the same week, direction unknown: one point more goes with 0.41 points less [0.30, 0.51]",
        ),
        (
            {"verdict": Verdict.LEANING, "best": replace(BEST, lag=0), "effect": Effect(-0.41, -0.51, -0.3, 0)},
            "Stuck on the taxiway and On-time arrivals may move together in the same week: one point more",
        ),
        (
            {"verdict": Verdict.CONTRADICTED, "e_opposite": 55.0, "effect": Effect(0.41, 0.3, 0.51, 1)},
            "On-time arrivals the other way than declared: one point more goes with 0.41 points more [0.30, 0.51]",
        ),
        ({"verdict": Verdict.CONTRADICTED, "e_opposite": 55.0}, "; 55 : 1 against luck (n = 48 weeks)"),
        (
            {"verdict": Verdict.REJECTED, "upper": 0.214},
            "does not lead On-time arrivals by an amount that matters: with 95 % certainty not stronger than 0.21",
        ),
        (
            {"verdict": Verdict.NOT_ENOUGH, "e": 1.2, "more_periods": 20},
            "leads On-time arrivals: 1.2 : 1 against luck; about 20 more weeks (n = 48 weeks)",
        ),
        (
            {"verdict": Verdict.NOT_ENOUGH, "p": None, "reason": "12 joint periods"},
            "not enough data to say whether Stuck on the taxiway leads On-time arrivals: 12 joint periods",
        ),
        (
            {"verdict": Verdict.REFUSED, "reason": "they are the same metric"},
            "Stuck on the taxiway and On-time arrivals can't be tested against each other: they are the same metric",
        ),
    ],
)
def test_every_verdict_has_its_sentence(changes: dict[str, object], told: str) -> None:
    """One sentence for each verdict, and no word of causes."""
    sentence = verdict_sentence(WORKSPACE, replace(FOUND, **changes))  # type: ignore[arg-type]
    assert told in sentence
    assert "cause" not in sentence


def test_an_undeclared_pair_is_called_exploratory() -> None:
    """What was found by looking is never said like a test."""
    sentence = verdict_sentence(WORKSPACE, replace(FOUND, verdict=Verdict.LEANING), is_declared=False)
    assert sentence.startswith("exploratory, the strongest of all lags and both signs: ")
    assert "luck" not in sentence


@pytest.mark.parametrize(
    ("e", "words", "short"),
    [
        (34.99, "34 : 1 against luck", "34 : 1"),
        (19.999, "19 : 1 against luck", "19 : 1"),
        (9.96, "9.9 : 1 against luck", "9.9 : 1"),
        (1.0, "1 : 1 against luck", "1 : 1"),
        (0.31, "3.2 : 1 for luck", "3.2 : 1 for luck"),
        (4_238.0, "4 238 : 1 against luck", "4 238 : 1"),
        (5e11, "more than a million : 1 against luck", "> 1e6 : 1"),
        (1e-9, "more than a million : 1 for luck", "> 1e6 : 1 for luck"),
        (None, "", ""),
    ],
)
def test_odds_never_say_more_than_they_are(e: float | None, words: str, short: str) -> None:
    """An e-value is rounded down, so that 19.99 is not 20; below 1 the odds are for luck."""
    assert (odds_words(e), short_odds(e)) == (words, short)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.4149, "0.41"), (12.3, "12"), (132.0, "132"), (0.00482, "0.0048"), (5000.0, "5 000"), (2.0, "2")],
)
def test_figures_have_two_digits(value: float, text: str) -> None:
    """Two figures, grouped, never an exponent."""
    assert figure(value) == text


def test_changes_speak_in_the_metrics_unit() -> None:
    """Shares in points, others in their unit, durations in minutes or hours; intervals have equal decimals."""
    assert change_words(SHARE, -0.0041) == "0.41 points less"
    assert change_words(SHARE, 0.01) == "1 point more"
    assert change_words(HOURS, 132.4) == "132 h more"
    assert change_words(metric(TAXI, "Wait", NumberFormat.DURATION), 90.0) == "1.5 min more"
    assert moved_words(HOURS, -3.0) == "falls by 3 h"
    assert interval_words(SHARE, -0.0051, -0.003) == "[0.30, 0.51]"
    assert interval_words(HOURS, -0.0097, 0.00002) == "[0.0097 less, 0.0000 more]"
    assert (later_words(0, Grain.DAY), later_words(1, Grain.DAY), later_words(3, None)) == (
        "in the same day",
        "one day later",
        "3 periods later",
    )


def test_steps_are_of_a_size_that_people_picture() -> None:
    """One point of a share; a power of ten below the spread of anything else; one unit when nothing is known."""
    assert step_of(SHARE).size == 0.01
    assert (step_of(HOURS).size, step_of(HOURS).words) == (1.0, "one h")
    wide = step_of(HOURS, [100.0, 500.0, None, 900.0])
    assert (wide.size, wide.words) == (100.0, "100 h")
    assert step_of(HOURS, [5.0, 5.0]).size == 1.0
    assert step_of(metric(TAXI, "Wait", NumberFormat.DURATION), [60.0, 600.0]).words == "one minute"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "a person's decision"),
        ({"verdict": Verdict.LEANING, "more_periods": 1}, "about 1 more week"),
        ({"verdict": Verdict.LEANING, "e": 7.0}, "7 : 1 of 20 : 1"),
        ({"verdict": Verdict.NOT_ENOUGH, "more_periods": 20}, "about 20 more weeks"),
        ({"verdict": Verdict.NOT_ENOUGH, "p": None, "n": 12, "more_periods": 18}, "needs 30 weeks, has 12"),
        ({"verdict": Verdict.NOT_ENOUGH, "p": None, "gaps": 0.224}, "gaps 22 %"),
        ({"verdict": Verdict.NOT_ENOUGH, "p": None, "reason": "Tables never changes"}, "Tables never changes"),
        ({"verdict": Verdict.TOGETHER}, "which goes first"),
        ({"verdict": Verdict.CONTRADICTED}, "the other sign"),
        ({"verdict": Verdict.REJECTED}, "an effect that matters"),
        ({"verdict": Verdict.REFUSED}, "another measure"),
    ],
)
def test_the_grid_says_what_is_missing(changes: dict[str, object], told: str) -> None:
    """In a few words for a cell."""
    found = replace(FOUND, **changes)  # type: ignore[arg-type]
    assert missing_words(found, LinkState.HYPOTHESIS) == told


def test_nothing_is_missing_to_a_confirmed_link() -> None:
    """Confirmed with evidence there is nothing left to do; before the first look nothing is known."""
    assert missing_words(FOUND, LinkState.CONFIRMED) == ""
    assert missing_words(None, LinkState.HYPOTHESIS) == "not looked at yet"


def test_details_have_the_verdict_in_few_words() -> None:
    """For the line of a link in a metric's detail."""
    assert brief_words(FOUND) == "ready to confirm, r = -0.55 one week later, 34 : 1 against luck"
    gated = replace(FOUND, verdict=Verdict.NOT_ENOUGH, p=None, best=None, n=12, more_periods=18)
    assert brief_words(gated) == "not enough data (needs 30 weeks, has 12)"


def test_a_step_can_be_pictured_beside_a_number_of_hundreds_of_digits() -> None:
    """One absurd value neither stops the words nor decides the size of the change that they tell."""
    assert step_of(HOURS, [10.0, 300.0, 1e300]).size == step_of(HOURS, [10.0, 300.0]).size == 100.0
