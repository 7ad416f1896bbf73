"""The terminal's driver: Textual's, with bursts of keys made pastes, and leaving without waiting for its own thread."""

from __future__ import annotations

import contextlib
import termios
import threading
from itertools import groupby
from time import monotonic
from typing import TYPE_CHECKING

from textual import events
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from textual.message import Message

BURST_KEYS = 64
"""Keys of text that wait together: nobody types or holds a key so fast, so they were pasted."""
_TAIL_S = 0.1
_AS_TEXT = {"enter": "\n", "ctrl+j": "\n", "tab": "\t"}


class BoardDriver(LinuxDriver):
    """Textual's driver of a terminal.

    A terminal without bracketed paste sends pasted text as keys, and each key is a repaint. Keys of text
    that have piled up are handed on as the one `Paste` that they are, with what follows within a moment.

    Textual waits up to 0.2 s for the thread that reads keys. Nobody needs that thread's end when the
    process ends with it, a moment later; a program that is only suspended still waits for it.
    """

    is_leaving = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Nothing waits yet."""
        super().__init__(*arguments, **options)
        self._waiting: list[Message] = []
        self._waiting_lock = threading.Lock()
        self._burst_until = 0.0

    def send_message(self, message: Message) -> None:
        """Hand a message to the app in its own thread, together with those that wait already."""
        with self._waiting_lock:
            self._waiting.append(message)
            is_first = len(self._waiting) == 1
        if is_first:
            self._loop.call_soon_threadsafe(self._hand_on)

    def _hand_on(self) -> None:
        with self._waiting_lock:
            waiting, self._waiting = self._waiting, []
        is_burst_on = monotonic() < self._burst_until
        for message in merged(waiting, 1 if is_burst_on else BURST_KEYS):
            if isinstance(message, events.Paste):
                message.set_sender(self._app)
                self._burst_until = monotonic() + _TAIL_S
            self._app.post_message(message)

    def disable_input(self) -> None:
        """Read no more keys; those typed ahead are dropped, so that they do not reach the shell."""
        if not self.is_leaving:
            super().disable_input()
        elif not self.exit_event.is_set():
            self._disable_mouse_support()
            self.exit_event.set()
            with contextlib.suppress(termios.error):
                termios.tcflush(self.fileno, termios.TCIFLUSH)


def merged(messages: Iterable[Message], least: int) -> Iterator[Message]:
    """The messages in their order, runs of at least `least` keys of text as one `Paste`."""
    for is_text, run in groupby(messages, lambda message: _text_of(message) != ""):
        together = list(run)
        if is_text and len(together) >= least:
            yield events.Paste("".join(map(_text_of, together)))
        else:
            yield from together


def _text_of(message: Message) -> str:
    """The text that a key stands for; empty for anything that no paste holds."""
    if not isinstance(message, events.Key):
        return ""
    return (message.character or "") if message.is_printable else _AS_TEXT.get(message.key, "")
