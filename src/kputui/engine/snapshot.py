"""The present state of a table in an open table format: its data files, and how each of them is to be read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import polars as pl

from kputui.engine.footer import names_by_id
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_ROW = "\0row"
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]+:")


def is_url(written: str) -> bool:
    """Whether a table names a file by a URL."""
    return _SCHEME.match(written) is not None


def path_of_url(url: str) -> str | None:
    """The path of a `file:` URL on this machine; None for a URL of any other place."""
    parts = urlsplit(url)
    if parts.scheme.casefold() != "file" or parts.netloc not in {"", "localhost"}:
        return None
    return unquote(parts.path)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, where a data file has it, and its type (None: as the file has it).

    A file has it under one of the names `in_file`; where the table numbers its columns, and the file does so too,
    under whatever name has the number `field_id` there. In a file without it, every row has the value of
    `missing` (a series of length 1).
    """

    name: str
    in_file: tuple[str, ...]
    dtype: pl.DataType | None
    missing: pl.Series
    field_id: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A data file of a table, which of its rows are no longer there, and its columns in the table's words.

    `constants` are columns of one value (series of length 1) that no file holds. `gone` are row numbers from 0
    (UInt32). `view` is a text that differs when anything but the file's own bytes makes its rows differ.
    """

    path: Path
    columns: tuple[Column, ...]
    constants: tuple[pl.Series, ...] = ()
    gone: pl.Series | None = None
    view: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Digest the view."""
        named = [(one.name, one.in_file, str(one.dtype), _told(one.missing), one.field_id) for one in self.columns]
        told = repr((named, [(one.name, _told(one)) for one in self.constants]))
        gone = [] if self.gone is None else self.gone.to_list()
        digest = hashlib.sha256(f"{told} {gone}".encode()).hexdigest()
        object.__setattr__(self, "view", digest[:24])

    def read(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of the table that the file's rows are; raises DataError D06, D17."""
        found = rows.collect_schema()
        names = self._names(found)
        present = [(one, names[one.name]) for one in self.columns if names.get(one.name) in found]
        if not present:
            raise DataError("D17", f"`{self.path.name}` has none of the table's columns", "the table names them")
        if self.gone is not None and len(self.gone):
            row = pl.col(_ROW)
            rows = rows.with_row_index(_ROW).filter(~row.is_in(self.gone.implode()))
        rows = rows.select(_as(pl.col(name), found[name], one.dtype).alias(one.name) for one, name in present)
        there = {one.name for one, _ in present}
        constants = [(one.name, one.missing) for one in self.columns if one.name not in there]
        constants += [(one.name, one) for one in self.constants if one.name not in there]
        if not constants:
            return rows
        return rows.with_columns(pl.lit(one[0], one.dtype).alias(name) for name, one in constants)

    def _names(self, found: Iterable[str]) -> Mapping[str, str]:
        """The names that the file has for the table's columns."""
        by_id: Mapping[int, str] = {}
        if any(one.field_id is not None for one in self.columns):
            by_id = names_by_id(self.path)
        if by_id:
            return {one.name: by_id[one.field_id or 0] for one in self.columns if one.field_id in by_id}
        there = set(found)
        return {one.name: name for one in self.columns for name in reversed(one.in_file) if name in there}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table at one of its versions: what people call that version, and its data files sorted by path."""

    version: str
    parts: tuple[Part, ...]


def empty(name: str, dtype: pl.DataType | None) -> pl.Series:
    """What a file without the column holds in every row: nothing."""
    return pl.Series(name, [None], pl.Null() if dtype is None else dtype)


def _told(one: pl.Series) -> str:
    return f"{one.dtype} {one[0]!r}"


def _as(column: pl.Expr, found: pl.DataType, wanted: pl.DataType | None) -> pl.Expr:
    """A file's column in the table's type; stamps without a zone are of UTC where the table says instants."""
    if wanted is None or found == wanted:
        return column
    if isinstance(wanted, pl.Datetime) and isinstance(found, pl.Datetime):
        unit = column.dt.cast_time_unit(wanted.time_unit)
        if wanted.time_zone is None:
            return unit if found.time_zone is None else unit.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        if found.time_zone is None:
            unit = unit.dt.replace_time_zone("UTC")
        return unit.dt.convert_time_zone(wanted.time_zone)
    return column.cast(wanted)
