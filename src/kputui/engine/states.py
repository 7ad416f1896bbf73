"""Leaves over the rows of one interval: states that add up, and the finished rows of each period."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.aggregates import ADDITIVE, rolls_of, states_of, value_from, without_nulls
from kputui.engine.distinct import Marks
from kputui.engine.expression.check import column_name
from kputui.engine.expression.to_polars import to_polars
from kputui.engine.grouping import grouped
from kputui.engine.groups import Groups
from kputui.engine.row_periods import PERIOD, RowPeriods, runs_of
from kputui.engine.row_values import columns_of, filter_sets, mask_of, named, values_of
from kputui.engine.source import DAY, between
from kputui.model.metric import Aggregation, Grain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kputui.engine.definition import Balance, Leaf, Look
    from kputui.engine.expression import Kind, Node
    from kputui.engine.periods import Interval, Periods
    from kputui.engine.sharing import Noted

    Part = Callable[[], pl.DataFrame]
    Each = Callable[[Callable[[Part], pl.DataFrame], Iterable[Part]], Iterable[pl.DataFrame]]
    """As `map`."""

_MANY_A_DAY = 400
"""With fewer rows a day it costs more to sum those of each day by themselves than to group them."""

SEEN = "\0seen"
VALUE = "\0b"
"""The column of a leaf's values in the rows that are kept of it."""


@dataclass(frozen=True, slots=True)
class LeafColumns:
    """The names of a leaf's columns in finished rows: its value, and the rows that the value was made of."""

    value: str
    rows: str


@dataclass(frozen=True, slots=True)
class Event:
    """Rows of a leaf to be kept one by one: `columns` of the source, and the groups when `is_grouped`."""

    leaf: Leaf
    columns: tuple[str, ...]
    is_grouped: bool


@dataclass(slots=True)
class SourceWork:
    """All leaves of one source with the grains that each is wanted at, and what evaluating them takes.

    `names` are the result columns of each leaf. Of `booked` leaves the states of each day (or the
    values, where states do not add up) are kept, of `events` the rows. `passed` counts, by a leaf's
    filters, the rows of whole intervals that passed; `seen` counts all. With `is_kept` the counts of each
    day are given too.
    """

    schema: Mapping[str, Kind]
    dims: tuple[str, ...]
    grains: Mapping[Grain, tuple[Leaf, ...]]
    names: Mapping[Leaf | Look, LeafColumns]
    booked: tuple[Leaf, ...] = ()
    events: tuple[Event, ...] = ()
    is_kept: bool = False
    seen: int = 0
    passed: dict[tuple[str, ...], int] = field(default_factory=dict)
    _translated: dict[Node, pl.Expr] = field(default_factory=dict)

    def translated(self, node: Node) -> pl.Expr:
        """The expression for a select over columns that are normalised (kept)."""
        if node not in self._translated:
            self._translated[node] = to_polars(node, self.schema, is_normalised=True)
        return self._translated[node]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every leaf once."""
        by_grain = [leaf for leaves in self.grains.values() for leaf in leaves]
        return tuple(dict.fromkeys([*by_grain, *self.booked, *(event.leaf for event in self.events)]))

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns, beside the dimensions, that balances and events read as they are."""
        balances = [leaf.balance for leaf in self.leaves if leaf.balance is not None]
        wanted = [name for balance in balances for name in (balance.time, *balance.groupings)]
        wanted += [name for event in self.events for name in event.columns]
        return tuple(name for name in dict.fromkeys(wanted) if name not in self.dims)

    def columns(self) -> list[str]:
        """The source's columns that must be read, in its own spelling."""
        wanted = [column_name(part, self.schema) for leaf in self.leaves for part in columns_of(leaf)]
        return sorted({*wanted, *self.dims, *self.kept})


@dataclass(frozen=True, slots=True)
class Finished:
    """What one interval gives: rows by grain, what is kept of booked leaves and of events, and counts by day.

    `counts` has `DAY`, `SEEN` (its rows) and a column a set of filters (`mask_of`: the rows that passed).
    """

    rows: Mapping[Grain, pl.DataFrame]
    booked: Mapping[Leaf, pl.DataFrame] = field(default_factory=dict)
    events: Mapping[Event, pl.DataFrame] = field(default_factory=dict)
    counts: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of some days with the values of a work's leaves (`value_of` names their columns), and their groups."""

    values: pl.DataFrame
    value_of: Mapping[Leaf, str]
    groups: Groups | None

    @classmethod
    def of(cls, frame: pl.DataFrame, work: SourceWork, noted: Noted) -> Rows:
        """The rows of `frame`, which has `DAY` and `work.columns()`, ready to be grouped.

        `noted` is what is known of these rows; more is added.
        """
        values, value_of = values_of(frame, work, noted)
        adds_up = all(_adds_up(leaf) for leaf in work.leaves)
        numbered = None if adds_up else Groups.of(values, work.dims, noted.numbers)
        if numbered is None:
            return cls(values, value_of, None)
        groups, numbers = numbered
        return cls(values.hstack([numbers]), value_of, groups)


