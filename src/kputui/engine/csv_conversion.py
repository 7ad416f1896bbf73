"""A CSV file converted into typed columns once; when it has grown, only what was added is read.

The first look at a grown file compares its head and the bytes just before its old end. Whether all other bytes
are still the same is told by a checksum of them, which is taken before the last word is spoken: see `verify`.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from kputui.engine import csv_bytes, files
from kputui.engine.csv_file import open_csv
from kputui.engine.csv_part import check_lines, fault_behind
from kputui.engine.csv_piece import Layout, parsed
from kputui.engine.csv_section import Cabinet, Section, sections_of
from kputui.engine.guard import guarded
from kputui.engine.packed import unpacked
from kputui.engine.values import Shape, joined
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    import polars as pl

    from kputui.engine.csv_bytes import OpenFile, Reader
    from kputui.model.workspace import CsvOptions

    _Found = TypeVar("_Found")
    Steps = Generator[float, None, _Found]
    """Work that can be left between two steps; each says which share of a file's bytes is converted, from 0 to 1."""

_QUICK_BYTES = 64 * 2**10
_AT_ONCE = 2
_BLOCK = 2**20
_PAUSE_BYTES = 2**28
"""After so many bytes what is done is kept."""

_WORTH_BYTES = 2**26
"""When a file had grown, so much must be new that proving what was there before is worth it."""

_MOST_IN_MEMORY = 2**30
"""Sections that can't be kept on disk may take this much memory."""

