"""A source opened: its files checked, its columns known, its rows read by day range and by column.

A file is decoded only for the columns that are needed, once for all metrics of an interval.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import files
from kputui.engine.expression import Kind
from kputui.engine.expression.to_polars import kind_of
from kputui.engine.facts import Facts, Tally
from kputui.engine.finite import is_all_finite
from kputui.engine.parquet_file import PIECE, ParquetFile, collected, loaded_type, wider
from kputui.engine.periods import day_of
from kputui.engine.times import LocalTimes, Zones, local_times, times_by_file, wall_clock
from kputui.engine.together import batches, rows_of
from kputui.engine.wording import counted_rows, shortened
from kputui.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kputui.engine.together import Piece
    from kputui.engine.values import Faults
    from kputui.model.workspace import Source

_TEXTS = (pl.String, pl.Categorical, pl.Enum)

_UNORDERED = 1_000_000
"""Of a longer file without order so many rows are decoded at once."""

DAY = "\0day"
"""The column of local days that is added to every frame; no column of a file can have this name."""


@dataclass(slots=True)
class OpenSource:
    """The files of a source. `notes` collects what is to be known about the data as it is read, with the column.

    `states` are those of the files that hold the rows of some days, as far as they were asked for.
    """

    source: Source
    zones: Zones
    fingerprint: files.Fingerprint
    tables: list[ParquetFile] = field(default_factory=list)
    _types: dict[str, pl.DataType] = field(default_factory=dict)
    _facts: Facts | None = None
    _is_large: bool | None = None
    _name_set: frozenset[str] | None = None
    _ranges: list[tuple[int, int, ParquetFile]] | None = None
    notes: dict[str, str] = field(default_factory=dict)
    states: dict[tuple[int, int, str], str] = field(default_factory=dict)
    decoded: pl.DataFrame | None = None
    read_ns: int = field(default_factory=time.time_ns)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the first file."""
        return tuple(self.tables[0].schema)

    @property
    def column_names(self) -> frozenset[str]:
        """The columns of the first file, for looking up (kept)."""
        if self._name_set is None:
            self._name_set = frozenset(self.names)
        return self._name_set

    @property
    def paths(self) -> tuple[str, ...]:
        """The files' real paths."""
        return tuple(stamp.path for stamp in self.fingerprint.files)

    @property
    def rows(self) -> int:
        """All rows of all files."""
        return sum(table.rows for table in self.tables)

    @property
    def is_csv(self) -> bool:
        """Whether the files are CSV."""
        return False

    @property
    def is_whole(self) -> bool:
        """Whether its rows are only known all together, without the states of files that hold them."""
        return False

    @property
    def is_large(self) -> bool:
        """Whether the files together are too large to be in memory all at once (kept)."""
        if self._is_large is None:
            self._is_large = sum(stamp.size for stamp in self.fingerprint.files) > files.READ_WHOLE_BYTES
        return self._is_large

    @property
    def is_scattered(self) -> bool:
        """Whether rows of any day may stand anywhere in a large file, so that each interval decodes all of it."""
        return any(not table.first_rows and table.local is None for table in self.tables)

    def kind(self, name: str) -> Kind | None:
        """What a column holds; None for types that expressions can't read.

        Raises DataError D13 for a doubled name, D17 when the files disagree.
        """
        kind = kind_of(loaded_type(self._common_type(name)))
        wanted = dict(self.source.columns).get(name)
        if wanted is not None and kind not in {None, Kind.NULL} and kind != wanted.value:
            raise DataError("D30", f"column `{name}` is declared as {wanted.value}, but holds {kind}")
        return kind

    def type_of(self, name: str) -> pl.DataType:
        """The type in which a column of Parquet files is handed on; raises DataError D17."""
        return loaded_type(self._common_type(name))

    def _common_type(self, name: str) -> pl.DataType:
        """The type that a column has in all Parquet files (kept), whole numbers widened where they differ."""
        if name not in self._types:
            self._types[name] = self._widest_type(name)
        return self._types[name]

    def _widest_type(self, name: str) -> pl.DataType:
        found: pl.DataType | None = None
        for table in self.tables:
            if name not in table.schema:
                raise DataError("D17", f"`{table.path.name}` has no column `{name}`", "other files of the source have")
            dtype = table.schema[name]
            if dtype is found:  # a short cut: files that are known from before share their types
                continue
            if found is None or found == pl.Null:
                found = dtype
            elif dtype not in (found, pl.Null):
                found = wider(found, dtype)
                if found is None:
                    raise DataError(
                        "D17",
                        f"column `{name}` is {dtype} in `{table.path.name}` and another type in the files before",
                        "write all files with the same types",
                    )
        return found if found is not None else pl.Null()

    def is_unchanged(self) -> bool:
        """Whether all files are still in the states in which they were read."""
        try:
            return all(table.is_unchanged() for table in self.tables)
        except OSError:
            return False

    def preload(self, names: Iterable[str]) -> None:
        """Read these columns in one pass, where each would else be a pass of its own."""

    def column(self, name: str) -> pl.Series:
        """A whole column as expressions take it; raises DataError."""
        parts = [
            self._loaded(collected(table.scan().select(name), table.path.name)[name], [(table, 0, table.rows)])
            for table in self.tables
        ]
        return pl.concat(parts)

    def where(self, row: int, day: int | None) -> str:
        """Where a row (from 0, over all files) is found again, in words; `day` is its local day."""
        return f"in row {row + 1}" if day is None else f"on {day_of(day)}"

    def _place_of(self, row: int) -> str:
        """The place of a cell that is shown, as the begin of a phrase; nothing where rows have no lines."""
        _ = row
        return ""

    def bad_numbers(self, name: str) -> DataError | None:
        """Why a column that should be numbers is not; None when there is nothing to add to its type."""
        _ = name
        return None

    def missing_column(self, name: str) -> DataError:
        """The error for a column that is not there, with what is there."""
        known = self.names
        shown = ", ".join(f"`{column}`" for column in known[:8]) + (", ..." if len(known) > 8 else "")
        hint = did_you_mean(name, known)
        spaced = next((column for column in known if column.strip() == name), "")
        if spaced:
            hint = f"write it with its spaces: `{spaced}`"
        if not hint and len(known) == 1 and self.is_csv:
            other = next((mark for mark in ";\t|," if mark in known[0] and mark != self.source.csv.delimiter), "")
            hint = f"if fields are separated by {other!r}: csv = {{ delimiter = {other!r} }}" if other else ""
        where = f" in `{Path(self.paths[0]).name}`" if len(self.paths) > 1 else ""
        return DataError("D12", f"column `{name}` not found{where}; found {shown}", hint)

    @property
    def time_type(self) -> pl.DataType:
        """The type of the time column as it is handed on."""
        return loaded_type(self._common_type(self.source.time))

    def facts(self) -> Facts:
        """Rows by day and the newest time, from the time column alone (kept).

        Raises DataError D09 without rows, D12 without the time column, D15 when it can't be read.
        """
        if self._facts is None:
            name = self.source.time
            if not name:
                raise DataError(
                    "D15", f"source `{self.source.id}` names no time column", 'a metric needs one: time = "ordered_at"'
                )
            if name not in self.names:
                raise self.missing_column(name)
            if not self.rows:
                raise DataError("D09", f"`{self.source.path}` has no rows")
            self._facts = self._look()
        return self._facts

    def with_days(self, start: int, end: int) -> list[ParquetFile]:
        """The files in which any row may be of the days [start, end), in their order; raises what `facts` raises."""
        if self._ranges is None:
            self.facts()
            self._ranges = [(*table.days, table) for table in self.tables if table.days is not None]
        return [table for low, high, table in self._ranges if low < end and high >= start]

    def _look(self) -> Facts:
        self._common_type(self.source.time)
        self.look_at(table for table in self.tables if table.tally is None)
        tally = Tally(self.zones)
        for table in self.tables:
            if table.tally is not None:
                tally.join(table.tally)
        return tally.facts(self.rows)

    def look_at(self, tables: Iterable[ParquetFile]) -> None:
        """Tally the time column of these files; raises DataError."""
        for batch in batches(tables, (self.source.time,), PIECE):
            if len(batch) == 1:
                self._tally(batch[0], map(self._times, batch[0].pieces(self.source.time)))
                continue
            column = rows_of([(table, 0, table.rows) for table in batch], (self.source.time,)).to_series()
            lengths = [table.rows for table in batch]
            found = times_by_file(column, lengths, self.zones, self.source.time_format)
            for table, times in zip(batch, found, strict=True):
                self._tally(table, (times,))

    def _tally(self, table: ParquetFile, pieces: Iterable[LocalTimes]) -> None:
        """Look at a file's time column, whose pieces come in order."""
        tally = Tally(self.zones)
        first = 0
        for piece in pieces:
            times = piece.counted()
            table.look_at(first, times)
            first += len(times.days)
            tally.add(times)
            self._note(tally, times)
        table.tally = tally
        table.is_fresh = table.is_settled
        if self.is_large:
            table.shed()

    def _times(self, column: pl.Series) -> LocalTimes:
        return local_times(column, self.zones, self.source.time_format)

    def _note(self, tally: Tally, times: LocalTimes) -> None:
        """Keep what is to be said of a piece of the time column."""
        missing = times.days.null_count() - times.implausible - (times.unreadable.count if times.unreadable else 0)
        tally.notes |= dict.fromkeys(self._time_notes(times.unreadable, missing, times.implausible, times.note))

    def _time_notes(self, unreadable: Faults | None, missing: int, implausible: int, note: str) -> list[str]:
        notes = []
        if unreadable:
            notes.append(
                f"left out: {counted_rows(unreadable.count)} without a readable `{self.source.time}` "
                f"({self._place_of(unreadable.row)}`{shortened(unreadable.text)}`)"
            )
        if missing:
            notes.append(f"left out: {counted_rows(missing)} with an empty `{self.source.time}`")
        if implausible:
            notes.append(f"left out: {counted_rows(implausible)} with a time before 1900 or after 2199")
        return [*notes, *([note] if note else [])]

    def read(self, columns: Sequence[str], start: int, end: int) -> pl.DataFrame:
        """The rows of the local days [start, end) with `DAY` (Int32) and the columns asked, typed.

        Raises DataError.
        """
        tables = self.with_days(start, end)
        parts = [part for one in self._batches(tables, columns) for part in self._parts(one, columns, start, end)]
        if not parts:
            return self._empty(columns)
        return parts[0] if len(parts) == 1 else pl.concat(parts)

    def pieces(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """All rows in the files' order, also those without a time (`DAY` is null); a large file in pieces.

        Raises DataError.
        """
        for table in self.tables:
            for first in range(0, table.rows, PIECE):
                yield self._slice(table, first, PIECE, columns)

    def _empty(self, columns: Sequence[str]) -> pl.DataFrame:
        types = {name: loaded_type(self._common_type(name)) for name in columns}
        return pl.DataFrame(schema={DAY: pl.Int32(), **types})

    def _batches(self, tables: Sequence[ParquetFile], columns: Sequence[str]) -> Iterable[Sequence[ParquetFile]]:
        """The files in their order, those together whose columns can be read together."""
        time = self.source.time
        is_parsed = time in columns or not all(table.knows_days for table in tables)
        if is_parsed and any(isinstance(table.schema.get(time), _TEXTS) for table in tables):
            return [(table,) for table in tables]  # each file's text says by itself in which form its times are
        return batches(tables, dict.fromkeys([*columns, *([time] if is_parsed else [])]), PIECE)

    def _parts(
        self, tables: Sequence[ParquetFile], columns: Sequence[str], start: int, end: int
    ) -> Iterable[pl.DataFrame]:
        """The rows of the days [start, end), a long file without order in pieces, so that it takes little memory."""
        table = tables[0]
        has_order = bool(table.first_rows) or isinstance(table.schema.get(self.source.time), _TEXTS)
        if len(tables) > 1 or has_order or table.rows <= _UNORDERED:
            return [between(self._batch(tables, columns, start, end), start, end)]
        pieces = [(at, min(_UNORDERED, table.rows - at)) for at in range(0, table.rows, _UNORDERED)]
        found = [  # a large file is let go with its first rows
            between(self._slice(table, at, count, columns), start, end) for at, count in reversed(pieces)
        ]
        return reversed(found)

    def _batch(self, tables: Sequence[ParquetFile], columns: Sequence[str], start: int, end: int) -> pl.DataFrame:
        """At least the rows of the days [start, end): in a file sorted by time no others are decoded."""
        pieces = [(table, *table.rows_between(start, end)) for table in tables]
        return self._slice(*pieces[0], columns) if len(pieces) == 1 else self._rows(pieces, columns)

    def _slice(self, table: ParquetFile, first: int, count: int, columns: Sequence[str]) -> pl.DataFrame:
        """Some rows of a file in their order, with `DAY` (null without a time)."""
        return self._rows([(table, first, count)], columns)

    def _rows(self, pieces: Sequence[Piece], columns: Sequence[str]) -> pl.DataFrame:
        """Rows of Parquet files in their order, with `DAY` (null without a time)."""
        known = [table.days_of(first, count) for table, first, count in pieces]
        days = [found for found in known if found is not None]
        is_told = len(days) == len(pieces)
        wanted = list(dict.fromkeys([*([] if is_told else [self.source.time]), *columns]))
        frame = rows_of(pieces, wanted) if wanted else pl.DataFrame()
        local = pl.concat(days, rechunk=True) if is_told else self._times(frame[self.source.time]).days
        loaded = [self._loaded(frame[name], pieces) for name in columns]
        for table, first, _ in pieces:
            if first == 0 and self.is_large:
                table.shed()  # intervals come newest first: this was the file's last one
        return pl.DataFrame([local.rename(DAY), *loaded])

    def _loaded(self, column: pl.Series, pieces: Sequence[Piece]) -> pl.Series:
        """A Parquet column as expressions take it: no NaN or infinity, categories as text, stamps on the wall clock."""
        target = loaded_type(self._common_type(column.name))
        if column.dtype.is_float() and not is_all_finite(column):
            finite = column.is_finite()
            first = 0
            for table, _, count in pieces:
                if not finite.slice(first, count).all():
                    self.note_unfit(table, column.name)
                first += count
            column = column.set(~finite, None)
        if column.name == self.source.time and column.dtype == pl.String:
            return wall(self._times(column).stamps, self.zones)
        if isinstance(column.dtype, pl.Datetime):
            return wall(column, self.zones).cast(target)
        return column if column.dtype == target else column.cast(target)

    def note_unfit(self, table: ParquetFile, column: str) -> None:
        """Note how many values of a file's column are taken as missing."""
        values_ = "value" if (count := table.unfit_in(column)) == 1 else "values"
        note = f"`{column}` has {count} NaN or infinite {values_} in `{table.path.name}`, taken as missing"
        self.notes[note] = column


def wall(stamps: pl.Series, zones: Zones) -> pl.Series:
    """Dates as they are; stamps as microseconds on the project's wall clock, without a zone."""
    if not isinstance(stamps.dtype, pl.Datetime):
        return stamps
    return wall_clock(stamps, zones).dt.cast_time_unit("us")


def between(frame: pl.DataFrame, start: int, end: int, key: str = DAY) -> pl.DataFrame:
    """The rows of the days [start, end); those themselves when they are all, a part of them when they are sorted."""
    days = frame[key]
    low, high = days.min(), days.max()
    if isinstance(low, int) and isinstance(high, int) and not days.null_count():
        if low >= start and high < end:
            return frame
        if days.is_sorted():
            first, last = int((days < start).sum()), int((days < end).sum())
            return frame.slice(first, max(0, last - first))
    return frame.filter((pl.col(key) >= start) & (pl.col(key) < end))