def finished_rows(
    rows: Rows, work: SourceWork, periods: Periods, interval: Interval, noted: Noted, each: Each = map
) -> Finished:
    """For each grain, the rows of all periods that start in the interval, and what is kept of its days.

    `rows` are those of the days from interval.start to interval.read_end or later. A row of the answer has
    `PERIOD` (its first day, Int32), the dimensions under their names, and `work.names` of the leaves.
    `noted` is what is known of these rows; more is added. Several works may be computed at once, and `each` may run
    the parts of one side by side.
    """
    value_of = rows.value_of
    own = between(rows.values, interval.start, interval.end)
    _count_passed(own, work)
    booked = {leaf: book_of(own, leaf, value_of[leaf], work.dims) for leaf in work.booked}
    events = {event: _event_rows(own, event, value_of[event.leaf], work.dims) for event in work.events}
    by_grain = _Grouping(rows, work, RowPeriods(periods, noted), interval).by_grain(each)
    return Finished(by_grain, booked, events, _counts_by_day(own, work) if work.is_kept else None)


@dataclass(frozen=True, slots=True)
class _Grouping:
    """How the rows of an interval become those of its periods."""

    rows: Rows
    work: SourceWork
    calendar: RowPeriods
    interval: Interval

    def by_grain(self, each: Each) -> dict[Grain, pl.DataFrame]:
        """The finished rows of each grain.

        Of several grains additive states are made once a day and rolled up, the other leaves from rows at each grain.
        """
        if len(self.work.grains) == 1:
            ((grain, leaves),) = self.work.grains.items()
            found = self._grouped(grain, [leaf for leaf in leaves if leaf.balance is None])
            return {grain: self._finished(found, grain, leaves)}
        if not self.work.grains:
            return {}
        of_rows = {grain: [leaf for leaf in leaves if _is_of_rows(leaf)] for grain, leaves in self.work.grains.items()}
        of_rows = {grain: leaves for grain, leaves in of_rows.items() if leaves}
        parts: list[Part] = [self._daily, *(partial(self._grouped, grain, rest) for grain, rest in of_rows.items())]
        daily, *exact = each(_call, parts)
        exact_of = dict(zip(of_rows, exact, strict=True))
        return {
            grain: self._finished(self._rolled(daily, grain, leaves, exact_of.get(grain)), grain, leaves)
            for grain, leaves in self.work.grains.items()
        }

    def _keyed(self, grain: Grain) -> pl.DataFrame:
        values = self.rows.values
        return values.with_columns(self.calendar.of_rows(values[DAY], grain))

    def _grouped(self, grain: Grain, leaves: Iterable[Leaf]) -> pl.DataFrame:
        """The states of the leaves by period."""
        states = self._states(leaves)
        marks = Marks(self.calendar.noted, grain)
        return grouped(self._keyed(grain), PERIOD, self.work.dims, states, self.rows.groups, marks)

    def _daily(self) -> pl.DataFrame:
        """The additive states by day."""
        wanted = dict.fromkeys(leaf for leaves in self.work.grains.values() for leaf in leaves)
        states = self._states(leaf for leaf in wanted if _adds_up(leaf))
        return grouped(self.rows.values, DAY, self.work.dims, states, self.rows.groups)

    def _states(self, leaves: Iterable[Leaf]) -> list[pl.Expr]:
        return [state for leaf in leaves for state in states_of(leaf, self.rows.value_of[leaf])]

    def _rolled(
        self, daily: pl.DataFrame, grain: Grain, leaves: Sequence[Leaf], exact: pl.DataFrame | None
    ) -> pl.DataFrame:
        """The states by day rolled up, and beside them those that were made from rows."""
        found = daily.with_columns(self.calendar.of(daily[DAY], grain))
        if grain is not Grain.DAY:
            added = [leaf for leaf in leaves if _adds_up(leaf)]
            rolls = [roll for leaf in added for roll in rolls_of(leaf, self.rows.value_of[leaf])]
            found = grouped(found, PERIOD, self.work.dims, rolls)
        if exact is None:
            return found
        keys = [PERIOD, *self.work.dims]
        fresh = [name for name in exact.columns if name not in found.columns or name in keys]
        return found.join(exact.select(fresh), on=keys, how="left", nulls_equal=True)

    def _finished(self, found: pl.DataFrame, grain: Grain, leaves: Sequence[Leaf]) -> pl.DataFrame:
        """States become values: Int64 for counts, Float64 for the rest; over no rows there is no value."""
        work, value_of = self.work, self.rows.value_of
        held = [leaf for leaf in leaves if leaf.balance is not None]
        if held:
            found = _with_balances(found, self._keyed(grain), held, value_of, work.dims)
        own = between(found, self.interval.start, self.interval.end, PERIOD)
        if work.dims:  # answers sort the rows of all intervals, which costs a fifth when each one's are sorted
            own = own.sort(pl.col(PERIOD), *(named(name) for name in work.dims), nulls_last=True)
        columns = [own[name] for name in (PERIOD, *work.dims)]
        for leaf in leaves:
            name, names = value_of[leaf], work.names[leaf]
            rows, value = without_nulls(own[f"{name}n"]), value_from(leaf, name, own)
            is_empty = rows == 0
            columns.append((value.set(is_empty, None) if is_empty.any() else value).rename(names.value))
            columns.append(rows.rename(names.rows))
        return pl.DataFrame(columns)


