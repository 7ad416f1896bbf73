"""All commands and options as data: the parser, the help and docs/commands.md are made from it."""

from __future__ import annotations

from pathlib import Path

from kputui.cli.changing_commands import CHANGING
from kputui.cli.reading_commands import READING
from kputui.cli.words import BOARD, Command, Count, Option, day, one_of

__all__ = ["BOARD", "COMMANDS", "GLOBAL_OPTIONS", "HELP", "Command", "Count", "Option", "one_of"]

GLOBAL_OPTIONS = (
    Option(
        ("-w", "--workspace"),
        "the workspace's folder; without it ./config, else the folder of the nearest kputui.toml upwards",
        "DIR",
        convert=Path,
    ),
    Option(
        ("--today",), "what the clock says, as YYYY-MM-DD: for reviews of the past and for tests", "DATE", convert=day
    ),
    Option(
        ("--allow-root",),
        "a further folder that data may be read from; may be repeated",
        "DIR",
        Count.REPEATED,
        convert=Path,
    ),
    Option(
        ("--allow-remote",),
        "a URL under which data may be read, such as s3://bucket/folder/; may be repeated",
        "URL",
        Count.REPEATED,
    ),
    Option(("--as",), "whose board `mine` shows; the journal names who is logged in, whatever this says", "USER"),
    Option(
        ("--no-cache",),
        "compute everything anew; else periods whose files did not change come from ~/.cache/kputui, "
        "which may be deleted at any time",
        count=Count.FLAG,
    ),
    Option(("--no-color",), "words and glyphs only; the variable NO_COLOR does the same", count=Count.FLAG),
    Option(("--version",), "print the version and leave", count=Count.FLAG),
)

HELP = Option(("-h", "--help"), "print help and leave", count=Count.FLAG)

COMMANDS: dict[str, Command] = {command.name: command for command in (*READING, *CHANGING)}
"""By name, in the order of the help."""
