"""From words on the command line to an exit code: find the command, parse its options, run it."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kputui import __version__
from kputui.cli import exits, out
from kputui.cli.arguments import BOARD, COMMANDS, GLOBAL_OPTIONS, HELP, Count, one_of
from kputui.cli.manual import help_of, overview
from kputui.errors import ExitCode, KputuiError, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.cli.arguments import Command, Option
    from kputui.cli.context import OpenBoard


def main(argv: Sequence[str] | None, open_board: OpenBoard) -> int:
    """Carry out the command line and give its exit code; nothing escapes but an exit code.

    `open_board` shows a board until the user leaves it and gives the exit code.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return int(_run(words, open_board))
    except KputuiError as error:
        return int(exits.of_error(error))
    except KeyboardInterrupt:
        return int(exits.of_interrupt())
    except BaseException as error:  # noqa: BLE001 - the edge: a panic of polars is a BaseException, and no traceback may show
        return int(exits.of_bug(error))


def _run(words: list[str], open_board: OpenBoard) -> ExitCode | int:
    position = _command_position(words)
    wants_help = set(HELP.flags)
    if position is None and wants_help & set(words):
        out.text(overview())
        return ExitCode.OK
    command, rest = _choose(words, position)
    if wants_help & set(rest):
        out.text(help_of(command))
        return ExitCode.OK
    options = parser_of(command).parse_intermixed_args(rest)
    if options.version:
        out.text(f"kputui {__version__}")
        return ExitCode.OK
    module = importlib.import_module(f"kputui.cli.{command.module}")
    answer: ExitCode | int = module.run(options, open_board)
    return answer


def _choose(words: list[str], position: int | None) -> tuple[Command, list[str]]:
    """The command that the words name and the words without its name; a folder means the board."""
    if position is None:
        return COMMANDS[BOARD], words
    name = words[position]
    if name in COMMANDS:
        return COMMANDS[name], words[:position] + words[position + 1 :]
    looks_like_a_path = os.sep in name or name.startswith((".", "~"))
    if looks_like_a_path or Path(name).is_dir():
        return COMMANDS[BOARD], words
    near = did_you_mean(name, COMMANDS)
    raise UsageError(f'no command and no folder "{name}"', near or f"commands: {', '.join(COMMANDS)}")


def _command_position(words: Sequence[str]) -> int | None:
    """Where the first word stands that is neither an option nor an option's value."""
    takes_value = {
        flag
        for option in (*GLOBAL_OPTIONS, *(o for c in COMMANDS.values() for o in c.options))
        if option.count is not Count.FLAG
        for flag in option.flags
    }
    is_value = False
    for position, word in enumerate(words):
        if is_value:
            is_value = False
        elif word in takes_value:
            is_value = True
        elif not word.startswith("-") or word == "-":
            return position
    return None


class _Parser(argparse.ArgumentParser):
    """argparse that raises instead of printing and leaving."""

    def __init__(self, command: Command) -> None:
        """A parser without help of its own: `manual` writes it."""
        super().__init__(prog=command.name, add_help=False, allow_abbrev=False)
        self._command = command

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` with the nearest option, or how the command is written."""
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown == message:
            raise UsageError(message, f"usage: {self._command.usage}")
        first = unknown.split()[0].partition("=")[0]
        known = [flag for option in (*GLOBAL_OPTIONS, *self._command.options) for flag in option.flags]
        if not first.startswith("-"):
            raise UsageError(f'"{first}" is one word too many', f"usage: {self._command.usage}")
        near = did_you_mean(first, known)
        raise UsageError(f'no option "{first}"', near or f"usage: {self._command.usage}")


def parser_of(command: Command) -> argparse.ArgumentParser:
    """The parser of one command: its own words and options, and the global options anywhere among them."""
    parser = _Parser(command)
    for word in command.positionals:
        parser.add_argument(word.name.lower(), metavar=word.name, nargs=word.arity or None)
    for option in (*GLOBAL_OPTIONS, *command.options):
        _add(parser, option)
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    """Tell argparse about one option of the table."""
    if option.count is Count.FLAG:
        parser.add_argument(*option.flags, dest=option.name, action="store_true")
        return
    parser.add_argument(
        *option.flags,
        dest=option.name,
        action="append" if option.count is Count.REPEATED else "store",
        type=one_of(option) if option.choices else option.convert,
        default=option.default,
    )
