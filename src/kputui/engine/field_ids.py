"""The numbers that a Parquet file gives its columns: tables that rename columns find them by these. No polars.

The footer is read as the Parquet format defines it: Thrift's compact protocol, of which the schema is the
second field (https://parquet.apache.org/docs/file-format/metadata/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MAGIC = b"PAR1"
_MAX_FOOTER = 64 * 2**20
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12
_SCHEMA, _NAME, _CHILDREN, _ID = 2, 4, 5, 9
_INTEGERS = frozenset({4, 5, 6})
_MAX_DEPTH = 32


def names_by_id(path: Path) -> Mapping[int, str]:
    """The names of a file's top-level columns by their field ids; raises DataError D04, D06."""
    try:
        with path.open("rb") as opened:
            size = opened.seek(0, 2)
            opened.seek(max(0, size - 8))
            tail = opened.read(8)
            length = int.from_bytes(tail[:4], "little")
            if tail[4:] != _MAGIC or length > min(size - 8, _MAX_FOOTER):
                raise _damaged(path)
            opened.seek(size - 8 - length)
            footer = opened.read(length)
    except OSError as error:
        raise DataError("D04", f"`{path.name}` cannot be read: {error.strerror}") from error
    try:
        return _top_level(_Reader(footer).schema())
    except (IndexError, ValueError, RecursionError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> DataError:
    return DataError("D06", f"`{path.name}` is damaged: its footer can't be read", "write the file again")


def _top_level(elements: list[dict[int, object]]) -> Mapping[int, str]:
    """The elements right under the root: the schema is listed depth first, each with its number of children."""
    found: dict[int, str] = {}
    at = 1
    while at < len(elements):
        one = elements[at]
        name, number = one.get(_NAME), one.get(_ID)
        if isinstance(name, bytes) and isinstance(number, int):
            found[number] = name.decode()
        open_places = 1
        while open_places:
            children = elements[at].get(_CHILDREN, 0)
            open_places += (children if isinstance(children, int) else 0) - 1
            at += 1
    return found


class _Reader:
    """Reads Thrift's compact protocol from bytes; raises IndexError or ValueError on what is none."""

    def __init__(self, data: bytes) -> None:
        """Start at the first byte."""
        self._data = data
        self._at = 0

    def schema(self) -> list[dict[int, object]]:
        """The schema's elements: the wanted fields of each by number."""
        number = 0
        while True:
            number, kind = self._field(number)
            if kind == _STOP:
                raise ValueError("no schema")
            if number == _SCHEMA and kind == _LIST:
                size, of = self._list()
                if of != _STRUCT:
                    raise ValueError("the schema is no list of structs")
                return [self._struct() for _ in range(size)]
            self._value(kind, 0)

    def _byte(self) -> int:
        found = self._data[self._at]
        self._at += 1
        return found

    def _varint(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7

    def _zigzag(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)

    def _field(self, last: int) -> tuple[int, int]:
        """The number and the kind of the next field; the kind is _STOP at the end."""
        head = self._byte()
        kind = head & 0x0F
        if kind == _STOP:
            return last, _STOP
        step = head >> 4
        return (last + step if step else self._zigzag()), kind

    def _list(self) -> tuple[int, int]:
        head = self._byte()
        size = head >> 4
        return (self._varint() if size == 15 else size), head & 0x0F

    def _struct(self, depth: int = 0) -> dict[int, object]:
        found: dict[int, object] = {}
        number = 0
        while True:
            number, kind = self._field(number)
            if kind == _STOP:
                return found
            found[number] = self._value(kind, depth + 1)

    def _binary(self) -> bytes:
        size = self._varint()
        if size > len(self._data) - self._at:
            raise ValueError("a text is longer than the footer")
        self._at += size
        return self._data[self._at - size : self._at]

    def _value(self, kind: int, depth: int) -> object:
        """A field's value: whole numbers and bytes; None for the rest, which is passed over."""
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        if kind in _INTEGERS:
            return self._zigzag()
        if kind == _BINARY:
            return self._binary()
        self._pass(kind, depth)
        return None

    def _pass(self, kind: int, depth: int) -> None:
        if kind == _BYTE:
            self._byte()
        elif kind == _DOUBLE:
            self._at += 8
        elif kind == _STRUCT:
            self._struct(depth)
        elif kind in {_LIST, _SET}:
            size, of = self._list()
            for _ in range(size):
                self._element(of, depth + 1)
        elif kind == _MAP:
            self._map(depth)
        elif kind not in {_TRUE, _FALSE}:
            raise ValueError("an unknown kind of field")

    def _element(self, kind: int, depth: int) -> None:
        """Pass over an element of a list, a set or a map, where a truth value takes a byte."""
        if kind in {_TRUE, _FALSE}:
            self._byte()
        else:
            self._value(kind, depth)

    def _map(self, depth: int) -> None:
        size = self._varint()
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._element(kinds >> 4, depth + 1)
            self._element(kinds & 0x0F, depth + 1)
