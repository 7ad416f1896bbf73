"""Columns that a source borrows: those of a joined source by its key, and the parts of its own dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from kputui.engine.date_parts import HOUR, LOCAL_DATE
from kputui.engine.source import DAY
from kputui.engine.wording import shortened
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kputui.engine.source import OpenSource
    from kputui.model.workspace import Join

TO = "\0to"
_FOUND = "\0found"


def key_table(join: Join, other: OpenSource, columns: Sequence[str]) -> pl.DataFrame:
    """The rows of a joined source by key: `columns` under their joined names.

    Raises DataError D12 without the key, D31 when a key has several rows: each row here would count
    once for each of them.
    """
    if join.to not in other.names:
        raise other.missing_column(join.to)
    other.preload([join.to, *columns])
    keys = other.column(join.to)
    table = pl.DataFrame([keys.alias(TO), *(other.column(name).alias(f"{join.name}__{name}") for name in columns)])
    table = table.filter(pl.col(TO).is_not_null())
    doubled = table[TO].is_duplicated()
    if doubled.any():
        first = table[TO].filter(doubled)[0]
        count = int((table[TO] == first).sum())
        raise DataError(
            "D31",
            f"source `{join.source}` has {count} rows with `{join.to}` = {first}: joined, rows would count twice",
            f"join a source with one row a `{join.to}`, or clean it",
        )
    return table


def unmatched(frame: pl.DataFrame, join: Join, table: pl.DataFrame, where: str) -> DataError | None:
    """What to say (D34) when rows have keys, and none of them is a key of the table; None else.

    `where` says which rows they are, if not all.
    """
    keys = frame.select(cs.by_name(join.key)).drop_nulls().unique(maintain_order=True)
    found = with_joined(keys, join, table.select(TO, pl.lit(value=True).alias(_FOUND)))[_FOUND]
    if keys.is_empty() or found.null_count() < len(found):
        return None
    wanted = f"`{join.to}` of source `{join.source}`"
    there = f"there it is `{shortened(str(table[TO][0]))}`" if table.height else "there no row has one"
    return DataError(
        "D34",
        f"the join `{join.name}` finds nothing{where}: no row's `{join.key}` is among {wanted}",
        f"here the first is `{shortened(str(keys.item(0, 0)))}`, {there}: write them alike",
    )


def with_joined(frame: pl.DataFrame, join: Join, table: pl.DataFrame) -> pl.DataFrame:
    """The frame with the table's columns; null where no row has the key."""
    kinds = (frame.schema[join.key], table.schema[TO])
    key = cs.by_name(join.key).as_expr()
    if kinds[0] == kinds[1]:
        left = frame.with_columns(key.alias(TO))
    else:
        target: pl.DataType = pl.String()
        if all(kind.is_numeric() for kind in kinds):
            target = pl.Int64() if all(kind.is_integer() for kind in kinds) else pl.Float64()
        left, table = frame.with_columns(key.cast(target).alias(TO)), table.with_columns(pl.col(TO).cast(target))
    return left.join(table, on=TO, how="left", maintain_order="left").drop(TO)


def joined_name(joins: Sequence[Join], name: str) -> tuple[Join, str] | None:
    """The join and the column there that a name such as `customer__region` means."""
    for join in joins:
        if name.startswith(f"{join.name}__"):
            return join, name[len(join.name) + 2 :]
    return None


def check_part(opened: OpenSource, name: str) -> None:
    """Raise DataError D12 for the hour of dates."""
    if name == HOUR and not isinstance(opened.time_type, pl.Datetime):
        raise DataError("D12", f"`{name}` needs times of day, but `{opened.source.time}` holds dates")


def date_part(name: str, frame: pl.DataFrame, time: str, fiscal_year_start: int) -> pl.Series:
    """A part of each row's local date (or time) as a number, or the date; weeks and weekdays are ISO's, 1 is Monday."""
    if name == HOUR:
        return frame[time].dt.hour().cast(pl.Int64).alias(name)
    days = frame[DAY].cast(pl.Date)
    if name == LOCAL_DATE:
        return days.alias(name)
    parts: dict[str, Callable[[], pl.Series]] = {
        "weekday": days.dt.weekday,
        "day_of_month": days.dt.day,
        "day_of_year": days.dt.ordinal_day,
        "week_of_year": days.dt.week,
        "month_of_year": days.dt.month,
        "quarter_of_year": lambda: (days.dt.month().cast(pl.Int64) - fiscal_year_start) % 12 // 3 + 1,
        "calendar_year": days.dt.year,
    }
    return parts[name]().cast(pl.Int64).alias(name)