def _call(part: Part) -> pl.DataFrame:
    return part()


def _is_of_rows(leaf: Leaf) -> bool:
    return leaf.balance is None and leaf.agg not in ADDITIVE


def _with_balances(
    found: pl.DataFrame,
    keyed: pl.DataFrame,
    leaves: Iterable[Leaf],
    value_of: Mapping[Leaf, str],
    dims: Sequence[str],
) -> pl.DataFrame:
    """The found states with those of the balances, each read at the last or first time of its groupings."""
    for leaf in leaves:
        if leaf.balance is not None:
            rows = at_its_time(keyed, leaf.balance, PERIOD, mask_of(leaf.filter_keys) if leaf.filter_keys else None)
            states = grouped(rows, PERIOD, dims, states_of(leaf, value_of[leaf]))
            found = found.join(states, on=[PERIOD, *dims], how="left", nulls_equal=True)
    return found


def at_its_time(rows: pl.DataFrame, balance: Balance, key: str | None, mask: str | None) -> pl.DataFrame:
    """Of each `key` and grouping only the rows at its last or first time, of those where `mask` holds."""
    if mask is not None:
        rows = rows.filter(named(mask))
    time = named(balance.time)
    bound = time.max() if balance.is_last else time.min()
    groups = [*([] if key is None else [key]), *balance.groupings]
    return rows.filter(time == (bound.over([named(name) for name in groups]) if groups else bound))


def book_of(own: pl.DataFrame, leaf: Leaf, value: str, dims: Sequence[str]) -> pl.DataFrame:
    """What is kept of a leaf: the states of each day, or distinct values of each day, or the values."""
    if leaf.balance is not None:
        rows = own.filter(named(mask_of(leaf.filter_keys))) if leaf.filter_keys else own
        held = dict.fromkeys([leaf.balance.time, *leaf.balance.groupings, *dims])
        return rows.select(DAY, *(named(name) for name in held), named(value).alias(VALUE))
    rows = own.select(DAY, *(named(name) for name in dims), named(value).alias(VALUE))
    if leaf.agg in ADDITIVE:
        return grouped(rows, DAY, dims, states_of(leaf, VALUE))
    rows = rows.filter(pl.col(VALUE).is_not_null())
    if leaf.agg is Aggregation.COUNT_DISTINCT:
        keys = [pl.col(DAY), *(named(name) for name in dims), pl.col(VALUE)]
        return rows.group_by(keys).agg(pl.len().cast(pl.Int64).alias(f"{VALUE}n"))
    return rows


def _event_rows(own: pl.DataFrame, event: Event, value: str, dims: Sequence[str]) -> pl.DataFrame:
    rows = own.filter(named(mask_of(event.leaf.filter_keys))) if event.leaf.filter_keys else own
    held = dict.fromkeys([*event.columns, *(dims if event.is_grouped else ())])
    return rows.select(DAY, *(named(name) for name in held), named(value).alias(VALUE))


def _adds_up(leaf: Leaf) -> bool:
    return leaf.balance is None and leaf.agg in ADDITIVE


def _counts_by_day(own: pl.DataFrame, work: SourceWork) -> pl.DataFrame:
    """The rows of each day, and those that passed each set of filters.

    Of sorted rows with many a day each day's are summed by themselves: bits cost a tenth of what grouping them costs.
    """
    masks = [mask_of(keys) for keys in filter_sets(work) if keys]
    numbers, lengths = runs_of(own[DAY]) if own[DAY].is_sorted() else (None, [])
    if numbers is None or (masks and own.height < len(lengths) * _MANY_A_DAY):
        sums = [named(mask).sum().cast(pl.Int64) for mask in masks]
        return own.lazy().group_by(DAY).agg(pl.len().cast(pl.Int64).alias(SEEN), *sums).collect(engine="streaming")
    ends = list(accumulate(lengths))
    days = [numbers.rename(DAY), pl.Series(SEEN, lengths, dtype=pl.Int64)]
    for mask in masks:
        bits = own[mask]
        passed = [bits.slice(end - length, length).sum() for end, length in zip(ends, lengths, strict=True)]
        days.append(pl.Series(mask, passed, dtype=pl.Int64))
    return pl.DataFrame(days)


def _count_passed(own: pl.DataFrame, work: SourceWork) -> None:
    """Add this interval's rows to the work's counts of rows seen and passed."""
    work.seen += own.height
    for keys in filter_sets(work):
        passed = int(own[mask_of(keys)].sum()) if keys else own.height
        work.passed[keys] = work.passed.get(keys, 0) + passed
