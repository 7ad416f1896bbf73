"""The private board on the page of `m`: read in a thread of its own, for nobody's eyes but the user's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from kputui.errors import ConfigError, KputuiError
from kputui.render.lines import Ink, Line
from kputui.tui.messages import PageChanged, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from kputui.session.open import Opened
    from kputui.session.status import GoalStatus


class PrivateBoard:
    """Reads the private board once and tells when there is something to show; it is never written anywhere."""

    def __init__(self, post: Callable[[Message], object], log: Callable[[BaseException], str]) -> None:
        """Start reading."""
        self._post, self._log = post, log
        self._found: tuple[Opened, tuple[GoalStatus, ...]] | None = None
        self._words = "reading your private board ..."
        threading.Thread(target=self._work, name="kputui-private", daemon=True).start()

    def lines(self, width: int) -> tuple[Line, ...]:
        """Its goals with their pace, or why there are none."""
        if self._found is None:
            return ((), ((self._words, Ink.MUTED),))
        from kputui.render.status import status_lines  # noqa: PLC0415 - only a private board needs it

        opened, goals = self._found
        return ((), *status_lines(opened.workspace.project.name, opened.clock, goals, width))

    def _work(self) -> None:
        from kputui.session.mine import open_private  # noqa: PLC0415 - not needed to start
        from kputui.session.status import status  # noqa: PLC0415 - loads the engine, in this thread

        try:
            opened = open_private()
            if opened is None:
                self._words = "no private board: kputui mine --init starts one that only you can read"
            else:
                self._found = (opened, status(opened))
        except ConfigError as error:
            self._words = f"your private board cannot be read: {error.problems[0].message}"
        except KputuiError as error:
            self._words = f"your private board is not read: {error.message}; {error.hint}"
        except BaseException as error:  # noqa: BLE001 - the worker's edge: a panic of the engine is no Exception
            self._post(WorkFailed("reading your private board", self._log(error)))
            return
        self._post(PageChanged())
