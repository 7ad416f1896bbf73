"""The rules together: codes, order, levels, exceptions, places, and what supports a goal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.review.sound import (
    CPI,
    GOAL,
    KPI,
    STAGE,
    changed,
    codes,
    findings,
    goal_changed,
    link_changed,
    metric,
    only,
    sound,
    with_metrics,
)

from kputui.analysis.gaming.codes import CODES as QUESTIONS
from kputui.errors import Place, Severity
from kputui.model.ids import MetricId, StageId
from kputui.model.journey import Stage
from kputui.model.lint import LEVELLED_CODES, Level, Lint
from kputui.model.metric import Input, MetricKind, Ratio
from kputui.review import alignment, kpis_of, metrics_of, supporting, unsupporting
from kputui.review.codes import CODES
from kputui.review.reference import reference
from kputui.review.rules import RULES


def test_a_sound_workspace_has_no_findings() -> None:
    """Goal, measure, link, guardrail, stage, team: nothing to say."""
    assert findings(sound()) == ()


def test_every_rule_is_documented_and_has_its_own_code() -> None:
    """Codes are unique, ordered, and each has one line of meaning and one of what to do."""
    assert list(CODES) == [rule.code for rule in RULES] == sorted({rule.code for rule in RULES})
    for rule in RULES:
        assert rule.meaning
        assert rule.remedy
        assert "\n" not in rule.meaning + rule.remedy
        assert f"| {rule.code} | " in reference()


def test_every_rule_and_question_can_be_set() -> None:
    """[lint] knows exactly the codes that there are."""
    assert set(LEVELLED_CODES) == {*CODES, *QUESTIONS}
    assert len(LEVELLED_CODES) == len(set(LEVELLED_CODES))


def test_worst_findings_come_first() -> None:
    """Warnings stand before notes."""
    workspace = with_metrics(replace(sound(), links=()), metric("rain", MetricKind.DIAGNOSTIC))
    assert [problem.severity for problem in findings(workspace)] == [Severity.WARNING, Severity.INFO]


def test_a_finding_says_where_it_is_and_what_to_do() -> None:
    """The place is the nearest one that is written; the hint is the rule's when the finding has none."""
    problem = only(replace(sound(), links=()))
    assert (problem.code, problem.place, problem.key) == ("M05", Place("metrics.toml", 12, 10), "metrics.late")
    assert problem.hint == next(rule.remedy for rule in RULES if rule.code == "M05")


@pytest.mark.parametrize(
    ("level", "severity"),
    [(Level.NOTE, Severity.INFO), (Level.WARNING, Severity.WARNING), (Level.ERROR, Severity.ERROR)],
)
def test_a_workspace_sets_the_level_of_a_rule(level: Level, severity: Severity) -> None:
    """The level of [lint] stands above the rule's own."""
    workspace = replace(goal_changed(sound(), owner=None), lint=Lint({"M10": level}))
    assert only(workspace).severity is severity


def test_a_rule_that_is_off_finds_nothing() -> None:
    """Off is silent; the other rules go on."""
    workspace = goal_changed(sound(), owner=None, why="")
    assert codes(workspace) == ["M09", "M10"]
    assert codes(replace(workspace, lint=Lint({"M10": Level.OFF}))) == ["M09"]


def test_a_place_is_excepted_from_a_rule() -> None:
    """An exception holds for the place and what is below it, for its codes, and for nothing else."""
    workspace = goal_changed(sound(), label="Improve 3 things", owner=None)
    assert codes(workspace) == ["M04", "M10", "M22"]
    excepted = replace(workspace, lint=Lint(ignored={("goals", GOAL): ("M04", "M10")}))
    assert codes(excepted) == ["M22"]
    elsewhere = replace(workspace, lint=Lint(ignored={("goals", "other"): ("M04", "M10")}))
    assert codes(elsewhere) == codes(workspace)


def test_stages_and_links_are_excepted_by_name() -> None:
    """A stage stands in a list, so its id names it; a link is excepted at its CPI."""
    workspace = link_changed(sound(), mechanism="")
    more = StageId("return")
    workspace = replace(workspace, stages={STAGE: workspace.stages[STAGE], more: Stage(more, "Sending back")})
    assert codes(workspace) == ["M07", "M38"]
    lint = Lint(ignored={("journey", more): ("M07",), ("metrics", CPI): ("M38",)})
    assert codes(replace(workspace, lint=lint)) == []


def test_parts_of_supporting_metrics_support_too() -> None:
    """Numerator and denominator of a KPI are neither strays nor rows of their own."""
    parts = [metric("returned", MetricKind.DIAGNOSTIC), metric("sold", MetricKind.DIAGNOSTIC)]
    ratio = Ratio(Input(MetricId("returned")), Input(MetricId("sold")))
    whole = with_metrics(changed(sound(), KPI, definition=ratio), *parts)
    assert findings(whole) == ()
    assert {"returned", "sold"} <= supporting(whole)
    assert [entry.id for entry in metrics_of(whole, GOAL)] == [KPI]
    assert [entry.id for entry in kpis_of(whole, GOAL)] == [KPI]


def test_parts_of_strays_are_not_listed() -> None:
    """Only the stray metric itself stands at the foot, not what it is made of."""
    part = metric("part", MetricKind.DIAGNOSTIC)
    stray = replace(
        metric("stray", MetricKind.DIAGNOSTIC), definition=Ratio(Input(MetricId("part")), Input(MetricId("part")))
    )
    assert [entry.id for entry in unsupporting(with_metrics(sound(), part, stray))] == ["stray"]


def test_the_alignment_counts_what_stands_for_itself() -> None:
    """KPI, CPI and guardrail support the goal; a stray does not, and what it is made of is not counted."""
    part = metric("part", MetricKind.DIAGNOSTIC)
    stray = replace(
        metric("stray", MetricKind.DIAGNOSTIC), definition=Ratio(Input(MetricId("part")), Input(MetricId("part")))
    )
    found = alignment(with_metrics(sound(), part, stray))
    assert (found.supporting, found.metrics, found.percent) == (3, 4, 75.0)
    assert alignment(replace(sound(), metrics={})).percent is None
