"""The links as lines: CPIs down, KPIs across, and where they meet the sign, the strength and how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.evidence.verdict import Verdict
from kputui.model.link import LinkState
from kputui.render import glyphs
from kputui.render.lines import TONE_INK, Ink, Line, Span, filled
from kputui.render.matrix import Grid, RowLook
from kputui.render.problem import wrap
from kputui.render.safe import cell_width, fit, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kputui.session.link_views import LinkCellView

_OF_STATE = {
    LinkState.CONFIRMED: (glyphs.WORD["confirmed"], "confirmed"),
    LinkState.REFUTED: (glyphs.WORD["refuted"], "refuted"),
    LinkState.EXPIRED: (glyphs.WORD["expired"], "expired"),
}
_OPEN = ("?", "open")
_OF_VERDICT = {
    Verdict.CONFIRMED: (glyphs.READY, "ready"),
    Verdict.LEANING: ("~", "leaning"),
    Verdict.TOGETHER: ("=", "together"),
    Verdict.CONTRADICTED: (glyphs.AGAINST, "against"),
    Verdict.REJECTED: ("0", "rejected"),
    Verdict.NOT_ENOUGH: (glyphs.HOLLOW, "too little"),
    Verdict.REFUSED: ("/", "refused"),
}
_LEGEND = {
    "ready": "ready to confirm",
    "leaning": "leaning",
    "together": "together, direction unknown",
    "against": "against the expected sign",
    "rejected": "rejected",
    "too little": "too little data",
    "refused": "refused",
    "open": "open",
    "confirmed": "confirmed",
    "refuted": "refuted",
    "expired": "expired",
}
_LABEL_MIN, _LABEL_SHARE, _CELL_MIN, _CELL_MAX, _CELL_WORDS = 16, 30, 8, 24, 18
_EXCEPTION = "!"


def link_words(cell: LinkCellView) -> tuple[str, str]:
    """(glyph, word) of a link: what a person decided, else what the data says, else that it is open."""
    if cell.state in _OF_STATE:
        return _OF_STATE[cell.state]
    return _OF_VERDICT[Verdict(cell.verdict)] if cell.verdict in set(Verdict) else _OPEN


def link_grid(labels: Sequence[str], columns: int, width: int, first: int, at: int) -> Grid:
    """Columns of one width for `width` cells, scrolled as little from `first` as shows column `at`."""
    longest = max((cell_width(safe(label)) for label in labels), default=_LABEL_MIN) + 3
    label = min(longest, max(_LABEL_MIN, width * _LABEL_SHARE // 100))
    if not columns:
        return Grid(width, 0, ())
    each = (width - label) // columns
    if each < _CELL_MIN <= (width - _LABEL_MIN) // columns:
        return Grid(width - _CELL_MIN * columns, 0, (_CELL_MIN,) * columns)
    if each >= _CELL_MIN:
        each = min(each, _CELL_MAX)
        label = min(width - each * columns, longest)
        return Grid(label, 0, (each,) * columns)
    count = max((width - label) // (_CELL_MIN + 1), 1)
    first = max(0, min(max(first, at - count + 1), at, columns - count))
    return Grid(width - count * (_CELL_MIN + 1), first, (_CELL_MIN + 1,) * count, columns - count)


def link_row(
    label: str, cells: Sequence[LinkCellView | None], grid: Grid, look: RowLook, *, is_bare: bool = False
) -> Line:
    """One CPI: its name, and a cell for each shown column; `·` where no link is declared.

    `cells` are those of the shown columns; `is_bare` marks a CPI that is linked to no KPI at all.
    """
    has_cursor = look.at is not None
    spans: list[Span] = [
        ("!" if is_bare else " ", Ink.CAUTION),
        (fit(safe(label), max(grid.label - 1, 0)), Ink.STRONG if has_cursor else Ink.PLAIN),
    ]
    for index, width in enumerate(grid.cells):
        is_at = has_cursor and grid.first + index == look.at
        spans += _cell(cells[index], width, is_at=is_at)
    return tuple(spans)


def _cell(cell: LinkCellView | None, width: int, *, is_at: bool) -> tuple[Span, ...]:
    text, ink = _text(cell, width - 2)
    if is_at:
        return (
            ("[", Ink.CURSOR),
            (text, Ink.CURSOR),
            ("]", Ink.CURSOR),
            (" " * (width - 2 - cell_width(text)), Ink.PLAIN),
        )
    return ((" ", Ink.PLAIN), (fit(text, width - 1), ink))


def _text(cell: LinkCellView | None, width: int) -> tuple[str, str]:
    """A cell's text in at most `width` cells, and its ink."""
    if cell is None:
        return f"  {glyphs.DOT}", Ink.MUTED
    glyph, word = link_words(cell)
    mark = f"{glyph}{_EXCEPTION}" if cell.is_exception else f" {glyph}"
    text = f"{strength_text(cell)}{mark}"
    if width >= _CELL_WORDS - 2:
        text += f" {word}"
    return safe(text, width), TONE_INK[cell.tone]


def strength_text(cell: LinkCellView) -> str:
    """Four cells: the measured strength with its sign, or the expected sign alone."""
    if cell.strength is None:
        return f"{cell.sign}   "
    return f"{cell.strength:+.2f}".replace("0.", ".")[:4].ljust(4)


def link_legend(cells: Iterable[LinkCellView], width: int) -> Line:
    """What the marks in sight mean: in sentences when all of them fit, else in a word each, as many as fit."""
    found: dict[str, str] = {}
    has_exception = False
    for cell in cells:
        glyph, word = link_words(cell)
        found[word] = glyph
        has_exception = has_exception or cell.is_exception
    words = [word for word in _LEGEND if word in found]
    more = [f"{_EXCEPTION} after a mark: against the verdict"] if has_exception else []
    whole = "   ".join((*(f"{found[word]} {_LEGEND[word]}" for word in words), *more, "-.83 strength and sign"))
    if cell_width(whole) + 1 <= width:
        return filled(((f" {whole}", Ink.MUTED),), width)
    parts = [f"{found[word]} {word}" for word in words]
    while len(parts) > 1 and cell_width("  ".join(parts)) + 1 > width:
        parts.pop()
    return filled(((" " + "  ".join(parts), Ink.MUTED),), width)


def link_info(texts: Iterable[tuple[str, str]], width: int, room: int) -> tuple[Line, ...]:
    """Sentences (text, ink) about the cell under the cursor, broken where they must be, in `room` lines."""
    lines = [
        filled(((f" {part}", ink),), width) for text, ink in texts for part in wrap(text, max(width - 2, 10)) if part
    ]
    return tuple(lines[:room])
