"""`kputui init`: a commented workspace, guessed from one data file's columns or asked for on the terminal."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.cli import out
from kputui.cli.asking import can_ask
from kputui.cli.draft import Draft, files_of
from kputui.cli.first_goal import first_goal
from kputui.cli.first_look import look_at, refuse_file, refuse_folder
from kputui.cli.new_folder import new_folder
from kputui.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from kputui.cli.context import OpenBoard
    from kputui.cli.first_look import Look


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Write the workspace and say what to do next.

    Raises `UsageError` when something is in the way, no column holds dates, or there is nobody to ask for
    what the command line leaves out; `DataError` when the file cannot be read.
    """
    folder = Path(options.dir).expanduser() if options.dir is not None else None
    file = options.from_.expanduser() if options.from_ is not None else None
    if file is not None:
        refuse_file(file)
    if folder is not None:
        refuse_folder(folder)
    if folder is None or file is None:
        folder, draft = _asked(folder, file)
    else:
        draft = _guessed(look_at(file))
    out.text(_written(folder, draft))
    return ExitCode.OK


def _asked(folder: Path | None, file: Path | None) -> tuple[Path, Draft]:
    """What somebody at the terminal says."""
    if not can_ask():
        raise UsageError(
            "init asks its questions on a terminal, and there is none",
            "name the folder and the data file: kputui init DIR --from FILE",
        )
    from kputui.cli.interview import interview  # noqa: PLC0415 - only questions pay for it

    return interview(folder, file)


def _guessed(look: Look) -> Draft:
    """The workspace's contents as the columns suggest them."""
    goal = first_goal(look.workspace(look.guess.metrics), look.guess.kpi, look.covers)
    return Draft(look, look.guess.metrics, goal)


def _written(folder: Path, draft: Draft) -> str:
    """Write the files, and say what is where and what to do next."""
    file = draft.look.file.resolve()
    inside = file.is_relative_to(folder.resolve())
    data_path = file.relative_to(folder.resolve()).as_posix() if inside else f"data/{_plain(file.name)}"
    texts = files_of(draft, data_path)
    _write(folder, texts, None if inside else (file, data_path))
    typed = shlex.quote(str(folder))
    return (
        f"The workspace is in {folder}: {', '.join(texts)}"
        + ("" if inside else f", {data_path}")
        + f"\n\n  kputui {typed}             opens the board\n  kputui -w {typed} check    lists what to decide next"
        "\n\nWhat only people can know is marked TODO in the files; they are yours to change."
    )


def _plain(name: str) -> str:
    """A file's name without what a data path would expand or refuse."""
    return "".join(character if character.isalnum() or character in "._- " else "_" for character in name).strip()


def _write(folder: Path, texts: Mapping[str, str], copied: tuple[Path, str] | None) -> None:
    """Write all files or none; raises `UsageError` when something is in the way or the disk says no."""
    try:
        with new_folder(folder.resolve()) as half:
            for name, text in texts.items():
                (half / name).write_text(text, encoding="utf-8")
            if copied is not None:
                file, data_path = copied
                (half / data_path).parent.mkdir()
                shutil.copyfile(file, half / data_path)
    except FileExistsError as error:
        raise UsageError(f'"{error.filename}" exists already', "nothing was written; name another folder") from error
    except OSError as error:
        raise UsageError(f'cannot write "{folder}": {error.strerror or error}', "nothing was written") from error
