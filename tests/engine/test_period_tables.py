"""Grains whose periods a table lists: 4-4-5 months, seasons, tables with days left out."""

from __future__ import annotations

import itertools
import os
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.engine.compute import Engine
from kputui.engine.facts import Facts
from kputui.engine.periods import Periods, day_of, intervals, number_of, units_of
from kputui.engine.request import CHANGE, PRIOR, Request
from kputui.model.calendar import Calendar
from kputui.model.ids import MetricId
from kputui.model.metric import STANDARD_GRAINS, Cumulative, Grain, Input, NonAdditiveDimension

if TYPE_CHECKING:
    from tests.engine.conftest import Bench

    from kputui.model.series import Reading

_FIRST = date(2024, 1, 1)


def table_of(weeks: tuple[int, ...], start: date = _FIRST, labels: tuple[str, ...] = ()) -> Calendar:
    """Periods of so many weeks, one after the other."""
    ends = tuple(start + timedelta(weeks=total) for total in itertools.accumulate(weeks))
    return Calendar((start, *ends[:-1]), ends, labels)


FISCAL = Grain("period445", table_of((4, 4, 5) * 8, labels=tuple(f"P{n:02}" for n in range(1, 25))))


def days_from(first: date, count: int) -> list[date]:
    """So many days in a row."""
    return [first + timedelta(days=shift) for shift in range(count)]


def test_a_year_of_445_by_hand(bench: Bench) -> None:
    """A row a day: a period of four weeks counts 28, one of five weeks 35, and the year 364."""
    bench.parquet({"day": days_from(_FIRST, 364)})
    bench.simple("rows", "count", grain=FISCAL)
    series = bench.series("rows")
    assert series.values == (28.0, 28.0, 35.0) * 4
    assert series.starts[:3] == (date(2024, 1, 1), date(2024, 1, 29), date(2024, 2, 26))
    assert series.ends[-1] == date(2024, 12, 30)
    assert series.grain == FISCAL


def test_distinct_counts_and_percentiles_come_from_rows(bench: Bench) -> None:
    """A customer of two months counts once in the period that holds both days; a median is that of all its rows."""
    days = [date(2024, 1, 30), date(2024, 2, 10), date(2024, 2, 25), date(2024, 2, 26)]
    bench.parquet({"day": days, "who": ["a", "a", "b", "a"], "x": [1.0, 5.0, 100.0, 7.0]})
    bench.simple("buyers", "count_distinct", "who", FISCAL)
    bench.simple("middle", "median", "x", FISCAL)
    assert bench.values("buyers") == [2.0, 1.0]
    assert bench.values("middle") == [5.0, 7.0]


def test_rows_in_no_period_are_left_out_and_counted(bench: Bench) -> None:
    """Days before, between and behind the periods give no value; provenance and a note say how many rows they had."""
    gap = Calendar((date(2024, 1, 8), date(2024, 2, 5)), (date(2024, 1, 29), date(2024, 3, 4)))
    bench.parquet({"day": days_from(_FIRST, 70), "x": [1.0] * 69 + [None]})
    bench.simple("x", "sum", "x", Grain("season", gap))
    reading = bench.reading("x")
    assert reading.series is not None
    assert reading.series.values == (21.0, 28.0)
    assert reading.series.starts == gap.starts
    assert reading.series.ends == gap.ends
    assert reading.provenance is not None
    assert reading.provenance.rows_used == 49
    assert reading.provenance.dropped == (("in no period", 20), ("no value", 1))
    words = "21 rows of `rows` lie in no period of `season`, whose table reaches from 2024-01-08 to 2024-03-03"
    assert reading.notes == (words,)
    assert bench.table("x").notes == (words,)
    assert bench.table("x").columns == (gap.starts, (21.0, 28.0))


def test_data_outside_the_whole_table_is_no_data(bench: Bench) -> None:
    """When no period holds a row there is no value and no failure, and the note says why."""
    bench.parquet({"day": days_from(date(2020, 1, 1), 5), "g": ["a"] * 5})
    bench.simple("rows", "count", grain=FISCAL)
    assert bench.series("rows").values == ()
    assert "5 rows of `rows` lie in no period" in bench.reading("rows").notes[0]
    assert bench.table("rows", group_by=("g",)).columns == ((), (), ())


