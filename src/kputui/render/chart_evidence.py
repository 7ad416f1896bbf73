"""The charts of a link's evidence: the whitened pairs as a scatter, and the strength by lag."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from kputui.model.metric import NumberFormat
from kputui.render import glyphs
from kputui.render.chart import plotted
from kputui.render.chart_axes import Cell, Scale, joined, tick_text, value_axis
from kputui.render.lines import Ink, Line, Span, filled, spread
from kputui.render.safe import cell_width, fit_right, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.session.link_views import EvidenceView, ProfileView

_LEAST_ROWS, _LABEL_CELLS, _HUGE, _MARGIN = 3, 8, 1e150, 0.04
_BLANK = "\u2800"
_POINT, _DOT = "●", "•"
_FEW = 150
"""Points up to here are drawn as dots, more of them as braille, which is finer and fainter."""


def scatter_lines(view: EvidenceView, width: int, height: int) -> tuple[Line, ...]:
    """The pairs in exactly `height` lines of `width` cells: the CPI across, the KPI up, dotted where one is 0."""
    points = [(x, y) for x, y in view.scatter if abs(x) < _HUGE and abs(y) < _HUGE]
    rows = height - 3
    if rows < _LEAST_ROWS or not points:
        return _nothing(width, height, "no pairs to draw")
    low, high, ticks = value_axis([y for _, y in points], rows)
    labels = _labels(ticks)
    gutter = max(map(cell_width, labels.values())) + 1
    columns = max(width - gutter - 2, 4)
    left, right = _around([x for x, _ in points])
    scale = Scale(columns, rows, columns, low, high, ticks)
    cells: list[list[Cell]] = [[(" ", Ink.PLAIN)] * columns for _ in range(rows)]
    if low <= 0 <= high:
        cells[scale.row(0)] = [(glyphs.DOT, Ink.MUTED)] * columns
    if left < 0 < right:
        zero = _column(0, left, right, columns)
        for row in cells:
            row[zero] = (glyphs.DOT, Ink.MUTED)
    marker = _DOT if len(points) <= _FEW else "braille"
    drawn = plotted(points, (columns, rows), (left, right), (low, high), is_curve=False, marker=marker)
    for row, text in zip(cells, drawn, strict=False):
        for column, character in enumerate(text):
            if character not in " " + _BLANK:
                row[column] = (character, Ink.SERIES)
    across, up = view.scatter_names
    ends = spread(((" " * (gutter + 1) + _end(left), Ink.MUTED),), ((_end(right), Ink.MUTED),), width - 1)
    return (
        filled(((" " * gutter + safe(f"↑ {up}"), Ink.MUTED),), width),
        *_canvas(cells, scale, labels, gutter, width),
        filled(((" " * gutter + "└" + "─" * columns, Ink.MUTED),), width),
        _named_axis(ends, f"{across} →", width),
    )


def profile_lines(view: ProfileView, width: int, height: int) -> tuple[Line, ...]:
    """The strength at each lag with its 95 % interval, in exactly `height` lines of `width` cells.

    Lags outside the declared window are hollow and dim: a hint that no verdict rests on.
    """
    known = [one for one in (*view.low, *view.high, *view.r) if math.isfinite(one)]
    rows = height - 4
    if rows < _LEAST_ROWS or not known:
        return _nothing(width, height, "no lags to draw")
    low, high = math.floor(min(*known, 0.0) * 10) / 10, math.ceil(max(*known, 0.0) * 10) / 10
    labels = {tick: f"{tick:.1f}" if tick else "0" for tick in (low, 0.0, high)}
    gutter = max(map(cell_width, labels.values())) + 1
    columns = max(width - gutter - 2, 4)
    scale = Scale(columns, rows, columns, low, high if high > low else low + 1.0, tuple(labels))
    cells: list[list[Cell]] = [[(" ", Ink.PLAIN)] * columns for _ in range(rows)]
    cells[scale.row(0)] = [(glyphs.TARGET, Ink.MUTED)] * columns
    step = columns / max(len(view.lags), 1)
    step = math.floor(step) if step >= 1 else step
    names = [" "] * columns
    for index, lag in enumerate(view.lags):
        at = min(math.floor((index + 0.5) * step), columns - 1)
        _draw_lag(cells, scale, at, view, index)
        text = str(lag)
        if at + len(text) <= columns and "".join(names[max(at - 1, 0) : at + len(text) + 1]).strip() == "":
            names[at : at + len(text)] = text
    return (
        filled(((" " * gutter + "↑ strength by lag", Ink.MUTED),), width),
        *_canvas(cells, scale, labels, gutter, width),
        filled(((" " * gutter + "└" + "─" * columns, Ink.MUTED),), width),
        _named_axis(((" " * (gutter + 1) + "".join(names), Ink.MUTED),), "", width),
        filled(_profile_legend(view, width), width),
    )


def _draw_lag(cells: list[list[Cell]], scale: Scale, at: int, view: ProfileView, index: int) -> None:
    is_declared = view.is_declared[index]
    r, low, high = view.r[index], view.low[index], view.high[index]
    ink = Ink.SERIES if is_declared else Ink.MUTED
    if math.isfinite(low) and math.isfinite(high):
        for row in range(scale.row(high), scale.row(low) + 1):
            cells[row][at] = (glyphs.VERTICAL, ink)
    if math.isfinite(r):
        cells[scale.row(r)][at] = (_POINT if is_declared else glyphs.HOLLOW, ink)


def _profile_legend(view: ProfileView, width: int) -> Line:
    parts: list[Span] = [(f"  lag in {safe(view.unit)}", Ink.MUTED)]
    more = [(f"   {_POINT} declared", Ink.SERIES), (f"   {glyphs.VERTICAL} 95 %", Ink.MUTED)]
    if not all(view.is_declared):
        more.insert(1, (f"   {glyphs.HOLLOW} a hint only", Ink.MUTED))
    for span in more:
        if sum(cell_width(text) for text, _ in (*parts, span)) <= width:
            parts.append(span)
    return tuple(parts)


def _labels(ticks: Sequence[float]) -> dict[float, str]:
    texts = {tick: tick_text(tick, ticks, NumberFormat.NUMBER) for tick in ticks}
    return {tick: text if cell_width(text) <= _LABEL_CELLS else f"{tick:.2g}" for tick, text in texts.items()}


def _canvas(
    cells: Sequence[Sequence[Cell]], scale: Scale, labels: dict[float, str], gutter: int, width: int
) -> list[Line]:
    by_row = {scale.row(tick): text for tick, text in labels.items()}
    lines: list[Line] = []
    for index, row in enumerate(cells):
        label = by_row.get(index, "")
        axis = f"{fit_right(label, gutter - 1)} {'┤' if label else '│'}"
        lines.append(filled(((axis, Ink.MUTED), *joined(row)), width))
    return lines


def _around(values: Sequence[float]) -> tuple[float, float]:
    """Two ends with a little room around the values; something around a single one."""
    low, high = min(values), max(values)
    room = (high - low) * _MARGIN or abs(low) / 2 or 1.0
    return low - room, high + room


def _column(value: float, left: float, right: float, columns: int) -> int:
    return min(max(math.floor((value - left) / (right - left) * (columns - 1) + 0.5), 0), columns - 1)


def _named_axis(line: Line, name: str, width: int) -> Line:
    """The numbers under the rule; the axis's name in their middle when there is room for it."""
    if not name:
        return filled(line, width)
    text = "".join(part for part, _ in filled(line, width))
    used = [index for index, character in enumerate(text) if character != " "]
    gaps = [(first, last) for first, last in itertools.pairwise(used) if last - first > 3]
    if not gaps:
        return filled(line, width)
    first, last = max(gaps, key=lambda gap: gap[1] - gap[0])
    shown = safe(name, last - first - 3)
    at = first + 2 + max((last - first - 3 - cell_width(shown)) // 2, 0)
    return filled(((text[:at] + shown + text[at + cell_width(shown) :], Ink.MUTED),), width)


def _end(value: float) -> str:
    return f"{value:.2g}"


def _nothing(width: int, height: int, words: str) -> tuple[Line, ...]:
    lines = [filled((), width)] * height
    if height > 0:
        lines[height // 2] = filled(((words.center(width), Ink.MUTED),), width)
    return tuple(lines)
