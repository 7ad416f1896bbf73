"""Tokens -> tree: a Pratt parser with SQL's precedence, linear in the length of the text."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kputui.engine.expression import tree
from kputui.engine.expression.cursor import STATEMENTS, Cursor, statement_word
from kputui.engine.expression.errors import ExpressionError
from kputui.engine.expression.functions import AGGREGATES, ALIASES, DATE_PARTS, FUNCTIONS
from kputui.engine.expression.lexer import Token, TokenKind, tokens_of
from kputui.engine.expression.literals import constant_of, dated_of, number_of
from kputui.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DEPTH: Final = 60

_OR, _AND, _NOT, _IS, _COMPARE, _RANGE, _CONCAT, _ADD, _MULTIPLY, _CAST = range(1, 11)

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
    **dict.fromkeys(("between", "in", "like", "ilike", "not"), _RANGE),
}
_RESERVED: Final = STATEMENTS | frozenset(
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


@lru_cache(4_096)  # every refresh reads the expressions of all its metrics again, several times
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


def _too_deep(start: int, end: int) -> ExpressionError:
    message = f"the expression is nested deeper than {MAX_DEPTH} levels"
    return ExpressionError("E06", message, "split it into two metrics", start=start, end=end)


class _Parser(Cursor):
    """A Pratt parser: each method reads one construct and leaves the cursor behind it."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self._depth = 0

    # -- precedence

    def expression(self, floor: int) -> tree.Node:
        """An expression whose operators bind tighter than `floor`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep(min(self.now.start, self.now.end - 1), self.now.end)
        left = self._prefix(floor)
        while (power := self._power()) > floor:
            left = self._infix(left, power)
        self._depth -= 1
        return left

    def _power(self) -> int:
        token = self.now
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
        sign = self.take()
        if power == _CAST:
            target, end = self._cast_target()
            return tree.Cast(left.start, end, left, target)
        right = self.expression(power)
        if power == _CONCAT:
            return tree.Concat(left.start, right.end, left, right)
        if power != _COMPARE:
            return tree.Arithmetic(left.start, right.end, sign.value, left, right)
        if self._power() == _COMPARE:
            token = self.now
            hint = "join two comparisons with and, or use between"
            raise ExpressionError("E02", "comparisons don't chain", hint, start=token.start, end=token.end)
        return tree.Compare(left.start, right.end, sign.value, left, right)

    def _logical(self, left: tree.Node, power: int) -> tree.Node:
        items = [left]
        word = "or" if power == _OR else "and"
        while self.is_word(word):
            self.take()
            items.append(self.expression(power))
        return tree.Logical(left.start, items[-1].end, word, tuple(items))

    def _is(self, left: tree.Node) -> tree.Node:
        self.take()
        is_negated = self.is_word("not")
        if is_negated:
            self.take()
        if not self.is_word("null", "true", "false"):
            raise self.unexpected("null, true or false")
        token = self.take()
        return tree.Is(left.start, token.end, left, tree.Truth(token.value.lower()), is_negated)

    def _range(self, left: tree.Node) -> tree.Node:
        is_negated = self.is_word("not")
        if is_negated:
            self.take()
        if self.is_word("between"):
            return self._between(left, is_negated=is_negated)
        if self.is_word("in"):
            return self._in(left, is_negated=is_negated)
        if self.is_word("like", "ilike"):
            return self._like(left, is_negated=is_negated)
        raise self.unexpected("in, between or like")

    def _between(self, left: tree.Node, *, is_negated: bool) -> tree.Node:
        self.take()
        low = self.expression(_RANGE)
        self.expect_word("and", "and the upper bound of between")
        high = self.expression(_RANGE)
        return tree.Between(left.start, high.end, left, low, high, is_negated)

    def _in(self, left: tree.Node, *, is_negated: bool) -> tree.Node:
        self.take()
        self.expect_sign("(", "and the list of values")
        items = self._list("a value of the list")
        closing = self.expect_sign(")", "or a comma")
        return tree.In(left.start, closing.end, left, items, is_negated)

    def _like(self, left: tree.Node, *, is_negated: bool) -> tree.Node:
        ignores_case = self.take().value.lower() == "ilike"
        pattern = self.expression(_RANGE)
        escape, end = "", pattern.end
        if self.is_word("escape"):
            self.take()
            token = self.now
            if token.kind is not TokenKind.TEXT:
                raise self.unexpected("the escape character in quotes")
            if len(token.value) != 1:
                message = "escape takes one character in quotes"
                raise ExpressionError("E16", message, "escape '!'", start=token.start, end=token.end)
            escape, end = self.take().value, token.end
        return tree.Like(left.start, end, left, pattern, escape, ignores_case, is_negated)

    def _list(self, wanted: str) -> tuple[tree.Node, ...]:
        if self.is_sign(")"):
            raise self.unexpected(wanted)
        items = [self.expression(0)]
        while self.is_sign(","):
            self.take()
            items.append(self.expression(0))
        return tuple(items)

    # -- what an expression begins with

    def _prefix(self, floor: int) -> tree.Node:
        token = self.now
        if token.kind is TokenKind.SIGN and token.value in "+-":
            return self._signed()
        if self.is_sign("("):
            return self._parenthesised()
        if token.kind is TokenKind.NUMBER:
            return number_of(self.take())
        if token.kind is TokenKind.TEXT:
            self.take()
            return tree.Text(token.start, token.end, token.value)
        if token.kind is TokenKind.QUOTED:
            self.take()
            return tree.Column(token.start, token.end, token.value, is_quoted=True)
        if token.kind is TokenKind.WORD:
            return self._worded(floor)
        raise self.unexpected("a column, a value or a function")

    def _signed(self) -> tree.Node:
        sign = self.take()
        operand = self.expression(_MULTIPLY)
        if sign.value == "+":
            return operand
        return tree.Negate(sign.start, operand.end, operand)

    def _parenthesised(self) -> tree.Node:
        opening = self.take()
        if self.is_word("select", "with"):
            raise statement_word(self.now)
        inner = self.expression(0)
        if self.is_sign(","):
            hint = "a list stands behind in: x in (1, 2)"
            token = self.now
            raise ExpressionError("E02", "a list can't stand here", hint, start=opening.start, end=token.end)
        closing = self.expect_sign(")", f"for the bracket at character {opening.start + 1}")
        return replace(inner, start=opening.start, end=closing.end)

    def _worded(self, floor: int) -> tree.Node:
        token = self.now
        word = token.value.lower()
        if word == "not":
            return self._not(floor)
        if word == "case":
            return self._case()
        if word in {"null", "true", "false"}:
            return constant_of(self.take())
        if word in _RESERVED:
            raise self._reserved(token)
        if self.after.kind is TokenKind.SIGN and self.after.value == "(":
            return self._call()
        self.take()
        if word in {"date", "timestamp"} and self.now.kind is TokenKind.TEXT:
            return dated_of(word, token, self.take())
        return tree.Column(token.start, token.end, token.value)

    def _not(self, floor: int) -> tree.Node:
        token = self.take()
        if floor > _NOT:
            hint = "put it in brackets: (not x)"
            raise ExpressionError("E02", "`not` can't stand here", hint, start=token.start, end=token.end)
        operand = self.expression(_NOT)
        return tree.Not(token.start, operand.end, operand)

    def _reserved(self, token: Token) -> ExpressionError:
        if token.value.lower() in STATEMENTS:
            return statement_word(token)
        error = self.unexpected("a column, a value or a function")
        hint = f'{error.hint}; a column of that name is written "{token.value}"'
        return ExpressionError(error.code, error.message, hint, start=error.start, end=error.end)

    def _case(self) -> tree.Node:
        case = self.take()
        operand = None if self.is_word("when") else self.expression(0)
        branches: list[tree.Branch] = []
        if not self.is_word("when"):
            raise self.unexpected("`when`")
        while self.is_word("when"):
            when = self.take()
            condition = self.expression(0)
            self.expect_word("then", "and the value of this branch")
            value = self.expression(0)
            branches.append(tree.Branch(when.start, value.end, condition, value))
        otherwise = None
        if self.is_word("else"):
            self.take()
            otherwise = self.expression(0)
        end = self.expect_word("end", "(or when, else) to close the case")
        return tree.Case(case.start, end.end, operand, tuple(branches), otherwise)

    # -- words before a bracket

    def _call(self) -> tree.Node:
        name = self.take()
        word = name.value.lower()
        special: Mapping[str, Callable[[Token], tree.Node]] = {
            "cast": self._cast,
            "try_cast": self._cast,
            "extract": self._extract,
            "date_part": self._date_part,
        }
        if word in special:
            self.take()
            return special[word](name)
        if word in AGGREGATES:
            raise self._aggregate(name, word)
        function = ALIASES.get(word, word)
        if function not in FUNCTIONS:
            hint = did_you_mean(word, (*FUNCTIONS, *ALIASES, "cast", "extract", "date_part"))
            raise ExpressionError("E08", f"unknown function `{name.value}`", hint, start=name.start, end=name.end)
        self.take()
        arguments = () if self.is_sign(")") else self._list("an argument")
        closing = self.expect_sign(")", f"for the bracket of {name.value}, or a comma")
        return tree.Call(name.start, closing.end, function, arguments)

    def _aggregate(self, name: Token, word: str) -> ExpressionError:
        agg = AGGREGATES[word]
        inside = self._tokens[self._at + 1]
        if word == "count" and inside.kind is TokenKind.WORD and inside.value.lower() == "distinct":
            agg = "count_distinct"
        hint = f'write agg = "{agg}", and the inside as expr'
        if word in {"min", "max"}:
            hint += f"; of several columns in a row: {'least' if word == 'min' else 'greatest'}(a, b)"
        message = f"`{name.value}` is about many rows; an expression is about one row"
        return ExpressionError("E12", message, hint, start=name.start, end=name.end)

    def _cast(self, name: Token) -> tree.Node:
        operand = self.expression(0)
        self.expect_word("as", "and the type, as in cast(x as integer)")
        target, _ = self._cast_target()
        closing = self.expect_sign(")", "for the bracket of cast")
        return tree.Cast(name.start, closing.end, operand, target)

    def _cast_target(self) -> tuple[tree.CastTarget, int]:
        token = self.now
        target = _CAST_TARGETS.get(token.value.lower()) if token.kind is TokenKind.WORD else None
        if target is None:
            if token.kind is not TokenKind.WORD:
                raise self.unexpected("a type: integer, double, text, date, timestamp or boolean")
            hint = did_you_mean(token.value.lower(), _CAST_TARGETS) or (
                "types: integer, double, text, date, timestamp, boolean"
            )
            raise ExpressionError("E10", f"unknown type `{token.value}`", hint, start=token.start, end=token.end)
        self.take()
        end = token.end
        if token.value.lower() == "double" and self.is_word("precision"):
            end = self.take().end
        if self.is_sign("("):
            hint = "round(x, 2) keeps two digits"
            raise ExpressionError("E02", "types take no sizes", hint, start=self.now.start, end=self.now.end)
        return target, end

    def _extract(self, name: Token) -> tree.Node:
        part = self.now
        if part.kind not in {TokenKind.WORD, TokenKind.TEXT}:
            raise self.unexpected("a part, as in extract(year from day)")
        self.take()
        function = _date_part(part)
        self.expect_word("from", "as in extract(year from day)")
        operand = self.expression(0)
        closing = self.expect_sign(")", "for the bracket of extract")
        return tree.Call(name.start, closing.end, function, (operand,))

    def _date_part(self, name: Token) -> tree.Node:
        part = self.now
        if part.kind is not TokenKind.TEXT:
            raise self.unexpected("a part in quotes, as in date_part('year', day)")
        self.take()
        function = _date_part(part)
        self.expect_sign(",", "and the date")
        operand = self.expression(0)
        closing = self.expect_sign(")", "for the bracket of date_part")
        return tree.Call(name.start, closing.end, function, (operand,))


def _date_part(part: Token) -> str:
    word = part.value.lower()
    name = ALIASES.get(word, word)
    if name in DATE_PARTS:
        return name
    hint = did_you_mean(word, DATE_PARTS) or f"parts: {', '.join(sorted(DATE_PARTS))}"
    raise ExpressionError("E08", f"unknown part of a date `{part.value}`", hint, start=part.start, end=part.end)
