"""Reading Thrift's compact protocol, in which the footers of Parquet files are written. No polars.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(13)
_MAX_DEPTH = 32
_MOST_BITS = 70

Value = int | bool | bytes | list["Value"] | dict[int, "Value"] | None
"""What is read: a struct as its fields by number; None for doubles and maps, which are passed over."""


class Reader:
    """Reads structs from bytes; raises IndexError or ValueError on what is none."""

    __slots__ = ("_at", "_data", "_depth")

    def __init__(self, data: bytes) -> None:
        """Start at the first byte."""
        self._data = data
        self._at = 0
        self._depth = 0

    def struct(self, last: int | None = None) -> dict[int, Value]:
        """The fields of a struct by number; of those after the field `last` none."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        data = self._data
        found: dict[int, Value] = {}
        number = 0
        while number != last:
            head = data[self._at]
            self._at += 1
            kind = head & 0x0F
            if kind == _STOP:
                break
            step = head >> 4
            number = number + step if step else self._zigzag()
            found[number] = kind == _TRUE if kind <= _FALSE else self._value(kind)
        self._depth -= 1
        return found

    def _varint(self) -> int:
        data, at = self._data, self._at
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
        self._at = at
        return found

    def _zigzag(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)

    def _value(self, kind: int) -> Value:
        if _I16 <= kind <= _I64:
            return self._zigzag()
        if kind == _BINARY:
            return self._binary()
        if kind == _STRUCT:
            return self.struct()
        if kind in {_LIST, _SET}:
            return self._list()
        if kind in {_TRUE, _FALSE, _BYTE}:  # in lists and maps a truth value takes a byte
            self._at += 1
            return self._data[self._at - 1]
        if kind == _DOUBLE:
            self._pass(8)
        elif kind == _MAP:
            self._pass_map()
        else:
            raise ValueError("an unknown kind of field")
        return None

    def _binary(self) -> bytes:
        size = self._varint()
        self._pass(size)
        return self._data[self._at - size : self._at]

    def _pass(self, size: int) -> None:
        self._at += size
        if self._at > len(self._data):
            raise ValueError("a value is longer than what it stands in")

    def _list(self) -> list[Value]:
        head = self._data[self._at]
        self._at += 1
        size = head >> 4
        if size == 15:
            size = self._varint()
        kind = head & 0x0F
        return [self._value(kind) for _ in range(size)]

    def _pass_map(self) -> None:
        size = self._varint()
        if not size:
            return
        kinds = self._data[self._at]
        self._at += 1
        for _ in range(size):
            self._value(kinds >> 4)
            self._value(kinds & 0x0F)
