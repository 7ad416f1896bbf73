"""`kputui mine`: what I am accountable and responsible for, and my private board."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode, UsageError
from kputui.render.mine import mine_lines
from kputui.session import mine
from kputui.session.open import utc_now

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from kputui.cli.context import OpenBoard

EXAMPLE = """\
# My own goals: read by me alone (this file must stay 0600), and in no report, export or journal.
# The format is that of every workspace; data paths start at this folder or are absolute inside my home.

[project]
name = "Mine"

[sources.practice]                 # a row a day: add one whenever you practise
path = "practice.csv"
time = "day"

[goals.play]
label = "I play again for my friends"      # a result, in words
why = "Music is why I took the smaller flat"
start = {start}
due = {due}
measured_by = "minutes"
target = 5_000                     # minutes in the year

[metrics.minutes]
kind = "kpi"
label = "Minutes practised"
type = "simple"
source = "practice"
agg = "sum"
expr = "minutes"
grain = "week"
direction = "increase"
unit = "min"
format = "number0"
goals = ["play"]
gaming = "counting the minutes of tuning"
"""


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print what the person holds in this workspace, if there is one, and their private goals.

    Raises UsageError for a private board that others could read, ConfigError for a broken one.
    """
    if options.init:
        return _init()
    private = mine.open_private(today=options.today)
    folder = context.find_folder(options)
    if folder is None and private is None:
        raise UsageError("there is neither a workspace here nor a private board", "kputui mine --init starts one")
    if folder is not None:
        opened = context.opened(options)
        view = mine.mine(opened, options.as_ or "")
        out.lines(mine_lines(opened.workspace.project.name, view), is_coloured=context.is_coloured(options))
        if not view.is_known:
            people = ", ".join(mine.known_people(opened.workspace))
            exits.say(f'nobody in this workspace is called "{view.person}"', f"--as one of: {people}" if people else "")
    if private is not None:
        from kputui.cli.status import print_report  # noqa: PLC0415 - only a private board computes anything

        if folder is not None:
            out.text("")
        print_report(private, options)
    return ExitCode.OK


def _init() -> ExitCode:
    """Write the example; nothing that exists is changed. Raises UsageError."""
    folder = mine.private_folder()
    if folder is None:
        raise UsageError("there is no home to keep a private board in", "set XDG_CONFIG_HOME")
    last = utc_now().date() - timedelta(days=1)
    texts = {
        "board.toml": EXAMPLE.format(start=last.replace(month=1, day=1), due=last.replace(month=12, day=31)),
        "practice.csv": f"day,minutes\n{last - timedelta(days=1)},25\n{last},40\n",
    }
    try:
        folder.mkdir(mode=mine.FOLDER_MODE, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f'"{folder}" has things in it already', "nothing was changed")
        folder.chmod(mine.FOLDER_MODE)
        for name, text in texts.items():
            _write(folder / name, text)
    except OSError as error:
        raise UsageError(f'cannot write "{folder}": {error.strerror or error}') from error
    out.text(
        f"Your private board is in {folder}: {', '.join(texts)}\n\n  kputui mine   shows it, and what is yours here"
    )
    return ExitCode.OK


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mine.FILE_MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, mine.FILE_MODE)
        file.write(text)
