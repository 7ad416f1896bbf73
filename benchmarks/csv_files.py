"""CSV: the engine beside DuckDB over the same CSV file, cold (converting it on the way) and after rows were appended.

Run: python benchmarks/csv_files.py [--quick] [--rows 1000000 10770000] [--rounds 5] [--data FOLDER]

The events table of `events_table.py` in one CSV file, and the 30 metrics of `thirty_metrics.py`. Every measurement is a
process of its own with a warm file cache; the sides run in turn, medians are printed. DuckDB gets one query a
shape over the file, and, as a second plan, the same queries over a table in memory that is filled once.
Every value is compared with DuckDB's. 10.77 million rows are a file of 681 MB.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import events_table
import exactness
import polars as pl
import thirty_metrics
from rounds import Rounds, child, machine, table
from sides import Clock, answered, as_the_program, peak_mib, requests_of, with_kputui
from thirty_metrics import SHAPES

if TYPE_CHECKING:
    from kputui.engine.compute import Engine
    from kputui.engine.request import Request

_MORE = 1_000
_SIDES = ("kputui", "files", "table")
_FEW = 3


def csv_workspace(data: Path, rows: int) -> Path:
    """The workspace over one CSV file, made when it is not there yet; `more.csv` are rows to append, in their order."""
    folder = data / f"csv-{rows}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "data").mkdir(parents=True)
        months = sorted((events_table.workspace_of(data, rows, "months") / "data").iterdir())
        with (folder / "data" / "events.csv").open("wb") as opened, (folder / "more.csv").open("wb") as more:
            for path in months:
                frame = pl.read_parquet(path).drop("site")
                kept = frame.head(-_MORE) if path == months[-1] else frame
                kept.write_csv(opened, datetime_format="%Y-%m-%d %H:%M:%S", include_header=path == months[0])
                if path == months[-1]:
                    frame.tail(_MORE).write_csv(more, datetime_format="%Y-%m-%d %H:%M:%S", include_header=False)
        _settle(folder / "data" / "events.csv")
        (folder / "done").touch()
    thirty_metrics.write_workspace(folder)
    config = folder / "kputui.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("*.parquet", "*.csv"), encoding="utf-8")
    return folder


def _settle(path: Path) -> None:
    settled = time.time() - 60
    os.utime(path, (settled, settled))


def with_duckdb(folder: Path, plan: str) -> tuple[dict[str, float], exactness.Answers]:
    """One query a shape over the file, or over a table that is filled from it once."""
    import duckdb  # noqa: PLC0415 - only this side loads it

    file = f"read_csv('{folder}/data/events.csv')"
    columns = ", ".join(thirty_metrics.COLUMNS)
    clock = Clock.start()
    with duckdb.connect() as connection:
        name = file
        if plan == "table":
            name = "events"
            connection.execute(f"create temp table events as select {columns} from {file}")  # noqa: S608 - own text
        found = [connection.execute(thirty_metrics.query(shape, name)).fetchall() for shape in SHAPES]
        figures = {**clock.read(), "peak_mib": peak_mib()}
    return figures, exactness.answers_of(SHAPES, found)


def asked(engine: Engine, requests: list[Request]) -> dict[str, float]:
    """CPU and wall seconds of all answers; `first`: until the first numbers."""
    clock = Clock.start()
    first: list[float] = []
    answered(engine, requests, lambda _: first.append(clock.read()["wall"]))
    return {**clock.read(), "first": first[0]}


def with_growth(folder: Path) -> dict[str, float]:
    """An engine that stays: cold, again, then after rows were appended, twice; and a new engine after it."""
    from kputui import config  # noqa: PLC0415 - only kputui's side loads it
    from kputui.engine.compute import Engine  # noqa: PLC0415

    as_the_program()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        place = Path(name)
        (place / "data").mkdir()
        path = place / "data" / "events.csv"
        shutil.copyfile(folder / "data" / "events.csv", path)
        shutil.copyfile(folder / "kputui.toml", place / "kputui.toml")
        _settle(path)
        engine = Engine(config.load(place), cache=place / "cache")
        every = requests_of(SHAPES)
        few = [type(every[0])(every[0].metrics[:_FEW])]
        more = (folder / "more.csv").read_bytes()
        steps = [("cold", every), ("unchanged", every), ("few", few), ("grown", every), ("grown few", few)]
        for label, requests in steps:
            if label.startswith("grown"):
                half = more.find(b"\n", len(more) // 2) + 1
                with path.open("ab") as opened:
                    opened.write(more[:half] if label == "grown" else more[half:])
                _settle(path)
            figures |= {f"{label} {key}": value for key, value in asked(engine, requests).items()}
        fresh = Engine(config.load(place), cache=place / "cache")
        figures |= {f"restart {key}": value for key, value in asked(fresh, every).items()}
        cache = sum(one.stat().st_size for one in (place / "cache").rglob("*") if one.is_file())
        figures |= {"file_mb": path.stat().st_size / 1e6, "cache_mb": cache / 1e6}
    return figures


def side(name: str, folder: Path, answers: Path | None) -> None:
    """Measure one side once; prints one JSON object."""
    importlib.import_module("duckdb" if name in {"files", "table"} else "kputui.engine.compute")
    if name == "growth":
        print(json.dumps(with_growth(folder)))
        return
    if name == "kputui":
        with tempfile.TemporaryDirectory(dir=folder.parent) as cache:
            figures, found = with_kputui(folder, SHAPES, Path(cache))
    else:
        figures, found = with_duckdb(folder, name)
    if answers is not None:
        exactness.write(found, answers)
    print(json.dumps(figures))


def cold(data: Path, sizes: list[int], rounds: int) -> None:
    """All 30 metrics from a CSV file with nothing kept; the conversion is kept on the way."""
    lines = []
    for rows in sizes:
        folder = csv_workspace(data, rows)
        events_table.warm(folder)
        with tempfile.TemporaryDirectory() as name:
            answers = {one: Path(name) / f"{one}.parquet" for one in _SIDES}
            for one in _SIDES:
                child("csv_files.py", "--side", one, "--folder", folder, "--answers", answers[one])
            compared, differing = exactness.differences(answers["kputui"], answers["files"])
        if differing:
            raise SystemExit("\n".join(["kputui and DuckDB differ:", *differing[:20]]))
        found = Rounds()
        for _ in range(rounds):
            for one in _SIDES:
                found.add(one, child("csv_files.py", "--side", one, "--folder", folder))
        size = (folder / "data" / "events.csv").stat().st_size / 1e6
        cells = [f"{rows / 1e6:g} M, {size:,.0f} MB"]
        for figure in ("cpu", "wall"):
            cells += [f"{found.median(one, figure):.2f}" for one in _SIDES]
            cells += [
                f"**{found.ratio('kputui', 'files', figure):.2f}**",
                f"{found.ratio('kputui', 'table', figure):.2f}",
            ]
        cells += [f"{found.median(one, 'peak_mib'):.0f}" for one in _SIDES]
        lines.append((*cells, f"{compared:,}"))
    print(f"\nCold from CSV, 30 metrics, median of {rounds}:")
    head = ["rows"]
    for word in ("CPU s", "wall s"):
        head += [f"kputui {word}", "DuckDB over CSV", "DuckDB loads once", "ratio", "to loads once"]
    table((*head, "peak MiB", "DuckDB", "loads once", "values equal to DuckDB's"), lines)


def growth(data: Path, sizes: list[int], rounds: int) -> None:
    """What 1,000 rows at the end cost an engine that stays, and one that is started anew."""
    words = {
        "cold": "cold, converting",
        "unchanged": "nothing changed",
        "grown": "500 rows appended, 30 metrics",
        "grown few": f"500 rows appended, {_FEW} metrics",
        "restart": "a new engine, the cache on disk",
    }
    for rows in sizes:
        folder = csv_workspace(data, rows)
        events_table.warm(folder)
        found = Rounds()
        for _ in range(rounds):
            found.add("all", child("csv_files.py", "--side", "growth", "--folder", folder))
        lines = []
        for label, told in words.items():
            figures = [f"{label} {figure}" for figure in ("first", "wall", "cpu")]
            known = found.taken["all"][0]
            lines.append((told, *(f"{found.median('all', one) * 1e3:,.0f}" if one in known else "" for one in figures)))
        size, kept = (found.median("all", one) for one in ("file_mb", "cache_mb"))
        print(f"\n{size:,.0f} MB of CSV, {kept:,.0f} MB in the cache, median of {rounds}, ms:")
        table(("", "first numbers", "all, verified", "CPU"), lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_770_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, help="keep the tables that are made here")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--answers", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        side(arguments.side, arguments.folder, arguments.answers)
        return
    if arguments.quick:
        arguments.rows, arguments.rounds = [1_000_000], 2
    with tempfile.TemporaryDirectory() as name:
        data = arguments.data or Path(name)
        print(machine() + (", QUICK: too few rounds and rows to judge by" if arguments.quick else ""), flush=True)
        cold(data, arguments.rows, arguments.rounds)
        growth(data, arguments.rows, arguments.rounds)


if __name__ == "__main__":
    main()
