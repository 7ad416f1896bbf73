"""Remote files under the places that the user has given leave for: listed now and then, fetched as copies. No polars.

No workspace can give that leave: it comes from the command line or from the user's own settings.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING
from weakref import finalize

from kputui.engine.copies import MOST_BYTES, Copies
from kputui.engine.stores import chosen, split
from kputui.errors import DataError
from kputui.model.remote import how_to_allow, is_allowed, url_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from kputui.engine.stores import RemoteFile, Store

EVERY_S = 60.0
"""A remote place is looked at again after so many seconds."""


def store_at(folder: str) -> Store:
    """The store of a folder's URL; raises DataError D32 without the library that it takes."""
    if folder.startswith(("http://", "https://")):
        from kputui.engine.http_store import HttpStore  # noqa: PLC0415 - only remote sources need the network

        return HttpStore(folder)
    from kputui.engine.object_store import ObjectStore  # noqa: PLC0415 - as above

    return ObjectStore.at(folder)


def check_leave(url: str, prefixes: tuple[str, ...] = ()) -> None:
    """Raise DataError D01 for a URL that is malformed, or that lies under none of the places allowed."""
    if fault := url_fault(url):
        raise DataError("D01", f"the path `{url[:200]}` {fault}")
    if not is_allowed(url, prefixes):
        raise DataError("D01", f"`{url}` is a remote place, which is read only with your leave", how_to_allow(url))


@dataclass(frozen=True, slots=True)
class Look:
    """What a place listed at a moment of the monotonic clock; `error` when it did not."""

    at: float
    files: tuple[RemoteFile, ...] = ()
    error: DataError | None = None


class Remote:
    """The remote files that may be read. One for a process; safe for several threads."""

    def __init__(
        self,
        prefixes: tuple[str, ...],
        cache: Path | None = None,
        *,
        every_s: float = EVERY_S,
        most_bytes: int = MOST_BYTES,
        open_store: Callable[[str], Store] = store_at,
    ) -> None:
        """Allow URLs under the prefixes; copies lie in `cache`, or are removed at the end without one."""
        self.prefixes = prefixes
        self._every_s = every_s
        self._most_bytes = most_bytes
        self._open = open_store
        self._cache = cache
        self._copies: Copies | None = None
        self._looks: dict[str, Look] = {}
        self._under_way: set[str] = set()
        self._lock = Lock()
        self._fetching = Lock()

    def look(self, url: str) -> tuple[RemoteFile, ...]:
        """The files of a URL or glob, looked at now unless that was done lately.

        Raises DataError D01 without leave, and as the stores do.
        """
        check_leave(url, self.prefixes)
        known = self._looks.get(url)
        if known is None or time.monotonic() - known.at >= self._every_s:
            known = self._look(url)
        if known.error is not None:
            raise DataError(known.error.code, known.error.message, known.error.hint)
        return known.files

    def seen(self, url: str) -> Look | None:
        """What is known of a URL without waiting: None before the first look. An old look starts another one."""
        check_leave(url, self.prefixes)
        known = self._looks.get(url)
        if known is not None and time.monotonic() - known.at >= self._every_s:
            with self._lock:
                if url in self._under_way:
                    return known
                self._under_way.add(url)
            Thread(target=self._look_aside, args=(url,), name="kputui-remote", daemon=True).start()
        return known

    def fetched(self, files: tuple[RemoteFile, ...]) -> tuple[Path, ...]:
        """Copies of the files, fetched where there are none; raises DataError D07 when they are too large, D33."""
        size = sum(one.size for one in files)
        if size > self._most_bytes:
            message = f"{len(files)} remote files have {size} bytes; at most {self._most_bytes} are fetched"
            raise DataError("D07", message, "name fewer files, or copy them below the workspace")
        with self._fetching:
            copies = self._room()
            found = []
            for one in files:
                path = copies.known(one)
                if path is None:
                    path = copies.keep(one, self._open(split(one.url)[0]).pieces(one))
                    copies.tidy([*files, *self._used()])
                found.append(path)
            return tuple(found)

    def _used(self) -> list[RemoteFile]:
        return [one for look in list(self._looks.values()) for one in look.files]

    def _look(self, url: str) -> Look:
        try:
            found = Look(time.monotonic(), chosen(self._open(split(url)[0]), url))
        except DataError as error:
            found = Look(time.monotonic(), error=error)
        with self._lock:
            self._looks[url] = found
        return found

    def _look_aside(self, url: str) -> None:
        try:
            self._look(url)
        finally:
            with self._lock:
                self._under_way.discard(url)

    def _room(self) -> Copies:
        if self._copies is None:
            folder = self._cache
            if folder is None:
                folder = Path(tempfile.mkdtemp(prefix="kputui-"))
                finalize(self, shutil.rmtree, folder, ignore_errors=True)  # at the latest when the program ends
            self._copies = Copies(folder / "remote", self._most_bytes)
        return self._copies
