"""A folder's TOML files, opened with care and parsed, each with the places of its keys and values."""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kputui.config.locate import MAX_ENTRIES, MAX_KEY_PARTS, MAX_NESTING, Lines, Located, Mark, locate
from kputui.config.wording import shown as quoted
from kputui.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.config.locate import Double
    from kputui.config.locate import Path as KeyPath

MAX_BYTES = 4 * 1024 * 1024
MAX_FILES = 1_000
_MAX_SOURCE_LINE = 1_000

_DEFINED_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot redefine", "Cannot mutate", "Duplicate")
_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


class FileRefusedError(Exception):
    """A file that is not read; holds the problems that say why."""

    def __init__(self, *problems: Problem) -> None:
        """Keep the problems."""
        super().__init__(problems[0].message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file: its name as people know it, its values, and where they are written."""

    file: str
    data: dict[str, Any]
    located: Located
    lines: Lines

    def place(self, mark: Mark) -> tuple[Place, int]:
        """The place of a mark, and how many columns of its first line it takes."""
        return _place(self.file, self.lines, mark)

    def key_place(self, path: KeyPath) -> tuple[Place, int]:
        """The place of a key's name; the file's start for a key that the scanner did not meet."""
        return self.place(self.located.keys.get(path) or self.located.values.get(path) or Mark(0, 1))


def toml_names(folder: Path) -> list[str]:
    """The names of the folder's own `*.toml` files, sorted; hidden files are left out.

    Raises `OSError` when the folder cannot be listed.
    """
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.name.endswith(".toml") and entry.name[0] != ".")


def read_bytes(path: Path, shown: str, roots: tuple[Path, ...], limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file whose real path lies under one of the roots.

    A pipe or device is refused at once. Raises `FileRefusedError`.
    """
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(root) for root in roots):
        raise _refused("C03", shown, "is a link that leads outside the workspace")
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(real, flags)
    except FileNotFoundError:
        raise _refused("C03", shown, "vanished before it could be read") from None
    except OSError as error:
        is_special = error.errno in {errno.ENXIO, errno.ENODEV, errno.EISDIR}
        reason = "is not a regular file" if is_special else f"cannot be read: {_os_reason(error)}"
        raise _refused("C03", shown, reason) from None
    try:
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _refused("C03", shown, "is not a regular file")
            content = file.read(limit + 1)
    except OSError as error:
        raise _refused("C03", shown, f"cannot be read: {_os_reason(error)}") from None
    if len(content) > limit:
        raise _refused("C04", shown, f"is larger than {limit // 1024 // 1024} MiB")
    return content


def parse(content: bytes, shown: str) -> Document:
    """Parse one file's bytes. Raises `FileRefusedError` for what is not UTF-8 or not TOML."""
    text = _decoded(content, shown)
    lines = Lines(text)
    located = locate(text)
    if located.too_deep is not None:
        place, width = _place(shown, lines, located.too_deep)
        message = f"nested too deeply; at most {MAX_NESTING} brackets and {MAX_KEY_PARTS} parts of a key"
        raise FileRefusedError(Problem("C07", message, place=place, width=width))
    if located.too_many is not None:
        place, width = _place(shown, lines, located.too_many)
        message = f"more than {MAX_ENTRIES} keys and values in the workspace"
        raise FileRefusedError(Problem("C04", message, place=place, width=width))
    if located.too_long is not None:
        place, width = _place(shown, lines, located.too_long)
        digits = located.too_long.end - located.too_long.start
        raise FileRefusedError(Problem("C08", f"a number of {digits} characters", place=place, width=min(width, 40)))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileRefusedError(*_syntax_problems(str(error), shown, lines, located)) from None
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise FileRefusedError(Problem("C06", f"cannot be parsed: {reason}", place=Place(shown, 1))) from None
    return Document(shown, data, located, lines)


def read_folder(folder: Path, roots: tuple[Path, ...], problems: list[Problem]) -> Iterator[Document]:
    """Each file of the folder that can be read and parsed; what cannot adds to the problems."""
    names = toml_names(folder)
    if len(names) > MAX_FILES:
        problems.append(Problem("C04", f"{len(names)} *.toml files; at most {MAX_FILES} are read"))
        return
    left = MAX_BYTES
    entries = 0
    for name in names:
        shown = os.path.join(folder, name)  # noqa: PTH118 - keeps "./" and the like as the user wrote it
        try:
            content = read_bytes(folder / name, shown, roots)
            left -= len(content)
            if left < 0:
                raise _refused("C04", shown, f"and the files before it are larger than {MAX_BYTES >> 20} MiB together")
            document = parse(content, shown)
            entries += document.located.entries
            if entries > MAX_ENTRIES:
                raise _refused("C04", shown, f"and the files before it have more than {MAX_ENTRIES} keys and values")
            yield document
        except FileRefusedError as error:
            problems.extend(error.problems)


def _decoded(content: bytes, shown: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            message = f"not UTF-8: byte 0 begins {encoding}"
            raise FileRefusedError(Problem("C05", message, place=Place(shown, 1), hint="save it as UTF-8"))
    skipped = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    body = content[skipped:]
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        message = f"not UTF-8: byte {error.start + skipped} is 0x{body[error.start]:02x}"
        problem = Problem("C05", message, place=Place(shown, line, column), hint="save it as UTF-8")
        raise FileRefusedError(problem) from None
    return text.replace("\r\n", "\n")


def _syntax_problems(error: str, shown: str, lines: Lines, located: Located) -> list[Problem]:
    """What is behind a `TOMLDecodeError`: every doubled key with both its places, else its text and place."""
    if error.startswith(_DEFINED_TWICE) and located.doubles:
        return [_double_problem(double, shown, lines) for double in _outermost(located.doubles)]
    position = _POSITION.search(error)
    reason = error[: position.start()] if position else error
    if position and position[1]:
        line, column = int(position[1]), int(position[2])
    else:
        line, column = lines.end()
    hint = "text needs quotes, a date is written 2026-12-31" if reason == "Invalid value" else ""
    place = Place(shown, line, column, _source_line(lines, line))
    return [Problem("C06", f"not valid TOML: {reason[:1].lower()}{reason[1:]}", place=place, hint=hint)]


def _outermost(doubles: list[Double]) -> list[Double]:
    """The doubles without those inside a table that is itself doubled, and each name once."""
    found: dict[KeyPath, Double] = {}
    for double in doubles:
        if not any(double.path[:length] in found for length in range(1, len(double.path) + 1)):
            found[double.path] = double
    return list(found.values())


def _double_problem(double: Double, shown: str, lines: Lines) -> Problem:
    place, width = _place(shown, lines, double.second)
    first, _ = _place(shown, lines, double.first)
    key = ".".join(str(step) for step in double.path)
    message = f"{quoted(str(double.path[-1]))} is defined twice; first in line {first.line}"
    return Problem("C09", message, place=place, width=width, key=key, others=(first,))


def _place(shown: str, lines: Lines, mark: Mark) -> tuple[Place, int]:
    line, column = lines.at(mark.start)
    text = lines.text(line)
    width = max(1, min(mark.end - mark.start, len(text) - column + 1))
    return Place(shown, line, column, _source_line(lines, line)), width


def _source_line(lines: Lines, line: int) -> str:
    text = lines.text(line)
    return text if len(text) <= _MAX_SOURCE_LINE else ""


def _refused(code: str, shown: str, reason: str) -> FileRefusedError:
    name = Path(shown).name
    return FileRefusedError(Problem(code, f"{name} {reason}", place=Place(shown, 1)))


def _os_reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
