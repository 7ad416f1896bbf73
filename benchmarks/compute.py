"""Compute: the engine's cost beside decoding its columns once, and beside DuckDB with one query a shape.

Run: python benchmarks/compute.py [--rows 1000000] [--rounds 5] [--chunk-rows 2000000]
An events table is made in a temporary folder: a year and a half of time-sorted stamps, 30 metrics in
seven shapes (grain x breakdown). All three are measured in turn in each round; medians and ratios of
CPU time are printed. DuckDB gets the shapes as one query each, with the same filters and aggregates.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Grain, Metric, MetricKind, Simple
from kputui.model.workspace import Project, Source, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

_AGGREGATES = (
    ("count", "1", "", "count(*)"),
    ("sum", "amount", "", "sum(amount)"),
    ("average", "amount", "status = 'paid'", "avg(amount)"),
    ("average", "wait_s > 60", "", "avg((wait_s > 60)::int)"),
    ("sum_boolean", "status = 'refunded'", "", "sum((status = 'refunded')::int)"),
    ("max", "wait_s", "region <> 'north'", "max(wait_s)"),
    ("count_distinct", "customer", "", "count(distinct customer)"),
    ("median", "wait_s", "", "quantile_cont(wait_s, 0.5)"),
    ("sum", "amount - fee", "status = 'paid'", "sum(amount - fee)"),
    ("percentile", "amount", "", "quantile_cont(amount, 0.9)"),
)
_SHAPES: tuple[tuple[Grain, tuple[str, ...], int], ...] = (
    (Grain.DAY, (), 6),
    (Grain.WEEK, (), 7),
    (Grain.MONTH, (), 6),
    (Grain.YEAR, (), 3),
    (Grain.DAY, ("region",), 3),
    (Grain.WEEK, ("region",), 3),
    (Grain.MONTH, ("region", "channel"), 2),
)
_COLUMNS = ("happened", "amount", "fee", "wait_s", "status", "region", "channel", "customer")


@dataclass(frozen=True)
class Shape:
    """Metrics that share a grain and a breakdown, with their SQL."""

    grain: Grain
    groups: tuple[str, ...]
    metrics: tuple[MetricId, ...]
    sql: str


def make_events(rows: int, path: Path) -> None:
    """Write a time-sorted events table."""
    made = pl.select(
        happened=pl.datetime_range(
            pl.datetime(2023, 1, 1), pl.datetime(2024, 6, 30), interval=f"{547 * 86_400_000_000 // rows}us"
        )
    ).head(rows)
    made = made.with_columns(seed=pl.int_range(pl.len(), dtype=pl.UInt64).hash(seed=7))
    made = made.with_columns(
        amount=(pl.col("seed") % 100_000).cast(pl.Float64) / 100,
        fee=(pl.col("seed") % 700).cast(pl.Float64) / 100,
        wait_s=(pl.col("seed") // 7 % 600).cast(pl.Int32),
        customer=(pl.col("seed") // 13 % max(rows // 20, 1)).cast(pl.Int32),
    )
    choices = {
        "status": ["paid", "paid", "paid", "refunded"],
        "region": ["north", "south", "east", "west", "abroad"],
        "channel": ["web", "shop", "phone"],
    }
    for number, (name, words) in enumerate(choices.items(), start=17):
        index = made["seed"] // number % len(words)
        made = made.with_columns(pl.Series(name, words).gather(index).alias(name))
    made = made.drop("seed")
    made.write_parquet(path, compression="zstd")


def make_workspace(folder: Path) -> tuple[Workspace, tuple[Shape, ...]]:
    """30 metrics over the events in seven shapes."""
    metrics: dict[MetricId, Metric] = {}
    shapes = []
    for number, (grain, groups, count) in enumerate(_SHAPES):
        names, columns = [], []
        for place in range(count):
            agg, expr, condition, sql = _AGGREGATES[(number * 3 + place) % len(_AGGREGATES)]
            name = MetricId(f"m{number}_{place}")
            definition = Simple(SourceId("events"), Aggregation(agg), expr, filter=condition, percentile=0.9)
            metrics[name] = Metric(name, MetricKind.KPI, name, definition, grain=grain)
            names.append(name)
            columns.append(f"{sql}{f' filter (where {condition})' if condition else ''} as {name}")
        keys = ", ".join((f"date_trunc('{grain.value}', happened) as period", *groups))
        query = f"select {keys}, {', '.join(columns)} from read_parquet('{folder}/events.parquet') group by all"  # noqa: S608 (own constants)
        shapes.append(Shape(grain, groups, tuple(names), query))
    source = Source(SourceId("events"), "events.parquet", "happened")
    workspace = Workspace(str(folder), Project(), {source.id: source}, metrics=metrics)
    return workspace, tuple(shapes)


def with_engine(workspace: Workspace, shapes: tuple[Shape, ...], chunk_rows: int) -> None:
    """Compute all shapes: one pass for each breakdown, its metrics at their own grains."""
    engine = Engine(workspace, chunk_rows=chunk_rows)
    for groups in dict.fromkeys(shape.groups for shape in shapes):
        wanted = tuple(name for shape in shapes if shape.groups == groups for name in shape.metrics)
        for batch in engine.readings(Request(wanted, group_by=groups)):
            failed = [reading for reading in batch if reading.failure]
            if failed:
                raise SystemExit(f"{failed[0].metric}: {failed[0].failure}")


def with_duckdb(shapes: tuple[Shape, ...]) -> None:
    """One query a shape."""
    with duckdb.connect() as connection:
        for shape in shapes:
            connection.execute(shape.sql).fetchall()


def decode(folder: Path) -> None:
    """Read the needed columns once."""
    pl.read_parquet(folder / "events.parquet", columns=list(_COLUMNS))


def measured(action: Callable[[], None]) -> tuple[float, float]:
    """CPU and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chunk-rows", type=int, default=2_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_events(arguments.rows, folder / "events.parquet")
        settled = time.time() - 60  # a file younger than two seconds would be opened for each request
        os.utime(folder / "events.parquet", (settled, settled))
        workspace, shapes = make_workspace(folder)
        actions: dict[str, Callable[[], None]] = {
            "decode once": lambda: decode(folder),
            "kputui": lambda: with_engine(workspace, shapes, arguments.chunk_rows),
            "DuckDB": lambda: with_duckdb(shapes),
        }
        taken: dict[str, list[tuple[float, float]]] = {label: [] for label in actions}
        for turn in range(arguments.rounds + 1):
            for label, action in actions.items():
                seconds = measured(action)
                if turn:  # the first round warms up
                    taken[label].append(seconds)
    cpu = {label: statistics.median(pair[0] for pair in pairs) for label, pairs in taken.items()}
    wall = {label: statistics.median(pair[1] for pair in pairs) for label, pairs in taken.items()}
    total = sum(len(shape.metrics) for shape in shapes)
    print(f"{arguments.rows} rows, {total} metrics in {len(shapes)} shapes, median of {arguments.rounds}")
    print(f"{'':12} {'CPU s':>8} {'wall s':>8} {'CPU / decode':>13} {'CPU / DuckDB':>13}")
    for label in actions:
        ratios = f"{cpu[label] / cpu['decode once']:>13.2f} {cpu[label] / cpu['DuckDB']:>13.2f}"
        print(f"{label:12} {cpu[label]:>8.3f} {wall[label]:>8.3f} {ratios}")


if __name__ == "__main__":
    main()
