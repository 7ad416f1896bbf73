"""Text cells become typed values, without guessing: a column is numbers only when every cell is one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from kputui.model.workspace import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kputui.model.workspace import CsvOptions

ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
ISO_STAMP = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$"
ISO_INSTANT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)$"
_LEADING_ZERO = r"^[+-]?0\d"
_SAMPLE = 64
_USUAL_MARKS = ".' \u00a0\u202f\u2019"


@dataclass(frozen=True, slots=True)
class Faults:
    """Cells that do not fit: how many, and the first one's row (from 0) and text."""

    count: int
    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers are written: with a decimal point or comma, and with which mark between groups of digits."""

    decimal_comma: bool = False
    thousands: str = ""

    @classmethod
    def of(cls, options: CsvOptions) -> Notation:
        """As a CSV file's options say."""
        return cls(options.decimal_comma, options.thousands)


PLAIN = Notation()
"""A decimal point, and nothing between digits."""


def first_faults(text: pl.Series, is_wrong: pl.Series) -> Faults | None:
    """The faults that a mask marks in a column of text; None when it marks nothing."""
    count = int(is_wrong.sum())
    if not count:
        return None
    row = is_wrong.arg_max()
    return Faults(count, row or 0, str(text[row or 0]))


def numbers(text: pl.Series, notation: Notation = PLAIN) -> pl.Series:
    """The cells as numbers (Int64 when all are whole, else Float64); what is not a finite number is null.

    Whole numbers that 64 bits can't hold are null too: they are names written in digits, or mistakes.
    """
    plain = text if notation == PLAIN else _plain(text, notation)
    floats = plain.cast(pl.Float64, strict=False)
    floats = floats.set(~floats.is_finite(), None)
    whole = plain.cast(pl.Int64, strict=False)
    if whole.null_count() == floats.null_count():
        return whole
    too_large = whole.is_null() & plain.str.contains(r"^[+-]?\d{19,}$")
    return floats.set(too_large, None) if too_large.any() else floats


def _plain(text: pl.Series, notation: Notation) -> pl.Series:
    """Numbers in a notation (1.234,5) as plain ones (1234.5); what is not in that notation is null."""
    marks = notation.thousands or (_USUAL_MARKS if notation.decimal_comma else "")
    group = "[" + "".join(f"\\{mark}" if mark.isascii() else mark for mark in marks) + "]"
    decimal = "," if notation.decimal_comma else "."
    fits = text.str.contains(rf"^[+-]?(\d+|\d{{1,3}}({group}\d{{3}})+)?(\{decimal}\d*)?([eE][+-]?\d+)?$")
    points = text.str.replace_all(group, "").str.replace(decimal, ".", literal=True)
    return points.set(~fits, None)


def numeric_faults(text: pl.Series, notation: Notation = PLAIN) -> Faults | None:
    """The cells that keep a column from being numbers."""
    return first_faults(text, numbers(text, notation).is_null() & text.is_not_null())


class Shape(StrEnum):
    """What all cells of a column are; in NAMES whole numbers of which some begin with a needless 0, such as 007."""

    EMPTY = "empty"
    WHOLE = "whole"
    NAMES = "names"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    STAMP = "stamp"
    INSTANT = "instant"
    TEXT = "text"


_NUMERIC = frozenset({Shape.WHOLE, Shape.NAMES, Shape.NUMBER})


def joined(shapes: Iterable[Shape]) -> Shape:
    """What the cells of several columns together are."""
    found = set(shapes) - {Shape.EMPTY}
    if len(found) <= 1:
        return next(iter(found), Shape.EMPTY)
    if found <= _NUMERIC:
        return Shape.NUMBER if Shape.NUMBER in found else Shape.NAMES
    return Shape.TEXT


def shaped(text: pl.Series, notation: Notation = PLAIN, guess: Shape | None = None) -> tuple[Shape, pl.Series]:
    """What all cells are, and the cells as such: names and texts as text, what is empty of type Null.

    Stamps are in microseconds, instants in UTC. A right `guess` saves looking for the shape.
    """
    if text.null_count() == len(text):
        return Shape.EMPTY, pl.Series(text.name, [None] * len(text), dtype=pl.Null)
    sample = text.drop_nulls().head(_SAMPLE)
    for shapes, attempt in sorted(_attempts(notation), key=lambda one: guess not in one[0]):
        if attempt(sample).null_count():
            continue
        found = attempt(text)
        if found.null_count() == text.null_count():
            if shapes != _NUMERIC:
                return next(iter(shapes)), found
            if found.dtype == pl.Float64:
                return Shape.NUMBER, found
            if text.str.contains(_LEADING_ZERO).any():
                return Shape.NAMES, text
            return Shape.WHOLE, found
    return Shape.TEXT, text


def typed(text: pl.Series, notation: Notation = PLAIN) -> pl.Series:
    """A text column as whole numbers, floats, booleans, dates or time stamps when *all* its cells are such.

    Else it stays text. Cells with leading zeros (`007`) are text: they are names, not amounts. A
    column without a value has the type Null.
    """
    return shaped(text, notation)[1]


def _attempts(notation: Notation) -> tuple[tuple[frozenset[Shape], Callable[[pl.Series], pl.Series]], ...]:
    return (
        (_NUMERIC, lambda text: numbers(text, notation)),
        (frozenset({Shape.BOOLEAN}), booleans),
        (frozenset({Shape.DATE}), iso_dates),
        (frozenset({Shape.STAMP}), iso_stamps),
        (frozenset({Shape.INSTANT}), iso_instants),
    )


def declared(text: pl.Series, kind: ColumnKind, notation: Notation = PLAIN) -> tuple[pl.Series, Faults | None]:
    """The cells as what the column is declared to hold, and those that are not."""
    if kind is ColumnKind.TEXT:
        return text, None
    if kind is ColumnKind.NUMBER:
        found = numbers(text, notation)
    elif kind is ColumnKind.BOOLEAN:
        found = booleans(text)
    elif kind is ColumnKind.DATE:
        found = iso_dates(text)
    else:
        found = min((iso_stamps(text), iso_instants(text)), key=pl.Series.null_count)
    return found, first_faults(text, found.is_null() & text.is_not_null())


def booleans(text: pl.Series) -> pl.Series:
    """`true` and `false` in any case; all else is null."""
    lowered = text.str.to_lowercase()
    return (lowered == "true").set((lowered != "true") & (lowered != "false"), None)


def iso_dates(text: pl.Series) -> pl.Series:
    """`YYYY-MM-DD` and nothing else."""
    return _only(text, ISO_DATE).str.to_date("%Y-%m-%d", strict=False)


def iso_stamps(text: pl.Series) -> pl.Series:
    """`YYYY-MM-DD HH:MM[:SS[.f]]`, without a zone."""
    return _fixed_width(_only(text, ISO_STAMP)).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)


def iso_instants(text: pl.Series) -> pl.Series:
    """`YYYY-MM-DD HH:MM[:SS[.f]]` with `Z` or an offset (`+02:00`, `+0200`, `+02`), in UTC."""
    plain = _fixed_width(_only(text, ISO_INSTANT)).str.replace(r"Z$", "+00:00").str.replace(r"([+-]\d{2})$", "${1}:00")
    return plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)


def _only(text: pl.Series, pattern: str) -> pl.Series:
    return text.set(~text.str.contains(pattern), None)


def _fixed_width(text: pl.Series) -> pl.Series:
    """A `T` between date and time, and seconds written out."""
    with_t = text.str.replace(" ", "T", literal=True)
    return with_t.str.replace(r"T(\d{2}:\d{2})($|Z|[+-])", "T${1}:00${2}")
