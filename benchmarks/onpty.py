"""Programs on a pseudo-terminal, with the standard library alone: what they write, and how fast."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

DOWN = b"\x1b[B"
FLOOR = (sys.executable, str(Path(__file__).with_name("floor_app.py")))


class OnPty:
    """One run of a program on a terminal of `size` (columns, rows); ends with the `with` block."""

    def __init__(self, command: Sequence[str], size: tuple[int, int] = (140, 40)) -> None:
        """Start it."""
        self.started = time.monotonic()
        self.pid, self._fd = pty.fork()
        if not self.pid:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            os.execvp(command[0], list(command))  # noqa: S606 - a whole program is what is measured
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, if it is still there."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    def send(self, data: bytes) -> None:
        """Press keys."""
        os.write(self._fd, data)

    def read(self, *, until: bytes = b"", quiet_s: float = 0.08, timeout_s: float = 15.0) -> tuple[bytes, float, float]:
        """What is written until `until` is in it, or until nothing came for `quiet_s` once something did.

        Gives the bytes, and the seconds until the first and the last of them.
        """
        begun = time.monotonic()
        data, first_s, last_s = b"", 0.0, 0.0
        while (now := time.monotonic() - begun) < timeout_s:
            if data and not until and now - last_s > quiet_s:
                break
            if not select.select([self._fd], [], [], 0.005)[0]:
                continue
            try:
                part = os.read(self._fd, 65_536)
            except OSError:
                break
            last_s = time.monotonic() - begun
            first_s = first_s or last_s
            data += part
            if until and until in data:
                break
        return data, first_s, last_s
