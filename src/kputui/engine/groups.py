"""Groups of rows by words, numbered once an interval: grouping by one number costs half of grouping by words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP = "\0group"
"""The column of a row's group number (UInt32)."""

_KEY = "\0key"
_HALF = 2**32
_MOST = 2**31
_MOST_RANKED = 2**16
_FEW = 24
_SLOTS = 1024
_HEAD = 5_000
_NO_HASHES = pl.Series(range(_SLOTS), dtype=pl.UInt64) ^ 1
"""In each place a hash that has other bits."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column's words as numbers: each row's number (UInt32), the words by number, and the numbers that there are."""

    codes: pl.Series
    words: pl.Series
    used: pl.Series


@dataclass(frozen=True, slots=True)
class Groups:
    """The words of each dimension; a group's number counts through them, the last dimension fastest."""

    dims: tuple[Numbers, ...]

    @classmethod
    def of(cls, frame: pl.DataFrame, dims: Sequence[str], known: dict[str, Numbers]) -> tuple[Groups, pl.Series] | None:
        """The groups of a frame and each row's number; None unless all dimensions are text with few values enough.

        What is `known` of dimensions is not looked for again, and what is found is added to it.
        """
        if not dims or any(frame.schema[name] != pl.String for name in dims):
            return None
        found: list[Numbers] = []
        numbers: pl.Series | None = None
        count = 1
        for name in dims:
            if name not in known:
                known[name] = _numbered(frame[name])
            own = known[name]
            count *= len(own.words)
            if count > _MOST:
                return None
            numbers = own.codes if numbers is None else numbers * len(own.words) + own.codes
            found.append(own)
        return None if numbers is None else (cls(tuple(found)), numbers.rename(GROUP))

    def key(self, period: str) -> pl.Expr:
        """A whole number for a row's period (a day number) and group."""
        return (cs.by_name(period).as_expr().cast(pl.Int64) * _HALF + pl.col(GROUP)).alias(_KEY)

    def keys(self, periods: pl.Series, numbers: Sequence[int]) -> pl.Series:
        """The keys, as `key` makes them, of each period with each group's number."""
        return pl.Series(_KEY, [period * _HALF + number for period in periods for number in numbers], dtype=pl.Int64)

    def ranks(self) -> tuple[list[int], pl.Series] | None:
        """The numbers that groups may have, and a table from a group's number to its place among them.

        None when there are too many.
        """
        numbers, count = [0], 1
        for dim in self.dims:
            count *= len(dim.words)
            if count > _MOST_RANKED:
                return None
            used = dim.used.to_list()
            numbers = [number * len(dim.words) + own for number in numbers for own in used]
        places = pl.Series([0], dtype=pl.UInt32).new_from_index(0, count)
        return numbers, places.scatter(numbers, pl.Series(range(len(numbers)), dtype=pl.UInt32))

    def named(self, found: pl.DataFrame, period: str) -> pl.DataFrame:
        """A frame grouped by `key`, with the period and the dimensions in its place."""
        keys = found[_KEY]
        periods = (keys // _HALF).cast(pl.Int32).rename(period)
        numbers = keys % _HALF
        columns: list[pl.Series] = []
        for words in (dim.words for dim in reversed(self.dims)):
            columns.append(words.gather((numbers % len(words)).cast(pl.UInt32)))
            numbers = numbers // len(words)
        return pl.DataFrame([periods, *reversed(columns)]).hstack(found.drop(_KEY))


def _numbered(column: pl.Series) -> Numbers:
    """A column's words as numbers."""
    few = numbers_of_few(column)
    if few is not None:
        return few
    present = column.unique().drop_nulls()
    codes = column.cast(pl.Enum(present)).to_physical().cast(pl.UInt32).fill_null(len(present))
    words = pl.concat([present, pl.Series(column.name, [None], dtype=pl.String)])
    return Numbers(codes, words, pl.Series(range(len(words)), dtype=pl.UInt32))


def numbers_of_few(column: pl.Series, *, is_head_enough: bool = False) -> Numbers | None:
    """A column's words as numbers when they are few; an empty cell has a number too.

    They are told apart by the low bits of their hashes where no two have the same bits, which costs half of
    looking each up. They are found among the first rows, and again among all when a row has another hash than
    the word of its bits; with `is_head_enough` there is no second look, and so no answer.
    """
    hashes: pl.Series | None = None
    for sample in (column.head(_HEAD),) if is_head_enough else (column.head(_HEAD), column):
        present = sample.unique()
        if len(present) > _FEW:
            return None
        own = present.hash()
        places = own.cast(pl.UInt32, wrap_numerical=True) & (_SLOTS - 1)
        if places.n_unique() < len(present):
            return None
        hashes = column.hash() if hashes is None else hashes
        bits = hashes.cast(pl.UInt32, wrap_numerical=True) & (_SLOTS - 1)
        expected = _NO_HASHES.clone().scatter(places, own)
        if (expected.gather(bits) == hashes).all():
            words = pl.Series(column.name, [None] * _SLOTS, dtype=pl.String).scatter(places, present)
            return Numbers(bits, words, places.sort())
    return None
