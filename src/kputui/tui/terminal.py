"""The terminal given and given back: what may open a board, where stray output goes."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import termios
import threading
from typing import TYPE_CHECKING, Any

from kputui.session import bug_log

if TYPE_CHECKING:
    from collections.abc import Iterator

GIVE_BACK_AFTER_S = 2.0
_MONOCHROME = re.compile(r"vt(52|\d{3})(-.*)?|.*-(m|mono)")

# Everything that the board may have set: mouse, focus, paste, kitty keys, resize reports, synchronised
# output, line wrap, the cursor, and last the other screen.
_GIVE_BACK = (
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?2004l"
    "\x1b[<u\x1b[?2048l\x1b[?2026l\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
)


def why_no_board() -> str:
    """Why no board can be opened here, in one sentence; empty when it can."""
    if os.environ.get("TERM", "") in {"", "dumb"}:
        return "this terminal cannot move its cursor (TERM is dumb or not set)"
    for stream, what in ((0, "input"), (2, "error output")):
        if not os.isatty(stream):
            return f"the board needs a terminal: {what} is not one"
    return ""


@contextlib.contextmanager
def stray_output_to_log() -> Iterator[None]:
    """Send what libraries write to file descriptor 2 into the log, while the board writes to the terminal.

    Textual writes to `sys.__stderr__`: that becomes a copy of the descriptor, and 2 itself the log.
    Afterwards both are as before.
    """
    try:
        log = bug_log.open_log()
    except OSError:
        log = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    before, stderr = sys.__stderr__, sys.stderr
    sys.stderr.flush()
    saved = os.dup(2)
    screen = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace", newline="")
    try:
        os.dup2(log, 2)
        os.close(log)
        sys.__stderr__ = screen  # type: ignore[misc]  # Textual takes its terminal from here
        yield
    finally:
        sys.__stderr__, sys.stderr = before, stderr  # type: ignore[misc]
        with contextlib.suppress(OSError):
            screen.close()
        os.dup2(saved, 2)
        os.close(saved)


class BackStop:
    """Gives the terminal back by itself when the program was told to go and is still there 2 s later."""

    def __init__(self) -> None:
        """Remember how the terminal was."""
        self._attributes: list[Any] | None = None
        with contextlib.suppress(termios.error, OSError, ValueError):
            self._attributes = termios.tcgetattr(0)

    def arm(self, exit_code: int) -> None:
        """Start the clock."""
        timer = threading.Timer(GIVE_BACK_AFTER_S, self._give_back, (exit_code,))
        timer.daemon = True
        timer.start()

    def _give_back(self, exit_code: int) -> None:
        with contextlib.suppress(OSError):
            terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            os.write(terminal, _GIVE_BACK.encode())
        if self._attributes is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(0, termios.TCSANOW, self._attributes)
        os._exit(exit_code)


def is_utf8() -> bool:
    """Whether the locale's character set is UTF-8; only then other pictures than ASCII are sent."""
    words = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    return "utf-8" in words.lower() or "utf8" in words.lower()


def has_colour() -> bool:
    """Whether the terminal can show colours, as far as its name says: video terminals and `-m` variants cannot."""
    return _MONOCHROME.fullmatch(os.environ.get("TERM", "")) is None or bool(os.environ.get("COLORTERM"))


def is_remote() -> bool:
    """Whether the terminal is at the other end of a line, where mouse reports cost more than they give."""
    return any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION"))
