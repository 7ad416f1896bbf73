"""Group-bys over rows by period and group, each by what costs least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
import polars.selectors as cs

from kputui.engine.aggregates import distinct_state, distinct_value, is_from_rows, is_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kputui.engine.distinct import Marks
    from kputui.engine.groups import Groups

_FEW_ROWS = 50_000
"""Of fewer rows the streaming engine costs more to set up than it saves."""

_STREAMING: Literal["streaming"] = "streaming"
_IN_MEMORY: Literal["in-memory"] = "in-memory"


def grouped(
    frame: pl.DataFrame,
    key: str,
    dims: Sequence[str],
    states: Sequence[pl.Expr],
    groups: Groups | None = None,
    marks: Marks | None = None,
) -> pl.DataFrame:
    """One group-by; states that share a name are the same and computed once.

    With `groups` rows have their `GROUP`. `marks` count distinct values where the rows are sorted and that costs less.
    The streaming engine costs a third to a fifth when the key is sorted, and less in general, but up to
    six times as much for quantiles, and twice as much for distinct counts over unsorted keys.
    """
    unique = {state.meta.output_name(): state for state in states}
    keys = [pl.col(key), *(cs.by_name(name).as_expr() for name in dims)] if groups is None else [groups.key(key)]
    query = frame.lazy().group_by(keys)
    has_order = (marks is not None or not dims) and frame[key].is_sorted()
    counted = None
    if marks is not None and has_order and len(keys) == 1:
        counted = _counted(frame, key, unique, groups, marks)
    if counted is not None:
        unique = {name: state for name, state in unique.items() if name not in counted.columns}
    is_sorted = has_order and not dims
    apart = [name for name in unique if is_quantile(name)] if is_sorted and frame.height >= _FEW_ROWS else []
    is_in_memory = frame.height < _FEW_ROWS or (not is_sorted and any(map(is_from_rows, unique)))
    engine = _IN_MEMORY if is_in_memory else _STREAMING
    found = query.agg([state for name, state in unique.items() if name not in apart]).collect(engine=engine)
    if apart:
        exact = query.agg([unique[name] for name in apart]).collect(engine=_IN_MEMORY)
        found = found.join(exact, on=key, how="left", nulls_equal=True)
    if counted is not None:
        found = found.join(counted, on=counted.columns[0], how="left")
    return found if groups is None else groups.named(found, key)


def _counted(
    frame: pl.DataFrame, key: str, states: Iterable[str], groups: Groups | None, marks: Marks
) -> pl.DataFrame | None:
    """The states that count distinct values, as far as marking them in bits costs less."""
    values = [value for state in states if (value := distinct_value(state)) is not None]
    found = marks.counts(frame, key, values, groups) if values else None
    return None if found is None else found.rename({name: distinct_state(name) for name in found.columns[1:]})
