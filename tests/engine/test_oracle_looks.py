"""Random small tables under metrics that look over time, against DuckDB's SQL over the same rows."""

# ruff: noqa: S608 - the SQL is made of constants of this file

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import STANDARD_GRAINS, Conversion, Cumulative, Grain, Input, NonAdditiveDimension
from kputui.model.workspace import Join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.conftest import Bench

    from kputui.model.series import Table

_FIRST = date(2023, 12, 20)
_DAYS = st.integers(0, 100).map(lambda shift: _FIRST + timedelta(days=shift))
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "day": _DAYS,
            "x": st.none() | st.integers(-50, 50),
            "t": st.none() | st.sampled_from(["a", "b", "c"]),
            "g": st.none() | st.sampled_from(["p", "q"]),
        }
    ),
    min_size=1,
    max_size=40,
)
_TYPES = {"day": pl.Date, "x": pl.Int16, "t": pl.String, "g": pl.String}
_AGGREGATES: Mapping[str, tuple[str, str]] = {
    "sum": ("x", "sum(x::double)"),
    "min": ("x", "min(x)"),
    "max": ("x", "max(x)"),
    "average": ("x", "avg(x)"),
    "median": ("x", "quantile_cont(x::double, 0.5)"),
    "count": ("t", "nullif(count(t), 0)"),
    "count_distinct": ("t", "nullif(count(distinct t), 0)"),
    "sum_boolean": ("x > 0", "sum((x > 0)::int)"),
}
_FILTERS = ("", "x > 0", "t = 'a' or x < 0")
_GROUPS: st.SearchStrategy[tuple[str, ...]] = st.sampled_from([(), ("g",), ("g", "t")])
_LENGTHS = st.sampled_from(["1 day", "7 days", "2 weeks", "1 month", "2 months", "1 quarter", "1 year"])
_CHUNKS = st.sampled_from([1, 15, 2_000_000])
_CUT = st.tuples(st.sampled_from(STANDARD_GRAINS), _GROUPS, _CHUNKS)
"""Grain, breakdown and rows of an interval."""


def _asked(folder: str, sql: str) -> dict[tuple[Any, ...], Any]:
    with duckdb.connect() as oracle:
        oracle.execute(f"create view rows as select * from read_parquet('{folder}/rows.parquet')")
        return {tuple(row[:-1]): row[-1] for row in oracle.execute(sql).fetchall() if row[-1] is not None}


def _compare(table: Table, expected: dict[tuple[Any, ...], Any]) -> None:
    """Every value of the oracle within the table's periods is in the table, and no other value is."""
    assert table.failures == ()
    found = {tuple(row[:-1]): row[-1] for row in zip(*table.columns, strict=True) if row[-1] is not None}
    assert set(found) == set(expected)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-9, abs=1e-9), key


def _spine(grain: Grain) -> str:
    return (
        "spine as (select unnest(generate_series((select min(day) from rows)::timestamp, "
        "(select max(day) from rows)::timestamp, interval 1 day))::date as d), "
        f"periods as (select distinct date_trunc('{grain.value}', d)::date as s, "
        f"(date_trunc('{grain.value}', d) + interval 1 {grain.value})::date as e from spine)"
    )


@settings(max_examples=120, deadline=None)
@given(
    rows=_ROWS,
    agg=st.sampled_from(sorted(_AGGREGATES)),
    condition=st.sampled_from(_FILTERS),
    window=st.one_of(_LENGTHS, st.sampled_from(STANDARD_GRAINS), st.none()),
    period_agg=st.sampled_from(["first", "last", "average"]),
    cut=_CUT,
)
def test_cumulative_equals_duckdb(
    rows: list[dict[str, Any]],
    agg: str,
    condition: str,
    window: str | Grain | None,
    period_agg: str,
    cut: tuple[Grain, tuple[str, ...], int],
    new_bench: type[Bench],
) -> None:
    """A window, a period to date and all time are what a join of each day with the days before it gives."""
    grain, groups, chunk_rows = cut
    expr, sql = _AGGREGATES[agg]
    low = "true"
    if isinstance(window, Grain):
        low = f"day >= date_trunc('{window.value}', d)"
    elif window is not None:
        low = f"day > d - interval '{window}'"
    keys = "".join(f", {name}" for name in groups)
    rank = {"first": "arg_min(v, d)", "last": "arg_max(v, d)", "average": "avg(v)"}[period_agg]
    query = (
        f"with {_spine(Grain.DAY)}, daily as (select d{keys}, {sql} as v from spine "
        f"join rows on day <= d and {low} where {condition or 'true'} group by d{keys}) "
        f"select date_trunc('{grain.value}', d)::date{keys}, {rank} from daily where v is not null group by all"
    )
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        bench.parquet(dict(pl.DataFrame(rows, schema=_TYPES).to_dict()))
        bench.simple("m", agg, expr, filter=condition)
        to_date = window if isinstance(window, Grain) else None
        text = "" if window is None or to_date else str(window)
        bench.add("c", Cumulative(Input(MetricId("m")), text, to_date, period_agg))
        _compare(bench.table("c", grain=grain, group_by=groups), _asked(folder, query))


