"""No text, however broken, does anything but parse or be refused with a span inside the text."""

from __future__ import annotations

import os

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kputui.engine.expression import CODES, ExpressionError, Kind, canonical, check, check_filter, columns_of, parse
from kputui.engine.expression.to_polars import kind_of, to_polars

EXAMPLES = int(os.environ.get("KPUTUI_FUZZ", "200"))
FRAME = pl.DataFrame(
    {"a": [1.0, None], "t": ["x", None], "p": [True, None], "day": [None, None], "A b": [1, 2]},
    schema={"a": pl.Float64, "t": pl.String, "p": pl.Boolean, "day": pl.Date, "A b": pl.Int64},
)
SCHEMA: dict[str, Kind] = {name: kind for name, dtype in FRAME.schema.items() if (kind := kind_of(dtype)) is not None}

VALID = [
    "a + 2 * -a % 3 / 4 - 1e3",
    "p and not p or a is not null and (t like 'x%' escape '!')",
    "case when a > 1 then 'x' when p is not true then t else null end",
    "case a when 1 then cast(t as double) else a::integer end",
    "a in (1, 2, null) or t not in ('x', 'it''s') or a not between 1 and 2",
    "greatest(abs(a), round(a, 2), coalesce(a, 0)) >= power(a, 2)",
    "extract(year from day) = date_part('month', day) or day >= date '2013-01-31'",
    "day < timestamp '2013-01-31 12:30:00' and \"A b\" <> 0 and day in ('2013-01-01')",
    "substr(upper(t) || 'é', 1, 2) ilike '%_'",
]
PLAIN = """
    a t p day e not and or in between is null true like escape case when then else end cast as
    integer extract year from date timestamp abs round substr count select 1 1.5 . ( ) , + - -- * /
    % /* = < > <> ! | || : :: ; $1 [ '2013-01-01'
"""
PIECES = [*PLAIN.split(), "\xe9", '"A b"', "'", "''", '"', "\x00", "\ud800", "\u202e", "\n", " ", "9" * 400]

anything = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.characters(exclude_categories=())),
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid expression with a few characters or pieces cut, doubled or put in."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 6)))
        middle = draw(st.one_of(st.just(""), st.sampled_from(PIECES), st.just(text[start:end] * 2)))
        text = text[:start] + middle + text[end:]
    return text


def use(text: str) -> None:
    """Everything that the program does with a text, up to values."""
    try:
        values_of(text)
    except ExpressionError as error:
        refusal = error
    else:
        return
    assert refusal.code in CODES
    assert refusal.message
    assert 0 <= refusal.start <= refusal.end <= len(text)
    assert refusal.start < refusal.end or text == ""


def values_of(text: str) -> None:
    node = parse(text)
    assert 0 <= node.start < node.end <= len(text)
    assert canonical(node)
    assert columns_of(node) is not None
    kind = check(node, SCHEMA)
    frame = FRAME.select(value=to_polars(node, SCHEMA))
    assert frame.height == FRAME.height
    assert kind is Kind.NULL or kind_of(frame["value"].dtype) is kind
    check_filter(node, SCHEMA)


@settings(max_examples=EXAMPLES, deadline=None)
@given(text=anything)
@example(text="")
@example(text="(" * 2_000)
@example(text="(" * 60)
@example(text="t like 'x' escape")
@example(text="not " * 499)
@example(text="-+" * 999)
@example(text="a" + "+a" * 999)
@example(text="case when " * 200)
@example(text="abs(" * 400)
@example(text="a/(" * 300)
@example(text="a::integer" + "::integer" * 200)
@example(text="a is null" + " is null" * 240)
@example(text="'" * 1_999)
@example(text='"' * 1_999)
@example(text="1" * 2_000)
@example(text="a" * 2_001)
@example(text="sqrt(a)/(" * 59 + "a" + ")" * 59)
def test_any_text_parses_or_is_refused(text: str) -> None:
    """Nothing that a person can type ends in a traceback, and every refusal points into the text."""
    use(text)


@settings(max_examples=EXAMPLES, deadline=None)
@given(text=mutated())
def test_slips_of_the_pen_parse_or_are_refused(text: str) -> None:
    """An expression with a typing slip gives a value or an error with its place, nothing else."""
    use(text)


def test_the_valid_ones_are_valid() -> None:
    """What the slips are made from is accepted as it stands."""
    for text in VALID:
        check(parse(text), SCHEMA)
