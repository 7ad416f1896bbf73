"""Neighbouring files read in one pass: many small ones cost a fraction of a pass over each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.guard import guarded
from kputui.engine.parquet_file import collected
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kputui.engine.parquet_file import ParquetFile

Piece = tuple["ParquetFile", int, int]
"""Rows of a file: its first row, and their number."""


def batches(tables: Iterable[ParquetFile], names: Collection[str], most_rows: int) -> Iterator[tuple[ParquetFile, ...]]:
    """The files in their order, neighbours together that have the columns in the same types and few rows enough."""
    held: list[ParquetFile] = []
    rows = 0
    for table in tables:
        fits = held and rows + table.rows <= most_rows and all(_are_alike(held[-1], table, name) for name in names)
        if held and not fits:
            yield tuple(held)
            held, rows = [], 0
        held.append(table)
        rows += table.rows
    if held:
        yield tuple(held)


def _are_alike(one: ParquetFile, other: ParquetFile, name: str) -> bool:
    return one.is_joinable and other.is_joinable and one.schema.get(name) == other.schema.get(name)


def rows_of(pieces: Sequence[Piece], names: Sequence[str]) -> pl.DataFrame:
    """The columns of the pieces' rows, in their order; raises DataError D06 with the file that is damaged, D22."""
    queries = [
        rows if (first, count) == (0, table.rows) else rows.slice(first, count)  # slices are what costs
        for table, first, count in pieces
        for rows in (table.scan().select(names),)
    ]
    if len(queries) > 1:
        try:
            with guarded("D06", "one of several files is damaged"):
                return pl.concat(queries).collect()
        except DataError:
            pass  # told which one below
    parts = [collected(query, piece[0].path.name) for query, piece in zip(queries, pieces, strict=True)]
    with guarded("D22", "putting the rows of several files together"):
        return pl.concat(parts)
