"""The command line: one thin file a command, all stdout in `out`, all stderr and exit codes in `exits`."""

from kputui.cli.program import main

__all__ = ["main"]
