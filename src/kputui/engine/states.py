"""Leaves over the rows of one interval: values, masks, states that add up, and the finished rows of each period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from kputui.engine.aggregates import ADDITIVE, rolls_of, states_of, value_from
from kputui.engine.distinct import Marks
from kputui.engine.expression import Column, canonical
from kputui.engine.expression.check import column_name
from kputui.engine.expression.to_polars import normalised, to_polars
from kputui.engine.expression.tree import walk
from kputui.engine.grouping import grouped
from kputui.engine.groups import Groups, numbers_of_few
from kputui.engine.row_periods import PERIOD, RowPeriods
from kputui.engine.source import DAY, between
from kputui.model.metric import Aggregation, Grain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kputui.engine.definition import Balance, Leaf, Look
    from kputui.engine.expression import Kind
    from kputui.engine.periods import Interval, Periods
    from kputui.engine.sharing import Noted

SEEN = "\0seen"
_COUNTED = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT})

VALUE = "\0b"
"""The column of a leaf's values in the rows that are kept of it."""

_EXACT = frozenset({Aggregation.SUM, Aggregation.MIN, Aggregation.MAX})


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
        wanted = [column_name(part, self.schema) for leaf in self.leaves for part in _columns(leaf)]
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


def _columns(leaf: Leaf) -> Iterable[Column]:
    for node in (leaf.expr, *leaf.filters):
        for part, _ in walk(node):
            if isinstance(part, Column):
                yield part


def finished_rows(
    frame: pl.DataFrame,
    work: SourceWork,
    periods: Periods,
    interval: Interval,
    noted: Noted,
) -> Finished:
    """For each grain, the rows of all periods that start in the interval, and what is kept of its days.

    `frame` has `DAY` and `work.columns()` for the days [interval.start, interval.read_end). A row has
    `PERIOD` (its first day, Int32), the dimensions under their names, and `work.names` of the leaves.
    `noted` is what is known of these rows; more is added.
    """
    values, value_of = _values(frame, work, noted)
    adds_up = all(_adds_up(leaf) for leaf in work.leaves)
    numbered = None if adds_up else Groups.of(values, work.dims, noted.numbers)
    groups = None if numbered is None else numbered[0]
    own = values if interval.read_end <= interval.end else values.filter(pl.col(DAY) < interval.end)
    _count_passed(own, work)
    booked = {leaf: book_of(own, leaf, value_of[leaf], work.dims) for leaf in work.booked}
    events = {event: _event_rows(own, event, value_of[event.leaf], work.dims) for event in work.events}
    keyed = values if numbered is None else values.hstack([numbered[1]])
    calendar = RowPeriods(periods, noted)
    rows = _rows_by_grain(keyed, work, value_of, calendar, interval, groups)
    return Finished(rows, booked, events, _counts_by_day(own, work) if work.is_kept else None)


def _rows_by_grain(
    values: pl.DataFrame,
    work: SourceWork,
    value_of: Mapping[Leaf, str],
    calendar: RowPeriods,
    interval: Interval,
    groups: Groups | None,
) -> dict[Grain, pl.DataFrame]:
    if len(work.grains) != 1:
        return _by_day_first(values, work, value_of, calendar, interval, groups) if work.grains else {}
    (grain,) = work.grains
    leaves = work.grains[grain]
    keyed = values.with_columns(calendar.of_rows(values[DAY], grain))
    states = [state for leaf in leaves if leaf.balance is None for state in states_of(leaf, value_of[leaf])]
    found = grouped(keyed, PERIOD, work.dims, states, groups, Marks(calendar.noted, grain))
    found = _with_balances(found, keyed, leaves, value_of, work.dims)
    return {grain: _finished(found, leaves, value_of, work, interval)}


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
        rows = rows.filter(_named(mask))
    time = _named(balance.time)
    bound = time.max() if balance.is_last else time.min()
    groups = [*([] if key is None else [key]), *balance.groupings]
    return rows.filter(time == (bound.over([_named(name) for name in groups]) if groups else bound))


def book_of(own: pl.DataFrame, leaf: Leaf, value: str, dims: Sequence[str]) -> pl.DataFrame:
    """What is kept of a leaf: the states of each day, or distinct values of each day, or the values."""
    if leaf.balance is not None:
        rows = own.filter(_named(mask_of(leaf.filter_keys))) if leaf.filter_keys else own
        held = dict.fromkeys([leaf.balance.time, *leaf.balance.groupings, *dims])
        return rows.select(DAY, *(_named(name) for name in held), _named(value).alias(VALUE))
    rows = own.select(DAY, *(_named(name) for name in dims), _named(value).alias(VALUE))
    if leaf.agg in ADDITIVE:
        return grouped(rows, DAY, dims, states_of(leaf, VALUE))
    rows = rows.filter(pl.col(VALUE).is_not_null())
    if leaf.agg is Aggregation.COUNT_DISTINCT:
        keys = [pl.col(DAY), *(_named(name) for name in dims), pl.col(VALUE)]
        return rows.group_by(keys).agg(pl.len().cast(pl.Int64).alias(f"{VALUE}n"))
    return rows


