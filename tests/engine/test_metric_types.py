"""The metric types of the open metric layers: small tables with values worked out by hand, one for each option."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from kputui.engine.request import Request
from kputui.model.ids import MetricId
from kputui.model.metric import Conversion, Cumulative, Grain, Input, NonAdditiveDimension
from kputui.model.series import Span, SpanValue

if TYPE_CHECKING:
    from tests.engine.conftest import Bench


def _input(name: str, **options: Any) -> Input:
    return Input(MetricId(name), **options)


def _day(month: int, day: int, year: int = 2024) -> date:
    return date(year, month, day)


@pytest.fixture
def sales(bench: Bench) -> Bench:
    """Three months of sales by two customers, with days without rows."""
    bench.parquet(
        {
            "day": [_day(1, 30), _day(1, 31), _day(2, 1), _day(2, 3), _day(2, 29), _day(3, 1), _day(3, 2)],
            "who": ["a", "b", "a", "a", "c", "a", "b"],
            "x": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0],
        }
    )
    bench.simple("sum", "sum", "x")
    bench.simple("people", "count_distinct", "who")
    bench.simple("middle", "median", "x")
    return bench


def _at(bench: Bench, name: str, day: date, grain: Grain = Grain.DAY) -> object:
    table = bench.table(name, grain=grain)
    return dict(zip(table.columns[0], table.columns[1], strict=True))[day]


@pytest.mark.parametrize(
    ("window", "day", "expected"),
    [
        ("3 days", _day(2, 1), 7.0),  # 30 and 31 January, 1 February
        ("3 days", _day(2, 2), 6.0),  # the 31st and the 1st; a day without rows has a value
        ("3 days", _day(2, 20), None),  # no rows in the window is no data, not 0
        ("1 day", _day(2, 3), 8.0),
        ("1 week", _day(2, 6), 14.0),  # the 30th of January is the seventh day back, and out
        ("1 month", _day(2, 29), 31.0),  # from 30 January
        ("2 months", _day(3, 1), 63.0),  # from 2 January
        ("1 month", _day(3, 1), 56.0),  # from 2 February: 8 + 16 + 32, and nothing of the 1st
    ],
)
def test_window_of_a_cumulative_metric(sales: Bench, window: str, day: date, expected: float | None) -> None:
    """A window is half-open: 7 days are the day and the six before it, months go by the calendar."""
    sales.add("c", Cumulative(_input("sum"), window))
    assert _at(sales, "c", day) == expected


def test_all_time_and_period_to_date(sales: Bench) -> None:
    """Without a window everything up to the day counts; to date it begins anew with each period."""
    sales.add("all", Cumulative(_input("sum")))
    sales.add("month", Cumulative(_input("sum"), grain_to_date=Grain.MONTH))
    assert _at(sales, "all", _day(2, 10)) == 15.0
    assert _at(sales, "month", _day(1, 31)) == 3.0
    assert _at(sales, "month", _day(2, 10)) == 12.0
    assert _at(sales, "month", _day(3, 2)) == 96.0


@pytest.mark.parametrize(
    ("period_agg", "expected"),
    [("first", 7.0), ("last", 31.0), ("average", (2 * 7.0 + 26 * 15.0 + 31.0) / 29)],
)
def test_one_day_stands_for_a_longer_period(sales: Bench, period_agg: str, expected: float) -> None:
    """February's value of a running total is that of its first or last day, or the mean of its days."""
    sales.add("c", Cumulative(_input("sum"), period_agg=period_agg))
    assert _at(sales, "c", _day(2, 1), Grain.MONTH) == pytest.approx(expected)


def test_distinct_and_median_windows_are_exact_from_rows(sales: Bench) -> None:
    """Customers of a window are counted once, and its median is that of its rows."""
    sales.add("people3", Cumulative(_input("people"), "3 days"))
    sales.add("people_all", Cumulative(_input("people")))
    sales.add("middle3", Cumulative(_input("middle"), "3 days"))
    assert _at(sales, "people3", _day(2, 1)) == 2
    assert _at(sales, "people_all", _day(3, 2)) == 3
    assert _at(sales, "middle3", _day(3, 2)) == 32.0


def test_ratio_accumulates_from_rows(sales: Bench) -> None:
    """The running ratio is the sum of the window over the people of the window, not a sum of ratios."""
    sales.ratio("each", "sum", "people")
    sales.add("c", Cumulative(_input("each"), "3 days"))
    assert _at(sales, "c", _day(2, 1)) == 3.5


