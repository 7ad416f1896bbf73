"""Pairs that are refused by their definitions: a metric, its complement, its own part."""

from __future__ import annotations

import pytest

from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Derived, Input, Metric, MetricKind, Ratio, Simple
from kputui.model.workspace import Project, Source, Workspace
from kputui.session.link_refusals import refused_by_definition, shared_words

ONE, OTHER, THIRD, FOURTH = (MetricId(name) for name in ("one", "other", "third", "fourth"))
FLIGHTS = SourceId("flights")


def simple(expr: str, where: str = "", agg: Aggregation = Aggregation.AVERAGE, source: str = "flights") -> Simple:
    return Simple(SourceId(source), agg, expr, where)


def workspace(**definitions: object) -> Workspace:
    metrics = {
        MetricId(name): Metric(MetricId(name), MetricKind.CPI, name.title(), definition)  # type: ignore[arg-type]
        for name, definition in definitions.items()
    }
    sources = {SourceId(name): Source(SourceId(name), f"{name}.csv", "day") for name in ("flights", "trains")}
    return Workspace("/", Project(), sources, metrics=metrics)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (simple("delay > 15"), simple("delay <= 15")),
        (simple("delay>15", "hour < 9"), simple("delay <= 15", "hour<9")),
        (simple("15 < delay"), simple("delay <= 15")),
        (simple("delay is null"), simple("delay is not null")),
        (simple("not (delay > 15)"), simple("delay > 15")),
        (simple("carrier in ('AA')"), simple("carrier not in ('AA')")),
        (simple("delay > 15", "hour < 9 and day = 1"), simple("delay <= 15", "day = 1 and hour < 9")),
    ],
)
def test_a_complement_is_refused(first: Simple, second: Simple) -> None:
    """The share and what is left of it, however they are written, are one measure seen from two sides."""
    found = refused_by_definition(workspace(one=first, other=second), ONE, OTHER)
    assert found == "they are one measure seen from two sides: together they always make 100 %"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (simple("delay > 15", "hour < 9"), simple("delay > 15"), "One counts a part of the rows of Other"),
        (simple("delay > 15"), simple("delay > 15", "hour < 9"), "Other counts a part of the rows of One"),
        (
            simple("delay is null", "hour >= 17"),
            simple("delay is not null"),
            "One counts a part of the rows of Other, from the other side",
        ),
        (
            simple("1", "hour < 9", Aggregation.COUNT),
            simple("1", "", Aggregation.COUNT),
            "One counts a part of the rows of Other",
        ),
        (simple("delay"), simple(" delay "), "they are one definition under two names"),
    ],
)
def test_the_same_rows_are_refused(first: Simple, second: Simple, told: str) -> None:
    """The same expression over some of the rows of the other is its part, from whichever side it is seen."""
    assert refused_by_definition(workspace(one=first, other=second), ONE, OTHER) == told


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (simple("delay > 15"), simple("delay > 60")),
        (simple("delay > 15", "hour < 9"), simple("delay > 15", "hour >= 12")),
        (simple("delay > 15"), simple("delay <= 15", source="trains")),
        (simple("delay > 15", "", Aggregation.SUM_BOOLEAN), simple("delay <= 15", "", Aggregation.SUM_BOOLEAN)),
        (simple("departure > 15", "hour < 9"), simple("arrival < 15", "hour >= 12")),
    ],
)
def test_two_measures_are_not_refused(first: Simple, second: Simple) -> None:
    """Other thresholds, other rows, other sources and counts that do not add up to a whole are left to the data."""
    assert refused_by_definition(workspace(one=first, other=second), ONE, OTHER) == ""


def test_a_metric_and_its_parts_are_refused_at_any_depth() -> None:
    """The metric itself, what it is made of and what it goes into."""
    made = workspace(
        one=simple("delay"),
        other=Derived("a / 60", (Input(ONE, alias="a"),)),
        third=Derived("b * 2", (Input(OTHER, alias="b"),)),
    )
    assert refused_by_definition(made, ONE, ONE) == "they are the same metric"
    assert refused_by_definition(made, ONE, THIRD) == "One is a part of Third"
    assert refused_by_definition(made, THIRD, ONE) == "One is a part of Third"


def test_ratios_that_make_up_the_whole_are_refused() -> None:
    """Late over all and on time over all; and a ratio turned upside down."""
    late = simple("delay > 15", "", Aggregation.SUM_BOOLEAN)
    timely = simple("delay <= 15", "", Aggregation.SUM_BOOLEAN)
    made = workspace(
        late=late,
        timely=timely,
        all=simple("1", "", Aggregation.COUNT),
        one=Ratio(Input(MetricId("late")), Input(MetricId("all"))),
        other=Ratio(Input(MetricId("timely")), Input(MetricId("all"))),
        third=Ratio(Input(MetricId("all")), Input(MetricId("late"))),
    )
    assert "two sides" in refused_by_definition(made, ONE, OTHER)
    assert refused_by_definition(made, ONE, THIRD) == "one is the other turned upside down"
    assert refused_by_definition(made, OTHER, THIRD) == ""


def test_ratios_split_by_a_filter_are_refused() -> None:
    """The share of the morning and the share of the rest of the day make up the whole."""
    every = simple("1", "", Aggregation.COUNT)
    made = workspace(
        all=every,
        one=Ratio(Input(MetricId("all"), "hour < 12"), Input(MetricId("all"))),
        other=Ratio(Input(MetricId("all"), "hour >= 12"), Input(MetricId("all"))),
        third=Ratio(Input(MetricId("all"), "carrier = 'AA'"), Input(MetricId("all"))),
    )
    assert "two sides" in refused_by_definition(made, ONE, OTHER)
    assert refused_by_definition(made, ONE, THIRD) == ""


def test_shared_parts_are_told() -> None:
    """Two ratios over one denominator may be tested, and the strength may be arithmetic."""
    made = workspace(
        all=simple("1", "", Aggregation.COUNT),
        late=simple("delay > 15", "", Aggregation.SUM_BOOLEAN),
        lost=simple("bags", "", Aggregation.SUM),
        one=Ratio(Input(MetricId("late")), Input(MetricId("all"))),
        other=Ratio(Input(MetricId("lost")), Input(MetricId("all"))),
    )
    assert refused_by_definition(made, ONE, OTHER) == ""
    assert shared_words(made, ONE, OTHER) == "both are made of All: part of the strength may be arithmetic"
    assert shared_words(made, MetricId("late"), MetricId("lost")) == ""


def test_an_expression_that_does_not_parse_is_compared_as_it_stands() -> None:
    """A broken expression is another problem; it neither stops the test of links nor is it taken for another one."""
    made = workspace(one=simple("delay >"), other=simple("delay <="))
    assert refused_by_definition(made, ONE, OTHER) == ""
