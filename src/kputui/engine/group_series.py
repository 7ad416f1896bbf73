"""A frame by its groups, for series."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl


def groups_of(
    frame: pl.DataFrame, dims: Sequence[str]
) -> Iterator[tuple[tuple[tuple[str, str | None], ...], pl.DataFrame]]:
    """The rows of each group with its (dimension, value) pairs, in order of the values, missing ones last."""
    if not dims:
        yield (), frame
        return
    parts = frame.partition_by(dims, as_dict=True, maintain_order=True)
    for key in sorted(parts, key=lambda key: tuple((cell is None, str(cell)) for cell in key)):
        group = tuple((dim, None if cell is None else _group_text(cell)) for dim, cell in zip(dims, key, strict=True))
        yield group, parts[key]


def _group_text(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
