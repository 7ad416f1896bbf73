"""A source opened: its files checked, its columns known, its rows read by day range and by column.

A file is decoded only for the columns that are needed, once for all metrics of an interval.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import files, values
from kputui.engine.expression import Kind
from kputui.engine.expression.to_polars import kind_of
from kputui.engine.facts import Facts, Tally
from kputui.engine.parquet_file import PIECE, ParquetFile, collected, loaded_type, wider
from kputui.engine.times import LocalTimes, Zones, local_times, wall_clock
from kputui.engine.wording import counted_rows, number_hint, shortened
from kputui.errors import DataError, did_you_mean
from kputui.model.workspace import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kputui.engine.csv_file import CsvText
    from kputui.model.workspace import Source

DAY = "\0day"
"""The column of local days that is added to every frame; no column of a file can have this name."""


@dataclass(slots=True)
class OpenSource:
    """The files of a source. `notes` collects what is to be known about the data while it is read."""

    source: Source
    zones: Zones
    fingerprint: files.Fingerprint
    tables: list[ParquetFile] = field(default_factory=list)
    texts: list[CsvText] = field(default_factory=list)
    _typed: dict[str, pl.Series] = field(default_factory=dict)
    _raw: dict[str, pl.Series] = field(default_factory=dict)
    _types: dict[str, pl.DataType] = field(default_factory=dict)
    _facts: Facts | None = None
    _local: LocalTimes | None = None
    _name_set: frozenset[str] | None = None
    notes: dict[str, None] = field(default_factory=dict)
    decoded: pl.DataFrame | None = None
    read_ns: int = field(default_factory=time.time_ns)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the first file."""
        if self.tables:
            return tuple(self.tables[0].schema)
        return self.texts[0].names

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
        return sum(table.rows for table in self.tables) + sum(text.records for text in self.texts)

    @property
    def is_scattered(self) -> bool:
        """Whether rows of any day may stand anywhere in a large file, so that each interval decodes all of it."""
        return any(not table.first_rows and table.local is None for table in self.tables)

    def kind(self, name: str) -> Kind | None:
        """What a column holds; None for types that expressions can't read.

        Raises DataError D13 for a doubled name, D17 when the files disagree.
        """
        if self.tables:
            kind = kind_of(loaded_type(self._common_type(name)))
            wanted = dict(self.source.columns).get(name)
            if wanted is not None and kind not in {None, Kind.NULL} and kind != wanted.value:
                raise DataError("D30", f"column `{name}` is declared as {wanted.value}, but holds {kind}")
            return kind
        return kind_of(self._text_column(name).dtype)

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

    def _is_doubled(self, name: str) -> bool:
        return any(Counter(text.header)[name] > 1 for text in self.texts)

    def preload(self, names: Iterable[str]) -> None:
        """Read these CSV columns in one pass; names that are not there, or not in every file, are passed over."""
        if self.texts:
            wanted = [name for name in dict.fromkeys(names) if self._is_plain(name)]
            if not wanted:
                return
            frames = [text.columns(wanted) for text in self.texts]
            self._raw.update({name: pl.concat([frame[name] for frame in frames]) for name in wanted})

    def _is_plain(self, name: str) -> bool:
        unread = name not in self._raw and name not in self._typed
        return unread and all(Counter(text.names)[name] == 1 for text in self.texts)

    def raw_text(self, name: str) -> pl.Series:
        """A CSV column as text, over all files; raises DataError D13, D17."""
        if name not in self._raw:
            for text in self.texts:
                if name not in text.names:
                    raise DataError("D17", f"`{text.name}` has no column `{name}`", did_you_mean(name, text.names))
                if self._is_doubled(name):
                    raise DataError("D13", f"`{text.name}`: the header has `{name}` twice", "give each its own name")
            self._raw[name] = pl.concat([text.columns([name]).to_series() for text in self.texts])
        return self._raw[name]

    def _text_times(self) -> LocalTimes:
        """The local times of all CSV rows (kept)."""
        if self._local is None:
            self._local = self._times(self.raw_text(self.source.time))
        return self._local

    def _text_column(self, name: str) -> pl.Series:
        """A CSV column with the type that all its cells have."""
        if name not in self._typed:
            text = self.raw_text(name)
            if name == self.source.time:
                column = wall(self._text_times().stamps, self.zones)
            else:
                column = self._typed_text(text)
                if isinstance(column.dtype, pl.Datetime):
                    column = wall(column, self.zones)
            self._typed[name] = column
        return self._typed[name]

    def _typed_text(self, text: pl.Series) -> pl.Series:
        """Text cells as what their column is declared to hold, else as what all of them are; raises D14, D30."""
        notation = values.Notation.of(self.source.csv)
        kind = dict(self.source.columns).get(text.name)
        if kind is None:
            return values.typed(text, notation)
        column, faults = values.declared(text, kind, notation)
        if faults is None:
            return column
        if kind is ColumnKind.NUMBER and (error := self.bad_numbers(text.name)) is not None:
            raise error
        cells = len(text) - text.null_count()
        raise DataError(
            "D30",
            f"column `{text.name}` is declared as {kind.value}, but {faults.count} of {cells} cells are not, "
            f"the first in {self.line_of(faults.row)}: `{shortened(faults.text)}`",
            "correct the data or the declaration; words for missing values stand in null_words",
        )

    def column(self, name: str) -> pl.Series:
        """A whole column as expressions take it; raises DataError."""
        if self.texts:
            return self._text_column(name)
        parts = [
            self._loaded(collected(table.scan().select(name), table.path.name)[name], table.path.name)
            for table in self.tables
        ]
        return pl.concat(parts)

    def line_of(self, row: int) -> str:
        """Where a row (from 0, over all CSV files) is written: "line 5", with the file when there are several."""
        for text in self.texts:
            if row < text.records:
                where = f"line {text.line_of(row)}"
                return where if len(self.texts) == 1 else f"`{text.name}` {where}"
            row -= text.records
        return "the end"

    def bad_numbers(self, name: str) -> DataError | None:
        """Why a CSV column that should be numbers is not; None when it holds only numbers, or plain words."""
        if not self.texts or name not in self.names or self._is_doubled(name):
            return None
        text = self.raw_text(name)
        faults = values.numeric_faults(text, values.Notation.of(self.source.csv))
        if faults is None:
            return None
        cells = len(text) - text.null_count()
        if faults.count == cells and not any(mark.isdigit() for mark in faults.text):
            return None
        return DataError(
            "D14",
            f"column `{name}`: {faults.count} of {cells} cells are not numbers, "
            f"the first in {self.line_of(faults.row)}: `{shortened(faults.text)}`",
            number_hint(faults.text, decimal_comma=self.source.csv.decimal_comma),
        )

    def missing_column(self, name: str) -> DataError:
        """The error for a column that is not there, with what is there."""
        known = self.names
        shown = ", ".join(f"`{column}`" for column in known[:8]) + (", ..." if len(known) > 8 else "")
        hint = did_you_mean(name, known)
        spaced = next((column for column in known if column.strip() == name), "")
        if spaced:
            hint = f"write it with its spaces: `{spaced}`"
        if not hint and len(known) == 1 and self.texts:
            other = next((mark for mark in ";\t|," if mark in known[0] and mark != self.source.csv.delimiter), "")
            hint = f"if fields are separated by {other!r}: csv = {{ delimiter = {other!r} }}" if other else ""
        where = f" in `{Path(self.paths[0]).name}`" if len(self.paths) > 1 else ""
        return DataError("D12", f"column `{name}` not found{where}; found {shown}", hint)

    @property
    def time_type(self) -> pl.DataType:
        """The type of the time column as it is handed on."""
        if self.texts:
            return self._text_column(self.source.time).dtype
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
            if self.tables:
                self._common_type(name)
            self._facts = self._look()
        return self._facts

    def _look(self) -> Facts:
        tally = Tally(self.zones)
        for table in self.tables:
            if table.tally is None:
                table.tally = self._tally(table)
                table.is_fresh = table.is_settled
            tally.join(table.tally)
        if self.texts:
            tally.add(self._text_times())
            tally.notes |= dict.fromkeys(self._time_notes(self._text_times()))
        return tally.facts(self.rows)

    def _tally(self, table: ParquetFile) -> Tally:
        tally = Tally(self.zones)
        first = 0
        for piece in table.pieces(self.source.time):
            times = self._times(piece)
            table.look_at(first, times.days)
            first += len(piece)
            tally.add(times)
            tally.notes |= dict.fromkeys(self._time_notes(times))
        return tally

    def _times(self, column: pl.Series) -> LocalTimes:
        return local_times(column, self.zones, self.source.time_format)

    def _time_notes(self, times: LocalTimes) -> list[str]:
        notes = []
        if times.unreadable:
            faults = times.unreadable
            where = f"{self.line_of(faults.row)}: " if self.texts else ""
            notes.append(
                f"left out: {counted_rows(faults.count)} without a readable `{self.source.time}` "
                f"({where}`{shortened(faults.text)}`)"
            )
        missing = times.days.null_count() - times.implausible - (times.unreadable.count if times.unreadable else 0)
        if missing:
            notes.append(f"left out: {counted_rows(missing)} with an empty `{self.source.time}`")
        if times.implausible:
            notes.append(f"left out: {counted_rows(times.implausible)} with a time before 1900 or after 2199")
        if times.note:
            notes.append(times.note)
        return notes

    def read(self, columns: Sequence[str], start: int, end: int) -> pl.DataFrame:
        """The rows of the local days [start, end) with `DAY` (Int32) and the columns asked, typed.

        Raises DataError.
        """
        if self.texts:
            frame = self._all_text(columns)
            return _between(frame, start, end)
        parts = [
            _between(self._table_rows(table, columns, start, end), start, end)
            for table in self.tables
            if table.days is not None and table.days[0] < end and table.days[1] >= start
        ]
        if not parts:
            return self._empty(columns)
        return parts[0] if len(parts) == 1 else pl.concat(parts)

    def pieces(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """All rows in the files' order, also those without a time (`DAY` is null); a large file in pieces.

        Raises DataError.
        """
        if self.texts:
            yield self._all_text(columns)
        for table in self.tables:
            for first in range(0, table.rows, PIECE):
                yield self._slice(table, columns, first, PIECE)

    def _empty(self, columns: Sequence[str]) -> pl.DataFrame:
        types = {name: loaded_type(self._common_type(name)) for name in columns}
        return pl.DataFrame(schema={DAY: pl.Int32(), **types})

    def _all_text(self, columns: Sequence[str]) -> pl.DataFrame:
        days = self._text_times().days
        return pl.DataFrame([days.rename(DAY), *(self._text_column(name) for name in columns)])

    def _table_rows(self, table: ParquetFile, columns: Sequence[str], start: int, end: int) -> pl.DataFrame:
        """At least the rows of the days [start, end): in a file sorted by time no others are decoded."""
        return self._slice(table, columns, *table.rows_between(start, end))

    def _slice(self, table: ParquetFile, columns: Sequence[str], first: int, count: int) -> pl.DataFrame:
        """Some rows of a Parquet file in their order, with `DAY` (null without a time)."""
        known = [] if table.local is not None else [self.source.time]
        wanted = list(dict.fromkeys([*known, *columns]))
        query = table.scan().select(wanted).slice(first, count)
        frame = collected(query, table.path.name) if wanted else pl.DataFrame()
        days = self._times(frame[self.source.time]).days if table.local is None else table.local.slice(first, count)
        loaded = [self._loaded(frame[name], table.path.name) for name in columns]
        return pl.DataFrame([days.rename(DAY), *loaded])

    def _loaded(self, column: pl.Series, file: str) -> pl.Series:
        """A Parquet column as expressions take it: no NaN or infinity, categories as text, stamps on the wall clock."""
        target = loaded_type(self._common_type(column.name))
        if column.dtype.is_float():
            finite = column.is_finite()
            if not finite.all():
                count = int((~finite).sum())
                self.notes[f"`{column.name}` has {count} NaN or infinite values in `{file}`, taken as missing"] = None
                column = column.set(~finite, None)
        if column.name == self.source.time and column.dtype == pl.String:
            return wall(self._times(column).stamps, self.zones)
        if isinstance(column.dtype, pl.Datetime):
            return wall(column, self.zones).cast(target)
        return column if column.dtype == target else column.cast(target)


def wall(stamps: pl.Series, zones: Zones) -> pl.Series:
    """Dates as they are; stamps as microseconds on the project's wall clock, without a zone."""
    if not isinstance(stamps.dtype, pl.Datetime):
        return stamps
    return wall_clock(stamps, zones).dt.cast_time_unit("us")


def _between(frame: pl.DataFrame, start: int, end: int) -> pl.DataFrame:
    days = frame[DAY]
    low, high = days.min(), days.max()
    if isinstance(low, int) and isinstance(high, int) and low >= start and high < end and not days.null_count():
        return frame
    return frame.filter((pl.col(DAY) >= start) & (pl.col(DAY) < end))
