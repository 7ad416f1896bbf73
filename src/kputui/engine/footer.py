"""What the footer of a Parquet file tells without polars: its rows, when they are of, and its columns' numbers.

https://parquet.apache.org/docs/file-format/metadata/
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kputui.engine import files
from kputui.engine.thrift import Reader
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kputui.engine.thrift import Value

_MAGIC = b"PAR1"
_TAIL = 8
_MAX_FOOTER = 64 * 2**20
_AT_ONCE = 32 * 2**10

_SCHEMA, _ROWS, _ROW_GROUPS = 2, 3, 4  # of the file
_NAME, _CHILDREN, _CONVERTED, _ID, _LOGICAL = 4, 5, 6, 9, 10  # of an element of the schema
_CHUNKS, _GROUP_ROWS = 1, 3  # of a row group
_CHUNK, _PATH, _SIZE, _DATA_AT, _WORDS_AT, _STATISTICS = 3, 3, 7, 9, 11, 12  # of a column chunk
_MAX, _MIN = 5, 6  # of statistics; 1 and 2 are older ones, whose order is not sure
_DATE, _MILLIS, _MICROS = 6, 9, 10  # of converted types
_LOGICAL_TIMESTAMP, _LOGICAL_DATE, _UNIT = 8, 6, 2
_TICKS_A_DAY: Mapping[int, int] = {1: 86_400_000, 2: 86_400_000_000, 3: 86_400_000_000_000}


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Neighbouring rows of a file: their number, the range of their days in UTC, None where it is not told.

    Their bytes are among those of [`start`, `end`).
    """

    rows: int
    days: tuple[int, int] | None
    start: int = 0
    end: int = 0


def row_count(data: bytes) -> int | None:
    """The rows of a file with these bytes; None when its footer can't be read here."""
    length = int.from_bytes(data[-_TAIL:-4], "little")
    try:
        rows = Reader(data[len(data) - _TAIL - length : -_TAIL]).struct(_ROWS).get(_ROWS)
    except (IndexError, ValueError, RecursionError):
        return None
    return rows if isinstance(rows, int) and not isinstance(rows, bool) and rows >= 0 else None


def names_by_id(path: Path) -> Mapping[int, str]:
    """The names of a file's top-level columns by their field ids; raises DataError D02-D04, D06."""
    footer, _ = _read(path)
    found: dict[int, str] = {}
    try:
        for one in _top_level(_structs(Reader(footer).struct(_SCHEMA)[_SCHEMA])):
            name, number = one.get(_NAME), one.get(_ID)
            if isinstance(name, bytes) and isinstance(number, int):
                found[number] = name.decode()
    except (KeyError, IndexError, ValueError, RecursionError) as error:
        raise _damaged(path.name) from error
    return found


def footer_of(path: Path, stamp: files.FileStamp) -> bytes:
    """The footer of a file in the state of the stamp; raises DataError D02-D04, D06, D08 when it is in another."""
    footer, status = _read(path)
    seen = files.stamp_from(path, status)
    if (seen.size, seen.mtime_ns, seen.inode) != (stamp.size, stamp.mtime_ns, stamp.inode):
        raise files.rewritten(path.name)
    return footer


def row_groups(name: str, footer: bytes, time: str, *, with_bytes: bool = True) -> tuple[RowGroup, ...]:
    """The row groups of the file `name` with the days of a column of dates or stamps, as its writer says.

    Without bytes these are told as [0, 0), which costs a fifth where there is one row group.
    Raises DataError D06 when the footer can't be read.
    """
    try:
        return tuple(_row_groups(footer, time.encode(), with_bytes=with_bytes))
    except (KeyError, IndexError, ValueError, RecursionError) as error:
        raise _damaged(name) from error


def _row_groups(footer: bytes, name: bytes, *, with_bytes: bool) -> Iterator[RowGroup]:
    rows, column = -1, None
    reader = Reader(footer)
    for number, _ in reader.fields():
        if number == _SCHEMA:
            column = _column_in(reader.passed(), name)
        elif number == _ROWS:
            rows = reader.number()
        elif number == _ROW_GROUPS:
            if column is None:
                raise ValueError("no schema")
            size, kind = reader.size()
            if size == 1 and not with_bytes and rows >= 0:
                yield RowGroup(rows, _days_alone(reader, column))
            else:
                yield from (_row_group(reader, column, with_bytes=with_bytes) for _ in reader.elements(size, kind))
            return


@dataclass(frozen=True, slots=True)
class _Column:
    """A column by its name: its place among the columns of a row group, and the ticks a day of its times."""

    name: bytes
    place: int | None
    ticks: int | None


@lru_cache(maxsize=64)  # the files of a source are alike
def _column_in(schema: bytes, name: bytes) -> _Column:
    """A top-level column of a schema, the list as it is written."""
    reader = Reader(schema)
    listed = [reader.struct() for _ in reader.elements(*reader.size())]
    element = next((one for one in _top_level(listed) if one.get(_NAME) == name), None)
    if element is None:
        return _Column(name, None, None)
    leaves = [one for one in listed if not one.get(_CHILDREN)]
    place = next((number for number, one in enumerate(leaves) if one is element), None)
    return _Column(name, place, _ticks_a_day(element))


