"""Places that hold remote files: what they are asked, and how a glob chooses among what they list. No polars."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kputui.engine import files
from kputui.engine.files import MAX_FILES, suffix_of
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_S = 5
"""A place that does not answer to a knock for so long is not reached."""

ANSWER_S = 20
"""A place that falls silent for so long is not reached."""

PIECE_BYTES = 8 * 2**20
"""So much is asked for at once."""

_WILDCARD = re.compile(r"[*?\[]")
_MOST_LISTED = 200_000


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as its place lists it: `tag` is the place's mark of this very content, "" when it gives none."""

    url: str
    size: int
    modified_ns: int
    tag: str

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.url.rpartition("/")[2]


class Store(Protocol):
    """A place that holds files, opened at a folder."""

    def listed(self) -> Iterator[RemoteFile]:
        """All files below the folder; raises DataError D02, D04, D33."""
        ...

    def head(self, name: str) -> RemoteFile:
        """One file of the folder; raises DataError D02, D04, D33."""
        ...

    def pieces(self, file: RemoteFile) -> Iterator[bytes]:
        """The content of a file; raises DataError D08 when it is another by now, D02, D04, D33."""
        ...


def split(url: str) -> tuple[str, str]:
    """The folder of a URL without wildcards, with its slash, and the name or glob below it."""
    start = _WILDCARD.search(url)
    folder = url[: start.start() if start else len(url)].rpartition("/")[0] + "/"
    return folder, url[len(folder) :]


def chosen(store: Store, url: str) -> tuple[RemoteFile, ...]:
    """The files that a URL or a glob names, sorted; raises DataError as the store does, and D02, D05, D07."""
    folder, pattern = split(url)
    if not suffix_of(pattern):
        raise DataError("D05", f"`{url}`: only .parquet, .csv, .csv.gz and .csv.zst files are read", _TABLES)
    if not _WILDCARD.search(pattern):
        return (store.head(pattern),)
    wanted = re.compile(_as_regex(folder + pattern), re.DOTALL)
    found = []
    for count, one in enumerate(store.listed()):
        if count >= _MOST_LISTED:
            raise DataError("D07", f"`{folder}` holds more than {_MOST_LISTED} files", "name a folder further down")
        if wanted.fullmatch(one.url) and suffix_of(one.name):
            found.append(one)
    if not found:
        raise DataError("D02", f"no file matches `{url}`", f"looked in {folder}")
    if len(found) > MAX_FILES:
        raise DataError("D07", f"`{url}` matches {len(found)} files; at most {MAX_FILES} are read")
    return tuple(sorted(found, key=lambda one: one.url))


_TABLES = "Delta and Iceberg tables are read from local folders"


def _as_regex(pattern: str) -> str:
    """A glob as a regular expression: `**/` stands for any folders, the other signs stay within one."""
    parts = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            parts.append("(?:[^/]+/)*")
            at += 3
        elif pattern[at] == "*":
            parts.append("[^/]*")
            at += 1
        elif pattern[at] == "?":
            parts.append("[^/]")
            at += 1
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
            parts.append(f"(?!/)[{'^' + inside[1:] if inside.startswith('!') else inside}]")
            at = end + 1
        else:
            parts.append(re.escape(pattern[at]))
            at += 1
    return "".join(parts)


def not_reached(where: str, reason: str) -> DataError:
    """A place that does not answer."""
    return DataError("D33", f"`{where}` is not reached: {reason}", "the last values stay until it answers again")


def denied(where: str) -> DataError:
    """A place that says no."""
    hint = "credentials come from the environment, as the place's own tools take them"
    return DataError("D04", f"`{where}`: access denied", hint)


def gone(where: str) -> DataError:
    """A file that is not there."""
    return DataError("D02", f"`{where}` is not there", "a glob such as `*.parquet` reads all files of a folder")


def changed(file: RemoteFile) -> DataError:
    """A file that was rewritten between listing and fetching it."""
    return files.rewritten(file.name)
