"""Series, readings and tables: no holes, running periods, groups, windows, and where values came from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui.engine.request import Request
from kputui.model.ids import MetricId
from kputui.model.metric import STANDARD_GRAINS, Grain, Input
from kputui.model.series import Failure, Span, SpanValue

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.conftest import Bench

    from kputui.model.series import Reading


def days(first: date, count: int) -> list[date]:
    """`count` days in a row."""
    return [first + timedelta(days=shift) for shift in range(count)]


def test_gaps_are_seen(bench: Bench) -> None:
    """Between the first and the last period every period is there, empty ones without a value."""
    bench.parquet({"day": [date(2024, 1, 1), date(2024, 1, 22)]})
    bench.simple("n", "count", grain=Grain.WEEK)
    series = bench.series("n")
    assert series.starts == (date(2024, 1, 1), date(2024, 1, 8), date(2024, 1, 15), date(2024, 1, 22))
    assert series.ends[-1] == date(2024, 1, 29)
    assert series.values == (1, None, None, 1)


def test_cut_and_running_periods(bench: Bench) -> None:
    """With dates from Wednesday to Tuesday no week is whole; with two days more one is."""
    bench.parquet({"day": days(date(2024, 1, 3), 7)})
    bench.simple("n", "count", grain=Grain.WEEK)
    series = bench.series("n")
    assert series.covers == Span(date(2024, 1, 3), date(2024, 1, 10))
    assert (series.is_cut(0), series.is_running(1), series.newest_whole) == (True, True, None)
    bench.parquet({"day": days(date(2024, 1, 3), 12)})
    assert bench.series("n").newest_whole == 1


def test_a_date_covers_its_day_and_a_stamp_does_not(bench: Bench) -> None:
    """The last dated day is whole; a day of time stamps is whole only once a later day has one."""
    bench.parquet({"day": [datetime(2024, 1, 1), datetime(2024, 1, 2)]}, name="dated")
    bench.parquet({"day": [datetime(2024, 1, 1, 8), datetime(2024, 1, 2, 23)]}, name="stamped")
    for name, end in (("dated", date(2024, 1, 3)), ("stamped", date(2024, 1, 2))):
        bench.simple(name, "count", source=name)
        assert bench.series(name).covers.end == end


def test_rows_after_the_last_day_are_not_used(bench: Bench) -> None:
    """With a fixed day later rows are out of the values, out of what is covered, and counted."""
    bench.parquet({"day": days(date(2024, 1, 1), 10)})
    bench.simple("n", "count", grain=Grain.WEEK)
    reading = bench.reading("n", last_day=date(2024, 1, 4))
    assert reading.series is not None
    assert reading.provenance is not None
    assert reading.series.values == (4,)
    assert reading.series.covers.end == date(2024, 1, 5)
    assert reading.series.is_running(0)
    assert reading.provenance.dropped == (("after today", 6),)
    assert reading.provenance.newest == datetime(2024, 1, 4)


def test_no_row_up_to_the_last_day(bench: Bench) -> None:
    """Data that begins after the fixed day is no data, in words."""
    bench.parquet({"day": [date(2024, 1, 5)]})
    bench.simple("n", "count")
    failure = bench.reading("n", last_day=date(2024, 1, 4)).failure
    assert failure is not None
    assert failure.code == "D09"


def test_future_rows_are_told(bench: Bench) -> None:
    """Without a fixed day rows from after today are used, and said."""
    bench.parquet({"day": [date(2026, 11, 19), date(2027, 3, 1)]})
    bench.simple("n", "count")
    assert bench.reading("n").notes == ("1 row of `rows` lie in the future",)


def test_times_out_of_all_reason_are_left_out(bench: Bench) -> None:
    """The years 1 and 2999 draw no thousands of empty weeks; their rows are counted as left out."""
    bench.parquet({"day": [date(1, 1, 1), date(2024, 1, 1), date(2999, 1, 1)]})
    bench.simple("n", "count", grain=Grain.WEEK)
    reading = bench.reading("n")
    assert reading.series is not None
    assert reading.series.values == (1,)
    assert "2 rows" in reading.notes[0]


def test_a_range_widens_to_whole_periods(bench: Bench) -> None:
    """From 3 to 9 January, by week, gives both weeks whole."""
    bench.parquet({"day": days(date(2024, 1, 1), 31)})
    bench.simple("n", "count")
    series = bench.series("n", grain=Grain.WEEK, start=date(2024, 1, 3), end=date(2024, 1, 10))
    assert series.starts == (date(2024, 1, 1), date(2024, 1, 8))
    assert series.values == (7, 7)


def test_provenance_counts_every_row(bench: Bench) -> None:
    """Rows read are rows used plus rows dropped, each with its reason."""
    bench.parquet(
        {
            "day": [date(2024, 1, 1), None, date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)],
            "x": [1, 2, None, 4, 5],
            "keep": [True, True, True, False, True],
        }
    )
    bench.simple("m", "sum", "x", filter="keep")
    provenance = bench.reading("m").provenance
    assert provenance is not None
    assert (provenance.rows_read, provenance.rows_used) == (5, 2)
    assert dict(provenance.dropped) == {"no time": 1, "filter": 1, "no value": 1}
    assert provenance.computed_at == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert provenance.files == (str((bench.folder / "rows.parquet").resolve()),)


def test_definition_hash_follows_the_definition(bench: Bench) -> None:
    """Layout does not change the hash; another filter, week start or zone does."""
    bench.parquet({"day": [date(2024, 1, 1)], "x": [1]})

    def hash_of(expr: str, text: str) -> str:
        bench.simple("m", "sum", expr, filter=text)
        provenance = bench.reading("m").provenance
        assert provenance is not None
        return provenance.definition_hash

    first = hash_of("x+1", "x>0")
    assert hash_of("x  +  1", " x > 0") == first
    assert hash_of("x + 1", "x > 1") != first
    bench.set(timezone="Europe/Berlin")
    assert hash_of("x + 1", "x > 0") != first


def test_groups_give_a_reading_each(bench: Bench) -> None:
    """A breakdown has a series a value, rows without one last, all over the same periods."""
    bench.parquet({"day": [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 2)], "place": ["b", "a", None]})
    bench.simple("n", "count")
    readings = bench.readings("n", group_by=("place",))
    series = [reading.series for reading in readings if reading.series]
    assert [one.group for one in series] == [(("place", "a"),), (("place", "b"),), (("place", None),)]
    assert [one.values for one in series] == [(None, 1), (1, None), (None, 1)]


def test_table_sorts_and_keeps_types(bench: Bench) -> None:
    """A table has the period, the groups as they are, whole counts and floats, sorted."""
    bench.parquet({"day": days(date(2024, 1, 1), 4), "size": [2, 1, 2, 1], "x": [1, 2, 3, 4]})
    bench.simple("n", "count")
    bench.simple("total", "sum", "x")
    table = bench.table("n", "total", grain=Grain.MONTH, group_by=("size",))
    assert table.names == ("metric_time", "size", "n", "total")
    assert table.columns == ((date(2024, 1, 1),) * 2, (1, 2), (2, 2), (6.0, 4.0))


def test_table_without_groups_has_no_holes(bench: Bench) -> None:
    """Without groups every period has a row; with groups only those with data."""
    bench.parquet({"day": [date(2024, 1, 1), date(2024, 1, 3)], "place": ["a", "a"]})
    bench.simple("n", "count", fill_nulls_with=0)
    assert bench.table("n").columns[1] == (1, 0, 1)
    assert bench.table("n", group_by=("place",)).columns[2] == (1, 1)


def test_a_window_without_rows_of_one_source_keeps_the_others(bench: Bench) -> None:
    """A source without a row in the days asked is no data or its fill there, and takes no other metric down."""
    bench.csv("day,x\n2024-01-01,5\n2024-02-01,7\n2024-03-01,9\n")
    bench.csv("day,x\n2024-01-05,1\n2024-03-05,2\n", name="rare")
    bench.simple("many", "sum", "x", grain=Grain.MONTH)
    bench.simple("rare", "sum", "x", grain=Grain.MONTH, source="rare")
    bench.simple("filled", "sum", "x", grain=Grain.MONTH, source="rare", fill_nulls_with=0)
    bench.derived("rest", "many - filled", Input(MetricId("many")), Input(MetricId("filled")))
    asked = {"start": date(2024, 2, 1), "end": date(2024, 3, 1), "grain": Grain.MONTH}
    table = bench.table("many", "rare", "filled", "rest", **asked)
    assert table.failures == ()
    assert table.columns == ((date(2024, 2, 1),), (7.0,), (None,), (0.0,), (7.0,))
    assert bench.values("filled", **asked) == [0.0]
    february = Span(date(2024, 2, 1), date(2024, 3, 1))
    found = bench.engine().span_values([(MetricId("rest"), february)])
    assert found[MetricId("rest"), february] == SpanValue(february, 7.0, 1)


def test_table_takes_the_longest_grain(bench: Bench) -> None:
    """Metrics of different grains are shown at the longest when none is asked."""
    bench.parquet({"day": days(date(2024, 1, 1), 40)})
    bench.simple("a", "count", grain=Grain.DAY)
    bench.simple("b", "count", grain=Grain.MONTH)
    assert bench.table("a", "b").columns[0] == (date(2024, 1, 1), date(2024, 2, 1))


def test_table_names_what_fails(bench: Bench) -> None:
    """A metric that fails has no column and its reason beside the table."""
    bench.parquet({"day": [date(2024, 1, 1)]})
    bench.simple("n", "count")
    table = bench.table("n", "m")
    assert table.names == ("metric_time", "n")
    assert [name for name, _ in table.failures] == ["m"]


def test_where_narrows_every_metric(bench: Bench) -> None:
    """A condition of the request holds for all rows; one that a source can't check is that metric's failure."""
    bench.parquet({"day": [date(2024, 1, 1)] * 3, "place": ["a", "b", "b"]})
    bench.simple("n", "count")
    assert bench.values("n", where="place = 'b'") == [2]
    failure = bench.reading("n", where="plaec = 'b'").failure
    assert failure is not None
    assert "place" in failure.hint


def test_unknown_group_names_the_nearest(bench: Bench) -> None:
    """A misspelt dimension is answered with the column that was meant."""
    bench.parquet({"day": [date(2024, 1, 1)], "place": ["a"]})
    bench.simple("n", "count")
    failure = bench.reading("n", group_by=("palce",)).failure
    assert failure is not None
    assert (failure.code, failure.hint) == ("D12", "nearest: place")


def test_groups_of_two_sources_with_other_types_meet(bench: Bench) -> None:
    """A dimension that is a number here and text there is joined by its text."""
    bench.parquet({"day": [date(2024, 1, 1)], "place": [1]}, name="a")
    bench.parquet({"day": [date(2024, 1, 1)], "place": ["1"]}, name="b")
    bench.simple("x", "count", source="a")
    bench.simple("y", "count", source="b")
    assert bench.table("x", "y", group_by=("place",)).columns == ((date(2024, 1, 1),), ("1",), (1,), (1,))


@pytest.mark.parametrize("chunk_rows", [1, 7, 1000])
def test_chunks_do_not_change_numbers(bench: Bench, chunk_rows: int) -> None:
    """Many small intervals give what one large one gives, for every aggregation, grain and breakdown."""
    count = 900
    columns = {
        "day": [day for day in days(date(2023, 11, 20), count) if day.day % 5],
    }
    size = len(columns["day"])
    bench.parquet(
        {
            **columns,
            "x": [(i * 37) % 101 if i % 7 else None for i in range(size)],
            "who": [str((i * 13) % 17) for i in range(size)],
            "place": ["abc"[i % 3] for i in range(size)],
        }
    )
    for agg in ("sum", "min", "max", "average", "median", "count"):
        bench.simple(agg, agg, "x", filter="x > 10")
    bench.simple("who", "count_distinct", "who")
    bench.simple("low", "sum_boolean", "x < 50")
    bench.simple("p", "percentile", "x", percentile=0.8)
    bench.ratio("share", "low", "count")
    names = tuple(bench.metrics)
    for groups in ((), ("place",)):
        for grain in STANDARD_GRAINS:
            bench.chunk_rows = 2_000_000
            whole = bench.table(*names, grain=grain, group_by=groups)
            bench.chunk_rows = chunk_rows
            parts = bench.table(*names, grain=grain, group_by=groups)
            assert parts.names == whole.names
            for one, other in zip(parts.columns, whole.columns, strict=True):
                assert [pytest.approx(cell) if isinstance(cell, float) else cell for cell in other] == list(one)


def test_mixed_grains_in_one_pass_equal_each_alone(bench: Bench) -> None:
    """Metrics of five grains computed together have the values that each has alone."""
    bench.parquet({"day": days(date(2023, 1, 1), 500), "x": list(range(500)), "who": [str(i % 9) for i in range(500)]})
    for grain in STANDARD_GRAINS:
        bench.simple(f"sum_{grain}", "average", "x", grain=grain, filter="x % 3 = 0")
        bench.simple(f"who_{grain}", "count_distinct", "who", grain=grain)
        bench.simple(f"median_{grain}", "median", "x", grain=grain)
    together = {reading.metric: reading.series for reading in bench.readings()}
    for name, found in together.items():
        alone = bench.series(name)
        assert found is not None
        assert found.starts == alone.starts
        assert found.values == pytest.approx(alone.values)


def test_newest_periods_come_first(bench: Bench) -> None:
    """Batches grow from the newest interval back, each whole in what it shows; the last has everything."""
    bench.parquet({"day": days(date(2024, 1, 1), 200)})
    bench.simple("n", "count", grain=Grain.WEEK)
    bench.chunk_rows = 40
    batches: list[tuple[Reading, ...]] = list(bench.engine().readings(Request((MetricId("n"),))))
    assert len(batches) > 3
    lengths = []
    for (reading,) in batches:
        assert reading.series is not None
        assert reading.series.values[:-1] == (7,) * (len(reading.series.values) - 1)
        assert reading.series.ends[-1] > date(2024, 7, 18)
        lengths.append(len(reading.series.values))
    assert lengths == sorted(lengths)
    assert lengths[-1] == 29


def test_cancel_stops_between_intervals(bench: Bench) -> None:
    """After the flag is set no further batch comes."""
    bench.parquet({"day": days(date(2024, 1, 1), 200)})
    bench.simple("n", "count")
    bench.chunk_rows = 40
    seen = 0
    for _ in bench.engine().readings(Request((MetricId("n"),)), lambda: seen == 2):  # noqa: B023 - it is to change
        seen += 1
    assert seen == 2


@pytest.mark.parametrize("chunk_rows", [10, 2_000_000])
def test_span_values_are_exact_from_rows(bench: Bench, chunk_rows: int) -> None:
    """Over any stretch of days a value is made of that stretch's rows, for every kind of metric."""
    bench.parquet({"day": days(date(2024, 1, 1), 100), "x": list(range(100)), "who": [str(i % 7) for i in range(100)]})
    bench.simple("sum", "sum", "x")
    bench.simple("n", "count")
    bench.simple("median", "median", "x")
    bench.simple("who", "count_distinct", "who")
    bench.ratio("mean", "sum", "n")
    bench.chunk_rows = chunk_rows
    span = Span(date(2024, 1, 31), date(2024, 3, 2))
    wanted = [(MetricId(name), span) for name in ("sum", "n", "median", "who", "mean")]
    found = bench.engine().span_values(wanted)
    values = {name: value.value for (name, _), value in found.items() if isinstance(value, SpanValue)}
    assert values == {"sum": 1395.0, "n": 31, "median": 45.0, "who": 7, "mean": 45.0}


