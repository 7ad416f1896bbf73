"""The accountability matrix as lines: CPIs down, teams across, one letter where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.lines import Ink, Line, Span, filled
from kputui.render.safe import cell_width, fit, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kputui.session.views import MatrixRowView

_LEGENDS = (
    "A accountable  R responsible  C consulted  I informed  ? open  ! hole  ~ before confirmation",
    "A accountable R responsible C consulted I informed ? open ! hole ~ unconfirmed",
    "A accountable R responsible ? open ! hole ~ unconfirmed",
    "A accountable ? open ! hole ~ unconfirmed",
    "? open ! hole ~ unconfirmed",
)
_LABEL_MIN, _CELL_MIN, _CELL_MAX, _SCROLLED_MAX = 16, 5, 24, 9
_MARK = 12
"""The cells that `← 12 34 →` needs above the names while columns are out of sight."""
_FILLERS = frozenset({"and", "of", "the", "for", "&", "und", "et"})
_APART = 4
MARK = "*"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and what its cells are about (an assignee as files write it)."""

    label: str
    team: str
    key: str
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """How the matrix is cut to a width: the label's cells, the first shown column, the cells of each shown one."""

    label: int
    first: int
    cells: tuple[int, ...]
    hidden: int = 0
    has_two_lines: bool = True


@dataclass(frozen=True, slots=True)
class RowLook:
    """How a row is drawn: the column under the cursor, and whether the keys go there (None: no cursor)."""

    at: int | None = None
    is_active: bool = False


