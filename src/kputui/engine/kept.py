"""What is kept of finished periods between computations, so that only what changed files touch is computed again.

The days are cut into units (months, or quarters or years where such a grain is asked). What is kept of
a unit is used again only while the very same states of the same files hold its days: the data decides,
never the age of what is kept.
"""

from __future__ import annotations

import hashlib
import time
from array import array
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import files
from kputui.engine.guard import guarded
from kputui.engine.held import UNIT, Held, in_units, of_units
from kputui.engine.periods import intervals
from kputui.engine.row_periods import PERIOD
from kputui.engine.row_values import filter_sets, mask_of
from kputui.engine.source import DAY
from kputui.engine.states import SEEN, Finished, LeafColumns
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kputui.engine.definition import Leaf, Look
    from kputui.engine.grown import GrownEntries
    from kputui.engine.held import State
    from kputui.engine.kept_key import Key
    from kputui.engine.periods import Interval, Periods
    from kputui.engine.source import OpenSource
    from kputui.engine.states import Event, SourceWork

VERSION = f"5 polars {pl.__version__}"
"""Raised whenever the engine would compute anything differently from the same rows."""

KEPT_BYTES = 64 * 2**20
"""Of one work no more than this is kept."""

_MOST_WORKS = 64
_NO_DAYS = "no days"


@dataclass(slots=True)
class Kept:
    """What is kept of all works, in memory and on a shelf."""

    entries: GrownEntries | None = None
    young_ns: int = files.YOUNG_NS
    _held: dict[str, Held] = field(default_factory=dict)

    def recalled(self, key: str) -> Held | None:
        """What is kept under a key."""
        if key not in self._held and self.entries is not None:
            found = self.entries.read(key)
            with suppress(DataError), guarded("D22", "reading what was kept"):
                held = [Held.from_entry(entry.head, entry.blobs) for entry in found]
                if held:
                    self._remember(key, held[-1].over(held[0]) if len(held) > 1 else held[0])
                    self.entries.note(key, found[0], held[0].states)
        return self._held.get(key)

    def keep(self, key: str, held: Held) -> None:
        """Keep it in the place of what was kept under the key; nothing of what is too large."""
        if sum(frame.estimated_size() for frame in held.frames.values()) > KEPT_BYTES:
            self._held.pop(key, None)
            return
        self._remember(key, held)
        if self.entries is not None:
            self.entries.keep(key, held.states, lambda starts: held.only(starts).to_entry())

    def _remember(self, key: str, held: Held) -> None:
        self._held.pop(key, None)
        self._held[key] = held
        while len(self._held) > _MOST_WORKS:
            oldest = next(iter(self._held))
            del self._held[oldest]
            if self.entries is not None:
                self.entries.forget(oldest)


def leaf_text(leaf: Leaf) -> str:
    """All that a leaf's values depend on."""
    return repr((leaf.agg, leaf.key, leaf.filter_keys, leaf.percentile, leaf.balance))


def event_text(event: Event) -> str:
    """All that the rows of an event depend on."""
    return repr((leaf_text(event.leaf), event.columns, event.is_grouped))


