"""Rules about KPIs, guardrails, and metrics of every kind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.review.sound import CPI, GUARD, KPI, changed, codes, goal_changed, metric, only, sound, with_metrics

from kputui.errors import Severity
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Direction, Grain, Input, MetricKind, Ratio, Simple

ORDERS = SourceId("orders")
RAIN = MetricId("rain")


def test_a_kpi_without_a_goal() -> None:
    """A speedometer without a destination; what hangs on it supports no goal either."""
    workspace = goal_changed(changed(sound(), KPI, goals=()), measured_by=None)
    assert codes(workspace) == ["M01", "M02", "M08", "M08"]


def test_a_kpi_that_measures_a_goal_needs_not_name_it() -> None:
    """To measure a goal is to stand under it."""
    assert codes(changed(sound(), KPI, goals=())) == []


def test_a_kpi_that_nothing_guards() -> None:
    """A guardrail or a gaming note, one of the two."""
    bare = changed(sound(), KPI, guardrails=())
    assert "M06" in codes(bare)
    assert "M06" not in codes(changed(bare, KPI, gaming="sending everybody a coupon"))


def test_a_metric_that_supports_no_goal() -> None:
    """A note, not a warning: people may watch what they like, but see that it steers nothing."""
    problem = only(with_metrics(sound(), metric("rain", MetricKind.DIAGNOSTIC)))
    assert (problem.code, problem.severity) == ("M08", Severity.INFO)


def test_two_metrics_with_one_label() -> None:
    """Case and spaces around do not tell metrics apart; other words do."""
    twin = metric("rain", MetricKind.DIAGNOSTIC, label=" late ")
    workspace = with_metrics(sound(), twin)
    assert codes(workspace) == ["M25", "M08"]
    assert codes(changed(workspace, RAIN, label="Late again")) == ["M08"]


@pytest.mark.parametrize(
    ("first", "second", "is_found"),
    [
        (Simple(ORDERS, Aggregation.SUM, "items"), Simple(ORDERS, Aggregation.SUM, "items"), True),
        (Simple(ORDERS, Aggregation.SUM, "a+b"), Simple(ORDERS, Aggregation.SUM, "( a + b )"), True),
        (Simple(ORDERS, Aggregation.COUNT), Simple(ORDERS, Aggregation.COUNT, "*"), True),
        (Simple(ORDERS, Aggregation.SUM, "items"), Simple(ORDERS, Aggregation.AVERAGE, "items"), False),
        (Simple(ORDERS, Aggregation.SUM, "items"), Simple(SourceId("other"), Aggregation.SUM, "items"), False),
        (Simple(ORDERS, Aggregation.SUM, "items"), Simple(ORDERS, Aggregation.SUM, "items", "late"), False),
        (
            Simple(ORDERS, Aggregation.SUM, "items", "day > 1  and late"),
            Simple(ORDERS, Aggregation.SUM, "items", "(day>1) AND late"),
            True,
        ),
        (Simple(ORDERS, Aggregation.SUM, "not ( sql"), Simple(ORDERS, Aggregation.SUM, "not ( sql"), True),
        (Ratio(Input(CPI), Input(GUARD)), Ratio(Input(CPI), Input(GUARD)), True),
        (Ratio(Input(CPI), Input(GUARD)), Ratio(Input(GUARD), Input(CPI)), False),
    ],
)
def test_two_names_for_one_definition(first: object, second: object, *, is_found: bool) -> None:
    """The same rows, expression and aggregation, however they are laid out; a difference in any of them counts."""
    workspace = with_metrics(
        sound(),
        replace(metric("rain", MetricKind.DIAGNOSTIC), definition=first),  # type: ignore[arg-type]
        replace(metric("snow", MetricKind.DIAGNOSTIC), definition=second),  # type: ignore[arg-type]
    )
    assert ("M26" in codes(workspace)) == is_found


def test_one_definition_at_two_grains_is_left_alone() -> None:
    """A day's and a month's value of the same thing are two readings."""
    same = Simple(ORDERS, Aggregation.SUM, "items")
    rain = metric("rain", MetricKind.DIAGNOSTIC, definition=same, grain=Grain.DAY)
    snow = metric("snow", MetricKind.DIAGNOSTIC, definition=same, grain=Grain.MONTH)
    assert codes(with_metrics(sound(), rain, snow)) == ["M08", "M08"]


@pytest.mark.parametrize(("name", "kind"), [(KPI, "KPI"), (CPI, "CPI"), (GUARD, "guardrail")])
def test_which_way_is_better(name: MetricId, kind: str) -> None:
    """A KPI, CPI or guardrail without a better side can't be judged; a diagnostic needs none, a held level has one."""
    problem = only(changed(sound(), name, direction=Direction.NEUTRAL))
    assert problem.code == "M27"
    assert kind in problem.message
    assert codes(changed(sound(), name, direction=Direction.MAINTAIN)) == []


def test_a_guardrail_without_a_limit() -> None:
    """Also a metric of another kind that guards."""
    assert codes(changed(sound(), GUARD, targets=())) == ["M28"]
    other = changed(sound(), KPI, guardrails=(GUARD, CPI))
    assert codes(other) == ["M28"]


def test_a_metric_that_guards_itself() -> None:
    """Itself moves with it, also under another name; what a ratio is divided by may well guard it."""
    itself = changed(changed(sound(), KPI, guardrails=(KPI, GUARD)), KPI, targets=sound().metrics[GUARD].targets)
    problem = only(itself)
    assert (problem.code, problem.key) == ("M29", "metrics.repeat.guardrails.0")
    twin = changed(sound(), KPI, definition=sound().metrics[GUARD].definition)
    assert codes(twin) == ["M29", "M26"]
    divisor = changed(sound(), KPI, definition=Ratio(Input(CPI), Input(GUARD)))
    assert codes(divisor) == []