def test_span_values_stop_at_the_last_day(bench: Bench) -> None:
    """A stretch is cut at the last day; without rows there is no value, and failures stay failures."""
    bench.parquet({"day": days(date(2024, 1, 1), 10)})
    bench.simple("n", "count")
    early, late = Span(date(2024, 1, 1), date(2025, 1, 1)), Span(date(2024, 2, 1), date(2024, 3, 1))
    name, unknown = MetricId("n"), MetricId("m")
    found = bench.engine().span_values([(name, early), (name, late), (unknown, early)], date(2024, 1, 4))
    assert found[name, early] == SpanValue(early, 4.0, 4)
    assert found[name, late] == SpanValue(late, None, 0)
    failure = found[unknown, early]
    assert isinstance(failure, Failure)
    assert failure.code == "D19"


def test_changed_file_is_read_again(bench: Bench) -> None:
    """An engine that has read a file sees its next version."""
    bench.parquet({"day": [date(2024, 1, 1)]})
    bench.simple("n", "count")
    engine = bench.engine()
    request = Request((MetricId("n"),))
    assert engine.table(request).columns[1] == (1,)
    bench.parquet({"day": [date(2024, 1, 1)] * 3})
    assert engine.table(request).columns[1] == (3,)


def test_table_is_written_as_parquet(bench: Bench, tmp_path: Path) -> None:
    """A query's result survives the way through a Parquet file."""
    bench.parquet({"day": [date(2024, 1, 1), date(2024, 1, 3)], "x": [1.5, 2.5]})
    bench.simple("x", "sum", "x")
    table = bench.table("x")
    bench.engine().write_parquet(table, tmp_path / "out.parquet")
    back = pl.read_parquet(tmp_path / "out.parquet")
    assert back.columns == list(table.names)
    assert back["x"].to_list() == [1.5, None, 2.5]


