"""The board as a process on a real (pseudo-)terminal: it always gives the terminal back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

SCRIPT = str(Path(__file__).with_name("fake_board.py"))
MODES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
CRASHING = """
import sys
sys.path.insert(0, {folder!r})
from fake_board import FakeBoard
from kputui.tui import app
secret_value = "SECRET"
def fail(*_):
    local_value = secret_value
    raise RuntimeError("boom " + local_value)
app.BoardApp.act = fail
sys.exit(app.run(FakeBoard()))
"""


class OnTerminal:
    """A program on a pseudo-terminal."""

    def __init__(self, arguments: list[str], state: Path, term: str = "xterm-256color") -> None:
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ.update(TERM=term, LC_ALL="C.UTF-8", XDG_STATE_HOME=str(state))
            os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - the program itself is what is tested
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.fd)
        self.output = b""

    def wait_for(self, text: bytes, timeout_s: float = 20.0) -> None:
        """Read until `text` was written."""
        end = time.monotonic() + timeout_s
        while text not in self.output and time.monotonic() < end:
            self._read(0.05)
        assert text in self.output, self.output[-2000:]

    def leave(self, timeout_s: float = 10.0) -> int:
        """Read until the program has ended, and give its exit code."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            self._read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._read(0.05)
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        pytest.fail("the program did not end")

    def _read(self, wait_s: float) -> None:
        while select.select([self.fd], [], [], wait_s)[0]:
            try:
                part = os.read(self.fd, 65_536)
            except OSError:
                return
            if not part:
                return
            self.output += part
            wait_s = 0.0

    @property
    def modes_left(self) -> set[bytes]:
        """The private modes that were set and not reset; 7 (wrap) and 25 (cursor) are on by default."""
        on = {b"7", b"25"}
        for numbers, switch in MODES.findall(self.output):
            for number in numbers.split(b";"):
                (on.add if switch == b"h" else on.discard)(number)
        return on ^ {b"7", b"25"}

    def close(self) -> None:
        """End it, if it is still there."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[OnTerminal]:
    """A running board, its names on the screen."""
    running = OnTerminal([SCRIPT], tmp_path)
    running.wait_for(b"quit")
    yield running
    running.close()


def test_q_leaves_with_0_and_gives_the_terminal_back(board: OnTerminal) -> None:
    """After `q` nothing of the board is left: no mode, no raw keyboard, the old screen."""
    os.write(board.fd, b"q")
    assert board.leave() == 0
    assert board.modes_left == set()
    assert b"\x1b[?1049l" in board.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_give_the_terminal_back(board: OnTerminal, number: signal.Signals) -> None:
    """Told to go, the board goes within 2 s, and the terminal is as before."""
    os.kill(board.pid, number)
    assert board.leave(4.0) == 128 + number
    assert board.modes_left == set()


def test_a_crash_gives_the_terminal_back_and_tells_no_data(tmp_path: Path) -> None:
    """A bug ends with 70, a sentence, an id and the log's path; the log holds places in the source, no values."""
    running = OnTerminal(["-c", CRASHING.format(folder=str(Path(SCRIPT).parent))], tmp_path)
    try:
        running.wait_for(b"quit")
        os.write(running.fd, b"?")
        assert running.leave() == 70
        assert running.modes_left == set()
        after = running.output.rpartition(b"\x1b[?1049l")[2].decode()
        log = tmp_path / "kputui" / "kputui.log"
        assert "error " in after
        assert str(log) in after.replace("\r\n", "")
        assert "Traceback" not in after
        error_id = after.partition("(error ")[2].partition(")")[0]
        text = log.read_text(encoding="utf-8")
        assert error_id in text
        assert "RuntimeError" in text
        assert "SECRET" not in after + text
        assert log.stat().st_mode & 0o777 == 0o600
    finally:
        running.close()


@pytest.mark.parametrize(("term", "words"), [("xterm", "the board needs a terminal"), ("dumb", "TERM is dumb")])
def test_without_a_terminal_it_says_so_and_ends(term: str, words: str) -> None:
    """No terminal, or one that can't move its cursor: one line, exit 2, no hang."""
    ended = subprocess.run(
        [sys.executable, SCRIPT],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "TERM": term},
    )
    assert ended.returncode == 2
    assert words in ended.stderr
    assert ended.stdout == ""


def test_what_libraries_write_to_stderr_stays_off_the_screen(tmp_path: Path) -> None:
    """A native library's complaint on file descriptor 2 lands in the log, not in the middle of the board."""
    source = (
        f"import sys, os\nsys.path.insert(0, {str(Path(SCRIPT).parent)!r})\n"
        "from fake_board import FakeBoard\nfrom kputui.tui.app import run\n"
        "class Noisy(FakeBoard):\n"
        "    def refresh(self, is_cancelled, *, is_forced=False):\n"
        "        os.write(2, b'NATIVE PANIC\\n')\n"
        "        yield from super().refresh(is_cancelled, is_forced=is_forced)\n"
        "sys.exit(run(Noisy()))\n"
    )
    running = OnTerminal(["-c", source], tmp_path)
    try:
        running.wait_for(b"off track")
        os.write(running.fd, b"q")
        assert running.leave() == 0
        assert b"NATIVE PANIC" not in running.output
        assert "NATIVE PANIC" in (tmp_path / "kputui" / "kputui.log").read_text(encoding="utf-8")
    finally:
        running.close()


def test_a_video_terminal_gets_no_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal whose name says that it has no colours is sent none."""
    monkeypatch.delenv("COLORTERM", raising=False)
    running = OnTerminal([SCRIPT], tmp_path, term="vt100")
    try:
        running.wait_for(b"off track")
        os.write(running.fd, b"q")
        assert running.leave() == 0
        assert not re.search(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9;]*)?m", running.output)
    finally:
        running.close()
