"""All of standard error, and every exit code: what each error says and answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kputui import __version__
from kputui.cli import out
from kputui.errors import ConfigError, ExitCode, KputuiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kputui.model.series import Failure


def say(message: str, hint: str = "") -> None:
    """Write a message, and the hint below it, to standard error. Text of files is made safe by the way."""
    from kputui.render.safe import safe  # noqa: PLC0415 - only an error pays for it

    for words in (f"kputui: {message}", *([f"        {hint}"] if hint else [])):
        _write("\n".join(safe(line) for line in words.splitlines()))


def failures(found: Iterable[tuple[str, Failure]]) -> None:
    """Say each failure once, with the names of all that it stops and what to do about it."""
    names: dict[Failure, list[str]] = {}
    for name, failure in found:
        names.setdefault(failure, []).append(name)
    for failure, stopped in names.items():
        say(f"{', '.join(dict.fromkeys(stopped))}: {failure.message} ({failure.code})", failure.hint)


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


def ask(question: str) -> None:
    """Write a question to standard error, the answer beside it. Text of files is made safe by the way."""
    from kputui.render.safe import safe  # noqa: PLC0415 - only a question pays for it

    _write(safe(question), end="")


def tell(words: str) -> None:
    """Write lines beside a question to standard error. Text of files is made safe by the way."""
    from kputui.render.safe import safe  # noqa: PLC0415 - only a question pays for it

    _write("\n".join(safe(line) for line in words.split("\n")))


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


def of_bug(error: BaseException) -> ExitCode:
    """Tell about a bug in one line and keep its traceback in a log that only the user can read."""
    from kputui.session import bug_log  # noqa: PLC0415 - only a bug pays for it

    say(f"this is a bug in kputui {__version__}, error {bug_log.id_of(error)}: {type(error).__name__}")
    try:
        bug_log.keep(error)
    except OSError as failure:
        say(f"its traceback could not be kept: {failure.strerror}")
    else:
        say(
            f"its traceback is in {bug_log.log_path()}",
            "it holds no values of your data; please send it along with the report",
        )
    return ExitCode.BUG


def _write(line: str, *, end: str = "\n") -> None:
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        stream.flush()
        stream.buffer.write(out.encoded(line + end, stream.encoding))
        stream.buffer.flush()
    except OSError:
        return  # there is nowhere left to say it
