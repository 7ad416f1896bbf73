"""Parquet files: footer first, then only the columns that are needed."""

from __future__ import annotations

import time
from bisect import bisect_right
from copy import copy
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import files
from kputui.engine.excerpt import Excerpt
from kputui.engine.footer import row_count
from kputui.engine.guard import guarded
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from kputui.engine.facts import Tally
    from kputui.engine.snapshot import Part
    from kputui.engine.times import LocalTimes

MAX_ROWS = 200_000_000
"""A file that says it has more rows is not read."""

KEPT_DAYS = 4_000_000
"""The days of a file's rows are kept, at 4 bytes a row, up to this many rows."""

PIECE = 2_000_000
"""The rows of a column that are looked at at once."""

_ROWS_A_RUN = 200
"""Of fewer rows a day it costs less to keep the day of each."""

_AGAIN = "write the file again, or copy it again"


@dataclass(slots=True)
class ParquetFile:
    """A Parquet file: its bytes or some of them (or None above the limit, then it is read by path), rows and types.

    `days` is the range of its local days, `local` the day of each row when it is small enough to keep.
    In a file sorted by time `first_rows` gives for each day its first row, else it is empty.
    `constants` are columns that the names of its folders give. `stamp` is its state at the moment
    `read_ns`; `tally` what its time column told; `is_fresh` while that is not kept on disk. `part` is what a
    table says of the file, `window` the first row and the number of those that it stands for, if not for all.
    """

    path: Path
    data: bytes | Excerpt | None
    rows: int
    schema: Mapping[str, pl.DataType]
    days: tuple[int, int] | None = None
    local: pl.Series | None = None
    first_rows: dict[int, int] = field(default_factory=dict)
    constants: tuple[pl.Series, ...] = ()
    is_sorted: bool = False
    stamp: files.FileStamp | None = None
    read_ns: int = 0
    tally: Tally | None = None
    is_fresh: bool = False
    part: Part | None = None
    own_schema: Mapping[str, pl.DataType] = field(default_factory=dict)
    unfit: dict[str, int] = field(default_factory=dict)
    window: tuple[int, int] | None = None

    @property
    def is_joinable(self) -> bool:
        """Whether it can be read in one pass with other files."""
        return True

    @property
    def is_excerpt(self) -> bool:
        """Whether only some of its rows can be read."""
        return isinstance(self.data, Excerpt)

    @property
    def is_settled(self) -> bool:
        """Whether its stamp will tell any later change: the file was not written just before it was read."""
        return self.stamp is not None and self.read_ns - self.stamp.mtime_ns >= files.YOUNG_NS

    def again(self) -> ParquetFile:
        """The same state of the file with nothing of its rows in memory."""
        other = copy(self)
        other.data = other.local = None
        other.constants = ()
        other.schema = self.own_schema
        return other

    def cut(self, first: int, count: int) -> ParquetFile:
        """Only `count` of its rows, from row `first` on, as a file of their own."""
        other = copy(self)
        other.unfit = {}
        if count < self.rows:
            other.window, other.rows = (first, count), count
        return other

    def shed(self) -> None:
        """Forget the file's bytes, but not some of them: all are read again when needed, if it is the same then."""
        if self.stamp is not None and isinstance(self.data, bytes):
            self.data = None

    def _load(self) -> None:
        """Read the bytes of a small file that is known from before; raises DataError D08 when it is another now."""
        if self.data is None and self.stamp is not None and self.stamp.size <= files.READ_WHOLE_BYTES:
            data = files.read_stable(self.path)
            if not files.is_unchanged(self.stamp):
                raise files.rewritten(self.path.name)
            self.data = data

    @property
    def is_plain(self) -> bool:
        """Whether all of its rows, and those alone, are what the file says."""
        return self.window is None and self.part is None

    def source(self) -> Path | bytes:
        """Where its rows are read from, which are there now; raises DataError D08 when it is another file now."""
        self._load()
        data = self.data.path if isinstance(self.data, Excerpt) else self.data
        return self.path if data is None else data

    def _rows(self) -> pl.LazyFrame:
        rows = pl.scan_parquet(self.source(), glob=False, hive_partitioning=False)
        if self.window is not None:
            rows = rows.slice(*self.window)
        return rows if self.part is None else self.part.read(rows)

    def is_unchanged(self) -> bool:
        """Whether the file is still in the state of the stamp; raises OSError."""
        return self.stamp is not None and files.is_unchanged(self.stamp)

    def scan(self) -> pl.LazyFrame:
        """The file's rows, nothing of large files read yet."""
        rows = self._rows()
        return (
            rows.with_columns(pl.lit(one[0], one.dtype).alias(one.name) for one in self.constants)
            if self.constants
            else rows
        )

    def add_constants(self, constants: Iterable[pl.Series]) -> None:
        """Columns of one value each (series of length 1) that the file's folders give; its own go before them."""
        self.constants = tuple(one for one in constants if one.name not in self.schema)
        self.schema = {**self.schema, **{one.name: one.dtype for one in self.constants}}

    def pieces(self, column: str) -> Iterator[pl.Series]:
        """One column in pieces, so that looking at a large file takes little memory."""
        for first in range(0, self.rows, PIECE):
            yield collected(self.scan().select(column).slice(first, PIECE), self.path.name).to_series()

    def unfit_in(self, column: str) -> int:
        """The NaN and infinite values of a column of floats, in the whole file."""
        if column not in self.unfit:
            self.unfit[column] = sum(int((~piece.is_finite()).sum()) for piece in self.pieces(column))
        return self.unfit[column]

    def look_at(self, first: int, times: LocalTimes) -> None:
        """Keep what the counted local days of the rows from `first` on tell; pieces come in order."""
        days, runs = times.days, times.runs
        if first == 0:
            self._begin()
        if self.local is not None:
            self.local.append(days)
        low, high = (next(iter(runs)), next(reversed(runs))) if runs else (days.min(), days.max())
        known = self.days
        if isinstance(low, int) and isinstance(high, int):
            self.is_sorted = self.is_sorted and runs is not None and (known is None or known[1] <= low)
            self.days = (low, high) if known is None else (min(low, known[0]), max(high, known[1]))
        else:
            self.is_sorted = False
        if not self.is_sorted or runs is None:
            self.first_rows = {}
            return
        for day, row in zip(runs, accumulate(runs.values(), initial=first), strict=False):
            self.first_rows.setdefault(day, row)
        if first + len(days) >= self.rows >= len(self.first_rows) * _ROWS_A_RUN:
            self.local = None  # the first rows tell the same in less memory

    def _begin(self) -> None:
        self.days = None
        self.local = pl.Series("day", [], dtype=pl.Int32) if self.rows <= KEPT_DAYS else None
        self.first_rows = {}
        self.is_sorted = True

    def rows_between(self, start: int, end: int) -> tuple[int, int]:
        """The first row and the number of rows that hold all rows of the days [start, end)."""
        if not self.first_rows:
            return 0, self.rows
        first = next((row for day, row in self.first_rows.items() if day >= start), self.rows)
        last = next((row for day, row in self.first_rows.items() if day >= end), self.rows)
        return first, last - first

    @property
    def knows_days(self) -> bool:
        """Whether the day of each row is known without the time column."""
        return self.local is not None or bool(self.first_rows)

    def days_of(self, first: int, count: int) -> pl.Series | None:
        """The local days (Int32) of `count` rows from row `first` on; None when only the time column tells them."""
        if self.local is not None:
            return self.local.slice(first, count)
        if not self.first_rows:
            return None
        days, rows = list(self.first_rows), [*self.first_rows.values(), self.rows]
        numbers = pl.Series(days, dtype=pl.Int32)
        at, end = max(bisect_right(rows, first) - 1, 0), first + count
        runs = []
        while at < len(days) and rows[at] < end:
            length = min(rows[at + 1], end) - max(rows[at], first)
            runs.append(numbers.new_from_index(at, length))
            at += 1
        return pl.concat(runs, rechunk=True) if runs else numbers.clear()


