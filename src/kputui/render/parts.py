"""A breakdown as lines: a table of the parts, and small charts of them side by side on one scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kputui.render.lines import Ink, Line, filled, spread
from kputui.render.number import quantity_text
from kputui.render.safe import cell_width, fit, fit_right, safe
from kputui.render.spark import spark
from kputui.session.views import Quantity
from kputui.session.words import count_words, periods_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.session.cut_views import PartsView, PartView

PANEL_WIDTH, PANEL_HEIGHT = 24, 5
"""The least cells of a small chart, its title among them."""

_GAP = 2
_SPARK = 12
_LEAST_LABEL = 10
_SINGLE = "•"


def parts_lines(view: PartsView, width: int) -> list[Line]:
    """A line a part: its name, the newest whole period's value, a sparkline and its rows; a heading above."""
    values = [quantity_text(part.quantity) for part in view.parts]
    rows = [f"{part.rows:,}".replace(",", " ") for part in view.parts]
    value_cells = max(map(cell_width, values), default=0)
    row_cells = max(4, *map(len, rows)) if rows else 4
    others = value_cells + row_cells + 4 + 1
    has_spark = width - others - _SPARK - 2 >= _LEAST_LABEL
    label_cells = max(width - others - (_SPARK + 2 if has_spark else 0), 4)
    head = f" {_heading(view)}"
    lines: list[Line] = [spread(((head, Ink.TITLE),), ((fit_right("rows", row_cells), Ink.MUTED),), width)]
    for part, value, count in zip(view.parts, values, rows, strict=True):
        drawn = ((f"  {spark(part.values, _SPARK, is_last_running=_has_running(view))}", Ink.SERIES),)
        ink = Ink.MUTED if part.is_rest else Ink.PLAIN
        lines.append(
            (
                (f" {fit(safe(part.label, label_cells), label_cells)}", ink),
                (f"  {fit_right(value, value_cells)}", ink),
                *(drawn if has_spark else ()),
                (f"  {fit_right(count, row_cells)}", Ink.MUTED),
            )
        )
    return lines


def _heading(view: PartsView) -> str:
    """`Dec 2013 by carrier: the 8 largest of 16 by rows, and the rest`."""
    own = sum(not part.is_rest for part in view.parts)
    words = f"{safe(view.period)} by {safe(view.dimension)}"
    if own < view.all_values:
        return f"{words}: the {own} largest of {view.all_values} by {view.ranked_by}, and the rest"
    return f"{words}: {count_words(own, 'value')}"


def _has_running(view: PartsView) -> bool:
    return view.running_from is not None and view.running_from == len(view.starts) - 1


def panels_that_fit(view: PartsView, width: int, height: int) -> int:
    """How many small charts have room; fewer than two are none."""
    columns, rows = max(width // (PANEL_WIDTH + _GAP), 0), max((height - 1) // PANEL_HEIGHT, 0)
    count = min(columns * rows, len(view.parts))
    return count if count > 1 and _known(view) else 0


def panel_lines(view: PartsView, width: int, height: int) -> tuple[Line, ...]:
    """The first parts as small charts, all on one scale over the same whole periods, in `height` lines."""
    count = panels_that_fit(view, width, height)
    if not count:
        return tuple(filled((), width) for _ in range(height))
    most = max(width // (PANEL_WIDTH + _GAP), 1)
    deepest = max((height - 1) // PANEL_HEIGHT, 1)
    columns = min(most, math.ceil(count / min(deepest, math.ceil(count / most))))
    rows = math.ceil(count / columns)
    cells, tall = (width - _GAP * (columns - 1)) // columns, (height - 1) // rows
    known = _known(view)
    low, high = min(known), max(known)
    form = view.parts[0].quantity
    ends = [quantity_text(Quantity(end, form.format, form.unit)) for end in (low, high)]
    head = f" {ends[0]} to {ends[1]} in each · {_periods(view)}"
    if count < len(view.parts):
        head += f" · {count} of {len(view.parts)} drawn"
    lines: list[Line] = [filled(((head, Ink.MUTED),), width)]
    for first in range(0, count, columns):
        panels = [
            _panel(view, part, (cells, tall), (low, high)) for part in view.parts[first : min(first + columns, count)]
        ]
        for number in range(tall):
            line: list[tuple[str, str]] = []
            for panel in panels:
                line += [*([(" " * _GAP, Ink.PLAIN)] if line else []), *panel[number]]
            lines.append(filled(line, width))
    return tuple(lines[:height]) + tuple(filled((), width) for _ in range(height - len(lines)))


def _periods(view: PartsView) -> str:
    first, end = view.cut_until, view.running_from if view.running_from is not None else len(view.starts)
    return safe(periods_words(view.grain, view.starts[first], view.starts[end - 1]))


def _whole(view: PartsView, part: PartView) -> list[tuple[int, float]]:
    end = view.running_from if view.running_from is not None else len(view.starts)
    return [
        (index, value)
        for index, value in enumerate(part.values)
        if view.cut_until <= index < end and value is not None and math.isfinite(value)
    ]


def _known(view: PartsView) -> list[float]:
    return [value for part in view.parts for _, value in _whole(view, part)]


def _panel(view: PartsView, part: PartView, size: tuple[int, int], ends: tuple[float, float]) -> list[Line]:
    """A title and a curve; a line is never drawn over a gap in the data."""
    width, height = size
    value = quantity_text(part.quantity)
    title = spread(((f" {safe(part.label)}", Ink.STRONG),), ((f" {safe(value)}", Ink.PLAIN),), width)
    canvas = [[" "] * (width - 1) for _ in range(max(height - 1, 1))]
    low, high = ends if ends[0] < ends[1] else (ends[0] - 1, ends[0] + 1)
    for run in _runs(_whole(view, part)):
        _draw(canvas, run, len(view.starts), (low, high))
    return [title, *(filled(((" " + "".join(row), Ink.SERIES),), width) for row in canvas)][:height]


def _runs(points: list[tuple[int, float]]) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for index, value in points:
        if run and index != run[-1][0] + 1:
            yield run
            run = []
        run.append((index, value))
    if run:
        yield run


def _draw(canvas: list[list[str]], run: list[tuple[int, float]], periods: int, ends: tuple[float, float]) -> None:
    from kputui.render.chart import plotted  # noqa: PLC0415 - plotext is loaded by what draws

    columns, rows = len(canvas[0]), len(canvas)
    across = (0, max(periods - 1, 1))
    if len(run) == 1:
        index, value = run[0]
        share = (value - ends[0]) / (ends[1] - ends[0])
        canvas[round((1 - share) * (rows - 1))][round(index / across[1] * (columns - 1))] = _SINGLE
        return
    for row, text in enumerate(plotted(run, (columns, rows), across, ends)):
        for column, character in enumerate(text[:columns]):
            if character not in " \u2800":
                canvas[row][column] = character
