"""The events table of the engine's benchmarks: skewed like real data, made month by month in bounded memory.

`python benchmarks/events_table.py FOLDER [--rows N] [--layout months]` makes a workspace of it with the 30 metrics of
`thirty_metrics.py`; the same rows have the same values in every layout. Open it with `kputui FOLDER`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import thirty_metrics

MONTHS = 100
FIRST_YEAR, FIRST_MONTH = 2017, 9
LAYOUTS = ("one", "months", "days", "shuffled", "spanning")
"""One file by time, a file a month, a file a day, one file in no order, 100 files that each span the whole range."""

ROW_GROUP = 250_000
COLUMNS = ("time", "customer", "team", "region", "channel", "seconds", "score", "flag", "amount", "site")

_TEAMS = tuple(f"team {number:02}" for number in range(1, 21))
_REGIONS = ("north", "south", "east", "west", "centre", "coast", "hills", "abroad")
_SITES = tuple(f"site {number:05}" for number in range(10_000))
_CHANNELS = ("app", "web", "shop", "phone", "partner")
_HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 12, 13, 14, 14, 13, 12, 10, 9, 8, 6, 4, 2], dtype=float)
_WEEKDAYS = np.array([1.15, 1.1, 1.05, 1.05, 1.2, 0.8, 0.5])
_BUCKETS_AT_ONCE = 10
_DONE = "made.txt"
_VERSION = "2"


def month_start(number: int) -> date:
    """The first day of a month, counted from the first one."""
    months = FIRST_YEAR * 12 + FIRST_MONTH - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def workspace_of(data: Path, rows: int, layout: str) -> Path:
    """The workspace of a layout, made when it is not there yet."""
    folder = data / f"events-{rows}" / layout
    if not _is_made(folder):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "data").mkdir(parents=True)
        if layout == "months":
            _write_months(rows, folder / "data")
        else:
            months = workspace_of(data, rows, "months") / "data"
            writers = {"one": _write_one, "days": _write_days, "shuffled": _write_shuffled, "spanning": _write_spanning}
            writers[layout](months, folder / "data")
        _settle(folder / "data")
        (folder / _DONE).write_text(_VERSION, encoding="utf-8")
    thirty_metrics.write_workspace(folder)
    return folder


def warm(folder: Path) -> int:
    """Read every data file once, so that all sides find them in the file cache; returns their bytes."""
    size = 0
    for path in sorted((folder / "data").iterdir()):
        with path.open("rb") as opened:
            while block := opened.read(2**22):
                size += len(block)
    return size


def _is_made(folder: Path) -> bool:
    done = folder / _DONE
    return done.exists() and done.read_text(encoding="utf-8") == _VERSION


def _settle(folder: Path) -> None:
    """Date the files back: one written in the last two seconds is rightly not trusted to stay as it is."""
    settled = time.time() - 60
    for path in folder.iterdir():
        os.utime(path, (settled, settled))


def _write_months(rows: int, folder: Path) -> None:
    weights = np.array([1.01**number * (1 + 0.15 * np.sin(number * np.pi / 6)) for number in range(MONTHS)])
    ends = np.round(np.cumsum(weights) / weights.sum() * rows).astype(int)
    customers = max(rows // 20, 1_000)
    for number, (first, end) in enumerate(zip([0, *ends], ends, strict=False)):
        frame = _month(number, int(end - first), customers)
        _write(frame, folder / f"{month_start(number):%Y-%m}.parquet")


def _month(number: int, rows: int, customers: int) -> pl.DataFrame:
    """The rows of one month, by time."""
    rng = np.random.default_rng([7, number])
    start, end = (np.datetime64(month_start(number + offset), "D") for offset in (0, 1))
    days = np.arange(start, end)
    day_weights = _WEEKDAYS[(days.astype(int) + 3) % 7]
    day = rng.choice(len(days), rows, p=day_weights / day_weights.sum())
    hour = rng.choice(24, rows, p=_HOURS / _HOURS.sum())
    millis = (day * 24 + hour) * 3_600_000 + rng.integers(0, 3_600_000, rows)
    stamps = start.astype("datetime64[us]") + np.sort(millis) * np.timedelta64(1_000, "us")
    team = _skewed(rng, rows, len(_TEAMS))
    region = np.where(rng.random(rows) < 0.6, team % len(_REGIONS), _skewed(rng, rows, len(_REGIONS)))
    seconds = np.round(np.exp(rng.normal(5.2 + 0.03 * (team % 5), 0.9, rows)), 1)
    score = np.clip(np.round(rng.normal(7.6 - seconds / 900, 2.1, rows)), 0, 10).astype(np.int32)
    scores = pl.Series("score", score).set(pl.Series(rng.random(rows) < 0.62), None)
    return pl.DataFrame(
        {
            "time": pl.Series(stamps, dtype=pl.Datetime("us")),
            "customer": _zipf(rng, rows, customers),
            "team": _words(team, _TEAMS),
            "region": _words(region, _REGIONS),
            "channel": _words(_skewed(rng, rows, len(_CHANNELS)), _CHANNELS),
            "seconds": seconds,
            "score": scores,
            "flag": rng.random(rows) < 0.03 + 0.0004 * number,
            "amount": np.round(np.exp(rng.normal(3.4, 1.1, rows)), 2),
            "site": _words(_zipf(rng, rows, len(_SITES)) - 1, _SITES),
        }
    ).select(COLUMNS)


def _skewed(rng: np.random.Generator, rows: int, count: int) -> np.ndarray:
    weights = 1 / np.arange(1, count + 1) ** 0.7
    drawn: np.ndarray = rng.choice(count, rows, p=weights / weights.sum())
    return drawn


def _zipf(rng: np.random.Generator, rows: int, most: int, exponent: float = 0.8) -> np.ndarray:
    """Numbers from 1, the low ones often: the inverse of a bounded power law's distribution."""
    power = 1 - exponent
    drawn = ((float(most) ** power - 1) * rng.random(rows) + 1) ** (1 / power)
    numbers: np.ndarray = np.minimum(drawn.astype(np.int64), most)
    return numbers


