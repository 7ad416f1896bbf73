"""The files of a source: plain files by name, a table's by what its log says, remote files by copies. No polars.

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
from kputui.engine.remote import check_leave
from kputui.errors import DataError
from kputui.model.remote import is_url
from kputui.model.workspace import TableFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.engine.remote import Remote
    from kputui.engine.snapshot import Part, Snapshot
    from kputui.engine.stores import RemoteFile
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

    @property
    def is_csv(self) -> bool:
        """Whether no Parquet file is among them."""
        return all(one.part is None and files.suffix_of(one.path.name) != ".parquet" for one in self.files)


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


def listed(source: Source, folder: str, allowed_roots: tuple[Path, ...] = (), remote: Remote | None = None) -> Listing:
    """The files of a source with their states; the log of a table is read when it changed, remote files are fetched.

    Raises DataError as `files.resolve`, the readers of tables and `Remote` do.
    """
    if is_url(source.path):
        return _fetched(source, remote)
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


def look(workspace: Workspace, allowed_roots: tuple[Path, ...] = (), remote: Remote | None = None) -> None:
    """Read the logs of tables that changed, and look at remote places, so that `fingerprints` knows their files."""
    for source in workspace.sources.values():
        with suppress(DataError):
            if not is_url(source.path):
                if _table_of(source, workspace.folder, allowed_roots) is not None:
                    listed(source, workspace.folder, allowed_roots)
            elif remote is not None:
                remote.look(source.path)


def fingerprints(
    workspace: Workspace, allowed_roots: tuple[Path, ...] = (), remote: Remote | None = None
) -> Mapping[SourceId, Fingerprint]:
    """The fingerprint of every source without waiting for the network; never raises, for polling."""
    return {
        name: fingerprint(source, workspace.folder, allowed_roots, remote) for name, source in workspace.sources.items()
    }


def fingerprint(
    source: Source, folder: str, allowed_roots: tuple[Path, ...] = (), remote: Remote | None = None
) -> Fingerprint:
    """The fingerprint of one source, from stat alone, or from what a remote place listed last; never raises.

    That of a table whose log has changed since it was read has the log's marks, and no files.
    """
    try:
        if is_url(source.path):
            return _remote_state(source.path, remote)
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


def _fetched(source: Source, remote: Remote | None) -> Listing:
    """Copies of remote files, known by their places."""
    if remote is None:
        check_leave(source.path)
        raise DataError("D01", f"`{source.path}` is a remote place, and only local files are read here")
    if source.format is not None:
        raise DataError("D05", f"`{source.path}`: tables are read from local folders", "copy it below the workspace")
    found = remote.look(source.path)
    copies = []
    for one, path in zip(found, remote.fetched(found), strict=True):
        try:
            copies.append(DataFile(path, stamp_of(path), tuple(one.url.split("/")[:-1])))
        except OSError as error:
            raise files.system_error(str(path), error) from error
    return Listing(tuple(copies), Fingerprint(tuple(map(_remote_stamp, found))))


def _remote_state(url: str, remote: Remote | None) -> Fingerprint:
    seen = None if remote is None else remote.seen(url)
    if seen is None:
        return Fingerprint(())
    return Fingerprint(tuple(map(_remote_stamp, seen.files)), "" if seen.error is None else seen.error.code)


def _remote_stamp(file: RemoteFile) -> FileStamp:
    return FileStamp(file.url, file.size, file.modified_ns, 0, 0, file.tag)


def _plain(source: Source, folder: str, allowed_roots: tuple[Path, ...]) -> Listing:
    found = []
    real = Path(os.path.realpath(folder))
    parents: dict[str, tuple[str, ...]] = {}
    for stamp in files.resolve(source, folder, allowed_roots):
        parent = os.path.dirname(stamp.path)  # noqa: PTH120 - for each of many files
        if parent not in parents:
            place = Path(parent)
            parents[parent] = (place.relative_to(real) if place.is_relative_to(real) else place).parts
        found.append(DataFile(Path(stamp.path), stamp, parents[parent]))
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
