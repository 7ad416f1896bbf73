"""Tokens -> tree: a Pratt parser with SQL's precedence, linear in the length of the text."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from kputui.engine.expression import tree
from kputui.engine.expression.errors import ExpressionError
from kputui.engine.expression.functions import AGGREGATES, ALIASES, DATE_PARTS, FUNCTIONS
from kputui.engine.expression.lexer import Token, TokenKind, tokens_of
from kputui.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DEPTH: Final = 60

_OR, _AND, _NOT, _IS, _COMPARE, _RANGE, _CONCAT, _ADD, _MULTIPLY, _NEGATE, _CAST = range(1, 12)

_SIGNS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), _COMPARE),
    "||": _CONCAT,
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "%": _MULTIPLY,
    "::": _CAST,
}
_WORDS: Final[Mapping[str, int]] = {
    "or": _OR,
    "and": _AND,
    "is": _IS,
    "between": _RANGE,
    "in": _RANGE,
    "like": _RANGE,
    "ilike": _RANGE,
    "not": _RANGE,
}
_STATEMENTS: Final = frozenset(
    {"select", "from", "where", "group", "order", "having", "union", "limit", "join", "on", "with", "exists", "over"}
)
_RESERVED: Final = _STATEMENTS | frozenset(
    {
        "and",
        "or",
        "not",
        "in",
        "between",
        "is",
        "null",
        "like",
        "ilike",
        "escape",
        "case",
        "when",
        "then",
        "else",
        "end",
        "true",
        "false",
        "distinct",
        "as",
        "all",
        "any",
    }
)
_CAST_TARGETS: Final[Mapping[str, tree.CastTarget]] = {
    **dict.fromkeys(("integer", "int", "bigint", "smallint", "tinyint"), tree.CastTarget.INTEGER),
    **dict.fromkeys(("double", "float", "real", "numeric", "decimal"), tree.CastTarget.DOUBLE),
    **dict.fromkeys(("text", "varchar", "string", "char"), tree.CastTarget.TEXT),
    "date": tree.CastTarget.DATE,
    **dict.fromkeys(("timestamp", "datetime"), tree.CastTarget.TIMESTAMP),
    **dict.fromkeys(("boolean", "bool"), tree.CastTarget.BOOLEAN),
}
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_STAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")


def parse(text: str) -> tree.Node:
    """The tree of `text`, at most 2,000 characters and 60 levels deep.

    Raises:
        ExpressionError: what is wrong with the text, with the span of the culprit. Columns, types and
            numbers of arguments are the business of `check`.
    """
    parser = _Parser(tokens_of(text))
    node = parser.expression(0)
    parser.expect_end()
    for part, depth in tree.walk(node):
        if depth > MAX_DEPTH:
            raise _too_deep(part.start, part.end)
    return node


def iso_date(text: str) -> date | None:
    """The date that `text` writes as 2013-01-31, else None."""
    if _ISO_DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def iso_timestamp(text: str) -> datetime | None:
    """The wall-clock time that `text` writes as 2013-01-31 12:30[:15[.5]] or 2013-01-31, else None."""
    day = iso_date(text)
    if day is not None:
        return datetime(day.year, day.month, day.day)
    if _ISO_STAMP.fullmatch(text) is None:
        return None
    whole, _, fraction = text.partition(".")
    try:
        stamp = datetime.fromisoformat(whole)
    except ValueError:
        return None
    return stamp.replace(microsecond=int(fraction.ljust(6, "0"))) if fraction else stamp


def _too_deep(start: int, end: int) -> ExpressionError:
    message = f"the expression is nested deeper than {MAX_DEPTH} levels"
    return ExpressionError("E06", message, "split it into two metrics", start=start, end=end)


class _Parser:
    """A cursor over the tokens; `expression` and what it calls move it forward only."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    # -- the cursor

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    @property
    def _after(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._now
        if token.kind is not TokenKind.END:
            self._at += 1
        return token

    def _is_sign(self, *signs: str) -> bool:
        return self._now.kind is TokenKind.SIGN and self._now.value in signs

    def _is_word(self, *words: str) -> bool:
        return self._now.kind is TokenKind.WORD and self._now.value.lower() in words

    def _expect_sign(self, sign: str, context: str) -> Token:
        if not self._is_sign(sign):
            raise self._unexpected(f"`{sign}` {context}")
        return self._take()

    def _expect_word(self, word: str, context: str) -> Token:
        if not self._is_word(word):
            raise self._unexpected(f"`{word}` {context}")
        return self._take()

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._now
        if token.kind is TokenKind.END:
            start = max(token.start - 1, 0)
            return ExpressionError(
                "E02", "the expression breaks off", f"here comes {wanted}", start=start, end=token.end
            )
        if token.kind is TokenKind.WORD and token.value.lower() in _STATEMENTS:
            return _statement_word(token)
        message = f"{_shown(token)} can't stand here"
        return ExpressionError("E02", message, f"here comes {wanted}", start=token.start, end=token.end)

    def expect_end(self) -> None:
        """Refuse whatever stands behind a complete expression."""
        if self._now.kind is TokenKind.END:
            return
        token = self._now
        if self._is_word("filter", "over"):
            hint = 'the metric\'s own key does that: filter = "..."'
            message = f"`{token.value}` belongs to SQL's aggregates"
            raise ExpressionError("E13", message, hint, start=token.start, end=token.end)
        if self._is_sign(")"):
            raise ExpressionError("E02", "`)` closes nothing", start=token.start, end=token.end)
        raise self._unexpected("an operator such as + = and, or the end")

    # -- precedence

    def expression(self, floor: int) -> tree.Node:
        """An expression whose operators bind tighter than `floor`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep(self._now.start, self._now.end)
        left = self._prefix(floor)
        while (power := self._power()) > floor:
            left = self._infix(left, power)
        self._depth -= 1
        return left

    def _power(self) -> int:
        token = self._now
        if token.kind is TokenKind.SIGN:
            return _SIGNS.get(token.value, 0)
        if token.kind is TokenKind.WORD:
            return _WORDS.get(token.value.lower(), 0)
        return 0

    def _infix(self, left: tree.Node, power: int) -> tree.Node:
        if power in {_OR, _AND}:
            return self._logical(left, power)
        if power == _IS:
            return self._is(left)
        if power == _RANGE:
            return self._range(left)
        return self._signs(left, power)

    def _signs(self, left: tree.Node, power: int) -> tree.Node:
        sign = self._take()
        if power == _CAST:
            target, end = self._cast_target()
            return tree.Cast(left.start, end, left, target)
        right = self.expression(power)
        if power == _CONCAT:
            return tree.Concat(left.start, right.end, left, right)
        if power != _COMPARE:
            return tree.Arithmetic(left.start, right.end, sign.value, left, right)
        if self._power() == _COMPARE:
            token = self._now
            hint = "join two comparisons with and, or use between"
            raise ExpressionError("E02", "comparisons don't chain", hint, start=token.start, end=token.end)
        return tree.Compare(left.start, right.end, sign.value, left, right)

    def _logical(self, left: tree.Node, power: int) -> tree.Node:
        items = [left]
        word = "or" if power == _OR else "and"
        while self._is_word(word):
            self._take()
            items.append(self.expression(power))
        return tree.Logical(left.start, items[-1].end, word, tuple(items))

    def _is(self, left: tree.Node) -> tree.Node:
        self._take()
        is_negated = self._is_word("not")
        if is_negated:
            self._take()
        if not self._is_word("null", "true", "false"):
            raise self._unexpected("null, true or false")
        token = self._take()
        return tree.Is(left.start, token.end, left, tree.Truth(token.value.lower()), is_negated)

    def _range(self, left: tree.Node) -> tree.Node:
        is_negated = self._is_word("not")
        if is_negated:
            self._take()
        if self._is_word("between"):
            return self._between(left, is_negated=is_negated)
        if self._is_word("in"):
            return self._in(left, is_negated=is_negated)
        if self._is_word("like", "ilike"):
            return self._like(left, is_negated=is_negated)
        raise self._unexpected("in, between or like")

    def _between(self, left: tree.Node, *, is_negated: bool) -> tree.Node:
        self._take()
        low = self.expression(_RANGE)
        self._expect_word("and", "and the upper bound of between")
        high = self.expression(_RANGE)
        return tree.Between(left.start, high.end, left, low, high, is_negated)

    def _in(self, left: tree.Node, *, is_negated: bool) -> tree.Node:
        self._take()
        self._expect_sign("(", "and the list of values")
        items = self._list("a value of the list")
        closing = self._expect_sign(")", "or a comma")
        return tree.In(left.start, closing.end, left, items, is_negated)

    def _like(self, left: tree.Node, *, is_negated: bool) -> tree.Node:
        ignores_case = self._take().value.lower() == "ilike"
        pattern = self.expression(_RANGE)
        escape, end = "", pattern.end
        if self._is_word("escape"):
            self._take()
            token = self._now
            if token.kind is not TokenKind.TEXT or len(token.value) != 1:
                raise ExpressionError(
                    "E16", "escape takes one character in quotes", "escape '!'", start=token.start, end=token.end
                )
            escape, end = self._take().value, token.end
        return tree.Like(left.start, end, left, pattern, escape, ignores_case, is_negated)

    def _list(self, wanted: str) -> tuple[tree.Node, ...]:
        if self._is_sign(")"):
            raise self._unexpected(wanted)
        items = [self.expression(0)]
        while self._is_sign(","):
            self._take()
            items.append(self.expression(0))
        return tuple(items)

    # -- what an expression begins with

    def _prefix(self, floor: int) -> tree.Node:
        token = self._now
        if token.kind is TokenKind.SIGN and token.value in "+-":
            return self._signed()
        if self._is_sign("("):
            return self._parenthesised()
        if token.kind is TokenKind.NUMBER:
            return _number(self._take())
        if token.kind is TokenKind.TEXT:
            self._take()
            return tree.Text(token.start, token.end, token.value)
        if token.kind is TokenKind.QUOTED:
            self._take()
            return tree.Column(token.start, token.end, token.value, is_quoted=True)
        if token.kind is TokenKind.WORD:
            return self._worded(floor)
        raise self._unexpected("a column, a value or a function")

    def _signed(self) -> tree.Node:
        sign = self._take()
        operand = self.expression(_MULTIPLY)
        if sign.value == "+":
            return operand
        return tree.Negate(sign.start, operand.end, operand)

    def _parenthesised(self) -> tree.Node:
        opening = self._take()
        if self._is_word("select", "with"):
            raise _statement_word(self._now)
        inner = self.expression(0)
        if self._is_sign(","):
            hint = "a list stands behind in: x in (1, 2)"
            token = self._now
            raise ExpressionError("E02", "a list can't stand here", hint, start=opening.start, end=token.end)
        self._expect_sign(")", f"for the bracket at character {opening.start + 1}")
        return inner

    def _worded(self, floor: int) -> tree.Node:
        token = self._now
        word = token.value.lower()
        if word == "not":
            return self._not(floor)
        if word == "case":
            return self._case()
        if word in {"null", "true", "false"}:
            return _constant(self._take())
        if word in _RESERVED:
            raise self._reserved(token)
        if self._after.kind is TokenKind.SIGN and self._after.value == "(":
            return self._call()
        self._take()
        if word in {"date", "timestamp"} and self._now.kind is TokenKind.TEXT:
            return _dated(word, token, self._take())
        return tree.Column(token.start, token.end, token.value)

    def _not(self, floor: int) -> tree.Node:
        token = self._take()
        if floor > _NOT:
            hint = "put it in brackets: (not x)"
            raise ExpressionError("E02", "`not` can't stand here", hint, start=token.start, end=token.end)
        operand = self.expression(_NOT)
        return tree.Not(token.start, operand.end, operand)

    def _reserved(self, token: Token) -> ExpressionError:
        if token.value.lower() in _STATEMENTS:
            return _statement_word(token)
        error = self._unexpected("a column, a value or a function")
        hint = f'{error.hint}; a column of that name is written "{token.value}"'
        return ExpressionError(error.code, error.message, hint, start=error.start, end=error.end)

    def _case(self) -> tree.Node:
        case = self._take()
        operand = None if self._is_word("when") else self.expression(0)
        branches: list[tree.Branch] = []
        if not self._is_word("when"):
            raise self._unexpected("`when`")
        while self._is_word("when"):
            when = self._take()
            condition = self.expression(0)
            self._expect_word("then", "and the value of this branch")
            value = self.expression(0)
            branches.append(tree.Branch(when.start, value.end, condition, value))
        otherwise = None
        if self._is_word("else"):
            self._take()
            otherwise = self.expression(0)
        end = self._expect_word("end", "(or when, else) to close the case")
        return tree.Case(case.start, end.end, operand, tuple(branches), otherwise)

    # -- words before a bracket

    def _call(self) -> tree.Node:
        name = self._take()
        word = name.value.lower()
        special: Mapping[str, Callable[[Token], tree.Node]] = {
            "cast": self._cast,
            "try_cast": self._cast,
            "extract": self._extract,
            "date_part": self._date_part,
        }
        if word in special:
            self._take()
            return special[word](name)
        if word in AGGREGATES:
            raise self._aggregate(name, word)
        function = ALIASES.get(word, word)
        if function not in FUNCTIONS:
            hint = did_you_mean(word, (*FUNCTIONS, *ALIASES, "cast", "extract", "date_part"))
            raise ExpressionError("E08", f"unknown function `{name.value}`", hint, start=name.start, end=name.end)
        self._take()
        arguments = () if self._is_sign(")") else self._list("an argument")
        closing = self._expect_sign(")", f"for the bracket of {name.value}, or a comma")
        return tree.Call(name.start, closing.end, function, arguments)

    def _aggregate(self, name: Token, word: str) -> ExpressionError:
        agg = AGGREGATES[word]
        inside = self._tokens[self._at + 1]
        if word == "count" and inside.kind is TokenKind.WORD and inside.value.lower() == "distinct":
            agg = "count_distinct"
        hint = f'write agg = "{agg}", and the inside as expr'
        if word in {"min", "max"}:
            hint += f"; of several columns in a row: {'least' if word == 'min' else 'greatest'}(a, b)"
        message = f"`{name.value}` adds up rows; an expression is about one row"
        return ExpressionError("E12", message, hint, start=name.start, end=name.end)

    def _cast(self, name: Token) -> tree.Node:
        operand = self.expression(0)
        self._expect_word("as", "and the type, as in cast(x as integer)")
        target, _ = self._cast_target()
        closing = self._expect_sign(")", "for the bracket of cast")
        return tree.Cast(name.start, closing.end, operand, target)

    def _cast_target(self) -> tuple[tree.CastTarget, int]:
        token = self._now
        target = _CAST_TARGETS.get(token.value.lower()) if token.kind is TokenKind.WORD else None
        if target is None:
            if token.kind is not TokenKind.WORD:
                raise self._unexpected("a type: integer, double, text, date, timestamp or boolean")
            hint = did_you_mean(token.value.lower(), _CAST_TARGETS) or (
                "types: integer, double, text, date, timestamp, boolean"
            )
            raise ExpressionError("E10", f"unknown type `{token.value}`", hint, start=token.start, end=token.end)
        self._take()
        end = token.end
        if token.value.lower() == "double" and self._is_word("precision"):
            end = self._take().end
        if self._is_sign("("):
            hint = "round(x, 2) keeps two digits"
            raise ExpressionError("E02", "types take no sizes", hint, start=self._now.start, end=self._now.end)
        return target, end

    def _extract(self, name: Token) -> tree.Node:
        part = self._now
        if part.kind not in {TokenKind.WORD, TokenKind.TEXT}:
            raise self._unexpected("a part, as in extract(year from day)")
        self._take()
        function = _date_part(part)
        self._expect_word("from", "as in extract(year from day)")
        operand = self.expression(0)
        closing = self._expect_sign(")", "for the bracket of extract")
        return tree.Call(name.start, closing.end, function, (operand,))

    def _date_part(self, name: Token) -> tree.Node:
        part = self._now
        if part.kind is not TokenKind.TEXT:
            raise self._unexpected("a part in quotes, as in date_part('year', day)")
        self._take()
        function = _date_part(part)
        self._expect_sign(",", "and the date")
        operand = self.expression(0)
        closing = self._expect_sign(")", "for the bracket of date_part")
        return tree.Call(name.start, closing.end, function, (operand,))


def _date_part(part: Token) -> str:
    word = part.value.lower()
    name = ALIASES.get(word, word)
    if name in DATE_PARTS:
        return name
    hint = did_you_mean(word, DATE_PARTS) or f"parts: {', '.join(sorted(DATE_PARTS))}"
    raise ExpressionError("E08", f"unknown part of a date `{part.value}`", hint, start=part.start, end=part.end)


def _shown(token: Token) -> str:
    if token.kind is TokenKind.TEXT:
        return "this text"
    if token.kind is TokenKind.NUMBER:
        return "this number"
    return f"`{token.value}`"


def _statement_word(token: Token) -> ExpressionError:
    word = token.value.lower()
    message = f"`{token.value}` starts a query; an expression is about one row"
    hint = "subqueries are left out: define the inner number as a metric of its own"
    if word not in {"select", "with", "exists"}:
        message = f"`{token.value}` belongs to a query; an expression is about one row"
        hint = f'a column of that name is written "{token.value}"'
    return ExpressionError("E13", message, hint, start=token.start, end=token.end)


def _constant(token: Token) -> tree.Node:
    word = token.value.lower()
    if word == "null":
        return tree.Null(token.start, token.end)
    return tree.Boolean(token.start, token.end, word == "true")


def _number(token: Token) -> tree.Node:
    value = float(token.value)
    if not math.isfinite(value):
        raise ExpressionError("E04", "the number is too large", start=token.start, end=token.end)
    return tree.Number(token.start, token.end, value)


def _dated(word: str, name: Token, text: Token) -> tree.Node:
    if word == "date":
        day = iso_date(text.value)
        if day is not None:
            return tree.Date(name.start, text.end, day)
        hint = "as in date '2013-01-31'"
        raise ExpressionError("E04", "this is no date of the calendar", hint, start=text.start, end=text.end)
    stamp = iso_timestamp(text.value)
    if stamp is not None:
        return tree.Timestamp(name.start, text.end, stamp)
    hint = "as in timestamp '2013-01-31 12:30:00'"
    raise ExpressionError("E04", "this is no time of the calendar", hint, start=text.start, end=text.end)
