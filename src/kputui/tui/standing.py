"""A stand-up in progress: looked up in a thread of its own, kept while its screen is closed and opened again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from kputui.errors import KputuiError
from kputui.model.cell import StandUpCell
from kputui.tui.messages import PageChanged, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from textual.message import Message

    from kputui.session.board import Board
    from kputui.session.standup_views import StandUpView

_MINUTE_S = 60


class StandingUp:
    """One stand-up: what it is about, the page it stands on, and when it began.

    `view` is None until it is looked up, `trouble` says why it cannot be. `post` hands a message to the app from
    any thread; `log` writes an exception to the log and gives its id; `clock` counts seconds.
    """

    def __init__(
        self,
        board: Board,
        post: Callable[[Message], object],
        log: Callable[[BaseException], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is looked up yet."""
        self.board = board
        self._post, self._log, self._clock = post, log, clock
        self.view: StandUpView | None = None
        self.trouble = ""
        self.at = 0
        self.began_seq = board.opened.ownership.seq
        self.day: date = board.opened.clock.today
        self._began_s = clock()
        self._is_started = False

    @property
    def minutes(self) -> int:
        """Whole minutes since the first page was shown."""
        return int((self._clock() - self._began_s) // _MINUTE_S)

    @property
    def is_over(self) -> bool:
        """Whether it was held, or another day has begun."""
        opened = self.board.opened
        return self.day != opened.clock.today or opened.ownership.revision(StandUpCell(self.day)) > self.began_seq

    def look_back(self) -> None:
        """Have it looked up, once the figures of now are complete; a second call does nothing."""
        if not self._is_started:
            self._is_started = True
            threading.Thread(target=self._work, name="kputui-standup", daemon=True).start()

    def go(self, steps: int) -> None:
        """Go on by pages, back when negative; the last page is the one behind the items."""
        count = len(self.view.items) if self.view is not None else 0
        self.at = min(max(self.at + steps, 0), count)

    def _work(self) -> None:
        from kputui.session.standup import stand_up  # noqa: PLC0415 - not needed to start

        try:
            view = stand_up(self.board.opened, self.board.figures)
            self._began_s = self._clock()
            self.view = view
        except KputuiError as error:
            self.trouble = f"{error.message}; {error.hint}" if error.hint else error.message
        except BaseException as error:  # noqa: BLE001 - the worker's edge: a panic of the engine is no Exception
            self.trouble = "looking back failed; Esc closes this"
            self._post(WorkFailed("the stand-up", self._log(error)))
        self._post(PageChanged())
