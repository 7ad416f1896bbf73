"""Errors as data: where, what, and what to do about it. Imports nothing of kputui."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class ExitCode(IntEnum):
    """What the process answers to its caller."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    CONFLICT = 3
    REFUSED = 4
    DATA = 5
    BUG = 70
    INTERRUPTED = 130


class Severity(StrEnum):
    """How much a problem weighs: an error stops the start, the others are findings."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file that a person wrote; `line` and `column` count from 1."""

    file: str
    line: int
    column: int = 1
    source_line: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: its code, where, what, and what to do.

    `key` is the dotted key it is about; `width` is how many columns of the source line the caret
    underlines; `others` are further places that belong to it (the first definition, the cycle). `figures`
    are the named numbers behind a judgement.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    place: Place | None = None
    key: str = ""
    hint: str = ""
    width: int = 1
    others: tuple[Place, ...] = ()
    figures: tuple[tuple[str, float | int | str], ...] = ()


class KputuiError(Exception):
    """The root of every error that kputui raises on purpose."""

    exit_code: ExitCode = ExitCode.BUG

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the message and what the reader can do about it apart."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KputuiError):
    """A command line that cannot be carried out."""

    exit_code = ExitCode.USAGE


class ConfigError(KputuiError):
    """A workspace that cannot be read; holds all its problems at once."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Hold the problems; the message counts them."""
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'}")


class DataError(KputuiError):
    """A source that cannot be read, or a metric that its source cannot give.

    `code` is the stable problem code; the failure stays with the metrics that need this source.
    """

    exit_code = ExitCode.DATA

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Keep the code beside the message."""
        super().__init__(message, hint)
        self.code = code


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely meant, or None when none is near."""
    names = sorted(set(known))
    folded = {candidate.casefold(): candidate for candidate in names}
    if (same := folded.get(name.casefold())) is not None:
        return same
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The hint that names the nearest known name; empty when none is near."""
    near = nearest(name, known)
    return f"nearest: {near}" if near else ""
