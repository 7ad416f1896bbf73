"""The worker that computes: one daemon thread that refreshes, then polls, and never paints."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from kputui.tui.messages import ReadingsReady, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.message import Message

    from kputui.session.views import BoardView

POLL_EVERY_S = 1.0
SETTLES_IN_S = 0.5
"""A file that has stayed as it is for so long after a change was seen is read; one that is still written goes on."""


class LiveBoard(Protocol):
    """What the front end needs of `session.board.Board`."""

    def first(self) -> BoardView:
        """Names only, at once."""
        ...

    def refresh(self, is_cancelled: Callable[[], bool], *, is_forced: bool = False) -> Iterator[BoardView]:
        """Views with numbers, each better than the one before; `is_forced` takes what it finds, shrunk or not."""
        ...

    def stopped(self) -> BoardView:
        """What is on show after a refresh that was cancelled."""
        ...

    def poll(self) -> bool:
        """Whether a file has changed since the last look, and has settled."""
        ...

    @property
    def is_settling(self) -> bool:
        """Whether the last poll saw a change that has not settled yet."""
        ...

    def reload(self) -> object:
        """Read the workspace and its state again."""
        ...


class Refresher:
    """Runs the board's refresh in a thread, again whenever its poll sees a change.

    `post` hands a message to the app from any thread; `log` writes an exception to the log and gives
    its id. The thread is a daemon: leaving the program never waits for it.
    """

    def __init__(
        self, board: LiveBoard, post: Callable[[Message], object], log: Callable[[BaseException], str]
    ) -> None:
        """Do nothing yet."""
        self._board, self._post, self._log = board, post, log
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._cancel = threading.Event()
        self._is_accepting = self._is_reading_again = self._is_going_on = False
        self._thread = threading.Thread(target=self._work, name="kputui-refresh", daemon=True)

    def start(self) -> None:
        """Compute for the first time, then watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end at its next look; a refresh stops between two intervals."""
        self._stop.set()
        self._wake.set()

    def cancel(self) -> None:
        """End the refresh that runs, at the engine's next interval; the board stays as it is then."""
        self._cancel.set()

    def go_on(self) -> None:
        """Compute what is not computed yet: after a cancel."""
        self._is_going_on = True
        self._wake.set()

    def accept(self) -> None:
        """Compute everything now and take what is there, data that shrank included."""
        self._is_accepting = True
        self._wake.set()

    def read_again(self) -> None:
        """Read the workspace's files now, without waiting for them to settle: a person has just saved them."""
        self._is_reading_again = True
        self._wake.set()

    def _is_to_end(self) -> bool:
        return self._stop.is_set() or self._cancel.is_set()

    def _work(self) -> None:
        is_due = True
        has_failed = False
        while not self._stop.is_set():
            pause_s = POLL_EVERY_S
            self._wake.clear()
            is_forced, self._is_accepting = self._is_accepting, False
            is_going_on, self._is_going_on = self._is_going_on, False
            is_asked, self._is_reading_again = self._is_reading_again, False
            try:
                if is_asked:
                    self._board.reload()
                    is_due = True
                if is_due or is_forced or is_going_on:
                    self._cancel.clear()
                    is_complete = False
                    for view in self._board.refresh(self._is_to_end, is_forced=is_forced):
                        self._post(ReadingsReady(view))
                        is_complete = not view.header.is_computing
                    if self._cancel.is_set() and not is_complete:
                        self._post(ReadingsReady(self._board.stopped()))
                    is_due = has_failed = False
                elif self._board.poll():
                    self._board.reload()
                    is_due = True
                    continue
                elif self._board.is_settling:
                    pause_s = SETTLES_IN_S
            except BaseException as error:  # noqa: BLE001 - the worker's edge: a panic of the engine is no Exception
                is_due = False
                if not has_failed:
                    self._post(WorkFailed("reading the data", self._log(error)))
                has_failed = True
            self._wake.wait(pause_s)
