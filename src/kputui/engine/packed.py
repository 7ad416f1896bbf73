"""Packed CSV files: gzip and zstd, unpacked within bounds."""

from __future__ import annotations

import zlib

import polars as pl

from kputui.engine.files import UNPACKED_BYTES
from kputui.engine.guard import guarded
from kputui.errors import DataError

_ZSTD = b"\x28\xb5\x2f\xfd"
_BLOCK_BYTES = 128 * 2**10
"""No block of zstd unpacks to more."""


def unpacked(name: str, suffix: str, data: bytes) -> bytes:
    """The text inside the bytes of a file with this suffix (.csv, .csv.gz, .csv.zst); raises DataError D06, D07."""
    if suffix == ".csv":
        return data
    return unpack_gzip(name, data) if suffix == ".csv.gz" else unpack_zstd(name, data)


def unpack_gzip(name: str, data: bytes) -> bytes:
    """The text inside gzip bytes (several members are joined); D06 when damaged, D07 above `UNPACKED_BYTES`."""
    parts: list[bytes] = []
    size = 0
    while data:
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(data, UNPACKED_BYTES - size + 1)
        except zlib.error as error:
            raise DataError("D06", f"`{name}` is damaged: {error}") from error
        parts.append(part)
        size += len(part)
        if size > UNPACKED_BYTES:
            raise _too_large(name)
        if not member.eof:
            raise DataError("D06", f"`{name}` is incomplete: its end is missing")
        data = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def unpack_zstd(name: str, data: bytes) -> bytes:
    """The text inside zstd bytes; D06 when damaged, D07 when it may unpack to more than `UNPACKED_BYTES`.

    polars unpacks while it reads a CSV file: each line is read as one cell. So the text must be UTF-8.
    """
    if _most_bytes(name, data) > UNPACKED_BYTES:
        raise _too_large(name)
    with guarded("D06", f"`{name}` is damaged or not UTF-8 text", "pack it again"):
        lines = pl.read_csv(
            data,
            has_header=False,
            separator="\x1f",
            quote_char=None,
            infer_schema=False,
            empty_string_is_null=False,
            truncate_ragged_lines=False,
            raise_if_empty=False,
        )
    if not lines.width:
        return b""
    whole: str = lines.to_series().fill_null("").str.join("\n")[0]
    return f"{whole}\n".encode()


def _too_large(name: str) -> DataError:
    return DataError("D07", f"`{name}` unpacks to more than {UNPACKED_BYTES} bytes", "save it as Parquet")


def _most_bytes(name: str, data: bytes) -> int:
    """The most bytes that the frames of zstd data can unpack to, from the headers of their blocks (RFC 8878)."""
    most, at = 0, 0
    try:
        while at < len(data):
            if data[at : at + 4] == _ZSTD:
                most, at = _frame(data, at + 4, most)
            elif data[at + 1 : at + 4] == b"\x2a\x4d\x18" and data[at] >> 4 == 5:
                at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
            else:
                raise DataError("D06", f"`{name}` is damaged: no zstd frame at byte {at}")
    except IndexError:
        at = len(data) + 1
    if at > len(data):
        raise DataError("D06", f"`{name}` is incomplete: its end is missing")
    return most


def _frame(data: bytes, at: int, most: int) -> tuple[int, int]:
    """The bound with this frame's blocks, and where the frame ends; IndexError beyond the data."""
    flags = data[at]
    is_single = bool(flags & 0x20)
    size_bytes = (1 if is_single else 0, 2, 4, 8)[flags >> 6]
    at += 1 + (not is_single) + (0, 1, 2, 4)[flags & 3] + size_bytes
    is_last = False
    while not is_last:
        header = data[at] | data[at + 1] << 8 | data[at + 2] << 16
        is_last, kind, size = bool(header & 1), header >> 1 & 3, header >> 3
        most += size if kind in {0, 1} else _BLOCK_BYTES
        at += 3 + (1 if kind == 1 else size)
    return most, at + (4 if flags & 4 else 0)
