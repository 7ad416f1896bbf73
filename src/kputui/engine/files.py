"""Data files: which ones a source names, whether they may be read, their bytes and fingerprints. No polars."""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.errors import DataError, did_you_mean
from kputui.model.workspace import CsvOptions, TableFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.model.workspace import Source

READ_WHOLE_BYTES = 256 * 2**20
"""Parquet files up to this size are read as bytes first: one rewritten in place can't then kill the process."""

MAX_CSV_BYTES = 2**31
"""A larger CSV file is never read whole: it must be in an ordinary encoding, and each line fit the header."""

UNPACKED_BYTES = 2**30
"""A packed file may not unpack to more than this."""

YOUNG_NS = 2_000_000_000
"""A file that was written less than this before it was read may change again without a new stamp."""

MAX_FILES = 10_000
MAX_PATH = 1_000
SUFFIXES = (".parquet", ".csv.gz", ".csv.zst", ".csv")
_PACKED: Mapping[str, tuple[str, bytes]] = {
    ".csv.gz": ("gzip", b"\x1f\x8b"),
    ".csv.zst": ("zstd", b"\x28\xb5\x2f\xfd"),
}
DELTA_LOG = "_delta_log"
ICEBERG_LOG = "metadata"
VERSION_HINT = "version-hint.text"
METADATA_FILE = ".metadata.json"
_TABLES = {TableFormat.DELTA: "a Delta table", TableFormat.ICEBERG: "an Iceberg table"}
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]+:")
_WILDCARD = re.compile(r"[*?\[]")
_SETTLE_S = 0.05


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells one state of a file from another without reading it; times in ns.

    `view` is what a table, or the store that holds the file, says besides of which rows it stands for.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int
    view: str = ""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The state of all files of a source; `fault` is the problem code when they can't be listed.

    `marks` are no data, but tell which files are: the logs of tables.
    """

    files: tuple[FileStamp, ...]
    fault: str = ""
    marks: tuple[FileStamp, ...] = ()

    @property
    def stamps(self) -> tuple[FileStamp, ...]:
        """The states of files and marks."""
        return (*self.files, *self.marks)


def suffix_of(path: str) -> str:
    """The supported suffix that `path` ends with (one of `SUFFIXES`), or "" for none."""
    lowered = path.casefold()
    return next((suffix for suffix in SUFFIXES if lowered.endswith(suffix)), "")


def is_declared_csv(source: Source) -> bool:
    """Whether files of any name are CSV: the source says how they are written or packed."""
    return source.compression is not None or source.csv != CsvOptions()


def resolve(source: Source, folder: str, allowed_roots: tuple[Path, ...] = ()) -> tuple[FileStamp, ...]:
    """The states of a source's files with their real paths, sorted; a file of exactly that name goes before a glob.

    Raises DataError: D01 for a path that is not allowed, D02 when there is nothing, D03 for what is
    not a regular file, D04 when the system refuses, D05 for an unknown kind of file.
    """
    _check_text(source.path)
    roots = (Path(folder), *allowed_roots)
    written = os.path.normpath(Path(folder) / source.path)
    if not _is_under(written, roots):
        raise _outside(source.path)
    if os.path.lexists(written):
        names = [written]
    elif _WILDCARD.search(source.path):
        names = _expand(source, folder)
    else:
        raise _missing(source.path, written)
    if not suffix_of(source.path) and not is_declared_csv(source):
        raise DataError(
            "D05",
            f"`{source.path}`: only .parquet, .csv, .csv.gz and .csv.zst files are read",
            "save it as one of these; a CSV file of another name is declared, by csv = {...} or compression",
        )
    real_roots = tuple(Path(os.path.realpath(root)) for root in roots)
    folders: dict[str, tuple[str, bool]] = {}
    found = tuple(_real_state(name, real_roots, source.path, folders) for name in names)
    parents = {os.path.dirname(one.path) for one in found}  # noqa: PTH120 - for each of many files
    _refuse_tables(set(map(Path, parents)), Path(os.path.realpath(folder)))
    return found


def real_folder(
    place: Path, source: Source, folder: str, allowed_roots: tuple[Path, ...]
) -> tuple[Path, tuple[Path, ...]]:
    """The real path of a folder that a source's path names, and the real roots, under one of which it lies.

    Raises DataError D01 for a path that is not allowed, D02-D04 when the system refuses.
    """
    _check_text(source.path)
    roots = (Path(folder), *allowed_roots)
    if not _is_under(str(place), roots):
        raise _outside(source.path)
    real_roots = tuple(Path(os.path.realpath(root)) for root in roots)
    try:
        real = os.path.realpath(place, strict=True)
    except OSError as error:
        raise system_error(str(place), error) from error
    if not _is_under(real, real_roots):
        raise DataError("D01", f"`{source.path}` leads outside the workspace", "a link points to another place")
    return Path(real), real_roots


def _outside(path: str) -> DataError:
    return DataError(
        "D01",
        f"`{path}` is outside the workspace",
        "data lies in the workspace's folder, or under a folder allowed on the command line",
    )


def _refuse_tables(folders: set[Path], root: Path) -> None:
    """Refuse the files of a Delta or Iceberg table: some of them may hold rows that were deleted or rewritten."""
    for folder in {parent for one in folders for parent in (one, *one.parents) if parent.is_relative_to(root)}:
        if (kind := table_format(folder)) is not None:
            raise DataError(
                "D05",
                f"`{folder.name}` is {_TABLES[kind]}: its files also hold rows that are no longer part of it",
                "name the table's folder itself, without a file or a glob",
            )


def table_format(folder: Path) -> TableFormat | None:
    """What table a folder is, as its log shows; None for a plain folder."""
    if (folder / DELTA_LOG).exists():
        return TableFormat.DELTA
    metadata = folder / ICEBERG_LOG
    if metadata.is_dir():
        with os.scandir(metadata) as found:
            if any(one.name == VERSION_HINT or one.name.endswith(METADATA_FILE) for one in found):
                return TableFormat.ICEBERG
    return None


def _check_text(path: str) -> None:
    """Refuse what is not plainly a local path."""
    reason = ""
    if not path.strip():
        reason = "is empty"
    elif "\0" in path:
        reason = "has a NUL byte"
    elif len(path) > MAX_PATH:
        reason = f"is longer than {MAX_PATH} characters"
    elif _SCHEME.match(path):
        reason = "is a URL; only local files are read"
    elif path.startswith("~") or "$" in path:
        reason = "has `~` or `$`, which are not expanded"
    if reason:
        shown = path if len(path) <= 80 else path[:77] + "..."
        raise DataError("D01", f"the path `{shown}` {reason}", "write it relative to the workspace's folder")


def _is_under(path: str, roots: tuple[Path, ...]) -> bool:
    inner = f"{os.path.normpath(path)}{os.sep}"
    return any(inner.startswith(f"{os.path.normpath(root).rstrip(os.sep)}{os.sep}") for root in roots)


def _expand(source: Source, folder: str) -> list[str]:
    pattern = source.path
    found = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 (Path.glob has no root for `..`)
    if suffix_of(pattern) or not is_declared_csv(source):
        found = [name for name in found if suffix_of(name)]
    else:
        found = [name for name in found if not os.path.isdir(os.path.join(folder, name))]  # noqa: PTH112, PTH118 - as above
    before = "" if os.path.isabs(pattern) else os.path.join(folder, "")  # noqa: PTH117, PTH118 - for many files
    names = sorted(f"{before}{name}" for name in found)
    if not names:
        raise DataError("D02", f"no file matches `{pattern}`", f"looked in {folder}")
    if len(names) > MAX_FILES:
        raise DataError("D07", f"`{pattern}` matches {len(names)} files; at most {MAX_FILES} are read")
    return names


def _missing(shown: str, written: str) -> DataError:
    parent = Path(written).parent
    try:
        neighbours = [entry.name for entry in os.scandir(parent)]
    except OSError:
        return DataError("D02", f"`{shown}` is not there", f"the folder {parent} cannot be listed")
    return DataError("D02", f"`{shown}` is not there", did_you_mean(Path(written).name, neighbours))


def real_file(name: str, real_roots: tuple[Path, ...], shown: str) -> Path:
    """The real path of a regular file under one of the roots, which are real paths too."""
    return Path(_real_state(name, real_roots, shown, {}).path)


def _real_state(name: str, real_roots: tuple[Path, ...], shown: str, folders: dict[str, tuple[str, bool]]) -> FileStamp:
    """The state of a regular file under one of the roots, asked of the system once: a board looks each second.

    `folders` are the real paths (with a slash) of known folders, and whether they are under a root; more are added.
    """
    try:
        folder, short = os.path.split(name)
        if folder not in folders:
            real = os.path.realpath(folder, strict=True)
            folders[folder] = os.path.join(real, ""), _is_under(real, real_roots)  # noqa: PTH118 - it ends with a slash
        place, is_inside = folders[folder]
        real = f"{place}{short}"
        status = os.lstat(real)
        if stat.S_ISLNK(status.st_mode):
            real, is_inside = os.path.realpath(name, strict=True), False
            status = os.stat(real)  # noqa: PTH116 - for each of many files
    except OSError as error:
        raise system_error(name, error) from error
    if not is_inside and not _is_under(real, real_roots):
        raise DataError("D01", f"`{shown}` leads outside the workspace", "a link points to another place")
    if not stat.S_ISREG(status.st_mode):
        raise _not_regular(name, status.st_mode)
    return stamp_from(real, status)


def _not_regular(name: str, mode: int) -> DataError:
    what = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"
    hint = "write a glob such as `folder/*.parquet`" if stat.S_ISDIR(mode) else ""
    return DataError("D03", f"`{Path(name).name}` is {what}, not a regular file", hint)


def system_error(name: str, error: OSError) -> DataError:
    """The system's refusal as a problem of the source."""
    short = Path(name).name
    if error.errno == errno.ELOOP:
        return DataError("D03", f"`{short}` is a loop of links")
    if error.errno == errno.ENOENT:
        return DataError("D02", f"`{short}` is not there", "it was removed, or a link points to nothing")
    if error.errno in (errno.EACCES, errno.EPERM):
        return DataError("D04", f"`{short}`: permission denied", "ask its owner for the right to read it")
    return DataError("D04", f"`{short}` cannot be read: {error.strerror}")


