"""Random small tables and metrics, against DuckDB's SQL over the same rows."""

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

from kputui.model.metric import STANDARD_GRAINS, Grain

if TYPE_CHECKING:
    from tests.engine.conftest import Bench

_FIRST = date(2023, 12, 20)
_ROWS = st.fixed_dictionaries(
    {
        "day": st.integers(0, 120).map(lambda shift: _FIRST + timedelta(days=shift)),
        "x": st.none() | st.integers(-50, 50),
        "f": st.none() | st.floats(-1e6, 1e6).map(lambda value: round(value, 3)),
        "b": st.none() | st.booleans(),
        "t": st.none() | st.sampled_from(["a", "b", "ä"]),
        "g": st.none() | st.sampled_from(["p", "q"]),
    }
)
_TYPES = {"day": pl.Date, "x": pl.Int16, "f": pl.Float64, "b": pl.Boolean, "t": pl.String, "g": pl.String}
_AGGREGATES = {
    "sum": ("x * f", "sum({})"),
    "min": ("f", "min({})"),
    "max": ("x", "max({})"),
    "average": ("x + 1", "avg({})"),
    "median": ("f", "quantile_cont({}, 0.5)"),
    "percentile": ("f", "quantile_cont({}, 0.9)"),
    "count": ("t", "count({})"),
    "count_distinct": ("t", "count(distinct {})"),
    "sum_boolean": ("b", "sum(({})::int)"),
}
_FILTERS = ["", "x > 0", "b", "t = 'a' or f < 0", "x between -10 and 20 and t is not null", "not b"]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(_ROWS, min_size=1, max_size=60),
    agg=st.sampled_from(sorted(_AGGREGATES)),
    condition=st.sampled_from(_FILTERS),
    grain=st.sampled_from(STANDARD_GRAINS),
    groups=st.sampled_from([(), ("g",), ("g", "t")]),
    chunk_rows=st.sampled_from([1, 20, 2_000_000]),
)
def test_any_metric_equals_duckdb(
    rows: list[dict[str, Any]],
    agg: str,
    condition: str,
    grain: Grain,
    groups: tuple[str, ...],
    chunk_rows: int,
    new_bench: type[Bench],
) -> None:
    """Whatever the rows, aggregation, filter, grain, breakdown and chunk, DuckDB finds the same values."""
    expr, sql = _AGGREGATES[agg]
    frame = pl.DataFrame(rows, schema=_TYPES)
    with TemporaryDirectory() as folder:
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        bench.parquet({name: frame[name] for name in frame.columns})
        bench.simple("m", agg, expr, filter=condition, percentile=0.9)
        table = bench.table("m", grain=grain, group_by=groups)
        with duckdb.connect() as oracle:
            keys = ", ".join([f"date_trunc('{grain.value}', day)::date", *groups])
            mask = f"filter ({condition})" if condition else ""
            number = expr.replace("x", "x::double")
            value = sql.format(number if agg != "count_distinct" else expr)
            counted = f"count({expr}) {mask}"
            query = (
                f"select {keys}, case when {counted} > 0 then {value} {mask} end "  # noqa: S608 (own constants)
                f"from read_parquet('{folder}/rows.parquet') group by all"
            )
            expected = {tuple(row[:-1]): row[-1] for row in oracle.execute(query).fetchall()}
    found = {tuple(row[:-1]): row[-1] for row in zip(*table.columns, strict=True)}
    assert table.failures == ()
    for key, value in expected.items():
        other = found.pop(key)
        assert (value is None) == (other is None), key
        assert value is None or other == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert all(value is None for value in found.values())
