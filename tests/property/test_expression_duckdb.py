"""Generated expressions give the same value in every row as DuckDB running the same text.

DuckDB stands in for SQL. Its text is the text under test, but for the places where kputui's shared
semantics are not DuckDB's, and those are written out on the DuckDB side:

- columns are doubles without NaN (the view does it), number literals are doubles (`2.5e0`; DuckDB reads
  2.5 as a decimal), counts and parts of dates become doubles;
- its settings say that the divisor 0 gives null;
- square roots and logarithms outside their domain, and powers without a finite value, are null, not an error;
- a number becomes an integer with a half going to the even neighbour, and a whole number's text has no `.0`;
- a text that is no number becomes null (`try_cast`).

Upper and lower case are compared for letters whose case is one letter (DuckDB keeps the German sharp s).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import os
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kputui.engine.expression import Kind, canonical, check, parse
from kputui.engine.expression.to_polars import kind_of, to_polars

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

EXAMPLES = int(os.environ.get("KPUTUI_FUZZ", "150"))
TABLES = 6
ROWS = 40

NUMBERS: list[float | None] = [None, math.nan, 0.0, -0.0, 1.0, -1.0, 2.0, 3.0, -7.0, 0.5, -0.25, 12.75, 100.0, 1e6]
TEXTS = [None, "", "a", "A", "ab", "Ab c", " ab ", "%", "a_b", "ä", "É日本", "b\na", "12", " -3.5", "x'y", "a.c"]
DATES = [
    None,
    dt.date(2012, 12, 31),
    dt.date(2013, 1, 1),
    dt.date(2013, 2, 28),
    dt.date(2016, 2, 29),
    dt.date(1969, 7, 20),
]
STAMPS = [
    None,
    dt.datetime(2013, 1, 1),
    dt.datetime(2013, 1, 1, 23, 59, 59),
    dt.datetime(2012, 12, 31, 12, 30, 0, 500_000),
    dt.datetime(1969, 7, 20, 20, 17),
]
COLUMNS = {"a": NUMBERS, "b": NUMBERS, "n": [None, *range(-3, 8)], "t": TEXTS, "u": TEXTS}
COLUMNS |= {"p": [None, True, False], "q": [None, True, False], "d": DATES, "e": DATES, "s": STAMPS}
DTYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "a": pl.Float64,
    "b": pl.Float64,
    "n": pl.Int16,
    "t": pl.String,
    "u": pl.Categorical(),
}
DTYPES |= {"p": pl.Boolean, "q": pl.Boolean, "d": pl.Date, "e": pl.Date, "s": pl.Datetime("ms")}
SQL_TYPES = {"a": "DOUBLE", "b": "DOUBLE", "n": "SMALLINT", "t": "TEXT", "u": "TEXT"}
SQL_TYPES |= {"p": "BOOLEAN", "q": "BOOLEAN", "d": "DATE", "e": "DATE", "s": "TIMESTAMP"}


class Pair(NamedTuple):
    """One expression: the text under test, and what DuckDB runs for it."""

    ours: str
    duck: str


def same(text: str) -> Pair:
    return Pair(text, text)


def build(ours: str, duck: str | None = None) -> Callable[..., Pair]:
    """Fill `{0}`, `{1}`, ... of both templates with the parts' own texts."""

    def fill(*parts: Pair) -> Pair:
        return Pair(ours.format(*(part.ours for part in parts)), (duck or ours).format(*(part.duck for part in parts)))

    return fill


def one_of(*choices: SearchStrategy[Pair]) -> SearchStrategy[Pair]:
    return st.one_of(*choices)


def literal(value: float) -> Pair:
    text = repr(int(value)) if value == int(value) else repr(value)
    return Pair(text, f"{value!r}e0")