def stamp_of(path: Path) -> FileStamp:
    """The file's stamp; raises OSError."""
    return stamp_from(path, os.stat(path))  # noqa: PTH116 - for each of many files


def is_unchanged(stamp: FileStamp) -> bool:
    """Whether the file is still in the state of the stamp; raises OSError."""
    found = os.stat(stamp.path)  # noqa: PTH116 - for each of many files
    return (found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns) == (
        stamp.size,
        stamp.mtime_ns,
        stamp.inode,
        stamp.ctime_ns,
    )


def stamp_from(path: Path | str, status: os.stat_result) -> FileStamp:
    """The file's stamp from what the system said of it."""
    return FileStamp(str(path), status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)


def fingerprint(source: Source, folder: str, allowed_roots: tuple[Path, ...] = ()) -> Fingerprint:
    """The fingerprint of one source, from stat alone; never raises."""
    try:
        return Fingerprint(resolve(source, folder, allowed_roots))
    except DataError as error:
        return Fingerprint((), error.code)
    except OSError:
        return Fingerprint((), "D02")


def read_stable(path: Path, limit: int = READ_WHOLE_BYTES) -> bytes:
    """The file's bytes, all of one state: its stamp is the same before and after, else it is read again once.

    Raises DataError D02-D04 when it can't be read, D07 above `limit` bytes, D08 when it changes twice.
    """
    for attempt in range(2):
        if attempt:
            time.sleep(_SETTLE_S)
        data, is_stable = _read_once(path, limit)
        if is_stable:
            return data
    raise rewritten(path.name)