def test_a_day_in_no_period_has_no_value_to_date(bench: Bench) -> None:
    """A sum since the period's start begins again with each period, and a day in none has no value."""
    gap = Grain("shift", Calendar((date(2024, 1, 1), date(2024, 1, 4)), (date(2024, 1, 3), date(2024, 1, 6))))
    bench.parquet({"day": days_from(_FIRST, 6), "x": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]})
    bench.simple("x", "sum", "x")
    bench.add("so_far", Cumulative(Input(MetricId("x")), grain_to_date=gap))
    assert bench.values("so_far") == [1.0, 3.0, None, 8.0, 24.0, None]


def test_an_offset_by_periods_reads_the_whole_earlier_period(bench: Bench) -> None:
    """One period earlier is the period before, whatever its length; a day is read as far into that period."""
    bench.parquet({"day": days_from(_FIRST, 126), "x": [float(number) for number in range(126)]})
    bench.simple("x", "sum", "x", FISCAL)
    before = Input(MetricId("x"), alias="before", offset_window="1 period445")
    bench.derived("earlier", "before", before)
    workspace_grains = {"period445": FISCAL}
    bench.grains = workspace_grains
    values = bench.values("x")
    assert bench.values("earlier", grain=FISCAL) == [None, *values[:-1]]
    asked = bench.table("earlier", grain=FISCAL, start=date(2024, 3, 1), end=date(2024, 3, 2))
    assert asked.columns == ((date(2024, 2, 26),), (values[1],))
    by_day = bench.table("earlier", grain=Grain.DAY)
    found = dict(zip(*by_day.columns, strict=True))
    assert found[date(2024, 1, 29)] == 0.0
    assert found[date(2024, 2, 25)] == 27.0
    assert found[date(2024, 3, 31)] is None  # the 35th day of a period, and the one before has only 28
    table = bench.table("x", grain=FISCAL, compare="1 period445s")
    assert table.names == ("metric_time", "x", f"x{PRIOR}", f"x{CHANGE}")
    assert table.columns[2] == (None, *values[:-1])
    assert table.columns[3][1] == pytest.approx(values[1] / values[0] - 1)  # type: ignore[operator]


def test_the_start_of_a_longer_period_is_refused_by_a_table(bench: Bench) -> None:
    """A value at the start of a month has no meaning by 4-4-5 periods: the metric says so, others go on."""
    bench.parquet({"day": days_from(_FIRST, 60)})
    bench.simple("rows", "count")
    bench.derived("since", "rows - first", Input(MetricId("rows")), _first_of_month())
    table = bench.table("since", "rows", grain=FISCAL)
    assert [failure.code for _, failure in table.failures] == ["D20"]
    assert "period445" in table.failures[0][1].message
    assert table.columns[1] == (28, 28, 4)
    assert bench.table("since", grain=Grain.DAY).failures == ()


def _first_of_month() -> Input:
    return Input(MetricId("rows"), alias="first", offset_to_grain=Grain.MONTH)


def test_another_table_under_the_same_name_is_never_answered_from_the_cache(bench: Bench, tmp_path: Path) -> None:
    """When the table of periods changes, what was kept of the old one is not used; the same table is."""
    cache = tmp_path / "cache"
    bench.parquet({"day": days_from(_FIRST, 200)})
    os.utime(tmp_path / "rows.parquet", ns=(1_600_000_000_000_000_000,) * 2)  # of young files nothing is kept
    whole, split = (Grain("own", table_of((*weeks, *(4,) * 9))) for weeks in ((4,), (1, 3)))
    for grain, expected in ((whole, 28), (split, 7), (whole, 28)):
        bench.simple("rows", "count", grain=grain)
        engine = Engine(bench.workspace(), cache=cache)
        (reading,) = list(engine.readings(Request((MetricId("rows"),))))[-1]
        assert reading.series is not None
        assert reading.series.values[0] == expected


