"""The log of changes: blocks of lines for people, records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.cell import NoteCell, RoleCell, SignalCell, SnoozeCell, StandUpCell
from kputui.render.dates import day_text
from kputui.render.lines import Ink
from kputui.render.problem import wrap
from kputui.render.safe import cell_width, fit, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.model.cell import Cell
    from kputui.render.lines import Line
    from kputui.session.history import Entry

_WIDTH = 100
_TIME = len("30 Sep 2013 18:05")
_MAX_AUTHOR = 16
_MIN_WORDS = 20


def log_lines(entries: Sequence[Entry], width: int | None = None) -> tuple[Line, ...]:
    """A block a change, in the order given: number, day, author and what; below it the reason and what became of it.

    At most `width` cells wide (100 when it is not known) where that leaves room for words.
    """
    numbers = max((len(str(entry.seq)) for entry in entries), default=1)
    authors = max((cell_width(_author(entry)) for entry in entries), default=1)
    lead = numbers + 2 + _TIME + 2 + authors + 2
    room = max((width or _WIDTH) - lead, _MIN_WORDS)
    lines: list[Line] = []
    for entry in entries:
        first, *rest = wrap(entry.what, room)
        lines.append(
            (
                (f"{entry.seq:>{numbers}}  ", Ink.STRONG),
                (f"{_time(entry):>{_TIME}}  {fit(_author(entry), authors)}  ", Ink.MUTED),
                (first, Ink.MUTED if entry.is_undone else Ink.PLAIN),
            )
        )
        lines += [((" " * lead + words, Ink.PLAIN),) for words in rest]
        lines += [((" " * lead + words, Ink.MUTED),) for note in _notes(entry) for words in wrap(note, room)]
    return tuple(lines)


def log_records(entries: Sequence[Entry]) -> list[dict[str, object]]:
    """The changes for programs: names as the files write them beside the words for people."""
    return [_record(entry) for entry in entries]


def _author(entry: Entry) -> str:
    return safe("-" if entry.is_start else entry.author, _MAX_AUTHOR)


def _time(entry: Entry) -> str:
    return f"{day_text(entry.at.date())} {entry.at:%H:%M}"


def _notes(entry: Entry) -> Iterator[str]:
    if entry.reason:
        yield f"exception: {entry.reason}" if entry.is_override else entry.reason
    if entry.is_start:
        yield "stood there before there was a journal"
    if entry.is_undone:
        yield "undone since"


def _record(entry: Entry) -> dict[str, object]:
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "day": entry.day.isoformat(),
        "login": entry.author,
        "uid": entry.uid,
        "host": entry.host,
        **_cell(entry.cell),
        "before": entry.before,
        "after": entry.after,
        "subject": entry.subject,
        "old": entry.old,
        "new": entry.new,
        "reason": entry.reason,
        "is_override": entry.is_override,
        "undoes": entry.undoes,
        "is_undone": entry.is_undone,
        "is_start": entry.is_start,
    }


def _cell(cell: Cell) -> dict[str, object]:
    record: dict[str, object] = {"metric": None, "role": None, "cpi": None, "kpi": None}
    match cell:
        case RoleCell():
            return record | {"metric": cell.metric, "role": cell.role.value}
        case SignalCell():
            return record | {"metric": cell.metric, "signal": cell.start.isoformat()}
        case NoteCell():
            return record | {"note": cell.subject.written, "day": cell.day.isoformat()}
        case SnoozeCell():
            return record | {"snooze": cell.item}
        case StandUpCell():
            return record | {"stand_up": cell.day.isoformat()}
    return record | {"cpi": cell.cpi, "kpi": cell.kpi}
