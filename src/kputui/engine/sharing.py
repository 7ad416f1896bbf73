"""Rows that several computations read of the same days of a source: read once for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from kputui.engine.source import DAY, between

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from kputui.engine.distinct import Bounds
    from kputui.engine.groups import Numbers
    from kputui.engine.row_periods import Runs
    from kputui.engine.source import OpenSource
    from kputui.model.ids import SourceId
    from kputui.model.metric import Grain


_Key = TypeVar("_Key")
_Made = TypeVar("_Made")


@dataclass(slots=True)
class Noted:
    """What was made of the rows of some days, for all that compute over them.

    `numbers` are the numbered words of dimensions, `codes` those of columns of words that are only counted (empty for
    empty cells; None where the words are many), `plain` columns in the one type of their kind, `periods` each
    row's period at a grain, `runs` those of sorted rows. `names` are the columns of leaves' values, by what
    tells them apart, `bounds` those of whole numbers among them, `offsets` (UInt32) what they are beyond their base.
    Several add to `periods`, `runs`, `bounds` and `offsets` while they compute, so by `once`; all else is made before.
    """

    numbers: dict[str, Numbers] = field(default_factory=dict)
    codes: dict[str, pl.Series | None] = field(default_factory=dict)
    plain: dict[str, pl.Series] = field(default_factory=dict)
    periods: dict[Grain, pl.Series] = field(default_factory=dict)
    runs: dict[Grain, Runs] = field(default_factory=dict)
    names: dict[object, str] = field(default_factory=dict)
    bounds: dict[str, Bounds | None] = field(default_factory=dict)
    offsets: dict[str, pl.Series] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def once(self, held: dict[_Key, _Made], key: _Key, make: Callable[[], _Made]) -> _Made:
        """What is held under a key, made when it is not; one that comes meanwhile waits for it."""
        with self._lock:
            if key not in held:
                held[key] = make()
            return held[key]


@dataclass(slots=True)
class Sharing:
    """The rows read last of each source, kept until other days are read.

    `wanted` are the columns that all computations together read of a source, for those sources of which
    several read.
    """

    wanted: Mapping[SourceId, frozenset[str]] = field(default_factory=dict)
    _rows: dict[SourceId, tuple[tuple[int, int], pl.DataFrame]] = field(default_factory=dict)
    _noted: dict[SourceId, tuple[tuple[int, int], Noted]] = field(default_factory=dict)

    def read(self, opened: OpenSource, columns: Sequence[str], start: int, end: int) -> pl.DataFrame:
        """The rows of the days [start, end) with at least these columns; raises DataError."""
        name = opened.source.id
        if name not in self.wanted:
            return opened.read(columns, start, end)
        held = self._rows.get(name)
        if held is not None and held[0][0] <= start and end <= held[0][1] and set(columns) <= set(held[1].columns):
            return held[1] if held[0] == (start, end) else between(held[1][[DAY, *columns]], start, end)
        self._rows.pop(name, None)
        frame = opened.read(sorted({*self.columns(opened), *columns}), start, end)
        self._rows[name] = ((start, end), frame)
        return frame

    def columns(self, opened: OpenSource) -> frozenset[str]:
        """The source's own columns that all computations together read; none when only one reads it."""
        return self.wanted.get(opened.source.id, frozenset()) & opened.column_names

    def noted(self, source: SourceId, start: int, end: int) -> Noted:
        """What was made of the days' rows so far, to be added to."""
        if source not in self.wanted:
            return Noted()
        held = self._noted.get(source)
        if held is None or held[0] != (start, end):
            held = self._noted[source] = ((start, end), Noted())
        return held[1]
