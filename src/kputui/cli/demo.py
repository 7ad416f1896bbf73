"""`kputui demo`: the demo workspace in a folder of the user's, and the board on it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import kputui
from kputui.cli import board, exits
from kputui.cli.new_folder import new_folder
from kputui.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard

DEFAULT_FOLDER = "kputui-demo"


def run(options: Namespace, open_board: OpenBoard) -> ExitCode | int:
    """Copy the demo when the folder does not hold one yet, then open the board there.

    Without a terminal: copy, print the goals and say how to open it; that is a success.
    """
    folder = Path(options.dir or options.workspace or DEFAULT_FOLDER).expanduser()
    is_new = not (folder / "kputui.toml").exists()
    if is_new:
        copy_tree(shipped(), folder)
    options.dir, options.workspace = None, folder
    if board.has_terminal():
        return board.run(options, open_board)
    exits.say(
        f'the demo is in "{folder}"' + ("" if is_new else " already"), f"open it in a terminal with: kputui {folder}"
    )
    board.report(options)
    return ExitCode.OK


def shipped() -> Path:
    """The demo's folder: inside the installed package, or beside the sources of a checkout."""
    package = Path(kputui.__file__).parent
    installed, checkout = package / "demo_workspace", package.parents[1] / "config"
    return installed if installed.is_dir() else checkout


def copy_tree(source: Path, folder: Path) -> None:
    """Copy a folder into a new folder or an empty one; what is new appears whole or not at all.

    Only contents are copied, not modes: the copy is the user's. Raises `UsageError` when there is
    something in the way.
    """
    target = folder.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f'"{folder}" has other things in it', "name another folder: kputui demo DIR")
    try:
        with new_folder(target) as half:
            ignored = shutil.ignore_patterns(".*", "__pycache__")
            shutil.copytree(source, half, copy_function=shutil.copyfile, ignore=ignored, dirs_exist_ok=True)
            for path in (half, *half.rglob("*")):
                if path.is_dir():
                    path.chmod(path.stat().st_mode | 0o700)
    except OSError as error:
        raise UsageError(f'cannot write "{folder}": {error.strerror or error}') from error
