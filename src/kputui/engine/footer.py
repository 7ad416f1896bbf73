"""What the footer of a Parquet file tells without polars: its rows, when they are of, and its columns' numbers.

https://parquet.apache.org/docs/file-format/metadata/
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.engine import files
from kputui.engine.thrift import Reader
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
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


def row_groups(name: str, footer: bytes, time: str) -> tuple[RowGroup, ...]:
    """The row groups of the file `name` with the days of a column of dates or stamps, as its writer says.

    Raises DataError D06 when the footer can't be read.
    """
    column = time.encode()
    try:
        held = Reader(footer).struct(_ROW_GROUPS)
        element = next((one for one in _top_level(_structs(held[_SCHEMA])) if one.get(_NAME) == column), {})
        ticks = _ticks_a_day(element)
        return tuple(_row_group(one, column, ticks) for one in _structs(held.get(_ROW_GROUPS, [])))
    except (KeyError, IndexError, ValueError, RecursionError) as error:
        raise _damaged(name) from error


def _row_group(group: Mapping[int, Value], name: bytes, ticks: int | None) -> RowGroup:
    rows = group[_GROUP_ROWS]
    if not isinstance(rows, int) or rows < 0:
        raise ValueError("no number of rows")
    chunks = [about for chunk in _structs(group[_CHUNKS]) if isinstance(about := chunk.get(_CHUNK), dict)]
    bytes_ = [_bytes_of(about) for about in chunks]
    start, end = min((low for low, _ in bytes_), default=0), max((high for _, high in bytes_), default=0)
    for about in chunks:
        if about.get(_PATH) == [name]:
            bounds = about.get(_STATISTICS)
            low, high = (bounds.get(_MIN), bounds.get(_MAX)) if isinstance(bounds, dict) else (None, None)
            if ticks is not None and isinstance(low, bytes) and isinstance(high, bytes):
                first, last = (int.from_bytes(bound, "little", signed=True) // ticks for bound in (low, high))
                return RowGroup(rows, (first, last), start, end)
    return RowGroup(rows, None, start, end)


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
