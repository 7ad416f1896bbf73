"""Refresh: what the engine costs after a change of 100 monthly files, beside computing everything.

Run by compute.py (`--figures refresh`), or as python benchmarks/refresh.py FOLDER [--check], a workspace of
`events_table.py` with 100 months; prints one JSON object. One process does what a board does that stays open: it
computes 99 files into a cache folder, looks again at unchanged files, finds the hundredth, then one in the middle
written anew. An engine that finds the cache on disk and one without a cache stand beside it. With --check every answer
is compared with that of an engine without a cache.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from sides import Clock, answered, as_the_program, requests_of
from thirty_metrics import SHAPES, write_workspace

from kputui import config
from kputui.engine.compute import Engine

if TYPE_CHECKING:
    from kputui.model.series import Reading
    from kputui.model.workspace import Workspace

    Figures = dict[str, float]

TOLERANCE = 1e-9
_LOOKS = 9
_REWRITTEN = 50


class Months:
    """The months of a workspace in a folder of their own, where files can be added and written anew."""

    def __init__(self, months: Path, folder: Path) -> None:
        """All but the newest month are there."""
        self._months = sorted(months.iterdir())
        self._data = folder / "data"
        self._data.mkdir()
        write_workspace(folder)
        for path in self._months[:-1]:
            os.link(path, self._data / path.name)

    def add(self) -> None:
        """The newest month arrives."""
        os.link(self._months[-1], self._data / self._months[-1].name)

    def rewrite(self) -> None:
        """A month in the middle is written anew, without every thousandth row."""
        path = self._data / self._months[_REWRITTEN].name
        rows = pl.read_parquet(path).with_row_index("place").filter(pl.col("place") % 1000 != 0).drop("place")
        fresh = self._data.parent / "fresh"
        rows.write_parquet(fresh, compression="zstd")
        before = path.stat().st_mtime
        os.utime(fresh, (before, before))
        fresh.replace(path)


class Session:
    """An engine that stays, its figures by label, and the comparison with cold answers."""

    def __init__(self, workspace: Workspace, *, is_checked: bool) -> None:
        """Nothing measured yet."""
        self._workspace = workspace
        self._is_checked = is_checked
        self.figures: Figures = {}

    def ask(self, label: str, engine: Engine) -> list[Reading]:
        """All 30 metrics; CPU and wall time are noted under the label."""
        clock = Clock.start()
        found = answered(engine, requests_of(SHAPES), lambda _: None)
        self.figures |= {f"{label}_{name}": value for name, value in clock.read().items()}
        return found

    def check(self, label: str, found: list[Reading]) -> None:
        """Stop the program when an engine without a cache says something else."""
        if self._is_checked and not is_same(found, answered(Engine(self._workspace), requests_of(SHAPES), _nothing)):
            raise SystemExit(f"{label}: the answers differ from a cold run's")


def measured(folder: Path, *, is_checked: bool) -> Figures:
    """CPU and wall seconds of each step."""
    as_the_program()
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        place = Path(name)
        cache = place / "cache"
        months = Months(folder / "data", place)
        workspace = config.load(place)
        session = Session(workspace, is_checked=is_checked)
        engine = Engine(workspace, cache=cache)
        session.ask("filling", engine)
        looks = []
        for _ in range(_LOOKS):
            session.ask("unchanged", engine)
            looks.append((session.figures["unchanged_cpu"], session.figures["unchanged_wall"]))
        cpu, wall = (statistics.median(times) for times in zip(*looks, strict=True))
        session.figures |= {"unchanged_cpu": cpu, "unchanged_wall": wall}
        months.add()
        session.check("added", session.ask("added", engine))
        session.check("restart", session.ask("restart", Engine(workspace, cache=cache)))
        session.ask("cold", Engine(workspace))
        months.rewrite()
        session.check("rewritten", session.ask("rewritten", engine))
        return session.figures


def is_same(left: list[Reading], right: list[Reading]) -> bool:
    """Whether two answers agree: rows and periods exactly, sums but for the order of their additions."""
    for one, other in zip(left, right, strict=True):
        if one.series is None or other.series is None:
            return False
        if replace(one.series, values=()) != replace(other.series, values=()):
            return False
        for a, b in zip(one.series.values, other.series.values, strict=True):
            if (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > TOLERANCE * abs(b)):
                return False
    return True


def _nothing(_: list[Reading]) -> None:
    return


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    print(json.dumps(measured(arguments.folder, is_checked=arguments.check)))


if __name__ == "__main__":
    main()
