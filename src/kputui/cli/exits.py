"""All of standard error, and every exit code: what each error says and answers."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from kputui import __version__
from kputui.cli import out
from kputui.errors import ConfigError, ExitCode, KputuiError

_SPEAKS_OF_CODE = (AttributeError, ImportError, NameError, TypeError)
"""Errors whose message names code; other messages may quote a value of somebody's data."""


def say(message: str, hint: str = "") -> None:
    """Write a message, and the hint below it, to standard error. Text of files is made safe by the way."""
    from kputui.render.safe import safe  # noqa: PLC0415 - only an error pays for it

    for words in (f"kputui: {message}", *([f"        {hint}"] if hint else [])):
        _write("\n".join(safe(line) for line in words.splitlines()))


def of_error(error: KputuiError) -> ExitCode:
    """Say what went wrong and what to do; the answer is the error's own. A workspace tells all its problems."""
    if isinstance(error, ConfigError):
        _problems(error)
        return error.exit_code
    say(error.message, error.hint)
    return error.exit_code


def say_plainly(words: str) -> None:
    """Write lines of our own to standard error as they are."""
    _write(words)


def _problems(error: ConfigError) -> None:
    from kputui.cli.places import near  # noqa: PLC0415 - only an error pays for it
    from kputui.render.problem import problem_lines, summary  # noqa: PLC0415 - as above

    for problem in error.problems:
        _write(
            "\n".join(out.paint(line, is_coloured=False) for line in problem_lines(near(problem, Path.cwd()))) + "\n"
        )
    _write(f"kputui: the workspace cannot be read: {summary(error.problems)}")


def of_interrupt() -> ExitCode:
    """An answer to Ctrl-C: no traceback, one line end after the terminal's ^C."""
    _write("")
    return ExitCode.INTERRUPTED


def of_bug(error: BaseException, environ: dict[str, str] | None = None) -> ExitCode:
    """Tell about a bug in one line and keep its traceback in a log that only the user can read."""
    report = "".join(_without_values(error))
    error_id = hashlib.sha256(report.encode("utf-8", "replace")).hexdigest()[:8]
    say(f"this is a bug in kputui {__version__}, error {error_id}: {type(error).__name__}")
    try:
        log = _append(_log_folder(dict(os.environ) if environ is None else environ), error_id, report)
    except OSError as failure:
        say(f"its traceback could not be kept: {failure.strerror}")
    else:
        say(f"its traceback is in {log}", "it holds no values of your data; please send it along with the report")
    return ExitCode.BUG


def _write(line: str) -> None:
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        stream.flush()
        stream.buffer.write(out.encoded(line + "\n", stream.encoding))
        stream.buffer.flush()
    except OSError:
        return  # there is nowhere left to say it


def _without_values(error: BaseException) -> list[str]:
    """The traceback's frames and the kinds of errors, with neither locals nor messages that may quote data."""
    report: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        kind = f"{type(seen).__module__}.{type(seen).__qualname__}"
        message = f": {seen}" if isinstance(seen, (*_SPEAKS_OF_CODE, KputuiError)) else " (message left out)"
        report[:0] = [*traceback.format_tb(seen.__traceback__), kind + message + "\n"]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        if seen is not None:
            report[:0] = ["then:\n"]
    return report


def _log_folder(environ: dict[str, str]) -> Path:
    """The user's state folder, or one in the temporary folder for a user without a home."""
    if (state := environ.get("XDG_STATE_HOME", "")).startswith("/"):
        return Path(state) / "kputui"
    try:
        return Path.home() / ".local" / "state" / "kputui"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"kputui-{os.getuid()}"


def _append(folder: Path, error_id: str, report: str) -> Path:
    """Add the report to the log, which is made with mode 0600 and never through a link; raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "errors.log"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="replace") as log:
        os.fchmod(log.fileno(), 0o600)
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        log.write(f"== {error_id} {stamp} kputui {__version__} python {sys.version.split()[0]}\n{report}\n")
    return path
