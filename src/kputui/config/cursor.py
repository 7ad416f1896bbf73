"""The state of one decoding: a cursor in the merged tree, the problems and references met so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kputui.config.merge import Tree, Written, dotted
from kputui.config.wording import MAX_SHOWN
from kputui.errors import Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path as FilePath

    from kputui.config.locate import Path
    from kputui.model.metric import Grain, MetricKind

MAX_PROBLEMS = 500
_MAX_COMPARED = 50_000


class Bad:
    """The type of `BAD`."""


BAD: Final = Bad()
"""What a decoder answers for a value it has refused; the problem is already noted."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name used somewhere: of which table, where, and the metric kind it must have, if any."""

    table: str
    name: str
    path: Path
    kind: MetricKind | None = None


@dataclass(slots=True)
class Decoding:
    """What all cursors of one decoding share. `roots` are the folders that data may lie in, `remote` the URLs.

    `compared` counts the names that were compared to find the nearest, which is slow. `grains` are the
    workspace's own that were decoded so far, `files` what was read for them. Unless `is_complete` a file
    could not be parsed, and what it defines looks missing.
    """

    tree: Tree
    folder: FilePath
    roots: tuple[FilePath, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    compared: int = 0
    grains: dict[str, Grain] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    is_complete: bool = True
    remote: tuple[str, ...] = ()

    def near(self, name: str, known: Collection[str]) -> str:
        """The hint that names the nearest known name; none for the flood of a hopeless file."""
        self.compared += len(known)
        if self.compared > _MAX_COMPARED or len(name) > 2 * MAX_SHOWN:
            return ""
        found = nearest(name, known)
        return f"nearest: {found}" if found else ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """One spot of the tree; decoders note their problems through it."""

    path: Path
    decoding: Decoding

    def into(self, step: str | int) -> Cursor:
        """The cursor one step further in."""
        return Cursor((*self.path, step), self.decoding)

    def refuse(self, code: str, message: str, hint: str = "") -> Bad:
        """Note that the value here cannot be used."""
        return self._note(code, message, hint, self.decoding.tree.value(self.path))

    def refuse_key(self, code: str, message: str, hint: str = "") -> Bad:
        """Note that the name written here is wrong."""
        return self._note(code, message, hint, self.decoding.tree.key(self.path))

    def warn(self, code: str, message: str, hint: str = "") -> None:
        """Note a finding about the key here that does not stop the start."""
        written = self.decoding.tree.key(self.path)
        self._note(code, message, hint, written, Severity.WARNING)

    def refer(self, table: str, name: str, kind: MetricKind | None = None) -> None:
        """Note that the value here names something of another table."""
        self.decoding.references.append(Reference(table, name, self.path, kind))

    def _note(
        self, code: str, message: str, hint: str, written: Written | None, severity: Severity = Severity.ERROR
    ) -> Bad:
        place, width = (written.place, written.width) if written else (None, 1)
        key = dotted(self.path)
        self.decoding.problems.append(Problem(code, message, severity, place, key, hint, width))
        return BAD
