"""What is kept of finished periods between computations, so that only what changed files touch is computed again.

The days are cut into units (months, or quarters or years where such a grain is asked). What is kept of
a unit is used again only while the very same states of the same files hold its days: the data decides,
never the age of what is kept.
"""

from __future__ import annotations

import hashlib
import io
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import files
from kputui.engine.guard import guarded
from kputui.engine.periods import intervals
from kputui.engine.row_periods import PERIOD
from kputui.engine.source import DAY
from kputui.engine.states import SEEN, Finished, LeafColumns, filter_sets, mask_of
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kputui.engine.definition import Leaf, Look
    from kputui.engine.kept_key import Key
    from kputui.engine.periods import Interval, Periods
    from kputui.engine.shelf import Shelf
    from kputui.engine.source import OpenSource
    from kputui.engine.states import SourceWork

VERSION = f"2 polars {pl.__version__}"
"""Raised whenever the engine would compute anything differently from the same rows."""

KEPT_BYTES = 64 * 2**20
"""Of one work no more than this is kept."""

_MOST_WORKS = 64
_UNIT = "\0unit"


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of one work: by a unit's first day the state of its files and its counts, and frames of all units.

    A count is of rows seen, or of rows that passed a set of filters. `unfit` are a file's state, a column and
    its count of NaN and infinite values.
    """

    states: Mapping[int, str]
    counts: Mapping[int, Mapping[str, int]]
    frames: Mapping[str, pl.DataFrame]
    unfit: tuple[tuple[str, str, int], ...] = ()


@dataclass(slots=True)
class Kept:
    """What is kept of all works, in memory and on a shelf."""

    shelf: Shelf | None = None
    young_ns: int = files.YOUNG_NS
    _held: dict[str, Held] = field(default_factory=dict)

    def recalled(self, key: str) -> Held | None:
        """What is kept under a key."""
        if key not in self._held and self.shelf is not None:
            entry = self.shelf.entry(key)
            if entry is not None:
                with suppress(DataError), guarded("D22", "reading what was kept"):
                    self._remember(key, _from_entry(entry.head, entry.blobs))
        return self._held.get(key)

    def keep(self, key: str, held: Held) -> None:
        """Keep it in the place of what was kept under the key; nothing of what is too large."""
        if sum(frame.estimated_size() for frame in held.frames.values()) > KEPT_BYTES:
            self._held.pop(key, None)
            return
        self._remember(key, held)
        if self.shelf is not None:
            self.shelf.keep(key, *_to_entry(held))

    def _remember(self, key: str, held: Held) -> None:
        self._held.pop(key, None)
        self._held[key] = held
        while len(self._held) > _MOST_WORKS:
            del self._held[next(iter(self._held))]


def _to_entry(held: Held) -> tuple[dict[str, object], list[bytes]]:
    head: dict[str, object] = {
        "states": [[start, state] for start, state in held.states.items()],
        "counts": [[start, dict(counts)] for start, counts in held.counts.items()],
        "frames": list(held.frames),
        "unfit": held.unfit,
    }
    blobs = []
    for frame in held.frames.values():
        blob = io.BytesIO()
        frame.write_ipc(blob)
        blobs.append(blob.getvalue())
    return head, blobs


def _from_entry(head: Mapping[str, object], blobs: Sequence[bytes]) -> Held:
    names: list[str] = head["frames"]  # type: ignore[assignment]  # as `_to_entry` wrote it
    return Held(
        dict(head["states"]),  # type: ignore[call-overload]
        dict(head["counts"]),  # type: ignore[call-overload]
        {name: pl.read_ipc(io.BytesIO(blob)) for name, blob in zip(names, blobs, strict=True)},
        tuple((state, column, count) for state, column, count in head["unfit"]),  # type: ignore[attr-defined]
    )


def leaf_text(leaf: Leaf) -> str:
    """All that a leaf's values depend on."""
    return repr((leaf.agg, leaf.key, leaf.filter_keys, leaf.percentile, leaf.balance))


