"""Refresh: what the engine costs after a change of 100 monthly files, beside computing everything.

Run: python benchmarks/refresh.py [--rows 10000000] [--rounds 3]
The events of compute.py are spread over 100 months, a file each, with 30 metrics by day, week and month,
six of them broken down. Printed are CPU and wall time of a cold run without and with a cache folder, of
asking again, of asking after a file was added, and of a new engine that finds the cache on disk; then
the share of the newest interval in a cold run. Every answer is compared with the cold one.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

sys.path.insert(0, str(Path(__file__).parent))

import compute

from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from kputui.model.series import Reading
    from kputui.model.workspace import Workspace

_MONTHS = 100
_SHAPES = (
    (Grain.DAY, (), 9),
    (Grain.WEEK, (), 8),
    (Grain.MONTH, (), 7),
    (Grain.DAY, ("region",), 2),
    (Grain.WEEK, ("region",), 2),
    (Grain.MONTH, ("region", "channel"), 2),
)


def make_months(rows: int, folder: Path) -> None:
    """The events table, spread evenly over 100 months, a file each."""
    compute.make_events(rows, folder / "all.parquet")
    made = pl.read_parquet(folder / "all.parquet")
    firsts = [date(2015 + number // 12, number % 12 + 1, 1) for number in range(_MONTHS + 1)]
    (folder / "data").mkdir()
    for number, (first, following) in enumerate(itertools.pairwise(firsts)):
        part = made.slice(rows * number // _MONTHS, rows * (number + 1) // _MONTHS - rows * number // _MONTHS)
        step = (following - first).days * 86_400_000_000 // max(part.height, 1)
        stamps = pl.lit(first).cast(pl.Datetime("us")) + pl.duration(microseconds=pl.int_range(pl.len()) * step)
        part.with_columns(happened=stamps).write_parquet(folder / "data" / f"{first:%Y-%m}.parquet")
    (folder / "all.parquet").unlink()
    settled = time.time() - 60
    for path in (folder / "data").iterdir():
        os.utime(path, (settled, settled))


def answers(engine: Engine, workspace: Workspace) -> tuple[list[Reading], float]:
    """All readings, one request a breakdown, and the CPU seconds until the first batch of the first."""
    found: list[Reading] = []
    began = time.process_time()
    first = 0.0
    for groups in dict.fromkeys(groups for _, groups, _ in _SHAPES):
        names = tuple(name for name in workspace.metrics if _SHAPES[int(name[1:].split("_")[0])][1] == groups)
        batches = engine.readings(Request(names, group_by=groups))
        batch = next(batches)
        first = first or time.process_time() - began
        for batch in batches:  # noqa: B007 - only the last one counts
            pass
        found += batch
    return found, first


def is_same(left: list[Reading], right: list[Reading]) -> bool:
    """Whether two answers agree: rows and periods exactly, sums but for the order of their additions."""
    for one, other in zip(left, right, strict=True):
        if one.series is None or other.series is None:
            return False
        if replace(one.series, values=()) != replace(other.series, values=()):
            return False
        for a, b in zip(one.series.values, other.series.values, strict=True):
            if (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > 1e-9 * abs(b)):
                return False
    return True


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    compute._SHAPES = _SHAPES  # noqa: SLF001 - a script of the same folder
    taken: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_months(arguments.rows, folder)
        plain, _ = compute.make_workspace(folder)
        source = replace(next(iter(plain.sources.values())), path="data/*.parquet")
        workspace = replace(plain, sources={source.id: source})
        newest = max((folder / "data").iterdir())

        def timed(label: str, engine: Engine) -> list[Reading]:
            cpu, wall = time.process_time(), time.perf_counter()
            found, first = answers(engine, workspace)
            pair = (time.process_time() - cpu, time.perf_counter() - wall)
            taken.setdefault(label, []).append(pair)
            if label == "cold, no cache":
                taken.setdefault("its first batch", []).append((first, 0.0))
            return found

        for turn in range(arguments.rounds):
            cold = timed("cold, no cache", Engine(workspace))
            newest.rename(folder / "aside")
            cache = folder / f"cache{turn}"
            engine = Engine(workspace, cache=cache)
            timed("cold, filling a cache", engine)
            timed("nothing changed", engine)
            (folder / "aside").rename(newest)
            same = is_same(timed("a file added", engine), cold)
            same &= is_same(timed("nothing changed, new process", Engine(workspace, cache=cache)), cold)
            if not same:
                raise SystemExit("the answers differ")
    whole = statistics.median(pair[0] for pair in taken["cold, no cache"])
    print(f"{arguments.rows} rows in {_MONTHS} files, median of {arguments.rounds}")
    print(f"{'':30} {'CPU s':>8} {'wall s':>8} {'of cold CPU':>12}")
    for label, pairs in taken.items():
        cpu, wall = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
        print(f"{label:30} {cpu:>8.3f} {wall:>8.3f} {cpu / whole:>12.1%}")


if __name__ == "__main__":
    main()
