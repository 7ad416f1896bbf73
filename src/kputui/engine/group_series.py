"""The values of all groups, one after the other, divided by group for series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.aggregates import without_nulls

if TYPE_CHECKING:
    from collections.abc import Iterator

Group = tuple[tuple[str, str | None], ...]
"""The (dimension, value) pairs of a group; none for the whole."""


def groups_of(
    keys: pl.DataFrame, values: pl.Series, rows: pl.Series
) -> Iterator[tuple[Group, tuple[float | None, ...], tuple[int, ...]]]:
    """Each group with its values and rows by period, in order of the groups' values, missing ones last.

    `keys` are the groups, a row each, in the order in which every period of `values` and `rows` has them.
    """
    floats = values if values.dtype == pl.Float64 else values.cast(pl.Float64)
    known, counts = floats.to_list(), without_nulls(rows).to_list()
    if keys.width == 0:
        yield (), tuple(known), tuple(counts)
        return
    places = {key: place for place, key in enumerate(keys.iter_rows())}
    for key in sorted(places, key=lambda key: tuple((cell is None, str(cell)) for cell in key)):
        pairs = zip(keys.columns, key, strict=True)
        group = tuple((dim, None if cell is None else group_text(cell)) for dim, cell in pairs)
        yield group, tuple(known[places[key] :: keys.height]), tuple(counts[places[key] :: keys.height])


def group_text(cell: object) -> str:
    """A value of a dimension as the group of a series has it."""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
