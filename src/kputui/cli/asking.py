"""Questions on the terminal: one line each, a default in brackets, asked again until the answer fits."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
from typing import TYPE_CHECKING, TypeVar

from kputui.cli import exits
from kputui.errors import KputuiError, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Read = TypeVar("_Read")

LATER = "later"
"""The default of a question that may stay open."""

_MOST = 300
_KEYS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?")


def can_ask() -> bool:
    """Whether somebody sits there: keys come in, and the question can be read."""
    try:
        return all(os.isatty(descriptor) for descriptor in (0, 2)) and not sys.stdin.closed
    except (OSError, AttributeError):
        return False


def typed_line() -> str:
    """One line of the terminal, "" when it ends.

    Ctrl-C ends the waiting at once: also when the system hands the signal to a thread of polars, which leaves
    the main thread in its read.
    """
    keys, (woken, waker) = sys.stdin.fileno(), os.pipe()
    os.set_blocking(waker, False)
    before = signal.set_wakeup_fd(waker)
    try:
        while keys not in select.select([keys, woken], [], [])[0]:
            os.read(woken, _MOST)
        return sys.stdin.readline()
    finally:
        signal.set_wakeup_fd(before)
        os.close(woken)
        os.close(waker)


def line_of(question: str, default: str = "") -> str:
    """What is typed to a question, without what arrow keys send; the default for an empty line.

    Raises UsageError when the answers end (Ctrl-D).
    """
    exits.ask(f"  {question} [{default}] " if default else f"  {question} ")
    try:
        typed = typed_line()
    except UnicodeDecodeError:
        exits.tell("     this was no text in the terminal's encoding; once more, please")
        return line_of(question, default)
    if not typed:
        raise UsageError("the answers ended before the last question", "nothing was written")
    plain = "".join(one for one in _KEYS.sub("", typed) if one.isprintable() or one.isspace())
    return " ".join(plain.split()) or default


def words_of(question: str, refusal: Callable[[str], str] | None = None) -> str:
    """A sentence, or "" when it is left for later; `refusal` says what is wrong with one ("": nothing)."""
    while True:
        text = line_of(question, LATER)
        if text == LATER:
            return ""
        if len(text) > _MOST:
            exits.tell(f"     that has {len(text)} characters; at most {_MOST}, please")
        elif refusal is not None and (wrong := refusal(text)):
            exits.tell(f"     {wrong}")
        else:
            return text


def one_of_these(question: str, options: Sequence[str], default: str) -> str:
    """One of the few words that the question names; the beginning of one is enough."""
    while True:
        typed = line_of(question, default).casefold()
        fitting = [option for option in options if option.startswith(typed)]
        if len(fitting) == 1:
            return fitting[0]
        exits.tell(f"     {did_you_mean(typed, options) or 'one of: ' + ', '.join(options)}")


def until_it_fits(question: str, default: str, read: Callable[[str], _Read]) -> _Read:
    """What `read` makes of the answer; what it raises is told, and the question asked again."""
    while True:
        typed = line_of(question, default)
        try:
            return read(typed)
        except KputuiError as error:
            exits.tell("\n".join(f"     {words}" for words in (error.message, error.hint) if words))