number_literals = st.sampled_from([0.0, 1.0, 2.0, 3.0, 0.5, 0.25, 12.75, 100.0]).map(literal)
text_literals = st.sampled_from(["''", "'a'", "'ab'", "'%'", "'É日本'", "'x''y'", "'12'"]).map(same)
date_literals = st.sampled_from(["date '2013-01-01'", "DATE '1969-07-20'", "date '2016-02-29'"]).map(same)
stamp_literals = st.sampled_from(["timestamp '2013-01-01 00:00:00'", "Timestamp '2012-12-31 12:30:00.5'"]).map(same)
patterns = st.lists(st.sampled_from(["%", "_", "a", "b", "A", "ä", "''", ".", " ", "日", "12"]), max_size=5).map(
    lambda parts: same("'" + "".join(parts) + "'")
)
nots = st.sampled_from(["", "not "]).map(same)
is_words = st.sampled_from(["is null", "is not null", "is true", "is not true", "is false", "IS NOT FALSE"]).map(same)
nulls = st.just(same("null"))


def chained(atom: SearchStrategy[Pair], signs: list[str], most: int) -> SearchStrategy[Pair]:
    """Atoms in a row without brackets, so that precedence is what is compared."""

    def join(first: Pair, rest: list[tuple[str, Pair]]) -> Pair:
        ours = "".join([first.ours, *(f" {sign} {part.ours}" for sign, part in rest)])
        return Pair(ours, "".join([first.duck, *(f" {sign} {part.duck}" for sign, part in rest)]))

    return st.builds(join, atom, st.lists(st.tuples(st.sampled_from(signs), atom), max_size=most))


def case_of(condition: SearchStrategy[Pair], value: SearchStrategy[Pair]) -> SearchStrategy[Pair]:
    return one_of(
        st.builds(build("case when {0} then {1} end"), condition, value),
        st.builds(build("case when {0} then {1} when {2} then null else {3} end"), condition, value, condition, value),
    )


def same_kind(value: SearchStrategy[Pair]) -> SearchStrategy[Pair]:
    return one_of(
        st.builds(build("greatest({0}, {1}, {2})"), value, value, one_of(value, nulls)),
        st.builds(build("least({0}, {1})"), value, value),
        st.builds(build("coalesce({0}, {1})"), value, value),
        st.builds(build("nullif({0}, {1})"), value, value),
    )


def comparisons(value: SearchStrategy[Pair]) -> SearchStrategy[Pair]:
    signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="]).map(same)
    maybe_null = one_of(value, value, value, nulls)
    return one_of(
        st.builds(build("{0} {1} {2}"), value, signs, value),
        st.builds(build("{0} {1}between {2} and {3}"), value, nots, value, value),
        st.builds(build("{0} {1}in ({2}, {3}, {4})"), value, nots, value, value, maybe_null),
        st.builds(build("{0} is {1}null"), value, nots),
        st.builds(build("case {0} when {1} then true when {2} then p else q end"), value, value, maybe_null),
    )


def expressions(depth: int) -> dict[Kind, SearchStrategy[Pair]]:
    """Strategies for each kind; `depth` levels of brackets and functions."""
    if depth == 0:
        return {
            Kind.NUMBER: one_of(st.sampled_from(["a", "b", "n", '"a"', "A"]).map(same), number_literals),
            Kind.TEXT: one_of(st.sampled_from(["t", "u"]).map(same), text_literals),
            Kind.BOOLEAN: st.sampled_from(["p", "q", "p", "q", "true", "false"]).map(same),
            Kind.DATE: one_of(st.sampled_from(["d", "e"]).map(same), date_literals),
            Kind.TIMESTAMP: one_of(st.just(same("s")), stamp_literals),
        }
    inner = expressions(depth - 1)
    number, text, boolean = inner[Kind.NUMBER], inner[Kind.TEXT], inner[Kind.BOOLEAN]
    day, stamp = inner[Kind.DATE], inner[Kind.TIMESTAMP]
    return {
        Kind.NUMBER: _numbers(number, text, boolean, day, stamp),
        Kind.TEXT: _texts(text, number, boolean, day),
        Kind.BOOLEAN: _booleans(number, text, boolean, day, stamp),
        Kind.DATE: one_of(day, case_of(boolean, day), same_kind(day), st.builds(build("cast({0} as date)"), stamp)),
        Kind.TIMESTAMP: one_of(stamp, same_kind(stamp), st.builds(build("cast({0} as timestamp)"), day)),
    }