def _days_alone(reader: Reader, column: _Column) -> tuple[int, int] | None:
    """The days of a column in a row group of which nothing more is read."""
    for number, _ in reader.fields():
        if number == _CHUNKS:
            for place in reader.elements(*reader.size()):
                if place == column.place:
                    return _days_of(reader.struct(_CHUNK), column)
    return None


def _row_group(reader: Reader, column: _Column, *, with_bytes: bool) -> RowGroup:
    rows, days = -1, None
    spans: list[tuple[int, int]] = []
    for number, _ in reader.fields():
        if number == _CHUNKS:
            for place in reader.elements(*reader.size()):
                if place == column.place or with_bytes:
                    chunk = reader.struct()
                    spans += [_bytes_of(about)] if isinstance(about := chunk.get(_CHUNK), dict) else []
                    days = _days_of(chunk, column) if place == column.place else days
        elif number == _GROUP_ROWS:
            rows = reader.number()
    if rows < 0:
        raise ValueError("no number of rows")
    if not with_bytes:
        return RowGroup(rows, days)
    return RowGroup(rows, days, min((low for low, _ in spans), default=0), max((high for _, high in spans), default=0))


def _days_of(chunk: Mapping[int, Value], column: _Column) -> tuple[int, int] | None:
    """The first and the last day in a chunk of the column, if its statistics tell them."""
    about = chunk.get(_CHUNK)
    if not isinstance(about, dict) or about.get(_PATH) != [column.name] or column.ticks is None:
        return None
    bounds = about.get(_STATISTICS)
    low, high = (bounds.get(_MIN), bounds.get(_MAX)) if isinstance(bounds, dict) else (None, None)
    if not isinstance(low, bytes) or not isinstance(high, bytes):
        return None
    first, last = (int.from_bytes(bound, "little", signed=True) // column.ticks for bound in (low, high))
    return first, last


def _bytes_of(chunk: Mapping[int, Value]) -> tuple[int, int]:
    """Where the pages of a column chunk begin, and where they end."""
    places = [place for key in (_DATA_AT, _WORDS_AT) if isinstance(place := chunk.get(key), int) and place > 0]
    size = chunk[_SIZE]
    if not places or not isinstance(size, int):
        raise ValueError("no place of a column")
    return min(places), min(places) + size


def _ticks_a_day(element: Mapping[int, Value]) -> int | None:
    """How many of the units, in which a column of times is written, a day has; None for other columns."""
    logical, converted = element.get(_LOGICAL), element.get(_CONVERTED)
    if isinstance(logical, dict):
        if _LOGICAL_DATE in logical:
            return 1
        stamp = logical.get(_LOGICAL_TIMESTAMP)
        unit = stamp.get(_UNIT) if isinstance(stamp, dict) else None
        return _TICKS_A_DAY.get(next(iter(unit), 0)) if isinstance(unit, dict) else None
    known = {_DATE: 1, _MILLIS: _TICKS_A_DAY[1], _MICROS: _TICKS_A_DAY[2]}
    return known.get(converted) if isinstance(converted, int) else None


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    """The bytes of a file's footer, and its state; raises DataError D02-D04, D06."""
    try:
        with os.fdopen(files.open_regular(path), "rb", buffering=0) as opened:
            status = os.fstat(opened.fileno())
            size = status.st_size
            opened.seek(max(0, size - _AT_ONCE))
            end = opened.read(_AT_ONCE)
            length = int.from_bytes(end[-_TAIL:-4], "little")
            if end[-4:] != _MAGIC or length > min(size - _TAIL, _MAX_FOOTER):
                raise _damaged(path.name)
            if length + _TAIL > len(end):
                opened.seek(size - _TAIL - length)
                end = opened.read(length + _TAIL)
    except OSError as error:
        raise files.system_error(str(path), error) from error
    return end[len(end) - _TAIL - length : -_TAIL], status


def _damaged(name: str) -> DataError:
    return DataError("D06", f"`{name}` is damaged: its footer can't be read", "write the file again")


def _structs(value: Value) -> list[dict[int, Value]]:
    if not isinstance(value, list):
        raise ValueError("no list")  # noqa: TRY004 - of what is wrong with a file
    found = [one for one in value if isinstance(one, dict)]
    if len(found) < len(value):
        raise ValueError("no list of structs")
    return found


def _top_level(elements: list[dict[int, Value]]) -> list[dict[int, Value]]:
    """The elements right under the root: the schema is listed depth first, each with its number of children."""
    found = []
    at = 1
    while at < len(elements):
        found.append(elements[at])
        open_places = 1
        while open_places:
            children = elements[at].get(_CHILDREN, 0)
            open_places += (children if isinstance(children, int) else 0) - 1
            at += 1
    return found
