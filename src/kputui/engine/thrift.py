"""Reading Thrift's compact protocol, in which the footers of Parquet files are written. No polars.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(13)
_CONTAINERS = frozenset({_LIST, _SET, _MAP})
_MAX_DEPTH = 32
_MOST_BITS = 70
_TOO_LONG = "a value is longer than what it stands in"

Value = int | bool | bytes | list["Value"] | dict[int, "Value"] | None
"""What is read: a struct as its fields by number; None for doubles and maps, which are passed over."""


class Reader:
    """Reads structs from bytes; raises IndexError or ValueError on what is none."""

    __slots__ = ("_at", "_data", "_depth")

    def __init__(self, data: bytes, at: int = 0) -> None:
        """Start at the byte `at`."""
        self._data = data
        self._at = at
        self._depth = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """The number and the kind of each field of a struct; a value that is not read meanwhile is passed over."""
        data = self._data
        number = 0
        while kind := (head := data[self._at]) & 0x0F:
            self._at += 1
            number = number + (head >> 4) if head >> 4 else self.number()
            before = self._at
            yield number, kind
            if self._at == before and kind > _FALSE:
                self._at = _after(data, before, kind)
        self._at += 1

    def size(self) -> tuple[int, int]:
        """How many elements a list has that `elements` goes through, and their kind."""
        size, kind, self._at = _list_head(self._data, self._at)
        return size, kind

    def elements(self, size: int, kind: int) -> Iterator[int]:
        """The place of each element of a list; one that is not read meanwhile is passed over."""
        for place in range(size):
            before = self._at
            yield place
            if self._at == before:
                self._at = _after(self._data, before, kind)

    def passed(self) -> bytes:
        """The bytes of a list, which is passed over."""
        before = self._at
        self._at = _after(self._data, before, _LIST)
        return self._data[before : self._at]

    def number(self) -> int:
        """A whole number with its sign."""
        found, self._at = _varint(self._data, self._at)
        return (found >> 1) ^ -(found & 1)

    def struct(self, last: int | None = None) -> dict[int, Value]:
        """The fields of a struct by number; of those after the field `last` none."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        found: dict[int, Value] = {}
        for number, kind in self.fields():
            found[number] = kind == _TRUE if kind <= _FALSE else self._value(kind)
            if number == last:
                break
        self._depth -= 1
        return found

    def _value(self, kind: int) -> Value:
        if _I16 <= kind <= _I64:
            return self.number()
        if kind == _BINARY:
            return self._binary()
        if kind == _STRUCT:
            return self.struct()
        if kind in {_LIST, _SET}:
            return self._list()
        if kind in {_TRUE, _FALSE, _BYTE}:  # in lists and maps a truth value takes a byte
            self._at += 1
            return self._data[self._at - 1]
        self._at = _after(self._data, self._at, kind, self._depth)
        return None

    def _binary(self) -> bytes:
        size, start = _varint(self._data, self._at)
        self._at = start + size
        if self._at > len(self._data):
            raise ValueError(_TOO_LONG)
        return self._data[start : self._at]

    def _list(self) -> list[Value]:
        size, kind, self._at = _list_head(self._data, self._at)
        return [self._value(kind) for _ in range(size)]


def _after(data: bytes, at: int, kind: int, depth: int = 0) -> int:
    """Where the value that begins at `at` ends: passing over it costs a fifth of reading it."""
    if _I16 <= kind <= _I64:
        while data[at] >= 0x80:
            at += 1
        return at + 1
    if kind == _STRUCT:
        return _after_struct(data, at, depth + 1)
    if kind in _CONTAINERS:
        return (_after_map if kind == _MAP else _after_list)(data, at, depth)
    if kind == _BINARY:
        size, at = _varint(data, at)
        at += size
    elif kind in {_TRUE, _FALSE, _BYTE}:  # in lists and maps a truth value takes a byte
        at += 1
    elif kind == _DOUBLE:
        at += 8
    else:
        raise ValueError("an unknown kind of field")
    if at > len(data):
        raise ValueError(_TOO_LONG)
    return at


def _after_struct(data: bytes, at: int, depth: int) -> int:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    while kind := (head := data[at]) & 0x0F:
        at += 1
        if head < 0x10:  # the field's number is written out
            at = _after(data, at, _I16)
        if _I16 <= kind <= _I64:  # as `_after` does: most of a footer's fields are numbers
            while data[at] >= 0x80:
                at += 1
            at += 1
        elif kind > _FALSE:
            at = _after(data, at, kind, depth)
    return at + 1


def _after_list(data: bytes, at: int, depth: int) -> int:
    size, kind, at = _list_head(data, at)
    for _ in range(size):
        at = _after(data, at, kind, depth + 1)
    return at


def _after_map(data: bytes, at: int, depth: int) -> int:
    size, at = _varint(data, at)
    if size:
        kinds = data[at]
        at += 1
        for _ in range(size):
            at = _after(data, at, kinds >> 4, depth + 1)
            at = _after(data, at, kinds & 0x0F, depth + 1)
    return at


def _list_head(data: bytes, at: int) -> tuple[int, int, int]:
    """A list's size, the kind of its elements, and where the first one begins."""
    size, kind = data[at] >> 4, data[at] & 0x0F
    if size < 15:
        return size, kind, at + 1
    size, at = _varint(data, at + 1)
    return size, kind, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number without a sign, and where it ends."""
    byte = data[at]
    at += 1
    found, shift = byte & 0x7F, 7
    while byte >= 0x80:
        byte = data[at]
        at += 1
        found |= (byte & 0x7F) << shift
        shift += 7
        if shift > _MOST_BITS:
            raise ValueError("a number is too long")
    return found, at