@pytest.mark.parametrize("is_sorted", [True, False], ids=["sorted", "scattered"])
def test_large_files_are_read_in_pieces(bench: Bench, monkeypatch: pytest.MonkeyPatch, *, is_sorted: bool) -> None:
    """A file above every limit, sorted by time or not, has the same values as a small one."""
    dated = days(date(2024, 1, 1), 300)
    size = len(dated)
    order = range(size) if is_sorted else [(i * 7) % size for i in range(size)]
    bench.parquet({"day": [dated[i] for i in order], "x": [i % 50 for i in order]})
    bench.simple("total", "sum", "x", grain=Grain.WEEK)
    bench.simple("middle", "median", "x", grain=Grain.MONTH)
    bench.chunk_rows = 30
    small = [reading.series for reading in bench.readings()]
    monkeypatch.setattr("kputui.engine.parquet_file.PIECE", 13)
    monkeypatch.setattr("kputui.engine.parquet_file.KEPT_DAYS", 0)
    monkeypatch.setattr("kputui.engine.files.READ_WHOLE_BYTES", 0)
    assert [reading.series for reading in bench.readings()] == small


@pytest.mark.parametrize("name", ["*", "^x$", "a*b", "[red]"])
def test_a_column_with_a_strange_name_breaks_down_or_is_refused_by_name(bench: Bench, name: str) -> None:
    """No name of a column is taken for a pattern of names: it breaks down, or the reason says that it can't."""
    bench.parquet({"day": [date(2024, 1, 1)] * 3, "x": [1, 2, 3], name: ["a", "b", "a"]})
    bench.simple("rows", "count")
    found = bench.readings("rows", group_by=(name,))
    if name in {"*", "^x$"}:
        (failure,) = (one.failure for one in found)
        assert failure is not None
        assert failure.message == f"a column called `{name}` can't be broken down by"
    else:
        assert [one.series.values for one in found if one.series is not None] == [(2,), (1,)]
