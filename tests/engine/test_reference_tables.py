"""Every metric type with every option over one small table, values worked out by hand.

Semantics as docs/metrics.md has them; those of the same table for MetricFlow are in test_metricflow.py, random ones
against DuckDB in test_oracle_nested.py, conversions by hand in test_metric_types.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import (
    Aggregation,
    Conversion,
    Cumulative,
    Derived,
    Grain,
    Input,
    NonAdditiveDimension,
    Ratio,
    Simple,
)
from kputui.model.workspace import Join, Weekday

if TYPE_CHECKING:
    from tests.engine.conftest import Bench

    from kputui.model.metric import Definition

_ROWS = SourceId("rows")
_NONE = None


def _simple(agg: str, expr: str = "1", **options: Any) -> Simple:
    return Simple(_ROWS, Aggregation(agg), expr, **options)


def _input(name: str, **options: Any) -> Input:
    return Input(MetricId(name), **options)


def _day(month: int, day: int, year: int = 2024) -> date:
    return date(year, month, day)


@pytest.fixture
def shop(bench: Bench) -> Bench:
    """Six rows over four months, at month ends and on the leap day; who buys where is in a table of its own."""
    bench.parquet(
        {
            "day": [_day(1, 30), _day(1, 31), _day(2, 29), _day(3, 1), _day(3, 31), _day(4, 1)],
            "who": ["a", "b", "a", "a", "c", "b"],
            "g": ["p", "q", "p", "q", None, "p"],
            "x": [1, 2, 4, 8, None, 16],
            "b": [True, False, None, True, False, True],
        },
        joins=(Join("buyer", SourceId("buyers"), "who", "id"),),
    )
    bench.csv("id,region\na,north\nb,south\n", "buyers", time="")
    bench.add("sum", _simple("sum", "x"))
    bench.add("n", _simple("count"))
    bench.add("held", _simple("sum", "x", non_additive_dimension=NonAdditiveDimension("day")))
    bench.add("total", Cumulative(_input("sum"), period_agg="last"))
    return bench


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        # simple: nine aggregations
        (_simple("sum", "x"), [3, 4, 8, 16]),
        (_simple("min", "x"), [1, 4, 8, 16]),
        (_simple("max", "x"), [2, 4, 8, 16]),
        (_simple("average", "x"), [1.5, 4, 8, 16]),
        (_simple("median", "x"), [1.5, 4, 8, 16]),
        (_simple("percentile", "x", percentile=0.9), [1.9, 4, 8, 16]),
        (_simple("count", "x"), [2, 1, 1, 1]),
        (_simple("count_distinct", "who"), [2, 1, 2, 1]),
        (_simple("sum_boolean", "b"), [1, _NONE, 1, 1]),
        # and what a simple metric may say beside
        (_simple("sum", "x", filter="g = 'p'"), [1, 4, _NONE, 16]),
        (_simple("sum", "x", filter="g = 'p'", fill_nulls_with=0), [1, 4, 0, 16]),
        (_simple("sum", "x", filter="buyer__region = 'north'"), [1, 4, 8, _NONE]),
        (_simple("sum", "x", filter="buyer__n >= 3"), [1, 4, 8, _NONE]),
        (_simple("sum", "x", filter="weekday <= 3"), [3, _NONE, _NONE, 16]),
        (_simple("sum", "x", non_additive_dimension=NonAdditiveDimension("day")), [2, 4, _NONE, 16]),
        (_simple("sum", "x", non_additive_dimension=NonAdditiveDimension("day", "min")), [1, 4, 8, 16]),
        (_simple("sum", "x", non_additive_dimension=NonAdditiveDimension("day", "max", ("who",))), [3, 4, 8, 16]),
        (
            _simple("sum", "x", filter="x is not null", non_additive_dimension=NonAdditiveDimension("day")),
            [2, 4, 8, 16],
        ),
        # ratio
        (Ratio(_input("sum"), _input("n")), [1.5, 4, 4, 16]),
        (Ratio(_input("sum"), _input("n"), "who = 'a'"), [1, 4, 8, _NONE]),
        (Ratio(_input("sum", filter="g = 'p'"), _input("n")), [0.5, 4, _NONE, 16]),
        (Ratio(_input("sum"), _input("n", filter="b")), [3, _NONE, 8, 16]),
        (Ratio(_input("sum", filter="g = 'p'"), _input("n"), fill_nulls_with=0), [0.5, 4, 0, 16]),
        (Ratio(_input("held"), _input("n")), [1, 4, _NONE, 16]),
        (Ratio(_input("total"), _input("n")), [1.5, 7, 7.5, 31]),
        # derived
        (Derived("sum - n", (_input("sum"), _input("n"))), [1, 3, 6, 15]),
        (Derived("s * 2", (_input("sum", alias="s"),)), [6, 8, 16, 32]),
        (
            Derived("p / s", (_input("sum", alias="p", filter="g = 'p'"), _input("sum", alias="s"))),
            [1 / 3, 1, _NONE, 1],
        ),
        (Derived("sum", (_input("sum"),), "b"), [1, _NONE, 8, 16]),
        (Derived("sum", (_input("sum"),), "b", 5), [1, 5, 8, 16]),
        (Derived("coalesce(sum, 0) + n", (_input("sum", filter="b"), _input("n"))), [3, 1, 10, 17]),
        (Derived("sum", (_input("sum", offset_window="1 month"),)), [_NONE, 3, 4, 8]),
        (Derived("sum", (_input("sum", offset_window="1 quarter"),)), [_NONE, _NONE, _NONE, 3]),
        (Derived("sum", (_input("sum", offset_window="2 months", filter="who = 'a'"),)), [_NONE, _NONE, 1, 4]),
        (Derived("sum", (_input("sum", offset_to_grain=Grain.QUARTER),)), [3, 3, 3, 16]),
        (Derived("sum", (_input("sum", offset_to_grain=Grain.YEAR),)), [3, 3, 3, 3]),
        (Derived("sum", (_input("sum", offset_to_grain=Grain.MONTH),)), [3, 4, 8, 16]),
        (Derived("total", (_input("total", offset_window="1 month"),)), [_NONE, 3, 7, 15]),
        (Derived("held", (_input("held", offset_window="1 month"),)), [_NONE, 2, 4, _NONE]),
        # cumulative: all days, windows, to date; the first, last or mean day
        (Cumulative(_input("sum")), [1, 3, 15, 31]),
        (Cumulative(_input("sum"), period_agg="last"), [3, 7, 15, 31]),
        (Cumulative(_input("sum"), period_agg="average"), [2, (28 * 3 + 7) / 29, 15, 31]),
        (Cumulative(_input("sum"), "30 days", period_agg="last"), [3, 6, 8, 16]),
        (Cumulative(_input("sum"), "1 month", period_agg="last"), [3, 7, 8, 16]),
        (Cumulative(_input("sum"), "1 quarter", period_agg="last"), [3, 7, 15, 31]),
        (Cumulative(_input("sum"), "1 year", period_agg="last"), [3, 7, 15, 31]),
        (Cumulative(_input("sum"), grain_to_date=Grain.MONTH, period_agg="last"), [3, 4, 8, 16]),
        (Cumulative(_input("sum"), grain_to_date=Grain.QUARTER, period_agg="last"), [3, 7, 15, 16]),
        (Cumulative(_input("sum"), grain_to_date=Grain.YEAR, period_agg="last"), [3, 7, 15, 31]),
        (Cumulative(_input("sum"), period_agg="last", filter="who = 'a'"), [1, 5, 13, 13]),
        (Cumulative(_input("sum", filter="g = 'p'"), period_agg="last"), [1, 5, 5, 21]),
    ],
)
def test_each_type_and_option_by_month(shop: Bench, definition: Definition, expected: list[float | None]) -> None:
    """January to April, each month's value as a reader works it out from the rows."""
    shop.add("m", definition)
    assert shop.values("m", grain=Grain.MONTH) == [
        None if value is None else pytest.approx(value) for value in expected
    ]


