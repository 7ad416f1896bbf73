"""Asking: from a key to a question, from its answer to a change, and from the change back to a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui import store
from kputui.model.cell import NoteCell, RoleCell, SignalCell, SnoozeCell, StandUpCell
from kputui.model.change import Assign, Unassign
from kputui.model.ownership import Role
from kputui.render.form import Told
from kputui.session import choosing, commands
from kputui.session.history import entry_of
from kputui.session.views import Tone
from kputui.session.words import metric_words
from kputui.tui.changing import Seen, Wish
from kputui.tui.explaining import ExplainQuestion
from kputui.tui.noting import NoteQuestion, SnoozeQuestion, subject_of
from kputui.tui.questions import (
    ConflictQuestion,
    DecideQuestion,
    Question,
    ReassignQuestion,
    RemoveQuestion,
    UndoQuestion,
)
from kputui.tui.screens.form import FormScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from kputui.model.cell import Cell
    from kputui.model.change import Change
    from kputui.session.board import Board
    from kputui.tui.actions import Situation
    from kputui.tui.changing import ChangeDesk
    from kputui.tui.form import Form
    from kputui.tui.linepane import Look
    from kputui.tui.messages import ChangeSaved, ChangeStopped

_LETTERS = {f"set_{role.value}": role for role in Role}


class Asking:
    """Opens the questions of accountability over the board and hands their answers to the desk.

    `push` shows a screen, `say` is the board's one notice line.
    """

    def __init__(
        self,
        board: Board,
        desk: ChangeDesk,
        push: Callable[[Screen[None]], object],
        look: Callable[[], Look],
        say: Callable[[str], None],
    ) -> None:
        """Nothing is asked yet."""
        self._board, self._desk = board, desk
        self._push, self._look, self._say = push, look, say
        self._open: list[tuple[Question, FormScreen]] = []

    def seen(self, cells: tuple[Cell, ...]) -> None:
        """The person has looked at what others changed there."""
        self._desk.carry_out(Seen(cells))

    def act(self, action_id: str, situation: Situation) -> None:
        """Do what a key asks for; its refusal has been asked already."""
        metric = situation.cpi
        if action_id == "undo":
            self._undo()
        elif action_id in {"note", "snooze", "hold"}:
            self._write(action_id, situation)
        elif action_id == "explain" and situation.detail is not None:
            self._ask(ExplainQuestion(self._board, situation.detail.signals))
        elif metric is None:
            return
        elif action_id == "reassign":
            self._ask(ReassignQuestion(self._board, metric, chosen=situation.assignee))
        elif action_id == "confirm":
            self._ask(DecideQuestion(self._board, metric, situation.kpi))
        elif situation.assignee is not None and action_id in _LETTERS:
            self._set(Assign(metric, _LETTERS[action_id], situation.assignee))
        elif situation.assignee is not None and action_id == "remove":
            self._remove(situation)

    def _write(self, action_id: str, situation: Situation) -> None:
        """What is written down in a stand-up, and notes anywhere."""
        item, row = situation.item, situation.row
        if action_id == "hold" and situation.hold is not None:
            seen = commands.revision(self._board, situation.hold)
            self._carry_out(Wish(situation.hold, seen_revision=seen))
        elif action_id == "snooze" and item is not None:
            self._ask(SnoozeQuestion(self._board, item))
        elif item is not None or row is not None:
            self._ask(NoteQuestion(self._board, subject_of(item, row)))

    def _set(self, command: Assign) -> None:
        refusal = commands.refusal(self._board, command)
        if refusal is None:
            self._carry_out(Wish(command, seen_revision=commands.revision(self._board, command)))
        elif refusal.can_override:
            question = ReassignQuestion(self._board, command.metric, command.role, command.assignee)
            question.form = question.form.to("reason")
            question.insist(question.form)
            self._ask(question)
        else:
            self._say(f"refused: {refusal.message}" + (f"; {refusal.hint}" if refusal.hint else ""))

    def _remove(self, situation: Situation) -> None:
        metric, assignee = situation.cpi, situation.assignee
        if metric is None or assignee is None:
            return
        held = [
            one
            for one in choosing.holders(self._board.opened, metric, assignee.team)
            if assignee.person is None or one.assignee == assignee
        ]
        if not held:
            return
        command = Unassign(metric, held[0].role, held[0].assignee)
        if len(held) == 1 and commands.refusal(self._board, command) is None:
            self._carry_out(Wish(command, seen_revision=commands.revision(self._board, command)))
        else:
            self._ask(RemoveQuestion(self._board, metric, held))

    def _undo(self) -> None:
        entry = choosing.last_own(self._board.opened, store.whoami())
        if entry is None:
            self._say("you have no change to undo")
        else:
            self._ask(UndoQuestion(self._board, entry))

    def _ask(self, question: Question) -> None:
        screen = FormScreen(question, self._answered, self._look)
        self._open = [(one, shown) for one, shown in self._open if shown.is_attached]
        self._open.append((question, screen))
        self._push(screen)

    def _answered(self, form: Form) -> None:
        question, screen = self._open[-1]
        wish = question.answered(form)
        if wish is not None:
            self._carry_out(wish)
        elif isinstance(question, ConflictQuestion):
            self._close(1 if form.value("then") == "cancel" else len(self._open))
            for before, below in self._open[-1:]:
                before.look_again()
                below.fill(below.form)
        else:
            screen.fill(form.to("reason"))

    def _carry_out(self, wish: Wish) -> None:
        self._tell("saving ...", Tone.MUTED)
        self._desk.carry_out(wish)

    def _tell(self, text: str, tone: Tone) -> None:
        """Say it in the question that is open, else in the board's notice line."""
        self._open = [(question, screen) for question, screen in self._open if screen.is_attached]
        if self._open:
            self._open[-1][1].tell(Told(text, tone))
        else:
            self._say(text)

    def _close(self, count: int) -> None:
        """Close the newest questions that are still open."""
        for _, screen in reversed(self._open[-count:] if count else []):
            if screen.is_attached:
                screen.dismiss(None)
        self._open = self._open[: len(self._open) - count]

    # --- what became of it

    def saved(self, message: ChangeSaved) -> None:
        """Close the questions; name old and new and the key that takes it back."""
        self._close(len(self._open))
        done = message.done
        words = self._short(done.change) if done.change is not None else done.toast
        self._say(words + "".join(f"; {notice.message}" for notice in done.notices[:1]))

    def _short(self, change: Change) -> str:
        """A change in one line, what matters first: old and new, the key that takes it back, then what it is about."""
        workspace, cell = self._board.workspace, change.cell
        entry = entry_of(workspace, change)
        if isinstance(cell, RoleCell):
            words, about = f"{cell.role}: {entry.old} → {entry.new}", f" · {metric_words(workspace, cell.metric)}"
        elif isinstance(cell, SignalCell | NoteCell | SnoozeCell | StandUpCell):
            words, about = f"{entry.subject}: {entry.new}", ""
        else:
            words, about = f"link: {entry.old} → {entry.new}", f" · {entry.subject}"
        if change.undoes is not None:
            return f"change {change.undoes} undone · {words}{about}"
        return f"{words} · u takes it back{about}" + (" · an exception" if change.is_override else "")

    def stopped(self, message: ChangeStopped) -> None:
        """Offer the way out: the conflict's choice, the override, or the sentence why not."""
        error = message.error
        if message.conflict is not None:
            for _, screen in self._open[-1:]:
                screen.tell()
            self._ask(ConflictQuestion(self._board, message.wish, message.conflict))
            return
        hint = f"; {error.hint}" if error.hint else ""
        self._tell(f"! not saved: {error.message}{hint}", Tone.BAD)
