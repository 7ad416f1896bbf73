"""Commands: what may be changed is changed on disk first and in memory then, with the words for both front ends."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui import store
from kputui.errors import ExitCode, KputuiError, UsageError
from kputui.model.cell import NoteCell
from kputui.model.change import Assign, Decide, Note, cell_of
from kputui.model.link import LinkState
from kputui.session import accountability
from kputui.session.board import Board
from kputui.session.deciding import with_grounds
from kputui.session.history import cell_words, value_words
from kputui.session.naming import people_of
from kputui.session.words import assignee_words, listed, metric_words, person_words, span_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kputui.analysis.evidence.verdict import Evidence
    from kputui.errors import Problem
    from kputui.model.change import Author, Change, Command
    from kputui.model.ids import MetricId
    from kputui.model.remark import Subject
    from kputui.model.workspace import Workspace
    from kputui.session.accountability import Refusal
    from kputui.session.open import Opened

_MOST_AT_ONCE = 20
"""How many others may write a note on the same subject and day at the same moment."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command.

    `change` is None when it was so already. `message` names old and new and says for the command line how
    to take it back, `toast` the same for the screens. `notices`: what else happened.
    """

    change: Change | None
    message: str
    toast: str
    notices: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else's change of the same cell, in words for the question "keep / replace / cancel".

    `revision` is what to hand to `apply` as `seen_revision` in order to replace it.
    """

    message: str
    author: str
    value: str
    age_s: float
    revision: int


class RefusedError(KputuiError):
    """A command that a rule refuses; `can_override` says whether a written reason makes it an exception."""

    exit_code = ExitCode.REFUSED

    def __init__(self, refusal: Refusal, hint: str = "") -> None:
        """Take the rule's words."""
        override = "to make an exception, override it with a written reason (--override --reason TEXT)"
        super().__init__(refusal.reason, hint or (override if refusal.can_override else ""))
        self.code = refusal.code
        self.can_override = refusal.can_override


def refusal(target: Board | Opened, command: Command) -> RefusedError | None:
    """Why a command would be refused now, before anything is asked of the person; None when it may go on."""
    opened = _opened(target)
    found = accountability.refusal(
        opened.workspace, opened.ownership, command, day=opened.clock.today, evidence=_evidence(target)
    )
    return RefusedError(found, _way_out(opened.workspace, command, found)) if found is not None else None


def read_only(target: Board | Opened) -> str:
    """In words why nothing can be changed now; empty when it can."""
    return _opened(target).state.read_only


def revision(target: Board | Opened, command: Command) -> int:
    """The revision of the command's cell that is on show: what the person looks at when a dialog opens."""
    return _opened(target).ownership.revision(cell_of(command))


def apply(
    target: Board | Opened,
    command: Command,
    *,
    reason: str,
    override: bool = False,
    seen_revision: int | None = None,
    author: Author | None = None,
) -> Done:
    """Carry a command out: rules, then disk, then memory. On a board in a worker; `board.view()` shows it.

    `seen_revision` is the revision that the person looked at, the one on show when left out. `author` is for
    records of what others did; otherwise the kernel says who it is. Raises RefusedError, UsageError (a
    reason is missing), ConflictError (somebody else was first: see `conflict`), LockedError and StoreError;
    then nothing has changed.
    """
    seen = revision(target, command) if seen_revision is None else seen_revision
    if isinstance(target, Board):
        target.catch_up()
    refused = refusal(target, command)
    if refused is not None and not (override and refused.can_override):
        raise refused
    text = " ".join(reason.split())
    if not text and (refused is not None or isinstance(command, Decide)):
        ground = "an exception" if refused is not None else "a decision without a test"
        raise UsageError(f"{ground} needs a written reason", "say why: it stays in the journal")
    opened = _opened(target)
    with _in_words(opened):
        saved = store.save(
            opened.folder,
            _with_grounds(target, command),
            now=opened.now(),
            seen_revision=seen,
            reason=text,
            is_override=refused is not None,
            day=opened.clock.today,
            identity=author,
        )
    if isinstance(target, Board):
        target.adopt(saved.change.seq if saved.change is not None else None)
    return _done(opened, saved, cell_words(opened.workspace, cell_of(command)))


def note(target: Board | Opened, subject: Subject, day: date, text: str) -> Done:
    """Write one more note on a subject for a day, beside those that others wrote meanwhile; raises as `apply` does."""
    cells = _opened(target).ownership.revisions
    taken = [cell.number for cell in cells if isinstance(cell, NoteCell) and (cell.subject, cell.day) == (subject, day)]
    first = max(taken, default=0) + 1
    for number in range(first, first + _MOST_AT_ONCE):
        with contextlib.suppress(store.ConflictError):
            return apply(target, Note(subject, day, text, number), reason="", seen_revision=0)
    raise UsageError("others are writing notes on the same subject just now", "try again")


def undo(target: Board | Opened, seq: int | None = None, *, reason: str = "", author: Author | None = None) -> Done:
    """Take change `seq` back, or one's own last change that still stands, by a new and inverse change.

    Raises ConflictError when the cell was changed since, UsageError when there is no such change, LockedError and
    StoreError.
    """
    opened = _opened(target)
    with _in_words(opened):
        saved = store.undo(opened.folder, seq, now=opened.now(), reason=" ".join(reason.split()), identity=author)
    if isinstance(target, Board):
        target.adopt(saved.change.seq if saved.change is not None else None)
    assert saved.change is not None  # noqa: S101 - an undo is always a change
    return _done(opened, saved, cell_words(opened.workspace, saved.change.cell))