@pytest.mark.parametrize(
    ("asked", "project", "expected"),
    [
        ({"grain": Grain.YEAR}, {}, [31]),
        ({"grain": Grain.QUARTER}, {}, [15, 16]),
        ({"grain": Grain.WEEK}, {}, [3, *[_NONE] * 3, 12, *[_NONE] * 4, 16]),
        ({"grain": Grain.WEEK}, {"week_start": Weekday.SUNDAY}, [3, *[_NONE] * 3, 12, *[_NONE] * 4, 16]),
        ({"grain": Grain.YEAR}, {"fiscal_year_start": 4}, [15, 16]),
        ({"grain": Grain.QUARTER}, {"fiscal_year_start": 2}, [3, 28]),
        ({"grain": Grain.MONTH, "where": "who = 'a'"}, {}, [1, 4, 8, _NONE]),
        ({"grain": Grain.MONTH, "start": _day(2, 10)}, {}, [4, 8, 16]),
        ({"grain": Grain.MONTH, "end": _day(3, 1)}, {}, [3, 4]),
        ({"grain": Grain.MONTH, "start": _day(2, 10), "end": _day(3, 2)}, {}, [4, 8]),
        ({"grain": Grain.MONTH, "last_day": _day(3, 30)}, {}, [3, 4, 8]),
        ({"grain": Grain.DAY, "start": _day(2, 28), "end": _day(3, 3)}, {}, [_NONE, 4, 8, _NONE]),
    ],
)
def test_grains_calendars_and_ranges(
    shop: Bench, asked: dict[str, Any], project: dict[str, Any], expected: list[float | None]
) -> None:
    """The same sum by any grain, week, fiscal year, condition and range."""
    shop.set(**project)
    assert shop.values("sum", **asked) == expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("g", {"p": 21.0, "q": 10.0, None: None}),
        ("b", {True: 25.0, False: 2.0, None: 4.0}),
        ("buyer__region", {"north": 13.0, "south": 18.0, None: None}),
        ("month_of_year", {1: 3.0, 2: 4.0, 3: 8.0, 4: 16.0}),
        ("quarter_of_year", {1: 15.0, 2: 16.0}),
        ("day_of_month", {1: 24.0, 29: 4.0, 30: 1.0, 31: 2.0}),
    ],
)
def test_breakdowns(shop: Bench, column: str, expected: dict[object, float | None]) -> None:
    """A year's sum by a column, a joined column and parts of the date; the groups add up to the whole."""
    _, groups, values = shop.table("sum", grain=Grain.YEAR, group_by=(column,)).columns
    assert dict(zip(groups, values, strict=True)) == expected


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ("1 month", {_day(2, 29): None, _day(3, 29): 4, _day(3, 30): 4, _day(3, 31): 4, _day(3, 1): None}),
        ("2 months", {_day(3, 30): 1, _day(3, 31): 2, _day(4, 1): None}),
        ("31 days", {_day(3, 1): 1, _day(3, 2): 2, _day(3, 31): 4, _day(4, 1): 8}),
        ("1 quarter", {_day(3, 31): None}),
    ],
)
def test_days_shifted_by_months_at_their_ends(shop: Bench, offset: str, expected: dict[date, float | None]) -> None:
    """A day that the earlier month lacks reads its last one: 29, 30 and 31 March all read 29 February."""
    shop.derived("before", "sum", _input("sum", offset_window=offset))
    table = shop.table("before", grain=Grain.DAY)
    found = dict(zip(*table.columns, strict=True))
    assert {day: found[day] for day in expected} == expected