def test_the_definition_of_a_sum_to_date_changes_with_its_table(bench: Bench) -> None:
    """Whoever judged the metric by the old periods is told that it is another one now."""
    bench.parquet({"day": days_from(_FIRST, 60)})
    bench.simple("rows", "count")

    def hash_of(grain: Grain) -> str:
        bench.add("so_far", Cumulative(Input(MetricId("rows")), grain_to_date=grain))
        provenance = bench.reading("so_far").provenance
        assert provenance is not None
        return provenance.definition_hash

    assert hash_of(FISCAL) == hash_of(Grain("period445", table_of((4, 4, 5) * 8)))
    assert hash_of(FISCAL) != hash_of(Grain("period445", table_of((4, 5, 4) * 8)))


_LENGTHS = st.lists(st.tuples(st.integers(1, 70), st.sampled_from([0, 0, 0, 1, 9, 40])), min_size=1, max_size=9)
_STARTS = st.integers(-60, 60).map(lambda shift: _FIRST + timedelta(days=shift))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Tables of periods of any lengths, some with days left out between them."""
    day, starts, ends = draw(_STARTS), [], []
    for length, gap in draw(_LENGTHS):
        starts.append(day)
        day += timedelta(days=length)
        ends.append(day)
        day += timedelta(days=gap)
    return Calendar(tuple(starts), tuple(ends))


_ROWS = st.fixed_dictionaries(
    {
        "day": st.integers(-20, 160).map(lambda shift: _FIRST + timedelta(days=shift)),
        "x": st.none() | st.integers(-50, 50),
        "g": st.none() | st.sampled_from(["p", "q"]),
    }
)
_TYPES = {"day": pl.Date, "x": pl.Int16, "g": pl.String}
_SQL = {
    "sum": "sum(x::double)",
    "average": "avg(x)",
    "median": "quantile_cont(x, 0.5)",
    "count_distinct": "count(distinct x)",
    "min": "min(x)",
}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(_ROWS, min_size=1, max_size=60),
    calendar=calendars(),
    agg=st.sampled_from(sorted(_SQL)),
    condition=st.sampled_from(["", "x > 0"]),
    groups=st.sampled_from([(), ("g",)]),
    chunk_rows=st.sampled_from([1, 20, 2_000_000]),
)
def test_any_table_of_periods_equals_a_join_in_duckdb(
    rows: list[dict[str, Any]],
    calendar: Calendar,
    agg: str,
    condition: str,
    groups: tuple[str, ...],
    chunk_rows: int,
    new_bench: type[Bench],
) -> None:
    """Whatever the table, its gaps and the rows, joining the table by days in SQL gives the same values."""
    grain = Grain("own", calendar)
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        frame = pl.DataFrame(rows, schema=_TYPES)
        bench.parquet({name: frame[name] for name in frame.columns})
        bench.simple("m", agg, "x", grain, filter=condition)
        bench.simple("by_month", agg, "x", Grain.MONTH, filter=condition)
        bench.simple("by_week", "count", "x", Grain.WEEK)
        table = bench.table("m", grain=grain, group_by=groups)
        own, by_month, by_week = bench.readings("m", "by_month", "by_week")
        alone = [bench.reading(name) for name in ("m", "by_month", "by_week")]
        pl.DataFrame({"s": calendar.starts, "e": calendar.ends}).write_parquet(f"{folder}/periods.parquet")
        with duckdb.connect() as oracle:
            mask = f"filter ({condition})" if condition else ""
            keys = ", ".join(["s", *groups])
            query = (
                f"select {keys}, case when count(x) {mask} > 0 then {_SQL[agg]} {mask} end "  # noqa: S608 (own constants)
                f"from read_parquet('{folder}/rows.parquet') join read_parquet('{folder}/periods.parquet') "
                "on day >= s and day < e group by all"
            )
            expected = {tuple(row[:-1]): row[-1] for row in oracle.execute(query).fetchall()}
    found = {tuple(row[:-1]): row[-1] for row in zip(*table.columns, strict=True)}
    assert table.failures == ()
    for key, value in expected.items():
        other = found.pop(key)
        assert (value is None) == (other is None), key
        assert value is None or other == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert all(value is None for value in found.values())
    for mixed, single in zip((own, by_month, by_week), alone, strict=True):
        assert _values(mixed) == pytest.approx(_values(single), nan_ok=True)
    assert own.provenance is not None
    dropped = dict(own.provenance.dropped)
    assert own.provenance.rows_used + sum(dropped.values()) == own.provenance.rows_read


def _values(reading: Reading) -> dict[date, float]:
    assert reading.series is not None
    pairs = zip(reading.series.starts, reading.series.values, strict=True)
    return {start: float("nan") if value is None else value for start, value in pairs}


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(_ROWS, min_size=1, max_size=40), calendar=calendars(), count=st.integers(1, 3))
def test_looks_by_a_table_equal_sql(
    rows: list[dict[str, Any]], calendar: Calendar, count: int, new_bench: type[Bench]
) -> None:
    """Sums since a period's start, balances at its end and values some periods earlier, against SQL."""
    grain = Grain("own", calendar)
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), grains={"own": grain})
        frame = pl.DataFrame(rows, schema=_TYPES)
        bench.parquet({name: frame[name] for name in frame.columns})
        bench.simple("x", "sum", "x", grain)
        bench.simple("stock", "sum", "x", grain, non_additive_dimension=NonAdditiveDimension("day"))
        bench.add("so_far", Cumulative(Input(MetricId("x")), grain_to_date=grain))
        bench.derived("back", "x", Input(MetricId("x"), offset_window=f"{count} own"))
        so_far = bench.table("so_far", grain=Grain.DAY)
        by_period = bench.table("x", "stock", "back", grain=grain)
        pl.DataFrame({"s": calendar.starts, "e": calendar.ends}).write_parquet(f"{folder}/periods.parquet")
        with duckdb.connect() as oracle:
            oracle.execute(f"create view r as from read_parquet('{folder}/rows.parquet')")
            oracle.execute(f"create view p as from read_parquet('{folder}/periods.parquet')")
            days = dict(
                oracle.execute(
                    "select d, sum(x::double) from "
                    "(select distinct r.day d, p.s from r join p on day >= s and day < e) q "
                    "join r on r.day >= q.s and r.day <= q.d group by d"
                ).fetchall()
            )
            stocks = dict(
                oracle.execute(
                    "select s, sum(x::double) from r join p on day >= s and day < e "
                    "where day = (select max(day) from r r2 where r2.day >= p.s and r2.day < p.e) group by s"
                ).fetchall()
            )
    for day, value in zip(*so_far.columns, strict=True):
        if day in days:
            assert value == (pytest.approx(days[day]) if days[day] is not None else None)
    starts, sums, found, back = by_period.columns
    for start, value in zip(starts, found, strict=True):
        assert value == (pytest.approx(stocks[start]) if stocks.get(start) is not None else None)
    known = dict(zip(starts, sums, strict=True))
    for start, value in zip(starts, back, strict=True):
        place = calendar.starts.index(start) - count
        earlier = known.get(calendar.starts[place]) if place >= 0 else None
        assert value == (pytest.approx(earlier) if earlier is not None else None)


