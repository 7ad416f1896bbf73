"""The detail's chart as lines. The only importer of plotext, which draws the curve.

plotext keeps one figure a process: it is cleared before each curve, and a lock keeps two threads from
drawing into one another. Axes, dates, target lines and marks are drawn here around its cells, so that
each has its own ink and its own glyph.
"""

from __future__ import annotations

import itertools
import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.model.metric import Grain, NumberFormat
from kputui.render import glyphs
from kputui.render.dates import MONTHS, span_text
from kputui.render.detail import MIN_CHART_WIDTH
from kputui.render.lines import Ink, Line, Span, filled
from kputui.render.number import grouped, number, unit_of
from kputui.render.safe import cell_width, fit_right, safe
from kputui.session.views import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from kputui.session.views import ChartView, MarkView

_LINE_GLYPHS = ("╌", "·", "┄")
_SINGLE = "•"
_INDENT = 2
_TICK_GAPS = (3, 2, 4)
_TINY = 1e-300
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PERCENT = frozenset({NumberFormat.PERCENT, NumberFormat.PERCENT0, NumberFormat.PERCENT1, NumberFormat.PERCENT2})
_figure_lock = threading.Lock()

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """Periods and values to cells: `columns` x `rows`, values from `low` (bottom row) to `high` (top row)."""

    columns: int
    rows: int
    periods: int
    low: float
    high: float
    ticks: tuple[float, ...]

    def column(self, index: float) -> int:
        """The column of a period's index."""
        return math.floor(index * (self.columns - 1) / max(self.periods - 1, 1) + 0.5)

    def row(self, value: float) -> int:
        """The row of a value, counted from the top."""
        return math.floor((self.high - value) / (self.high - self.low) * (self.rows - 1) + 0.5)


