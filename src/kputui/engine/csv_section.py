"""Stretches of a CSV file's bytes in typed columns, and the folder in which they are kept.

What is kept proves itself whole: a checksum of each file, and one of what is known of all. It may be deleted,
cut or overwritten at any time; then it is made again from the CSV file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.csv_piece import TimeLook
from kputui.engine.files import FileStamp
from kputui.engine.shelf import Shelf
from kputui.engine.values import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.engine.csv_piece import Parsed

MOST_BYTES = 4 * 2**30
"""All conversions together may take this much, unless one takes more; those that were used longest ago are removed."""

_FRAME_BYTES = 2**20
"""Smaller columns stay in memory as they are."""

_ROW_GROUP = 131_072


@dataclass(slots=True)
class Section:
    """The records in the bytes [`start`, `end`) of a CSV file.

    `crc_before` and `crc` are CRC-32 of all bytes up to the start and up to the end, `adler` is another
    checksum of its own bytes; `lines` how many lines there are. The columns are in the file `file`
    (`size` bytes with the checksum `file_crc`), or in memory: `data` as Parquet, or `frame`.
    """

    start: int
    end: int
    crc_before: int
    crc: int
    adler: int
    lines: int
    records: int
    shapes: dict[str, Shape]
    forms: dict[str, Shape]
    look: TimeLook | None
    file: str = ""
    size: int = 0
    file_crc: int = 0
    data: bytes | None = None
    frame: pl.DataFrame | None = None
    checked: tuple[int, int, int] | None = None

    @classmethod
    def of(cls, start: int, raw: bytes, crc_before: int, crc: int, found: Parsed, *, has_comments: bool) -> Section:
        """The section of these bytes; its columns are not kept yet."""
        is_counted = found.is_line_each and not has_comments
        lines = found.records if is_counted else raw.count(b"\n") + (not raw.endswith(b"\n"))
        own = (found.records, found.shapes, found.forms, found.look)
        return cls(start, start + len(raw), crc_before, crc, zlib.adler32(raw), lines, *own)

    def lose(self) -> None:
        """Its columns can't be read: they are made again."""
        self.file, self.data, self.frame = "", None, None

    def stamp(self, path: str, time: str) -> FileStamp:
        """What tells its rows from all others: a state of nothing but its bytes and of how their times are read."""
        view = f"csv {self.crc_before:08x} {self.forms.get(time, '')}"
        return FileStamp(path, self.end - self.start, 0, self.crc << 32 | self.adler, self.start, view)

    def words(self) -> dict[str, object]:
        """As plain JSON values."""
        look = self.look
        told = None if look is None else [look.cells, look.fits, look.row, look.text, look.first, look.are_midnights]
        numbers = [self.start, self.end, self.crc_before, self.crc, self.adler, self.lines, self.records]
        kept = [self.file, self.size, self.file_crc]
        return {"numbers": numbers, "shapes": self.shapes, "forms": self.forms, "look": told, "kept": kept}

    @classmethod
    def from_words(cls, words: Mapping[str, object]) -> Section:
        """As it was put into words."""
        held: dict[str, list[object]] = words  # type: ignore[assignment]  # as `words` wrote it
        look = None
        if held["look"] is not None:
            cells, fits, *rest = held["look"]
            counts = {Shape(shape): count for shape, count in fits.items()}  # type: ignore[attr-defined]
            look = TimeLook(cells, counts, *rest)  # type: ignore[arg-type]
        shapes, forms = _shapes(held["shapes"]), _shapes(held["forms"])
        return cls(*held["numbers"], shapes, forms, look, *held["kept"])  # type: ignore[arg-type, call-arg]


def sections_of(head: Mapping[str, object]) -> list[Section]:
    """The sections in what is kept of a conversion."""
    return [Section.from_words(one) for one in head["sections"]]  # type: ignore[attr-defined]  # as it was kept


