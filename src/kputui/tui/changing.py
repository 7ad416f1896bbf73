"""Changes off the key path: one thread carries them out in their order, and nothing is shown before it is saved."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.errors import KputuiError
from kputui.tui.messages import ChangeSaved, ChangeStopped, ReadingsReady, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from kputui.model.cell import Cell
    from kputui.model.change import Command
    from kputui.session.board import Board
    from kputui.session.commands import Done


@dataclass(frozen=True, slots=True)
class Wish:
    """A command that a person wants carried out, with the reason and what they saw when they asked for it.

    Without a command it is the undo of change `undoes`.
    """

    command: Command | None
    reason: str = ""
    is_override: bool = False
    seen_revision: int | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Cells whose change by somebody else the person has looked at."""

    cells: tuple[Cell, ...]


class ChangeDesk:
    """Carries wishes out on a board, one after another.

    `post` hands a message to the app from any thread; `log` writes an exception to the log and gives its
    id. The thread is a daemon: leaving the program does not wait for it, and a change that was not yet
    reported as saved may or may not be.
    """

    def __init__(self, board: Board, post: Callable[[Message], object], log: Callable[[BaseException], str]) -> None:
        """Start with nothing to do; the thread starts with the first wish."""
        self._board, self._post, self._log = board, post, log
        self._wishes: queue.SimpleQueue[Wish | Seen] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def carry_out(self, wish: Wish | Seen) -> None:
        """Have a wish carried out, or what was seen forgotten; a message brings what is to be shown then."""
        self._wishes.put(wish)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="kputui-changes", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            wish = self._wishes.get()
            try:
                self._post(self._forgotten(wish) if isinstance(wish, Seen) else self._become(wish))
            except BaseException as error:  # noqa: BLE001 - the worker's edge: nothing may vanish in a thread
                self._post(WorkFailed("saving the change", self._log(error)))

    def _forgotten(self, seen: Seen) -> Message:
        for cell in seen.cells:
            self._board.forget_marks(cell)
        return ReadingsReady(self._board.view())

    def _become(self, wish: Wish) -> Message:
        from kputui import store  # noqa: PLC0415 - not needed to start
        from kputui.session import commands  # noqa: PLC0415 - not needed to start

        board = self._board
        try:
            done = self._do(wish)
        except store.ConflictError as error:
            conflict = commands.conflict(board, error)
            board.catch_up()
            return ChangeStopped(wish, error, board.view(), conflict)
        except KputuiError as error:
            return ChangeStopped(wish, error, board.view())
        return ChangeSaved(done, board.view())

    def _do(self, wish: Wish) -> Done:
        from kputui.model.change import Note  # noqa: PLC0415 - not needed to start
        from kputui.session import commands  # noqa: PLC0415 - not needed to start

        if wish.command is None:
            return commands.undo(self._board, wish.undoes, reason=wish.reason)
        if isinstance(wish.command, Note) and wish.command.text:
            return commands.note(self._board, wish.command.subject, wish.command.day, wish.command.text)
        return commands.apply(
            self._board,
            wish.command,
            reason=wish.reason,
            override=wish.is_override,
            seen_revision=wish.seen_revision,
        )
