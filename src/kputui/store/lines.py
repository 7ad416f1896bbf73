"""A change as one line of the journal, and back."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from kputui.model.cell import (
    Cell,
    CellValue,
    Holding,
    LinkCell,
    NoteCell,
    RoleCell,
    SignalCell,
    SnoozeCell,
    StandUpCell,
)
from kputui.model.change import (
    Assign,
    Author,
    Change,
    Decide,
    Explain,
    Hold,
    Import,
    Note,
    Other,
    Snooze,
    Unassign,
    Undo,
)
from kputui.model.ids import MetricId, PersonId, TeamId
from kputui.model.link import LinkDecision, LinkState
from kputui.model.ownership import Assignee, Role
from kputui.model.remark import MAX_REMARK, Remark, subject_of
from kputui.model.standing_up import Held, Snoozed
from kputui.store.faults import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.model.change import Command

MAX_LINE = 4000
"""Bytes of a line with its end: one write below a page is never torn by a kill."""
_TEXTS = ("decided_by", "method", "reason", "cpi_hash", "kpi_hash")


def encode(change: Change, previous: str) -> bytes:
    """The line of a change, with its end; `previous` is the hash of the line before it.

    Raises StoreError S23 when the line is longer than `MAX_LINE` bytes, or a remark than `MAX_REMARK`: it must
    still fit beside the one that replaces it.
    """
    if isinstance(change.after, Remark):
        _check_remark(change.after)
    row: dict[str, object] = {
        "seq": change.seq,
        "at": f"{change.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
        "login": change.author.login,
        "uid": change.author.uid,
        "host": change.author.host,
        **_command(change.command),
        "cell": key_of(change.cell),
        "before": value_to_plain(change.before),
        "after": value_to_plain(change.after),
    }
    if change.reason:
        row["reason"] = change.reason
    if change.is_override:
        row["override"] = True
    if change.undoes is not None:
        row["undoes"] = change.undoes
    row["prev"] = previous
    text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    line = text.encode("utf-8", "replace")
    if len(line) > MAX_LINE:
        size = f"{len(line)} bytes, and a line of the journal holds {MAX_LINE}"
        raise StoreError("S23", f"the change is too long: {size}", "write a shorter reason, or name fewer at once")
    return line


def _check_remark(remark: Remark) -> None:
    size = len(remark.text.encode("utf-8", "replace"))
    if size > MAX_REMARK:
        words = f"the text has {size} bytes, and an explanation or a note holds {MAX_REMARK}"
        raise StoreError("S23", words, "write it shorter, or name the document that says it all")


def decode(row: Mapping[str, Any]) -> Change:
    """The change of a line; raises ValueError when it does not hold one."""
    try:
        cell = cell_of_key(row["cell"])
        after = value_from_plain(cell, row["after"])
        return Change(
            seq=int(row["seq"]),
            at=datetime.fromisoformat(row["at"]).astimezone(UTC),
            author=Author(str(row["login"]), int(row["uid"]), str(row["host"])),
            command=_read_command(row, cell, after),
            cell=cell,
            before=value_from_plain(cell, row["before"]),
            after=after,
            reason=str(row.get("reason", "")),
            is_override=bool(row.get("override", False)),
            undoes=None if row.get("undoes") is None else int(row["undoes"]),
        )
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"not a change: {error}") from error


def key_of(cell: Cell) -> list[str]:
    """A cell as the journal names it."""
    if isinstance(cell, RoleCell):
        return ["role", cell.metric, cell.role.value]
    if isinstance(cell, SignalCell):
        return ["signal", cell.metric, cell.start.isoformat()]
    if isinstance(cell, NoteCell):
        return ["note", cell.subject.written, cell.day.isoformat(), str(cell.number)]
    if isinstance(cell, SnoozeCell):
        return ["snooze", cell.item, ""]
    if isinstance(cell, StandUpCell):
        return ["stand-up", cell.day.isoformat(), ""]
    return ["link", cell.cpi, cell.kpi]


def cell_of_key(key: list[str]) -> Cell:
    """The cell that the journal names so; raises ValueError for anything else."""
    kind, first, second, *more = map(str, key)
    if kind == "note":
        (number,) = more
        return NoteCell(subject_of(first), date.fromisoformat(second), int(number))
    if more:
        raise ValueError(f"too many names for a cell: {key!r}")
    if kind == "signal":
        return SignalCell(MetricId(first), date.fromisoformat(second))
    if kind == "snooze" and not second:
        return SnoozeCell(first)
    if kind == "stand-up" and not second:
        return StandUpCell(date.fromisoformat(first))
    if kind == "role":
        return RoleCell(MetricId(first), Role(second))
    if kind == "link":
        return LinkCell(MetricId(first), MetricId(second))
    raise ValueError(f"no cell is of the kind {kind!r}")


def value_to_plain(value: CellValue) -> dict[str, Any] | None:
    """A cell's value as JSON holds it, what is empty left out."""
    if isinstance(value, Holding):
        plain: dict[str, Any] = {"assignees": [one.written for one in value.assignees]}
        if value.since is not None:
            plain["since"] = value.since.isoformat()
        if value.exception:
            plain["exception"] = value.exception
        return plain
    if isinstance(value, LinkDecision):
        plain = decision_to_plain(value)
        if value.decided_on is not None:
            plain["decided_on"] = value.decided_on.isoformat()
        return plain
    if isinstance(value, Remark):
        return {"text": value.text, "by": value.by, "on": value.on.isoformat()}
    if isinstance(value, Snoozed):
        return {"until": value.until.isoformat(), "by": value.by, "on": value.on.isoformat()}
    if isinstance(value, Held):
        return {"since": value.since.isoformat(), "by": value.by, "changes": list(value.changes)}
    return None


