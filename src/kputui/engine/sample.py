"""A data file described column by column, for making a first workspace from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import times
from kputui.engine.expression import Kind
from kputui.engine.listing import listed
from kputui.engine.opening import open_source
from kputui.errors import DataError
from kputui.model.ids import SourceId
from kputui.model.workspace import CsvOptions, Source

if TYPE_CHECKING:
    from pathlib import Path

Cell = str | float | int | bool | date | datetime

_SAMPLES = 5
_FORMATS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y")


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """One column: `kind` is None for a type that expressions can't read.

    `low` and `high` are the extremes of numbers, dates and time stamps. `looks_like_time`: dates or
    stamps, or text that one of the usual formats reads in full; `time_formats` are those formats
    (none for ISO; two when day and month can't be told apart).
    """

    name: str
    kind: Kind | None
    rows: int
    nulls: int
    distinct: int
    samples: tuple[Cell, ...] = ()
    low: Cell | None = None
    high: Cell | None = None
    looks_like_time: bool = False
    time_formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileSample:
    """A file's columns in order; `csv` is how a CSV file is written."""

    rows: int
    columns: tuple[ColumnSample, ...]
    csv: CsvOptions


def describe(path: Path, csv: CsvOptions | None = None) -> FileSample:
    """The columns of one data file, with kinds, extremes, distinct counts and samples.

    Without `csv` the delimiter is found by trying comma, semicolon, tab and bar, and the decimal comma
    by whether it makes more columns numbers. Raises DataError when the file can't be read.
    """
    if csv is not None or path.name.casefold().endswith(".parquet"):
        return _described(path, csv or CsvOptions())
    tried: list[FileSample] = []
    refused: list[DataError] = []
    for delimiter in (",", ";", "\t", "|"):
        for decimal_comma in (False, True) if delimiter != "," else (False,):
            try:
                tried.append(_described(path, CsvOptions(delimiter, decimal_comma)))
            except DataError as error:
                refused.append(error)
    if not tried:
        raise refused[0]
    best = max(tried, key=lambda sample: (len(sample.columns), _numeric(sample)))
    if len(best.columns) == 1 and refused:
        raise refused[0]
    return best


def _numeric(sample: FileSample) -> int:
    return sum(column.kind is Kind.NUMBER for column in sample.columns)


def _described(path: Path, csv: CsvOptions) -> FileSample:
    real = path.resolve()
    source = Source(SourceId("sample"), real.name, "", csv=csv)
    opened = open_source(source, listed(source, str(real.parent)), "UTC")
    if not opened.rows:
        raise DataError("D09", f"`{path.name}` has no rows")
    opened.preload(opened.names)
    columns = []
    for name in dict.fromkeys(opened.names):
        try:
            columns.append(_column(name, opened.column(name), opened.kind(name)))
        except DataError as error:
            if error.code != "D13":
                raise
    return FileSample(opened.rows, tuple(columns), csv)


def _column(name: str, column: pl.Series, kind: Kind | None) -> ColumnSample:
    present = column.drop_nulls()
    if kind is None:
        return ColumnSample(name, None, len(column), column.null_count(), 0)
    ordered = kind in {Kind.NUMBER, Kind.DATE, Kind.TIMESTAMP} and not present.is_empty()
    formats = _formats(present) if kind in {Kind.TEXT, Kind.NUMBER} else ()
    return ColumnSample(
        name=name,
        kind=kind,
        rows=len(column),
        nulls=column.null_count(),
        distinct=present.n_unique(),
        samples=tuple(present.unique(maintain_order=True).head(_SAMPLES).to_list()),
        low=_cell(present.min()) if ordered else None,
        high=_cell(present.max()) if ordered else None,
        looks_like_time=kind in {Kind.DATE, Kind.TIMESTAMP} or bool(formats),
        time_formats=formats,
    )


def _cell(value: object) -> Cell | None:
    if isinstance(value, str | float | int | bool | date | datetime):
        return value
    return None if value is None else float(str(value))


def _formats(present: pl.Series) -> tuple[str, ...]:
    """The usual formats that read every cell as a date between 1950 and 2100."""
    if present.is_empty() or present.dtype.is_float():
        return ()
    text = present.cast(pl.String)
    head = text.head(50)
    return tuple(shape for shape in _FORMATS if _reads(head, shape) and _reads(text, shape))


def _reads(text: pl.Series, shape: str) -> bool:
    try:
        days = times.local_times(text, times.Zones("UTC", "UTC"), shape).days
    except DataError:
        return False
    low, high = days.min(), days.max()
    if days.null_count() or not isinstance(low, int) or not isinstance(high, int):
        return False
    return low >= _FIRST and high < _LAST


_FIRST = (date(1950, 1, 1) - date(1970, 1, 1)).days
_LAST = (date(2100, 1, 1) - date(1970, 1, 1)).days
