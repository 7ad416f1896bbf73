"""`kputui [DIR]`: the board, or what can be said without a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kputui.cli import context, exits
from kputui.errors import ExitCode
from kputui.session.board import Board

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(options: Namespace, open_board: OpenBoard) -> ExitCode | int:
    """Open the board and give its exit code; without a terminal print the status report and answer 2.

    Raises `ConfigError` with all problems of a workspace that cannot be read.
    """
    if context.find_folder(options) is None:
        exits.say_plainly(context.WELCOME)
        return ExitCode.USAGE
    if not has_terminal():
        report(options)
        exits.say("there is no terminal to open the board in", "this is what `kputui status` prints")
        return ExitCode.USAGE
    opened = context.opened(options)
    return open_board(Board(opened), context.board_options(options, opened))


def report(options: Namespace) -> None:
    """Print what `kputui status` prints for people."""
    from kputui.cli import status  # noqa: PLC0415 - the board's start does not pay for a report it seldom prints

    status.print_report(context.opened(options), options)


def has_terminal() -> bool:
    """Whether keys can be read and a screen be drawn: Textual would spin for ever without."""
    return os.environ.get("TERM") != "dumb" and all(_is_terminal(descriptor) for descriptor in (0, 1, 2))


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
