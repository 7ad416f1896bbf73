"""The scalar functions of the expression language, as data."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kputui.engine.expression.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER: Final = frozenset({Kind.NUMBER})
_TEXT: Final = frozenset({Kind.TEXT})
_DAY: Final = frozenset({Kind.DATE, Kind.TIMESTAMP})
_STAMP: Final = frozenset({Kind.TIMESTAMP})
_ANY: Final = frozenset({Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP})


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function: what it takes, what it gives, and its line in the reference.

    `parameters` are the kinds allowed for each argument; the last one repeats when `is_variadic`.
    At least `required` arguments must be given. `result` is None when the arguments must be of one
    kind and the result is of that kind too. Arguments from index `written_from` on must be whole
    numbers that are written out, from `written_least` (one entry an argument) to `written_most`.
    """

    name: str
    usage: str
    summary: str
    parameters: tuple[frozenset[Kind], ...]
    required: int
    result: Kind | None
    is_variadic: bool = False
    written_from: int | None = None
    written_least: tuple[int, ...] = ()
    written_most: int = 0


def _number(name: str, usage: str, summary: str, count: int = 1) -> Function:
    return Function(name, usage, summary, (_NUMBER,) * count, count, Kind.NUMBER)


def _text(name: str, summary: str, result: Kind = Kind.TEXT) -> Function:
    return Function(name, f"{name}(text)", summary, (_TEXT,), 1, result)


def _same_kind(name: str, summary: str) -> Function:
    return Function(name, f"{name}(a, b, ...)", summary, (_ANY,), 1, None, is_variadic=True)


def _part(name: str, summary: str, takes: frozenset[Kind] = _DAY) -> Function:
    argument = "day" if takes is _DAY else "stamp"
    return Function(name, f"{name}({argument})", summary, (takes,), 1, Kind.NUMBER)


_TABLE: Final = (
    _number("abs", "abs(x)", "the size of x without its sign"),
    _number("ceil", "ceil(x)", "the next whole number, upwards"),
    _number("floor", "floor(x)", "the next whole number, downwards"),
    Function(
        "round",
        "round(x[, digits])",
        "x rounded to a whole number, or to that many digits (-15 to 15); a half is rounded away from zero",
        (_NUMBER, _NUMBER),
        1,
        Kind.NUMBER,
        written_from=1,
        written_least=(-15,),
        written_most=15,
    ),
    _number("sign", "sign(x)", "-1, 0 or 1"),
    _number("mod", "mod(x, y)", "the remainder of x / y, as x % y; null when y is 0", 2),
    _number("sqrt", "sqrt(x)", "the square root; null below 0"),
    _number("ln", "ln(x)", "the natural logarithm; null for 0 and below"),
    _number("power", "power(x, y)", "x to the power of y; null where that is no finite number", 2),
    _same_kind("greatest", "the largest argument; nulls are passed over"),
    _same_kind("least", "the smallest argument; nulls are passed over"),
    _same_kind("coalesce", "the first argument that is not null"),
    Function("nullif", "nullif(a, b)", "null where a = b, else a", (_ANY, _ANY), 2, None),
    _text("lower", "in lower case"),
    _text("upper", "in upper case"),
    _text("length", "the number of characters", Kind.NUMBER),
    _text("trim", "without the spaces at both ends"),
    Function(
        "substr",
        "substr(text, start[, count])",
        "the characters from start (the first is 1), all or that many",
        (_TEXT, _NUMBER, _NUMBER),
        2,
        Kind.TEXT,
        written_from=1,
        written_least=(1, 0),
        written_most=1_000_000,
    ),
    _part("year", "the calendar year"),
    _part("quarter", "1 to 4"),
    _part("month", "1 to 12"),
    _part("week", "the ISO week, 1 to 53"),
    _part("day", "the day of the month, 1 to 31"),
    _part("weekday", "Sunday is 0, Saturday is 6"),
    _part("isodow", "Monday is 1, Sunday is 7"),
    _part("hour", "0 to 23", _STAMP),
    _part("minute", "0 to 59", _STAMP),
    _part("epoch", "seconds since 1970-01-01; the difference of two is a duration in seconds"),
)

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({function.name: function for function in _TABLE})
"""Name -> function."""

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ceiling": "ceil",
        "pow": "power",
        "len": "length",
        "substring": "substr",
        "ifnull": "coalesce",
        "dow": "weekday",
        "dayofweek": "weekday",
    }
)
"""Another name of a function -> its name in the table."""

DATE_PARTS: Final = frozenset(
    {"year", "quarter", "month", "week", "day", "weekday", "isodow", "hour", "minute", "epoch"}
)
"""What `extract(part from x)` and `date_part('part', x)` can take out."""

AGGREGATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sum": "sum",
        "avg": "average",
        "mean": "average",
        "average": "average",
        "count": "count",
        "min": "min",
        "max": "max",
        "median": "median",
        "quantile": "percentile",
        "quantile_cont": "percentile",
        "percentile": "percentile",
        "percentile_cont": "percentile",
        "approx_count_distinct": "count_distinct",
        "count_distinct": "count_distinct",
        "count_if": "sum_boolean",
        "countif": "sum_boolean",
        "sum_boolean": "sum_boolean",
    }
)
"""SQL's aggregate function -> the metric's `agg` that does it."""
