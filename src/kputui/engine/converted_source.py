"""A source of converted CSV files: its columns are read like those of Parquet, its types are what all cells are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import csv_faults, files, values
from kputui.engine.csv_part import line_of
from kputui.engine.csv_piece import TimeLook, dtype_of, form_of, time_look
from kputui.engine.expression.to_polars import kind_of
from kputui.engine.parquet_file import ParquetFile, loaded_type
from kputui.engine.source import OpenSource
from kputui.engine.text_source import check_column
from kputui.engine.times import midnights_note
from kputui.engine.values import Faults, Notation, Shape, joined
from kputui.engine.wording import no_times, undeclared, wrong_numbers
from kputui.errors import DataError
from kputui.model.workspace import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kputui.engine.conversions import Conversions
    from kputui.engine.csv_conversion import Conversion
    from kputui.engine.csv_section import Section
    from kputui.engine.expression import Kind
    from kputui.engine.facts import Facts, Tally
    from kputui.engine.files import FileStamp
    from kputui.engine.text_source import TextSource
    from kputui.engine.times import LocalTimes

_TIMES = (Shape.DATE, Shape.STAMP, Shape.INSTANT)
_DECLARED: Mapping[ColumnKind, frozenset[Shape]] = {
    ColumnKind.TEXT: frozenset(Shape),
    ColumnKind.NUMBER: frozenset({Shape.WHOLE, Shape.NAMES, Shape.NUMBER}),
    ColumnKind.BOOLEAN: frozenset({Shape.BOOLEAN}),
    ColumnKind.DATE: frozenset({Shape.DATE}),
    ColumnKind.TIMESTAMP: frozenset({Shape.STAMP, Shape.INSTANT}),
}


@dataclass(slots=True)
class CsvTable(ParquetFile):
    """A section of a converted CSV file. Its stamp tells nothing but its bytes, so it is always settled."""

    conversion: Conversion = field(kw_only=True)
    section: Section = field(kw_only=True)

    def _rows(self) -> pl.LazyFrame:
        return self.conversion.scan(self.section)

    @property
    def is_joinable(self) -> bool:
        """Each section is read by itself, and made again when it is lost."""
        return False

    def is_unchanged(self) -> bool:
        """Its rows are those of its bytes, whatever became of the file."""
        return True


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A converted file with the columns that the names of its folders give."""

    conversion: Conversion
    folders: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of its header, then those of its folders."""
        header = self.conversion.layout.header
        return (*header, *(name for name in self.folders if name not in header))

    def cell(self, name: str) -> pl.Series:
        """The one cell, as text, of a column that a folder gives."""
        return pl.Series(name, [self.folders[name]], dtype=pl.String)


@dataclass(slots=True)
class ConvertedSource(OpenSource):
    """The converted files of a source; `reread` opens them as text, to tell what is wrong and where.

    `known` are sections that were looked at before, by their stamps.
    """

    csv_files: tuple[CsvFile, ...] = field(kw_only=True)
    reread: Callable[[], TextSource] = field(kw_only=True)
    known: Mapping[FileStamp, ParquetFile] = field(kw_only=True)
    _looks: list[TimeLook] = field(default_factory=list)
    _time_form: Shape = Shape.EMPTY

    def __post_init__(self) -> None:
        """Make a table of each section."""
        for file in self.csv_files:
            for section in file.conversion.all_sections:
                path = file.conversion.path
                table = CsvTable(path, None, section.records, {}, conversion=file.conversion, section=section)
                table.read_ns = self.read_ns
                self.tables.append(table)

    @property
    def is_csv(self) -> bool:
        """They are."""
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the first file."""
        return self.csv_files[0].names

    def verify(self, conversions: Conversions) -> bool:
        """Whether the files still are what was converted; `conversions` forget those that are not."""
        wrong = [file.conversion for file in self.csv_files if not file.conversion.verify()]
        for conversion in wrong:
            conversions.forget(conversion)
        return not wrong

    def kind(self, name: str) -> Kind | None:
        """What a column holds; raises DataError D13 for a doubled name, D17 when a file lacks it, D30."""
        return kind_of(loaded_type(self._common_type(name)))

    def _widest_type(self, name: str) -> pl.DataType:
        for file in self.csv_files:
            check_column(name, file.conversion.path.name, file.conversion.layout.header, file.names)
        if name == self.source.time:
            return self._time_type(name)
        declared = dict(self.source.columns).get(name)
        shape = joined(shape for file in self.csv_files for shape in self._shapes(file, name))
        if declared is not None and shape not in {*_DECLARED[declared], Shape.EMPTY}:
            self._explain(lambda text: text.kind(name), lambda: self._undeclared(name))
        form = form_of(shape, declared)
        self._put_in_form(name, form)
        return dtype_of(form, declared)

    def _shapes(self, file: CsvFile, name: str) -> list[Shape]:
        sections = file.conversion.all_sections
        if name in file.conversion.layout.header:
            return [section.shapes[name] for section in sections]
        return [self._folder_cell(file, name)[0]] if any(section.records for section in sections) else []

    def _folder_cell(self, file: CsvFile, name: str) -> tuple[Shape, pl.Series]:
        return values.shaped(file.cell(name), Notation.of(self.source.csv))

    def _put_in_form(self, name: str, form: Shape) -> None:
        for file in self.csv_files:
            if name in file.conversion.layout.header:
                file.conversion.in_form(name, form)
                continue
            cell = file.cell(name)
            if form is not Shape.TEXT:
                cell = self._folder_cell(file, name)[1].cast(dtype_of(form))
            self._add_constant(file, cell)

    def _add_constant(self, file: CsvFile, cell: pl.Series) -> None:
        for table in self._csv_tables():
            if table.conversion is file.conversion:
                table.constants = (*table.constants, cell)

    def _csv_tables(self) -> list[CsvTable]:
        return [table for table in self.tables if isinstance(table, CsvTable)]

    def _time_type(self, name: str) -> pl.DataType:
        """The kind of time that most cells of all files are; raises DataError D15 when half of them are not."""
        looks = [self._look_of(table, name) for table in self._csv_tables()]
        fits: Counter[Shape] = Counter()
        for look in looks:
            fits.update(look.fits)
        cells = sum(look.cells for look in looks)
        form = max(_TIMES, key=lambda shape: fits[shape])
        if (cells - fits[form]) * 2 >= cells > 0 and fits[form] < cells:
            first = next((look.text for look in looks if look.fits.get(form, 0) < look.cells), "")
            count = cells - fits[form]
            told = no_times(name, self.source.time_format, count, cells, first)
            self._explain(lambda text: text.facts(), lambda: told)
        for file in self.csv_files:
            if name in file.conversion.layout.header:
                file.conversion.in_form(name, form)
            else:
                self._add_constant(file, time_look(file.cell(name), self.source.time_format, None, form)[0])
        self._looks = [self._look_of(table, name) for table in self._csv_tables()]
        self._time_form = form
        return dtype_of(form)

    def _look_of(self, table: CsvTable, name: str) -> TimeLook:
        if table.section.look is not None:
            return table.section.look
        file = next(file for file in self.csv_files if file.conversion is table.conversion)
        if name in file.conversion.layout.header or not table.rows:
            return TimeLook()
        look = time_look(file.cell(name), self.source.time_format, None, None)[1]
        look.cells *= table.rows
        look.fits = {shape: count * table.rows for shape, count in look.fits.items()}
        return look

    def _explain(self, ask: Callable[[TextSource], object], told: Callable[[], DataError | None]) -> None:
        """Raise what the text has to say; of files that are too large to be read whole, what is `told`."""
        if (text := self._reread()) is not None:
            ask(text)
        elif (error := told()) is not None:
            raise error
        raise files.rewritten(self.source.path)

    def _reread(self) -> TextSource | None:
        """The files as text, None where they are too large for that; raises DataError."""
        try:
            return self.reread()
        except DataError as error:
            if error.code != "D07":
                raise
            return None

    def _wrong_cells(self, name: str, kind: ColumnKind) -> tuple[Faults | None, int | None]:
        return csv_faults.wrong_cells(self.csv_files, name, kind, _DECLARED[kind], Notation.of(self.source.csv))

    def _undeclared(self, name: str) -> DataError | None:
        kind = dict(self.source.columns)[name]
        faults, cells = self._wrong_cells(name, kind)
        if faults is None:
            return None
        told = None
        if kind is ColumnKind.NUMBER:
            told = wrong_numbers(name, faults, cells, self.line_of, self.source.csv)
        return told or undeclared(name, kind.value, faults, cells, self.line_of(faults.row))

    def _look(self) -> Facts:
        self._common_type(self.source.time)
        for table in self._csv_tables():
            table.stamp = table.section.stamp(str(table.path), self.source.time)
            before = self.known.get(table.stamp)
            if before is not None:
                table.tally, table.days, table.is_sorted = before.tally, before.days, before.is_sorted
                table.first_rows = before.first_rows
        found = OpenSource._look(self)  # noqa: SLF001 - of its own class
        return replace(found, notes=(*found.notes, *self._left_out(found)))

    def _note(self, tally: Tally, times: LocalTimes) -> None:
        tally.implausible += times.implausible

    def _left_out(self, found: Facts) -> list[str]:
        """What is to be said of the time column of all files together."""
        unreadable = sum(look.cells - look.fits.get(self._time_form, 0) for look in self._looks)
        faults = None
        first = 0
        for table, look in zip(self.tables, self._looks, strict=True):
            if look.cells > look.fits.get(self._time_form, 0):
                faults = Faults(unreadable, first + look.row, look.text)
                break
            first += table.rows
        implausible = sum(table.tally.implausible for table in self.tables if table.tally is not None)
        there = [look for look in self._looks if look.cells]
        note = ""
        if there and not found.is_dated and all(look.are_midnights for look in there):
            note = midnights_note(self.source.time, there[0].first, self.zones)
        return self._time_notes(faults, found.no_time - implausible - unreadable, implausible, note)

    def _slice(self, table: ParquetFile, first: int, count: int, columns: Sequence[str]) -> pl.DataFrame:
        for name in columns:
            self._common_type(name)  # which may put the column in another form
        try:
            return OpenSource._slice(self, table, first, count, columns)  # noqa: SLF001 - of its own class
        except DataError as error:
            if error.code != "D06" or not isinstance(table, CsvTable):
                raise
            table.section.lose()
            return OpenSource._slice(self, table, first, count, columns)  # noqa: SLF001 - of its own class

    def column(self, name: str) -> pl.Series:
        """A whole column as expressions take it; raises DataError."""
        self._common_type(name)
        return OpenSource.column(self, name)

    def bad_numbers(self, name: str) -> DataError | None:
        """Why a column that should be numbers is not; None when it holds only numbers, or plain words."""
        if (text := self._reread()) is not None:
            return text.bad_numbers(name)
        if name not in self.names:
            return None
        return wrong_numbers(name, *self._wrong_cells(name, ColumnKind.NUMBER), self.line_of, self.source.csv)

    def where(self, row: int, day: int | None) -> str:
        """The line of a row, in words."""
        _ = day
        return f"in {self.line_of(row)}"

    def _place_of(self, row: int) -> str:
        return f"{self.line_of(row)}: "

    def line_of(self, row: int) -> str:
        """Where a row (from 0, over all files) is written: "line 5", with the file when there are several."""
        record = row
        for file in self.csv_files:
            records = sum(section.records for section in file.conversion.all_sections)
            if record < records:
                line = line_of(file.conversion, record)
                return f"line {line}" if len(self.csv_files) == 1 else f"`{file.conversion.path.name}` line {line}"
            record -= records
        return "the end"