@settings(max_examples=60, deadline=None)
@given(
    calendar=calendars(),
    days=st.dictionaries(st.integers(19600, 20100), st.integers(1, 50), min_size=1, max_size=40),
    others=st.frozensets(st.sampled_from(STANDARD_GRAINS)),
    chunk=st.integers(1, 500),
)
def test_every_day_is_in_one_piece_and_every_piece_in_one_interval(
    calendar: Calendar, days: dict[int, int], others: frozenset[Grain], chunk: int
) -> None:
    """Days in no period are cut into pieces too, so that intervals cover the rows of every grain once."""
    periods, grain = Periods(), Grain("own", calendar)
    for number in days:
        start = periods.start_of(number, grain)
        end = periods.next_start(start, grain)
        assert start <= number < end
        assert periods.is_period(start, grain) == (calendar.index_of(day_of(number)) is not None)
    low, high = min(days), max(days)
    expected = [
        number_of(start)
        for start, end in zip(calendar.starts, calendar.ends, strict=True)
        if number_of(end) > low and number_of(start) <= high
    ]
    assert periods.starts(low, high, grain) == expected
    grains = others | {grain}
    facts = Facts(dict(sorted(days.items())), sum(days.values()), 0, is_dated=True, newest=None)
    cut = intervals(units_of(periods, sorted(days), grains), facts.rows_in, chunk)
    for number in days:
        for one in grains:
            assert sum(part.start <= periods.start_of(number, one) < part.end for part in cut) == 1
    for part in cut:
        for one in grains:
            assert part.read_end >= periods.next_start(periods.start_of(part.end - 1, one), one)