def decision_to_plain(decision: LinkDecision) -> dict[str, Any]:
    """A decision as TOML holds it, what is empty left out."""
    plain: dict[str, Any] = {"state": decision.state.value}
    plain |= {name: text for name in _TEXTS if (text := getattr(decision, name))}
    if decision.decided_on is not None:
        plain["decided_on"] = decision.decided_on
    if decision.evidence:
        plain["evidence"] = {name: _listed(one) for name, one in decision.evidence.items()}
    return plain


def value_from_plain(cell: Cell, plain: dict[str, Any] | None) -> CellValue:
    """A cell's value out of JSON; raises ValueError and TypeError for what is none."""
    if plain is None:
        return None
    if isinstance(cell, RoleCell):
        since = plain.get("since")
        return Holding(
            tuple(assignee_of(text) for text in plain["assignees"]),
            date.fromisoformat(since) if since is not None else None,
            str(plain.get("exception", "")),
        )
    if isinstance(cell, SignalCell | NoteCell):
        return Remark(str(plain["text"]), str(plain["by"]), date.fromisoformat(plain["on"]))
    if isinstance(cell, SnoozeCell):
        return Snoozed(date.fromisoformat(plain["until"]), str(plain["by"]), date.fromisoformat(plain["on"]))
    if isinstance(cell, StandUpCell):
        return Held(date.fromisoformat(plain["since"]), str(plain["by"]), tuple(map(int, plain["changes"])))
    decided_on = plain.get("decided_on")
    return LinkDecision(
        cpi=cell.cpi,
        kpi=cell.kpi,
        state=LinkState(plain["state"]),
        decided_on=date.fromisoformat(decided_on) if decided_on is not None else None,
        evidence=plain_evidence(plain.get("evidence", {})),
        **{name: str(plain.get(name, "")) for name in _TEXTS},
    )


def assignee_of(text: str) -> Assignee:
    """The assignee written as `team` or `team/person`."""
    team, _, person = text.partition("/")
    return Assignee(TeamId(team), PersonId(person) if person else None)


def plain_evidence(found: object) -> dict[str, object]:
    """Evidence of any names with values that both files can hold; dates and odd values become text."""
    if not isinstance(found, dict):
        return {}
    return {str(name): _plain(value) for name, value in found.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_plain(one) for one in value)
    if isinstance(value, dict):
        return plain_evidence(value)
    if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _listed(value: object) -> object:
    """Plain evidence with lists for tuples, as the writers of both files want."""
    if isinstance(value, list | tuple):
        return [_listed(one) for one in value]
    if isinstance(value, dict):
        return {name: _listed(one) for name, one in value.items()}
    return value


def _command(command: Command | Undo | Other) -> dict[str, object]:
    """What stands in a line beyond the cell and its values to tell the command."""
    row: dict[str, object] = {"command": _word(command)}
    if isinstance(command, Assign | Unassign) and command.assignee is not None:
        row["assignee"] = command.assignee.written
    return row


def _word(command: Command | Undo | Other) -> str:
    if isinstance(command, Other):
        return command.word
    if isinstance(command, Import):
        return "start" if command.is_start else "import"
    return type(command).__name__.lower()


def _read_command(row: Mapping[str, Any], cell: Cell, after: CellValue) -> Command | Undo | Other:
    word = str(row["command"])
    who = row.get("assignee")
    if isinstance(cell, RoleCell):
        if word == "assign" and who is not None:
            return Assign(cell.metric, cell.role, assignee_of(who))
        if word == "unassign":
            return Unassign(cell.metric, cell.role, assignee_of(who) if who is not None else None)
    elif (remark := _read_remark(word, cell, after)) is not None:
        return remark
    elif isinstance(cell, LinkCell) and word == "decide" and isinstance(after, LinkDecision):
        grounds = (after.state, after.method, after.evidence, after.cpi_hash, after.kpi_hash)
        return Decide(cell.cpi, cell.kpi, *grounds)
    if word in ("start", "import"):
        return Import(cell, after, is_start=word == "start")
    return Undo(int(row["undoes"])) if word == "undo" else Other(word)


def _read_remark(word: str, cell: Cell, after: CellValue) -> Explain | Note | Snooze | Hold | None:
    text = after.text if isinstance(after, Remark) else ""
    if isinstance(cell, SignalCell) and word == "explain":
        return Explain(cell.metric, cell.start, text)
    if isinstance(cell, NoteCell) and word == "note":
        return Note(cell.subject, cell.day, text, cell.number)
    if isinstance(cell, SnoozeCell) and word == "snooze":
        return Snooze(cell.item, after.until if isinstance(after, Snoozed) else None)
    if isinstance(cell, StandUpCell) and word == "hold" and isinstance(after, Held):
        return Hold(cell.day, after.since, after.changes)
    return None
