"""What people read when an expression is wrong: the words, the hint, and the place of the caret."""

from __future__ import annotations

import pytest

from kputui.engine.expression import CODES, ExpressionError, Kind, check_filter, parse
from kputui.errors import DataError, ExitCode

FLIGHTS = {
    "arr_delay": Kind.NUMBER,
    "dep_delay": Kind.NUMBER,
    "origin": Kind.TEXT,
    "date": Kind.DATE,
    "left_at": Kind.TIMESTAMP,
    "is_late": Kind.BOOLEAN,
    "Seats": Kind.NUMBER,
    "seats": Kind.NUMBER,
}

REFUSED = [
    (
        "arr_dealy > 15",
        "^^^^^^^^^",
        "E07",
        "unknown column `arr_dealy`",
        "nearest: arr_delay",
    ),
    (
        "arr_delay > 15 amd is_late",
        "               ^^^",
        "E02",
        "`amd` can't stand here",
        "nearest: and",
    ),
    (
        "arr_delay >",
        "          ^",
        "E02",
        "the expression breaks off",
        "expected: a column, a value or a function",
    ),
    (
        "(arr_delay > 15",
        "              ^",
        "E02",
        "the expression breaks off",
        "expected: `)` for the bracket at character 1",
    ),
    (
        "arr_delay > 15)",
        "              ^",
        "E02",
        "`)` closes nothing",
        "",
    ),
    (
        "origin = JFK",
        "         ^^^",
        "E07",
        "unknown column `JFK`",
        "columns: arr_delay, dep_delay, origin, date, left_at, is_late, ...; a text is written in single quotes: 'JFK'",
    ),
    (
        'origin = "JFK"',
        "         ^^^^^",
        "E07",
        "unknown column `JFK`",
        "columns: arr_delay, dep_delay, origin, date, left_at, is_late, ...; a text is written in single quotes: 'JFK'",
    ),
    (
        "origin = 'JFK",
        "         ^^^^",
        "E03",
        "the text is not closed",
        "close it with '; a quote inside a text is written ''",
    ),
    (
        "origin = 15",
        "^^^^^^^^^^^",
        "E10",
        "text can't be compared with a number",
        "a text is written in quotes; cast(x as double) reads a number from text",
    ),
    (
        "arr_delay and is_late",
        "^^^^^^^^^",
        "E10",
        "`and` takes a boolean, this is a number",
        "compare it, as in x > 0",
    ),
    (
        "is_late = 1",
        "^^^^^^^^^^^",
        "E10",
        "a boolean can't be compared with a number",
        "write x or not x; cast(x as integer) makes 1 and 0",
    ),
    (
        "is_late + 1",
        "^^^^^^^",
        "E10",
        "`+` takes a number, this is a boolean",
        "cast(x as integer) makes 1 and 0",
    ),
    (
        "arr_delay < dep_delay < 5",
        "                      ^",
        "E02",
        "comparisons don't chain",
        "join two comparisons with and, or use between",
    ),
    (
        "sum(arr_delay) / 60",
        "^^^",
        "E12",
        "`sum` is about many rows; an expression is about one row",
        'write agg = "sum", and the inside as expr',
    ),
    (
        "count(distinct origin)",
        "^^^^^",
        "E12",
        "`count` is about many rows; an expression is about one row",
        'write agg = "count_distinct", and the inside as expr',
    ),
    (
        "max(arr_delay, 0)",
        "^^^",
        "E12",
        "`max` is about many rows; an expression is about one row",
        'write agg = "max", and the inside as expr; of several columns in a row: greatest(a, b)',
    ),
    (
        "count(*) filter (is_late)",
        "^^^^^",
        "E12",
        "`count` is about many rows; an expression is about one row",
        'write agg = "count", and the inside as expr',
    ),
    (
        "rouns(arr_delay)",
        "^^^^^",
        "E08",
        "unknown function `rouns`",
        "nearest: round",
    ),
    (
        "round()",
        "^^^^^^^",
        "E09",
        "round takes 1 to 2 arguments, here are 0",
        "usage: round(x[, digits])",
    ),
    (
        "round(arr_delay, dep_delay)",
        "                 ^^^^^^^^^",
        "E16",
        "round takes a whole number from -15 to 15 here, written out",
        "usage: round(x[, digits])",
    ),
    (
        "substr(origin, 0)",
        "               ^",
        "E16",
        "substr takes a whole number from 1 to 1,000,000 here, written out",
        "usage: substr(text, start[, count])",
    ),
    (
        "lower(arr_delay)",
        "      ^^^^^^^^^",
        "E10",
        "lower takes text here, this is a number",
        "usage: lower(text)",
    ),
    (
        "origin like arr_delay",
        "            ^^^^^^^^^",
        "E16",
        "like takes a pattern in quotes",
        "% stands for any characters, _ for one: x like 'N%'",
    ),
    (
        "origin like 'x!' escape '!'",
        "            ^^^^",
        "E16",
        "the pattern ends in its escape character",
        "",
    ),
    (
        "date > 5",
        "^^^^^^^^",
        "E10",
        "a date can't be compared with a number",
        "a date is written date '2013-01-31'",
    ),
    (
        "date '2013-02-30'",
        "     ^^^^^^^^^^^^",
        "E04",
        "this is no date of the calendar",
        "as in date '2013-01-31'",
    ),
    (
        "date + 1",
        "^^^^",
        "E10",
        "`+` takes a number, this is a date",
        "only date - date is possible: the days between them",
    ),
    (
        "left_at - left_at",
        "^^^^^^^",
        "E10",
        "`-` takes a number, this is a time stamp",
        "epoch(a) - epoch(b) is a duration in seconds",
    ),
    (
        "arr_delay -- late",
        "          ^^",
        "E13",
        "comments are not part of an expression",
        "minus a negative number is written a - (-b)",
    ),
    (
        "(select max(x) from y)",
        " ^^^^^^",
        "E13",
        "`select` starts a query; an expression is about one row",
        "subqueries are left out: define the inner number as a metric of its own",
    ),
    (
        "arr_delay; drop",
        "         ^",
        "E01",
        "`;` is not part of the expression language",
        "an expression is one value, not a statement",
    ),
    (
        "SEATS > 1",
        "^^^^^",
        "E14",
        "`SEATS` fits 2 columns",
        'write it exactly: "Seats" or "seats"',
    ),
    (
        "cast(date as integer)",
        "^^^^^^^^^^^^^^^^^^^^^",
        "E10",
        "a date can't be cast to integer",
        "epoch(x) gives seconds",
    ),
    (
        "cast(arr_delay as decimal(10,2))",
        "                         ^",
        "E02",
        "types take no sizes",
        "round(x, 2) keeps two digits",
    ),
    (
        "cast(arr_delay as intger)",
        "                  ^^^^^^",
        "E10",
        "unknown type `intger`",
        "nearest: integer",
    ),
    (
        "case when arr_delay then 1 end",
        "          ^^^^^^^^^",
        "E10",
        "`when` takes a boolean, this is a number",
        "compare it, as in x > 0",
    ),
    (
        "case when is_late then 1 else 'x' end",
        "                              ^^^",
        "E10",
        "the values of a case must be of one kind; a number came first, this is text",
        "",
    ),
    (
        "greatest(1,'x')",
        "           ^^^",
        "E10",
        "the arguments of greatest must be of one kind; a number came first, this is text",
        "",
    ),
    (
        "arr_delay in 1",
        "             ^",
        "E02",
        "this number can't stand here",
        "expected: `(` and the list of values",
    ),
    (
        "arr_delay in ()",
        "              ^",
        "E02",
        "`)` can't stand here",
        "expected: a value of the list",
    ),
    (
        "arr_delay is 5",
        "             ^",
        "E02",
        "this number can't stand here",
        "expected: null, true or false",
    ),
    (
        "not",
        "  ^",
        "E02",
        "the expression breaks off",
        "expected: a column, a value or a function",
    ),
    (
        "",
        "",
        "E15",
        "the expression is empty",
        "",
    ),
    (
        "12abc",
        "^^^^^",
        "E04",
        "a number runs into the next word",
        'a name that starts with a digit is written in double quotes: "2nd_visit"',
    ),
    (
        "1e999",
        "^^^^^",
        "E04",
        "the number is too large",
        "",
    ),
    (
        "extract(yeer from date)",
        "        ^^^^",
        "E08",
        "unknown part of a date `yeer`",
        "nearest: year",
    ),
    (
        "hour(date)",
        "     ^^^^",
        "E10",
        "hour takes a time stamp here, this is a date",
        "usage: hour(stamp)",
    ),
    (
        "arr_delay [1]",
        "          ^",
        "E01",
        "`[` is not part of the expression language",
        "lists are written in round brackets: x in (1, 2)",
    ),
    (
        "{{ x }}",
        "^",
        "E01",
        "`{` is not part of the expression language",
        "inputs are named plainly, without braces",
    ),
    (
        "arr_delay ≥ 15",
        "          ^",
        "E01",
        "`≥` is not part of the expression language",
        "write >=",
    ),
    (
        "arr_delay between 1",
        "                  ^",
        "E02",
        "the expression breaks off",
        "expected: `and` and the upper bound of between",
    ),
    (
        "5 not 3",
        "      ^",
        "E02",
        "this number can't stand here",
        "expected: in, between or like",
    ),
    (
        "order",
        "^^^^^",
        "E13",
        "`order` belongs to a query; an expression is about one row",
        'a column of that name is written "order"',
    ),
    (
        "a = not is_late",
        "    ^^^",
        "E02",
        "`not` can't stand here",
        "put it in brackets: (not x)",
    ),
    (
        "arr_delay 15",
        "          ^^",
        "E02",
        "this number can't stand here",
        "expected: an operator such as + = and, or the end",
    ),
    (
        "arr_delay > 1 filter (x)",
        "              ^^^^^^",
        "E13",
        "`filter` belongs to SQL's aggregates",
        'the metric\'s own key does that: filter = "..."',
    ),
    (
        " arr_delay + origin",
        "             ^^^^^^",
        "E10",
        "`+` takes a number, this is text",
        "cast(x as double) reads a number from text",
    ),
    (
        "not arr_delay > 5 or origin",
        "                     ^^^^^^",
        "E10",
        "`or` takes a boolean, this is text",
        "",
    ),
    (
        "arr_delay in (1, 'x')",
        "                 ^^^",
        "E10",
        "a number can't be compared with text",
        "a text is written in quotes; cast(x as double) reads a number from text",
    ),
    (
        "arr_delay between 1 and 'x'",
        "                        ^^^",
        "E10",
        "a number can't be compared with text",
        "a text is written in quotes; cast(x as double) reads a number from text",
    ),
    (
        "arr_delay is true",
        "^^^^^^^^^",
        "E10",
        "`is true` takes a boolean, this is a number",
        "compare it, as in x > 0",
    ),
    (
        "cast(origin as boolean)",
        "^^^^^^^^^^^^^^^^^^^^^^^",
        "E10",
        "text can't be cast to boolean",
        "",
    ),
    (
        "arr_delay",
        "^^^^^^^^^",
        "E11",
        "a filter is true or false, this is a number",
        "compare it, as in x > 0",
    ),
    (
        "origin",
        "^^^^^^",
        "E11",
        "a filter is true or false, this is text",
        "compare it, as in x = 'text'",
    ),
    (
        "left_at > 5",
        "^^^^^^^^^^^",
        "E10",
        "a time stamp can't be compared with a number",
        "a date is written date '2013-01-31'",
    ),
    (
        "origin < date",
        "^^^^^^^^^^^^^",
        "E10",
        "text can't be compared with a date",
        "a date is written date '2013-01-31'",
    ),
]
REFUSED += [
    (
        "arr_delay > (origin || 'x')",
        "^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "E10",
        "a number can't be compared with text",
        "a text is written in quotes; cast(x as double) reads a number from text",
    ),
    (
        "-(origin || 'x') > 5",
        " ^^^^^^^^^^^^^^^",
        "E10",
        "`-` takes a number, this is text",
        "cast(x as double) reads a number from text",
    ),
    (
        "origin like 'x' escape '!!'",
        "                       ^^^^",
        "E16",
        "escape takes one character in quotes",
        "escape '!'",
    ),
]


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        check_filter(parse(text), FLIGHTS)
    return caught.value


