"""What operators, casts and functions are in polars. Imported by `to_polars` only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kputui.engine.expression import tree
from kputui.engine.expression.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kputui.engine.expression.like import Pattern

_EXACT_WHOLE: Final = 2.0**53
# Polars skips `+ 0.0`, so a negative zero is lifted over the smallest normal number and back;
# doubles above 1e-291 come back unchanged.
_TINY: Final = 2.2250738585072014e-308


def _unsigned_zero(number: pl.Expr) -> pl.Expr:
    return (number + _TINY) - _TINY


def clean(number: pl.Expr) -> pl.Expr:
    """No negative zero, and NaN is null."""
    return pl.when(number.is_not_nan()).then(_unsigned_zero(number))


def _finite(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite()).then(_unsigned_zero(number))


def _quotient(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return left / pl.when(right != 0.0).then(right)


def _remainder(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The remainder with the sign of `left`, as SQL has it; NaN for the divisor 0."""
    return (left.abs() % right.abs()) * left.sign()


def matched(text: pl.Expr, pattern: Pattern) -> pl.Expr:
    """Whether each text matches; null stays null."""
    if pattern.regex is not None:
        return text.str.contains(pattern.regex, literal=False, strict=True)
    if pattern.equals is not None:
        return text == pl.lit(pattern.equals, pl.String)
    if pattern.starts is not None:
        return text.str.starts_with(pl.lit(pattern.starts, pl.String))
    if pattern.ends is not None:
        return text.str.ends_with(pl.lit(pattern.ends, pl.String))
    return text.str.contains(pl.lit(pattern.contains or "", pl.String), literal=True)


def _text_of_number(number: pl.Expr) -> pl.Expr:
    is_whole = (number == number.floor()) & (number.abs() < _EXACT_WHOLE)
    return pl.when(is_whole).then(number.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(number.cast(pl.String))


def _number_of(operand: pl.Expr, kind: Kind) -> pl.Expr:
    if kind is Kind.TEXT:
        operand = operand.str.strip_chars(" \t\r\n").cast(pl.Float64, strict=False)
        return _finite(operand)
    return operand.cast(pl.Float64)


def _whole_of(operand: pl.Expr, kind: Kind) -> pl.Expr:
    return _unsigned_zero(_number_of(operand, kind).round(0, mode="half_to_even"))


def _text_of(operand: pl.Expr, kind: Kind) -> pl.Expr:
    if kind is Kind.NUMBER:
        return _text_of_number(operand)
    if kind is Kind.DATE:
        return operand.dt.strftime("%Y-%m-%d")
    if kind is Kind.TIMESTAMP:
        stamped = operand.dt.strftime("%Y-%m-%d %H:%M:%S%.6f")
        return stamped.str.strip_chars_end("0").str.strip_chars_end(".")
    return operand.cast(pl.String)


def _boolean_of(operand: pl.Expr, kind: Kind) -> pl.Expr:
    return operand if kind is Kind.BOOLEAN else operand != 0.0


def _date_of(operand: pl.Expr, kind: Kind) -> pl.Expr:
    if kind is Kind.TEXT:
        return operand.str.to_date("%Y-%m-%d", strict=False, exact=True)
    return operand if kind is Kind.DATE else operand.dt.date()


def _timestamp_of(operand: pl.Expr, kind: Kind) -> pl.Expr:
    if kind is Kind.TEXT:
        text = operand.str.replace("T", " ", literal=True)
        formats = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
        stamps = [text.str.to_datetime(form, time_unit="us", strict=False, exact=True) for form in formats]
        return pl.coalesce([*stamps, _date_of(operand, kind).cast(pl.Datetime("us"))])
    return operand.cast(pl.Datetime("us"))


def _rounded(number: pl.Expr, digits: Sequence[int]) -> pl.Expr:
    places = digits[0] if digits else 0
    if places >= 0:
        return _unsigned_zero(number.round(places, mode="half_away_from_zero"))
    step = 10.0**-places
    return _unsigned_zero((number / step).round(0, mode="half_away_from_zero") * step)


def _substring(text: pl.Expr, span: Sequence[int]) -> pl.Expr:
    return text.str.slice(span[0] - 1, span[1] if len(span) > 1 else None)


def _as_number(build: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Expr], pl.Expr]:
    return lambda operand: build(operand).cast(pl.Float64)


ARITHMETIC: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _quotient,
    "%": _remainder,
}
"""Operator -> its steps, before `clean`: NaN and negative zero may come out."""
COMPARISONS: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
"""Operator -> comparison; null when a side is null."""
CASTS: Final[Mapping[tree.CastTarget, Callable[[pl.Expr, Kind], pl.Expr]]] = {
    tree.CastTarget.INTEGER: _whole_of,
    tree.CastTarget.DOUBLE: _number_of,
    tree.CastTarget.TEXT: _text_of,
    tree.CastTarget.BOOLEAN: _boolean_of,
    tree.CastTarget.DATE: _date_of,
    tree.CastTarget.TIMESTAMP: _timestamp_of,
}
"""Target -> the cast from a value of the kind given."""
SAME_KIND: Final[Mapping[str, Callable[[list[pl.Expr]], pl.Expr]]] = {
    "greatest": pl.max_horizontal,
    "least": pl.min_horizontal,
    "coalesce": pl.coalesce,
}
"""Functions of any number of arguments of one kind."""
TWO_NUMBERS: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "mod": lambda left, right: clean(_remainder(left, right)),
    "power": lambda left, right: _finite(left.pow(right)),
}
"""Functions of two numbers."""
WITH_WRITTEN: Final[Mapping[str, Callable[[pl.Expr, Sequence[int]], pl.Expr]]] = {
    "round": _rounded,
    "substr": _substring,
}
"""Functions of one value and whole numbers that were written out."""
ONE: Final[Mapping[str, Callable[[pl.Expr], pl.Expr]]] = {
    "abs": lambda x: x.abs(),
    "ceil": lambda x: _unsigned_zero(x.ceil()),
    "floor": lambda x: _unsigned_zero(x.floor()),
    "sign": lambda x: _unsigned_zero(x.sign()),
    "sqrt": lambda x: _finite(x.sqrt()),
    "ln": lambda x: _finite(x.log()),
    "lower": lambda x: x.str.to_lowercase(),
    "upper": lambda x: x.str.to_uppercase(),
    "trim": lambda x: x.str.strip_chars(" "),
    "length": _as_number(lambda x: x.str.len_chars()),
    "year": _as_number(lambda x: x.dt.year()),
    "quarter": _as_number(lambda x: x.dt.quarter()),
    "month": _as_number(lambda x: x.dt.month()),
    "week": _as_number(lambda x: x.dt.week()),
    "day": _as_number(lambda x: x.dt.day()),
    "weekday": _as_number(lambda x: x.dt.weekday() % 7),
    "isodow": _as_number(lambda x: x.dt.weekday()),
    "hour": _as_number(lambda x: x.dt.hour()),
    "minute": _as_number(lambda x: x.dt.minute()),
    "epoch": lambda x: x.cast(pl.Datetime("us")).dt.timestamp("us").cast(pl.Float64) / 1e6,
}
"""Functions of one value."""
