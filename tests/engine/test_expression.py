"""The expression language, operator by operator: text -> the value of every row."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kputui.engine.expression import (
    CODES,
    Kind,
    canonical,
    check,
    check_filter,
    columns_of,
    parse,
)
from kputui.engine.expression.functions import ALIASES, DATE_PARTS, FUNCTIONS
from kputui.engine.expression.to_polars import kind_of, normalised, to_polars

ROWS = pl.DataFrame(
    {
        "a": [1.0, -7.5, None, math.nan],
        "n": pl.Series([2, 0, 3, None], dtype=pl.Int16),
        "price": pl.Series(["1.10", "2.25", None, "0.00"]).cast(pl.Decimal(10, 2)),
        "t": ["Newark", "", None, "50%_off"],
        "p": [True, False, None, True],
        "q": [None, None, None, False],
        "day": [dt.date(2013, 1, 6), dt.date(2012, 12, 31), None, dt.date(2016, 2, 29)],
        "at": [dt.datetime(2013, 1, 6, 23, 5), dt.datetime(2012, 12, 31), None, dt.datetime(2016, 2, 29, 1, 2, 3)],
        "Mixed Case": [1, 2, 3, 4],
        "^a.*$": [10, 20, 30, 40],
    }
)
SCHEMA = {name: kind for name, dtype in ROWS.schema.items() if (kind := kind_of(dtype)) is not None}


def value(text: str) -> list[Any]:
    node = parse(text)
    check(node, SCHEMA)
    return ROWS.select(value=to_polars(node, SCHEMA))["value"].to_list()


T, F, N = True, False, None
REFERENCE: list[tuple[str, list[Any]]] = [
    # columns and literals
    ("a", [1.0, -7.5, N, N]),
    ("n", [2.0, 0.0, 3.0, N]),
    ("price", [1.1, 2.25, N, 0.0]),
    ("A", [1.0, -7.5, N, N]),
    ('"a"', [1.0, -7.5, N, N]),
    ('"mixed case"', [1.0, 2.0, 3.0, 4.0]),
    ('"^a.*$"', [10.0, 20.0, 30.0, 40.0]),
    ("1", [1.0] * 4),
    (".5", [0.5] * 4),
    ("1.5e3", [1500.0] * 4),
    ("'it''s'", ["it's"] * 4),
    ("true", [T] * 4),
    ("null", [N] * 4),
    ("date '2013-01-31'", [dt.date(2013, 1, 31)] * 4),
    ("timestamp '2013-01-31 12:30'", [dt.datetime(2013, 1, 31, 12, 30)] * 4),
    # arithmetic
    ("a + n", [3.0, -7.5, N, N]),
    ("a - n", [-1.0, -7.5, N, N]),
    ("a * n", [2.0, 0.0, N, N]),
    ("1 / n", [0.5, N, 1 / 3, N]),
    ("7 / 2", [3.5] * 4),
    ("n / 0", [N] * 4),
    ("0 / 0", [N] * 4),
    ("a % 2", [1.0, -1.5, N, N]),
    ("a % n", [1.0, N, N, N]),
    ("mod(-7, 3)", [-1.0] * 4),
    ("-a", [-1.0, 7.5, N, N]),
    ("+a", [1.0, -7.5, N, N]),
    ("1 + 2 * 3", [7.0] * 4),
    ("(1 + 2) * 3", [9.0] * 4),
    ("10 - 4 - 3", [3.0] * 4),
    ("24 / 4 / 2", [3.0] * 4),
    ("-2 * -3", [6.0] * 4),
    ("day - date '2013-01-01'", [5.0, -1.0, N, 1154.0]),
    # comparison
    ("a > 0", [T, F, N, N]),
    ("a = 1", [T, F, N, N]),
    ("a == 1", [T, F, N, N]),
    ("a <> 1", [F, T, N, N]),
    ("a != 1", [F, T, N, N]),
    ("a >= n", [F, F, N, N]),
    ("a = null", [N] * 4),
    ("t < 'a'", [T, T, N, T]),
    ("p = q", [N, N, N, F]),
    ("day >= date '2013-01-01'", [T, F, N, T]),
    ("day >= '2013-01-01'", [T, F, N, T]),
    ("at > day", [T, F, N, T]),
    ("at < '2013-01-06 23:06'", [T, T, N, F]),
    ("a between -8 and 0", [F, T, N, N]),
    ("a not between -8 and 0", [T, F, N, N]),
    ("a between 5 and n", [F, F, N, N]),
    ("day between '2013-01-01' and '2013-12-31'", [T, F, N, F]),
    ("a in (1, 2)", [T, F, N, N]),
    ("a in (1, null)", [T, N, N, N]),
    ("a not in (1, null)", [F, N, N, N]),
    ("a in (n, 1)", [T, F, N, N]),
    ("t in ('Newark')", [T, F, N, F]),
    ("null in (1, 2)", [N] * 4),
    ("day in ('2013-01-06', at)", [T, T, N, F]),
    ("p in (true)", [T, F, N, T]),
    # true, false and null
    ("p and q", [N, F, N, F]),
    ("p or q", [T, N, N, T]),
    ("not p", [F, T, N, F]),
    ("p is true", [T, F, F, T]),
    ("p is not true", [F, T, T, F]),
    ("p is false", [F, T, F, F]),
    ("p is not false", [T, F, T, T]),
    ("p is null", [F, F, T, F]),
    ("a is null", [F, F, T, T]),
    ("a is not null", [T, T, F, F]),
    ("null is null", [T] * 4),
    ("not a = 1", [F, T, N, N]),
    ("a = 1 is null", [F, F, T, T]),
    ("false and true or true", [T] * 4),
    ("true or true and false", [T] * 4),
    ("p and false", [F] * 4),
    ("q or true", [T] * 4),
    # like
    ("t like 'N%'", [T, F, N, F]),
    ("t like '%k'", [T, F, N, F]),
    ("t like '%wa%'", [T, F, N, F]),
    ("t like '%'", [T, T, N, T]),
    ("t like ''", [F, T, N, F]),
    ("t like 'n%'", [F, F, N, F]),
    ("t ilike 'nEW%'", [T, F, N, F]),
    ("t not like 'N%'", [F, T, N, T]),
    ("t like 'N_w_rk'", [T, F, N, F]),
    ("t like '%!%!_%' escape '!'", [F, F, N, T]),
    ("'x\ny' like 'x_y'", [T] * 4),
    ("'x\ny' like '%x%_%y'", [T] * 4),
    ("t ilike 'NXEW%' escape 'X'", [T, F, N, F]),
    ("t like 'N.*'", [F, F, N, F]),
    # case
    ("case when a > 0 then 'up' when a < 0 then 'down' end", ["up", "down", N, N]),
    ("case when a > 0 then 'up' else t end", ["up", "", N, "50%_off"]),
    ("case n when 2 then 20 when 0 then null else n end", [20.0, N, 3.0, N]),
    ("case when false then a else 1 end", [1.0] * 4),
    (
        "case when p then day else at end",
        [dt.datetime(2013, 1, 6), dt.datetime(2012, 12, 31), N, dt.datetime(2016, 2, 29)],
    ),
    # casts
    ("cast(p as integer)", [1.0, 0.0, N, 1.0]),
    ("(a is not null)::int", [1.0, 1.0, 0.0, 0.0]),
    ("cast(a as integer)", [1.0, -8.0, N, N]),
    ("cast(2.5 as integer)", [2.0] * 4),
    ("cast(' 12.5 ' as double precision)", [12.5] * 4),
    ("cast('n/a' as double)", [N] * 4),
    ("cast('inf' as double)", [N] * 4),
    ("cast(n as text)", ["2", "0", "3", N]),
    ("cast(a as text)", ["1", "-7.5", N, N]),
    ("cast(p as text)", ["true", "false", N, "true"]),
    ("cast(day as text)", ["2013-01-06", "2012-12-31", N, "2016-02-29"]),
    ("cast(at as text)", ["2013-01-06 23:05:00", "2012-12-31 00:00:00", N, "2016-02-29 01:02:03"]),
    ("cast(n as boolean)", [T, F, T, N]),
    ("at::date", [dt.date(2013, 1, 6), dt.date(2012, 12, 31), N, dt.date(2016, 2, 29)]),
    ("day::timestamp = at", [F, T, N, F]),
    ("cast('2013-01-31' as date)", [dt.date(2013, 1, 31)] * 4),
    ("cast('2013-02-31' as date)", [N] * 4),
    ("cast('2013-01-31 12:30' as timestamp)", [dt.datetime(2013, 1, 31, 12, 30)] * 4),
    ("cast('2013-01-31T12:30:01.5' as timestamp)", [dt.datetime(2013, 1, 31, 12, 30, 1, 500_000)] * 4),
    ("cast('2013-01-31' as timestamp)", [dt.datetime(2013, 1, 31)] * 4),
    ("cast(null as text)", [N] * 4),
    # functions
    ("abs(a)", [1.0, 7.5, N, N]),
    ("ceil(a)", [1.0, -7.0, N, N]),
    ("ceiling(1.2)", [2.0] * 4),
    ("floor(a)", [1.0, -8.0, N, N]),
    ("round(a)", [1.0, -8.0, N, N]),
    ("round(2.5)", [3.0] * 4),
    ("round(1.25, 1)", [1.3] * 4),
    ("round(1250, -2)", [1300.0] * 4),
    ("sign(a)", [1.0, -1.0, N, N]),
    ("sqrt(4 * n)", [math.sqrt(8), 0.0, math.sqrt(12), N]),
    ("sqrt(a)", [1.0, N, N, N]),
    ("ln(a)", [0.0, N, N, N]),
    ("ln(0)", [N] * 4),
    ("power(2, n)", [4.0, 1.0, 8.0, N]),
    ("pow(0, -1)", [N] * 4),
    ("power(-8, 0.5)", [N] * 4),
    ("greatest(a, 0)", [1.0, 0.0, 0.0, 0.0]),
    ("least(a, n)", [1.0, -7.5, 3.0, N]),
    ("greatest(t, 'O')", ["O", "O", "O", "O"]),
    (
        "least(day, date '2013-01-01')",
        [dt.date(2013, 1, 1), dt.date(2012, 12, 31), dt.date(2013, 1, 1), dt.date(2013, 1, 1)],
    ),
    ("greatest(p, q)", [T, F, N, T]),
    ("greatest(null, null)", [N] * 4),
    ("coalesce(a, n, 9)", [1.0, -7.5, 3.0, 9.0]),
    ("coalesce(1, a)", [1.0] * 4),
    ("ifnull(t, '-')", ["Newark", "", "-", "50%_off"]),
    ("nullif(n, 0)", [2.0, N, 3.0, N]),
    ("nullif(n, null)", [2.0, 0.0, 3.0, N]),
    ("lower(t)", ["newark", "", N, "50%_off"]),
    ("upper(t)", ["NEWARK", "", N, "50%_OFF"]),
    ("length(t)", [6.0, 0.0, N, 7.0]),
    ("length('É日')", [2.0] * 4),
    ("trim('  x ')", ["x"] * 4),
    ("substr(t, 2)", ["ewark", "", N, "0%_off"]),
    ("substring(t, 2, 3)", ["ewa", "", N, "0%_"]),
    ("t || '!'", ["Newark!", "!", N, "50%_off!"]),
    ("year(day)", [2013.0, 2012.0, N, 2016.0]),
    ("extract(month from day)", [1.0, 12.0, N, 2.0]),
    ("date_part('day', at)", [6.0, 31.0, N, 29.0]),
    ("quarter(day)", [1.0, 4.0, N, 1.0]),
    ("week(day)", [1.0, 1.0, N, 9.0]),
    ("weekday(day)", [0.0, 1.0, N, 1.0]),
    ("dow(day)", [0.0, 1.0, N, 1.0]),
    ("isodow(day)", [7.0, 1.0, N, 1.0]),
    ("hour(at)", [23.0, 0.0, N, 1.0]),
    ("minute(at)", [5.0, 0.0, N, 2.0]),
    ("(epoch(at) - epoch(day)) / 60", [23 * 60 + 5.0, 0.0, N, 62.05]),
    ("length(null)", [N] * 4),
    ("year(null)", [N] * 4),
]


@pytest.mark.parametrize(("text", "expected"), REFERENCE, ids=[text for text, _ in REFERENCE])
def test_reference_table(text: str, expected: list[Any]) -> None:
    """Each operator and function gives the documented value, nulls included."""
    got = value(text)
    for left, right in zip(got, expected, strict=True):
        if isinstance(right, float):
            assert left == pytest.approx(right, rel=1e-12)
        else:
            assert left is right if right is None else left == right


def test_every_function_is_in_the_reference_table() -> None:
    """No function of the language goes without an example with its value."""
    shown = " ".join(text for text, _ in REFERENCE)
    assert [
        name
        for name in FUNCTIONS
        if f"{name}(" not in shown and f"extract({name}" not in shown and f"'{name}'" not in shown
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "-0.0 * a",
        "0 / a",
        "-(n - n)",
        "round(-0.2)",
        "ceil(-0.5)",
        "sign(0 * a)",
        "cast(-0.2 as integer)",
        "a % 1",
        "mod(-2, 2)",
        "sqrt(-(0*n))",
    ],
)
def test_there_is_no_negative_zero(text: str) -> None:
    """A computed zero is a plain zero, so it never shows as -0."""
    assert all(math.copysign(1.0, zero) > 0 for zero in value(text) if zero == 0)


@pytest.mark.parametrize(
    "text", ["huge * huge - huge * huge", "(huge * huge - huge * huge) > 3", "abs(huge * huge * 0)"]
)
def test_not_a_number_never_comes_out(text: str) -> None:
    """What overflows into NaN is null, and a comparison with it is null too."""
    frame = pl.DataFrame({"huge": [1e300]})
    schema = {"huge": Kind.NUMBER}
    assert frame.select(value=to_polars(parse(text), schema))["value"].to_list() == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 4.0),
        ("case when false then a else 1 end", 4.0),
        ("case when true then 1 else a end", 4.0),
        ("case when null then a else 1 end", 4.0),
        ("coalesce(1, a)", 4.0),
        ("cast(true or p as integer)", 4.0),
        ("cast(p and false as integer)", 0.0),
        ("case when a = null then 2 else 1 end", 4.0),
        ("greatest(1, 2)", 8.0),
        ("nullif(1, 2)", 4.0),
    ],
)
def test_a_constant_counts_for_every_row(text: str, expected: float) -> None:
    """The sum of 1 is the number of rows, also within groups: no constant shrinks to one value."""
    expression = to_polars(parse(text), SCHEMA)
    assert ROWS.select(expression.sum()).item() == expected
    grouped = ROWS.with_columns(g=pl.Series([1, 1, 2, 2])).group_by("g").agg(value=expression.sum())
    assert grouped["value"].sum() == expected
    assert grouped["value"].n_unique() == 1
    assert len(ROWS.select(expression)) == 4


@pytest.mark.parametrize(
    "text", ["2 = nullif(2, a)", "0 < case when a = 2 then 1 else 2 end", "5 between a and least(a, 2)"]
)
def test_a_comparison_keeps_every_row(text: str) -> None:
    """A literal on the left of something that is one value throughout still gives a value a row."""
    frame = pl.DataFrame({"a": [3.0, 3.0, 3.0]})
    assert frame.select(value=to_polars(parse(text), {"a": Kind.NUMBER})).height == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z", None),
        ("z is null", True),
        ("z + a", None),
        ("coalesce(z, a)", 3.0),
        ("greatest(z, a)", 3.0),
        ("z = 1 or a > 0", True),
        ("z like 'x%'", None),
        ("year(z)", None),
        ("case z when 1 then 2 else a end", 3.0),
        ("z between 1 and 2", None),
        ("z in (1, 2)", None),
        ("a in (z, 3)", True),
        ("cast(z as text)", None),
        ("nullif(a, z)", 3.0),
        ("nullif(z, a)", None),
    ],
)
def test_a_column_without_any_value(text: str, expected: object) -> None:
    """A column whose type is unknown because it holds nothing fits everywhere, and is null in every row."""
    frame = pl.DataFrame({"a": [3.0, 3.0], "z": [None, None]})
    schema = {"a": Kind.NUMBER, "z": Kind.NULL}
    assert kind_of(frame["z"].dtype) is Kind.NULL
    assert frame.select(value=to_polars(parse(text), schema))["value"].to_list() == [expected, expected]


def test_rows_of_an_empty_frame() -> None:
    """A source without rows gives no values and no error."""
    empty = ROWS.clear()
    for text, _ in REFERENCE:
        assert empty.select(value=to_polars(parse(text), SCHEMA)).height == 0


def test_columns_with_a_zone_are_read_by_their_wall_clock() -> None:
    """A time stamp with a zone compares with plain literals by what its clock showed."""
    stamp = dt.datetime(2013, 7, 1, 22, 30, tzinfo=dt.UTC)
    frame = pl.DataFrame({"at": [stamp]}).with_columns(pl.col("at").dt.convert_time_zone("Europe/Berlin"))
    schema = {"at": Kind.TIMESTAMP}
    text = "at = timestamp '2013-07-02 00:30' and hour(at) = 0 and at::date = date '2013-07-02'"
    assert frame.select(to_polars(parse(text), schema)).item() is True


def test_normalised_columns_give_the_same_values() -> None:
    """A frame whose columns were normalised once gives every value of the plain frame."""
    frame = ROWS.select(normalised(name, kind) for name, kind in SCHEMA.items())
    for text, _ in REFERENCE:
        node = parse(text)
        plain = ROWS.select(value=to_polars(node, SCHEMA))
        assert frame.select(value=to_polars(node, SCHEMA, is_normalised=True)).equals(plain), text


def test_normalised_whole_numbers_need_no_search_for_nan() -> None:
    """A known type gives the same column: numbers as doubles, NaN as null where there can be one."""
    frame = ROWS.select(normalised(name, kind, ROWS.schema[name]) for name, kind in SCHEMA.items())
    assert frame.equals(ROWS.select(normalised(name, kind) for name, kind in SCHEMA.items()))


def test_text_categories_are_text() -> None:
    """Columns of categories and enums compare and match as the text they show."""
    for dtype in (pl.Categorical(), pl.Enum(["AA", "UA"])):
        frame = pl.DataFrame({"carrier": pl.Series(["AA", "UA", None], dtype=dtype)})
        schema = {"carrier": Kind.TEXT}
        assert kind_of(dtype) is Kind.TEXT
        expression = to_polars(parse("carrier like 'U%' or carrier || '' = 'AA'"), schema)
        assert frame.select(value=expression)["value"].to_list() == [True, True, None]


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        (pl.Int8(), Kind.NUMBER),
        (pl.UInt64(), Kind.NUMBER),
        (pl.Float32(), Kind.NUMBER),
        (pl.Decimal(10, 2), Kind.NUMBER),
        (pl.String(), Kind.TEXT),
        (pl.Boolean(), Kind.BOOLEAN),
        (pl.Date(), Kind.DATE),
        (pl.Datetime("ns", "UTC"), Kind.TIMESTAMP),
        (pl.Null(), Kind.NULL),
        (pl.Time(), None),
        (pl.Duration(), None),
        (pl.Binary(), None),
        (pl.List(pl.Int8), None),
        (pl.Struct({"x": pl.Int8}), None),
    ],
)
def test_kinds_of_columns(dtype: pl.DataType, kind: Kind | None) -> None:
    """Every column type has one kind, and what expressions can't read has none."""
    assert kind_of(dtype) is kind


