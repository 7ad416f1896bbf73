"""Random metrics of any type, nested, over random tables: the rows that SQL composed from the definition finds."""

# ruff: noqa: S608 - the SQL is made of constants of this file

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from tests.engine.composed_sql import Composer

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
    from collections.abc import Callable, Mapping

    from tests.engine.conftest import Bench

    from kputui.model.metric import Definition
    from kputui.model.series import Table

_EXAMPLES = int(os.environ.get("KPUTUI_EXAMPLES", "60"))
_ZONE = "Europe/Berlin"
_GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
_NUMBERS = ("x", "f", "x + 1", "x * f", "x / f", "f - x", "case when b then x end")
_EXPRESSIONS: Mapping[Aggregation, tuple[str, ...]] = {
    Aggregation.SUM: _NUMBERS,
    Aggregation.MIN: _NUMBERS,
    Aggregation.MAX: _NUMBERS,
    Aggregation.AVERAGE: _NUMBERS,
    Aggregation.MEDIAN: _NUMBERS,
    Aggregation.PERCENTILE: _NUMBERS,
    Aggregation.COUNT: ("1", "t", "x", "b"),
    Aggregation.COUNT_DISTINCT: ("t", "x", "who", "f"),
    Aggregation.SUM_BOOLEAN: ("b", "x > 0", "t = 'a'"),
}
_FILTERS = (
    *("", "", "", "", "x > 0", "b", "not b", "t = 'a' or f < 0", "x between -3 and 4 and t is not null"),
    *("g in ('p', 'q')", "c__region = 'n'", "c__n >= 2", "weekday <= 5", "f is null", "x > 100"),
)
_LENGTHS = ("1 day", "7 days", "10 days", "2 weeks", "1 month", "2 months", "1 quarter", "1 year")
_FORMULAS = ("in_0 - 2", "in_0 + in_1", "in_0 / in_1", "(in_0 - in_1) / in_1", "coalesce(in_0, 0) - in_1", "in_1 * 0.5")
_DIMS = {"g": "g", "b": "b", "c__region": "c__region", "weekday": "weekday", "x": "x"}
_COLUMNS = {
    "x": pl.Int16,
    "f": pl.Float64,
    "b": pl.Boolean,
    "t": pl.String,
    "g": pl.String,
    "who": pl.Int32,
}
_ROW = st.tuples(
    st.integers(0, 100 * 24 * 4).map(lambda quarter: datetime(2023, 12, 18) + timedelta(minutes=15 * quarter)),
    st.none() | st.integers(-5, 5),
    st.none() | st.sampled_from([0.0, -0.5, 0.25, 3.0, float("nan"), 1e6]),
    st.none() | st.booleans(),
    st.none() | st.sampled_from(["a", "b", "ä", ""]),
    st.none() | st.sampled_from(["p", "q", "r"]),
    st.none() | st.integers(1, 4),
)
_ROWS = st.lists(_ROW, max_size=25)


@dataclass
class _Built:
    """Definitions by name, the last one on top."""

    metrics: dict[str, Definition] = field(default_factory=dict)

    def add(self, definition: Definition) -> str:
        name = f"m{len(self.metrics)}"
        self.metrics[name] = definition
        return name


def _one(draw: Callable[..., Any], *choices: Any) -> Any:
    return draw(st.sampled_from(choices))


def _simple(draw: Callable[..., Any], built: _Built, *, is_event: bool = False) -> str:
    agg = _one(draw, *Aggregation)
    held = None
    if agg is Aggregation.SUM and not is_event and draw(st.booleans()):
        groupings = _one(draw, (), ("who",), ("t", "g"))
        held = NonAdditiveDimension("moment", _one(draw, "max", "min"), groupings)
    return built.add(
        Simple(
            SourceId(_one(draw, "rows", "rows", "other")),
            agg,
            _one(draw, *_EXPRESSIONS[agg]),
            _one(draw, *_FILTERS),
            _one(draw, 0.0, 0.5, 0.9, 1.0) if agg is Aggregation.PERCENTILE else None,
            _one(draw, None, None, 0.0, 2.5),
            draw(st.booleans()) and draw(st.booleans()),
            held,
        )
    )


def _input(draw: Callable[..., Any], name: str, alias: str = "", *, may_move: bool = False) -> Input:
    offset, to_grain = "", None
    if may_move and draw(st.booleans()):
        to_grain = _one(draw, None, None, *_GRAINS)
        offset = "" if to_grain else _one(draw, *_LENGTHS)
    return Input(MetricId(name), _one(draw, *_FILTERS), alias, offset, to_grain)


