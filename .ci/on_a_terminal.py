"""Run a command on a pseudo-terminal of 140x40, wait for a text, press keys, answer its exit code.

Exit 1 when the text is not seen in time, or when the terminal's modes are not given back.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=$ ]*[a-zA-Z@`~]|\x1b[()][0-9A-Z]|\x1b[=>]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
MODES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")


def drain(fd: int, seconds: float, seen: bytearray, until: bytes | None = None) -> bool:
    """Read for at most `seconds`, or until the text is on the wire or the child closes; was it seen?"""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([fd], [], [], min(left, 0.2))[0]:
            continue
        try:
            chunk = os.read(fd, 65536)
        except OSError:
            return until is None
        if not chunk:
            return until is None
        seen += chunk
        if until is not None and until in ESCAPES.sub(b"", bytes(seen)):
            return True
    return False


def modes_left(seen: bytes) -> list[str]:
    """The private modes that were set and never reset (the cursor, mode 25, counts when left hidden)."""
    state: dict[str, bytes] = {}
    for numbers, letter in MODES.findall(seen):
        for number in numbers.decode().split(";"):
            state[number] = letter
    shown_at_rest = {"25", "7"}
    return [n for n, letter in state.items() if letter == (b"l" if n in shown_at_rest else b"h")]


def main() -> int:
    """Run, wait, press, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wait-for", required=True)
    parser.add_argument("--keys", default="")
    parser.add_argument("--timeout", type=float, default=900)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.setdefault("TERM", "xterm-256color")
        os.execvp(given.command[0], given.command)  # noqa: S606 - the command is this script's argument
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    seen = bytearray()
    found = drain(fd, given.timeout, seen, given.wait_for.encode())
    if found:
        drain(fd, 3, seen)
        for key in given.keys:
            os.write(fd, key.encode())
            drain(fd, 0.3, seen)
        drain(fd, 20, seen)
    text = ESCAPES.sub(b"", bytes(seen)).decode("utf-8", "replace")
    if not found:
        sys.stdout.write(text[-4000:])
        print(f"\nnever saw {given.wait_for!r}")
        return 1
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    left = modes_left(bytes(seen))
    print(f"saw {given.wait_for!r}; pressed {given.keys!r}; exit {code}; terminal modes left set: {left or 'none'}")
    return code or (1 if left else 0)


if __name__ == "__main__":
    sys.exit(main())
