"""The terminal's driver: Textual's, but one that leaves without waiting for its own input thread."""

from __future__ import annotations

import contextlib
import termios

from textual.drivers.linux_driver import LinuxDriver


class BoardDriver(LinuxDriver):
    """Textual's driver of a terminal.

    Textual waits up to 0.2 s for the thread that reads keys. Nobody needs that thread's end when the
    process ends with it, a moment later; a program that is only suspended still waits for it.
    """

    is_leaving = False

    def disable_input(self) -> None:
        """Read no more keys; those typed ahead are dropped, so that they do not reach the shell."""
        if not self.is_leaving:
            super().disable_input()
        elif not self.exit_event.is_set():
            self._disable_mouse_support()
            self.exit_event.set()
            with contextlib.suppress(termios.error):
                termios.tcflush(self.fileno, termios.TCIFLUSH)