def _conversion(draw: Callable[..., Any], built: _Built) -> str:
    base, conversion = _simple(draw, built, is_event=True), _simple(draw, built, is_event=True)
    return built.add(
        Conversion(
            _input(draw, base),
            _input(draw, conversion),
            "who",
            _one(draw, "", *_LENGTHS),
            _one(draw, "conversions", "conversion_rate"),
            _one(draw, (), (), ("g",), ("g", "t")),
            _one(draw, *_FILTERS),
        )
    )


def _accumulable(draw: Callable[..., Any], built: _Built, depth: int) -> str:
    kind = _one(draw, "simple", "simple", "ratio", "derived", "conversion") if depth else "simple"
    if kind == "simple":
        return _simple(draw, built, is_event=True)
    if kind == "conversion":
        return _conversion(draw, built)
    parts = [_accumulable(draw, built, depth - 1) for _ in range(2)]
    if kind == "ratio":
        return built.add(
            Ratio(_input(draw, parts[0]), _input(draw, parts[1]), _one(draw, *_FILTERS), _one(draw, None, 1.0))
        )
    inputs = tuple(_input(draw, part, f"in_{place}") for place, part in enumerate(parts))
    return built.add(Derived(_one(draw, *_FORMULAS), inputs, _one(draw, *_FILTERS), _one(draw, None, 0.0)))


def _any(draw: Callable[..., Any], built: _Built, depth: int) -> str:
    kind = _one(draw, "simple", "ratio", "derived", "cumulative", "conversion") if depth else "simple"
    if kind == "simple":
        return _simple(draw, built)
    if kind == "conversion":
        return _conversion(draw, built)
    if kind == "cumulative":
        part = _accumulable(draw, built, depth - 1)
        window, to_date = _one(draw, *((text, None) for text in ("", *_LENGTHS)), *(("", grain) for grain in _GRAINS))
        rank = _one(draw, "first", "last", "average")
        return built.add(Cumulative(_input(draw, part), window, to_date, rank, _one(draw, *_FILTERS)))
    parts = [_any(draw, built, depth - 1) for _ in range(2)]
    fill = _one(draw, None, None, 0.0)
    if kind == "ratio":
        return built.add(Ratio(_input(draw, parts[0]), _input(draw, parts[1]), _one(draw, *_FILTERS), fill))
    inputs = tuple(_input(draw, part, f"in_{place}", may_move=True) for place, part in enumerate(parts))
    return built.add(Derived(_one(draw, *_FORMULAS), inputs, _one(draw, *_FILTERS), fill))


@st.composite
def _metrics(draw: Callable[..., Any]) -> dict[str, Definition]:
    built = _Built({"n": Simple(SourceId("rows"), Aggregation.COUNT, "1")})
    _any(draw, built, draw(st.integers(0, 3)))
    return built.metrics


@dataclass(frozen=True)
class _Cut:
    """How a metric is asked."""

    grain: Grain
    dims: tuple[str, ...]
    where: str
    start: date | None
    end: date | None
    compare: str
    week_start: int
    fiscal_month: int
    is_stamped: bool
    chunk_rows: int


@st.composite
def _cuts(draw: Callable[..., Any]) -> _Cut:
    start = draw(st.none() | st.dates(date(2023, 12, 10), date(2024, 4, 10)))
    days = draw(st.none() | st.integers(1, 60))
    end = None if days is None else (start or date(2024, 1, 20)) + timedelta(days)
    return _Cut(
        _one(draw, *_GRAINS),
        _one(draw, (), (), ("g",), ("g", "b"), ("c__region",), ("weekday",), ("x", "g")),
        _one(draw, *_FILTERS),
        start,
        end,
        _one(draw, "", "", "", *_LENGTHS),
        _one(draw, 0, 0, 6, 2),
        _one(draw, 1, 1, 4, 12),
        draw(st.booleans()),
        _one(draw, 1, 15, 2_000_000),
    )


def _frame(rows: list[tuple[Any, ...]], *, is_stamped: bool) -> pl.DataFrame:
    """A source's table: naive time stamps in UTC, or dates."""
    times = [row[0] if is_stamped else row[0].date() for row in rows]
    columns = {name: [row[place + 1] for row in rows] for place, name in enumerate(_COLUMNS)}
    return pl.DataFrame(
        {"moment": times, **columns}, schema={"moment": pl.Datetime("us") if is_stamped else pl.Date, **_COLUMNS}
    )


def _local_days(frame: pl.DataFrame) -> list[date]:
    times = frame["moment"].to_list()
    return [
        time.replace(tzinfo=UTC).astimezone(ZoneInfo(_ZONE)).date() if isinstance(time, datetime) else time
        for time in times
    ]


@pytest.fixture(scope="module")
def oracle() -> duckdb.DuckDBPyConnection:
    """One connection for all examples."""
    return duckdb.connect(config={"threads": 1})


