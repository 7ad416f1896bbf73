"""A leaf over stretches of days that may overlap or leave gaps, from what was kept of each day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from kputui.engine.aggregates import rolls_of, states_of, value_from
from kputui.engine.combine import with_spine
from kputui.engine.row_periods import PERIOD
from kputui.engine.source import DAY
from kputui.engine.states import VALUE, at_its_time
from kputui.model.metric import Aggregation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.engine.definition import Leaf
    from kputui.engine.states import LeafColumns
    from kputui.engine.stretches import Stretch

_PAIRS = 2_000_000
"""So many pairs of a stretch and a day of it are laid out at once."""

_WHOLE = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT, Aggregation.SUM_BOOLEAN})

_PLACE = "\0place"
_ROWS = f"{VALUE}n"


@dataclass(frozen=True, slots=True)
class _Slots:
    """Stretches with the days that have data, by number: stretch i takes the days [lows[i], highs[i])."""

    labels: tuple[int, ...]
    lows: tuple[int, ...]
    highs: tuple[int, ...]


def over_stretches(
    leaf: Leaf, book: pl.DataFrame, stretches: Sequence[Stretch], dims: Sequence[str], names: LeafColumns
) -> pl.DataFrame:
    """A row for each stretch and group with rows: `PERIOD` (the stretch's label), groups, value, rows.

    `book` is what `states.book_of` kept. Starts and ends of the stretches never fall, labels are unique.
    """
    if not stretches or book.is_empty():
        held = {name: book.schema[name] for name in dims}
        value = pl.Int64() if leaf.agg in _WHOLE else pl.Float64()
        return pl.DataFrame(schema={PERIOD: pl.Int32(), **held, names.value: value, names.rows: pl.Int64()})
    if leaf.balance is not None or leaf.agg in {Aggregation.MEDIAN, Aggregation.PERCENTILE}:
        states = _sliced(leaf, book, stretches, dims)
    elif leaf.agg is Aggregation.COUNT_DISTINCT:
        states = _distinct(book, stretches, dims)
    else:
        states = _added(book, stretches, dims, leaf)
    found = states.filter(pl.col(_ROWS) > 0)
    values, rows = value_from(leaf, VALUE, found).rename(names.value), found[_ROWS].cast(pl.Int64).rename(names.rows)
    return pl.DataFrame([found[PERIOD].cast(pl.Int32), *(found[name] for name in dims), values, rows])


def _slots(book: pl.DataFrame, stretches: Sequence[Stretch]) -> tuple[_Slots, pl.Series]:
    days = book[DAY].unique().sort()
    lows = days.search_sorted(pl.Series([stretch.start for stretch in stretches], dtype=pl.Int32), "left")
    highs = days.search_sorted(pl.Series([stretch.end for stretch in stretches], dtype=pl.Int32), "left")
    return _Slots(tuple(stretch.label for stretch in stretches), tuple(lows), tuple(highs)), days


def _added(book: pl.DataFrame, stretches: Sequence[Stretch], dims: Sequence[str], leaf: Leaf | None) -> pl.DataFrame:
    """Daily states rolled up to stretches; without a leaf only the rows are counted."""
    rolls = [pl.col(_ROWS).sum()] if leaf is None else rolls_of(leaf, VALUE)
    starts = {stretch.start for stretch in stretches}
    if len(starts) * 2 <= len(stretches):
        return _running(book, stretches, dims, rolls)
    slots, days = _slots(book, stretches)
    return _laid_out(book, slots, days, dims, rolls)


def _laid_out(
    book: pl.DataFrame, slots: _Slots, days: pl.Series, dims: Sequence[str], rolls: Sequence[pl.Expr]
) -> pl.DataFrame:
    """The states of each stretch from those of its days, a block of stretches at a time."""
    found = []
    first = 0
    count = len(slots.labels)
    while first < count:
        last, pairs = first, 0
        while last < count and (last == first or pairs + slots.highs[last] - slots.lows[last] <= _PAIRS):
            pairs += max(0, slots.highs[last] - slots.lows[last])
            last += 1
        block = pl.DataFrame(
            {
                PERIOD: pl.Series(slots.labels[first:last], dtype=pl.Int32),
                _PLACE: pl.Series(slots.lows[first:last], dtype=pl.Int64),
                "\0high": pl.Series(slots.highs[first:last], dtype=pl.Int64),
            }
        ).filter(pl.col(_PLACE) < pl.col("\0high"))
        laid = block.select(PERIOD, pl.int_ranges(_PLACE, "\0high").alias(_PLACE)).explode(_PLACE)
        keyed = laid.select(PERIOD, days.gather(laid[_PLACE]).alias(DAY))
        groups = [pl.col(PERIOD), *(cs.by_name(name).as_expr() for name in dims)]
        found.append(keyed.join(book, on=DAY, how="inner").group_by(groups).agg(rolls))
        first = last
    return pl.concat(found)


def _running(
    book: pl.DataFrame, stretches: Sequence[Stretch], dims: Sequence[str], rolls: Sequence[pl.Expr]
) -> pl.DataFrame:
    """Stretches that share their start: what each adds to the one before it, summed up as it goes."""
    found = []
    for _, shared in groupby(stretches, key=lambda stretch: stretch.start):
        same = tuple(shared)
        ends = [same[0].start, *(stretch.end for stretch in same)]
        parts = [type(same[0])(stretch.label, ends[index], stretch.end) for index, stretch in enumerate(same)]
        slots, days = _slots(book, parts)
        added = _laid_out(book, slots, days, dims, rolls)
        spread = with_spine(added, slots.labels, dims)
        found.append(spread.with_columns(_cumulated(name, dims) for name in added.columns if name.startswith(VALUE)))
    return pl.concat(found)


def _cumulated(name: str, dims: Sequence[str]) -> pl.Expr:
    column = pl.col(name)
    if name in {f"{VALUE}min", f"{VALUE}max"}:
        so_far = (column.cum_min() if name.endswith("min") else column.cum_max()).forward_fill()
    else:
        so_far = column.fill_null(0).cum_sum()
    return so_far.over([cs.by_name(dim).as_expr() for dim in dims]) if dims else so_far


def _distinct(book: pl.DataFrame, stretches: Sequence[Stretch], dims: Sequence[str]) -> pl.DataFrame:
    """Distinct values of each stretch, exact: each day of a value counts in those stretches that no earlier one did."""
    groups = [cs.by_name(name).as_expr() for name in dims]
    starts = pl.Series([stretch.start for stretch in stretches], dtype=pl.Int32)
    ends = pl.Series([stretch.end for stretch in stretches], dtype=pl.Int32)
    keys = [*groups, pl.col(VALUE)]
    seen = book.sort(*keys, DAY)
    seen = seen.with_columns(
        ends.search_sorted(seen[DAY], "right").cast(pl.Int64).alias("\0low"),
        (starts.search_sorted(seen[DAY], "right").cast(pl.Int64) - 1).alias("\0high"),
    )
    is_seen_before = pl.all_horizontal(key.eq_missing(key.shift(1)) for key in keys)
    before = pl.when(is_seen_before).then(pl.col("\0high").shift(1) + 1)
    seen = seen.with_columns(pl.max_horizontal("\0low", before).alias("\0low"))
    seen = seen.filter(pl.col("\0low") <= pl.col("\0high"))
    name = f"{VALUE}d"
    steps = pl.concat(
        [
            seen.select(pl.col("\0low").alias(PERIOD), *groups, pl.lit(1, pl.Int64).alias(name)),
            seen.select((pl.col("\0high") + 1).alias(PERIOD), *groups, pl.lit(-1, pl.Int64).alias(name)),
        ]
    )
    summed = (
        steps.group_by([pl.col(PERIOD), *groups]).agg(pl.col(name).sum()).with_columns(pl.col(PERIOD).cast(pl.Int32))
    )
    spread = with_spine(summed, range(len(stretches)), dims)
    labels = pl.Series([stretch.label for stretch in stretches], dtype=pl.Int32)
    counted = spread.with_columns(_cumulated(name, dims)).with_columns(labels.gather(spread[PERIOD]).alias(PERIOD))
    daily = book.group_by([pl.col(DAY), *groups]).agg(pl.col(_ROWS).sum())
    rows = _added(daily, stretches, dims, None)
    return counted.join(rows, on=[PERIOD, *dims], how="inner", nulls_equal=True)


def _sliced(leaf: Leaf, book: pl.DataFrame, stretches: Sequence[Stretch], dims: Sequence[str]) -> pl.DataFrame:
    """Each stretch from its own rows."""
    rows = book.sort(DAY, maintain_order=True)
    days = rows[DAY]
    lows = days.search_sorted(pl.Series([stretch.start for stretch in stretches], dtype=pl.Int32), "left")
    highs = days.search_sorted(pl.Series([stretch.end for stretch in stretches], dtype=pl.Int32), "left")
    groups = [cs.by_name(name).as_expr() for name in dims]
    states = states_of(leaf, VALUE)
    found = []
    for stretch, low, high in zip(stretches, lows, highs, strict=True):
        part = rows.slice(low, max(0, high - low))
        if leaf.balance is not None:
            part = at_its_time(part, leaf.balance, None, None)
        values = part.group_by(groups).agg(states) if dims else part.select(states)
        found.append(values.with_columns(pl.lit(stretch.label, pl.Int32).alias(PERIOD)))
    return pl.concat(found)