@settings(max_examples=100, deadline=None)
@given(
    rows=_ROWS,
    agg=st.sampled_from(sorted(_AGGREGATES)),
    condition=st.sampled_from(_FILTERS),
    offset=_LENGTHS,
    cut=_CUT,
)
def test_offset_equals_duckdb(
    rows: list[dict[str, Any]],
    agg: str,
    condition: str,
    offset: str,
    cut: tuple[Grain, tuple[str, ...], int],
    new_bench: type[Bench],
) -> None:
    """An input read earlier is the aggregate over the moved period, from rows."""
    grain, groups, chunk_rows = cut
    expr, sql = _AGGREGATES[agg]
    keys = "".join(f", {name}" for name in groups)
    end = f"e - interval '{offset}'"
    if grain in {Grain.DAY, Grain.WEEK}:
        end = f"(s - interval '{offset}')::date + {1 if grain is Grain.DAY else 7}"
    query = (
        f"with {_spine(grain)} select s{keys}, {sql} from periods "
        f"join rows on day >= s - interval '{offset}' and day < {end} where {condition or 'true'} group by s{keys}"
    )
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        bench.parquet(dict(pl.DataFrame(rows, schema=_TYPES).to_dict()))
        bench.simple("m", agg, expr)
        bench.derived("o", "m", Input(MetricId("m"), offset_window=offset), filter=condition)
        _compare(bench.table("o", grain=grain, group_by=groups), _asked(folder, query))


_EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "day": _DAYS,
            "x": st.none() | st.integers(-5, 5),
            "who": st.none() | st.integers(1, 3),
            "g": st.none() | st.sampled_from(["p", "q"]),
            "is_buy": st.booleans(),
        }
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda row: (row["day"], row["who"], row["is_buy"]),
)
_EVENT_CUT = st.tuples(st.sampled_from(STANDARD_GRAINS), st.sampled_from([(), ("g",)]), _CHUNKS)
_EVENT_TYPES = {"day": pl.Date, "x": pl.Int16, "who": pl.Int32, "g": pl.String, "is_buy": pl.Boolean}


@settings(max_examples=120, deadline=None)
@given(
    rows=_EVENTS,
    window=st.sampled_from(["", "1 day", "7 days", "1 month"]),
    agg=st.sampled_from([("count", "1", "count(*)"), ("sum", "x", "sum(x)"), ("max", "x", "max(x)")]),
    is_constant=st.booleans(),
    is_rate=st.booleans(),
    cut=_EVENT_CUT,
)
def test_conversion_equals_duckdb(
    rows: list[dict[str, Any]],
    window: str,
    agg: tuple[str, str, str],
    is_constant: bool,
    is_rate: bool,
    cut: tuple[Grain, tuple[str, ...], int],
    new_bench: type[Bench],
) -> None:
    """A conversion belongs to the latest base event before it, as a window function over the join says."""
    grain, groups, chunk_rows = cut
    keys = "".join(f", {name}" for name in groups)
    own = "".join(f", b.{name}" for name in groups)
    low = f"and b.day > c.day - interval '{window}'" if window else ""
    same = "and b.g = c.g" if is_constant else ""
    matched = (
        f"matched as (select c.rowid, c.x, b.day{own}, row_number() over (partition by c.rowid order by b.day desc) n "
        f"from (select *, row_number() over () as rowid from rows where is_buy) c join (select * from rows "
        f"where not is_buy) b on b.who = c.who and b.day <= c.day {low} {same})"
    )
    query = (
        f"with {matched}, conv as (select date_trunc('{grain.value}', day)::date as s{keys}, {agg[2]} as v "
        f"from matched where n = 1 group by all), "
        f"base as (select date_trunc('{grain.value}', day)::date as s{keys}, count(*) as w "
        f"from rows where not is_buy group by all) select base.s{''.join(f', base.{name}' for name in groups)}, "
        f"{'v::double / w' if is_rate else 'v'} from base join conv on base.s = conv.s"
        + "".join(f" and base.{name} is not distinct from conv.{name}" for name in groups)
    )
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        bench.parquet(dict(pl.DataFrame(rows, schema=_EVENT_TYPES).to_dict()))
        bench.simple("visits", "count", filter="not is_buy")
        bench.simple("buys", agg[0], agg[1], filter="is_buy")
        calculation = "conversion_rate" if is_rate else "conversions"
        constants = ("g",) if is_constant else ()
        sides = (Input(MetricId("visits")), Input(MetricId("buys")))
        bench.add("c", Conversion(*sides, "who", window, calculation, constants))
        _compare(bench.table("c", grain=grain, group_by=groups), _asked(folder, query))


