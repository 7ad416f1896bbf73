"""LIKE's patterns -> the cheapest match of a text that does the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Pattern:
    """How to match a text; exactly one field is set.

    `regex` is anchored at both ends and made of escaped code points, `.` and `.*` only, so an engine
    without backtracking matches it in linear time.
    """

    equals: str | None = None
    starts: str | None = None
    ends: str | None = None
    contains: str | None = None
    regex: str | None = None


_ANY: Final = "any"
_ONE: Final = "one"
_LITERAL: Final = "literal"


def pattern_of(text: str, escape: str = "", *, in_lower_case: bool = False) -> Pattern:
    """The match that SQL's LIKE `text` asks for: % any characters, _ one; `escape` takes the next literally.

    `in_lower_case` gives the pattern for texts that were put in lower case.
    """
    parts = tuple((what, run.lower() if in_lower_case else run) for what, run in _parts(text, escape))
    shape = tuple(what for what, _ in parts)
    literal = "".join(characters for _, characters in parts)
    if shape in {(), (_LITERAL,)}:
        return Pattern(equals=literal)
    if shape == (_LITERAL, _ANY):
        return Pattern(starts=literal)
    if shape == (_ANY, _LITERAL):
        return Pattern(ends=literal)
    if shape in {(_ANY,), (_ANY, _LITERAL, _ANY)}:
        return Pattern(contains=literal)
    return Pattern(regex=_regex(parts))


def _parts(text: str, escape: str) -> Iterator[tuple[str, str]]:
    """The pattern as runs: (literal, its characters), any, one; neighbouring % are one."""
    literal: list[str] = []
    last = ""
    is_escaped = False
    for character in text:
        if not is_escaped and escape and character == escape:
            is_escaped = True
            continue
        if is_escaped or character not in "%_":
            literal.append(character)
            last = _LITERAL
            is_escaped = False
            continue
        if literal:
            yield _LITERAL, "".join(literal)
            literal.clear()
        what = _ANY if character == "%" else _ONE
        if what is _ONE or last != _ANY:
            yield what, ""
        last = what
    if literal:
        yield _LITERAL, "".join(literal)


def _regex(parts: tuple[tuple[str, str], ...]) -> str:
    """`(?s)` lets the wild cards pass line ends; every literal character becomes its code point."""
    written = {_ANY: ".*", _ONE: "."}
    body = "".join(written.get(what) or "".join(f"\\x{{{ord(c):x}}}" for c in literal) for what, literal in parts)
    return rf"(?s)\A{body}\z"
