"""The program's door: `python -m kputui` and the `kputui` script."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from kputui.cli import main as run_command_line

if TYPE_CHECKING:
    from kputui.cli.context import BoardOptions
    from kputui.session.board import Board

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python's 700 searches for garbage a hundred times during a start that makes none: a tenth of its time."""


def main() -> int:
    """Carry out the command line of this process and give its exit code."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    code = run_command_line(None, _open_board)
    if "kputui.tui.app" in sys.modules:
        _end(code)
    return code


def _open_board(board: Board, options: BoardOptions) -> int:
    from kputui.tui import app  # noqa: PLC0415 - Textual is imported only when a board opens

    return app.run(board, options=options)


def _end(code: int) -> NoReturn:
    """End the process here and now, when nothing is left to be said or saved.

    After a board the interpreter would take apart every module and polars' threads: 0.15 s that
    somebody waits for the shell.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
