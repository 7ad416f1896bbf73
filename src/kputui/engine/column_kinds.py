"""The columns of a source and what each holds, as expressions are checked against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kputui.engine.expression import Kind
from kputui.errors import DataError

if TYPE_CHECKING:
    from kputui.engine.source import OpenSource


class Kinds(Mapping[str, Kind]):
    """The columns of a source and their kinds, each found out when it is asked for.

    Looking up a column raises DataError D13, D16 or D17 when its data cannot be used.
    """

    def __init__(self, opened: OpenSource) -> None:
        """Over the columns of `opened`."""
        self._opened = opened
        self._names = frozenset(opened.names)

    def __getitem__(self, name: str) -> Kind:
        """The kind of one column."""
        if name not in self._names:
            raise KeyError(name)
        kind = self._opened.kind(name)
        if kind is None:
            raise DataError("D16", f"column `{name}` holds a type that expressions can't read")
        return kind

    def __contains__(self, name: object) -> bool:
        """Whether there is such a column, without looking at its data."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """The names, in the file's order."""
        return iter(dict.fromkeys(self._opened.names))

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._names)