def chart_lines(view: ChartView, width: int, height: int) -> tuple[Line, ...]:
    """The chart in exactly `height` lines of `width` cells.

    From the top: the canvas with its value axis, the dates, a row of marks (planned slow times and
    events, by letter) and the legend. Whole periods are a curve; the running period and a cut first one
    are hollow points that no line leads to.
    """
    marks = _shown_marks(view)
    mark_names = _mark_legend(marks, width - _INDENT)[: 2 if height >= 14 else 1]
    rows = height - 3 - bool(marks) - len(mark_names)
    known = [v for v in (*view.values, *(v for line in view.lines for v in line.values)) if _is_number(v)]
    if width < MIN_CHART_WIDTH or rows < 3 or not known or not any(_is_number(v) for v in view.values):
        return _nothing(width, height, "no data to draw" if not known else "")
    low, high, ticks = _value_axis([v for v in known if v is not None], rows)
    labels = {tick: _tick_text(tick, ticks, view) for tick in ticks}
    gutter = max(cell_width(text) for text in labels.values()) + 1
    scale = Scale(max(width - gutter - 2, 4), rows, len(view.values), low, high, ticks)
    canvas = _canvas(view, scale)
    by_row = {scale.row(tick): text for tick, text in labels.items()}
    lines: list[Line] = []
    for index, cells in enumerate(canvas):
        label = by_row.get(index, "")
        axis = f"{fit_right(label, gutter - 1)} {'┤' if label else '│'}"
        lines.append(filled(((axis, Ink.MUTED), *_joined(cells)), width))
    lines += _date_axis(view, scale, gutter, width)
    if marks:
        lines.append(filled(((" " * (gutter + 1), Ink.PLAIN), *_joined(_mark_cells(marks, scale))), width))
    lines.append(filled(_legend(view), width))
    lines += [filled(((" " * _INDENT, Ink.PLAIN), *line), width) for line in mark_names]
    return tuple(lines)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _nothing(width: int, height: int, words: str) -> tuple[Line, ...]:
    lines = [filled((), width)] * height
    if height > 0 and words:
        lines[height // 2] = filled(((words.center(width), Ink.MUTED),), width)
    return tuple(lines)


# --- the canvas


def _canvas(view: ChartView, scale: Scale) -> list[list[Cell]]:
    """Rows of cells: target and plan lines first, the curve over them, hollow points on top."""
    cells: list[list[Cell]] = [[(" ", Ink.PLAIN)] * scale.columns for _ in range(scale.rows)]
    for line, glyph in zip(view.lines, _LINE_GLYPHS, strict=False):
        for column in range(scale.columns):
            index = min(round(column * max(scale.periods - 1, 1) / max(scale.columns - 1, 1)), scale.periods - 1)
            value = line.values[index] if index < len(line.values) else None
            if value is not None and math.isfinite(value):
                cells[scale.row(value)][column] = (glyph, Ink.TARGET)
    for run in _runs(view):
        _draw_run(cells, _reduced(run, scale.columns), scale)
    for index, value in enumerate(view.values):
        if value is not None and math.isfinite(value) and not _is_whole(view, index):
            cells[scale.row(value)][scale.column(index)] = (glyphs.HOLLOW, Ink.MUTED)
    return cells


def _is_whole(view: ChartView, index: int) -> bool:
    return index >= view.cut_until and (view.running_from is None or index < view.running_from)


def _runs(view: ChartView) -> Iterator[list[tuple[int, float]]]:
    """The stretches of whole periods with data; a gap in the data is a gap in the curve."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(view.values):
        if value is not None and math.isfinite(value) and _is_whole(view, index):
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _reduced(run: list[tuple[int, float]], columns: int) -> list[tuple[int, float]]:
    """At most about two points a column: of each bucket the lowest and the highest, in their order."""
    if len(run) <= 2 * columns:
        return run
    size = math.ceil(len(run) / columns)
    points: list[tuple[int, float]] = []
    for start in range(0, len(run), size):
        bucket = run[start : start + size]
        ends = {min(bucket, key=lambda point: point[1]), max(bucket, key=lambda point: point[1])}
        points += sorted(ends)
    return points


def _draw_run(cells: list[list[Cell]], run: list[tuple[int, float]], scale: Scale) -> None:
    if len(run) == 1:
        index, value = run[0]
        cells[scale.row(value)][scale.column(index)] = (_SINGLE, Ink.SERIES)
        return
    for row, text in enumerate(_curve(run, scale)):
        for column, character in enumerate(text):
            if character not in " \u2800":
                cells[row][column] = (character, Ink.SERIES)


def _curve(run: Sequence[tuple[int, float]], scale: Scale) -> list[str]:
    """One curve as plotext draws it: `rows` texts of `columns` characters, braille and blanks."""
    import plotext  # noqa: PLC0415 - 0.2 s of import that only a drawn chart needs

    with _figure_lock:
        figure = plotext.figure
        figure.clear()
        try:
            plotext.terminal.limit(width=False, height=False)
            figure.plot_size(scale.columns, scale.rows)
            figure.axes(active=False)
            figure.ruler("x").frequency(0)
            figure.ruler("y").frequency(0)
            figure.ruler("x").lim(0, max(scale.periods - 1, 1))
            figure.ruler("y").lim(scale.low, scale.high)
            signal = figure.signal([float(x) for x, _ in run], [y for _, y in run], marker="braille")
            figure.draw(signal.lines(active=True))
            text: str = figure.build().string(colorless=True)
        finally:
            figure.clear()
    return [row[: scale.columns] for row in text.split("\n")[: scale.rows]]


# --- the axes


def _value_axis(values: Sequence[float], rows: int) -> tuple[float, float, tuple[float, ...]]:
    """Limits around the values, and round ticks a whole number of rows apart; 0 is included when it is near.

    The top row is as far above the last tick as the rows leave it: a rounder top would space ticks unevenly.
    """
    low, high = min(values), max(values)
    if low >= 0 and low < 0.4 * high:
        low = 0.0
    if high <= 0 and high > 0.4 * low:
        high = 0.0
    if low == high:
        low, high = (low - abs(low) / 2, high + abs(high) / 2) if low else (0.0, 1.0)
    fits = [_fit(low, high, rows, gap) for gap in _TICK_GAPS if gap <= rows - 1]
    bottom, step, gap = max(fits, key=lambda fit: ((rows - 1) // fit[2] >= 2, (high - low) / fit[1] * fit[2]))
    ticks = tuple((bottom + index) * step for index in range((rows - 1) // gap + 1))
    return bottom * step, bottom * step + step * (rows - 1) / gap, ticks


def _fit(low: float, high: float, rows: int, gap: int) -> tuple[int, float, int]:
    """The smallest round step, with a tick every `gap` rows, that reaches both ends: (bottom tick, step, gap)."""
    step = _round_step(max((high - low) * gap / (rows - 1), _TINY))
    while True:
        bottom = math.floor(low / step + 1e-9)
        if bottom * step + step * (rows - 1) / gap >= high - 1e-9 * step:
            return bottom, step, gap
        step = _round_step(step * 1.1)


def _round_step(rough: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * 0.999)


def _tick_text(tick: float, ticks: Sequence[float], view: ChartView) -> str:
    """A tick in the metric's format, with only the decimals that tell the ticks apart."""
    if view.format is NumberFormat.DURATION:
        return f"{number(tick, view.format)} {unit_of(Quantity(tick, view.format))}" if tick else "0"
    factor = 100 if view.format in _PERCENT else 1
    step = (ticks[1] - ticks[0]) * factor
    decimals = next((d for d in range(6) if abs(step * 10**d - round(step * 10**d)) < 1e-6 * 10**d), 6)
    text = grouped(tick * factor, decimals)
    return f"{text} %" if view.format in _PERCENT else text


def _date_axis(view: ChartView, scale: Scale, gutter: int, width: int) -> list[Line]:
    rule = ["─"] * scale.columns
    labels = [" "] * (scale.columns + 1)
    label = _date_label(view)
    named = [(scale.column(index), text) for index in range(len(view.starts)) if (text := label(index))]
    for column, text in _spaced(named):
        if column + len(text) <= scale.columns + 1:
            rule[column] = "┬"
            labels[column : column + len(text)] = text
    return [
        filled(((" " * gutter + "└" + "".join(rule), Ink.MUTED),), width),
        filled(((" " * (gutter + 1) + "".join(labels), Ink.MUTED),), width),
    ]


def _spaced(named: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Every label, or every second, third ... so that none touches the next."""
    for step in range(1, len(named)):
        chosen = named[::step]
        if all(left + len(text) < right for (left, text), (right, _) in itertools.pairwise(chosen)):
            return chosen
    return named[:1]


def _date_label(view: ChartView) -> Callable[[int], str]:
    """What to write under a period, or nothing: a month's name at its first period, the year in January."""
    middles = [_middle(view, index) for index in range(len(view.starts))]
    is_many_years = bool(middles) and middles[0].year != middles[-1].year

    def label(index: int) -> str:
        day = middles[index]
        before = middles[index - 1] if index else None
        if view.grain is Grain.YEAR:
            return str(day.year)
        if before is not None and (before.year, before.month) == (day.year, day.month):
            return ""
        if is_many_years and (before is None or before.year != day.year):
            return str(day.year)
        return f"Q{(day.month - 1) // 3 + 1}" if view.grain is Grain.QUARTER else MONTHS[day.month - 1]

    return label


def _middle(view: ChartView, index: int) -> date:
    """A day inside the period that names its month: a week belongs to the month of its fourth day."""
    start = view.starts[index]
    return type(start).fromordinal(start.toordinal() + 3) if view.grain is Grain.WEEK else start


# --- marks and legend


def _shown_marks(view: ChartView) -> list[tuple[str, MarkView, int, int]]:
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


def _mark_cells(marks: list[tuple[str, MarkView, int, int]], scale: Scale) -> list[Cell]:
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


def _legend(view: ChartView) -> Line:
    years = sorted({_middle(view, index).year for index in (0, len(view.starts) - 1)})
    spans: list[Span] = [
        (" " * _INDENT, Ink.PLAIN),
        ("⠒⠒", Ink.SERIES),
        (f" by {view.grain}, {'-'.join(map(str, years))}", Ink.MUTED),
    ]
    for line, glyph in zip(view.lines, _LINE_GLYPHS, strict=False):
        spans += [("   ", Ink.PLAIN), (glyph * 2, Ink.TARGET), (f" {safe(line.name)}", Ink.MUTED)]
    if view.running_from is not None and view.running_from < len(view.values):
        spans.append((f"   {glyphs.HOLLOW} running", Ink.MUTED))
    if view.cut_until:
        spans.append((f"   {glyphs.HOLLOW} cut", Ink.MUTED))
    if view.unit and view.format not in _PERCENT:
        spans.append((f"   {safe(view.unit)}", Ink.MUTED))
    return tuple(spans)


def _mark_legend(marks: list[tuple[str, MarkView, int, int]], width: int) -> list[Line]:
    """The marks' names, with their days when all of it fits into one line; else as many lines as needed."""
    dated = [f"{span_text(mark.start, mark.end)} {safe(mark.label)}" for _, mark, _, _ in marks]
    named = (
        dated if sum(cell_width(words) + 4 for words in dated) <= width + 2 else [safe(m.label) for _, m, _, _ in marks]
    )
    lines: list[list[Span]] = []
    used = width
    for (letter, mark, _, _), words in zip(marks, named, strict=True):
        cells = 4 + cell_width(words)
        if used + cells > width + 2:
            lines.append([])
            used = 0
        lines[-1] += [(f"{letter} ", Ink.CAUTION if mark.factor < 1 else Ink.PLAIN), (f"{words}  ", Ink.MUTED)]
        used += cells
    return [tuple(line) for line in lines]


def _joined(cells: Sequence[Cell]) -> list[Span]:
    """Neighbouring cells of one ink as one span; blanks go with whatever stands before them."""
    spans: list[Span] = []
    for character, ink in cells:
        if spans and (spans[-1][1] == ink or character == " "):
            spans[-1] = (spans[-1][0] + character, spans[-1][1])
        else:
            spans.append((character, ink))
    return spans