@dataclass(slots=True)
class Units:
    """The units of one work in one computation: what is still good of each, and what is computed anew."""

    key: Key
    opened: OpenSource
    work: SourceWork
    periods: Periods
    units: Sequence[Interval]
    states: Mapping[int, str]
    known: Held | None
    _good: frozenset[int] = frozenset()
    _counts: dict[int, dict[str, int]] = field(default_factory=dict)
    _frames: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        key: Key,
        opened: OpenSource,
        work: SourceWork,
        periods: Periods,
        units: Sequence[Interval],
        end: int,
        kept: Kept,
    ) -> Units:
        """What is still good of the units; no row from the day `end` on is used."""
        known = kept.recalled(key.text)
        now = time.time_ns()
        beside = key.state(now, kept.young_ns)
        states = {
            unit.start: state_of(opened, unit.start, min(unit.read_end, end), now, kept.young_ns, beside)
            for unit in units
        }
        found = {} if known is None else known.states
        good = frozenset(start for start, state in states.items() if state and found.get(start) == state)
        return cls(key, opened, work, periods, units, states, known, good)

    def stale(self, rows: Mapping[int, int], chunk_rows: int, first_days: int | None = None) -> list[Interval]:
        """What is to be computed, newest first, as `intervals` says."""
        return intervals(self.units, rows, chunk_rows, self._good, first_days)

    def recall(self) -> Finished | None:
        """The finished rows of all units that are still good; their rows are counted in the work."""
        if self.known is None or not self._good:
            return None
        self._note_unfit(self.known)
        for start in self._good:
            self._counts[start] = dict(self.known.counts[start])
            self._count(self._counts[start])
        frames = {}
        for name, frame in self.known.frames.items():
            kept = _of_units(frame, self._good)
            self._frames[name] = [kept]
            frames[name] = kept.drop(_UNIT)
        return self._finished(frames)

    def add(self, interval: Interval, finished: Finished) -> None:
        """Take in what was computed for an interval made of units."""
        starts = [unit.start for unit in self.units if interval.start <= unit.start < interval.end]
        daily = _marked(finished.counts, DAY, starts) if finished.counts is not None else None
        for start in starts:
            self._counts[start] = {SEEN: 0}
        if daily is not None:
            names = [name for name in daily.columns if name not in {DAY, _UNIT}]
            for row in daily.group_by(_UNIT).agg(pl.col(names).sum()).iter_rows(named=True):
                self._counts[row[_UNIT]] = {name: int(row[name]) for name in names}
        for name, frame in self._named(finished):
            self._frames.setdefault(name, []).append(_marked(frame, DAY if name[0] == "b" else PERIOD, starts))

    def held(self) -> Held | None:
        """What is to be kept from now on; None when that is what is kept already, or files changed meanwhile."""
        fresh = [unit.start for unit in self.units if unit.start not in self._good and unit.start in self._counts]
        if not fresh or not self._is_unchanged():
            return None
        states = {start: self.states[start] for start in self._counts if self.states[start]}
        if not states:
            return None
        frames = {name: _of_units(pl.concat(parts), states) for name, parts in self._frames.items()}
        counts = {start: dict(self._counts[start]) for start in states}
        if self.known is not None:  # units outside this window may be asked again
            others = {start: state for start, state in self.known.states.items() if start not in self.states}
            states |= others
            counts |= {start: dict(self.known.counts[start]) for start in others}
            for name, frame in self.known.frames.items():
                frames[name] = pl.concat([frames[name], _of_units(frame, others)])
        return Held(states, counts, frames, self._unfit())

    def _note_unfit(self, known: Held) -> None:
        tables = {repr(table.stamp): table for table in self.opened.tables}
        for state, column, count in known.unfit:
            if (table := tables.get(state)) is not None:
                table.unfit[column] = count
                self.opened.note_unfit(table, column)

    def _unfit(self) -> tuple[tuple[str, str, int], ...]:
        columns = set(self.work.columns())
        return tuple(
            (repr(table.stamp), column, count)
            for table in self.opened.tables
            for column, count in table.unfit.items()
            if count and column in columns
        )

    def _is_unchanged(self) -> bool:
        try:
            own = all(table.is_unchanged() for table in self.opened.tables)
            return own and all(map(files.is_unchanged, self.key.stamps))
        except OSError:
            return False

    def _count(self, counts: Mapping[str, int]) -> None:
        self.work.seen += counts.get(SEEN, 0)
        for keys in filter_sets(self.work):
            found = counts.get(mask_of(keys) if keys else SEEN, 0)
            self.work.passed[keys] = self.work.passed.get(keys, 0) + found

    def _stable(self) -> dict[Leaf, LeafColumns]:
        """Names of the leaves' columns that do not depend on the computation."""
        leaves = dict.fromkeys(leaf for found in self.work.grains.values() for leaf in found)
        ordered = sorted(leaves, key=leaf_text)
        return {leaf: LeafColumns(f"\0v{place}", f"\0n{place}") for place, leaf in enumerate(ordered)}

    def _named(self, finished: Finished) -> Iterable[tuple[str, pl.DataFrame]]:
        """Frames under names that do not depend on the computation."""
        stable = self._stable()
        for grain, frame in finished.rows.items():
            leaves = sorted(self.work.grains[grain], key=leaf_text)
            yield f"rows {grain.value}", _renamed(frame, self.work.names, stable, leaves, (PERIOD, *self.work.dims))
        for place, leaf in enumerate(sorted(self.work.booked, key=leaf_text)):
            yield f"book {place}", finished.booked[leaf]

    def _finished(self, frames: Mapping[str, pl.DataFrame]) -> Finished:
        stable = self._stable()
        rows, booked = {}, {}
        for name, frame in frames.items():
            kind, _, rest = name.partition(" ")
            if kind == "rows":
                grain = next(grain for grain in self.work.grains if grain.value == rest)
                dims = (PERIOD, *self.work.dims)
                rows[grain] = _renamed(frame, stable, self.work.names, self.work.grains[grain], dims)
            else:
                booked[sorted(self.work.booked, key=leaf_text)[int(rest)]] = frame
        return Finished(rows, booked)