def test_years_shifted_over_leap_days(bench: Bench) -> None:
    """29 February reads 28 February of the year before; a whole February reads a whole February."""
    days = [_day(2, 27, 2023), _day(2, 28, 2023), _day(2, 28), _day(2, 29), _day(2, 28, 2025), _day(3, 1, 2025)]
    bench.parquet({"day": days, "x": [1, 2, 4, 8, 16, 32]})
    bench.simple("sum", "sum", "x")
    table = bench.table("sum", grain=Grain.DAY, compare="1 year")
    found = dict(zip(table.columns[0], table.columns[2], strict=True))
    assert [found[day] for day in days[2:]] == [2, 2, 4, None]
    table = bench.table("sum", grain=Grain.MONTH, compare="1 year")
    found = dict(zip(table.columns[0], table.columns[2], strict=True))
    assert [found[_day(2, 1)], found[_day(2, 1, 2025)], found[_day(3, 1, 2025)]] == [3, 12, None]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(_day(2, 29), 4 + 2 + 1), (_day(3, 1), 8 + 4), (_day(3, 29), 8), (_day(3, 30), 8), (_day(3, 31), 8)],
)
def test_months_window_at_month_ends(shop: Bench, day: date, expected: float) -> None:
    """A month that ends on 29, 30 or 31 March begins on the first; one that ends on 29 February on 30 January."""
    shop.add("c", Cumulative(_input("sum"), "1 month"))
    table = shop.table("c", grain=Grain.DAY)
    assert dict(zip(*table.columns, strict=True))[day] == expected


