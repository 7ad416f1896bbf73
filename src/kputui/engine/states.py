"""Leaves over the rows of one interval: values, masks, states that add up, and the finished rows of each period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from kputui.engine.expression import Column, canonical
from kputui.engine.expression.check import column_name
from kputui.engine.expression.to_polars import normalised, to_polars
from kputui.engine.expression.tree import walk
from kputui.engine.periods import FIRST_DAY
from kputui.engine.source import DAY
from kputui.model.metric import Aggregation, Grain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kputui.engine.expression import Kind
    from kputui.engine.periods import Interval, Periods
    from kputui.engine.plan import Leaf

PERIOD = "\0period"
_ADDITIVE = frozenset(
    {
        Aggregation.SUM,
        Aggregation.COUNT,
        Aggregation.SUM_BOOLEAN,
        Aggregation.AVERAGE,
        Aggregation.MIN,
        Aggregation.MAX,
    }
)
_SUMS = frozenset({Aggregation.SUM, Aggregation.AVERAGE, Aggregation.SUM_BOOLEAN})
_COUNTED = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT})
_DISTINCT = "d"
"""The end of the name of a distinct count's state."""

_EXACT = frozenset({Aggregation.SUM, Aggregation.MIN, Aggregation.MAX})


@dataclass(frozen=True, slots=True)
class LeafColumns:
    """The names of a leaf's columns in finished rows: its value, and the rows that the value was made of."""

    value: str
    rows: str


