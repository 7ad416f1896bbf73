"""The journal `state/journal.jsonl`: one line a change, each with the hash of the line before it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kputui.errors import Place, Problem
from kputui.model.change import fold
from kputui.store.faults import StoreError, refused
from kputui.store.folder import JOURNAL, words_of
from kputui.store.lines import decode, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kputui.model.cell import Cell
    from kputui.model.change import Change
    from kputui.model.ownership import Ownership
    from kputui.store.folder import StateFolder

Row = dict[str, Any]
NO_LINE = ""
"""What the first line names as the hash of the line before it."""
_MAX_SHOWN = 80


def hash_of(line: bytes) -> str:
    """The hash of a line, without its end, that the next line names."""
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()


@dataclass(frozen=True)
class Journal:
    """A journal as it was read: its good lines, and what is wrong after them.

    `rows` are the lines that follow from each other, `hashes` theirs. `tail` is half a line at the
    end, never acknowledged. `lacks_end`: the last line is whole but for its line end. `problem` says
    which line is bad, after which nothing is believed.
    """

    rows: tuple[Row, ...] = ()
    hashes: tuple[str, ...] = ()
    tail: bytes = b""
    lacks_end: bool = False
    problem: Problem | None = None
    is_missing: bool = False
    _decoded: dict[int, Change] = field(default_factory=dict, repr=False, compare=False)

    @property
    def seq(self) -> int:
        """The last change's number; 0 in an empty journal."""
        return len(self.rows)

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self.hashes[-1] if self.hashes else NO_LINE

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """All changes, oldest first; a line of another kind of record is left out."""
        return self.where(lambda _: True)

    def where(self, wanted: Callable[[Row], bool]) -> tuple[Change, ...]:
        """The changes of the lines that are wanted, oldest first."""
        found = (self.change(row) for row in self.rows if wanted(row))
        return tuple(change for change in found if change is not None)

    def of_cell(self, cell: Cell) -> tuple[Change, ...]:
        """The changes of one cell, oldest first."""
        key = key_of(cell)
        return self.where(lambda row: row.get("cell") == key)

    def ownership_at(self, seq: int) -> Ownership:
        """The ownership after change `seq`."""
        last: dict[tuple[str, ...], Row] = {}
        for row in self.rows[:seq]:
            if (key := _key(row)) is not None:
                last.pop(key, None)
                last[key] = row
        found = (self.change(row) for row in last.values())
        return fold(change for change in found if change is not None)

    def change(self, row: Row) -> Change | None:
        """The change of one line; None for a line of another kind of record."""
        seq = row["seq"]
        if seq not in self._decoded:
            try:
                self._decoded[seq] = decode(row)
            except ValueError:
                return None
        return self._decoded[seq]


def read_journal(folder: StateFolder) -> Journal:
    """The journal of a state folder, its chain checked line by line; never raises for what the file holds."""
    try:
        content = folder.read(JOURNAL)
    except OSError as error:
        message = f"the journal cannot be read: {words_of(error)}"
        return Journal(problem=Problem("S08", message, place=Place(folder.shown(JOURNAL), 1)))
    if content is None:
        return Journal(is_missing=True)
    return parse(content, folder.shown(JOURNAL))


def parse(content: bytes, shown: str) -> Journal:
    """The journal in `content`; `shown` is the file's path for problems.

    Half a last line is the tail; a last line that only lacks its end counts.
    """
    lines = content.split(b"\n")
    last = lines.pop()
    rows: list[Row] = []
    hashes: list[str] = []
    previous = NO_LINE
    for number, line in enumerate(lines, 1):
        row = _row(line)
        if row is None and number == len(lines) and not last:
            return Journal(tuple(rows), tuple(hashes), tail=line + b"\n")
        if row is None or (code := _fault(row, number, previous)) is not None:
            fault = "S09" if row is None else code or "S09"
            return Journal(tuple(rows), tuple(hashes), problem=_problem(fault, shown, number, line))
        rows.append(row)
        previous = hashlib.sha256(line).hexdigest()
        hashes.append(previous)
    if not last:
        return Journal(tuple(rows), tuple(hashes))
    row = _row(last)
    if row is None or _fault(row, len(rows) + 1, previous) is not None:
        return Journal(tuple(rows), tuple(hashes), tail=last)
    return Journal((*rows, row), (*hashes, hash_of(last)), lacks_end=True)


def cut_tail(folder: StateFolder, journal: Journal) -> str:
    """Set half a line at the end aside into a file and cut it off, under the lock; the file's name.

    Raises OSError.
    """
    temp = folder.write_temp("tail", journal.tail)
    aside = folder.free_name(JOURNAL, "torn")
    folder.rename(temp, aside)
    handle = folder.open(JOURNAL, os.O_RDWR, is_ours=True)
    try:
        size = os.fstat(handle).st_size
        os.ftruncate(handle, size - len(journal.tail))
        os.fsync(handle)
    finally:
        os.close(handle)
    return aside


def append(folder: StateFolder, journal: Journal, lines: Sequence[bytes]) -> None:
    """Add lines in one write and put them on disk: the commit. Raises StoreError; then nothing was added."""
    block = (b"\n" if journal.lacks_end else b"") + b"".join(lines)
    try:
        handle = folder.open(JOURNAL, os.O_WRONLY | os.O_APPEND, is_ours=True)
    except OSError as error:
        raise refused(error, "save the change") from error
    try:
        size = os.fstat(handle).st_size
        try:
            _commit(handle, block)
        except OSError as error:
            _take_back(handle, size)
            raise refused(error, "save the change") from error
    finally:
        os.close(handle)


def _commit(handle: int, block: bytes) -> None:
    """All of a block in one write: half a write is a full disk."""
    if os.write(handle, block) != len(block):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fdatasync(handle)


def _take_back(handle: int, size: int) -> None:
    try:
        os.ftruncate(handle, size)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreError("S18", f"it is not known whether the change was saved: {reason}", "look at the log") from error
    with contextlib.suppress(OSError):
        os.fsync(handle)


def _row(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _fault(row: Mapping[str, Any], number: int, previous: str) -> str | None:
    """The code of what is wrong with a line that is whole JSON."""
    if row.get("prev") != previous or type(row.get("seq")) is not int or row["seq"] != number:
        return "S10"
    return None if "cell" not in row or _key(row) is not None else "S09"


def _key(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    cell = row.get("cell")
    if isinstance(cell, list) and len(cell) == 3 and all(isinstance(part, str) for part in cell):
        return tuple(cell)
    return None


def _problem(code: str, shown: str, number: int, line: bytes) -> Problem:
    text = line[:_MAX_SHOWN].decode("utf-8", "replace")
    is_merge = line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||"))
    if is_merge:
        message = "line {} of the journal is a merge mark"
    elif code == "S10":
        message = "line {} of the journal does not follow from the line before it"
    else:
        message = "line {} of the journal is not understood"
    hint = "take the file whole from one side or from a backup; until then nothing can be changed"
    return Problem(code, message.format(number), place=Place(shown, number, 1, text), hint=hint)
