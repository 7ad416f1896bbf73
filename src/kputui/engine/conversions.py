"""The CSV files that are converted, by file and options: for the life of an engine, and in the user's cache."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import csv_bytes, files
from kputui.engine.csv_conversion import Conversion
from kputui.engine.csv_part import fault_behind
from kputui.engine.csv_piece import Layout
from kputui.engine.csv_section import Cabinet
from kputui.engine.guard import guarded
from kputui.engine.progress import Progress
from kputui.errors import DataError
from kputui.model.workspace import Compression

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from kputui.engine.csv_bytes import OpenFile, Reader
    from kputui.engine.csv_conversion import Steps
    from kputui.engine.listing import DataFile
    from kputui.model.workspace import Source

_VERSION = f"2 polars {pl.__version__}"
"""Raised whenever the same bytes would be converted differently."""

_SMALL_BYTES = 128 * 2**10
"""Smaller files are converted in memory: that takes as long as looking for what was kept."""

_KEPT_BYTES = 128 * 2**20
"""Of larger files nothing stays in memory between requests."""


@dataclass(slots=True)
class Conversions:
    """Converts each CSV file once. `cache` is the user's cache folder for this program, None to keep all in memory."""

    cache: Path | None = None
    _held: dict[str, Conversion] = field(default_factory=dict)
    _ahead: dict[str, tuple[files.FileStamp, Conversion | DataError | None]] = field(default_factory=dict)

    def forget_ahead(self) -> None:
        """Forget what `ahead` found and nobody asked for."""
        self._ahead.clear()

    def ahead(self, wanted: Sequence[tuple[DataFile, Source]]) -> Iterator[Progress]:
        """Convert files, piece by piece, that `of` will be asked for; it then has those at once that did not change.

        Where there is a cache, what is converted of a plain file is kept when it is closed before the end. What is
        wrong with a file is told by `of`.
        """
        done, whole = 0, sum(one.stamp.size for one, _ in wanted)
        for one, source in wanted:
            with closing(self._note(one, source)) as shares:
                for share in shares:
                    yield Progress(bytes_done=done + int(share * one.stamp.size), bytes_all=whole)
            done += one.stamp.size

    def _note(self, one: DataFile, source: Source) -> Generator[float, None, None]:
        found: Conversion | DataError | None
        try:
            with guarded("D22", f"reading `{source.path}`"):
                found = yield from self._steps(one.path, source)
        except DataError as error:
            found = error
        self._ahead[_key(one.path, source)] = one.stamp, found

    def of(self, one: DataFile, source: Source) -> Conversion | None:
        """A file as it is now, in the state that was listed or a later one, converted.

        None when only the careful reader can read it. Raises DataError D02-D11 when it can't be read.
        """
        stamp, found = self._ahead.pop(_key(one.path, source), (None, None))
        if stamp != one.stamp or (isinstance(found, Conversion) and found.stamp != one.stamp):
            return _end_of(self._steps(one.path, source))
        if isinstance(found, DataError):
            raise found
        return found

    def _steps(self, path: Path, source: Source) -> Steps[Conversion | None]:
        layout = Layout((), source.csv, source.time, source.time_format, dict(source.columns))
        suffix, key = suffix_of(path, source), _key(path, source)
        try:
            is_small = files.stamp_of(path).size < _SMALL_BYTES
        except OSError as error:
            raise files.system_error(str(path), error) from error
        cabinet = Cabinet() if is_small else Cabinet.of(self.cache, key)
        before = self._held.get(key)
        if before is None or before.cabinet != cabinet:
            before = Conversion.kept(path, suffix, layout, cabinet)
        found = yield from converted(path, suffix, layout, cabinet, before)
        self._held.pop(key, None)
        if found is not None:
            self._held[key] = found
        return found

    def forget(self, conversion: Conversion) -> None:
        """Begin anew with a file."""
        for key, held in list(self._held.items()):
            if held is conversion:
                del self._held[key]

    def release(self) -> None:
        """Forget the columns of large files that are in memory, and what was converted and not used."""
        self.forget_ahead()
        for key, held in list(self._held.items()):
            if held.cabinet.folder is None and held.stamp.size > _KEPT_BYTES:
                del self._held[key]


def _key(path: Path, source: Source) -> str:
    """What tells a conversion from all others."""
    options = (source.csv, source.time, source.time_format, source.columns)
    return repr((_VERSION, str(path), suffix_of(path, source), *options))


def _end_of(steps: Steps[Conversion | None]) -> Conversion | None:
    """What is found when all steps are gone."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # as the type of the steps says


def suffix_of(path: Path, source: Source) -> str:
    """The suffix of a CSV file as its name, or the source, says how it is packed."""
    suffix = files.suffix_of(path.name) or ".csv"
    if suffix == ".csv" and source.compression is not None:
        return ".csv.gz" if source.compression is Compression.GZIP else ".csv.zst"
    return suffix


def converted(
    path: Path, suffix: str, layout: Layout, cabinet: Cabinet, before: Conversion | None
) -> Steps[Conversion | None]:
    """A CSV file converted, with the help of what was converted before; None when only the careful reader can read it.

    Says after every piece which share of the file is done. `layout` is without a header. Raises DataError D02-D11.
    """
    for _ in range(2):
        with csv_bytes.open_file(path) as file:
            size = file.size
            files.check_content(path.name, suffix, file.read(0, 4096), file.read(max(0, size - 4), size))
            found = None
            if before is not None:
                found = yield from before.continued(file)
            if found is None:
                found = yield from _anew(path, suffix, layout, cabinet, file, before)
            if found is None or found is before or file.is_unchanged():
                return found
            if not found.is_whole and files.stamp_of(path).inode == file.stamp.inode and _is_longer(path, size):
                found.is_verified = False
                return found
        before = None
    raise files.rewritten(path.name)


def _is_longer(path: Path, size: int) -> bool:
    return files.stamp_of(path).size > size


def _anew(
    path: Path, suffix: str, layout: Layout, cabinet: Cabinet, file: OpenFile, before: Conversion | None
) -> Steps[Conversion | None]:
    made = Conversion(path, suffix, layout, cabinet, file.stamp, time.time_ns(), 0, 0)
    reader: Reader = file
    if suffix != ".csv":
        data, made.raw_crc = made.unpacked()
        if before is not None and before.raw_crc == made.raw_crc and before.stamp.size == file.size:
            return replace(before, stamp=file.stamp, read_ns=made.read_ns)
        files.check_content(path.name, ".csv", data[:4096], data[-4:])
        reader = csv_bytes.Whole(data)
    if made.begin(reader) and (yield from made.add(reader)):
        return made.finished(reader)
    if suffix == ".csv" and file.size > files.MAX_CSV_BYTES:
        raise fault_behind(made, file)
    made = Conversion(path, suffix, layout, cabinet, file.stamp, made.read_ns, 0, 0, is_cleaned=True)
    with made.reader() as reader:
        if made.begin(reader) and (yield from made.add(reader)):
            return made.finished(reader)
    return None
