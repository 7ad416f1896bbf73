"""All of standard output: text for people, and data as bytes. Nothing else of kputui writes to it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from kputui.render.lines import Line


def text(words: str) -> None:
    """Write text and a line end; pictures that the encoding lacks become ASCII.

    A reader that left (`| head`) is no error: the rest goes nowhere and the command goes on to its answer.
    Raises `UsageError` when the stream is closed or full.
    """
    stream = _stream()
    _write(stream, encoded(words.rstrip("\n") + "\n", stream.encoding))


def lines(styled: Iterable[Line], *, is_coloured: bool) -> None:
    """Write styled lines, with colour when wanted."""
    text("\n".join(paint(line, is_coloured=is_coloured) for line in styled))


def data(content: bytes) -> None:
    """Write data as it is (UTF-8 text, Parquet); on a terminal made safe, so that no value acts on it."""
    if is_terminal():
        from kputui.render.safe import safe  # noqa: PLC0415 - help and version need none of it

        text("\n".join(safe(line) for line in content.decode("utf-8", "replace").split("\n")))
        return
    _write(_stream(), content)


def signal_terminal(sequence: str) -> None:
    """Write a bell or a notification as it is; `render.notification` makes them, and only a terminal gets them."""
    if is_terminal():
        stream = _stream()
        _write(stream, sequence.encode(stream.encoding or "utf-8", "replace"))


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def is_nowhere() -> bool:
    """Whether what is written goes nowhere: it was sent there, or whoever read it has left."""
    try:
        return os.path.samestat(os.fstat(_stream().fileno()), Path(os.devnull).stat())
    except OSError:
        return False


def width() -> int | None:
    """The terminal's width in cells; None when standard output is no terminal."""
    return shutil.get_terminal_size().columns if is_terminal() else None


def paint(line: Line, *, is_coloured: bool) -> str:
    """A line of (text, style name) pairs as one string; ANSI colours of the terminal's own palette."""
    if not is_coloured:
        return "".join(part for part, _ in line)
    return "".join(f"\x1b[{_SGR[style]}m{part}\x1b[0m" if style in _SGR and part else part for part, style in line)


_SGR = {
    "strong": "1",
    "title": "1",
    "muted": "2",
    "good": "32",
    "caution": "33",
    "bad": "31",
}


def encoded(words: str, encoding: str | None) -> bytes:
    """The words in an encoding, all in ASCII when it lacks one of their characters."""
    try:
        return words.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        from kputui.render.glyphs import ascii_text  # noqa: PLC0415 - only a terminal without UTF-8 pays for it

        return ascii_text(words).encode("ascii", "replace")


def _stream() -> TextIO:
    if sys.stdout is None or sys.stdout.closed:
        raise UsageError("standard output is closed")
    return sys.stdout


def _write(stream: TextIO, content: bytes) -> None:
    try:
        stream.flush()
        stream.buffer.write(content)
        stream.buffer.flush()
    except BrokenPipeError:
        silence(stream)
    except OSError as error:
        silence(stream)
        raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def silence(stream: TextIO) -> None:
    """Send the stream's rest nowhere, so that neither we nor the interpreter's exit trip over it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
