"""Columns of a joined source, and parts of dates, in filters, expressions and breakdowns."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui.errors import Severity
from kputui.model.ids import SourceId
from kputui.model.metric import Cumulative, Grain, Input
from kputui.model.workspace import ColumnKind, Join

if TYPE_CHECKING:
    from tests.engine.conftest import Bench


def _join(key: str = "customer", to: str = "id", name: str = "customer") -> tuple[Join, ...]:
    return (Join(name, SourceId("customers"), key, to),)


@pytest.fixture
def orders(bench: Bench) -> Bench:
    """Orders, one of an unknown customer, and a table of customers without a time column."""
    bench.parquet(
        {
            "day": [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 6), date(2024, 2, 3)],
            "customer": [1, 2, 1, 9],
            "x": [1.0, 2.0, 4.0, 8.0],
        },
        joins=_join(),
    )
    bench.csv("id,region,discount\n1,north,0.5\n2,south,0\n", "customers", time="")
    bench.simple("sum", "sum", "x")
    return bench


def test_break_down_by_a_joined_column(orders: Bench) -> None:
    """Each order counts for its customer's region; one whose customer is unknown has none, and is not lost."""
    table = orders.table("sum", grain=Grain.YEAR, group_by=("customer__region",))
    assert table.columns[1:] == (("north", "south", None), (5.0, 2.0, 8.0))


def test_filter_and_reckon_with_joined_columns(orders: Bench) -> None:
    """Joined columns stand in filters and expressions as the source's own do."""
    orders.simple("north", "sum", "x", filter="customer__region = 'north'")
    orders.simple("net", "sum", "x * (1 - customer__discount)")
    assert orders.value("north") == 5.0
    assert orders.value("net") == 1.0 * 0.5 + 2.0 + 4.0 * 0.5


def test_looks_over_time_by_a_joined_column(orders: Bench) -> None:
    """A trailing window can be broken down by a joined column too."""
    orders.add("c", Cumulative(Input(orders.metrics["sum"].id), "7 days"))  # type: ignore[index]
    table = orders.table("c", group_by=("customer__region",), end=date(2024, 1, 7))
    rows = dict(zip(zip(table.columns[0], table.columns[1], strict=True), table.columns[2], strict=True))
    assert rows[date(2024, 1, 6), "north"] == 5.0


def test_fan_out_is_refused(orders: Bench) -> None:
    """A key with several rows there would count orders twice: metrics that read it say so, the others go on."""
    orders.csv("id,region\n1,north\n1,south\n2,south\n", "customers", time="")
    orders.simple("north", "sum", "x", filter="customer__region = 'north'")
    assert orders.code("north") == "D31"
    assert "2 rows with `id` = 1" in orders.message("north")
    assert orders.table("sum", group_by=("customer__region",)).failures[0][1].code == "D31"
    assert orders.value("sum") == 15.0


def test_what_is_wrong_with_a_join_is_named(orders: Bench) -> None:
    """A column, a key or a file that is not there is told at the metric that wants it."""
    orders.simple("a", "sum", "x", filter="customer__regoin = 'north'")
    assert orders.code("a") == "E07"
    assert "customer__region" in orders.message("a")
    orders.simple("b", "sum", "x", filter="customer__region = 'north'")
    orders.source("rows", "rows.parquet", joins=_join(key="custmer"))
    assert orders.code("b") == "D12"
    orders.source("rows", "rows.parquet", joins=_join(to="nr"))
    assert orders.code("b") == "D12"
    orders.source("customers", "gone.csv", time="")
    assert orders.code("b") == "D02"