def test_month_window_of_a_conversion_at_month_ends(bench: Bench) -> None:
    """A purchase on 29 February belongs to a visit on 30 January, and not to one on the 29th."""
    bench.parquet({"day": [_day(1, 29), _day(1, 30)], "who": [1, 2]}, "visits")
    bench.parquet({"day": [_day(2, 29), _day(2, 29)], "who": [1, 2]}, "buys")
    bench.simple("visits", "count", source="visits")
    bench.simple("buys", "count", source="buys")
    bench.add("c", Conversion(_input("visits"), _input("buys"), "who", "1 month", "conversions"))
    assert bench.values("c") == [None, 1]


def test_balance_is_read_at_the_last_stamp(bench: Bench) -> None:
    """With times of day only the rows at the period's last moment count, of each grouping its own."""
    bench.parquet(
        {
            "at": [
                datetime(2024, 1, 1, 8),
                datetime(2024, 1, 1, 18),
                datetime(2024, 1, 1, 18),
                datetime(2024, 1, 1, 9),
            ],
            "who": ["a", "a", "b", "c"],
            "x": [1, 2, 4, 8],
        },
        time="at",
    )
    bench.simple("last", "sum", "x", non_additive_dimension=NonAdditiveDimension("at"))
    bench.simple("each", "sum", "x", non_additive_dimension=NonAdditiveDimension("at", "max", ("who",)))
    assert bench.values("last") == [6]
    assert bench.values("each") == [14]


def test_looks_keep_to_local_days_over_clock_changes(bench: Bench) -> None:
    """In Berlin the days around the last Sunday of March have 24, 23 and 24 hours; looks over time go by days."""
    hours = [
        datetime(2024, 3, 29, 23),
        datetime(2024, 3, 30, 22, 59),
        datetime(2024, 3, 30, 23),
        datetime(2024, 3, 31, 21),
    ]
    late = [datetime(2024, 3, 31, 22), datetime(2024, 4, 1, 21, 59)]
    bench.set(timezone="Europe/Berlin")
    bench.parquet({"at": [*hours, *late], "x": [1, 2, 4, 8, 16, 32]}, time="at", source_timezone="UTC")
    bench.simple("sum", "sum", "x")
    bench.add("two", Cumulative(_input("sum"), "2 days"))
    bench.derived("before", "sum", _input("sum", offset_window="1 day"))
    assert bench.values("sum") == [3, 12, 48]
    assert bench.values("two") == [3, 15, 60]
    assert bench.values("before") == [None, 3, 12]


