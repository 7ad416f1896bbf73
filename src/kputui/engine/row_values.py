"""The rows of one interval as leaves take them: a mask a filter, and a column of values for each leaf."""

from __future__ import annotations

from functools import partial, reduce
from operator import and_
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from kputui.engine.expression import Column, Kind, canonical
from kputui.engine.expression.check import column_name
from kputui.engine.expression.to_polars import normalised
from kputui.engine.expression.tree import walk
from kputui.engine.finite import is_all_finite
from kputui.engine.groups import numbers_of_few
from kputui.engine.source import DAY
from kputui.model.metric import Aggregation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kputui.engine.definition import Leaf
    from kputui.engine.sharing import Noted
    from kputui.engine.states import SourceWork

_COUNTED = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT})
_EXACT = frozenset({Aggregation.SUM, Aggregation.MIN, Aggregation.MAX})


def columns_of(leaf: Leaf) -> Iterable[Column]:
    """The columns that a leaf and its filters read, as they are written."""
    for node in (leaf.expr, *leaf.filters):
        for part, _ in walk(node):
            if isinstance(part, Column):
                yield part


def values_of(frame: pl.DataFrame, work: SourceWork, noted: Noted) -> tuple[pl.DataFrame, dict[Leaf, str]]:
    """`DAY`, the dimensions, a mask a filter, and for each leaf the column of its values where its filters hold."""
    inputs = _plain_columns(frame, work, noted)
    masks = _masks(inputs, work, frame.height)
    inputs |= {mask.name: mask for mask in masks}
    coded = _coded(frame, work, noted)
    value_of: dict[Leaf, str] = {}
    bare: dict[str, pl.Series] = {}
    computed: dict[str, pl.Expr] = {}
    for leaf in work.leaves:
        column, key = _source_of(leaf, work, frame, noted, coded)
        name = value_of[leaf] = noted.names.setdefault((key, leaf.filter_keys, leaf.balance), f"\0v{len(noted.names)}")
        if name in bare or name in computed:
            continue
        if column is not None and not leaf.filter_keys:
            bare[name] = column.rename(name)
            continue
        if column is not None:
            inputs[key] = column.rename(key)
        source = _computed(leaf, work) if column is None else pl.col(key)
        passed = pl.when(pl.col(mask_of(leaf.filter_keys))).then(source) if leaf.filter_keys else source
        computed[name] = passed.alias(name)
    days = frame[DAY]
    if days.is_sorted():  # checked: a false flag would give wrong groups without a word
        days = days.set_sorted()
    as_they_are = [frame[name] for name in (*work.dims, *work.kept)]
    more = _select(inputs.values(), computed.values(), frame.height) if computed else []
    return pl.DataFrame([days, *as_they_are, *masks, *bare.values(), *more]), value_of


def _plain_columns(frame: pl.DataFrame, work: SourceWork, noted: Noted) -> dict[str, pl.Series]:
    """The columns that expressions read, in the one type of their kind."""
    used = sorted({column_name(part, work.schema) for leaf in work.leaves for part in columns_of(leaf)})
    return {name: noted.once(noted.plain, name, partial(_plain, frame[name], work.schema[name])) for name in used}


def _plain(column: pl.Series, kind: Kind) -> pl.Series:
    if column.dtype == pl.Float64 and kind is Kind.NUMBER and is_all_finite(column):
        return column
    return column.to_frame().select(normalised(column.name, kind, column.dtype)).to_series()


def _select(columns: Iterable[pl.Series], expressions: Iterable[pl.Expr], height: int) -> list[pl.Series]:
    """The expressions over the columns, all of this height."""
    frame = pl.DataFrame(list(columns))
    if frame.width == 0:
        frame = pl.DataFrame({"\0height": pl.repeat(value=True, n=height, dtype=pl.Boolean, eager=True)})
    return frame.lazy().select(expressions).collect(engine="in-memory").rechunk().get_columns()


def _masks(plain: Mapping[str, pl.Series], work: SourceWork, height: int) -> list[pl.Series]:
    """A mask column for each set of filters; each single filter is evaluated once."""
    filters = {key: node for leaf in work.leaves for key, node in zip(leaf.filter_keys, leaf.filters, strict=True)}
    if not filters:
        return []
    tests = [work.translated(node).fill_null(value=False).alias(key) for key, node in filters.items()]
    held = {test.name: test for test in _select(plain.values(), tests, height)}
    sets = dict.fromkeys(leaf.filter_keys for leaf in work.leaves if leaf.filter_keys)
    return [reduce(and_, (held[key] for key in keys)).rename(mask_of(keys)) for keys in sets]


def named(key: str) -> pl.Expr:
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
        codes = noted.once(noted.codes, column.name, partial(_codes_of, column, noted))
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
    leaf: Leaf, work: SourceWork, frame: pl.DataFrame, noted: Noted, coded: Mapping[Leaf, pl.Series]
) -> tuple[pl.Series | None, str]:
    """The column of a leaf's values before filtering, None where they are to be computed, and a key for sharing them.

    Distinct counts and plain counts take a bare column as it is (whole numbers beyond 2^53 stay
    apart), the former words as numbers where these are `coded`; sums and extremes of a bare Decimal column stay exact.
    """
    if not isinstance(leaf.expr, Column):
        return None, f"\0{'has ' if leaf.agg is Aggregation.COUNT else ''}{canonical(leaf.expr)}"
    name = column_name(leaf.expr, work.schema)
    if leaf in coded:
        return coded[leaf], f"\0coded {name}"
    is_decimal = isinstance(frame.schema[name], pl.Decimal)
    if leaf.agg in _COUNTED or (is_decimal and leaf.agg in _EXACT):
        return frame[name], f"\0raw {name}"
    return noted.plain[name], f"\0plain {name}"


def _computed(leaf: Leaf, work: SourceWork) -> pl.Expr:
    """A leaf's values before filtering; where they are only counted, whether there is one: an eighth of a byte each."""
    found = work.translated(leaf.expr)
    return pl.when(found.is_not_null()).then(statement=True) if leaf.agg is Aggregation.COUNT else found


def filter_sets(work: SourceWork) -> tuple[tuple[str, ...], ...]:
    """The sets of filters that the leaves have, each once."""
    return tuple(dict.fromkeys(leaf.filter_keys for leaf in work.leaves))
