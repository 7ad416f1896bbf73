"""What explains a chart: the marks over its periods, and the legends under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.chart_axes import PERCENT, Cell, Scale, middle
from kputui.render.chart_fan import fan_legend
from kputui.render.dates import span_text
from kputui.render.lines import Ink, Line, Span
from kputui.render.safe import cell_width, fit, safe

if TYPE_CHECKING:
    from kputui.session.views import ChartView, MarkView

_NAMED_GLYPHS = {"limits": "┄", "mean": "·"}
_OTHER_GLYPHS = ("╌", "─")
INDENT = 2
_BETWEEN = 2
_ENTRY = 2 + _BETWEEN
"""The cells that a name in the legend takes beside itself: its letter, and the gap behind it."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def shown_marks(view: ChartView) -> list[tuple[str, MarkView, int, int]]:
    """(letter, mark, first period, last period) of the marks that touch the drawn periods."""
    if not view.starts:
        return []
    shown: list[tuple[str, MarkView, int, int]] = []
    ends = (*view.starts[1:], None)
    for mark in view.marks:
        touched = [
            index
            for index, (start, end) in enumerate(zip(view.starts, ends, strict=True))
            if start <= mark.end and (end is None or end > mark.start)
        ]
        if touched and mark.end >= view.starts[0] and len(shown) < len(_LETTERS):
            shown.append((_LETTERS[len(shown)], mark, touched[0], touched[-1]))
    return shown


def mark_cells(marks: list[tuple[str, MarkView, int, int]], scale: Scale) -> list[Cell]:
    """The row of marks under the dates: each stretch shaded from its letter on."""
    cells: list[Cell] = [(" ", Ink.PLAIN)] * scale.columns
    for _, mark, first, last in marks:
        ink = Ink.CAUTION if mark.factor < 1 else Ink.MUTED
        for column in range(scale.column(first), scale.column(last) + 1):
            cells[column] = (glyphs.MARK, ink)
    for letter, mark, first, _ in marks:
        ink = Ink.CAUTION if mark.factor < 1 else Ink.MUTED
        at = scale.column(first)
        free = (column for column in range(at, min(at + 3, scale.columns)) if cells[column][0] in (" ", glyphs.MARK))
        cells[next(free, at)] = (letter, ink)
    return cells


def line_glyphs(view: ChartView) -> dict[str, str]:
    """How each kind of line is drawn, by its name: limits and mean always alike, others in their order."""
    names = dict.fromkeys(line.name for line in view.lines)
    others = iter(_OTHER_GLYPHS * len(names))
    return {name: _NAMED_GLYPHS.get(name) or next(others) for name in names}


def legend(view: ChartView) -> Line:
    """What the curve, the lines and the hollow points are."""
    first = middle(view, 0).year
    years = sorted({first, max(first, view.starts[-1].year)})
    spans: list[Span] = [
        (" " * INDENT, Ink.PLAIN),
        ("⠒⠒", Ink.SERIES),
        (f" by {view.grain}, {'-'.join(map(str, years))}", Ink.MUTED),
    ]
    for name, glyph in line_glyphs(view).items():
        spans += [("   ", Ink.PLAIN), (glyph * 2, Ink.TARGET), (f" {safe(name)}", Ink.MUTED)]
    spans += fan_legend(view.fan)
    if view.signals:
        spans += [("   ", Ink.PLAIN), (glyphs.SIGNAL, Ink.STRONG), (" signal", Ink.MUTED)]
    if view.running_from is not None and view.running_from < len(view.values):
        spans.append((f"   {glyphs.HOLLOW} running", Ink.MUTED))
    if view.cut_until:
        spans.append((f"   {glyphs.HOLLOW} cut", Ink.MUTED))
    if view.unit and view.format not in PERCENT:
        spans.append((f"   {safe(view.unit)}", Ink.MUTED))
    return tuple(spans)


def mark_legend(marks: list[tuple[str, MarkView, int, int]], width: int, most: int) -> list[Line]:
    """The marks' names in at most `most` lines, with their days when all of it fits into one; else how many more."""
    dated = [f"{span_text(mark.start, mark.end)} {safe(mark.label)}" for _, mark, _, _ in marks]
    named = (
        dated if sum(cell_width(words) + 4 for words in dated) <= width + 2 else [safe(m.label) for _, m, _, _ in marks]
    )
    rows: list[list[int]] = []
    used = width
    for index, words in enumerate(named):
        cells = _ENTRY + cell_width(words)
        if used + cells > width + _BETWEEN:
            rows.append([])
            used = 0
        rows[-1].append(index)
        used += cells
    more = ""
    if len(rows) > most:
        rows = rows[:most]
        more, named = _shortened(rows[-1], named, width)
    lines: list[Line] = []
    for row in rows:
        spans: list[Span] = []
        for index in row:
            letter, mark, _, _ = marks[index]
            ink = Ink.CAUTION if mark.factor < 1 else Ink.PLAIN
            spans += [(f"{letter} ", ink), (named[index] + " " * _BETWEEN, Ink.MUTED)]
        lines.append(tuple(spans))
    return [*lines[:-1], (*lines[-1], (more, Ink.MUTED))] if more else lines


def _shortened(row: list[int], named: list[str], width: int) -> tuple[str, list[str]]:
    """Take names off the last line until how many are not named fits behind them; a single name is cut."""
    while True:
        more = f"+ {len(named) - 1 - row[-1]} more"
        room = width - len(more) - sum(_ENTRY + cell_width(named[index]) for index in row)
        if room >= 0:
            return more, named
        if len(row) == 1:
            name = named[row[0]]
            return more, [*named[: row[0]], fit(name, max(cell_width(name) + room, 1)), *named[row[0] + 1 :]]
        row.pop()
