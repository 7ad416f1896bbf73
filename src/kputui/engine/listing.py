"""The files of a source, whatever they are: plain files by name, a table's files by what its log says. No polars.

A log is read only when it changed; in between, and for polling, a look at its folder is enough.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from kputui.engine import files
from kputui.engine.files import FileStamp, Fingerprint, stamp_of
from kputui.errors import DataError
from kputui.model.workspace import TableFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.engine.snapshot import Part, Snapshot
    from kputui.model.ids import SourceId
    from kputui.model.workspace import Source, Workspace

_MOST_KNOWN = 64


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a source: where its bytes are, their state, the folders it lies in, and a table's word of it."""

    path: Path
    stamp: FileStamp
    folders: tuple[str, ...] = ()
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a source, and the state that a later look is compared with."""

    files: tuple[DataFile, ...]
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class _Table:
    """A table's folder and what tells its state."""

    format: TableFormat
    folder: Path
    version: int | None
    real_roots: tuple[Path, ...]
    shown: str
    pinned: str = ""

    def marks(self) -> tuple[FileStamp, ...]:
        """The states of the folder that grows with each version; raises OSError."""
        if self.format is TableFormat.DELTA:
            return (stamp_of(self.folder / files.DELTA_LOG),)
        log = self.folder / files.ICEBERG_LOG
        hint = log / files.VERSION_HINT
        return (stamp_of(log), stamp_of(hint)) if hint.exists() else (stamp_of(log),)


@dataclass(frozen=True, slots=True)
class _Known:
    """A snapshot that was read at `read_ns`, while the marks were these."""

    marks: tuple[FileStamp, ...]
    read_ns: int
    snapshot: Snapshot

    @property
    def is_settled(self) -> bool:
        """Whether any later change will show in the marks."""
        return all(self.read_ns - mark.mtime_ns >= files.YOUNG_NS for mark in self.marks)


_known: dict[_Table, _Known] = {}
_lock = Lock()


def listed(source: Source, folder: str, allowed_roots: tuple[Path, ...] = ()) -> Listing:
    """The files of a source with their states; the log of a table is read when it changed.

    Raises DataError as `files.resolve` and the readers of tables do.
    """
    table = _table_of(source, folder, allowed_roots)
    if table is None:
        return _plain(source, folder, allowed_roots)
    try:
        marks = table.marks()
    except OSError as error:
        raise files.system_error(str(table.folder), error) from error
    known = _known.get(table)
    if known is None or known.marks != marks or not known.is_settled:
        known = _Known(marks, time.time_ns(), _read(table))
        with _lock:
            _known.pop(table, None)
            _known[table] = known
            while len(_known) > _MOST_KNOWN:
                del _known[next(iter(_known))]
    found = []
    for part in known.snapshot.parts:
        try:
            found.append(DataFile(part.path, _stamp(part), part=part))
        except OSError as error:
            raise files.system_error(str(part.path), error) from error
    if not found:
        raise DataError("D09", f"`{source.path}` has no rows", f"the table's {known.snapshot.version} has no files")
    return Listing(tuple(found), Fingerprint(tuple(one.stamp for one in found), marks=marks))


def fingerprints(workspace: Workspace, allowed_roots: tuple[Path, ...] = ()) -> Mapping[SourceId, Fingerprint]:
    """The fingerprint of every source, from stat alone; never raises, for polling."""
    return {name: fingerprint(source, workspace.folder, allowed_roots) for name, source in workspace.sources.items()}


def fingerprint(source: Source, folder: str, allowed_roots: tuple[Path, ...] = ()) -> Fingerprint:
    """The fingerprint of one source, from stat alone; never raises.

    That of a table whose log has changed since it was read has the log's marks, and no files.
    """
    try:
        table = _table_of(source, folder, allowed_roots)
        if table is None:
            return files.fingerprint(source, folder, allowed_roots)
        marks = table.marks()
        known = _known.get(table)
        if known is None or known.marks != marks:
            return Fingerprint((), marks=marks)
        return Fingerprint(tuple(map(_stamp, known.snapshot.parts)), marks=marks)
    except DataError as error:
        return Fingerprint((), error.code)
    except OSError:
        return Fingerprint((), "D02")


def _stamp(part: Part) -> FileStamp:
    return replace(stamp_of(part.path), view=part.view)


def _plain(source: Source, folder: str, allowed_roots: tuple[Path, ...]) -> Listing:
    found = []
    real = Path(os.path.realpath(folder))
    for path in files.resolve(source, folder, allowed_roots):
        try:
            stamp = stamp_of(path)
        except OSError as error:
            raise files.system_error(str(path), error) from error
        folders = (path.relative_to(real) if path.is_relative_to(real) else path).parts[:-1]
        found.append(DataFile(path, stamp, folders))
    return Listing(tuple(found), Fingerprint(tuple(one.stamp for one in found)))


def _table_of(source: Source, folder: str, allowed_roots: tuple[Path, ...]) -> _Table | None:
    """The table that a source's path names; None for plain files, and for what only `resolve` can refuse."""
    written = os.path.normpath(Path(folder) / source.path) if "\0" not in source.path else ""
    is_metadata = written.endswith(files.METADATA_FILE)
    place = Path(written)
    with suppress(OSError):  # a name that is too long; `resolve` says so
        if source.format is None and not is_metadata and not place.is_dir():
            return None
        real, real_roots = files.real_folder(
            place.parent.parent if is_metadata else place, source, folder, allowed_roots
        )
        shows = TableFormat.ICEBERG if is_metadata else files.table_format(real)
        if shows is None and source.format is None:
            return None
        if source.format not in (None, shows):
            message = f"`{source.path}` is no table of the format {source.format}"
            raise DataError("D05", message, f"it is of the format {shows}" if shows else "its log is not there")
        if shows is not None:
            return _Table(shows, real, source.version, real_roots, source.path, place.name if is_metadata else "")
    return None


def _read(table: _Table) -> Snapshot:
    if table.format is TableFormat.DELTA:
        from kputui.engine import delta_table  # noqa: PLC0415 - polars only in the worker

        return delta_table.snapshot(table.folder, table.version, table.real_roots, table.shown)
    from kputui.engine import iceberg_table  # noqa: PLC0415 - polars only in the worker

    return iceberg_table.snapshot(table.folder, table.version, table.real_roots, table.shown, table.pinned)