def _laid_in(
    oracle: duckdb.DuckDBPyConnection, tables: Mapping[str, pl.DataFrame], regions: dict[int, str | None]
) -> None:
    oracle.execute("create or replace table regions (id int, region varchar)")
    if regions:
        oracle.executemany("insert into regions values (?, ?)", list(regions.items()))
    for name, frame in tables.items():
        oracle.execute(
            f"create or replace table {name}_rows (nr int, local_day date, moment timestamp, x smallint, f double, "
            "b boolean, t varchar, g varchar, who int)"
        )
        days = _local_days(frame)
        rows = [(place, days[place], *row) for place, row in enumerate(frame.iter_rows())]
        if rows:
            oracle.executemany(f"insert into {name}_rows values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    for name in tables:
        oracle.execute(
            f"create or replace view {name} as select r.* replace (case when isnan(f) then null else f end as f), "
            "region as c__region, isodow(local_day)::bigint as weekday, nullif((select count(*) from rows_rows n "
            f"where n.who = r.who), 0) as c__n from {name}_rows r left join regions w on w.id = r.who"
        )


def _expected(
    oracle: duckdb.DuckDBPyConnection, metrics: Mapping[str, Definition], name: str, cut: _Cut
) -> dict[tuple[Any, ...], tuple[float | None, ...]]:
    composer = Composer(metrics, [_DIMS[dim] for dim in cut.dims], cut.where, cut.week_start, cut.fiscal_month)
    start, end = (None if day is None else f"date '{day}'" for day in (cut.start, cut.end))
    query = composer.query(name, cut.grain, start, end, cut.compare)
    keys = 1 + len(cut.dims)
    return {row[:keys]: tuple(map(_finite, row[keys:])) for row in oracle.execute(query).fetchall()}


def _finite(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _found(table: Table, cut: _Cut) -> dict[tuple[Any, ...], tuple[float | None, ...]]:
    keys = 1 + len(cut.dims)
    values = slice(keys, keys + (2 if cut.compare else 1))
    return {tuple(row[:keys]): tuple(row[values]) for row in zip(*table.columns, strict=True)}


def _is_same(found: tuple[float | None, ...], expected: tuple[float | None, ...]) -> bool:
    return all(
        (one is None) == (other is None) and (one is None or one == pytest.approx(other, rel=1e-9, abs=1e-7))
        for one, other in zip(found, expected, strict=True)
    )


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    metrics=_metrics(),
    rows=_ROWS.filter(bool),
    other=_ROWS.filter(bool),
    regions=st.dictionaries(st.integers(1, 4), st.none() | st.sampled_from(["n", "s"]), max_size=4),
    cut=_cuts(),
)
def test_any_nesting_equals_duckdb(
    metrics: dict[str, Definition],
    rows: list[tuple[Any, ...]],
    other: list[tuple[Any, ...]],
    regions: dict[int, str | None],
    cut: _Cut,
    oracle: duckdb.DuckDBPyConnection,
    new_bench: type[Bench],
) -> None:
    """Whatever a metric is made of and however it is asked, SQL composed from its definition finds the same rows."""
    tables = {"rows": _frame(rows, is_stamped=cut.is_stamped), "other": _frame(other, is_stamped=cut.is_stamped)}
    _laid_in(oracle, tables, regions)
    top = list(metrics)[-1]
    event(type(metrics[top]).__name__)
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=cut.chunk_rows)
        bench.set(
            timezone=_ZONE if cut.is_stamped else "UTC",
            week_start=Weekday(cut.week_start),
            fiscal_year_start=cut.fiscal_month,
        )
        there = pl.DataFrame(
            {"id": list(regions), "region": list(regions.values())}, schema={"id": pl.Int64, "region": pl.String}
        )
        bench.parquet(dict(there.to_dict()), "regions", time="")
        for name, frame in tables.items():
            joins = (Join("c", SourceId("regions"), "who", "id"),)
            bench.parquet(dict(frame.to_dict()), name, time="moment", source_timezone="UTC", joins=joins)
        for name, definition in metrics.items():
            bench.add(name, definition)
        table = bench.table(
            top, grain=cut.grain, group_by=cut.dims, start=cut.start, end=cut.end, where=cut.where, compare=cut.compare
        )
    expected = _expected(oracle, metrics, top, cut)
    assert table.failures == ()
    found = _found(table, cut)
    if not cut.dims:
        assert list(found) == sorted(expected)
    nothing = (None,) * (2 if cut.compare else 1)
    differ = {
        key: (found.get(key, nothing), expected.get(key, nothing))
        for key in {*found, *expected}
        if not _is_same(found.get(key, nothing), expected.get(key, nothing))
    }
    assert differ == {}