@dataclass(slots=True)
class SourceWork:
    """All leaves of one source with the grains that each is wanted at, and what evaluating them takes.

    `names` are the result columns of each leaf. `passed` counts, by a leaf's filters, the rows of
    whole intervals that passed; `seen` counts all.
    """

    schema: Mapping[str, Kind]
    dims: tuple[str, ...]
    grains: Mapping[Grain, tuple[Leaf, ...]]
    names: Mapping[Leaf, LeafColumns]
    where: tuple[str, ...] = ()
    seen: int = 0
    passed: dict[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every leaf once."""
        return tuple(dict.fromkeys(leaf for leaves in self.grains.values() for leaf in leaves))

    def columns(self) -> list[str]:
        """The source's columns that must be read, in its own spelling."""
        wanted = [column_name(part, self.schema) for leaf in self.leaves for part in _columns(leaf)]
        return sorted({*wanted, *self.dims})


def _columns(leaf: Leaf) -> Iterable[Column]:
    for node in (leaf.expr, *leaf.filters):
        for part, _ in walk(node):
            if isinstance(part, Column):
                yield part


def finished_rows(
    frame: pl.DataFrame, work: SourceWork, periods: Periods, interval: Interval
) -> dict[Grain, pl.DataFrame]:
    """For each grain, the rows of all periods that start in the interval.

    `frame` has `DAY` and `work.columns()` for the days [interval.start, interval.read_end). A row has
    `PERIOD` (its first day, Int32), the dimensions under their names, and `work.names` of the leaves.
    """
    values, value_of = _values(frame, work)
    _count_passed(values, work, interval)
    if len(work.grains) == 1:
        (grain,) = work.grains
        leaves = work.grains[grain]
        keyed = values.with_columns(_period_of(values[DAY], periods, grain))
        states = [state for leaf in leaves for state in _states(leaf, value_of[leaf])]
        found = _grouped(keyed, PERIOD, work.dims, states)
        return {grain: _finished(found, leaves, value_of, work, interval)}
    return _by_day_first(values, work, value_of, periods, interval)


def _by_day_first(
    values: pl.DataFrame,
    work: SourceWork,
    value_of: Mapping[Leaf, str],
    periods: Periods,
    interval: Interval,
) -> dict[Grain, pl.DataFrame]:
    """Additive states once a day and rolled up to each grain; the other leaves from rows at each grain."""
    additive = [leaf for leaf in work.leaves if leaf.agg in _ADDITIVE]
    states = [state for leaf in additive for state in _states(leaf, value_of[leaf])]
    daily = _grouped(values, DAY, work.dims, states)
    result: dict[Grain, pl.DataFrame] = {}
    for grain, leaves in work.grains.items():
        found = daily.with_columns(_period_of(daily[DAY], periods, grain))
        if grain is not Grain.DAY:
            rolled = [roll for leaf in leaves if leaf.agg in _ADDITIVE for roll in _rolls(leaf, value_of[leaf])]
            found = _grouped(found, PERIOD, work.dims, rolled)
        rest = [leaf for leaf in leaves if leaf.agg not in _ADDITIVE]
        if rest:
            keyed = values.with_columns(_period_of(values[DAY], periods, grain))
            exact = _grouped(
                keyed, PERIOD, work.dims, [state for leaf in rest for state in _states(leaf, value_of[leaf])]
            )
            fresh = [name for name in exact.columns if name not in found.columns or name in {PERIOD, *work.dims}]
            keys = [PERIOD, *work.dims]
            found = found.join(exact.select(fresh), on=keys, how="left", nulls_equal=True)
        result[grain] = _finished(found, leaves, value_of, work, interval)
    return result


def _values(frame: pl.DataFrame, work: SourceWork) -> tuple[pl.DataFrame, dict[Leaf, str]]:
    """`DAY`, the dimensions, a mask a filter, and for each leaf the column of its values where its filters hold."""
    used = sorted({column_name(part, work.schema) for leaf in work.leaves for part in _columns(leaf)})
    plain = frame.select(normalised(name, work.schema[name]) for name in used) if used else frame.select()
    masks = _masks(plain, work, frame.height)
    value_of: dict[Leaf, str] = {}
    seen: dict[tuple[str, tuple[str, ...]], str] = {}
    exact: list[pl.Expr] = []
    computed: list[pl.Expr] = []
    for leaf in work.leaves:
        source, is_exact, key = _source_of(leaf, work, frame)
        name = seen.get((key, leaf.filter_keys))
        if name is None:
            name = seen[key, leaf.filter_keys] = f"\0v{len(seen)}"
            value = source if not leaf.filter_keys else pl.when(pl.col(_mask(leaf.filter_keys))).then(source)
            (exact if is_exact else computed).append(value.alias(name))
        value_of[leaf] = name
    base = frame.select(DAY, *work.dims)
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
    return frame.lazy().select(expressions).collect()


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
    return held.select(pl.all_horizontal(_named(key) for key in keys).alias(_mask(keys)) for keys in sets)


def _named(key: str) -> pl.Expr:
    """Exactly this column; a canonical filter text may look like a pattern to pl.col."""
    return cs.by_name(key).as_expr()


def _mask(keys: tuple[str, ...]) -> str:
    return "\0m" + "\0".join(keys)


def _source_of(leaf: Leaf, work: SourceWork, frame: pl.DataFrame) -> tuple[pl.Expr, bool, str]:
    """The leaf's values before filtering, whether they are the column's own, and a key for sharing them.

    Distinct counts and plain counts take a bare column as it is (whole numbers beyond 2^53 stay
    apart); sums and extremes of a bare Decimal column stay exact.
    """
    if isinstance(leaf.expr, Column):
        name = column_name(leaf.expr, work.schema)
        is_decimal = isinstance(frame.schema[name], pl.Decimal)
        if leaf.agg in _COUNTED or (is_decimal and leaf.agg in _EXACT):
            return _named(name), True, f"raw {name}"
    return to_polars(leaf.expr, work.schema, is_normalised=True), False, canonical(leaf.expr)


def _period_of(days: pl.Series, periods: Periods, grain: Grain) -> pl.Series:
    """Each day's period by a lookup table; marked sorted when the days are."""
    if grain is Grain.DAY or days.is_empty():
        return days.rename(PERIOD)
    low, high = days.min(), days.max()
    first, last = (low, high) if isinstance(low, int) and isinstance(high, int) else (FIRST_DAY, FIRST_DAY)
    table = pl.Series(PERIOD, periods.table(first, last, grain), dtype=pl.Int32)
    found = table.gather(days - first)
    return found.set_sorted() if days.is_sorted() else found


def _grouped(frame: pl.DataFrame, key: str, dims: Sequence[str], states: Sequence[pl.Expr]) -> pl.DataFrame:
    """One group-by; states that share a name are the same and computed once.

    The streaming engine costs a third to a fifth when the key is sorted, and less in general, but
    twice as much for distinct counts over unsorted keys.
    """
    unique = {state.meta.output_name(): state for state in states}
    is_sorted = not dims and frame[key].is_sorted()
    has_distinct = any(name.endswith(_DISTINCT) for name in unique)
    query = frame.lazy().group_by([pl.col(key), *(_named(name) for name in dims)]).agg(list(unique.values()))
    return query.collect(engine="in-memory" if has_distinct and not is_sorted else "streaming")


def _count_passed(values: pl.DataFrame, work: SourceWork, interval: Interval) -> None:
    """Add this interval's rows to the work's counts of rows seen and passed."""
    own = values if interval.read_end <= interval.end else values.filter(pl.col(DAY) < interval.end)
    work.seen += own.height
    for keys in dict.fromkeys(leaf.filter_keys for leaf in work.leaves):
        passed = int(own[_mask(keys)].sum()) if keys else own.height
        work.passed[keys] = work.passed.get(keys, 0) + passed


def _states(leaf: Leaf, value: str) -> list[pl.Expr]:
    """The states of a leaf over rows; names are shared by leaves of the same values."""
    column = pl.col(value)
    states = [column.count().cast(pl.Int64).alias(f"{value}n")]
    match leaf.agg:
        case Aggregation.SUM | Aggregation.AVERAGE:
            states.append(column.sum().alias(f"{value}s"))
        case Aggregation.SUM_BOOLEAN:
            states.append(column.sum().cast(pl.Int64).alias(f"{value}s"))
        case Aggregation.MIN:
            states.append(column.min().alias(f"{value}min"))
        case Aggregation.MAX:
            states.append(column.max().alias(f"{value}max"))
        case Aggregation.COUNT_DISTINCT:
            states.append(column.drop_nulls().n_unique().cast(pl.Int64).alias(f"{value}{_DISTINCT}"))
        case Aggregation.MEDIAN | Aggregation.PERCENTILE:
            states.append(column.quantile(_quantile(leaf), "linear").alias(f"{value}q{_quantile(leaf)!r}"))
    return states


def _quantile(leaf: Leaf) -> float:
    return 0.5 if leaf.agg is Aggregation.MEDIAN or leaf.percentile is None else leaf.percentile


def _rolls(leaf: Leaf, value: str) -> list[pl.Expr]:
    """The additive states of a leaf from its states of shorter periods."""
    rolls = [pl.col(f"{value}n").sum()]
    if leaf.agg in _SUMS:
        rolls.append(pl.col(f"{value}s").cast(pl.Int64).sum() if leaf.agg is Aggregation.SUM_BOOLEAN else _total(value))
    elif leaf.agg is Aggregation.MIN:
        rolls.append(pl.col(f"{value}min").min())
    elif leaf.agg is Aggregation.MAX:
        rolls.append(pl.col(f"{value}max").max())
    return rolls


def _total(value: str) -> pl.Expr:
    return pl.col(f"{value}s").sum()


def _finished(
    found: pl.DataFrame,
    leaves: Iterable[Leaf],
    value_of: Mapping[Leaf, str],
    work: SourceWork,
    interval: Interval,
) -> pl.DataFrame:
    """States become values: Int64 for counts, Float64 for the rest; over no rows there is no value."""
    own = found.filter((pl.col(PERIOD) >= interval.start) & (pl.col(PERIOD) < interval.end))
    outs: list[pl.Expr] = []
    for leaf in leaves:
        value, names = value_of[leaf], work.names[leaf]
        rows = pl.col(f"{value}n").fill_null(0)
        outs += [pl.when(rows > 0).then(_value(leaf, value)).alias(names.value), rows.alias(names.rows)]
    return own.select(PERIOD, *(_named(name) for name in work.dims), *outs)


def _value(leaf: Leaf, value: str) -> pl.Expr:
    """The value of a leaf from its states, over one row or more."""
    rows = pl.col(f"{value}n")
    found = {
        Aggregation.SUM: lambda: pl.col(f"{value}s").cast(pl.Float64),
        Aggregation.AVERAGE: lambda: pl.col(f"{value}s").cast(pl.Float64) / rows,
        Aggregation.SUM_BOOLEAN: lambda: pl.col(f"{value}s"),
        Aggregation.COUNT: lambda: rows,
        Aggregation.COUNT_DISTINCT: lambda: pl.col(f"{value}{_DISTINCT}"),
        Aggregation.MIN: lambda: pl.col(f"{value}min").cast(pl.Float64),
        Aggregation.MAX: lambda: pl.col(f"{value}max").cast(pl.Float64),
        Aggregation.MEDIAN: lambda: pl.col(f"{value}q{_quantile(leaf)!r}"),
        Aggregation.PERCENTILE: lambda: pl.col(f"{value}q{_quantile(leaf)!r}"),
    }
    return found[leaf.agg]()