def test_weeks_from_sunday_and_fiscal_years_in_looks(bench: Bench) -> None:
    """To-date totals and beginnings of longer periods follow the project's week and fiscal year."""
    days = [_day(3, 30), _day(3, 31), _day(4, 1), _day(4, 6), _day(4, 7)]  # Saturday to Sunday
    bench.parquet({"day": days, "x": [1, 2, 4, 8, 16]})
    bench.set(week_start=Weekday.SUNDAY, fiscal_year_start=4)
    bench.simple("sum", "sum", "x")
    for name, grain in (("week", Grain.WEEK), ("quarter", Grain.QUARTER), ("year", Grain.YEAR)):
        bench.add(name, Cumulative(_input("sum"), grain_to_date=grain))
        bench.derived(f"{name}_start", "sum", _input("sum", offset_to_grain=grain))
    found = {str(name): dict(zip(*bench.table(name, grain=Grain.DAY).columns, strict=True)) for name in bench.metrics}
    assert [found["week"][day] for day in days] == [1, 2, 6, 14, 16]
    assert [found["quarter"][day] for day in days] == [1, 3, 4, 12, 28]
    assert [found["year"][day] for day in days] == [1, 3, 4, 12, 28]
    assert [found["week_start"][day] for day in days] == [None, 2, 2, 2, 16]
    assert [found["year_start"][day] for day in days] == [None, None, 4, 4, 4]


def test_large_whole_numbers(bench: Bench) -> None:
    """Sums and products beyond 64 bits are large, not negative; counts of them stay counts."""
    huge = 2**62
    bench.parquet({"day": [_day(1, 1)] * 4, "x": [huge] * 4})
    bench.simple("sum", "sum", "x")
    bench.simple("product", "max", "x * x")
    bench.simple("mean", "average", "x")
    bench.ratio("share", "sum", "mean")
    assert bench.value("sum") == pytest.approx(2.0**64)
    assert bench.value("product") == pytest.approx(2.0**124)
    assert bench.value("mean") == pytest.approx(2.0**62)
    assert bench.value("share") == pytest.approx(4)


@pytest.mark.parametrize("expr", ["x / y", "x / 0", "100 * x / (y - y)", "x / nullif(y, 0)", "0 / y"])
def test_rows_divided_by_nothing_do_not_count(bench: Bench, expr: str) -> None:
    """A row whose divisor is 0 has no value: it neither makes a sum infinite nor lowers an average."""
    bench.parquet({"day": [_day(1, 1)] * 3, "x": [6.0, 1.0, 0.0], "y": [2.0, 0.0, 0.0]})
    bench.simple("mean", "average", expr)
    bench.simple("n", "count", expr)
    expected = {"x / y": (3.0, 1), "x / nullif(y, 0)": (3.0, 1), "0 / y": (0.0, 1)}.get(expr, (None, None))
    assert (bench.value("mean"), bench.value("n")) == expected


def test_offset_of_an_offset(shop: Bench) -> None:
    """Two shifts of a month read two months back, whole months each time."""
    shop.derived("one", "sum", _input("sum", offset_window="1 month"))
    shop.derived("two", "one", _input("one", offset_window="1 month"))
    assert shop.values("two", grain=Grain.MONTH) == [None, None, 3, 4]


def test_running_total_of_conversions(bench: Bench) -> None:
    """Conversions accumulate at their visits' days, and a ratio over them divides the two totals."""
    bench.parquet({"day": [_day(1, 1), _day(1, 2), _day(1, 3)], "who": [1, 2, 3]}, "visits")
    bench.parquet({"day": [_day(1, 4), _day(1, 5)], "who": [1, 3]}, "buys")
    bench.simple("visits", "count", source="visits")
    bench.simple("buys", "count", source="buys")
    for name, calculation in (("done", "conversions"), ("rate", "conversion_rate")):
        bench.add(name, Conversion(_input("visits"), _input("buys"), "who", "", calculation))
        bench.add(f"{name}_so_far", Cumulative(_input(name)))
    assert bench.values("done_so_far") == [1, 1, 2]
    assert bench.values("rate_so_far") == [1, 0.5, pytest.approx(2 / 3)]
