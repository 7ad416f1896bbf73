"""Random metrics of any type, nested, over random tables: the rows that SQL composed from the definition finds."""

# ruff: noqa: S608 - the SQL is made of constants of this file

from __future__ import annotations

import math
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from tests.engine.composed_sql import Composer
from tests.engine.random_metrics import GRAINS, ROWS, ZONE, Cut, cuts, frame_of, local_days, metrics

from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.ids import MetricId, SourceId
from kputui.model.series import Span, SpanValue
from kputui.model.workspace import ColumnKind, Join, Weekday

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.engine.conftest import Bench

    from kputui.model.metric import Definition, Grain
    from kputui.model.series import Table
    from kputui.model.workspace import Workspace

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

Cells = tuple[float | None, ...]
Answer = dict[tuple[Any, ...], Cells]

_EXAMPLES = int(os.environ.get("KPUTUI_EXAMPLES", "100"))
_KINDS = (
    *((name, ColumnKind.NUMBER) for name in ("x", "f", "who")),
    *((name, ColumnKind.TEXT) for name in ("t", "g")),
    ("b", ColumnKind.BOOLEAN),
)
_REGIONS = st.dictionaries(st.integers(1, 4), st.none() | st.sampled_from(["n", "s"]), max_size=4)


def _settings(share: float) -> settings:
    return settings(
        max_examples=max(1, int(_EXAMPLES * share)),
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def _shops(draw: Any) -> dict[str, Any]:
    """Rows of the two sources and the table that both join."""
    return {"rows": draw(ROWS), "other": draw(ROWS), "regions": draw(_REGIONS)}


@pytest.fixture(scope="module")
def oracle() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection for all examples."""
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def _laid_in(oracle: duckdb.DuckDBPyConnection, shop: Mapping[str, Any], cut: Cut) -> None:
    """The sources as views: local days, NaN as null, none after the last day."""
    regions: dict[int, str | None] = shop["regions"]
    oracle.execute("create or replace table regions (id int, region varchar)")
    if regions:
        oracle.executemany("insert into regions values (?, ?)", list(regions.items()))
    for name in ("rows", "other"):
        frame = frame_of(shop[name], cut)
        days = local_days(frame)
        oracle.execute(
            f"create or replace table {name}_rows (nr int, local_day date, moment timestamp, x smallint, f double, "
            "b boolean, t varchar, g varchar, who int)"
        )
        rows = [(place, days[place], *row) for place, row in enumerate(frame.iter_rows())]
        used = [row for row in rows if cut.last is None or row[1] <= cut.last]
        assume(used)  # no row up to the last day is a failure in words, which other tests see
        oracle.executemany(f"insert into {name}_rows values (?, ?, ?, ?, ?, ?, ?, ?, ?)", used)
    for name in ("rows", "other"):
        oracle.execute(
            f"create or replace view {name} as select r.* replace (case when isnan(f) then null else f end as f), "
            "region as c__region, isodow(local_day)::bigint as weekday, nullif((select count(*) from rows_rows n "
            f"where n.who = r.who), 0) as c__n from {name}_rows r left join regions w on w.id = r.who"
        )


def _bench(
    new_bench: type[Bench], folder: str, shop: Mapping[str, Any], cut: Cut, definitions: Mapping[str, Definition]
) -> Bench:
    bench = new_bench(Path(folder), chunk_rows=cut.chunk_rows)
    zone = ZONE if cut.is_stamped else "UTC"
    bench.set(timezone=zone, week_start=Weekday(cut.week_start), fiscal_year_start=cut.fiscal_month)
    kinds = {"id": pl.Int64, "region": pl.String}
    regions = pl.DataFrame({"id": list(shop["regions"]), "region": list(shop["regions"].values())}, schema=kinds)
    bench.parquet(dict(regions.to_dict()), "regions", time="")
    for name in ("rows", "other"):
        frame = frame_of(shop[name], cut)
        joins = (Join("c", SourceId("regions"), "who", "id"),)
        options: dict[str, Any] = {"time": "moment", "source_timezone": "UTC", "joins": joins}
        if cut.form == "csv":
            bench.csv(frame.write_csv(), name, columns=_KINDS, **options)
        else:
            bench.parquet(dict(frame.to_dict()), name, **options)
    for name, definition in definitions.items():
        bench.add(name, definition)
    return bench


def _recalled(workspace: Workspace, asked: Request, cache: Path, chunk_rows: int) -> Table:
    """The table from what a first engine kept of all periods, or of none that can be used."""
    everything = replace(asked, start=None, end=None, compare="")
    Engine(workspace, chunk_rows=chunk_rows, cache=cache).table(everything)
    return Engine(workspace, chunk_rows=chunk_rows, cache=cache).table(asked)


def _composer(definitions: Mapping[str, Definition], cut: Cut) -> Composer:
    return Composer(definitions, cut.dims, cut.where, cut.week_start, cut.fiscal_month)


def _asked(oracle: duckdb.DuckDBPyConnection, query: str, keys: int) -> Answer:
    return {row[:keys]: tuple(map(_finite, row[keys:])) for row in oracle.execute(query).fetchall()}


def _finite(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _sql_date(day: date | None) -> str | None:
    return None if day is None else f"date '{day}'"


def _differing(found: Answer, expected: Answer) -> dict[tuple[Any, ...], tuple[Cells, Cells]]:
    """The cells of both where they are not the same; a row that is not there is one without values."""
    width = max((len(cells) for cells in (*found.values(), *expected.values())), default=1)
    nothing = (None,) * width
    pairs = {key: (found.get(key, nothing), expected.get(key, nothing)) for key in {*found, *expected}}
    return {key: pair for key, pair in pairs.items() if not all(map(_is_same, *pair))}


def _is_same(one: float | None, other: float | None) -> bool:
    return (one is None) == (other is None) and (one is None or one == pytest.approx(other, rel=1e-9, abs=1e-7))


@_settings(0.6)
@given(made=metrics(), shop=_shops(), cut=cuts(), is_kept=st.sampled_from([False, False, True]))
def test_any_nesting_equals_duckdb(
    made: tuple[dict[str, Definition], tuple[str, ...]],
    shop: dict[str, Any],
    cut: Cut,
    is_kept: bool,
    oracle: duckdb.DuckDBPyConnection,
    new_bench: type[Bench],
) -> None:
    """However a metric is made, asked and kept, SQL composed from its definition finds the same rows."""
    definitions, (top,) = made
    _laid_in(oracle, shop, cut)
    asked = Request((MetricId(top),), cut.grain, cut.dims, cut.start, cut.end, cut.where, cut.last, compare=cut.compare)
    with TemporaryDirectory() as folder:
        workspace = _bench(new_bench, folder, shop, cut, definitions).workspace()
        if is_kept:
            table = _recalled(workspace, asked, Path(folder) / "cache", cut.chunk_rows)
        else:
            table = Engine(workspace, chunk_rows=cut.chunk_rows).table(asked)
    assert table.failures == ()
    keys = 1 + len(cut.dims)
    cells = slice(keys, keys + (2 if cut.compare else 1))
    found = {tuple(row[:keys]): tuple(row[cells]) for row in zip(*table.columns, strict=True)}
    composer = _composer(definitions, cut)
    query = composer.query(top, cut.grain, _sql_date(cut.start), _sql_date(cut.end), cut.compare, _sql_date(cut.last))
    expected = _asked(oracle, query, keys)
    assert cut.dims or list(found) == sorted(expected)
    assert _differing(found, expected) == {}


@_settings(0.25)
@given(made=metrics(3), shop=_shops(), cut=cuts(), grains=st.tuples(*[st.sampled_from(GRAINS)] * 3))
def test_metrics_computed_together_equal_duckdb(
    made: tuple[dict[str, Definition], tuple[str, ...]],
    shop: dict[str, Any],
    cut: Cut,
    grains: tuple[Grain, ...],
    oracle: duckdb.DuckDBPyConnection,
    new_bench: type[Bench],
) -> None:
    """Three metrics of any kinds and grains, read in one pass for the board, have the values of each alone."""
    definitions, tops = made
    _laid_in(oracle, shop, cut)
    found: dict[str, Answer] = {}
    with TemporaryDirectory() as folder:
        bench = _bench(new_bench, folder, shop, cut, definitions)
        for top, grain in zip(tops, grains, strict=True):
            name = MetricId(top)
            bench.metrics[name] = replace(bench.metrics[name], grain=grain)
        asked = {"group_by": cut.dims, "start": cut.start, "end": cut.end, "where": cut.where, "last_day": cut.last}
        for reading in bench.readings(*dict.fromkeys(tops), **asked):
            assert reading.failure is None
            assert reading.series is not None
            group = tuple(value for _, value in reading.series.group)
            values = zip(reading.series.starts, reading.series.values, strict=True)
            found.setdefault(reading.metric, {}).update({(day, *group): (value,) for day, value in values})
    days = (_sql_date(cut.start), _sql_date(cut.end), "", _sql_date(cut.last))
    for top, grain in zip(tops, grains, strict=True):
        rows = _asked(oracle, _composer(definitions, cut).query(top, grain, *days, is_spread=True), 1 + len(cut.dims))
        expected = {(key[0], *map(_words, key[1:])): cells for key, cells in rows.items()}
        assert _differing(found.get(top, {}), expected) == {}, (top, grain)


def _words(cell: Any) -> str | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    return None if cell is None else str(cell)


@_settings(0.15)
@given(made=metrics(), shop=_shops(), cut=cuts(), span=st.tuples(st.integers(-20, 110), st.integers(1, 90)))
def test_a_goals_stretch_equals_duckdb(
    made: tuple[dict[str, Definition], tuple[str, ...]],
    shop: dict[str, Any],
    cut: Cut,
    span: tuple[int, int],
    oracle: duckdb.DuckDBPyConnection,
    new_bench: type[Bench],
) -> None:
    """Over any stretch of days a metric of any kind has the value that its rows give."""
    definitions, (top,) = made
    _laid_in(oracle, shop, cut)
    start = date(2023, 12, 18) + timedelta(span[0])
    stretch = Span(start, start + timedelta(span[1]))
    with TemporaryDirectory() as folder:
        bench = _bench(new_bench, folder, shop, cut, definitions)
        value = bench.engine().span_values([(MetricId(top), stretch)], cut.last)[MetricId(top), stretch]
    assert isinstance(value, SpanValue)
    composer = _composer(definitions, replace(cut, dims=(), where=""))
    query = composer.over_stretch(top, f"date '{stretch.start}'", f"date '{stretch.end}'")
    ((expected,),) = _asked(oracle, query, 1).values()
    assert _is_same(value.value, expected)