def scan_of(sources: list[bytes] | list[Path]) -> pl.LazyFrame:
    """The rows of several files, one after the other; columns that are not asked for may be others in each."""
    return pl.scan_parquet(sources, glob=False, hive_partitioning=False, extra_columns="ignore")


def collected(query: pl.LazyFrame, name: str) -> pl.DataFrame:
    """The rows of a query over one file; raises DataError D06 when it is damaged, D22 on a panic."""
    with guarded("D06", f"`{name}` is damaged: its columns can't be read", _AGAIN):
        return query.collect()


def open_excerpt(path: Path, stamp: files.FileStamp, excerpt: Excerpt, rows: int) -> ParquetFile:
    """Open what was copied of a file that has so many rows; raises DataError D06, D22."""
    table = ParquetFile(path, excerpt, rows, {}, stamp=stamp, read_ns=time.time_ns())
    with guarded("D06", f"`{path.name}` is damaged: its footer can't be read", _AGAIN):
        table.schema = table.own_schema = dict(table.scan().collect_schema())
    return table


def open_parquet(path: Path, stamp: files.FileStamp, part: Part | None = None) -> ParquetFile:
    """Open a file: content, schema and row count are checked before any row is read.

    `part` is what a table says of it.

    Raises DataError D02-D09 for a file that can't be read, D22 when polars panics.
    """
    data: bytes | None = None
    read_ns = time.time_ns()
    if stamp.size <= files.READ_WHOLE_BYTES:
        data = files.read_stable(path)
        head, tail = data[:4096], data[-4:]
    else:
        with path.open("rb") as opened:
            head = opened.read(4096)
            opened.seek(-4, 2)
            tail = opened.read()
    files.check_content(path.name, ".parquet", head, tail)
    table = ParquetFile(path, data, 0, {}, stamp=stamp, read_ns=read_ns, part=part)
    with guarded("D06", f"`{path.name}` is damaged: its footer can't be read", _AGAIN):
        table.schema = table.own_schema = dict(table.scan().collect_schema())
    told = row_count(data) if data is not None and part is None else None
    table.rows = int(collected(table.scan().select(pl.len()), path.name).item()) if told is None else told
    if table.rows > MAX_ROWS:
        raise DataError("D07", f"`{path.name}` has {table.rows} rows; at most {MAX_ROWS} are read", "split the file")
    return table


def loaded_type(dtype: pl.DataType) -> pl.DataType:
    """The type in which a column is handed on: categories as text, stamps in microseconds on the wall clock."""
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us")
    return dtype


def wider(left: pl.DataType, right: pl.DataType) -> pl.DataType | None:
    """The type that holds both, or None: numbers widen, categories become text, stamps lose only their unit."""
    if left == pl.Null:
        return right
    if isinstance(left, pl.Decimal) and isinstance(right, pl.Decimal):
        scale = max(left.scale or 0, right.scale or 0)
        return pl.Decimal(38, scale)
    if left.is_numeric() and right.is_numeric():
        return pl.Int64() if left.is_integer() and right.is_integer() else pl.Float64()
    texts = (pl.String, pl.Categorical, pl.Enum)
    if isinstance(left, texts) and isinstance(right, texts):
        return pl.String()
    if isinstance(left, pl.Datetime) and isinstance(right, pl.Datetime) and left.time_zone == right.time_zone:
        return pl.Datetime("us", left.time_zone)
    return None