def _numbers(
    number: SearchStrategy[Pair],
    text: SearchStrategy[Pair],
    boolean: SearchStrategy[Pair],
    day: SearchStrategy[Pair],
    stamp: SearchStrategy[Pair],
) -> SearchStrategy[Pair]:
    digits = st.sampled_from(["0", "1", "2", "-1"]).map(same)
    parts = st.sampled_from(["year", "month", "day", "quarter", "week", "weekday", "isodow"]).map(same)
    atom = one_of(
        number,
        number,
        st.builds(build("-{0}"), st.sampled_from(["a", "b", "n"]).map(same)),
        st.builds(build("({0})"), number),
        st.builds(build("{0}({1})"), st.sampled_from(["abs", "ceil", "floor", "sign"]).map(same), number),
        st.builds(build("round({0})"), number),
        st.builds(build("round({0}, {1})"), number, digits),
        st.builds(build("sqrt({0})", "case when {0} >= 0 then sqrt({0}) end"), number).map(bracketed),
        st.builds(build("round(ln({0}), 6)", "round(case when {0} > 0 then ln({0}) end, 6)"), number),
        st.builds(build("mod({0}, {1})", "(({0}) % ({1}))"), st.just(same("n")), number_literals),
        st.builds(build("power({0}, {1})"), number, st.sampled_from(["0", "1", "2"]).map(same)),
        case_of(boolean, number),
        same_kind(number),
        st.builds(build("cast({0} as integer)", "round_even(({0})::double, 0)"), number),
        st.builds(build("cast({0} as integer)", "({0})::int::double"), boolean),
        st.builds(read_number, text),
        st.builds(build("length({0})", "length({0})::double"), text),
        st.builds(build("{0}({1})", "{0}({1})::double"), parts, day),
        st.builds(
            build("extract({0} from {1})", "extract({0} from {1})::double"),
            parts.filter(lambda p: p.ours != "weekday"),
            day,
        ),
        st.builds(build("hour({0})", "hour({0})::double"), stamp),
        st.builds(build("date_part('minute', {0})", "minute({0})::double"), stamp),
        st.builds(build("epoch({0})"), stamp),
        st.builds(build("({0} - {1})", "({0} - {1})::double"), day, day),
    )
    remainder = st.builds(build("{0} % {1}"), st.just(same("n")), number_literals)
    return one_of(atom, chained(atom, ["+", "-", "*", "/"], 3), remainder)


def read_number(text: Pair) -> Pair:
    tried = f"try_cast({text.duck} as double)"
    return Pair(f"({text.ours})::double", f"(case when isfinite({tried}) then {tried} end)")


def bracketed(pair: Pair) -> Pair:
    return Pair(f"({pair.ours})", f"({pair.duck})")


def _texts(
    text: SearchStrategy[Pair], number: SearchStrategy[Pair], boolean: SearchStrategy[Pair], day: SearchStrategy[Pair]
) -> SearchStrategy[Pair]:
    del number
    atom = one_of(
        text,
        st.builds(build("{0}({1})"), st.sampled_from(["lower", "UPPER", "trim"]).map(same), text),
        st.builds(build("substr({0}, {1})"), text, st.sampled_from(["1", "2", "1, 1", "2, 2", "9", "1, 0"]).map(same)),
        case_of(boolean, text),
        same_kind(text),
        st.builds(build("cast({0} as text)"), one_of(boolean, day)),
        st.just(Pair("cast(n as text)", "cast(n::int as text)")),
    )
    return one_of(atom, chained(atom, ["||"], 2))