def rewritten(name: str) -> DataError:
    """The error for a file that is no longer as it was a moment ago."""
    return DataError("D08", f"`{name}` is being rewritten", "it is read again when it has settled")


def open_regular(path: Path) -> int:
    """A handle for reading a regular file, without waiting for a pipe; raises DataError D03, OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
    handle = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise _not_regular(str(path), mode)
    return handle


def _read_once(path: Path, limit: int) -> tuple[bytes, bool]:
    try:
        with os.fdopen(open_regular(path), "rb") as opened:
            before = os.fstat(opened.fileno())
            if before.st_size > limit:
                raise DataError("D07", f"`{path.name}` has {before.st_size} bytes", "split it, or save it as Parquet")
            data = opened.read(before.st_size + 1)  # asked for far more, each file would take fresh memory
            after = os.fstat(opened.fileno())
        now = path.stat()
    except OSError as error:
        raise system_error(str(path), error) from error
    same = stamp_from(path, before) == stamp_from(path, after) == stamp_from(path, now)
    return data, same and len(data) == before.st_size


def check_content(name: str, suffix: str, head: bytes, tail: bytes) -> None:
    """Raise DataError when the first and last bytes are not what the suffix says (D05, D06, D09)."""
    if not head:
        raise DataError("D09", f"`{name}` is empty: no rows")
    found = _kind_of(head)
    if suffix == ".parquet":
        if head[:4] != b"PAR1":
            raise DataError("D05", f"`{name}` is not Parquet{f': it is {found}' if found else ''}")
        if tail[-4:] != b"PAR1":
            raise DataError("D06", f"`{name}` is incomplete: its end is missing", "it was cut off while being copied")
    elif suffix in _PACKED:
        word, magic = _PACKED[suffix]
        if not head.startswith(magic):
            raise DataError("D05", f"`{name}` is not {word}{f': it is {found}' if found else ''}")
    elif found:
        raise DataError("D05", f"`{name}` is not CSV: it is {found}", "save it as CSV, or name it after what it is")


def _kind_of(head: bytes) -> str:
    """What the first bytes give away, or "" when nothing does."""
    for magic, kind in (
        (b"PAR1", "Parquet"),
        (b"\x1f\x8b", "compressed (gzip)"),
        (b"PK\x03\x04", "a zip file or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
        (b"BZh", "compressed (bzip2)"),
        (b"%PDF", "PDF"),
        (b"SQLite format 3", "an SQLite database"),
    ):
        if head.startswith(magic):
            return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        return "a web page (HTML or XML)"
    if re.match(rb'[\[{]\s*([\[{"\]}]|$)', text):
        return "JSON"
    return ""
