"""The person's editor at a line of a file: which command that is, and running it on the terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.errors import Place

_PLUS_LINE = frozenset(
    (
        "vi",
        "vim",
        "nvim",
        "view",
        "nano",
        "rnano",
        "pico",
        "emacs",
        "emacsclient",
        "mg",
        "jed",
        "joe",
        "ne",
        "kak",
        "micro",
    )
)
_GOTO = frozenset(("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"))
_COLON = frozenset(("hx", "helix", "subl", "zed", "zeditor"))
_LAST_RESORT = "vi"
_OWN_FOLDER = "state"


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a file that an editor is to open."""

    path: Path
    line: int


def spot_of(place: Place, folder: Path) -> Spot:
    """The file of a place, named from where the person is or from the workspace's folder, and its line.

    Raises UsageError for what the program alone writes: a hand's edit would break the journal's chain.
    """
    path = Path(place.file)
    if not path.is_absolute() and not path.exists():
        path = folder / path
    path = path.absolute()
    if folder.absolute() / _OWN_FOLDER in path.parents:
        message = f"{path.name} is the program's own file: it is not for editing"
        raise UsageError(message)
    return Spot(path, max(place.line, 1))


def editor_command(spot: Spot, environment: Mapping[str, str]) -> list[str]:
    """The words of the command: `$EDITOR`, else `$VISUAL`, else vi, with the file and the line as it takes them.

    An editor that is not known gets the file alone. Raises UsageError with a sentence for the person when
    the setting can't be read as words or no such program is found.
    """
    name = next((name for name in ("EDITOR", "VISUAL") if environment.get(name, "").strip()), "")
    setting = environment[name] if name else _LAST_RESORT
    try:
        words = shlex.split(setting)
    except ValueError:
        words = []
    if not words:
        message = f"${name} is not a command: a quotation mark is not closed"
        raise UsageError(message)
    if shutil.which(words[0], path=environment.get("PATH")) is None:
        said = f'${name} is "{words[0]}", which is not found' if name else "there is no editor: set $EDITOR"
        raise UsageError(said)
    return [*words, *_arguments(Path(words[0]).name, spot)]


def _arguments(program: str, spot: Spot) -> list[str]:
    path = str(spot.path)
    if program in _PLUS_LINE:
        return [f"+{spot.line}", path]
    if program in _GOTO:
        return ["-g", f"{path}:{spot.line}"]
    if program in _COLON:
        return [f"{path}:{spot.line}"]
    return [path]


def run_editor(command: list[str]) -> str:
    """Run the editor on the terminal until it is closed; what went wrong, in a sentence, or nothing.

    No shell has a part in it. The board's error output goes to the log, so the editor gets the terminal
    itself; an interrupt that is typed there is the editor's own.
    """
    terminal = sys.__stderr__
    before = {number: signal.signal(number, _leave_it) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        done = subprocess.run(command, stdin=0, stdout=terminal, stderr=terminal, check=False)  # noqa: S603 - the person's own setting
    except OSError as error:
        return f"{command[0]} did not start: {os.strerror(error.errno) if error.errno else error}"
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return f"{command[0]} ended with code {done.returncode}" if done.returncode else ""


def _leave_it(number: int, frame: object) -> None:
    """Take no notice; other than ignoring the signal, a program that is started does not inherit this."""
    del number, frame
