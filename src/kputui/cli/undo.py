"""`kputui undo`: the last change of one's own taken back, or the one of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import context
from kputui.cli.change import say
from kputui.errors import UsageError
from kputui.session import commands

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.errors import ExitCode


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Undo; 3 when the cell was changed since, 2 when there is nothing to undo."""
    return say(commands.undo(context.opened(options), _number(options.seq), reason=options.reason or ""))


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    raise UsageError(f'"{text}" is not the number of a change', "kputui log lists them")
