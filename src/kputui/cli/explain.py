"""`kputui explain`: what was behind a signal, for the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import context
from kputui.cli.change import say
from kputui.cli.reason import reason_of
from kputui.model.change import Explain
from kputui.session import commands
from kputui.session.signal_reports import signal_named

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.errors import ExitCode


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Write an explanation; 3 when somebody else explained it first."""
    opened = context.opened(options)
    signal = signal_named(opened, options.metric, options.since)
    seen = commands.revision(opened, Explain(signal.metric, signal.since, ""))
    text = reason_of(options, f"{signal.period}: {signal.text}.")
    return say(commands.apply(opened, Explain(signal.metric, signal.since, text), reason="", seen_revision=seen))
