"""Finished rows of all sources, joined by period and group, become the metrics' values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from kputui.engine.aggregates import without_nulls
from kputui.engine.definition import LeafValue, Look, Quotient, fill_of
from kputui.engine.expression import Kind
from kputui.engine.expression.to_polars import to_polars
from kputui.engine.finite import is_all_finite
from kputui.engine.row_periods import PERIOD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.engine.definition import Leaf, Value
    from kputui.engine.expression import Node
    from kputui.engine.states import LeafColumns


def joined(frames: Sequence[pl.DataFrame], dims: Sequence[str]) -> pl.DataFrame:
    """The rows of several sources side by side: one row a period and group of any of them.

    A dimension whose type differs between the sources is joined by its text.
    """
    keys = [PERIOD, *dims]
    mixed = [dim for dim in dims if len({frame.schema[dim] for frame in frames}) > 1]
    alike = [frame.with_columns(cs.by_name(*mixed).cast(pl.String)) if mixed else frame for frame in frames]
    whole = alike[0]
    for frame in alike[1:]:
        whole = whole.join(frame, on=keys, how="full", coalesce=True, nulls_equal=True)
    return whole


def with_spine(frame: pl.DataFrame, starts: Sequence[int], dims: Sequence[str]) -> pl.DataFrame:
    """The frame with a row for each of the periods (in order) and every group that has a row in one of them."""
    if starts and not frame.height % len(starts):
        ordered = frame.sort(PERIOD, *dims, nulls_last=True)  # half of a join
        if _is_full(ordered, starts, dims):
            return ordered
    spine = pl.DataFrame({PERIOD: pl.Series(starts, dtype=pl.Int32)})
    if dims:
        shown = frame.filter(pl.col(PERIOD).is_between(starts[0], starts[-1])) if starts else frame.clear()
        groups = shown.select(cs.by_name(*dims)).unique(maintain_order=True)
        spine = spine.join(groups, how="cross")
    return spine.join(frame, on=[PERIOD, *dims], how="left", nulls_equal=True, maintain_order="left")


def _is_full(ordered: pl.DataFrame, starts: Sequence[int], dims: Sequence[str]) -> bool:
    """Whether the sorted rows, no two of the same period and group, are those of each period and group."""
    groups = ordered.height // len(starts)
    runs = ordered[PERIOD].rle().struct.unnest()
    if runs["value"].to_list() != list(starts) or runs["len"].min() != groups:
        return False
    return not dims or ordered.select(cs.by_name(*dims)).n_unique() == groups


def evaluated(
    value: Value, frame: pl.DataFrame, names: Mapping[Leaf | Look, LeafColumns]
) -> tuple[pl.Series, pl.Series]:
    """A metric over joined rows: its values (Int64 for counts, else Float64), and the rows they were made of.

    The rows of a quotient are its denominator's, those of a formula the largest of its inputs'. A value
    that is not finite is none.
    """
    if isinstance(value, LeafValue | Look):
        own = names[value.leaf if isinstance(value, LeafValue) else value]
        found = frame[own.value]
        rows = without_nulls(frame[own.rows])
    elif isinstance(value, Quotient):
        top, _ = evaluated(value.numerator, frame, names)
        bottom, rows = evaluated(value.denominator, frame, names)
        divisor = bottom.cast(pl.Float64)
        found = top.cast(pl.Float64) / divisor.set(divisor == 0, None)
    else:
        parts = {name: evaluated(part, frame, names) for name, part in value.inputs}
        inputs = pl.DataFrame({name: part.cast(pl.Float64) for name, (part, _) in parts.items()})
        found = _formula(value.node, inputs, frame.height)
        rows = pl.DataFrame([part.alias(name) for name, (_, part) in parts.items()]).max_horizontal()
    if found.dtype.is_float() and not is_all_finite(found):
        found = found.set(~found.is_finite(), None)
    fill = None if isinstance(value, Look) else fill_of(value)
    if fill is not None:
        found = _filled(found, fill)
    return found, rows


def _formula(node: Node, inputs: pl.DataFrame, height: int) -> pl.Series:
    if inputs.width == 0:
        inputs = pl.DataFrame({"\0height": [True] * height})
    schema = {name: Kind.NUMBER for name in inputs.columns if name != "\0height"}
    return inputs.select(to_polars(node, schema).cast(pl.Float64).alias("value")).to_series()


def _filled(found: pl.Series, fill: float) -> pl.Series:
    if found.dtype == pl.Int64 and float(fill).is_integer():
        return found.fill_null(int(fill))
    return found.cast(pl.Float64).fill_null(float(fill))
