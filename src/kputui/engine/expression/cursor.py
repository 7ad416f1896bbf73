"""A cursor over the tokens of an expression, and the errors about what stands where it can't."""

from __future__ import annotations

from typing import Final

from kputui.engine.expression.errors import ExpressionError
from kputui.engine.expression.lexer import Token, TokenKind
from kputui.errors import did_you_mean

STATEMENTS: Final = frozenset(
    {"select", "from", "where", "group", "order", "having", "union", "limit", "join", "on", "with", "exists", "over"}
)
"""Words that belong to whole queries."""
_OPERATORS: Final = ("and", "or", "not", "in", "is", "between", "like", "ilike", "escape", "as", "from")


class Cursor:
    """Where the parser stands; it only moves forward, and stays on the END token."""

    def __init__(self, tokens: list[Token]) -> None:
        """Start at the first of `tokens`, which an END token closes."""
        self._tokens = tokens
        self._at = 0

    @property
    def now(self) -> Token:
        """The token to be read next."""
        return self._tokens[self._at]

    @property
    def after(self) -> Token:
        """The token behind `now`."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The token `now`, with a step forward."""
        token = self.now
        if token.kind is not TokenKind.END:
            self._at += 1
        return token

    def is_sign(self, *signs: str) -> bool:
        """Whether `now` is one of these signs."""
        return self.now.kind is TokenKind.SIGN and self.now.value in signs

    def is_word(self, *words: str) -> bool:
        """Whether `now` is one of these words, given in lower case."""
        return self.now.kind is TokenKind.WORD and self.now.value.lower() in words

    def expect_sign(self, sign: str, context: str) -> Token:
        """Take `sign`, or raise E02 saying that it was expected, with `context` behind it."""
        if not self.is_sign(sign):
            raise self.unexpected(f"`{sign}` {context}")
        return self.take()

    def expect_word(self, word: str, context: str) -> Token:
        """Take `word`, or raise E02 saying that it was expected, with `context` behind it."""
        if not self.is_word(word):
            raise self.unexpected(f"`{word}` {context}")
        return self.take()

    def unexpected(self, wanted: str) -> ExpressionError:
        """The error that `now` is not what was `wanted`: E02, or E13 for a word of whole queries."""
        token = self.now
        hint = f"expected: {wanted}"
        if token.kind is TokenKind.END:
            start = max(token.start - 1, 0)
            return ExpressionError("E02", "the expression breaks off", hint, start=start, end=token.end)
        if token.kind is TokenKind.WORD and token.value.lower() in STATEMENTS:
            return statement_word(token)
        near = did_you_mean(token.value, _OPERATORS) if token.kind is TokenKind.WORD else ""
        hint = near if near and not self.is_word(*_OPERATORS) else hint
        return ExpressionError("E02", f"{_shown(token)} can't stand here", hint, start=token.start, end=token.end)

    def expect_end(self) -> None:
        """Refuse whatever stands behind a complete expression."""
        if self.now.kind is TokenKind.END:
            return
        token = self.now
        if self.is_word("filter", "over"):
            hint = 'the metric\'s own key does that: filter = "..."'
            message = f"`{token.value}` belongs to SQL's aggregates"
            raise ExpressionError("E13", message, hint, start=token.start, end=token.end)
        if self.is_sign(")"):
            raise ExpressionError("E02", "`)` closes nothing", start=token.start, end=token.end)
        raise self.unexpected("an operator such as + = and, or the end")


def _shown(token: Token) -> str:
    if token.kind is TokenKind.TEXT:
        return "this text"
    if token.kind is TokenKind.NUMBER:
        return "this number"
    return f"`{token.value}`"


def statement_word(token: Token) -> ExpressionError:
    """The error about a word that belongs to whole queries: E13."""
    word = token.value.lower()
    message = f"`{token.value}` starts a query; an expression is about one row"
    hint = "subqueries are left out: define the inner number as a metric of its own"
    if word not in {"select", "with", "exists"}:
        message = f"`{token.value}` belongs to a query; an expression is about one row"
        hint = f'a column of that name is written "{token.value}"'
    return ExpressionError("E13", message, hint, start=token.start, end=token.end)
