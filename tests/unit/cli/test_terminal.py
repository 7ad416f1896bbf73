"""The program as a process on a real (pseudo-)terminal: the board opens, and the line is given back."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WITHIN_S = 30.0


class Terminal:
    """A child process on a terminal of 24 lines and 80 columns, and what it has written so far."""

    def __init__(self, words: list[str], **environment: str) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.written = b""
        env = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kputui", *words], stdin=slave, stdout=slave, stderr=slave, env=env, close_fds=True
        )

    def read_until(self, mark: bytes) -> bool:
        """Whether the mark was written before the process ended or time was up."""
        until = time.monotonic() + WITHIN_S
        while mark not in self.written and time.monotonic() < until:
            if not self._read() and self.process.poll() is not None:
                break
        return mark in self.written

    def _read(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], 0.1)
        if not ready:
            return False
        self.written += os.read(self.master, 65_536)
        return True

    def end(self) -> int:
        """Wait for the process to end, reading what it still writes; its exit code."""
        until = time.monotonic() + WITHIN_S
        while self.process.poll() is None and time.monotonic() < until:
            self._read()
        while self._read():
            pass
        return self.process.wait(1)

    def close(self) -> None:
        """Make sure that nothing is left running."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def started(request: pytest.FixtureRequest, demo: Path) -> Iterator[Terminal]:
    """The program on a terminal, with the demo as its workspace."""
    environment = getattr(request, "param", {})
    terminal = Terminal(["-w", str(demo)], XDG_STATE_HOME=str(demo.parent), **environment)
    yield terminal
    terminal.close()


def test_the_board_opens_and_q_leaves(started: Terminal) -> None:
    """On a terminal the board is drawn; q ends it with 0 and the line's settings are what they were."""
    assert started.read_until(b"Goals"), started.written[-2_000:]
    os.write(started.master, b"q")
    assert started.end() == 0
    assert termios.tcgetattr(started.slave)[:4] == started.before[:4]
    assert b"\x1b[?1049l" in started.written


@pytest.mark.parametrize("started", [{"TERM": "dumb"}], indirect=True)
def test_a_dumb_terminal_gets_the_report(started: Terminal) -> None:
    """TERM=dumb gets the goals as plain lines without any escape, and 2."""
    assert started.end() == 2
    assert b"off track" in started.written
    assert b"\x1b" not in started.written


def test_reports_have_colour_on_a_terminal_unless_refused(demo: Path) -> None:
    """A report has colour on a terminal, none with NO_COLOR or --no-color, and fits its 80 columns."""
    for words, environment, is_coloured in (
        (["status"], {"NO_COLOR": ""}, True),
        (["status"], {"NO_COLOR": "1"}, False),
        (["status", "--no-color"], {"NO_COLOR": ""}, False),
    ):
        terminal = Terminal(["-w", str(demo), *words], COLUMNS="", XDG_STATE_HOME=str(demo.parent), **environment)
        assert terminal.end() == 0
        terminal.close()
        assert (b"\x1b[" in terminal.written) is is_coloured
        plain = terminal.written.decode()
        assert is_coloured or max(len(line) for line in plain.splitlines()) <= 80


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(started: Terminal, signum: signal.Signals) -> None:
    """SIGTERM and SIGHUP end the board and leave the terminal as it was."""
    assert started.read_until(b"Goals"), started.written[-2_000:]
    started.process.send_signal(signum)
    assert started.end() == 128 + signum
    assert b"\x1b[?1049l" in started.written
    assert termios.tcgetattr(started.slave)[:4] == started.before[:4]


def test_ctrl_c_in_a_report_is_130(demo: Path) -> None:
    """Ctrl-C while numbers are computed ends with 130 and without a traceback."""
    script = (
        "import kputui.cli.status as status\n"
        "from kputui.cli import main\n"
        "def slow(*_): raise KeyboardInterrupt\n"
        "status.status = slow\n"
        f"raise SystemExit(main(['-w', {str(demo)!r}, 'status'], None))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\n")