@dataclass(slots=True)
class Units:
    """The units of one work in one computation: what is still good of each, and what is computed anew.

    `_cuts` are units whose own days are as they were, but not those after them that their last periods reach into:
    only what begins from the day of the cut on is computed anew. A month that grows day by day so costs a week of
    the month before it, not all of that.
    """

    key: Key
    opened: OpenSource
    work: SourceWork
    periods: Periods
    units: Sequence[Interval]
    states: Mapping[int, State]
    known: Held | None
    _good: frozenset[int] = frozenset()
    _cuts: Mapping[int, int] = field(default_factory=dict)
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
        """What is still good of the units; no row from the day `end` on is used, where there are such rows."""
        known = kept.recalled(key.text)
        now = time.time_ns()
        beside = key.state(now, kept.young_ns)
        states = {}
        for unit in units:
            bounds = unit.start, min(unit.end, end), min(unit.read_end, end)
            own, after = (state_of(opened, *days, now, kept.young_ns, beside) for days in pairwise(bounds))
            states[unit.start] = own, after
        found = {} if known is None else known.states
        good = frozenset(start for start, state in states.items() if all(state) and found.get(start) == state)
        return cls(key, opened, work, periods, units, states, known, good)

    def stale(self, chunk_rows: int, first_days: int | None = None) -> list[Interval]:
        """What is to be computed, newest first, as `intervals` says."""
        found = intervals(self.units, self.opened.facts().rows_in, chunk_rows, self._good, first_days)
        ends = {unit.start: unit.end for unit in self.units}
        self._cuts = {one.start: cut for one in found if (cut := self._cut(one.start, ends[one.start])) > one.start}
        return [replace(one, start=self._cuts.get(one.start, one.start)) for one in found]

    def _cut(self, start: int, end: int) -> int:
        """The day from which on the periods of a unit are to be computed anew."""
        own = self.states[start][0]
        if self.known is None or not own or self.known.states.get(start, ("", ""))[0] != own:
            return start
        lasts = ((grain, self.periods.start_of(end - 1, grain)) for grain in self.work.grains)
        return min((last for grain, last in lasts if self.periods.next_start(last, grain) > end), default=start)

    def recall(self) -> Finished | None:
        """The finished rows of all that is still good once `stale` was asked; their rows are counted in the work."""
        if self.known is None or not (self._good or self._cuts):
            return None
        self._note_unfit(self.known)
        self._count(*(self.known.counts[start] for start in (*self._good, *self._cuts)))
        self._counts = {start: dict(self.known.counts[start]) for start in self._good}
        frames = {}
        for name, frame in self.known.frames.items():
            is_good = in_units(self._good, self.known.states)
            for start, cut in self._cuts.items():
                is_good |= (pl.col(UNIT) == start) & (pl.col(_key_of(name)) < cut)
            kept = frame.filter(is_good)
            self._frames[name] = [kept]
            frames[name] = kept.drop(UNIT)
        return self._finished(frames)

    def add(self, interval: Interval, finished: Finished) -> None:
        """Take in what was computed for an interval made of units."""
        starts = [unit.start for unit in self.units if interval.start < unit.end and unit.start < interval.end]
        daily = _marked(finished.counts, DAY, starts) if finished.counts is not None else None
        for start in starts:
            self._counts[start] = {SEEN: 0}
        if daily is not None:
            names = [name for name in daily.columns if name not in {DAY, UNIT}]
            for row in daily.group_by(UNIT).agg(pl.col(names).sum()).iter_rows(named=True):
                self._counts[row[UNIT]] = {name: int(row[name]) for name in names}
        if self.known is not None and self._cuts.get(starts[0]) == interval.start:
            self._count({name: -count for name, count in self._counts[starts[0]].items()})  # those were recalled
            self._counts[starts[0]] = dict(self.known.counts[starts[0]])
        for name, frame in self._named(finished):
            self._frames.setdefault(name, []).append(_marked(frame, _key_of(name), starts))

    def held(self, is_unchanged: Callable[[OpenSource], bool]) -> Held | None:
        """What is to be kept from now on; None when that is what is kept already, or files changed meanwhile."""
        before = {} if self.known is None else self.known.states
        fresh = [start for start in self._counts if before.get(start) != self.states[start]]
        if not fresh or not is_unchanged(self.opened) or not self._are_joined_unchanged():
            return None
        states = {start: self.states[start] for start in self._counts if self.states[start][0]}
        if not states:
            return None
        frames = {name: pl.concat(parts, rechunk=True) for name, parts in self._frames.items()}
        there = self._counts.keys() | self._cuts.keys()
        if not there <= states.keys():
            frames = {name: of_units(frame, states, there) for name, frame in frames.items()}
        counts = {start: dict(self._counts[start]) for start in states}
        if self.known is not None:  # units outside this window may be asked again
            others = {start: state for start, state in self.known.states.items() if start not in self.states}
            states |= others
            counts |= {start: dict(self.known.counts[start]) for start in others}
            for name, frame in self.known.frames.items() if others else ():
                frames[name] = pl.concat([frames[name], of_units(frame, others, self.known.states)])
        return Held(states, counts, frames, self._unfit())

    def _note_unfit(self, known: Held) -> None:
        first, end = self.units[0].start, self.units[-1].read_end
        tables = {repr(table.stamp): table for table in self.opened.with_days(first, end)} if known.unfit else {}
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

    def _are_joined_unchanged(self) -> bool:
        try:
            return all(map(files.is_unchanged, self.key.stamps))
        except OSError:
            return False

    def _count(self, *counts: Mapping[str, int]) -> None:
        """Add to the work's counts of rows."""
        self.work.seen += sum(one.get(SEEN, 0) for one in counts)
        for keys in filter_sets(self.work):
            name = mask_of(keys) if keys else SEEN
            self.work.passed[keys] = self.work.passed.get(keys, 0) + sum(one.get(name, 0) for one in counts)

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
        for place, event in enumerate(sorted(self.work.events, key=event_text)):
            yield f"events {place}", finished.events[event]

    def _finished(self, frames: Mapping[str, pl.DataFrame]) -> Finished:
        stable = self._stable()
        rows, booked, events = {}, {}, {}
        for name, frame in frames.items():
            kind, _, rest = name.partition(" ")
            if kind == "rows":
                grain = next(grain for grain in self.work.grains if grain.value == rest)
                dims = (PERIOD, *self.work.dims)
                rows[grain] = _renamed(frame, stable, self.work.names, self.work.grains[grain], dims)
            elif kind == "book":
                booked[sorted(self.work.booked, key=leaf_text)[int(rest)]] = frame
            else:
                events[sorted(self.work.events, key=event_text)[int(rest)]] = frame
        return Finished(rows, booked, events)


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


def _key_of(name: str) -> str:
    """The column of days by which a frame of this name belongs to units."""
    return PERIOD if name.startswith("rows") else DAY


def _marked(frame: pl.DataFrame, key: str, starts: Sequence[int]) -> pl.DataFrame:
    """The frame with the first day of each row's unit."""
    days = frame[key]
    last = days.max()
    table = array("i")
    for start, end in pairwise((*starts, last + 1 if isinstance(last, int) else starts[-1])):
        table.extend([start] * (end - start))
    return frame.with_columns(pl.Series(UNIT, table, dtype=pl.Int32).gather(days - starts[0]))


def state_of(opened: OpenSource, start: int, end: int, now: int, young_ns: int, beside: str | None = "") -> str:
    """The states of the files that have rows of the days [start, end); "" when one is too young to be told apart.

    `beside` is the state of what else the rows depend on, None when that is too young.
    """
    if beside is None:
        return ""
    if start >= end:
        return _NO_DAYS
    known = opened.states.get((start, end, beside))
    if known is None:
        known = opened.states[start, end, beside] = _state_of(opened, start, end, now, young_ns, beside)
    return known


def _state_of(opened: OpenSource, start: int, end: int, now: int, young_ns: int, beside: str) -> str:
    found = [repr(end), beside]
    for table in opened.with_days(start, end):
        if table.stamp is None or min(table.read_ns, now) - table.stamp.mtime_ns < young_ns:
            return ""
        found.append(repr(table.stamp))
    return hashlib.sha256("\n".join(found).encode()).hexdigest()
