"""The journal `state/journal.jsonl`: one line a change, each with the hash of the line before it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kputui.errors import Place, Problem
from kputui.model.change import fold, in_force
from kputui.store.faults import StoreError, refused
from kputui.store.folder import JOURNAL, words_of
from kputui.store.lines import decode, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kputui.model.cell import Cell
    from kputui.model.change import Author, Change
    from kputui.model.ownership import Ownership
    from kputui.store.folder import StateFolder

NO_LINE = ""
"""What the first line names as the hash of the line before it."""
_CELL = b'"cell":'
_START = b'"command":"start",'
_AFTER_CELL = b',"before":'
_MAX_SHOWN = 80


def hash_of(line: bytes) -> str:
    """The hash of a line, without its end, that the next line names."""
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()


@dataclass(frozen=True)
class Journal:
    """A journal as it was read: its good lines, and what is wrong after them.

    `lines` follow from each other, each without its end; `hashes` are theirs, `keys` the bytes that
    name the cell each changes (empty for a record of another kind). `tail` is half a line at the end,
    never acknowledged. `lacks_end`: the last line is whole but for its line end. `problem` says which
    line is bad, after which nothing is believed.
    """

    lines: tuple[bytes, ...] = ()
    hashes: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = ()
    tail: bytes = b""
    lacks_end: bool = False
    problem: Problem | None = None
    is_missing: bool = False
    _decoded: dict[int, Change | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def seq(self) -> int:
        """The last change's number; 0 in an empty journal."""
        return len(self.lines)

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self.hashes[-1] if self.hashes else NO_LINE

    @property
    def start_seq(self) -> int:
        """The last of the lines that record what stood there before there was a journal."""
        return next((number for number, line in enumerate(self.lines) if _START not in line), self.seq)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """All changes, oldest first, decoded when first asked for; a record of another kind is left out."""
        return self._these(range(1, self.seq + 1))

    def change(self, seq: int) -> Change | None:
        """Change `seq`; None when there is none, or the line holds a record of another kind."""
        if not 1 <= seq <= self.seq:
            return None
        if seq not in self._decoded:
            try:
                self._decoded[seq] = decode(json.loads(self.lines[seq - 1]))
            except ValueError:
                self._decoded[seq] = None
        return self._decoded[seq]

    def of_cell(self, cell: Cell) -> tuple[Change, ...]:
        """The changes of one cell, oldest first."""
        wanted = _cell_bytes(cell)
        return self._these(seq for seq, key in enumerate(self.keys, 1) if key == wanted)

    def standing_of(self, author: Author) -> Change | None:
        """The author's newest change that stands: not undone, and neither an undo nor a beginning."""
        uid = b'"uid":%d,' % author.uid
        for seq in range(self.seq, 0, -1):
            change = self.change(seq) if uid in self.lines[seq - 1] else None
            if change is None or change.is_start or change.undoes is not None:
                continue
            is_own = (change.author.uid, change.author.login) == (author.uid, author.login)
            if is_own and seq in in_force(self.of_cell(change.cell)):
                return change
        return None

    def ownership_at(self, seq: int) -> Ownership:
        """The ownership after change `seq`, or after the last one."""
        seq = min(seq, self.seq)
        last = dict(zip(self.keys[:seq], range(1, seq + 1), strict=True))
        last.pop(b"", None)
        newest = (self._last_good(key, number) for key, number in last.items())
        ownership = fold(sorted((change for change in newest if change is not None), key=_seq_of))
        return replace(ownership, seq=seq)

    def _last_good(self, key: bytes, seq: int) -> Change | None:
        """The newest line of a cell, up to `seq`, that is understood."""
        while seq and (self.keys[seq - 1] != key or self.change(seq) is None):
            seq -= 1
        return self.change(seq)

    def _these(self, seqs: Iterable[int]) -> tuple[Change, ...]:
        found = (self.change(seq) for seq in seqs)
        return tuple(change for change in found if change is not None)


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
    found = content.replace(b"\r\n", b"\n").split(b"\n")  # a checkout may have changed the line ends
    last = found.pop()
    lines: list[bytes] = []
    hashes: list[str] = []
    keys: list[bytes] = []
    previous = NO_LINE

    def journal(**more: Any) -> Journal:
        return Journal(tuple(lines), tuple(hashes), tuple(keys), **more)

    for number, line in enumerate(found, 1):
        is_plain = line.startswith(b'{"seq":%d,' % number) and line.endswith(b'"prev":"%s"}' % previous.encode())
        if not is_plain or number == len(found):
            code = _fault(line, number, previous)
            if code == "S09" and number == len(found) and not last:
                return journal(tail=line + b"\n")
            if code:
                return journal(problem=_problem(code, shown, number, line, lines))
        lines.append(line)
        keys.append(_key(line))
        previous = hashlib.sha256(line).hexdigest()
        hashes.append(previous)
    if not last:
        return journal()
    if _fault(last, len(lines) + 1, previous):
        return journal(tail=last)
    lines.append(last)
    keys.append(_key(last))
    hashes.append(hash_of(last))
    return journal(lacks_end=True)


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


def _fault(line: bytes, number: int, previous: str) -> str:
    """The code of what is wrong with a line: S09 for what is no record, S10 for a broken chain; "" when nothing is."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return "S09"
    if not isinstance(row, dict):
        return "S09"
    is_next = row.get("prev") == previous and type(row.get("seq")) is int and row["seq"] == number
    return "" if is_next else "S10"


def _key(line: bytes) -> bytes:
    """The bytes that name a line's cell. Quotes inside texts are escaped, so the first match is the key."""
    start = line.find(_CELL)
    end = line.find(_AFTER_CELL, start)
    return line[start + len(_CELL) : end] if 0 <= start < end else b""


def _cell_bytes(cell: Cell) -> bytes:
    return json.dumps(key_of(cell), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _seq_of(change: Change) -> int:
    return change.seq


def _problem(code: str, shown: str, number: int, line: bytes, before: Sequence[bytes]) -> Problem:
    if code == "S10" and before and _fault(before[-1], number - 1, "") == "S09":
        code, number, line = "S09", number - 1, before[-1]
    text = line[:_MAX_SHOWN].decode("utf-8", "replace")
    is_merge = line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||"))
    if is_merge:
        message = "line {} of the journal is a merge mark"
    elif code == "S10":
        message = "line {} of the journal does not follow from the line before it: one of them was edited"
    else:
        message = "line {} of the journal is not understood"
    hint = "take the file whole from one side or from a backup; until then nothing can be changed"
    return Problem(code, message.format(number), place=Place(shown, number, 1, text), hint=hint)