def test_keys_of_different_types_meet(orders: Bench) -> None:
    """A number here finds the same number written as text there."""
    orders.csv("id,region\n1,north\nx,south\n", "customers", time="")
    orders.simple("north", "sum", "x", filter="customer__region = 'north'")
    assert orders.value("north") == 5.0


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ("id,region\nC-01,north\nC-02,south\n", "here the first is `1`, there it is `C-01`: write them alike"),
        ("id,region\n,north\n", "here the first is `1`, there no row has one: write them alike"),
    ],
)
def test_join_that_finds_nothing_is_a_finding(orders: Bench, table: str, hint: str) -> None:
    """Where no key of any row is one there, the check says so with one of each; one that matches is enough."""
    orders.csv(table, "customers", time="")
    (found,) = [problem for problem in orders.engine().problems() if problem.code == "D34"]
    assert found.message == "the join `customer` finds nothing: no row's `customer` is among `id` of source `customers`"
    assert (found.hint, found.severity) == (hint, Severity.WARNING)
    orders.csv("id,region\nC-01,north\n9,south\n", "customers", time="")
    assert not [problem for problem in orders.engine().problems() if problem.code == "D34"]


def test_join_of_a_long_source_is_judged_by_its_newest_quarter(orders: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many rows the newest quarter up to today tells, and is named; a row in the future decides nothing."""
    monkeypatch.setattr("kputui.engine.problems._LOOKED_AT", 3)
    days = [date(2023, 1, 1), date(2024, 1, 1), date(2024, 1, 2), date(2199, 1, 1)]
    orders.parquet({"day": days, "customer": [1, 8, 2, 9], "x": [1.0] * 4}, joins=_join())
    assert not [problem for problem in orders.engine().problems() if problem.code == "D34"]
    orders.csv("id,region\n1,north\n", "customers", time="")
    (found,) = [problem for problem in orders.engine().problems() if problem.code == "D34"]
    assert "finds nothing in the newest quarter" in found.message


def test_join_by_keys_that_cannot_be_compared(orders: Bench) -> None:
    """Keys too large for the others' type are one finding among all others."""
    large = pl.Series("customer", [2**63 + 5] * 2, dtype=pl.UInt64)
    frame = pl.DataFrame({"day": [date(2024, 1, 1)] * 2, "x": [1.0, 2.0]}).with_columns(large)
    frame.write_parquet(orders.folder / "rows.parquet")
    orders.source("rows", "rows.parquet", joins=_join())
    assert [problem.code for problem in orders.engine().problems()] == ["D22"]


def test_join_by_a_key_of_the_same_name(orders: Bench) -> None:
    """The key may be called the same on both sides, and rows without one say nothing of the join."""
    orders.parquet({"day": [date(2024, 1, 1)] * 2, "customer": [None, 3], "x": [1.0, 2.0]}, joins=_join(to="customer"))
    orders.csv("customer,region\n1,north\n", "customers", time="")
    assert [problem.code for problem in orders.engine().problems()] == ["D34"]
    orders.csv("customer,region\n3,north\n", "customers", time="")
    assert not orders.engine().problems()


def test_metric_needs_a_time(orders: Bench) -> None:
    """A source without a time column can be joined, but not measured."""
    orders.simple("n", "count", source="customers")
    assert orders.code("n") == "D15"
    assert [problem.code for problem in orders.engine().problems() if problem.key.startswith("sources")] == []


def test_definition_knows_its_join(orders: Bench) -> None:
    """Another key makes another definition, but only for metrics that read the joined columns."""
    orders.simple("north", "sum", "x", filter="customer__region = 'north'")
    before = [reading.provenance and reading.provenance.definition_hash for reading in orders.readings("sum", "north")]
    orders.source("rows", "rows.parquet", joins=_join(key="x"))
    after = [reading.provenance and reading.provenance.definition_hash for reading in orders.readings("sum", "north")]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_filter_by_the_value_of_a_metric(orders: Bench) -> None:
    """Rows can be kept by what a metric is for their customer: orders of those who spent more than 4."""
    orders.simple("n", "count")
    orders.simple("big", "sum", "x", filter="customer__sum > 4")
    orders.simple("loyal", "count_distinct", "customer", filter="customer__n >= 2")
    orders.ratio("mean", "sum", "n")
    orders.simple("cheap", "count", filter="customer__mean < 2.1")
    assert orders.value("big") == 5.0 + 8.0
    assert orders.value("loyal") == 1
    assert orders.value("cheap") == 1
    table = orders.table("big", grain=Grain.MONTH, last_day=date(2024, 1, 3))
    assert table.columns[1] == (None,)  # on that evening nobody had spent more than 4


def test_filter_by_its_own_value_is_refused(orders: Bench) -> None:
    """A metric that is filtered by itself, directly or through another, ends in no circle."""
    orders.simple("a", "sum", "x", filter="customer__b > 1")
    orders.simple("b", "sum", "x", filter="customer__a > 1")
    assert orders.code("a") == orders.code("b") == "D19"
    assert orders.value("sum") == 15.0


def test_source_joined_with_itself(bench: Bench) -> None:
    """Without a table of customers the source's own key serves for metrics by customer."""
    bench.parquet(
        {"day": [date(2024, 1, 1)] * 3, "who": ["a", "a", "b"]}, joins=(Join("who", SourceId("rows"), "who", "who"),)
    )
    bench.simple("n", "count")
    bench.simple("again", "count", filter="who__n > 1")
    assert bench.value("again") == 2
    assert [problem.code for problem in bench.engine().problems()] == []


def test_date_parts(bench: Bench) -> None:
    """Weekdays, months and hours can be filtered and broken down by without a column for them."""
    bench.parquet({"day": [datetime(2024, 1, 1, 9), datetime(2024, 1, 6, 9), datetime(2024, 12, 30, 23)]})
    bench.simple("n", "count")
    bench.simple("weekend", "count", filter="weekday >= 6")
    bench.simple("late", "count", filter="hour_of_day >= 22")
    assert bench.value("weekend") == bench.value("late") == 1
    parts = {"weekday": [1, 6], "month_of_year": [1, 12], "week_of_year": [1], "day_of_year": [1, 6, 365]}
    for part, expected in parts.items():
        assert list(bench.table("n", grain=Grain.YEAR, group_by=(part,)).columns[1]) == expected, part


def test_table_of_periods(bench: Bench) -> None:
    """Periods of one's own, such as 4-4-5 weeks, come from a table of days joined by the local date."""
    bench.set(timezone="Europe/Berlin")
    bench.csv(
        "day,period\n2024-01-28,P1\n2024-01-29,P2\n2024-01-30,P2\n",
        "periods",
        time="",
        columns=(("day", ColumnKind.DATE),),
    )
    bench.parquet(
        {
            "at": [datetime(2024, 1, 28, 12), datetime(2024, 1, 28, 23, 30), datetime(2024, 1, 30, 5)],
            "x": [1.0, 2.0, 4.0],
        },
        time="at",
        source_timezone="UTC",
        joins=(Join("fiscal", SourceId("periods"), "local_date", "day"),),
    )
    bench.simple("n", "sum", "x")
    table = bench.table("n", grain=Grain.YEAR, group_by=("fiscal__period",))
    assert table.columns[1:] == (("P1", "P2"), (1.0, 6.0))  # 23:30 in UTC is the 29th in Berlin
    assert bench.engine().problems() == ()


def test_fiscal_quarters_and_own_columns(bench: Bench) -> None:
    """Quarters are counted from the fiscal year's start; a column of the file goes before a part of that name."""
    bench.set(fiscal_year_start=4)
    bench.parquet({"day": [date(2024, 1, 1), date(2024, 4, 1)], "weekday": ["Mo", "Mo"]})
    bench.simple("n", "count", filter="weekday = 'Mo'")
    assert bench.table("n", group_by=("quarter_of_year",)).columns[1] == (4, 1)
    assert bench.table("n", group_by=("calendar_year",)).columns[1:] == ((2024, 2024), (1, 1))


def test_dates_have_no_hour(bench: Bench) -> None:
    """The hour of a source of dates is refused, not taken as midnight."""
    bench.parquet({"day": [date(2024, 1, 1)]})
    bench.simple("n", "count", filter="hour_of_day < 12")
    assert bench.code("n") == "D12"
