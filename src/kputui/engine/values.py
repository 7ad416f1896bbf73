"""Text cells become typed values, without guessing: a column is numbers only when every cell is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
ISO_STAMP = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$"
ISO_INSTANT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$"
_LEADING_ZERO = r"^[+-]?0\d"
_SAMPLE = 64


@dataclass(frozen=True, slots=True)
class Faults:
    """Cells that do not fit: how many, and the first one's row (from 0) and text."""

    count: int
    row: int
    text: str


def first_faults(text: pl.Series, is_wrong: pl.Series) -> Faults | None:
    """The faults that a mask marks in a column of text; None when it marks nothing."""
    count = int(is_wrong.sum())
    if not count:
        return None
    row = is_wrong.arg_max()
    return Faults(count, row or 0, str(text[row or 0]))


def numbers(text: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """The cells as numbers (Int64 when all are whole, else Float64); what is not a finite number is null.

    Whole numbers that 64 bits can't hold are null too: they are names written in digits, or mistakes.
    """
    plain = _with_points(text) if decimal_comma else text
    floats = plain.cast(pl.Float64, strict=False)
    floats = floats.set(~floats.is_finite(), None)
    whole = plain.cast(pl.Int64, strict=False)
    if whole.null_count() == floats.null_count():
        return whole
    too_large = whole.is_null() & plain.str.contains(r"^[+-]?\d{19,}$")
    return floats.set(too_large, None) if too_large.any() else floats


def _with_points(text: pl.Series) -> pl.Series:
    """German notation (1.234,5) with a decimal point; what is not in that notation is null."""
    fits = text.str.contains(r"^[+-]?(\d+|\d{1,3}([.' \u{a0}\u{202f}\u{2019}]\d{3})+)(,\d+)?$")
    points = text.str.replace_all(r"[.' \u{a0}\u{202f}\u{2019}]", "").str.replace(",", ".", literal=True)
    return points.set(~fits, None)


def numeric_faults(text: pl.Series, *, decimal_comma: bool = False) -> Faults | None:
    """The cells that keep a column from being numbers."""
    return first_faults(text, numbers(text, decimal_comma=decimal_comma).is_null() & text.is_not_null())


def typed(text: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """A text column as whole numbers, floats, booleans, dates or time stamps when *all* its cells are such.

    Else it stays text. Cells with leading zeros (`007`) are text: they are names, not amounts. A
    column without a value has the type Null.
    """
    present = text.drop_nulls()
    if present.is_empty():
        return pl.Series(text.name, [None] * len(text), dtype=pl.Null)
    sample = present.head(_SAMPLE)
    for attempt in _attempts(decimal_comma=decimal_comma):
        if attempt(sample).null_count():
            continue
        found = attempt(text)
        if found.null_count() == text.null_count():
            return found
    return text


def _attempts(*, decimal_comma: bool) -> tuple[Callable[[pl.Series], pl.Series], ...]:
    def as_numbers(text: pl.Series) -> pl.Series:
        found = numbers(text, decimal_comma=decimal_comma)
        if found.dtype == pl.Int64 and text.str.contains(_LEADING_ZERO).any():
            return pl.Series(text.name, [None] * len(text), dtype=pl.Null)
        return found

    return as_numbers, booleans, iso_dates, iso_stamps, iso_instants


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
    """`YYYY-MM-DD HH:MM[:SS[.f]]` with `Z` or an offset, in UTC."""
    plain = _fixed_width(_only(text, ISO_INSTANT)).str.replace(r"Z$", "+00:00")
    return plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)


def _only(text: pl.Series, pattern: str) -> pl.Series:
    return text.set(~text.str.contains(pattern), None)


def _fixed_width(text: pl.Series) -> pl.Series:
    """A `T` between date and time, and seconds written out."""
    with_t = text.str.replace(" ", "T", literal=True)
    return with_t.str.replace(r"T(\d{2}:\d{2})($|Z|[+-])", "T${1}:00${2}")