def test_like_is_linear() -> None:
    """A pattern made to explode a backtracking matcher answers at once."""
    frame = pl.DataFrame({"t": ["a" * 20_000]})
    text = "t like '" + "%a" * 300 + "b'"
    assert frame.select(to_polars(parse(text), {"t": Kind.TEXT})).item() is False
    text = "t like '" + "_" * 1_900 + "'"
    assert frame.select(to_polars(parse(text), {"t": Kind.TEXT})).item() is False


@pytest.mark.parametrize("raw", [r"\d", ".*", "(?i)n", "[a]", "^", "$", r"\x{41}", "a|b", "{2}", "日"])
def test_a_pattern_is_never_a_regular_expression(raw: str) -> None:
    """Characters that mean something to a regular expression only match themselves."""
    frame = pl.DataFrame({"t": [f"x{raw}y", "xNewark 7y", "xy"]})
    got = frame.select(value=to_polars(parse(f"t like '_{raw}_'"), {"t": Kind.TEXT}))["value"].to_list()
    assert got == [True, False, False]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a+b * 2", "A + (B*2.0)"),
        ("a <> 1 AND NOT b", "a != 1 and (not b)"),
        ("CAST(a AS INT)", "a::integer"),
        ("extract(year from d)", "year(d)"),
        ("a in (1,2)", "a IN ( 1 , 2 )"),
        ("date'2013-01-31'", "DATE   '2013-01-31'"),
    ],
)
def test_canonical_ignores_layout(left: str, right: str) -> None:
    """A definition's hash does not change when only its layout does."""
    assert canonical(parse(left)).lower() == canonical(parse(right)).lower()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a - (b - c)", "a - b - c"),
        ("a", "'a'"),
        ("1", "'1'"),
        ("a like 'x'", "a ilike 'x'"),
        ("a in (1)", "a not in (1)"),
    ],
)
def test_canonical_keeps_meanings_apart(left: str, right: str) -> None:
    """Different expressions never share a hash."""
    assert canonical(parse(left)) != canonical(parse(right))