@pytest.mark.parametrize(("text", "caret", "code", "message", "hint"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refusals(text: str, caret: str, code: str, message: str, hint: str) -> None:
    """Each slip is named, its place underlined, and the way out said."""
    error = refusal(text)
    assert (error.code, error.message, error.hint) == (code, message, hint)
    assert " " * error.start + "^" * (error.end - error.start) == caret


def test_every_code_is_reached() -> None:
    """Each code of the table is one that a text can get: none is dead."""
    reached = {row[2] for row in REFUSED} | {refusal("x" * 2_001).code, refusal("(" * 61).code}
    assert sorted(reached) == sorted(CODES)


@pytest.mark.parametrize(
    ("text", "start"),
    [("(" * 61 + "1" + ")" * 61, 60), ("not " * 61 + "true", 240), ("1" + " + 1" * 60, 0), ("- " * 60 + "1", 120)],
)
def test_nesting_ends_at_sixty_levels(text: str, start: int) -> None:
    """One level more than 60 is refused where it begins, in whatever way it was nested."""
    error = refusal(text)
    assert error.code == "E06"
    assert error.start == start


@pytest.mark.parametrize("text", ["(" * 59 + "true" + ")" * 59, "not " * 59 + "true", "1" + " + 1" * 58 + " > 0"])
def test_sixty_levels_are_enough(text: str) -> None:
    """Up to 60 levels pass."""
    check_filter(parse(text), FLIGHTS)


def test_long_lists_and_many_conditions_are_not_deep() -> None:
    """A list of hundreds of values, or hundreds of conditions in a row, is one level."""
    check_filter(parse("arr_delay in (" + ", ".join("1" * 600) + ")"), FLIGHTS)
    check_filter(parse(" or ".join(["seats > 1"] * 150)), FLIGHTS)


def test_a_plan_that_would_explode_is_refused() -> None:
    """Divisions inside divisors double with every level; past a few thousand steps that is said, not tried."""
    error = refusal("arr_delay / (" * 20 + "1" + ")" * 20 + " > 0")
    assert error.code == "E06"
    assert "more divisions" in error.message


def test_an_expression_error_is_a_data_error() -> None:
    """A bad expression fails its own metric: it carries a code, and leaves with the data's exit code."""
    error = refusal("arr_dealy > 15")
    assert isinstance(error, DataError)
    assert error.exit_code is ExitCode.DATA
    assert str(error) == "unknown column `arr_dealy`"


def test_an_empty_source_has_no_columns_to_offer() -> None:
    """Without any column the error still says what is missing."""
    with pytest.raises(ExpressionError, match="unknown column `a`"):
        check_filter(parse("a > 1"), {})
