"""The rules: what each finds, where, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from kputui.errors import Place, Problem, Severity
from kputui.model.goal import Goal
from kputui.model.ids import GoalId, MetricId, SourceId, StageId
from kputui.model.journey import Stage
from kputui.model.link import Expect, Lag, Link
from kputui.model.metric import Aggregation, Input, Metric, MetricKind, Ratio, Simple
from kputui.model.workspace import Project, Workspace
from kputui.review import CODES, RULES, metrics_of, run, supporting, unsupporting

if TYPE_CHECKING:
    from kputui.model.ownership import Ownership

GOAL, KPI, CPI, GUARD, STAGE = (
    GoalId("loyal"),
    MetricId("repeat"),
    MetricId("late"),
    MetricId("refunds"),
    StageId("post"),
)


def metric(name: str, kind: MetricKind, **more: object) -> Metric:
    definition = Simple(SourceId("orders"), Aggregation.SUM)
    return replace(Metric(MetricId(name), kind, name.capitalize(), definition), **more)  # type: ignore[arg-type]


def sound() -> Workspace:
    """A workspace in which no rule finds anything."""
    metrics = (
        metric("repeat", MetricKind.KPI, goals=(GOAL,), guardrails=(GUARD,)),
        metric("late", MetricKind.CPI, stage=STAGE),
        metric("refunds", MetricKind.GUARDRAIL),
    )
    return Workspace(
        "/nowhere",
        Project(),
        goals={
            GOAL: Goal(
                GOAL,
                "Customers come back",
                why="They pay for the growth",
                start=date(2026, 1, 1),
                due=date(2026, 12, 31),
                measured_by=KPI,
                target=12.0,
            )
        },
        metrics={entry.id: entry for entry in metrics},
        stages={STAGE: Stage(STAGE, "Waiting")},
        links=(Link(CPI, KPI, Expect.NEGATIVE, Lag(0, 4, "weeks")),),
        places={("metrics", "late"): Place("metrics.toml", 12, 10), ("goals", "loyal"): Place("goals.toml", 3)},
    )


def changed(workspace: Workspace, name: MetricId, **more: object) -> Workspace:
    """The workspace with one metric changed."""
    entry = replace(workspace.metrics[name], **more)  # type: ignore[arg-type]
    return replace(workspace, metrics={**workspace.metrics, name: entry})


def goal_changed(workspace: Workspace, **more: object) -> Workspace:
    """The workspace with its goal changed."""
    return replace(workspace, goals={GOAL: replace(workspace.goals[GOAL], **more)})  # type: ignore[arg-type]


def codes(workspace: Workspace, ownership: Ownership | None = None) -> list[str]:
    return [problem.code for problem in run(workspace, ownership)]


def only(workspace: Workspace, ownership: Ownership | None = None) -> Problem:
    """The one finding that there is."""
    (problem,) = run(workspace, ownership)
    return problem


def test_a_sound_workspace_has_no_findings() -> None:
    """Goal, measure, link, guardrail, stage: nothing to say."""
    assert run(sound()) == ()


def test_a_kpi_without_a_goal() -> None:
    """A speedometer without a destination; what hangs on it supports no goal either."""
    workspace = goal_changed(changed(sound(), KPI, goals=()), measured_by=None)
    assert codes(workspace) == ["M01", "M02", "M08", "M08"]


def test_a_kpi_that_measures_a_goal_needs_not_name_it() -> None:
    """To measure a goal is to stand under it."""
    assert run(changed(sound(), KPI, goals=())) == ()


def test_a_goal_that_nothing_measures() -> None:
    """A goal without measure, KPI and goals below; a parent is measured through its children."""
    lone = Goal(GoalId("lone"), "A wish")
    workspace = sound()
    assert only(replace(workspace, goals={**workspace.goals, lone.id: lone})).code == "M02"
    child = replace(workspace.goals[GOAL], parent=lone.id)
    assert run(replace(workspace, goals={lone.id: lone, GOAL: child})) == ()


@pytest.mark.parametrize("lack", ["target", "start", "due"])
def test_a_goal_that_cannot_be_judged(lack: str) -> None:
    """Pace needs a target, a start and a due date; the finding names what lacks."""
    problem = only(goal_changed(sound(), **{lack: None}))
    assert problem.code == "M03"
    assert problem.message.endswith(f"it lacks {lack}")


@pytest.mark.parametrize("label", ["Raise retention by 10 %", "More repeat buyers"])
def test_a_goal_label_with_a_number_or_a_metric(label: str) -> None:
    """The label is the result in words; figures and metrics have their own keys."""
    problem = only(goal_changed(sound(), label=label))
    assert (problem.code, problem.key) == ("M04", "goals.loyal.label")
    assert problem.place == Place("goals.toml", 3)


def test_a_cpi_without_a_link() -> None:
    """A CPI that is linked to nothing is one finding, not two."""
    problem = only(replace(sound(), links=()))
    assert (problem.code, problem.place) == ("M05", Place("metrics.toml", 12, 10))
    assert problem.hint


def test_a_kpi_that_nothing_guards() -> None:
    """A guardrail or a gaming note, one of the two."""
    bare = changed(sound(), KPI, guardrails=())
    assert "M06" in codes(bare)
    assert "M06" not in codes(changed(bare, KPI, gaming="sending everybody a coupon"))


def test_a_stage_without_a_cpi() -> None:
    """A hole in the journey is told by its label."""
    workspace = sound()
    more = StageId("return")
    problem = only(replace(workspace, stages={**workspace.stages, more: Stage(more, "Sending back")}))
    assert problem.code == "M07"
    assert "Sending back" in problem.message


def test_a_metric_that_supports_no_goal() -> None:
    """A note, not a warning: people may watch what they like, but see that it steers nothing."""
    workspace = sound()
    rain = metric("rain", MetricKind.DIAGNOSTIC)
    problem = only(replace(workspace, metrics={**workspace.metrics, rain.id: rain}))
    assert (problem.code, problem.severity) == ("M08", Severity.INFO)


def test_worst_findings_come_first() -> None:
    """Warnings stand before notes."""
    workspace = replace(sound(), links=())
    rain = metric("rain", MetricKind.DIAGNOSTIC)
    found = run(replace(workspace, metrics={rain.id: rain, **workspace.metrics}))
    assert [problem.severity for problem in found] == [Severity.WARNING, Severity.INFO]


def test_every_rule_is_documented_and_has_its_own_code() -> None:
    """Codes are unique, ordered and each has one line of meaning."""
    assert list(CODES) == [rule.code for rule in RULES] == sorted({rule.code for rule in RULES})
    assert all(meaning and "\n" not in meaning for meaning in CODES.values())


def test_parts_of_supporting_metrics_support_too() -> None:
    """Numerator and denominator of a KPI are neither strays nor rows of their own."""
    workspace = sound()
    parts = [metric("returned", MetricKind.DIAGNOSTIC), metric("sold", MetricKind.DIAGNOSTIC)]
    ratio = Ratio(Input(MetricId("returned")), Input(MetricId("sold")))
    kpi = replace(workspace.metrics[KPI], definition=ratio)
    whole = replace(workspace, metrics={**workspace.metrics, KPI: kpi, **{part.id: part for part in parts}})
    assert run(whole) == ()
    assert {"returned", "sold"} <= supporting(whole)
    assert [entry.id for entry in metrics_of(whole, GOAL)] == [KPI]


def test_parts_of_strays_are_not_listed() -> None:
    """Only the stray metric itself stands at the foot, not what it is made of."""
    workspace = sound()
    part = metric("part", MetricKind.DIAGNOSTIC)
    stray = replace(
        metric("stray", MetricKind.DIAGNOSTIC), definition=Ratio(Input(MetricId("part")), Input(MetricId("part")))
    )
    whole = replace(workspace, metrics={**workspace.metrics, part.id: part, stray.id: stray})
    assert [entry.id for entry in unsupporting(whole)] == ["stray"]
