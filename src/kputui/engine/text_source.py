"""A source of CSV files that are read whole, as text: for telling what is wrong with them, and on which line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import values
from kputui.engine.expression.to_polars import kind_of
from kputui.engine.facts import Facts, Tally
from kputui.engine.source import DAY, OpenSource, between, wall
from kputui.engine.wording import undeclared, wrong_numbers
from kputui.errors import DataError, did_you_mean
from kputui.model.workspace import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kputui.engine.csv_file import CsvText
    from kputui.engine.expression import Kind
    from kputui.engine.times import LocalTimes


@dataclass(slots=True)
class TextSource(OpenSource):
    """The texts of a source's CSV files, all cells of the columns that are needed in memory."""

    texts: list[CsvText] = field(default_factory=list)
    _typed: dict[str, pl.Series] = field(default_factory=dict)
    _raw: dict[str, pl.Series] = field(default_factory=dict)
    _local: LocalTimes | None = None

    @property
    def is_csv(self) -> bool:
        """They are."""
        return True

    @property
    def is_whole(self) -> bool:
        """They are read whole."""
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the first file."""
        return self.texts[0].names

    @property
    def rows(self) -> int:
        """All rows of all files."""
        return sum(text.records for text in self.texts)

    @property
    def time_type(self) -> pl.DataType:
        """The type of the time column as it is handed on."""
        return self._text_column(self.source.time).dtype

    def kind(self, name: str) -> Kind | None:
        """What a column holds; raises DataError D13 for a doubled name, D17 when a file lacks it, D30."""
        return kind_of(self._text_column(name).dtype)

    def type_of(self, name: str) -> pl.DataType:
        """The type in which a column is handed on."""
        return self._text_column(name).dtype

    def _is_doubled(self, name: str) -> bool:
        return any(Counter(text.header)[name] > 1 for text in self.texts)

    def preload(self, names: Iterable[str]) -> None:
        """Read these CSV columns in one pass; names that are not there, or not in every file, are passed over."""
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
                check_column(name, text.name, text.header, text.names)
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
        raise undeclared(text.name, kind.value, faults, cells, self.line_of(faults.row))

    def column(self, name: str) -> pl.Series:
        """A whole column as expressions take it; raises DataError."""
        return self._text_column(name)

    def where(self, row: int, day: int | None) -> str:
        """The line of a row, in words."""
        _ = day
        return f"in {self.line_of(row)}"

    def _place_of(self, row: int) -> str:
        return f"{self.line_of(row)}: "

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
        if name not in self.names or self._is_doubled(name):
            return None
        text = self.raw_text(name)
        faults = values.numeric_faults(text, values.Notation.of(self.source.csv))
        return wrong_numbers(name, faults, len(text) - text.null_count(), self.line_of, self.source.csv)

    def _look(self) -> Facts:
        tally = Tally(self.zones)
        tally.add(self._text_times())
        self._note(tally, self._text_times())
        return tally.facts(self.rows)

    def read(self, columns: Sequence[str], start: int, end: int) -> pl.DataFrame:
        """The rows of the local days [start, end) with `DAY` and the columns asked, typed; raises DataError."""
        return between(self._all_text(columns), start, end)

    def pieces(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """All rows at once, also those without a time (`DAY` is null); raises DataError."""
        yield self._all_text(columns)

    def _all_text(self, columns: Sequence[str]) -> pl.DataFrame:
        days = self._text_times().days
        return pl.DataFrame([days.rename(DAY), *(self._text_column(name) for name in columns)])


def check_column(name: str, file: str, header: Sequence[str], names: Sequence[str]) -> None:
    """Raise DataError D17 when a CSV file lacks a column, D13 when its header has it twice."""
    if name not in names:
        raise DataError("D17", f"`{file}` has no column `{name}`", did_you_mean(name, names))
    if header.count(name) > 1:
        raise DataError("D13", f"`{file}`: the header has `{name}` twice", "give each its own name")