@settings(max_examples=80, deadline=None)
@given(
    rows=_ROWS,
    choice=st.sampled_from(["min", "max"]),
    groupings=st.sampled_from([(), ("t",), ("t", "g")]),
    condition=st.sampled_from(_FILTERS),
    cut=_CUT,
)
def test_balance_equals_duckdb(
    rows: list[dict[str, Any]],
    choice: str,
    groupings: tuple[str, ...],
    condition: str,
    cut: tuple[Grain, tuple[str, ...], int],
    new_bench: type[Bench],
) -> None:
    """A balance is the sum over the rows at the last or first time of each period and grouping."""
    grain, groups, chunk_rows = cut
    keys = "".join(f", {name}" for name in groups)
    parts = "".join(f", {name}" for name in groupings)
    query = (
        f"select s{keys}, sum(x::double) from (select *, date_trunc('{grain.value}', day)::date as s, "
        f"{choice}(day) over (partition by date_trunc('{grain.value}', day){parts}) as held "
        f"from rows where {condition or 'true'}) where day = held group by all"
    )
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        bench.parquet(dict(pl.DataFrame(rows, schema=_TYPES).to_dict()))
        held = NonAdditiveDimension("day", choice, groupings)
        bench.simple("b", "sum", "x", filter=condition, non_additive_dimension=held)
        bench.simple("n", "count_distinct", "t")
        bench.ratio("r", "b", "n")
        _compare(bench.table("b", grain=grain, group_by=groups), _asked(folder, query))


@settings(max_examples=80, deadline=None)
@given(
    rows=_EVENTS,
    regions=st.dictionaries(st.integers(1, 4), st.none() | st.sampled_from(["n", "s"]), max_size=4),
    grain=st.sampled_from(STANDARD_GRAINS),
    by=st.sampled_from(["c__region", "weekday", "month_of_year"]),
    condition=st.sampled_from(["", "c__region = 'n'", "c__n >= 2", "weekday <= 5 and c__n > 1"]),
    chunk_rows=_CHUNKS,
)
def test_borrowed_columns_equal_duckdb(
    rows: list[dict[str, Any]],
    regions: dict[int, str | None],
    grain: Grain,
    by: str,
    condition: str,
    chunk_rows: int,
    new_bench: type[Bench],
) -> None:
    """Joined columns, parts of dates and metrics by the key are what a left join and a subquery give."""
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        bench.parquet(
            dict(pl.DataFrame(rows, schema=_EVENT_TYPES).to_dict()), joins=(Join("c", SourceId("who"), "who", "id"),)
        )
        there = {"id": pl.Series(list(regions), dtype=pl.Int64), "region": pl.Series(regions.values(), dtype=pl.String)}
        bench.parquet(there, "who", time="")
        bench.simple("n", "count")
        bench.simple("m", "sum", "x", filter=condition)
        query = (
            "with wide as (select rows.*, w.region as c__region, isodow(day) as weekday, month(day) as month_of_year, "
            "(select count(*) from rows r where r.who = rows.who) as c__n from rows left join "
            f"read_parquet('{folder}/who.parquet') w on w.id = rows.who) "
            f"select date_trunc('{grain.value}', day)::date, {by}, sum(x::double) from wide "
            f"where {condition or 'true'} group by all"
        )
        _compare(bench.table("m", grain=grain, group_by=(by,)), _asked(folder, query))
