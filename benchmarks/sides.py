"""One measurement in a process of its own: kputui, DuckDB or a plain decode over a workspace of `events_table.py`.

Run by compute.py as `python benchmarks/sides.py SIDE FOLDER ...`; prints one JSON object. The clock starts after the
imports: all sides are asked for numbers by a program that already runs.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import re
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import exactness
import thirty_metrics
from thirty_metrics import SHAPES, WIDE, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from exactness import Answers

    from kputui.engine.compute import Engine
    from kputui.engine.request import Request
    from kputui.model.series import Reading

    Figures = dict[str, float]

PIECE = 2_000_000
QUARTER = 90


@dataclass
class Clock:
    """CPU and wall seconds since it was made; CPU of all threads, in and out of the kernel."""

    cpu: float
    wall: float

    @classmethod
    def start(cls) -> Clock:
        """A clock from now on."""
        return cls(time.process_time(), time.perf_counter())

    def read(self) -> dict[str, float]:
        """What has passed."""
        return {"cpu": time.process_time() - self.cpu, "wall": time.perf_counter() - self.wall}


def peak_mib() -> float:
    """The most memory that this process has held, in MiB."""
    try:
        text = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    found = re.search(r"VmHWM:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else 0.0


def requests_of(shapes: Iterable[Shape]) -> list[Request]:
    """What the program asks: the metrics of the whole in one request, then a request a breakdown."""
    from kputui.engine.request import Request  # noqa: PLC0415 - only kputui's side loads it
    from kputui.model.ids import MetricId  # noqa: PLC0415

    by_groups: dict[tuple[str, ...], list[MetricId]] = {}
    for shape in shapes:
        by_groups.setdefault(shape.groups, []).extend(MetricId(measure.name) for measure in shape.measures)
    return [Request(tuple(names), group_by=groups) for groups, names in by_groups.items()]


def answered(engine: Engine, requests: Iterable[Request], at_batch: Callable[[list[Reading]], None]) -> list[Reading]:
    """All readings; the one place that says how the engine is asked. `at_batch` sees what is known after each batch."""
    known: list[Reading] = []
    for batch in engine.readings_of(tuple(requests)):
        known = [reading for found in batch for reading in found]
        if known:  # else a CSV file is still being converted
            at_batch(known)
    return known


def newest_days(readings: list[Reading]) -> int:
    """For how many of the newest days the reading that knows least of the past has values."""
    known = []
    for reading in readings:
        if reading.series is not None and not reading.series.group:
            series = reading.series
            first = next((start for start, value in zip(series.starts, series.values, strict=True) if value), None)
            known.append(0 if first is None else (series.ends[-1] - first).days)
    return min(known, default=0)


def as_the_program() -> None:
    """Search for garbage as seldom as the program does."""
    from kputui.__main__ import OBJECTS_BETWEEN_COLLECTIONS  # noqa: PLC0415 - only kputui's side loads it

    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def with_kputui(folder: Path, shapes: tuple[Shape, ...], cache: Path | None) -> tuple[Figures, Answers]:
    """The engine as the program runs it; timed too: the first batch that has the newest quarter."""
    from kputui import config  # noqa: PLC0415
    from kputui.engine.compute import Engine  # noqa: PLC0415

    as_the_program()
    workspace = config.load(folder)
    first: dict[str, float] = {}
    clock = Clock.start()

    def at_batch(known: list[Reading]) -> None:
        if first.get("first_days", 0) < QUARTER:
            passed = clock.read()
            first.update({f"first_{name}": value for name, value in passed.items()})
            first["first_days"] = newest_days(known)
            first["first_metrics"] = len({reading.metric for reading in known})

    readings = answered(Engine(workspace, cache=cache), requests_of(shapes), at_batch)
    figures = {**clock.read(), **first, "peak_mib": peak_mib()}
    return figures, answers_of(readings)


def answers_of(readings: Iterable[Reading]) -> Answers:
    """Every value by metric: (first day, groups..., value). Stops the program at a metric that failed."""
    found: Answers = {}
    for reading in readings:
        if reading.failure is not None or reading.series is None:
            raise SystemExit(f"{reading.metric}: {reading.failure}")
        series = reading.series
        groups = tuple(value for _, value in series.group)
        rows = found.setdefault(reading.metric, [])
        for start, value in zip(series.starts, series.values, strict=True):
            if value is not None:
                rows.append((start.isoformat(), *groups, value))
    return found


def with_duckdb(folder: Path, shapes: tuple[Shape, ...], plan: str) -> tuple[Figures, Answers]:
    """One query a shape over the files, or (`table`) over a table in memory that is filled once."""
    import duckdb  # noqa: PLC0415 - only this side loads it

    files = f"read_parquet('{folder}/data/*.parquet')"
    columns = ", ".join((*thirty_metrics.COLUMNS, *(("site",) if WIDE in shapes else ())))
    clock = Clock.start()
    with duckdb.connect() as connection:
        table = files
        if plan == "table":
            table = "events"
            connection.execute(f"create temp table events as select {columns} from {files}")  # noqa: S608 - own text
        found = [connection.execute(thirty_metrics.query(shape, table)).fetchall() for shape in shapes]
        figures = {**clock.read(), "peak_mib": peak_mib()}
    return figures, exactness.answers_of(shapes, found)


def decode(folder: Path) -> tuple[Figures, Answers]:
    """Every needed column once, file after file, large ones in pieces that are dropped at once."""
    import polars as pl  # noqa: PLC0415 - only where it is needed

    clock = Clock.start()
    for path in sorted((folder / "data").iterdir()):
        rows = pl.scan_parquet(path).select(thirty_metrics.COLUMNS)
        count = rows.select(pl.len()).collect().item()
        for first in range(0, count, PIECE):
            rows.slice(first, PIECE).collect()
    return {**clock.read(), "peak_mib": peak_mib()}, {}


def decode_whole(folder: Path) -> tuple[Figures, Answers]:
    """Every needed column once, all rows in memory."""
    import polars as pl  # noqa: PLC0415 - only where it is needed

    clock = Clock.start()
    pl.read_parquet(folder / "data" / "*.parquet", columns=list(thirty_metrics.COLUMNS))
    return {**clock.read(), "peak_mib": peak_mib()}, {}


def main() -> None:
    """Measure one side once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=("kputui", "files", "table", "decode", "decode_whole"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wide", action="store_true", help="the breakdown of 10,000 values instead of the 30 metrics")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--answers", type=Path, help="write all values here")
    arguments = parser.parse_args()
    shapes = (WIDE,) if arguments.wide else SHAPES
    module = {"kputui": "kputui.engine.compute", "files": "duckdb", "table": "duckdb"}.get(arguments.side, "polars")
    importlib.import_module(module)  # imports do not count
    if arguments.side == "kputui":
        figures, answers = with_kputui(arguments.folder, shapes, arguments.cache)
    elif module == "duckdb":
        figures, answers = with_duckdb(arguments.folder, shapes, arguments.side)
    else:
        figures, answers = (decode if arguments.side == "decode" else decode_whole)(arguments.folder)
    if arguments.answers is not None:
        exactness.write(answers, arguments.answers)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