def import_edit(target: Board | Opened, edit: store.HandEdit, *, reason: str = "") -> Done:
    """Take a hand edit of the snapshot over as changes of one's own; raises as `apply` does."""
    opened = _opened(target)
    with _in_words(opened):
        saved = store.import_edit(opened.folder, edit, now=opened.now(), reason=" ".join(reason.split()))
    changes = [one.change for one in saved if one.change is not None]
    if isinstance(target, Board):
        for change in changes:
            target.adopt(change.seq)
    words = "; ".join(_fact(opened.workspace, change) for change in changes) or "the edit changes nothing"
    return Done(changes[-1] if changes else None, words, words, saved[-1].notices if saved else ())


def discard_edit(target: Board | Opened, edit: store.HandEdit) -> Done:
    """Put the state in force back in place of a hand edit, which is kept under another name."""
    kept = store.discard_edit(_opened(target).folder, edit)
    if isinstance(target, Board):
        target.adopt(None)
    words = f"the edit was not taken over; it is kept as state/{kept}"
    return Done(None, words, words)


def conflict(target: Board | Opened, error: store.ConflictError) -> Conflict:
    """Who was first, with what, and how long ago: `Dana set it to Shop 14 s ago`."""
    opened = _opened(target)
    change = error.change
    value = value_words(opened.workspace, error.cell, error.now_there)
    if change is None:
        return Conflict(f"it is {value} now", "", value, 0.0, 0)
    age_s = max(0.0, (opened.now() - change.at).total_seconds())
    author = person_words(change.author.login)
    message = f"{author} set it to {value} {age_words(age_s)}"
    return Conflict(message, author, value, age_s, change.seq)


def age_words(age_s: float) -> str:
    """`14 s ago`, `3 minutes ago`."""
    return f"{int(age_s)} s ago" if age_s < 60 else f"{span_words(timedelta(seconds=age_s))} ago"


def _opened(target: Board | Opened) -> Opened:
    return target.opened if isinstance(target, Board) else target


@contextlib.contextmanager
def _in_words(opened: Opened) -> Iterator[None]:
    """Let a conflict name its cell and the other side in the workspace's words; what does not exist is misused."""
    try:
        yield
    except store.ConflictError as error:
        error.message = f"{cell_words(opened.workspace, error.cell)}: {conflict(opened, error).message}"
        error.hint = "nothing was changed; look at it, then do it again to replace it"
        raise
    except store.StoreError as error:
        if error.code == "S24":
            raise UsageError(error.message, error.hint) from error
        raise


def _with_grounds(target: Board | Opened, command: Command) -> Command:
    """A decision together with the definitions that were judged, and what the board's data says."""
    if not isinstance(command, Decide):
        return command
    return with_grounds(_opened(target).workspace, command, _evidence(target).get((command.cpi, command.kpi)))


def _evidence(target: Board | Opened) -> Mapping[tuple[MetricId, MetricId], Evidence]:
    """What the data on show says of the links; nothing where no data was looked at."""
    return target.evidence if isinstance(target, Board) else {}


def _way_out(workspace: Workspace, command: Command, found: Refusal) -> str:
    """What could be done instead of a refused assignment."""
    if not isinstance(command, Assign):
        return ""
    if found.code == "R03":
        able = [team.label or str(team.id) for team in workspace.teams.values() if command.metric in team.influences]
        known = f"it is influenced by {listed(able)}" if able else "no team does"
        return f"{known}; or add {command.metric} to the team's `influences`"
    if found.code == "R02" and (team := workspace.teams.get(command.assignee.team)) is not None:
        people = people_of(team)
        return f"in the team: {', '.join(people)}" if people else ""
    return ""


def _done(opened: Opened, saved: store.Saved, subject: str) -> Done:
    change = saved.change
    if change is None:
        words = f"{subject}: it is so already; nothing was changed"
        return Done(None, words, words, saved.notices)
    facts = [_fact(opened.workspace, change), _consequence(opened, saved, change)]
    fact = "; ".join(words for words in facts if words)
    return Done(change, f"{fact} (kputui undo {change.seq} takes it back)", f"{fact} (u takes it back)", saved.notices)


def _fact(workspace: Workspace, change: Change) -> str:
    """`Stuck on the taxiway, accountable: Network planning (Priya), before Ramp and taxi (Sam)`."""
    old, new = (value_words(workspace, change.cell, value) for value in (change.before, change.after))
    lead = f"change {change.undoes} undone: " if change.undoes is not None else ""
    return f"{lead}{cell_words(workspace, change.cell)}: {new}, before {old}"


def _consequence(opened: Opened, saved: store.Saved, change: Change) -> str:
    """What a change leaves to be decided."""
    command, workspace = change.command, opened.workspace
    if not isinstance(command, Decide):
        return "an exception that stays on the list" if change.is_override else ""
    assignment = saved.ownership.assignments.get(command.cpi)
    owner = assignment.accountable if assignment is not None else None
    if command.state is LinkState.CONFIRMED and owner is None:
        return f"nobody is accountable for {metric_words(workspace, command.cpi)} yet"
    best = accountability.best_state_on(workspace, saved.ownership, command.cpi, opened.clock.today)
    if owner is not None and best is not LinkState.CONFIRMED:
        return f"{assignee_words(workspace, owner)} stays accountable without a confirmed link"
    return ""