@pytest.mark.parametrize("text", [text for text, _ in REFERENCE])
def test_canonical_is_read_back(text: str) -> None:
    """The canonical text is an expression again, with the same values."""
    node = parse(text)
    again = parse(canonical(node))
    assert canonical(again) == canonical(node)
    assert ROWS.select(v=to_polars(again, SCHEMA)).equals(ROWS.select(v=to_polars(node, SCHEMA)))


def test_columns_of_an_expression() -> None:
    """The columns that must be loaded are named, each once, and functions are not columns."""
    assert columns_of(parse('case when a > 0 then greatest(b, "c d") else year(a) end')) == {"a", "b", "c d"}
    assert columns_of(parse("1 + 2")) == frozenset()


def test_filters_are_true_or_false() -> None:
    """A filter that is a boolean passes, also a bare boolean column."""
    for text in ("p", "a > 0", "p is not true", "t like 'N%'", "true"):
        check_filter(parse(text), SCHEMA)


def test_metrics_of_the_demo_are_understood() -> None:
    """The expressions of a typical board have the kinds that their aggregations need."""
    flights = dict.fromkeys(
        ("dep_delay", "arr_delay", "sched_dep_time", "distance", "air_time", "sched_block_min", "seats"), Kind.NUMBER
    ) | {"tailnum": Kind.TEXT, "date": Kind.DATE, "origin": Kind.TEXT}
    boolean = (
        "dep_delay is not null",
        "arr_delay < 15",
        "arr_delay < 15 and sched_dep_time >= 1200",
        "sched_block_min + arr_delay - dep_delay - air_time > 45",
        "dep_delay > 15 and arr_delay < dep_delay",
        "origin in ('JFK', 'LGA') and date >= date '2013-06-01'",
    )
    assert {check(parse(text), flights) for text in boolean} == {Kind.BOOLEAN}
    number = ("1", "distance / 1e6", "greatest(arr_delay, 0) / 60.0", "(dep_delay is not null)::int")
    assert {check(parse(text), flights) for text in number} == {Kind.NUMBER}


def test_the_reference_page_names_every_function() -> None:
    """docs/expressions.md has a line for each function, its other names, each cast and each problem code."""
    page = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")
    for function in FUNCTIONS.values():
        assert f"| `{function.usage}` | {function.summary} |" in page
    assert [name for name in (*ALIASES, *DATE_PARTS) if f"`{name}`" not in page and f"`{name}(" not in page] == []
    assert [code for code, meaning in CODES.items() if f"| {code} | {meaning} |" not in page] == []


def test_reading_an_expression_does_not_load_polars() -> None:
    """Checking a workspace's syntax stays quick: polars is loaded by the translation only."""
    program = "import sys, kputui.engine.expression; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
