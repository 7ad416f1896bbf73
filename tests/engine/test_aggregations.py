"""The nine aggregations, and the traps that a metric must survive."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui.model.ids import MetricId
from kputui.model.metric import Grain, Input

if TYPE_CHECKING:
    from tests.engine.conftest import Bench

D1, D2, D3 = date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)


@pytest.fixture
def sales(bench: Bench) -> Bench:
    """Five rows over two of three days, with nulls."""
    bench.parquet(
        {
            "day": [D1, D1, D1, D3, D3],
            "amount": [1.0, 2.0, None, 10.0, None],
            "items": pl.Series([1, 2, 3, None, None], dtype=pl.Int8),
            "is_late": [True, False, None, True, True],
            "customer": ["a", "b", "a", None, "c"],
        }
    )
    return bench


@pytest.mark.parametrize(
    ("agg", "expr", "expected"),
    [
        ("sum", "amount", [3.0, None, 10.0]),
        ("min", "amount", [1.0, None, 10.0]),
        ("max", "amount", [2.0, None, 10.0]),
        ("average", "amount", [1.5, None, 10.0]),
        ("median", "amount", [1.5, None, 10.0]),
        ("count", "amount", [2, None, 1]),
        ("count", "1", [3, None, 2]),
        ("count_distinct", "customer", [2, None, 1]),
        ("sum_boolean", "is_late", [1, None, 2]),
        ("average", "is_late", [0.5, None, 1.0]),
        ("sum_boolean", "amount > 100", [0, None, 0]),
        ("sum", "items * 100", [600.0, None, None]),
    ],
)
def test_aggregation(sales: Bench, agg: str, expr: str, expected: list[float | None]) -> None:
    """Nulls are ignored, over no values there is no value, and a day without rows is a gap, not a zero."""
    sales.simple("m", agg, expr)
    assert sales.values("m") == expected


def test_percentile_is_linear(bench: Bench) -> None:
    """The 0.9 percentile of 1..4 lies seven tenths on the way from 3 to 4."""
    bench.parquet({"day": [D1] * 4, "x": [1, 2, 3, 4]})
    bench.simple("p", "percentile", "x", percentile=0.9)
    assert bench.values("p") == [pytest.approx(3.7)]


@pytest.mark.parametrize(("agg", "percentile"), [("percentile", None), ("percentile", 1.5)])
def test_percentile_must_be_named(bench: Bench, agg: str, percentile: float | None) -> None:
    """A percentile without its share is refused in words."""
    bench.parquet({"day": [D1], "x": [1]})
    bench.simple("p", agg, "x", percentile=percentile)
    assert bench.code("p") == "D20"


def test_rows_are_those_with_a_value(sales: Bench) -> None:
    """A value says of how many rows it was made."""
    sales.simple("m", "sum", "amount", filter="customer <> 'b'")
    series = sales.series("m")
    assert series.rows == (1, 0, 0)
    assert series.values == (1.0, None, None)


def test_nothing_is_not_zero(sales: Bench) -> None:
    """A filter that leaves no row gives no value, unless the metric fills with zero."""
    sales.simple("none", "count", filter="amount > 1000")
    sales.simple("zero", "count", filter="amount > 1000", fill_nulls_with=0)
    assert sales.values("none") == [None, None, None]
    assert sales.values("zero") == [0, 0, 0]


def test_division_by_zero_is_no_value(sales: Bench) -> None:
    """A ratio over nothing or over zero has no value; it is never infinite."""
    sales.simple("amount", "sum", "amount")
    sales.simple("huge", "sum_boolean", "amount > 1000")
    sales.ratio("share", "amount", "huge")
    assert sales.values("share") == [None, None, None]


def test_ratio_of_sums_is_not_average_of_averages(bench: Bench) -> None:
    """A month's ratio is computed from all its rows, not from its days' ratios."""
    bench.parquet({"day": [D1, D1, D1, D2], "good": [1, 1, 1, 0], "total": [1, 1, 1, 7]})
    bench.simple("good", "sum", "good")
    bench.simple("all", "sum", "total")
    bench.ratio("share", "good", "all")
    assert bench.values("share", grain=Grain.MONTH) == [0.3]


def test_distinct_of_a_month_counts_each_once(bench: Bench) -> None:
    """A customer of two days is one customer of the month."""
    bench.parquet({"day": [D1, D2, D2], "customer": ["a", "a", "b"]})
    bench.simple("customers", "count_distinct", "customer")
    assert bench.values("customers") == [1, 2]
    assert bench.values("customers", grain=Grain.MONTH) == [2]


def test_small_integers_do_not_wrap(bench: Bench) -> None:
    """8-bit numbers sum and multiply beyond 127."""
    bench.parquet({"day": [D1, D1], "x": pl.Series([120, 120], dtype=pl.Int8)})
    bench.simple("total", "sum", "x")
    bench.simple("product", "sum", "x * x")
    assert bench.values("total") == [240.0]
    assert bench.values("product") == [28800.0]


def test_difference_of_counts_may_be_negative(bench: Bench) -> None:
    """15 - 20 is -5, not four billion."""
    bench.parquet({"day": [D1] * 3, "kind": ["in", "out", "out"]})
    bench.simple("came", "count", filter="kind = 'in'")
    bench.simple("left", "count", filter="kind = 'out'")
    bench.derived("net", "came - gone", Input(MetricId("came")), Input(MetricId("left"), alias="gone"))
    assert bench.values("net") == [-1.0]


def test_decimals_stay_exact(bench: Bench) -> None:
    """Ten cents times ten are one, to the last digit."""
    bench.parquet({"day": [D1] * 10, "x": pl.Series([Decimal("0.1")] * 10, dtype=pl.Decimal(10, 2))})
    bench.simple("total", "sum", "x")
    assert bench.values("total") == [1.0]


def test_distinct_keeps_large_ids_apart(bench: Bench) -> None:
    """Ids beyond 2^53 that differ in the last digit are two."""
    bench.parquet({"day": [D1, D1], "id": [2**53, 2**53 + 1]})
    bench.simple("ids", "count_distinct", "id")
    assert bench.values("ids") == [2]


def test_nan_is_no_value(bench: Bench) -> None:
    """One NaN or infinite cell does not spoil the sum, and is told."""
    bench.parquet({"day": [D1] * 3, "x": [1.0, float("nan"), float("inf")]})
    bench.simple("total", "sum", "x")
    reading = bench.reading("total")
    assert reading.series is not None
    assert reading.series.values == (1.0,)
    assert "2 NaN or infinite" in reading.notes[0]


def test_column_of_nulls_has_no_value(bench: Bench) -> None:
    """A column without any value gives an empty metric, not an error."""
    bench.parquet({"day": [D1], "x": pl.Series([None], dtype=pl.Null)})
    for agg in ("sum", "average", "min", "median", "count", "count_distinct", "sum_boolean"):
        bench.simple(agg, agg, "x")
    assert [reading.series and reading.series.values for reading in bench.readings()] == [(None,)] * 7


@pytest.mark.parametrize(
    ("agg", "expr"),
    [
        ("sum", "name"),
        ("sum", "flag"),
        ("average", "name"),
        ("median", "day"),
        ("sum_boolean", "x"),
        ("count_distinct", "x + 1"),
        ("max", "day"),
    ],
)
def test_misfit_is_refused(bench: Bench, agg: str, expr: str) -> None:
    """An aggregation over the wrong kind of value is refused before anything is computed."""
    bench.parquet({"day": [D1], "name": ["a"], "flag": [True], "x": [1]})
    bench.simple("m", agg, expr)
    assert bench.code("m") == "D20"


def test_filters_of_metric_and_input_both_hold(bench: Bench) -> None:
    """An input's filter narrows the metric's own filter, on the rows."""
    bench.parquet({"day": [D1] * 4, "a": [1, 1, 0, 0], "b": [1, 0, 1, 0]})
    bench.simple("n", "count", filter="a = 1")
    bench.derived("both", "n", Input(MetricId("n"), filter="b = 1"), filter="day >= date '2024-01-01'")
    assert bench.values("both") == [1.0]
    provenance = bench.reading("both").provenance
    assert provenance is not None
    assert provenance.filter.count(" and ") == 2


def test_metrics_of_two_sources_meet_by_period(bench: Bench) -> None:
    """A ratio over two sources joins their periods; where one has no rows there is no value."""
    bench.parquet({"day": [D1, D2], "x": [10, 20]}, name="orders")
    bench.parquet({"day": [D2, D3], "x": [4, 5]}, name="visits")
    bench.simple("orders", "sum", "x", source="orders")
    bench.simple("visits", "sum", "x", source="visits")
    bench.ratio("rate", "orders", "visits")
    assert bench.values("rate") == [None, 5.0, None]


def test_derived_of_derived_and_ratio(bench: Bench) -> None:
    """Metrics nest: a derived metric may use ratios and other derived metrics."""
    bench.parquet({"day": [D1, D1], "x": [1, 3], "y": [2, 2]})
    bench.simple("x", "sum", "x")
    bench.simple("y", "sum", "y")
    bench.ratio("r", "x", "y")
    bench.derived("twice", "r * 2", Input(MetricId("r")))
    bench.derived("sum", "twice + x", Input(MetricId("twice")), Input(MetricId("x")))
    assert bench.values("sum") == [6.0]


def test_metric_that_is_its_own_input_is_refused(bench: Bench) -> None:
    """A circle of metrics is named, not followed for ever."""
    bench.parquet({"day": [D1], "x": [1]})
    bench.derived("a", "b", Input(MetricId("b")))
    bench.derived("b", "a", Input(MetricId("a")))
    assert bench.code("a") == "D19"
    assert "a -> b -> a" in bench.message("a")


def test_unknown_input_names_the_nearest(bench: Bench) -> None:
    """A misspelt input is answered with the name that was meant."""
    bench.parquet({"day": [D1], "x": [1]})
    bench.simple("orders", "sum", "x")
    bench.ratio("rate", "ordres", "orders")
    assert "nearest: orders" in bench.message("rate")


def test_one_failure_stays_with_its_metric(bench: Bench) -> None:
    """A metric whose column is missing fails alone; its neighbour has values."""
    bench.parquet({"day": [D1], "x": [1]})
    bench.simple("good", "sum", "x")
    bench.simple("bad", "sum", "y")
    good, bad = bench.readings()
    assert good.series is not None
    assert good.series.values == (1.0,)
    assert bad.failure is not None
    assert bad.failure.code == "E07"
