"""A chart's axes: periods and values to cells, round ticks, dates."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.model.metric import Grain, NumberFormat
from kputui.render.dates import MONTHS
from kputui.render.lines import Ink, Line, Span, filled
from kputui.render.number import grouped, number, unit_of
from kputui.render.safe import cell_width, safe
from kputui.session.views import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from kputui.session.views import ChartView

_TICK_GAPS = (3, 2, 4)
_TINY = 1e-300
PERCENT = frozenset({NumberFormat.PERCENT, NumberFormat.PERCENT0, NumberFormat.PERCENT1, NumberFormat.PERCENT2})

Cell = tuple[str, str]
"""A character and its ink."""


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


def is_number(value: float | None) -> bool:
    """Whether there is a value that can be drawn: neither missing nor infinite."""
    return value is not None and math.isfinite(value)


def value_axis(values: Sequence[float], rows: int) -> tuple[float, float, tuple[float, ...]]:
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


def tick_text(tick: float, ticks: Sequence[float], form: NumberFormat) -> str:
    """A tick in its metric's format, with only the decimals that tell the ticks apart."""
    if form is NumberFormat.DURATION:
        return f"{number(tick, form)} {unit_of(Quantity(tick, form))}" if tick else "0"
    factor = 100 if form in PERCENT else 1
    step = (ticks[1] - ticks[0]) * factor
    decimals = next((d for d in range(6) if abs(step * 10**d - round(step * 10**d)) < 1e-6 * 10**d), 6)
    text = grouped(tick * factor, decimals)
    return f"{text} %" if form in PERCENT else text


def date_axis(view: ChartView, scale: Scale, gutter: int, width: int) -> list[Line]:
    """The rule under the canvas, and under it the months, quarters or years at their first period."""
    rule = ["─"] * scale.columns
    labels = [" "] * (scale.columns + 1)
    label = date_label(view)
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


def date_label(view: ChartView) -> Callable[[int], str]:
    """What to write under a period, or nothing: a month's name at its first period, the year in January.

    The periods of a table have their own names.
    """
    if view.grain.calendar is not None and view.grain.calendar.labels:
        names = [safe(view.grain.calendar.label_of(start)) for start in view.starts]
        if all(cell_width(name) == len(name) for name in names):  # an axis is laid out by characters
            return names.__getitem__
    middles = [middle(view, index) for index in range(len(view.starts))]
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


def middle(view: ChartView, index: int) -> date:
    """A day inside the period that names its month: a week belongs to the month of its fourth day."""
    start = view.starts[index]
    return type(start).fromordinal(start.toordinal() + 3) if view.grain is Grain.WEEK else start


def joined(cells: Sequence[Cell]) -> list[Span]:
    """Neighbouring cells of one ink as one span; blanks go with whatever stands before them."""
    spans: list[Span] = []
    for character, ink in cells:
        if spans and (spans[-1][1] == ink or character == " "):
            spans[-1] = (spans[-1][0] + character, spans[-1][1])
        else:
            spans.append((character, ink))
    return spans
