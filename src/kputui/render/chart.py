"""The detail's chart as lines. The only importer of plotext, which draws the curve.

plotext keeps one figure a process: it is cleared before each curve, and a lock keeps two threads from
drawing into one another. Axes, dates, target lines and marks are drawn around its cells by the modules
`chart_axes` and `chart_marks`, so that each has its own ink and its own glyph.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.chart_axes import Cell, Scale, date_axis, is_number, joined, tick_text, value_axis
from kputui.render.chart_fan import draw_fan, fan_values
from kputui.render.chart_marks import INDENT, legend, line_glyphs, mark_cells, mark_legend, shown_marks
from kputui.render.detail import MIN_CHART_WIDTH
from kputui.render.lines import Ink, Line, filled
from kputui.render.safe import cell_width, fit_right

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.session.views import ChartView

_SINGLE = "•"
_figure_lock = threading.Lock()


def chart_lines(view: ChartView, width: int, height: int) -> tuple[Line, ...]:
    """The chart in exactly `height` lines of `width` cells.

    From the top: the canvas with its value axis, the dates, a row of marks (planned slow times and
    events, by letter) and the legend. Whole periods are a curve; the running period and a cut first one
    are hollow points that no line leads to.
    """
    marks = shown_marks(view)
    mark_names = mark_legend(marks, width - INDENT, 2 if height >= 14 else 1)
    rows = height - 3 - bool(marks) - len(mark_names)
    known = [v for v in (*view.values, *(v for line in view.lines for v in line.values)) if is_number(v)]
    if width < MIN_CHART_WIDTH or rows < 3 or not known or not any(is_number(v) for v in view.values):
        return _nothing(width, height, "no data to draw" if not known else "")
    low, high, ticks = value_axis([*(v for v in known if v is not None), *fan_values(view.fan)], rows)
    labels = {tick: tick_text(tick, ticks, view.format) for tick in ticks}
    gutter = max(cell_width(text) for text in labels.values()) + 1
    scale = Scale(max(width - gutter - 2, 4), rows, len(view.values), low, high, ticks)
    canvas = _canvas(view, scale)
    by_row = {scale.row(tick): text for tick, text in labels.items()}
    lines: list[Line] = []
    for index, cells in enumerate(canvas):
        label = by_row.get(index, "")
        axis = f"{fit_right(label, gutter - 1)} {'┤' if label else '│'}"
        lines.append(filled(((axis, Ink.MUTED), *joined(cells)), width))
    lines += date_axis(view, scale, gutter, width)
    if marks:
        lines.append(filled(((" " * (gutter + 1), Ink.PLAIN), *joined(mark_cells(marks, scale))), width))
    lines.append(filled(legend(view), width))
    lines += [filled(((" " * INDENT, Ink.PLAIN), *line), width) for line in mark_names]
    return tuple(lines)


def _nothing(width: int, height: int, words: str) -> tuple[Line, ...]:
    lines = [filled((), width)] * height
    if height > 0 and words:
        lines[height // 2] = filled(((words.center(width), Ink.MUTED),), width)
    return tuple(lines)


# --- the canvas


def _canvas(view: ChartView, scale: Scale) -> list[list[Cell]]:
    """Rows of cells: target and plan lines first, the curve over them, hollow points and signals on top."""
    cells: list[list[Cell]] = [[(" ", Ink.PLAIN)] * scale.columns for _ in range(scale.rows)]
    draw_fan(cells, view.fan, scale)
    drawn = line_glyphs(view)
    for line in reversed(view.lines):
        for column in range(scale.columns):
            index = min(round(column * max(scale.periods - 1, 1) / max(scale.columns - 1, 1)), scale.periods - 1)
            value = line.values[index] if index < len(line.values) else None
            if value is not None and math.isfinite(value):
                cells[scale.row(value)][column] = (drawn[line.name], Ink.TARGET)
    for run in _runs(view):
        _draw_run(cells, _reduced(run, scale.columns), scale)
    for index, value in enumerate(view.values):
        if value is not None and math.isfinite(value) and not view.is_whole(index):
            cells[scale.row(value)][scale.column(index)] = (glyphs.HOLLOW, Ink.MUTED)
    for index in view.signals:
        value = view.values[index]
        if value is not None and math.isfinite(value):
            cells[scale.row(value)][scale.column(index)] = (glyphs.SIGNAL, Ink.STRONG)
    return cells


def _runs(view: ChartView) -> Iterator[list[tuple[int, float]]]:
    """The stretches of whole periods with data; a gap in the data is a gap in the curve."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(view.values):
        if value is not None and math.isfinite(value) and view.is_whole(index):
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
    """One curve over the canvas."""
    return plotted(run, (scale.columns, scale.rows), (0, max(scale.periods - 1, 1)), (scale.low, scale.high))


def plotted(
    points: Sequence[tuple[float, float]],
    cells: tuple[int, int],
    across: tuple[float, float],
    up: tuple[float, float],
    *,
    is_curve: bool = True,
    marker: str = "braille",
) -> list[str]:
    """Points as plotext draws them, joined to a curve or each for itself: texts of `marker`s and blanks.

    `cells` are columns and rows; `across` and `up` the values at the left and right, the lower and upper end.
    """
    import plotext  # noqa: PLC0415 - 0.2 s of import that only a drawn chart needs

    columns, rows = cells
    with _figure_lock:
        figure = plotext.figure
        figure.clear()
        try:
            plotext.terminal.limit(width=False, height=False)
            figure.plot_size(columns, rows)
            figure.axes(active=False)
            figure.ruler("x").frequency(0)
            figure.ruler("y").frequency(0)
            figure.ruler("x").lim(*across)
            figure.ruler("y").lim(*up)
            signal = figure.signal([float(x) for x, _ in points], [y for _, y in points], marker=marker)
            figure.draw(signal.lines(active=True) if is_curve else signal)
            text: str = figure.build().string(colorless=True)
        finally:
            figure.clear()
    return [row[:columns] for row in text.split("\n")[:rows]]
