"""Where every key and value of a TOML text is written; `tomllib` gives the values but no places.

The scanner knows just enough of TOML to walk over it. It never judges: `tomllib` does. On text that
is not TOML it stops where it no longer understands, and what it found so far stands.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field

MAX_NESTING = 64
MAX_KEY_PARTS = 16
MAX_NUMBER_CHARACTERS = 400
MAX_ENTRIES = 100_000

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:[^\s,\]}#]*)?|[^\s,\]}#\[{\"'=]+")
_LINE_STRING_STOP = {'"': re.compile(r"\\[^\n]|[\"\n]"), "'": re.compile(r"['\n]")}
_BLOCK_STRING_STOP = {'"': re.compile(r'\\.|"""', re.DOTALL), "'": re.compile(r"'''")}


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text: offsets of its first character and of the one after its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Double:
    """A key written twice: its path and both places."""

    path: Path
    first: Mark
    second: Mark


@dataclass(slots=True)
class Located:
    """What the scanner found, by path: names of tables and keys, values, doubled keys.

    A path holds names and, for elements of arrays and of arrays of tables, indexes. `keys` has the
    first place that a name is written; for an element of an array of tables, the name in its own
    header. `too_deep`, `too_long` and `too_many` mark nesting, numbers and entries beyond the caps;
    the scan ends there.
    """

    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    doubles: list[Double] = field(default_factory=list)
    too_deep: Mark | None = None
    too_long: Mark | None = None
    too_many: Mark | None = None

    @property
    def entries(self) -> int:
        """How many names and values there are."""
        return len(self.keys) + len(self.values)


class Lines:
    """Turns offsets of a text into lines and columns, both counted from 1."""

    def __init__(self, text: str) -> None:
        """Split the text once."""
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def at(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def end(self) -> tuple[int, int]:
        """The line and column behind the last character."""
        return len(self._lines), len(self._lines[-1]) + 1

    def text(self, line: int) -> str:
        """The text of a line; empty beyond the end."""
        return self._lines[line - 1] if 0 < line <= len(self._lines) else ""


def locate(text: str) -> Located:
    """Find the places of all keys and values of a TOML text whose line ends are plain newlines."""
    scanner = _Scanner(text)
    with suppress(_NotUnderstoodError):
        scanner.document()
    return scanner.found


class _NotUnderstoodError(Exception):
    """The text goes on in a way that is not TOML, or beyond a cap."""


class _Scanner:
    """One walk over one text; `at` is the offset of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found = Located()
        self.header: Path = ()
        self.elements: dict[Path, int] = {}
        self.headers: set[Path] = set()

    def document(self) -> None:
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return
            self.check_entries()
            if self.text[self.at] == "[":
                self.table_header()
            else:
                self.key_and_value(self.header, 0)
            self.skip(_SPACE)
            if self.text[self.at : self.at + 1] not in {"", "\n", "#"}:
                raise _NotUnderstoodError

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def expect(self, literal: str) -> None:
        if not self.text.startswith(literal, self.at):
            raise _NotUnderstoodError
        self.at += len(literal)

    def check_entries(self) -> None:
        if self.found.entries > MAX_ENTRIES:
            self.found.too_many = Mark(self.at, self.at + 1)
            raise _NotUnderstoodError

    def table_header(self) -> None:
        is_element = self.text.startswith("[[", self.at)
        self.expect("[[" if is_element else "[")
        parts = self.key()
        self.expect("]]" if is_element else "]")
        path: Path = ()
        for name, mark in parts[:-1]:
            path = self.inside((*path, name))
            self.claim_parent(path, mark)
        name, mark = parts[-1]
        path = (*path, name)
        if path in self.found.values or (not is_element and (path in self.headers or path in self.elements)):
            self.found.doubles.append(Double(path, self.first_of(path), mark))
        self.found.keys.setdefault(path, mark)
        if is_element:
            index = self.elements.get(path, 0)
            self.elements[path] = index + 1
            path = (*path, index)
            self.found.keys[path] = mark
        else:
            self.headers.add(path)
        self.header = path

    def inside(self, path: Path) -> Path:
        """The path itself, or its newest element when it is an array of tables."""
        count = self.elements.get(path)
        return path if count is None else (*path, count - 1)

    def first_of(self, path: Path) -> Mark:
        return self.found.keys.get(path) or self.found.values[path]

    def claim_parent(self, path: Path, mark: Mark) -> None:
        if path in self.found.values:
            self.found.doubles.append(Double(path, self.first_of(path), mark))
        self.found.keys.setdefault(path, mark)

    def key_and_value(self, parent: Path, depth: int) -> None:
        parts = self.key()
        path = parent
        for name, mark in parts[:-1]:
            path = self.inside((*path, name))
            self.claim_parent(path, mark)
        name, mark = parts[-1]
        path = (*path, name)
        first = self.found.keys.get(path)
        if first is not None:
            self.found.doubles.append(Double(path, first, mark))
        else:
            self.found.keys[path] = mark
        self.expect("=")
        self.skip(_SPACE)
        self.value(path, depth)

    def key(self) -> list[tuple[str, Mark]]:
        parts = []
        while True:
            self.skip(_SPACE)
            parts.append(self.key_part())
            self.skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return parts
            self.at += 1
            if len(parts) >= MAX_KEY_PARTS:
                self.found.too_deep = Mark(parts[0][1].start, self.at)
                raise _NotUnderstoodError

    def key_part(self) -> tuple[str, Mark]:
        start = self.at
        if self.text[start : start + 1] in {'"', "'"}:
            self.line_string()
            return _key_text(self.text[start : self.at]), Mark(start, self.at)
        match = _BARE_KEY.match(self.text, start)
        if match is None:
            raise _NotUnderstoodError
        self.at = match.end()
        return match[0], Mark(start, self.at)

    def value(self, path: Path, depth: int) -> None:
        if depth > MAX_NESTING:
            self.found.too_deep = Mark(self.at, self.at + 1)
            raise _NotUnderstoodError
        self.check_entries()
        start = self.at
        first = self.text[start : start + 1]
        if first in {'"', "'"}:
            self.string()
        elif first == "[":
            self.array(path, depth)
        elif first == "{":
            self.inline_table(path, depth)
        else:
            self.scalar()
        self.found.values.setdefault(path, Mark(start, self.at))

    def scalar(self) -> None:
        match = _SCALAR.match(self.text, self.at)
        if match is None:
            raise _NotUnderstoodError
        if len(match[0]) > MAX_NUMBER_CHARACTERS:
            self.found.too_long = Mark(match.start(), match.end())
            raise _NotUnderstoodError
        self.at = match.end()

    def string(self) -> None:
        quote = self.text[self.at]
        if not self.text.startswith(quote * 3, self.at):
            self.line_string()
            return
        self.at += 3
        stop = _BLOCK_STRING_STOP[quote]
        while True:
            match = stop.search(self.text, self.at)
            if match is None:
                raise _NotUnderstoodError
            self.at = match.end()
            if match[0][0] == quote:
                break
        for _ in range(2):  # up to two quotes may stand directly before the closing three
            if self.text.startswith(quote, self.at):
                self.at += 1

    def line_string(self) -> None:
        quote = self.text[self.at]
        self.at += 1
        while True:
            match = _LINE_STRING_STOP[quote].search(self.text, self.at)
            if match is None or match[0] == "\n":
                raise _NotUnderstoodError
            self.at = match.end()
            if match[0] == quote:
                return

    def array(self, path: Path, depth: int) -> None:
        self.at += 1
        index = 0
        while True:
            self.skip(_BLANK)
            if self.text.startswith("]", self.at):
                break
            self.value((*path, index), depth + 1)
            index += 1
            self.skip(_BLANK)
            if not self.text.startswith("]", self.at):
                self.expect(",")
        self.at += 1

    def inline_table(self, path: Path, depth: int) -> None:
        self.at += 1
        while True:
            self.skip(_BLANK)
            if self.text.startswith("}", self.at):
                break
            self.key_and_value(path, depth + 1)
            self.skip(_BLANK)
            if not self.text.startswith("}", self.at):
                self.expect(",")
        self.at += 1


def _key_text(raw: str) -> str:
    """The name that a quoted key spells."""
    if raw[0] == "'" or "\\" not in raw:
        return raw[1:-1]
    try:
        return next(iter(tomllib.loads(f"{raw} = 0")))
    except (ValueError, StopIteration):
        raise _NotUnderstoodError from None
