"""Parts of a file, copied to their places in a file of our own in memory: the rest of it is empty and takes no room.

Reading the newest rows of a large file so costs what they cost, and whoever writes the file anew meanwhile can't take
the bytes from under the reader.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.engine import files

if TYPE_CHECKING:
    from collections.abc import Iterable

_HANDLES = Path("/proc/self/fd")
_PIECE = 2**20


class Excerpt:
    """A file in memory that is as long as another, with parts of it; it is gone with this object."""

    def __init__(self, handle: int) -> None:
        """Over an open handle, which is closed in the end."""
        self.handle = handle

    @property
    def path(self) -> Path:
        """Where it can be read."""
        return _HANDLES / str(self.handle)

    def __del__(self) -> None:
        """Give the memory back."""
        os.close(self.handle)


def excerpt_of(path: Path, stamp: files.FileStamp, parts: Iterable[tuple[int, int]]) -> Excerpt | None:
    """The bytes [start, end) of each part of a file in the state of the stamp; None where the system has no such files.

    Raises DataError D02-D04, D08 when the file is in another state.
    """
    try:
        found = Excerpt(os.memfd_create("kputui", os.MFD_CLOEXEC))
    except (AttributeError, OSError):  # no Linux, or it is not allowed
        return None
    if not _HANDLES.is_dir():
        return None
    try:
        os.truncate(found.handle, stamp.size)
        with os.fdopen(files.open_regular(path), "rb", buffering=0) as opened:
            for start, end in parts:
                _copy(opened.fileno(), found.handle, max(0, start), min(end, stamp.size))
            states = [os.fstat(opened.fileno()), path.stat()]
    except OSError as error:
        raise files.system_error(str(path), error) from error
    if any(files.stamp_from(path, state) != stamp for state in states):
        raise files.rewritten(path.name)
    return found


def _copy(source: int, target: int, start: int, end: int) -> None:
    while start < end:
        data = os.pread(source, min(end - start, _PIECE), start)
        if not data:
            return
        start += os.pwrite(target, data, start)
