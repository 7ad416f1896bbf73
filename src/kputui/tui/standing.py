"""A stand-up in progress: looked up in a thread of its own, kept while its screen is closed and opened again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from kputui.errors import KputuiError
from kputui.model.cell import StandUpCell
from kputui.session.standup_place import Place, PlaceFile
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
        self._file = PlaceFile(board.opened.folder)

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
        if self.view is not None and not self.is_over:
            key = self.view.items[self.at].key if self.at < count else ""
            self._file.write(Place(self.day, self.began_seq, key, self._clock() - self._began_s))

    def _return_to(self, place: Place | None, view: StandUpView) -> None:
        """Go on where the stand-up of the same day was left, unless it was held meanwhile."""
        held = self.board.opened.ownership.revision(StandUpCell(self.day))
        if place is None or place.day != self.day or not held <= place.seq <= self.began_seq:
            return
        keys = [item.key for item in view.items]
        at = len(keys) if not place.key else keys.index(place.key) if place.key in keys else 0
        self.began_seq, self.at, self._began_s = place.seq, at, self._began_s - place.elapsed_s

    def _work(self) -> None:
        from kputui.session.standup import stand_up  # noqa: PLC0415 - not needed to start

        try:
            view = stand_up(self.board.opened, self.board.figures)
            self._began_s = self._clock()
            self._return_to(self._file.read(), view)
            self.view = view
        except KputuiError as error:
            self.trouble = f"{error.message}; {error.hint}" if error.hint else error.message
        except BaseException as error:  # noqa: BLE001 - the worker's edge: a panic of the engine is no Exception
            self.trouble = "looking back failed; Esc closes this"
            self._post(WorkFailed("the stand-up", self._log(error)))
        self._post(PageChanged())