def _words(codes: np.ndarray, words: tuple[str, ...]) -> pl.Series:
    return pl.Series(words).gather(codes)


def _write(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", row_group_size=ROW_GROUP)


def _sink(rows: pl.LazyFrame, path: Path) -> None:
    rows.sink_parquet(path, compression="zstd", row_group_size=ROW_GROUP, maintain_order=True)


def _write_one(months: Path, folder: Path) -> None:
    _sink(pl.scan_parquet(sorted(months.iterdir())), folder / "events.parquet")


def _write_days(months: Path, folder: Path) -> None:
    for path in sorted(months.iterdir()):
        rows = pl.read_parquet(path)
        for (day,), part in rows.group_by(pl.col("time").dt.date(), maintain_order=True):
            _write(part, folder / f"{day}.parquet")


def _write_spanning(months: Path, folder: Path) -> None:
    """Every hundredth row at random in a file of its own, by time within it."""
    for first in range(0, MONTHS, _BUCKETS_AT_ONCE):
        bucket = pl.struct("time", "customer", "seconds").hash(11) % MONTHS
        rows = pl.scan_parquet(sorted(months.iterdir())).with_columns(bucket=bucket)
        some = rows.filter(pl.col("bucket").is_between(first, first + _BUCKETS_AT_ONCE - 1)).collect()
        for (number,), part in some.partition_by("bucket", as_dict=True, maintain_order=True).items():
            _write(part.drop("bucket"), folder / f"part-{number:03}.parquet")


def _write_shuffled(months: Path, folder: Path) -> None:
    """The random hundredths one after the other, each in no order."""
    parts = folder.parent / "parts"
    parts.mkdir()
    _write_spanning(months, parts)
    for path in sorted(parts.iterdir()):
        _write(pl.read_parquet(path).sample(fraction=1.0, shuffle=True, seed=5), path)
    _sink(pl.scan_parquet(sorted(parts.iterdir())), folder / "events.parquet")
    shutil.rmtree(parts)


def main() -> None:
    """Make a workspace."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--layout", choices=LAYOUTS, default="months")
    arguments = parser.parse_args()
    print(workspace_of(arguments.folder, arguments.rows, arguments.layout))


if __name__ == "__main__":
    main()
