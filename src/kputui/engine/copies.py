"""Copies of remote files in a folder that only the user may read: fetched once, checked, and the oldest removed.

A copy may be deleted or damaged at any time: what does not match its digest is fetched again. No polars.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.engine.files import FileStamp, stamp_of
from kputui.engine.stores import changed
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kputui.engine.stores import RemoteFile

MOST_BYTES = 16 * 2**30
"""The copies of all sources together take no more room than this."""

_DIGEST = "digest"
_PIECE = 2**20


@dataclass(slots=True)
class Copies:
    """A folder of copies, each in a folder of its own that is named after the file, its size and its mark."""

    folder: Path
    most_bytes: int = MOST_BYTES
    _checked: set[FileStamp] = field(default_factory=set)

    def known(self, file: RemoteFile) -> Path | None:
        """The whole and unharmed copy of a file; None when there is none."""
        path = self._place(file)
        try:
            stamp = stamp_of(path)
            if stamp in self._checked:
                return path
            if stamp.size != file.size or (path.parent / _DIGEST).read_text(encoding="ascii") != _digest_of(path):
                return None
            os.utime(path.parent)  # the folder's time says when it was last used
        except (OSError, UnicodeDecodeError):
            return None
        self._checked.add(stamp)
        return path

    def keep(self, file: RemoteFile, pieces: Iterable[bytes]) -> Path:
        """Write a copy in one step; raises DataError D04 when the disk says no, D08 when the size is another."""
        path = self._place(file)
        try:
            for folder in (self.folder.parent, self.folder, path.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            digest = self._write(file, path, pieces)
            (path.parent / _DIGEST).write_text(digest, encoding="ascii")
            self._checked.add(stamp_of(path))
        except OSError as error:
            raise DataError("D04", f"`{file.name}` cannot be kept: {error.strerror}", f"in {self.folder}") from error
        return path

    def _write(self, file: RemoteFile, path: Path, pieces: Iterable[bytes]) -> str:
        """Replace the copy by a rename; its time is the file's own. Gives the digest."""
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")  # mkstemp makes it 0600
        told = hashlib.blake2b()
        size = 0
        try:
            with os.fdopen(handle, "wb") as opened:
                for piece in pieces:
                    size += len(piece)
                    if size > file.size:
                        break
                    told.update(piece)
                    opened.write(piece)
            if size != file.size:
                raise changed(file)
            os.utime(name, ns=(time.time_ns(), file.modified_ns))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
        return told.hexdigest()

    def tidy(self, used: Iterable[RemoteFile]) -> None:
        """Remove the copies that were used longest ago beyond the room for all, none of those in use."""
        kept = {self._place(file).parent for file in used}
        held = 0
        for _, size, folder in sorted(self._all(), reverse=True):
            held += size
            if held > self.most_bytes and folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _all(self) -> Iterator[tuple[int, int, Path]]:
        """When each copy was last used, its size, its folder."""
        with contextlib.suppress(OSError):
            for folder in self.folder.iterdir():
                with contextlib.suppress(OSError):  # another process may have removed it
                    yield folder.stat().st_mtime_ns, sum(one.stat().st_size for one in folder.iterdir()), folder

    def _place(self, file: RemoteFile) -> Path:
        key = repr((file.url, file.size, file.modified_ns, file.tag))
        return self.folder / hashlib.sha256(key.encode()).hexdigest()[:40] / _safe(file.name)


def _safe(name: str) -> str:
    """A name that is one on every disk, with its ending kept."""
    plain = name.replace("\0", "_").replace("/", "_").replace("\\", "_")
    return f"_{plain[-120:]}" if plain in {_DIGEST, ".", "..", ""} else plain[-120:]


def _digest_of(path: Path) -> str:
    told = hashlib.blake2b()
    with path.open("rb") as opened:
        while piece := opened.read(_PIECE):
            told.update(piece)
    return told.hexdigest()