def grid_for(labels: Sequence[str], columns: tuple[Column, ...], width: int, first: int, at: int | None) -> Grid:
    """Columns for `width` cells, scrolled as little from `first` as shows column `at`.

    Names of CPIs give way first, then headings go to two lines, then their words are shortened; columns
    are left out only when each would be narrower than a few cells.
    """
    if not columns:
        return Grid(width, 0, ())
    longest = max(_MARK, max(map(_width, labels), default=_LABEL_MIN) + 2)
    wholes, halves = _needs(columns)
    label = min(longest, max(_LABEL_MIN, width * 28 // 100))
    if sum(wholes) + longest <= width:
        return Grid(min(width - sum(wholes), longest + _APART), 0, wholes, has_two_lines=False)
    if sum(halves) + label <= width:
        return Grid(width - sum(halves), 0, halves)
    room = width - label
    if len(columns) * _CELL_MIN <= room:
        cells = _shrunk(halves, room)
        return Grid(width - sum(cells), 0, cells)
    return _scrolled([min(cells, _SCROLLED_MAX) for cells in halves], width, label, first, at)


def _scrolled(cells: Sequence[int], width: int, label: int, first: int, at: int | None) -> Grid:
    room = width - label
    first = max(0, min(first, len(cells) - 1))
    if at is not None:
        first = min(first, at)
        while first < at and sum(cells[first : at + 1]) > room:
            first += 1
    while first and sum(cells[first - 1 :]) <= room:
        first -= 1
    shown: list[int] = []
    for each in cells[first:]:
        if sum(shown) + each > room:
            break
        shown.append(each)
    return Grid(width - sum(shown), first, tuple(shown), len(cells) - len(shown))


@lru_cache(maxsize=64)
def _needs(columns: tuple[Column, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The cells that each heading needs in one line, and in two."""
    texts = [safe(column.label) for column in columns]
    wholes = tuple(min(cell_width(text) + 2, _CELL_MAX) for text in texts)
    halves = tuple(max(map(cell_width, _halves(text))) + 1 for text in texts)
    return wholes, tuple(max(min(half, _CELL_MAX), 4) for half in halves)


@lru_cache(maxsize=4096)
def _width(label: str) -> int:
    return cell_width(safe(label))


def _shrunk(cells: Sequence[int], room: int) -> tuple[int, ...]:
    """The cells with the widest made narrower until all have room."""
    cap = max(cells)
    while cap > _CELL_MIN and sum(min(each, cap) for each in cells) > room:
        cap -= 1
    shrunk = [min(each, cap) for each in cells]
    spare = room - sum(shrunk)
    for index, each in enumerate(cells):
        if spare > 0 and shrunk[index] < each:
            shrunk[index] += 1
            spare -= 1
    return tuple(shrunk)


def matrix_head(columns: Sequence[Column], grid: Grid, at: int | None = None) -> tuple[Line, ...]:
    """The headings over the shown columns, in one line or two; the one under the cursor is strong."""
    more = _more(grid, len(columns))
    upper: list[Span] = [(fit(more, grid.label), Ink.MUTED)]
    lower: list[Span] = [(" " * grid.label, Ink.PLAIN)]
    for index, cells in enumerate(grid.cells, grid.first):
        column = columns[index]
        ink = Ink.STRONG if index == at else Ink.MUTED
        text = safe(column.label)
        one, two = _halves_for(text, cells - 1) if grid.has_two_lines else (text, "")
        lead = glyphs.DOT if column.is_person else " "
        upper.append((fit(lead + one, cells), ink))
        lower.append((fit(" " + two, cells), ink))
    has_lower = any(text.strip() for text, _ in lower)
    return (tuple(upper), tuple(lower)) if has_lower else (tuple(upper),)


def _more(grid: Grid, count: int) -> str:
    if not grid.hidden:
        return ""
    last = grid.first + len(grid.cells)
    left = f"← {grid.first} " if grid.first else ""
    right = f"{count - last} →" if last < count else ""
    return f" {left}{right}"


@lru_cache(maxsize=1024)
def _halves(label: str) -> tuple[str, str]:
    """A heading in two lines that are as even as its words allow."""
    words = label.split(" ")
    if len(words) == 1:
        return label, ""
    breaks = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return min(breaks, key=lambda halves: max(map(cell_width, halves)))


@lru_cache(maxsize=1024)
def _halves_for(label: str, width: int) -> tuple[str, str]:
    """A heading in two lines of `width` cells: as it is, without small words, or with its words shortened."""
    halves = _halves(label)
    if max(map(cell_width, halves)) <= width:
        return halves
    words = [word for word in label.split(" ") if word.casefold() not in _FILLERS] or [label]
    one, two = _halves(" ".join(words))
    return _shortened(one, width), _shortened(two, width)


def _shortened(text: str, width: int) -> str:
    """The text with its longest words shortened to a point, as far as the width asks for; at last it is cut."""
    words, kept = text.split(" "), [cell_width(word) for word in text.split(" ")]
    shown = text
    while cell_width(shown) > width:
        longest = max(range(len(words)), key=lambda index: kept[index])
        if kept[longest] <= 2:
            return safe(shown, width)
        kept[longest] = min(kept[longest], cell_width(words[longest])) - 1
        cut = [
            word if cell_width(word) <= cells else _pointed(word, cells)
            for word, cells in zip(words, kept, strict=True)
        ]
        shown = " ".join(cut)
    return shown


def _pointed(word: str, width: int) -> str:
    return safe(word, width)[:-1] + "."


def matrix_row(row: MatrixRowView, letters: Sequence[str], marked: Sequence[bool], grid: Grid, look: RowLook) -> Line:
    """One CPI: its name with what is missing, and a letter for each shown column; `·` where nobody has a part.

    `letters` and `marked` are of the shown columns; a marked cell was changed by somebody else and has a `*`.
    """
    note = "! " if row.is_hole else "~ " if row.is_exception else "* " if row.marks else "  "
    has_cursor = look.at is not None
    spans: list[Span] = [
        (note, Ink.BAD if row.is_hole else Ink.CAUTION),
        (fit(safe(row.label), max(grid.label - 2, 0)), Ink.STRONG if has_cursor else Ink.PLAIN),
    ]
    for index, cells in enumerate(grid.cells):
        is_at = has_cursor and look.is_active and grid.first + index == look.at
        spans += _cell(letters[index], cells, is_marked=marked[index], is_at=is_at)
    if has_cursor and not look.is_active:
        return (("".join(text for text, _ in spans), Ink.CURSOR_AWAY),)
    return tuple(spans)


def matrix_load(load: Sequence[str], grid: Grid) -> Line:
    """The last line: how many CPIs each shown column is accountable for."""
    spans: list[Span] = [(fit("  accountable for", grid.label), Ink.MUTED)]
    shown = load[grid.first : grid.first + len(grid.cells)]
    spans += [(_centred(text, cells), Ink.MUTED) for text, cells in zip(shown, grid.cells, strict=False)]
    return tuple(spans)


def matrix_legend(width: int) -> Line:
    """What the letters mean, in the longest words that fit."""
    words = next((words for words in _LEGENDS if cell_width(words) <= width), _LEGENDS[-1])
    return filled(((words, Ink.MUTED),), width)


def info_lines(texts: Iterable[tuple[str, str]], width: int) -> tuple[Line, ...]:
    """Sentences (text, ink) about the cell under the cursor, a line each."""
    return tuple(filled(((" " + safe(text), ink),), width) for text, ink in texts)


def _cell(letters: str, width: int, *, is_marked: bool, is_at: bool) -> tuple[Span, ...]:
    shown = (safe(letters) or glyphs.DOT) + MARK * is_marked
    if is_at:
        text = _centred(f"[{shown}]", width, shift=1)
        left = len(text) - len(text.lstrip(" "))
        inner = text.strip(" ")
        return (
            (" " * left, Ink.PLAIN),
            (inner, Ink.CURSOR),
            (" " * (width - left - cell_width(inner)), Ink.PLAIN),
        )
    is_asking = is_marked or "?" in letters
    ink = Ink.CAUTION if is_asking else Ink.STRONG if "A" in letters else Ink.PLAIN if letters else Ink.MUTED
    return ((_centred(shown, width), ink),)


def _centred(text: str, width: int, *, shift: int = 0) -> str:
    """The text where the letters of a column stand: its middle, but near the heading's beginning."""
    left = max(0, (min(width, 10) - 1) // 2 - shift)
    left = max(0, min(left, width - cell_width(text)))
    return fit(" " * left + text, width)
