"""The snapshot `state/accountability.toml`: the state that the journal adds up to, for people and for git."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kputui.errors import Place, Problem, Severity
from kputui.model.ownership import Ownership, Role
from kputui.store.entries import Entries
from kputui.store.folder import SNAPSHOT, words_of
from kputui.store.lines import decision_to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.model.ownership import Assignee
    from kputui.model.workspace import Workspace
    from kputui.store.folder import StateFolder

MAX_BYTES = 4 * 1024 * 1024
_HEAD = """\
# Written by kputui: the state that journal.jsonl adds up to.
# A change made here by hand is not lost: the board offers it as an import.

"""
_MERGE_MARK = re.compile(rb"^(?:<{7}|\|{7}|={7}|>{7})(?:\s|$)", re.MULTILINE)
_LISTED = (Role.RESPONSIBLE, Role.CONSULTED, Role.INFORMED)


class Condition(StrEnum):
    """What became of reading a snapshot."""

    WHOLE = "whole"
    MISSING = "missing"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as it was read.

    `data` is its TOML; `seq` and `head` are the change it was written after and that line's hash (None
    and "" where it does not say). `ownership` takes all names as they are; `problems` are entries that
    are not understood. `reason` says in words why it is not whole.
    """

    name: str
    condition: Condition
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    seq: int | None = None
    head: str = ""
    ownership: Ownership = field(default_factory=Ownership)
    problems: tuple[Problem, ...] = ()
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it could be read as TOML."""
        return self.condition is Condition.WHOLE


def read_snapshot(folder: StateFolder, name: str = SNAPSHOT) -> Snapshot:
    """The snapshot of a state folder, or one that was set aside; never raises for what the file holds."""
    try:
        content = folder.read(name)
    except OSError as error:
        return Snapshot(name, Condition.UNREADABLE, reason=words_of(error))
    if content is None:
        return Snapshot(name, Condition.MISSING, reason="it is missing")
    if len(content) > MAX_BYTES:
        return Snapshot(name, Condition.UNREADABLE, reason=f"it is larger than {MAX_BYTES >> 20} MiB")
    return _parsed(content, name, folder.shown(name))


def _parsed(content: bytes, name: str, shown: str) -> Snapshot:
    if not content.strip():
        return Snapshot(name, Condition.EMPTY, reason="it is empty")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        if _MERGE_MARK.search(content):
            return Snapshot(name, Condition.MERGED, reason="it holds merge marks")
        return Snapshot(name, Condition.DAMAGED, reason=_damage(error))
    ownership, problems = decoded(data, text, shown, None)
    seq = data.get("seq")
    head = data.get("journal")
    return Snapshot(
        name,
        Condition.WHOLE,
        text,
        data,
        seq if type(seq) is int and seq >= 0 else None,
        head if isinstance(head, str) else "",
        ownership,
        problems,
    )


def decoded(
    data: dict[str, Any], text: str, shown: str, workspace: Workspace | None
) -> tuple[Ownership, tuple[Problem, ...]]:
    """The ownership in a snapshot's tables and warnings about entries left out; `text` gives their lines."""
    entries = Entries(shown, text, workspace)
    table = _table(data, "assignments", entries)
    assignments = entries.assignments(table)
    decisions = entries.decisions(_table(data, "links", entries))
    exceptions = entries.exceptions(table, assignments)
    return Ownership(assignments, decisions, exceptions=exceptions), tuple(entries.problems)


def tables_of(ownership: Ownership) -> dict[str, Any]:
    """The snapshot's tables `assignments` and `links`, sorted, what is empty left out."""
    assignments: dict[str, Any] = {}
    for metric, held in sorted(ownership.assignments.items()):
        entry: dict[str, Any] = {}
        if held.accountable is not None:
            entry["accountable"] = held.accountable.written
        lists: Mapping[Role, tuple[Assignee, ...]] = {
            Role.RESPONSIBLE: held.responsible,
            Role.CONSULTED: held.consulted,
            Role.INFORMED: held.informed,
        }
        entry |= {role.value: [one.written for one in lists[role]] for role in _LISTED if lists[role]}
        if held.since is not None:
            entry["since"] = held.since
        if metric in ownership.exceptions:
            entry["exception"] = ownership.exceptions[metric]
        assignments[metric] = entry
    links = {f"{cpi}->{kpi}": decision_to_plain(one) for (cpi, kpi), one in sorted(ownership.decisions.items())}
    return {"assignments": assignments, "links": links}


def dump(ownership: Ownership, head: str) -> bytes:
    """The bytes of the snapshot after the last change, whose line has the hash `head`; equal for equal states."""
    import tomli_w  # noqa: PLC0415 - only a save needs it, and a start should not pay for it

    tables = {name: table for name, table in tables_of(ownership).items() if table}
    data = {"seq": ownership.seq, "journal": head, **tables}
    return (_HEAD + tomli_w.dumps(data)).encode("utf-8", "replace")


def unreadable(snapshot: Snapshot, shown: str) -> Problem:
    """The warning about a snapshot that is not whole and that no journal stands behind."""
    code = "S01" if snapshot.condition is Condition.UNREADABLE else "S02"
    message = f"accountability is not known: {snapshot.reason}"
    hint = "the file is written by the program; put a good version back"
    return Problem(code, message, Severity.WARNING, Place(shown, 1), hint=hint)


def _damage(error: ValueError | RecursionError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    return f"not valid TOML: {str(error) or 'nested too deeply'}"


def _table(data: dict[str, Any], name: str, entries: Entries) -> dict[str, Any]:
    table = data.get(name, {})
    if isinstance(table, dict):
        return table
    entries.warn("S03", f'"{name}" is not a table', (name,))
    return {}
