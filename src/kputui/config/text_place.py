"""Places inside a text value: an offset into the text becomes a column of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.errors import Place

_LONG_ESCAPES = {"u": 6, "U": 10, "x": 4}


def place_in_text(place: Place, offset: int) -> Place:
    r"""The place of the character at `offset` (from 0) of the text whose value stands at `place`.

    Escapes such as `\"` count as one character. A text over several lines keeps its own place, as
    does a place whose line is not known.
    """
    raw = place.source_line[place.column - 1 :]
    quote = raw[:1]
    if quote not in {'"', "'"} or not quote:
        return place
    opening = 3 if raw.startswith(quote * 3) else 1
    if opening == 3 and raw.find(quote * 3, 3) < 0:
        return place
    at = opening
    for _ in range(offset):
        if at >= len(raw):
            return place
        is_escape = quote == '"' and raw[at] == "\\"
        at += _LONG_ESCAPES.get(raw[at + 1 : at + 2], 2) if is_escape else 1
    return replace(place, column=place.column + at)
