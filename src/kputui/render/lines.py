"""Lines of styled text: the only thing that a pane puts on the screen.

A span is a text and the name of its ink; a line is a tuple of spans. All texts made here have passed
`safe`, and every line that leaves this room is exactly as wide as it was asked to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.safe import cell_width, safe
from kputui.session.views import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Ink(StrEnum):
    """What a piece of text is, for the theme to pick a style; every ink reads without colour too."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    STRONG = "strong"
    FRAME = "frame"
    TITLE = "title"
    SERIES = "series"
    TARGET = "target"
    KEY = "key"
    CURSOR = "cursor"
    CURSOR_AWAY = "cursor_away"


Span = tuple[str, str]
Line = tuple[Span, ...]

TONE_INK = {
    Tone.PLAIN: Ink.PLAIN,
    Tone.MUTED: Ink.MUTED,
    Tone.GOOD: Ink.GOOD,
    Tone.CAUTION: Ink.CAUTION,
    Tone.BAD: Ink.BAD,
}


def width_of(line: Iterable[Span]) -> int:
    """The cells that a line takes."""
    return sum(cell_width(text) for text, _ in line)


def text_of(line: Iterable[Span]) -> str:
    """A line's text without its inks."""
    return "".join(text for text, _ in line)


def blank(width: int) -> Line:
    """An empty line of `width` cells."""
    return ((" " * width, Ink.PLAIN),) if width > 0 else ()


def filled(line: Iterable[Span], width: int) -> Line:
    """The line, cut with an ellipsis or padded with spaces to exactly `width` cells."""
    if width <= 0:
        return ()
    spans: list[Span] = []
    left = width
    for text, ink in line:
        cells = cell_width(text)
        is_cut = cells > left
        shown = safe(text, left) if is_cut else text
        if shown:
            spans.append((shown, ink))
            left -= cell_width(shown)
        if is_cut:
            break
    return (*spans, (" " * left, Ink.PLAIN)) if left else tuple(spans)


def spread(left: Iterable[Span], right: Sequence[Span], width: int) -> Line:
    """`left` at the left and `right` at the right edge; `left` is cut when both do not fit."""
    room = width - width_of(right)
    if room <= 0:
        return filled(right, width)
    return (*filled(left, room), *right)


def recoloured(line: Iterable[Span], ink: str) -> Line:
    """The same text, all in one ink, as one span."""
    return ((text_of(line), ink),)


@dataclass(frozen=True, slots=True)
class Frame:
    """A box around lines: its title, and whether the keys go to it (shown by the title, not by colour)."""

    title: Line = ()
    right: Line = ()
    is_active: bool = False


def framed(body: Sequence[Line], frame: Frame, width: int, height: int) -> tuple[Line, ...]:
    """`body` in a box of `width` x `height` cells, cut or filled up to it; no box when there is no room."""
    if width < 4 or height < 3:
        return tuple(filled(line, width) for line in (*body, *((),) * height)[:height])
    top_left, top_right, bottom_left, bottom_right = tuple(glyphs.CORNERS)
    inner = width - 2
    edge = (glyphs.VERTICAL, Ink.FRAME)
    rows = [
        (edge, *(filled(body[index], inner) if index < len(body) else blank(inner)), edge)
        for index in range(height - 2)
    ]
    bottom = ((bottom_left + glyphs.HORIZONTAL * inner + bottom_right, Ink.FRAME),)
    top = ((top_left, Ink.FRAME), *_top(frame, inner), (top_right, Ink.FRAME))
    return (top, *rows, bottom)


def _top(frame: Frame, inner: int) -> Line:
    lead = glyphs.POINTER if frame.is_active else glyphs.HORIZONTAL
    right: Line = ((" ", Ink.FRAME), *frame.right, (" ", Ink.FRAME)) if frame.right else ()
    if width_of(right) > inner // 2:
        right = ()
    room = inner - 4 - width_of(right)
    if not frame.title or room < 1:
        return ((glyphs.HORIZONTAL * inner, Ink.FRAME),)
    title = filled(frame.title, min(width_of(frame.title), room))
    rule = inner - 3 - width_of(title) - width_of(right)
    return (
        (lead, Ink.TITLE if frame.is_active else Ink.FRAME),
        (" ", Ink.FRAME),
        *title,
        (" ", Ink.FRAME),
        (glyphs.HORIZONTAL * rule, Ink.FRAME),
        *right,
    )