def _event_rows(own: pl.DataFrame, event: Event, value: str, dims: Sequence[str]) -> pl.DataFrame:
    rows = own.filter(_named(mask_of(event.leaf.filter_keys))) if event.leaf.filter_keys else own
    held = dict.fromkeys([*event.columns, *(dims if event.is_grouped else ())])
    return rows.select(DAY, *(_named(name) for name in held), _named(value).alias(VALUE))


def _by_day_first(
    values: pl.DataFrame,
    work: SourceWork,
    value_of: Mapping[Leaf, str],
    calendar: RowPeriods,
    interval: Interval,
    groups: Groups | None,
) -> dict[Grain, pl.DataFrame]:
    """Additive states once a day and rolled up to each grain; the other leaves from rows at each grain."""
    wanted = dict.fromkeys(leaf for leaves in work.grains.values() for leaf in leaves)
    additive = [leaf for leaf in wanted if _adds_up(leaf)]
    states = [state for leaf in additive for state in states_of(leaf, value_of[leaf])]
    daily = grouped(values, DAY, work.dims, states, groups)
    result: dict[Grain, pl.DataFrame] = {}
    for grain, leaves in work.grains.items():
        found = daily.with_columns(calendar.of(daily[DAY], grain))
        if grain is not Grain.DAY:
            rolled = [roll for leaf in leaves if _adds_up(leaf) for roll in rolls_of(leaf, value_of[leaf])]
            found = grouped(found, PERIOD, work.dims, rolled)
        rest = [leaf for leaf in leaves if leaf.balance is None and leaf.agg not in ADDITIVE]
        held = [leaf for leaf in leaves if leaf.balance is not None]
        keyed = values.with_columns(calendar.of_rows(values[DAY], grain)) if rest or held else values
        if rest:
            exacts = [state for leaf in rest for state in states_of(leaf, value_of[leaf])]
            exact = grouped(keyed, PERIOD, work.dims, exacts, groups, Marks(calendar.noted, grain))
            fresh = [name for name in exact.columns if name not in found.columns or name in {PERIOD, *work.dims}]
            keys = [PERIOD, *work.dims]
            found = found.join(exact.select(fresh), on=keys, how="left", nulls_equal=True)
        found = _with_balances(found, keyed, held, value_of, work.dims)
        result[grain] = _finished(found, leaves, value_of, work, interval)
    return result


def _adds_up(leaf: Leaf) -> bool:
    return leaf.balance is None and leaf.agg in ADDITIVE


def _values(frame: pl.DataFrame, work: SourceWork, noted: Noted) -> tuple[pl.DataFrame, dict[Leaf, str]]:
    """`DAY`, the dimensions, a mask a filter, and for each leaf the column of its values where its filters hold."""
    used = sorted({column_name(part, work.schema) for leaf in work.leaves for part in _columns(leaf)})
    fresh = [name for name in used if name not in noted.plain]
    if fresh:
        made_plain = frame.select(normalised(name, work.schema[name], frame.schema[name]) for name in fresh)
        noted.plain |= {one.name: one for one in made_plain}
    plain = pl.DataFrame([noted.plain[name] for name in used])
    masks = _masks(plain, work, frame.height)
    coded = _coded(frame, work, noted)
    frame = frame.hstack(list({one.name: one for one in coded.values()}.values())) if coded else frame
    value_of: dict[Leaf, str] = {}
    named: set[str] = set()
    exact: list[pl.Expr] = []
    computed: list[pl.Expr] = []
    for leaf in work.leaves:
        source, is_exact, key = _source_of(leaf, work, frame, coded)
        name = noted.names.setdefault((key, leaf.filter_keys, leaf.balance), f"\0v{len(noted.names)}")
        if name not in named:
            named.add(name)
            value = source if not leaf.filter_keys else pl.when(pl.col(mask_of(leaf.filter_keys))).then(source)
            (exact if is_exact else computed).append(value.alias(name))
        value_of[leaf] = name
    base = frame.select(DAY, *work.dims, *work.kept)
    if base[DAY].is_sorted():  # checked: a false flag would give wrong groups without a word
        base = base.with_columns(base[DAY].set_sorted())
    wide = frame.hstack(masks) if masks.width else frame
    made = [base, masks]
    if exact:
        made.append(wide.select(exact))
    if computed:
        inputs = plain.hstack(masks) if masks.width else plain
        made.append(_select(inputs, computed, frame.height))
    return pl.concat([part for part in made if part.width], how="horizontal"), value_of


def _select(frame: pl.DataFrame, expressions: Sequence[pl.Expr], height: int) -> pl.DataFrame:
    """The expressions over the frame; a frame without columns keeps its height."""
    if frame.width == 0:
        frame = pl.DataFrame({"\0height": pl.repeat(value=True, n=height, dtype=pl.Boolean, eager=True)})
    return frame.lazy().select(expressions).collect(engine="in-memory").rechunk()