_FEW = 8
_SMALL_SECTIONS = (2**20, csv_bytes.PIECE_BYTES // 2)
"""When there are `_FEW` neighbours smaller than one of these at the end, they are made one."""


@dataclass(slots=True)
class Conversion:
    """A CSV file in one state, converted.

    `suffix` says how it is packed. `is_cleaned`: its sections are of the text as the careful reader left it, not
    of the bytes of the file. `head_end` is where the records begin, `head_lines` how many lines are above.
    `loose` is what stands behind the last line that is finished. `is_verified`: all bytes are known to be
    those that were converted, as far as the file's stamp can tell.
    """

    path: Path
    suffix: str
    layout: Layout
    cabinet: Cabinet
    stamp: files.FileStamp
    read_ns: int
    head_end: int
    head_lines: int
    sections: list[Section] = field(default_factory=list)
    loose: Section | None = None
    is_cleaned: bool = False
    is_verified: bool = True
    head_crc: int = 0
    raw_crc: int = 0
    quick: str = ""

    @property
    def all_sections(self) -> list[Section]:
        """The sections, also the loose one."""
        return [*self.sections, *([] if self.loose is None else [self.loose])]

    @property
    def end(self) -> int:
        """The byte behind the last finished line."""
        return self.sections[-1].end if self.sections else self.head_end

    @property
    def crc(self) -> int:
        """The CRC-32 of all bytes up to `end`."""
        return self.sections[-1].crc if self.sections else self.head_crc

    @property
    def is_settled(self) -> bool:
        """Whether the stamp will tell any change since."""
        return self.read_ns - self.stamp.mtime_ns >= files.YOUNG_NS

    @property
    def is_whole(self) -> bool:
        """Whether the sections are of a text that is in memory only: that of a packed or a cleaned file."""
        return self.is_cleaned or self.suffix != ".csv"

    def shapes(self) -> dict[str, Shape]:
        """The shape of each column."""
        names = dict.fromkeys(name for section in self.sections for name in section.shapes)
        return {name: joined(section.shapes[name] for section in self.sections) for name in names}

    def scan(self, section: Section) -> pl.LazyFrame:
        """A section's columns, nothing read yet; made again from the file when they are lost. Raises DataError."""
        found = self.cabinet.scan(section)
        if found is None:
            with self.reader() as reader:
                self._make_again(reader, section, section.forms)
            found = self.cabinet.scan(section)
        if found is None:
            raise files.rewritten(self.path.name)
        return found

    def in_form(self, name: str, form: Shape) -> None:
        """Hold a column in a form everywhere; raises DataError when the file is no longer as it was."""
        wrong = [one for one in self.all_sections if not _holds(one.forms.get(name, Shape.EMPTY), form)]
        if wrong:
            with self.reader() as reader:
                for section in wrong:
                    self._make_again(reader, section, {**section.forms, name: form})
            self.save()

    def _make_again(self, reader: Reader, section: Section, forms: Mapping[str, Shape]) -> None:
        raw = reader.read(section.start, section.end)
        text = self._plain(raw)
        is_same = zlib.crc32(raw, section.crc_before) == section.crc and zlib.adler32(raw) == section.adler
        found = None if text is None or not is_same else parsed(self.layout, text, section.shapes, forms)
        if found is None or found.records != section.records:
            raise files.rewritten(self.path.name)
        section.forms, section.look = found.forms, found.look
        self._cabinet_of(section).put(section, found.frame)

    def _cabinet_of(self, section: Section) -> Cabinet:
        return Cabinet() if section is self.loose else self.cabinet

    def _plain(self, raw: bytes) -> bytes | None:
        return csv_bytes.plain(raw, self.options)

    @property
    def options(self) -> CsvOptions:
        """How the sections' bytes are written."""
        options = self.layout.options
        return replace(options, encoding="utf-8", skip_rows=0, comment="") if self.is_cleaned else options

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The bytes that the sections are of; raises DataError."""
        if not self.is_whole:
            with csv_bytes.open_file(self.path) as file:
                yield file
        elif self.is_cleaned:
            yield csv_bytes.Whole(open_csv(self.path.name, self.unpacked()[0], self.layout.options).data)
        else:
            yield csv_bytes.Whole(self.unpacked()[0])

    def unpacked(self) -> tuple[bytes, int]:
        """The text of the file, and the CRC-32 of its bytes; raises DataError D02-D08."""
        data = files.read_stable(self.path, files.MAX_CSV_BYTES)
        return unpacked(self.path.name, self.suffix, data), zlib.crc32(data)

    def verify(self) -> bool:
        """Whether all bytes that were converted are still the file's; takes a reading of them, once."""
        if not self.is_verified:
            try:
                with csv_bytes.open_file(self.path) as file:
                    self.is_verified = _crc_of(file, self.end) == self.crc
            except DataError:
                self.is_verified = False
            if self.is_verified:
                self.save()
            else:
                self.cabinet.forget()
        return self.is_verified

    def save(self) -> None:
        """Keep what is known, once it is certain."""
        if not self.is_verified:
            return
        head: dict[str, object] = {
            "stamp": [self.stamp.size, self.stamp.mtime_ns, self.stamp.inode, self.stamp.ctime_ns],
            "read_ns": self.read_ns,
            "header": self.layout.header,
            "head": [self.head_end, self.head_lines],
            "head_crc": self.head_crc,
            "is_cleaned": self.is_cleaned,
            "raw_crc": self.raw_crc,
            "quick": self.quick,
            "sections": [section.words() for section in self.sections],
        }
        self.cabinet.keep(head, self.sections)

    @classmethod
    def kept(cls, path: Path, suffix: str, layout: Layout, cabinet: Cabinet) -> Conversion | None:
        """What an earlier process kept; `layout` is without a header."""
        head = cabinet.known()
        if head is None:
            return None
        words: dict[str, list[object]] = head  # type: ignore[assignment]  # as `save` wrote it
        stamp = files.FileStamp(str(path), *words["stamp"])  # type: ignore[arg-type]
        sections = sections_of(head)
        return cls(
            path,
            suffix,
            replace(layout, header=tuple(map(str, words["header"]))),
            cabinet,
            stamp,
            int(str(words["read_ns"])),
            int(str(words["head"][0])),
            int(str(words["head"][1])),
            sections=sections,
            is_cleaned=bool(words["is_cleaned"]),
            head_crc=int(str(words["head_crc"])),
            raw_crc=int(str(words["raw_crc"])),
            quick=str(words["quick"]),
        )

    def continued(self, file: OpenFile) -> Steps[Conversion | None]:
        """The conversion of the file as it is now, made from this one; None when it has to be made anew.

        Raises DataError D11 when what was added does not fit the header.
        """
        is_same = file.stamp == self.stamp and self.is_settled and self.is_verified
        if is_same and (self.is_whole or self.loose is not None or self.end == file.size):
            return self  # else what stands behind the last line was not kept
        if self.is_whole or file.size < self.end or _quick_of(file, self.end) != self.quick:
            return None
        has_grown = file.stamp.inode == self.stamp.inode and file.size > self.stamp.size
        other = replace(self, sections=list(self.sections), loose=None, stamp=file.stamp, read_ns=time.time_ns())
        other.is_verified = is_same or (not has_grown and _crc_of(file, self.end) == self.crc)
        if not has_grown and not other.is_verified:
            return None
        if not (yield from other.add(file)):
            if file.size > files.MAX_CSV_BYTES and (other.is_verified or _crc_of(file, other.end) == other.crc):
                raise fault_behind(other, file)
            return None
        other.compact(file)
        return other.finished(file)

    def begin(self, reader: Reader) -> bool:
        """Find the header; False where that takes the careful reader."""
        found = csv_bytes.head_of(reader, self.options)
        if found is None:
            return False
        header, self.head_end, self.head_lines = found
        self.layout = replace(self.layout, header=header)
        self.head_crc = _crc_of(reader, self.head_end)
        return True

    def finished(self, reader: Reader) -> Conversion:
        """The conversion, with what a later look at the file needs, kept."""
        self.quick = "" if self.is_whole else _quick_of(reader, self.end)
        self.save()
        return self

    def add(self, reader: Reader) -> Steps[bool]:
        """Convert what is not converted yet; whether all of it fits.

        However it ends before that, what is done of a plain file is kept, if that is much. Raises DataError D11
        when an unfinished line is what does not fit.
        """
        is_done, begun = False, self.end
        try:
            is_done = yield from self._add(reader)
        finally:
            if not is_done and (self.is_verified or self.end - begun >= _WORTH_BYTES):
                self._pause(reader)
        return is_done

    def _pause(self, reader: Reader) -> None:
        """Keep what is done of a plain file once that is certain, unless more of the same is kept already."""
        if self.is_whole or not self.sections:
            return
        with suppress(DataError, OSError):
            self.is_verified = self.is_verified or _crc_of(reader, self.end) == self.crc
            kept = self.cabinet.known()
            if kept is None or (self.end, self.crc) not in {(one.end, one.crc) for one in sections_of(kept)}:
                self.finished(reader)

    def _add(self, reader: Reader) -> Steps[bool]:
        crc, guesses, paused = self.crc, self.shapes(), self.end
        waiting: list[Future[Section | None]] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start, raw, is_whole in csv_bytes.pieces(reader, self.end):
                if not is_whole:
                    if not self._take(waiting, 0):
                        return False
                    return self._add_loose(start, raw)
                if self.end - paused >= _PAUSE_BYTES:  # whatever may end the program
                    paused = self.end
                    self._pause(reader)
                yield self.end / reader.size
                before, crc = crc, zlib.crc32(raw, crc)
                if not guesses:
                    first = self._section(start, raw, before, crc, {})
                    if first is None:
                        return False
                    self.sections.append(first)
                    guesses = self.shapes()
                    continue
                waiting.append(pool.submit(self._section, start, raw, before, crc, guesses))
                if not self._take(waiting, _AT_ONCE):
                    return False
            if not self._take(waiting, 0):
                return False
        return self.end == reader.size

    def _take(self, waiting: list[Future[Section | None]], leave: int) -> bool:
        while len(waiting) > leave:
            found = waiting.pop(0).result()
            if found is None:
                return False
            self.sections.append(found)
            self._check_room()
        return True

    def _check_room(self) -> None:
        """Raise DataError D07 when what can't be kept on disk takes too much memory."""
        if sum(len(section.data) for section in self.sections if section.data is not None) > _MOST_IN_MEMORY:
            message = f"`{self.path.name}` is too large to be held in memory"
            raise DataError("D07", message, "let it be cached (without --no-cache, with room on the disk), or split it")

    def _section(
        self, start: int, raw: bytes, before: int, crc: int, guesses: Mapping[str, Shape], *, is_loose: bool = False
    ) -> Section | None:
        text = self._plain(raw)
        found = None if text is None else parsed(self.layout, text, guesses)
        if found is None:
            return None
        has_comments = bool(self.options.comment)
        section = Section.of(start, raw, before, crc, found, has_comments=has_comments)
        with guarded("D22", "keeping columns"):
            (Cabinet() if is_loose else self.cabinet).put(section, found.frame)
        return section

    def _add_loose(self, start: int, raw: bytes) -> bool:
        """Convert what stands behind the last finished line, as if it were finished; only a plain file may go on."""
        crc = zlib.crc32(raw, self.crc)
        section = self._section(start, raw, self.crc, crc, self.shapes(), is_loose=not self.is_whole)
        if section is None:
            if not self.is_whole and self.sections:
                check_lines(self, raw)
        elif self.is_whole:
            self.sections.append(section)
        else:
            self.loose = section
        return section is not None

    def compact(self, reader: Reader) -> None:
        """Make many small sections at the end one."""
        for limit in _SMALL_SECTIONS:
            count = 0
            while count < len(self.sections) and _size(self.sections[-1 - count]) < limit:
                count += 1
            if count >= _FEW:
                self._join(reader, count)

    def _join(self, reader: Reader, count: int) -> None:
        old = self.sections[-count:]
        raw = reader.read(old[0].start, old[-1].end)
        crc = zlib.crc32(raw, old[0].crc_before)
        if crc != old[-1].crc:
            return
        section = self._section(old[0].start, raw, old[0].crc_before, crc, self.shapes())
        if section is not None and section.records == sum(one.records for one in old):
            self.sections[-count:] = [section]


def _size(section: Section) -> int:
    return section.end - section.start


def _holds(form: Shape, wanted: Shape) -> bool:
    """Whether a column in one form can be handed on as in the other."""
    return form in {wanted, Shape.EMPTY} or (form is Shape.WHOLE and wanted is Shape.NUMBER)


def _quick_of(reader: Reader, end: int) -> str:
    head = reader.read(0, min(_QUICK_BYTES, end))
    return hashlib.sha256(head + reader.read(max(0, end - _QUICK_BYTES), end)).hexdigest()


def _crc_of(reader: Reader, end: int) -> int:
    found = zlib.crc32(b"")
    for start in range(0, end, _BLOCK):
        found = zlib.crc32(reader.read(start, min(start + _BLOCK, end)), found)
    return found