def test_cut_window_is_not_whole(sales: Bench) -> None:
    """Days whose window begins before the data does are marked as cut."""
    sales.add("c", Cumulative(_input("sum"), "7 days"))
    assert sales.series("c").covers.start == _day(2, 5)


def test_accumulating_twice_is_refused(sales: Bench) -> None:
    """A running total of a running total, of an offset or of a balance is refused with a reason."""
    sales.add("c", Cumulative(_input("sum"), "7 days"))
    sales.add("cc", Cumulative(_input("c"), "7 days"))
    sales.derived("o", "sum", _input("sum", offset_window="1 day"))
    sales.add("co", Cumulative(_input("o")))
    assert sales.code("cc") == sales.code("co") == "D18"
    assert "a cumulative metric" in sales.message("cc")


@pytest.mark.parametrize(
    ("offset", "grain", "period", "expected"),
    [
        ({"offset_window": "1 month"}, Grain.MONTH, _day(3, 1), 28.0),  # the whole of February
        ({"offset_window": "1 month"}, Grain.MONTH, _day(1, 1), None),  # nothing before the data
        ({"offset_window": "1 day"}, Grain.DAY, _day(2, 2), 4.0),
        ({"offset_window": "1 month"}, Grain.DAY, _day(2, 29), None),  # 29 January has no rows
        ({"offset_window": "1 month"}, Grain.DAY, _day(3, 1), 4.0),
        ({"offset_window": "1 week"}, Grain.WEEK, _day(2, 5), 15.0),
        ({"offset_to_grain": Grain.MONTH}, Grain.DAY, _day(2, 20), 4.0),  # 1 February
        ({"offset_to_grain": Grain.MONTH}, Grain.MONTH, _day(2, 1), 28.0),  # the month itself
        ({"offset_to_grain": Grain.YEAR}, Grain.MONTH, _day(3, 1), 3.0),  # January
    ],
)
def test_offset_of_an_input(
    sales: Bench, offset: dict[str, Any], grain: Grain, period: date, expected: float | None
) -> None:
    """A derived metric reads an input of an earlier period, or of the beginning of a longer one."""
    sales.derived("before", "earlier", _input("sum", alias="earlier", **offset))
    assert _at(sales, "before", period, grain) == expected


def test_growth_over_the_last_month(sales: Bench) -> None:
    """Today's value and last month's stand side by side in one expression."""
    sales.derived(
        "growth", "(sum - earlier) / earlier", _input("sum"), _input("sum", alias="earlier", offset_window="1 month")
    )
    assert sales.table("growth", grain=Grain.MONTH).columns[1] == (None, 25 / 3, pytest.approx(68 / 28))


def test_month_shift_keeps_the_last_days(bench: Bench) -> None:
    """Shifting March to April loses none of its 31 days, and the 31st does not pile up."""
    days = [date.fromordinal(_day(3, 1).toordinal() + shift) for shift in range(61)]
    bench.parquet({"day": days})
    bench.simple("n", "count")
    bench.derived("before", "n", _input("n", offset_window="1 month"))
    assert bench.values("before", grain=Grain.MONTH) == [None, 31]


def test_input_filters_and_aliases(sales: Bench) -> None:
    """Each input of a ratio or derived metric may have its own filter, and one metric may stand twice."""
    sales.derived("share", "a / total", _input("sum", alias="a", filter="who = 'a'"), _input("sum", alias="total"))
    assert _at(sales, "share", _day(2, 1), Grain.MONTH) == pytest.approx(12 / 28)


@pytest.fixture
def visits(bench: Bench) -> Bench:
    """Visits and purchases of three people; every purchase is one row."""
    bench.parquet(
        {
            "day": [_day(1, 1), _day(1, 4), _day(1, 5), _day(1, 9)],
            "who": ["ann", "ann", "ben", "cem"],
            "via": ["ad", "mail", "ad", "ad"],
        },
        "visits",
    )
    bench.parquet(
        {
            "day": [_day(1, 5), _day(1, 5), _day(1, 12), _day(1, 8)],
            "who": ["ann", "ann", "ben", "dan"],
            "via": ["mail", "ad", "ad", "ad"],
            "paid": [10.0, 20.0, 40.0, 80.0],
        },
        "buys",
    )
    bench.simple("visits", "count", source="visits")
    bench.simple("buys", "count", source="buys")
    bench.simple("paid", "sum", "paid", source="buys")
    return bench


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"window": "7 days"}, 0.5),  # ann's two on 4 January; ben's comes on the eighth day
        ({"window": "8 days"}, 0.75),
        ({}, 0.75),  # without a window any later purchase counts
        ({"window": "7 days", "calculation": "conversions"}, 2),
        ({"window": "7 days", "constant_properties": ("via",)}, 0.5),  # ann by ad belongs to 1 January
    ],
)
def test_conversion(visits: Bench, options: dict[str, Any], expected: float) -> None:
    """A purchase belongs to the latest visit of the same person before it, within the window."""
    visits.add("c", Conversion(_input("visits"), _input("buys"), "who", **options))
    assert visits.values("c", grain=Grain.MONTH) == [expected]


def test_conversion_stands_at_the_base_event(visits: Bench) -> None:
    """Period and group of a conversion are those of the visit, not of the purchase."""
    visits.add("c", Conversion(_input("visits"), _input("buys"), "who", "7 days", "conversions"))
    assert _at(visits, "c", _day(1, 4)) == 2
    assert _at(visits, "c", _day(1, 5)) is None
    assert visits.table("c", grain=Grain.MONTH, group_by=("via",)).columns[1:] == (("mail",), (2,))


def test_conversion_of_an_amount_and_a_fill(visits: Bench) -> None:
    """What conversions add up to is read at the visit; a fill says 0 where visits led to nothing."""
    visits.simple("paid0", "sum", "paid", source="buys", fill_nulls_with=0)
    visits.add("c", Conversion(_input("visits"), _input("paid0"), "who", "7 days", "conversions"))
    assert _at(visits, "c", _day(1, 4)) == 30.0
    assert _at(visits, "c", _day(1, 1)) == 0.0
    assert _at(visits, "c", _day(1, 2)) is None


def test_filters_of_a_conversion(visits: Bench) -> None:
    """The metric's filter narrows the visits, an input's filter its own side."""
    visits.add("ads", Conversion(_input("visits"), _input("buys"), "who", "7 days", filter="via = 'ad'"))
    visits.add("big", Conversion(_input("visits"), _input("buys", filter="paid > 15"), "who", "7 days"))
    assert visits.values("ads", grain=Grain.MONTH) == [pytest.approx(2 / 3)]
    assert visits.values("big", grain=Grain.MONTH) == [0.25]


def test_conversion_follows_the_clock(bench: Bench) -> None:
    """Where rows have a time of day, a purchase before the visit of the same day does not belong to it."""
    bench.parquet(
        {
            "day": [datetime(2024, 1, 1, 9), datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 10)],
            "who": [1, 1, 1],
            "is_buy": [False, True, True],
        }
    )
    bench.simple("visits", "count", filter="not is_buy")
    bench.simple("buys", "count", filter="is_buy")
    bench.add("c", Conversion(_input("visits"), _input("buys"), "who", "1 day", "conversions"))
    assert bench.values("c") == [1]


def test_open_conversion_windows_are_not_whole(visits: Bench) -> None:
    """A visit whose window is not over yet does not count as not converted: its period is running."""
    visits.add("c", Conversion(_input("visits"), _input("buys"), "who", "3 days"))
    series = visits.series("c")
    assert series.covers.end == _day(1, 8)


def test_conversion_problems(visits: Bench) -> None:
    """An unknown entity names its like; only simple metrics can be matched."""
    visits.add("c", Conversion(_input("visits"), _input("buys"), "whom"))
    visits.ratio("r", "visits", "buys")
    visits.add("d", Conversion(_input("r"), _input("buys"), "who"))
    assert visits.code("c") == "D12"
    assert "who" in visits.message("c")
    assert visits.code("d") == "D18"


def test_check_finds_what_a_conversion_lacks(visits: Bench) -> None:
    """`check` names the key of an entity that is no column; a filter on the visits alone is none of its findings."""
    visits.add("fine", Conversion(_input("visits"), _input("buys"), "who", filter="via = 'ad'"))
    assert visits.engine().problems() == ()
    visits.add("c", Conversion(_input("visits"), _input("buys"), "whoo", constant_properties=("paid",)))
    found = [(problem.key, problem.code) for problem in visits.engine().problems()]
    assert found == [
        ("metrics.c.entity", "D12"),
        ("metrics.c.constant_properties.0", "D12"),
        ("metrics.c.entity", "D12"),
    ]


def test_check_finds_what_a_balance_and_a_window_lack(sales: Bench) -> None:
    """A balance at no time column and a running total of a running total are problems of their metric."""
    sales.simple("b", "sum", "x", non_additive_dimension=NonAdditiveDimension("who"))
    sales.simple("d", "sum", "x", non_additive_dimension=NonAdditiveDimension("dy"))
    sales.add("c", Cumulative(_input("sum")))
    sales.add("cc", Cumulative(_input("c")))
    found = [(problem.key, problem.code) for problem in sales.engine().problems()]
    assert found == [
        ("metrics.b.non_additive_dimension", "D20"),
        ("metrics.d.non_additive_dimension", "D12"),
        ("metrics.cc", "D18"),
    ]


@pytest.fixture
def accounts(bench: Bench) -> Bench:
    """Two accounts' balances at irregular days."""
    bench.parquet(
        {
            "day": [_day(1, 1), _day(1, 2), _day(1, 2), _day(2, 5), _day(2, 6)],
            "who": ["a", "a", "b", "b", "a"],
            "x": [1.0, 2.0, 4.0, 8.0, 16.0],
        }
    )
    return bench


@pytest.mark.parametrize(
    ("choice", "groupings", "expected"),
    [
        ("max", (), [6.0, 16.0]),  # the rows of the last day of the month
        ("min", (), [1.0, 8.0]),
        ("max", ("who",), [6.0, 24.0]),  # each account's last, added
        ("min", ("who",), [5.0, 24.0]),
    ],
)
def test_balance(accounts: Bench, choice: str, groupings: tuple[str, ...], expected: list[float]) -> None:
    """A balance is not added over time: it is read at the last or first time of each period and grouping."""
    held = NonAdditiveDimension("day", choice, groupings)
    accounts.simple("b", "sum", "x", non_additive_dimension=held)
    assert accounts.values("b", grain=Grain.MONTH) == expected


def test_balance_by_group_and_over_a_stretch(accounts: Bench) -> None:
    """Without its grouping a group that has no row at the last time has no value; a goal's stretch is one period."""
    accounts.simple("b", "sum", "x", non_additive_dimension=NonAdditiveDimension("day"))
    table = accounts.table("b", grain=Grain.MONTH, group_by=("who",))
    assert table.columns[2] == (2.0, 4.0, 16.0, None)
    span = Span(_day(1, 1), _day(2, 6))
    found = accounts.engine().span_values([(MetricId("b"), span)])
    assert found[MetricId("b"), span] == SpanValue(span, 8.0, 1)


def test_spans_of_looks(sales: Bench) -> None:
    """Over a goal's stretch a running total is read at its end, and an offset moves the whole stretch."""
    sales.add("c", Cumulative(_input("sum"), "3 days"))
    sales.derived("o", "sum", _input("sum", offset_window="1 month"))
    span = Span(_day(2, 1), _day(3, 2))
    found = sales.engine().span_values([(MetricId("c"), span), (MetricId("o"), span)])
    assert found[MetricId("c"), span] == SpanValue(span, 48.0, 2)
    assert found[MetricId("o"), span] == SpanValue(span, 7.0, 3)


def test_spine_gives_each_group_every_period(bench: Bench) -> None:
    """With join_to_timespine each group has a row for every period, and a fill stands in those without data."""
    bench.parquet({"day": [_day(1, 1), _day(1, 3)], "g": ["p", "q"]})
    bench.simple("n", "count", fill_nulls_with=0, join_to_timespine=True)
    table = bench.table("n", group_by=("g",))
    assert table.columns[2] == (1, 0, 0, 0, 0, 1)


def test_spine_reaches_over_the_days_asked(bench: Bench) -> None:
    """With join_to_timespine the days asked before and after the data have rows too, but none after today."""
    bench.parquet({"day": [_day(1, 1), _day(1, 3)]})
    bench.simple("n", "count", fill_nulls_with=0, join_to_timespine=True)
    bench.simple("plain", "count", fill_nulls_with=0)
    asked = {"start": date(2023, 12, 31), "end": _day(1, 6)}
    assert bench.table("n", **asked).columns[1] == (0, 1, 0, 1, 0, 0)
    assert bench.table("n", **asked, last_day=_day(1, 4)).columns[1] == (0, 1, 0, 1, 0)
    assert bench.table("plain", **asked).columns[1] == (1, 0, 1)


