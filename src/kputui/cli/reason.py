"""The written reason of a change: from the option, or asked for on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import exits
from kputui.cli.asking import can_ask, typed_line
from kputui.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace


def reason_of(options: Namespace, question: str) -> str:
    """The reason given, else what is typed to `question` on the terminal.

    Raises UsageError when there is neither a reason nor a terminal to ask on.
    """
    given = " ".join((options.reason or "").split())
    if given:
        return given
    if options.reason is None and can_ask():
        exits.ask(f"{question} Why? ")
        if typed := " ".join(typed_line().split()):
            return typed
        raise UsageError("no reason was given; nothing was changed")
    raise UsageError("a change needs a written reason", 'say why: --reason "..."')