def _booleans(
    number: SearchStrategy[Pair],
    text: SearchStrategy[Pair],
    boolean: SearchStrategy[Pair],
    day: SearchStrategy[Pair],
    stamp: SearchStrategy[Pair],
) -> SearchStrategy[Pair]:
    iso = st.sampled_from(["'2013-01-01'", "'2016-02-29'"]).map(same)
    atom = one_of(
        boolean,
        comparisons(number),
        comparisons(chained(number, ["+", "*"], 1)),
        comparisons(text),
        comparisons(day),
        comparisons(stamp),
        comparisons(one_of(day, stamp)),
        comparisons(st.builds(build("({0})"), boolean)),
        st.builds(build("{0} >= {1}"), one_of(day, stamp), iso),
        st.builds(build("{0} {1}like {2}"), text, nots, patterns),
        st.builds(build("{0} {1}ilike {2}"), text, nots, patterns),
        st.builds(build("({0})"), boolean),
        st.builds(build("cast({0} as boolean)"), number),
        case_of(boolean, boolean),
    )
    held = one_of(atom, st.builds(build("{0} {1}"), atom, is_words), st.builds(build("not {0}"), atom))
    return one_of(held, chained(held, ["and", "or"], 3))


def rows_of(seed: int) -> list[tuple[Any, ...]]:
    """A small table of awkward values in random company."""
    choose = random.Random(seed)  # noqa: S311 (a reproducible test table)
    return [tuple(choose.choice(values) for values in COLUMNS.values()) for _ in range(ROWS)]


FRAMES = [pl.DataFrame(rows_of(seed), schema=DTYPES, orient="row", strict=False) for seed in range(TABLES)]
SCHEMA = {name: kind for name, dtype in FRAMES[0].schema.items() if (kind := kind_of(dtype)) is not None}


@pytest.fixture(scope="module")
def oracle() -> duckdb.DuckDBPyConnection:
    """DuckDB with the same tables, seen through views that apply the shared semantics at the column."""
    connection = duckdb.connect()
    for setting in ("ieee_floating_point_ops", "error_on_division_by_zero"):  # the first up to 1.x, the second from 2.0
        with contextlib.suppress(duckdb.CatalogException):
            connection.execute(f"SET {setting} = false")
    assert connection.execute("SELECT 1e0 / 0e0").fetchone() == (None,)
    columns = ", ".join(f"{name} {SQL_TYPES[name]}" for name in COLUMNS)
    shared = ", ".join(
        f"CASE WHEN isnan({name}::DOUBLE) THEN NULL ELSE {name}::DOUBLE END AS {name}" if name in "abn" else name
        for name in COLUMNS
    )
    for seed in range(TABLES):
        connection.execute(f"CREATE TABLE rows{seed} (i INTEGER, {columns})")
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        numbered = [(index, *row) for index, row in enumerate(rows_of(seed))]
        connection.executemany(f"INSERT INTO rows{seed} VALUES ({marks})", numbered)  # noqa: S608
        connection.execute(f"CREATE VIEW data{seed} AS SELECT i, {shared} FROM rows{seed}")  # noqa: S608
    return connection


def is_same(left: object, right: object) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float) and not isinstance(left, bool):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(left, dt.date) and isinstance(right, dt.datetime) and not isinstance(left, dt.datetime):
        return dt.datetime(left.year, left.month, left.day) == right
    return left == right


any_kind = st.one_of(*expressions(2).values())


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(pair=any_kind, table=st.integers(0, TABLES - 1))
def test_every_row_is_what_duckdb_says(oracle: duckdb.DuckDBPyConnection, pair: Pair, table: int) -> None:
    """A typed expression has, row by row, the value that SQL gives it."""
    node = parse(pair.ours)
    kind = check(node, SCHEMA)
    ours = FRAMES[table].select(value=to_polars(node, SCHEMA))["value"]
    theirs = [row[0] for row in oracle.execute(f"SELECT {pair.duck} FROM data{table} ORDER BY i").fetchall()]  # noqa: S608
    assert len(ours) == ROWS
    assert kind_of(ours.dtype) in {kind, Kind.NUMBER if kind is Kind.NULL else kind}
    for row, (left, right) in enumerate(zip(ours.to_list(), theirs, strict=True)):
        assert is_same(left, right), (
            f"row {row}: kputui {left!r}, DuckDB {right!r}\n{pair.ours}\n{FRAMES[table].row(row)}"
        )
    assert canonical(parse(canonical(node))) == canonical(node)
