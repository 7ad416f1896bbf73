"""Rules about CPIs, the journey, teams and links."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.review.sound import (
    CPI,
    KPI,
    STAGE,
    TEAM,
    changed,
    codes,
    link_changed,
    metric,
    only,
    sound,
    with_metrics,
)

from kputui.model.ids import StageId, TeamId
from kputui.model.journey import Stage
from kputui.model.link import Expect, LinkDecision, LinkState
from kputui.model.metric import Direction, MetricKind, NumberFormat
from kputui.model.ownership import Ownership
from kputui.model.team import Team


def test_a_cpi_without_a_link() -> None:
    """A CPI that is linked to nothing is one finding, not two."""
    problem = only(replace(sound(), links=()))
    assert problem.code == "M05"
    assert problem.hint


def test_a_stage_without_a_cpi() -> None:
    """A hole in the journey is told by its label."""
    more = StageId("return")
    workspace = sound()
    problem = only(replace(workspace, stages={**workspace.stages, more: Stage(more, "Sending back")}))
    assert problem.code == "M07"
    assert "Sending back" in problem.message


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [("stage", None, "M33"), ("need", None, "M34"), ("question", " ", "M35"), ("discovered", "", "M36")],
)
def test_what_a_cpi_must_say(key: str, value: object, code: str) -> None:
    """Stage, need, question and discovery: each has its own finding; a KPI needs none of them."""
    found = codes(changed(sound(), CPI, **{key: value}))
    assert code in found
    assert set(found) <= {code, "M07"}


@pytest.mark.parametrize(
    ("discovered", "is_found"),
    [
        ("NPS survey, 2012-11", True),
        ("questionnaire after delivery", True),
        ("CSAT", True),
        ("survey, then 8 interviews at the desk", False),
        ("14 interviews at the check-in desk, 2012-11", False),
        ("app use: refreshes of the departure screen, 2012-09", False),
        ("transfer desk queue counted for 10 days", False),
        ("survey comments checked against the data of returns", False),
        ("land surveyor's notes", False),
    ],
)
def test_a_cpi_found_by_a_survey_alone(discovered: str, *, is_found: bool) -> None:
    """A survey tells what somebody thought of asking; anything seen or heard beside it is enough."""
    assert codes(changed(sound(), CPI, discovered=discovered)) == (["M37"] if is_found else [])


def test_a_percentage_says_of_how_many() -> None:
    """Three of four are 75 % too; a sample size, or a figure that is no percentage, is fine."""
    assert codes(changed(sound(), CPI, format=NumberFormat.PERCENT1)) == ["M32"]
    assert codes(changed(sound(), CPI, format=NumberFormat.PERCENT1, min_sample=50)) == []
    assert codes(changed(sound(), KPI, format=NumberFormat.PERCENT1)) == []


def test_a_team_that_can_move_nothing() -> None:
    """A team without influence can answer for nothing."""
    idle = Team(TeamId("idle"), "Idle")
    workspace = sound()
    assert codes(replace(workspace, teams={**workspace.teams, idle.id: idle})) == ["M41"]


def test_a_cpi_that_no_team_can_move() -> None:
    """Nobody could be held accountable; where no teams are written there is nothing to compare with."""
    other = Team(TEAM, "Logistics", influences=(KPI,))
    assert codes(replace(sound(), teams={TEAM: other})) == ["M42"]
    assert codes(replace(sound(), teams={})) == []


def test_a_cpi_whose_links_were_all_refuted() -> None:
    """As long as one link is open, there is something to find out."""
    refuted = Ownership(decisions={(CPI, KPI): LinkDecision(CPI, KPI, LinkState.REFUTED)})
    assert codes(sound(), ownership=refuted) == ["M43"]
    second = metric("basket", MetricKind.KPI, direction=Direction.INCREASE, goals=("loyal",), gaming="bundles")
    workspace = with_metrics(sound(), second)
    workspace = replace(workspace, links=(*workspace.links, replace(workspace.links[0], kpi=second.id)))
    assert codes(workspace, ownership=refuted) == []
    confirmed = Ownership(decisions={(CPI, KPI): LinkDecision(CPI, KPI, LinkState.CONFIRMED)})
    assert codes(sound(), ownership=confirmed) == []


def test_what_a_link_must_say() -> None:
    """Why the KPI should follow, and when the link is looked at again."""
    problem = only(link_changed(sound(), mechanism=" "))
    assert (problem.code, problem.key) == ("M38", "links.0")
    assert codes(link_changed(sound(), review_every_days=None)) == ["M39"]


@pytest.mark.parametrize(
    ("cpi", "kpi", "expect", "is_found"),
    [
        (Direction.DECREASE, Direction.INCREASE, Expect.NEGATIVE, False),
        (Direction.DECREASE, Direction.INCREASE, Expect.POSITIVE, True),
        (Direction.DECREASE, Direction.DECREASE, Expect.POSITIVE, False),
        (Direction.INCREASE, Direction.INCREASE, Expect.NEGATIVE, True),
        (Direction.MAINTAIN, Direction.INCREASE, Expect.NEGATIVE, False),
    ],
)
def test_a_link_against_the_directions(cpi: Direction, kpi: Direction, expect: Expect, *, is_found: bool) -> None:
    """A sign by which a better CPI makes the KPI worse is asked about; a held level has no better side."""
    workspace = link_changed(changed(changed(sound(), CPI, direction=cpi), KPI, direction=kpi), expect=expect)
    assert codes(workspace) == (["M40"] if is_found else [])


def test_a_stage_is_named_by_the_cpi() -> None:
    """The stage that a CPI names counts as measured, also when it is not the first."""
    more = StageId("return")
    workspace = sound()
    stages = {more: Stage(more, "Sending back"), STAGE: workspace.stages[STAGE]}
    assert only(replace(workspace, stages=stages)).key == "journey.0"