def _shapes(words: object) -> dict[str, Shape]:
    return {name: Shape(value) for name, value in dict(words).items()}  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The folder of one conversion in the user's cache; without a folder all stays in memory."""

    folder: Path | None = None
    most_bytes: int = MOST_BYTES

    @classmethod
    def of(cls, cache: Path | None, key: str) -> Cabinet:
        """The place for a conversion with this key (any text)."""
        return cls() if cache is None else cls(cache / "csv" / hashlib.sha256(key.encode()).hexdigest()[:40])

    def known(self) -> dict[str, object] | None:
        """What was kept of the conversion, all but the columns; None when there is nothing whole."""
        if self.folder is None:
            return None
        entry = Shelf(self.folder).entry("csv")
        if entry is not None:
            with contextlib.suppress(OSError):
                os.utime(self.folder)
        return None if entry is None else entry.head

    def keep(self, head: dict[str, object], sections: Sequence[Section]) -> None:
        """Keep what is known of a conversion, if all its columns are kept, and drop what it no longer uses."""
        if self.folder is None or not all(section.file for section in sections):
            return
        Shelf(self.folder).keep("csv", head, ())
        used = {section.file for section in sections}
        with contextlib.suppress(OSError):
            for path in self.folder.glob("*.parquet"):
                if path.name not in used:
                    path.unlink(missing_ok=True)
        self._tidy()

    def forget(self) -> None:
        """Begin anew the next time."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def put(self, section: Section, frame: pl.DataFrame) -> None:
        """Keep a section's columns; in memory where the folder can't be written."""
        section.frame = section.data = section.checked = None
        section.file = ""
        if self.folder is None and frame.estimated_size() <= _FRAME_BYTES:
            section.frame = frame
            return
        out = io.BytesIO()
        frame.write_parquet(out, compression="lz4", statistics=False, row_group_size=_ROW_GROUP)
        section.data = out.getvalue()
        if self.folder is not None:
            with contextlib.suppress(OSError):
                self._write(section, section.data)
                section.data = None

    def _write(self, section: Section, data: bytes) -> None:
        folder = self.folder
        if folder is None:
            return
        for one in (folder.parent.parent, folder.parent, folder):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
        forms = hashlib.sha256(repr(sorted(section.forms.items())).encode()).hexdigest()[:12]
        name = f"{section.start}-{section.end}-{section.crc:08x}-{section.adler:08x}-{forms}.parquet"
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(data)
            Path(temporary).replace(folder / name)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        section.file, section.size, section.file_crc = name, len(data), zlib.crc32(data)
        section.checked = _state(folder / name)

    def scan(self, section: Section) -> pl.LazyFrame | None:
        """A section's columns, nothing read yet; None when they are not there as they were kept."""
        if section.frame is not None:
            return section.frame.lazy()
        if section.data is not None:
            return pl.scan_parquet(section.data, glob=False, hive_partitioning=False)
        if self.folder is None or not section.file:
            return None
        path = self.folder / section.file
        try:
            state = _state(path)
            if state != section.checked:
                data = path.read_bytes()
                if len(data) != section.size or zlib.crc32(data) != section.file_crc:
                    return None
                section.checked = state
        except OSError:
            return None
        return pl.scan_parquet(path, glob=False, hive_partitioning=False)

    def _tidy(self) -> None:
        """Remove the conversions that were used longest ago beyond the size that all may have together."""
        if self.folder is None:
            return
        found = []
        with contextlib.suppress(OSError):  # another process may have removed it
            for folder in self.folder.parent.iterdir():
                used = folder.stat().st_mtime_ns if folder != self.folder else 2**63
                size = sum(path.stat().st_size for path in folder.iterdir())
                found.append((used, size, folder))
        held = 0
        for _, size, folder in sorted(found, reverse=True):
            held += size
            if held > self.most_bytes and folder != self.folder:
                shutil.rmtree(folder, ignore_errors=True)


def _state(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino
