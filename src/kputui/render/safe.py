"""The one place where text from people's files becomes text for a screen: one line, no control, cut by cells."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ELLIPSIS = "…"
_REPLACEMENT = "\ufffd"
_DOT = "·"
_MAX_MARKS = 3

_WIDE = frozenset("WF")
_MARKS = frozenset({"Mn", "Mc", "Me"})

# Fillers draw nothing, and on the other ranges terminals and width tables disagree by their age.
_UNTRUSTED_WIDTH = (
    (0x115F, 0x115F),
    (0x2630, 0x2637),
    (0x268A, 0x268F),
    (0x3164, 0x3164),
    (0x4DC0, 0x4DFF),
    (0xFFA0, 0xFFA0),
    (0x1D300, 0x1D376),
    (0x1F3FB, 0x1F3FF),
)
# Selectors and joiners without a picture of their own: they change the width of what stands before them.
_SELECTORS = (
    (0x034F, 0x034F),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0xFE00, 0xFE0F),
    (0xE0100, 0xE01EF),
)
# Conjoining Hangul: zero wide after a leading consonant, so it is bounded like a mark.
_CONJOINING = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)


_REPLACED = {"Cc": _REPLACEMENT, "Cs": _REPLACEMENT, "Cn": _REPLACEMENT, "Co": _REPLACEMENT, "Cf": _DOT}
_REPLACED |= dict.fromkeys(("Zs", "Zl", "Zp"), " ")


@lru_cache(maxsize=4096)
def _picture(character: str) -> str:
    """What is drawn for one character; nothing for a selector."""
    code = ord(character)
    if character in "\n\t":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if _within(code, _SELECTORS):
        return ""
    if _within(code, _UNTRUSTED_WIDTH):
        return _DOT
    return _REPLACED.get(unicodedata.category(character), character)


@lru_cache(maxsize=4096)
def _cells(picture: str) -> int:
    """The cells of one drawn character; a mark takes none."""
    if unicodedata.category(picture) in _MARKS or _within(ord(picture), _CONJOINING):
        return 0
    return 2 if unicodedata.east_asian_width(picture) in _WIDE else 1


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """Drawn characters with their marks, and their cells; a mark without a character becomes one."""
    cluster, size = "", 0
    for character in text:
        picture = _picture(character)
        if not picture:
            continue
        cells = _cells(picture)
        if cells:
            if cluster:
                yield cluster, size
            cluster, size = picture, cells
        elif not cluster:
            cluster, size = _REPLACEMENT, 1
        elif len(cluster) <= _MAX_MARKS:
            cluster += picture
    if cluster:
        yield cluster, size


@lru_cache(maxsize=8192)
def safe(text: str, width: int | None = None) -> str:
    """`text` as one line that acts on nothing: neither on the terminal nor on the grid.

    Control characters become their pictures, newline and tab a space, C1, surrogates and unassigned
    code points U+FFFD, bidi and format characters a middle dot; at most 3 marks stay on a character.
    With `width` (cells) a longer text is cut and ends in an ellipsis; 0 or less gives nothing.
    The result is plain text: it must still be handed to types that read no markup.
    """
    if width is not None and width <= 0:
        return ""
    if text.isascii() and text.isprintable():
        return text if width is None or len(text) <= width else text[: width - 1] + ELLIPSIS
    if width is None:
        return "".join(cluster for cluster, _ in _clusters(text))
    parts: list[str] = []
    cells = before_ellipsis = 0
    for cluster, size in _clusters(text):
        cells += size
        if cells > width:
            return "".join(parts[:before_ellipsis]) + ELLIPSIS
        parts.append(cluster)
        if cells < width:
            before_ellipsis = len(parts)
    return "".join(parts)


def cell_width(text: str) -> int:
    """How many terminal cells a text that `safe` gave takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def fit(text: str, width: int) -> str:
    """`safe(text, width)`, padded with spaces on the right to exactly `width` cells."""
    shown = safe(text, width)
    return shown + " " * (width - cell_width(shown))


def fit_right(text: str, width: int) -> str:
    """`safe(text, width)`, padded with spaces on the left to exactly `width` cells."""
    shown = safe(text, width)
    return " " * (width - cell_width(shown)) + shown