def test_looks_read_the_days_that_they_need(sales: Bench) -> None:
    """Asking for March alone still reads February for March's window and for last month's value."""
    sales.chunk_rows = 1
    sales.add("c", Cumulative(_input("sum"), "7 days"))
    sales.derived("o", "sum", _input("sum", offset_window="1 month"))
    names = (MetricId("c"), MetricId("o"))
    asked = Request(names, grain=Grain.MONTH, start=_day(3, 1), end=_day(4, 1))
    table = sales.engine().table(asked)
    assert table.columns == ((_day(3, 1),), (48.0,), (28.0,))


def test_compare_with_an_earlier_period(sales: Bench) -> None:
    """A table shows the value of a period before and the change as a share of it, where both are whole."""
    sales.ratio("each", "sum", "people")
    table = sales.table("sum", "each", grain=Grain.MONTH, compare="1 month")
    assert table.names == ("metric_time", "sum", "sum__prior", "sum__change", "each", "each__prior", "each__change")
    assert table.columns[1:3] == ((3.0, 28.0, 96.0), (None, 3.0, 28.0))
    assert table.columns[3] == (None, None, None)  # January is cut, March is running


def test_change_between_whole_periods(bench: Bench) -> None:
    """Between two whole periods the change is told; from 0, and in a running period, it is not."""
    days = [date.fromordinal(_day(1, 1).toordinal() + shift) for shift in range(100)]
    bench.parquet({"day": days, "x": [1.0] * 31 + [0.0] * 29 + [2.0] * 40})
    bench.simple("sum", "sum", "x")
    table = bench.table("sum", grain=Grain.MONTH, compare="1 month")
    assert table.columns[3] == (None, -1.0, None, None)
    by_day = bench.table("sum", grain=Grain.MONTH, group_by=("weekday",), compare="1 month")
    assert by_day.columns[4][7:14] == (-1.0,) * 7


def test_longest_windows_end_at_the_calendar(sales: Bench) -> None:
    """A window or an offset of thousands of years is all there is, or nothing, and never an error."""
    sales.add("c", Cumulative(_input("sum"), "9999 years"))
    sales.derived("o", "sum", _input("sum", offset_window="9999 years"))
    sales.add("k", Conversion(_input("sum"), _input("sum"), "who", "9999 quarters"))
    assert _at(sales, "c", _day(3, 2)) == 127.0
    assert set(sales.values("o")) == {None}
    assert sales.reading("k").failure is None


def test_one_look_that_fails_leaves_the_others(sales: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the data engine fails on one metric's window, that metric says so and the others have values."""
    sales.add("c", Cumulative(_input("middle"), "7 days"))
    sales.add("d", Cumulative(_input("sum"), "7 days"))

    def fail(*_: object) -> None:
        raise pl.exceptions.ComputeError("no memory")

    monkeypatch.setattr("kputui.engine.stretched._sliced", fail)
    assert sales.code("c") == "D22"
    table = sales.table("c", "d", compare="1 week")
    assert [name for name, _ in table.failures] == ["c"]
    assert table.names == ("metric_time", "d", "d__prior", "d__change")
    span = Span(_day(2, 1), _day(3, 2))
    found = sales.engine().span_values([(MetricId("c"), span), (MetricId("d"), span)])
    assert [type(value).__name__ for value in found.values()] == ["Failure", "SpanValue"]


def test_definition_hash_knows_every_key(sales: Bench) -> None:
    """Another window, offset or matching is another definition."""
    sales.add("a", Cumulative(_input("sum"), "7 days"))
    sales.add("b", Cumulative(_input("sum"), "8 days"))
    sales.add("c", Cumulative(_input("sum"), "7 days", period_agg="last"))
    sales.derived("d", "sum", _input("sum", offset_window="1 month"))
    sales.derived("e", "sum", _input("sum", offset_to_grain=Grain.MONTH))
    sales.add("f", Conversion(_input("sum"), _input("sum"), "who"))
    sales.add("g", Conversion(_input("sum"), _input("sum"), "who", constant_properties=("x",)))
    readings = sales.readings("a", "b", "c", "d", "e", "f", "g")
    hashes = {reading.provenance.definition_hash for reading in readings if reading.provenance}
    assert len(hashes) == 7
