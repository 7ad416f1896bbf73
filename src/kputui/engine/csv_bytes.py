"""The bytes of a CSV file: read in pieces that end where a record ends, and made plain. No polars here."""

from __future__ import annotations

import codecs
import importlib
import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kputui.engine import files
from kputui.engine.csv_file import header_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kputui.model.workspace import CsvOptions

PIECE_BYTES = 8 * 2**20
"""So much of a file is read at once."""

_MOST_PIECE_BYTES = 64 * 2**20
"""A record that does not end within this is no record."""

HEAD_BYTES = 2**20
"""The header ends within these."""
_BOM = b"\xef\xbb\xbf"


class Reader(Protocol):
    """Bytes that can be read from any place."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Those of [start, end), as far as there are any."""
        ...


@dataclass(slots=True)
class Whole:
    """Bytes that are in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.data)

    def read(self, start: int, end: int) -> bytes:
        """Those of [start, end)."""
        return self.data[start:end]


@dataclass(slots=True)
class OpenFile:
    """A file that is open; `stamp` is its state when it was opened."""

    handle: int
    stamp: files.FileStamp

    @property
    def size(self) -> int:
        """How many bytes it had when it was opened."""
        return self.stamp.size

    def read(self, start: int, end: int) -> bytes:
        """The bytes of [start, end); raises OSError."""
        parts = []
        os.lseek(self.handle, start, os.SEEK_SET)
        while start < end:
            part = os.read(self.handle, end - start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def is_unchanged(self) -> bool:
        """Whether the file, and what stands at its path, is still in the state in which it was opened."""
        status = os.fstat(self.handle)
        same = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if same != (self.stamp.size, self.stamp.mtime_ns, self.stamp.ctime_ns):
            return False
        with suppress(OSError):
            return files.is_unchanged(self.stamp)
        return False


@contextmanager
def open_file(path: Path) -> Iterator[OpenFile]:
    """A regular file, open for reading; raises DataError D02-D04 when it can't be."""
    handle = files.open_regular(path)
    try:
        status = os.fstat(handle)
        yield OpenFile(handle, files.stamp_from(path, status))
    except OSError as error:
        raise files.system_error(str(path), error) from error
    finally:
        os.close(handle)


def pieces(reader: Reader, start: int) -> Iterator[tuple[int, bytes, bool]]:
    """The bytes from `start` on, piece by piece: where each begins, its bytes, and whether it ends with a record.

    Only the last piece may not: what stands there is not finished with a line's end, or its quotes are
    open. Ends early where no record ends within bounds.
    """
    size = reader.size
    while start < size:
        end = start + PIECE_BYTES
        data = reader.read(start, min(end, size))
        count = whole_records(data)
        while not count and end < size and len(data) < _MOST_PIECE_BYTES:
            end += len(data)
            held, data = len(data), reader.read(start, min(end, size))
            if len(data) <= held:
                return  # the file was cut meanwhile
            count = whole_records(data)
        if count:
            yield start, data[:count], True
            start += count
            continue
        if end >= size:
            yield start, data, False
        return


def whole_records(data: bytes) -> int:
    """How many bytes there are up to the end of the last record that is whole."""
    end = data.rfind(b"\n") + 1
    if b'"' not in data:
        return end
    is_open = data.count(b'"', 0, end) % 2
    while is_open and end:
        before = data.rfind(b"\n", 0, end - 1) + 1
        is_open ^= data.count(b'"', before, end) % 2
        end = before
    return end


def is_ascii_based(encoding: str) -> bool:
    """Whether every byte of this encoding is one character, line ends and digits as in ASCII."""
    try:
        name = codecs.lookup(encoding).name
        table = getattr(importlib.import_module(f"encodings.{name.replace('-', '_')}"), "decoding_table", "")
    except (LookupError, ImportError):
        return False
    return table[:128] == bytes(range(128)).decode()


def is_utf8(options: CsvOptions) -> bool:
    """Whether the bytes are said to be UTF-8."""
    return options.encoding.lower().replace("_", "-") in {"utf-8", "utf8"}


def plain(data: bytes, options: CsvOptions) -> bytes | None:
    """Whole records as UTF-8, lines ending in LF, those of comment left out; None when that takes the whole file."""
    if not is_utf8(options):
        try:
            data = data.decode(options.encoding).encode()
        except (UnicodeError, LookupError):
            return None
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if options.comment:
        if b'"' in data:
            return None  # a mark inside quotes may stand at the begin of a line
        data = re.sub(rb"(?m)^" + re.escape(options.comment.encode()) + rb"[^\n]*\n?", b"", data)
    return data if data.endswith(b"\n") or not data else data + b"\n"


def head_of(reader: Reader, options: CsvOptions) -> tuple[tuple[str, ...], int, int] | None:
    """The header, the byte behind its line, and the lines up to there; None where that takes the whole file.

    Lines to skip, of comment and blank ones above it are passed over, as are byte order marks.
    """
    head = reader.read(0, HEAD_BYTES)
    if reader.size > len(head):
        head = head[: head.rfind(b"\n") + 1]
    if b"\0" in head or b"\r" in head.replace(b"\r\n", b""):
        return None
    text = head
    if not is_utf8(options):
        if not is_ascii_based(options.encoding):
            return None
        text = head.decode(options.encoding, errors="replace").encode()
    while text.startswith(_BOM):
        text = text[len(_BOM) :]
    found = header_rows(text.replace(b"\r\n", b"\n"), options)
    if found is None:
        return None
    header, lines = found
    end = 0
    for _ in range(lines):
        end = head.find(b"\n", end) + 1
        if not end:
            return header, len(head), lines
    return header, end, lines
