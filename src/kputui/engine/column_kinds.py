"""The columns of a source and what each holds, as expressions are checked against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from kputui.engine.borrowed import check_part, joined_name
from kputui.engine.date_parts import DATE_PARTS, LOCAL_DATE
from kputui.engine.expression import Kind
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.engine.source import OpenSource
    from kputui.model.workspace import Join


class Others(Protocol):
    """What is asked of the other sources."""

    def joined(self, join: Join) -> OpenSource:
        """The source that a join names; raises DataError."""
        ...

    def check_key(self, join: Join) -> None:
        """Raise DataError when the join's key is not there or not unique."""
        ...

    def is_metric(self, join: Join, name: str) -> bool:
        """Whether the name behind the join's is a metric's."""
        ...

    def check_metric(self, join: Join, name: str) -> None:
        """Raise DataError when the metric cannot be computed by the join's key."""
        ...


class Kinds(Mapping[str, Kind]):
    """The columns of a source and their kinds, each found out when it is asked for; joined ones and date parts too.

    Looking up a column raises DataError D13, D16, D17 or D30 when its data cannot be used; for a joined
    one, or a metric by the key, also whatever keeps those from being read, and D31 when the key is not unique.
    """

    def __init__(self, opened: OpenSource, joins: Sequence[Join], others: Others) -> None:
        """Over the columns of `opened` and those of its joins, whose sources `others` opens."""
        self._opened = opened
        self._names = opened.column_names
        self._joins = joins
        self._others = others

    def __getitem__(self, name: str) -> Kind:
        """The kind of one column."""
        if name in self._names:
            kind = self._opened.kind(name)
        elif (found := self._borrowed(name)) is not None:
            join, column = found
            if join.key not in self._names and join.key != LOCAL_DATE:
                raise self._opened.missing_column(join.key)
            if self._others.is_metric(join, column):
                self._others.check_metric(join, column)
                return Kind.NUMBER
            self._others.check_key(join)
            kind = self._others.joined(join).kind(column)
        elif name in DATE_PARTS:
            check_part(self._opened, name)
            return Kind.DATE if name == LOCAL_DATE else Kind.NUMBER
        else:
            raise KeyError(name)
        if kind is None:
            raise DataError("D16", f"column `{name}` holds a type that expressions can't read")
        return kind

    def _borrowed(self, name: str) -> tuple[Join, str] | None:
        """The join, and the column of the other source or the metric, that a name means."""
        found = joined_name(self._joins, name)
        if found is None:
            return None
        join, column = found
        is_there = column in self._others.joined(join).column_names or self._others.is_metric(join, column)
        return found if is_there else None

    def __contains__(self, name: object) -> bool:
        """Whether there is such a column, without looking at its data."""
        if name in self._names or name in DATE_PARTS:
            return True
        return isinstance(name, str) and "__" in name and self._borrowed(name) is not None

    def __iter__(self) -> Iterator[str]:
        """The names: those of the file in its order, the joined ones, the parts of dates."""
        yield from dict.fromkeys(self._opened.names)
        for join in self._joins:
            try:
                other = self._others.joined(join)
            except DataError:
                continue
            yield from (f"{join.name}__{name}" for name in dict.fromkeys(other.names) if name != join.to)
        yield from (part for part in DATE_PARTS if part not in self._names)

    def __len__(self) -> int:
        """How many columns there are."""
        return sum(1 for _ in self)
