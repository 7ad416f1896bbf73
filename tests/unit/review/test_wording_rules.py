"""Rules about words: what each asks, and near misses that it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.review.sound import KPI, STAGE, changed, codes, findings, goal_changed, only, sound

from kputui.errors import Place, Severity
from kputui.model.journey import Stage


@pytest.mark.parametrize(
    ("label", "what"),
    [
        ("Raise retention by 10 %", "a number"),
        ("Customers come back by December", "a date"),
        ("Everybody is trained by the end of the quarter", "a date"),
        ("Customers come back this year", "a date"),
        ("More repeat buyers", "its metric"),
    ],
)
def test_a_goal_label_with_a_number_a_date_or_a_metric(label: str, what: str) -> None:
    """The label is the result in words; figures, dates and metrics have their own keys."""
    problem = findings(goal_changed(sound(), label=label))[0]
    assert (problem.code, problem.key) == ("M04", "goals.loyal.label")
    assert what in problem.message
    assert problem.place == Place("goals.toml", 3)
    assert problem.hint


def test_a_goal_label_with_the_name_of_another_kpi() -> None:
    """A KPI under the goal counts like the measure when its name is more than one word."""
    named = goal_changed(changed(sound(), KPI, label="Repeat orders"), label="More repeat orders", measured_by=None)
    assert 'names its metric "Repeat orders"' in only(named).message
    one_word = goal_changed(sound(), label="Customers repeat their praise", measured_by=None)
    assert codes(one_word) == []


@pytest.mark.parametrize(
    "label",
    [
        "Customers come back",
        "The shop sells all year",
        "Passengers may rebook without a fee",
        "We march together",
        "Nobody waits until morning",
        "Nobody needs to call us",
    ],
)
def test_a_result_in_words_is_left_alone(label: str) -> None:
    """Results that hold a month's homonym, a season of work, or a time of day are results."""
    assert codes(goal_changed(sound(), label=label)) == []


@pytest.mark.parametrize(
    "label",
    [
        "Launch the new app",
        "Roll out the training",
        "Implement single sign-on",
        "Hold workshops with all teams",
        "Hold monthly review meetings",
        "Train all staff",
        "Finish the migration",
        "A workshop with every team",
        "Organise a customer day",
    ],
)
def test_an_activity_is_asked_about(label: str) -> None:
    """Is this a result or an activity? A note, never more."""
    problem = only(goal_changed(sound(), label=label))
    assert (problem.code, problem.severity) == ("M21", Severity.INFO)
    assert "a result or an activity" in problem.message


@pytest.mark.parametrize(
    "label",
    [
        "Launches go without a hitch",
        "Deliveries come when promised",
        "Run on time",
        "Trains run on time",
        "Build trust with every parcel",
        "Projects end when they should",
        "Open doors for everybody",
        "Holding the line costs nobody an evening",
        "Calls are answered at once",
    ],
)
def test_a_result_that_sounds_busy_is_left_alone(label: str) -> None:
    """Words that also name results are not asked about."""
    assert codes(goal_changed(sound(), label=label)) == []


@pytest.mark.parametrize(
    "label",
    [
        "Better service",
        "Improve quality",
        "A world-class experience",
        "Excellent support",
        "Optimised processes",
        "Efficient deliveries",
        "Leverage our synergies",
    ],
)
def test_a_weasel_word_is_asked_about(label: str) -> None:
    """Who would notice, and by what? A note, never more."""
    problem = only(goal_changed(sound(), label=label))
    assert (problem.code, problem.severity) == ("M22", Severity.INFO)


@pytest.mark.parametrize("label", ["Betters pay their debts", "Parcels arrive whole", "Bestowed trust is returned"])
def test_words_that_only_hold_a_weasel_word_are_left_alone(label: str) -> None:
    """Whole words count, not letters in other words."""
    assert codes(goal_changed(sound(), label=label)) == []


@pytest.mark.parametrize(
    "label",
    [
        "Increase repeat orders by 10 %",
        "Increase repeat orders",
        "Reduce churn",
        "Raise repeat orders to 12",
        "Cut waiting below 3 minutes",
        "Repeat orders up by 5 percent",
        "Repeat orders up by 2,5 %",
        "Keep refunds under 3 %",
    ],
)
def test_a_metric_that_is_labelled_as_a_goal(label: str) -> None:
    """A metric names what is measured; what is wanted belongs to a goal."""
    problem = only(changed(sound(), KPI, label=label))
    assert (problem.code, problem.key, problem.severity) == ("M23", "metrics.repeat.label", Severity.INFO)


@pytest.mark.parametrize(
    "label",
    [
        "Increase in complaints",
        "Increase of the waiting list",
        "Reduced fares sold",
        "Cut flowers sold",
        "Lower deck seats",
        "Double rooms sold",
        "Raise requests",
        "Served by 10 in the morning",
        "Orders over 100 euros",
        "Improvement suggestions",
        "Waits under 3 minutes",
        "Reach of the newsletter",
        "Growth of revenue",
    ],
)
def test_a_metric_that_only_sounds_like_a_goal_is_left_alone(label: str) -> None:
    """Nouns, thresholds and clock times name a measurement."""
    assert codes(changed(sound(), KPI, label=label)) == []


@pytest.mark.parametrize("label", ["NPS", "Survey score", "Customer satisfaction score", "CSAT after calls"])
def test_a_goal_measured_by_an_opinion(label: str) -> None:
    """A survey score measures a goal: could it be talked up?"""
    assert only(changed(sound(), KPI, label=label)).code == "M20"


def test_a_wish_for_an_opinion_is_asked_twice() -> None:
    """A goal with a metric in it, and the metric an opinion."""
    assert codes(changed(sound(), KPI, label="Increase satisfaction by 10 %")) == ["M20", "M23"]


def test_a_survey_score_beside_other_measures_is_left_alone() -> None:
    """A survey is a good KPI among others, and surveys that are sent are counted, not asked."""
    workspace = goal_changed(changed(sound(), KPI, label="NPS"), measured_by=None)
    assert codes(workspace) == []
    assert codes(changed(sound(), KPI, label="Snaps taken")) == []


def test_a_text_that_was_left_open() -> None:
    """A TODO is told where it stands, and its words are not judged yet."""
    workspace = goal_changed(sound(), label="TODO What is better for your customers when this is reached?")
    problem = only(workspace)
    assert (problem.code, problem.key) == ("M24", "goals.loyal.label")
    stages = {STAGE: Stage(STAGE, "Waiting", "TODO what do they want?")}
    assert only(replace(sound(), stages=stages)).key == "journey.0.outcome"
    assert codes(goal_changed(sound(), why="Nobody has to-do lists any more")) == []