def _renamed(
    frame: pl.DataFrame,
    old: Mapping[Leaf, LeafColumns] | Mapping[Leaf | Look, LeafColumns],
    new: Mapping[Leaf, LeafColumns] | Mapping[Leaf | Look, LeafColumns],
    leaves: Iterable[Leaf],
    keys: Iterable[str],
) -> pl.DataFrame:
    columns = [frame[name] for name in keys]
    for leaf in leaves:
        was, now = old[leaf], new[leaf]
        columns += [frame[was.value].rename(now.value), frame[was.rows].rename(now.rows)]
    return pl.DataFrame(columns)


def _of_units(frame: pl.DataFrame, starts: Iterable[int]) -> pl.DataFrame:
    return frame.filter(pl.col(_UNIT).is_in(pl.Series(sorted(starts), dtype=pl.Int32).implode()))


def _marked(frame: pl.DataFrame, key: str, starts: Sequence[int]) -> pl.DataFrame:
    """The frame with the first day of each row's unit."""
    known = pl.Series(_UNIT, starts, dtype=pl.Int32)
    places = known.search_sorted(frame[key], "right").cast(pl.Int64) - 1
    return frame.with_columns(known.gather(places.clip(0)).alias(_UNIT))


def state_of(opened: OpenSource, start: int, end: int, now: int, young_ns: int, beside: str | None = "") -> str:
    """The states of the files that have rows of the days [start, end); "" when one is too young to be told apart.

    `beside` is the state of what else the rows depend on, None when that is too young.
    """
    if beside is None:
        return ""
    known = opened.states.get((start, end, beside))
    if known is None:
        known = opened.states[start, end, beside] = _state_of(opened, start, end, now, young_ns, beside)
    return known


def _state_of(opened: OpenSource, start: int, end: int, now: int, young_ns: int, beside: str) -> str:
    found = [repr(end), beside]
    for table in opened.tables:
        if table.has_days(start, end):
            if table.stamp is None or min(table.read_ns, now) - table.stamp.mtime_ns < young_ns:
                return ""
            found.append(repr(table.stamp))
    return hashlib.sha256("\n".join(found).encode()).hexdigest()
