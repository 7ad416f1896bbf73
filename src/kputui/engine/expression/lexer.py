"""Text -> tokens, in one linear pass."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kputui.engine.expression.errors import ExpressionError

MAX_CHARACTERS: Final = 2_000


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    QUOTED = "quoted"
    WORD = "word"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text. `value` is as written for words, and unescaped for text and quoted names."""

    kind: TokenKind
    value: str
    start: int
    end: int


# The possessive groups keep an unclosed quote from being tried again at every shorter length.
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>--|/\*)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<text>'(?:[^']+|'')*+')
      | (?P<quoted>"(?:[^"]+|"")*+")
      | (?P<word>[^\W\d]\w*)
      | (?P<sign><>|!=|<=|>=|==|\|\||::|[-+*/%=<>(),])""",
    re.VERBOSE,
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SAME_SIGN: Final = {"==": "=", "!=": "<>"}


def tokens_of(text: str) -> list[Token]:
    """The tokens of `text`, closed by one END token.

    Raises:
        ExpressionError: E01, E03, E04, E05, E13 or E15, with the span of the offending characters.
    """
    if len(text) > MAX_CHARACTERS:
        message = f"the expression has {len(text):,} characters; {MAX_CHARACTERS:,} is the most"
        raise ExpressionError("E05", message, "split it into two metrics", start=MAX_CHARACTERS, end=len(text))
    if (found := _SURROGATE.search(text)) is not None:
        raise ExpressionError("E01", "half of a character (a lone surrogate)", start=found.start(), end=found.end())
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        token = _token(match)
        if token is not None:
            tokens.append(token)
        position = match.end()
    _refuse_glued(tokens)
    if not tokens:
        raise ExpressionError("E15", "the expression is empty", start=0, end=len(text))
    tokens.append(Token(TokenKind.END, "", len(text), len(text)))
    return tokens


def _token(match: re.Match[str]) -> Token | None:
    group, raw, start, end = match.lastgroup, match.group(), match.start(), match.end()
    if group == "space":
        return None
    if group == "comment":
        hint = "minus a negative number is written a - (-b)" if raw == "--" else "use the metric's description"
        raise ExpressionError("E13", "comments are not part of an expression", hint, start=start, end=end)
    if group == "word":
        return Token(TokenKind.WORD, raw, start, end)
    if group == "text":
        return Token(TokenKind.TEXT, raw[1:-1].replace("''", "'"), start, end)
    if group == "quoted":
        return Token(TokenKind.QUOTED, raw[1:-1].replace('""', '"'), start, end)
    if group == "number":
        return Token(TokenKind.NUMBER, raw, start, end)
    return Token(TokenKind.SIGN, _SAME_SIGN.get(raw, raw), start, end)


def _unreadable(text: str, position: int) -> ExpressionError:
    character = text[position]
    if character == "'":
        hint = "close it with '; a quote inside a text is written ''"
        return ExpressionError("E03", "the text is not closed", hint, start=position, end=len(text))
    if character == '"':
        return ExpressionError("E03", "the name is not closed", 'close it with "', start=position, end=len(text))
    hints = {
        ";": "an expression is one value, not a statement",
        "`": 'a name with spaces is written in double quotes: "name"',
        "[": "lists are written in round brackets: x in (1, 2)",
        "!": "write not, or <> for not equal",
        "&": "write and",
        "|": "write or; || joins texts",
        "^": "write power(x, y)",
        "{": "inputs are named plainly, without braces",
        "$": "values are written out; there are no parameters",
        "?": "values are written out; there are no parameters",
        "\u2019": "text is written in straight quotes: 'text'",
        "\u201c": "text is written in straight quotes: 'text'",
        "\u2212": "write the minus of the keyboard: -",
        "\u2264": "write <=",
        "\u2265": "write >=",
        "\u2260": "write <>",
    }
    message = f"`{character}` is not part of the expression language"
    return ExpressionError("E01", message, hints.get(character, ""), start=position, end=position + 1)


def _refuse_glued(tokens: list[Token]) -> None:
    """A number that runs into a word or number (`12abc`, `1.2.3`) is a slip, not two tokens."""
    for left, right in itertools.pairwise(tokens):
        is_joined = right.kind in {TokenKind.WORD, TokenKind.NUMBER} and left.end == right.start
        if left.kind is TokenKind.NUMBER and is_joined:
            hint = 'a name that starts with a digit is written in double quotes: "2nd_visit"'
            message = "a number runs into the next word"
            raise ExpressionError("E04", message, hint, start=left.start, end=right.end)
