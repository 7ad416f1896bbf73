"""Neighbouring files read in one pass: many small ones cost a fraction of a pass over each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.guard import guarded
from kputui.engine.parquet_file import collected, scan_of
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from kputui.engine.parquet_file import ParquetFile

_SMALL_CHUNK = 20_000
"""Columns in shorter pieces than this many rows are put together: all that follows looks at each piece by itself."""

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
    if len(pieces) > 1:
        try:
            with guarded("D06", "one of several files is damaged"):
                found = pl.concat(_queries(pieces, names)).collect()
                return found.rechunk() if found.height < found.n_chunks() * _SMALL_CHUNK else found
        except DataError:
            pass  # told which one below
    parts = [collected(_query(piece, names), piece[0].path.name) for piece in pieces]
    with guarded("D22", "putting the rows of several files together"):
        return pl.concat(parts)


def _queries(pieces: Sequence[Piece], names: Sequence[str]) -> Iterator[pl.LazyFrame]:
    """The pieces' rows, whole files that follow each other in one query: each query more costs what a file does."""
    own = ((_source_of(piece, names), piece) for piece in pieces)
    for kind, group in groupby(own, lambda one: type(one[0])):
        some = list(group)
        if kind is type(None) or len(some) == 1:
            yield from (_query(piece, names) for _, piece in some)
        else:
            sources = [source for source, _ in some]
            yield scan_of(sources).select(names)  # type: ignore[arg-type]  # they are of one type, by the key


def _source_of(piece: Piece, names: Sequence[str]) -> Path | bytes | None:
    """Where a whole file is read from of which only its own columns are asked; None for others."""
    table, first, count = piece
    is_whole = (first, count) == (0, table.rows) and table.is_plain
    return table.source() if is_whole and not any(one.name in names for one in table.constants) else None


def _query(piece: Piece, names: Sequence[str]) -> pl.LazyFrame:
    table, first, count = piece
    rows = table.scan().select(names)
    return rows if (first, count) == (0, table.rows) else rows.slice(first, count)  # slices are what costs