def _masks(plain: pl.DataFrame, work: SourceWork, height: int) -> pl.DataFrame:
    """A mask column for each set of filters; each single filter is evaluated once."""
    singles: dict[str, pl.Expr] = {}
    for leaf in work.leaves:
        for key, node in zip(leaf.filter_keys, leaf.filters, strict=True):
            singles[key] = to_polars(node, work.schema, is_normalised=True).fill_null(value=False)
    if not singles:
        return pl.DataFrame()
    held = _select(plain, [test.alias(key) for key, test in singles.items()], height)
    sets = dict.fromkeys(leaf.filter_keys for leaf in work.leaves if leaf.filter_keys)
    return held.select(pl.all_horizontal(_named(key) for key in keys).alias(mask_of(keys)) for keys in sets)


def _named(key: str) -> pl.Expr:
    """Exactly this column; a canonical filter text may look like a pattern to pl.col."""
    return cs.by_name(key).as_expr()


def mask_of(keys: tuple[str, ...]) -> str:
    """The column of the rows that pass a set of filters."""
    return "\0m" + "\0".join(keys)


def _coded(frame: pl.DataFrame, work: SourceWork, noted: Noted) -> dict[Leaf, pl.Series]:
    """Few words as numbers, for leaves of which only the different ones are counted."""
    kept = {*work.booked, *(event.leaf for event in work.events)}
    found: dict[Leaf, pl.Series] = {}
    for leaf in work.leaves:
        if leaf.agg is not Aggregation.COUNT_DISTINCT or not isinstance(leaf.expr, Column) or leaf in kept:
            continue
        column = frame[column_name(leaf.expr, work.schema)]
        if column.dtype != pl.String:
            continue
        if column.name not in noted.codes:
            noted.codes[column.name] = _codes_of(column, noted)
        codes = noted.codes[column.name]
        if codes is not None:
            found[leaf] = codes
    return found


def _codes_of(column: pl.Series, noted: Noted) -> pl.Series | None:
    numbers = noted.numbers.get(column.name) or numbers_of_few(column, is_head_enough=True)
    if numbers is None:
        return None
    noted.numbers[column.name] = numbers
    codes = numbers.codes.set(column.is_null(), None) if column.null_count() else numbers.codes
    return codes.rename(f"\0c{column.name}")


def _source_of(
    leaf: Leaf, work: SourceWork, frame: pl.DataFrame, coded: Mapping[Leaf, pl.Series]
) -> tuple[pl.Expr, bool, str]:
    """The leaf's values before filtering, whether they are the column's own, and a key for sharing them.

    Distinct counts and plain counts take a bare column as it is (whole numbers beyond 2^53 stay
    apart), the former words as numbers where these are `coded`; sums and extremes of a bare Decimal column stay exact.
    """
    if isinstance(leaf.expr, Column):
        name = column_name(leaf.expr, work.schema)
        if leaf in coded:
            return _named(coded[leaf].name), True, f"coded {name}"
        is_decimal = isinstance(frame.schema[name], pl.Decimal)
        if leaf.agg in _COUNTED or (is_decimal and leaf.agg in _EXACT):
            return _named(name), True, f"raw {name}"
    return to_polars(leaf.expr, work.schema, is_normalised=True), False, canonical(leaf.expr)


def filter_sets(work: SourceWork) -> tuple[tuple[str, ...], ...]:
    """The sets of filters that the leaves have, each once."""
    return tuple(dict.fromkeys(leaf.filter_keys for leaf in work.leaves))


def _counts_by_day(own: pl.DataFrame, work: SourceWork) -> pl.DataFrame:
    masks = [pl.col(mask_of(keys)).sum().cast(pl.Int64) for keys in filter_sets(work) if keys]
    if not masks and own[DAY].is_sorted():
        runs = own[DAY].rle().struct.unnest()
        return runs.select(pl.col("value").alias(DAY), pl.col("len").cast(pl.Int64).alias(SEEN))
    return own.lazy().group_by(DAY).agg(pl.len().cast(pl.Int64).alias(SEEN), *masks).collect(engine="streaming")


def _count_passed(own: pl.DataFrame, work: SourceWork) -> None:
    """Add this interval's rows to the work's counts of rows seen and passed."""
    work.seen += own.height
    for keys in filter_sets(work):
        passed = int(own[mask_of(keys)].sum()) if keys else own.height
        work.passed[keys] = work.passed.get(keys, 0) + passed


def _finished(
    found: pl.DataFrame,
    leaves: Iterable[Leaf],
    value_of: Mapping[Leaf, str],
    work: SourceWork,
    interval: Interval,
) -> pl.DataFrame:
    """States become values: Int64 for counts, Float64 for the rest; over no rows there is no value."""
    own = between(found, interval.start, interval.end, PERIOD)
    outs: list[pl.Expr] = []
    for leaf in leaves:
        value, names = value_of[leaf], work.names[leaf]
        rows = pl.col(f"{value}n").fill_null(0)
        outs += [pl.when(rows > 0).then(value_from(leaf, value)).alias(names.value), rows.alias(names.rows)]
    return own.select(PERIOD, *(_named(name) for name in work.dims), *outs)
