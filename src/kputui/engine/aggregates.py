"""The aggregations: their states over rows, how states of shorter periods add up, and the values they end in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kputui.model.metric import Aggregation

if TYPE_CHECKING:
    from kputui.engine.definition import Leaf

ADDITIVE = frozenset(
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

_DISTINCT = "d"
_QUANTILE = "q"
_KINDS = {
    Aggregation.COUNT: "n",
    Aggregation.COUNT_DISTINCT: _DISTINCT,
    Aggregation.SUM: "s",
    Aggregation.AVERAGE: "s",
    Aggregation.SUM_BOOLEAN: "s",
    Aggregation.MIN: "min",
    Aggregation.MAX: "max",
}
"""The state that a value is made of, a quantile's aside."""

_FLOATS = frozenset({Aggregation.SUM, Aggregation.AVERAGE, Aggregation.MIN, Aggregation.MAX})


def is_quantile(state: str) -> bool:
    """Whether this names the state of a median or percentile; a state is named `<value><kind>`."""
    return f"{_QUANTILE}0" in state or f"{_QUANTILE}1" in state


def distinct_value(state: str) -> str | None:
    """The value whose distinct values a state counts; None for other states."""
    return state.removesuffix(_DISTINCT) if state.endswith(_DISTINCT) else None


def distinct_state(value: str) -> str:
    """The name of the state that counts the distinct values."""
    return f"{value}{_DISTINCT}"


def is_from_rows(state: str) -> bool:
    """Whether this names a state that no states of shorter periods add up to."""
    return distinct_value(state) is not None or is_quantile(state)


def states_of(leaf: Leaf, value: str) -> list[pl.Expr]:
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
            states.append(column.drop_nulls().n_unique().cast(pl.Int64).alias(distinct_state(value)))
        case Aggregation.MEDIAN | Aggregation.PERCENTILE:
            states.append(column.quantile(_quantile(leaf), "linear").alias(f"{value}{_QUANTILE}{_quantile(leaf)!r}"))
    return states


def _quantile(leaf: Leaf) -> float:
    return 0.5 if leaf.agg is Aggregation.MEDIAN or leaf.percentile is None else leaf.percentile


def rolls_of(leaf: Leaf, value: str) -> list[pl.Expr]:
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


def value_from(leaf: Leaf, value: str, states: pl.DataFrame) -> pl.Series:
    """The value of a leaf from its states, in each row; what it is where there are no rows (`n` is 0) means nothing."""
    kind = _KINDS.get(leaf.agg, f"{_QUANTILE}{_quantile(leaf)!r}")
    found = states[f"{value}{kind}"]
    if leaf.agg in _FLOATS:
        found = found.cast(pl.Float64)
    return found / states[f"{value}n"] if leaf.agg is Aggregation.AVERAGE else found


def without_nulls(counts: pl.Series) -> pl.Series:
    """The counts with 0 where there is none."""
    return counts.fill_null(0) if counts.null_count() else counts
