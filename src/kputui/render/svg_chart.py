"""A chart as SVG: the values of a detail's chart with its target, plan, limits, fan, contexts, notes and signals."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.render import svg
from kputui.render.chart_axes import PERCENT, date_label, is_number, tick_text, value_axis
from kputui.render.chart_fan import fan_values
from kputui.render.chart_marks import shown_marks
from kputui.render.dates import day_text, span_text
from kputui.render.number import quantity_text
from kputui.render.safe import cell_width, safe
from kputui.session.views import Quantity
from kputui.session.words import period_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.session.views import ChartView, LineView

_WIDTH, _DEPTH = 380.0, 158.0
_RIGHT, _BOTTOM, _LEGEND = 8.0, 34.0, 15.0
_LETTER = 6.1
"""How wide a letter of the chart's text is at most, for the room that words need."""
_ROWS = 10
_STEPPED = frozenset({"target", "limits", "mean"})
_CLASSES = {"target": "target", "plan": "plan", "limits": "limits", "mean": "mean"}


@dataclass(frozen=True, slots=True)
class _Plane:
    """Periods and values to points of the drawing."""

    left: float
    top: float
    periods: int
    low: float
    high: float

    @property
    def floor(self) -> float:
        """The lower end of the values."""
        return self.top + _DEPTH

    @property
    def step(self) -> float:
        """How far two periods are apart."""
        return (_WIDTH - _RIGHT - self.left) / max(self.periods, 1)

    def x(self, index: float) -> float:
        """The middle of a period."""
        return self.left + (index + 0.5) * self.step

    def y(self, value: float) -> float:
        """The height of a value."""
        return self.top + (self.high - value) / (self.high - self.low) * _DEPTH


def chart_svg(view: ChartView, name: str, key: str) -> str:
    """The chart with its title and description for who can't see it; "" where there is nothing to draw.

    `name` is what is drawn, of any text; `key` tells the drawing's ids apart on a page: letters and digits.
    """
    known = [v for v in (*view.values, *(v for one in view.lines for v in one.values)) if is_number(v)]
    if not any(is_number(value) for value in view.values):
        return ""
    low, high, ticks = value_axis([*(v for v in known if v is not None), *fan_values(view.fan)], _ROWS)
    labels = [tick_text(tick, ticks, view.format) for tick in ticks]
    legend = _legend(view)
    top = len(legend) * _LEGEND + 11
    plane = _Plane(max(map(len, labels)) * _LETTER + 10, top, len(view.values), low, high)
    inside = [
        svg.tag("title", svg.text_of(name), id=f"{key}t"),
        svg.tag("desc", svg.text_of(description(view)), id=f"{key}d"),
        *_zones(view, plane),
        *_grid(plane, ticks, labels),
        *_dates(view, plane),
        *_fan(view, plane),
        *(part for one in view.lines for part in _reference(one, plane)),
        *_values(view, plane),
        *_letters(view, plane),
        *(_legend_row(row, 12 + index * _LEGEND) for index, row in enumerate(legend)),
    ]
    head = (
        f'viewBox="0 0 {svg.num(_WIDTH)} {svg.num(plane.floor + _BOTTOM)}" role="img" aria-labelledby="{key}t {key}d"'
    )
    return f'<svg class="chart" {head}>{"".join(inside)}</svg>'


def description(view: ChartView) -> str:
    """What the chart shows, in sentences: its periods, the newest whole value, the lowest, the highest, the lines."""
    whole = [(i, v) for i, v in enumerate(view.values) if v is not None and math.isfinite(v) and view.is_whole(i)]
    sentences = [f"By {view.grain} from {day_text(view.starts[0])} to {day_text(view.starts[-1])}."]
    if whole:
        newest, value = whole[-1]
        lowest, highest = min(v for _, v in whole), max(v for _, v in whole)
        sentences.append(
            f"Newest whole period, {period_words(view.grain, view.starts[newest])}: {_amount(view, value)}; "
            f"lowest {_amount(view, lowest)}, highest {_amount(view, highest)}."
        )
        for name in dict.fromkeys(one.name for one in view.lines):
            at = [_amount(view, v) for one in view.lines if one.name == name and (v := one.values[newest]) is not None]
            if at:
                sentences.append(f"{name.capitalize()} then: {' and '.join(at)}.")
    if view.signals:
        days = ", ".join(period_words(view.grain, view.starts[index]) for index in view.signals)
        sentences.append(f"Signals: {days}.")
    return " ".join(sentences)


def mark_words(view: ChartView) -> tuple[tuple[str, str], ...]:
    """(letter, words with days) of the contexts, notes and changes of owner that the chart marks; plain text."""
    return tuple((letter, f"{span_text(one.start, one.end)}: {one.label}") for letter, one, _, _ in shown_marks(view))


def _amount(view: ChartView, value: float) -> str:
    return quantity_text(Quantity(value, view.format, view.unit))


def _grid(plane: _Plane, ticks: Sequence[float], labels: Sequence[str]) -> Iterator[str]:
    for tick, label in zip(ticks, labels, strict=True):
        y = plane.y(tick)
        yield svg.line((plane.left, y), (_WIDTH - _RIGHT, y), "grid")
        yield svg.words((plane.left - 5, y + 3.6), label, "tick", anchor="end")


def _dates(view: ChartView, plane: _Plane) -> Iterator[str]:
    """Months, quarters or years at their first period, as many as stand apart."""
    label, floor = date_label(view), plane.floor
    named = [
        (min(plane.x(index), _WIDTH - 1 - len(text) * _LETTER / 2), text)
        for index in range(len(view.starts))
        if (text := label(index))
    ]
    for x, text in _apart(named):
        yield svg.line((x, floor), (x, floor + 4), "axis")
        yield svg.words((x, floor + 15), text, "tick", anchor="middle")
    yield svg.line((plane.left, floor), (_WIDTH - _RIGHT, floor), "axis")


def _apart(named: Sequence[tuple[float, str]]) -> Sequence[tuple[float, str]]:
    """Every label, or every second, third ... so that none touches the next; the last gives way to the one before."""

    def touch(pair: tuple[tuple[float, str], tuple[float, str]]) -> bool:
        (left, one), (right, other) = pair
        return right - left < ((len(one) + len(other)) / 2 + 1) * _LETTER

    for step in range(1, max(len(named), 2)):
        chosen = named[::step]
        pairs = list(itertools.pairwise(chosen))
        if not any(map(touch, pairs[:-1])):
            return chosen[:-1] if pairs and touch(pairs[-1]) else chosen
    return named[:1]


def _zones(view: ChartView, plane: _Plane) -> Iterator[str]:
    """Planned slow times as shaded stretches, days and notes as thin lines."""
    for _, mark, first, last in shown_marks(view):
        left, right = plane.x(first) - plane.step / 2, plane.x(last) + plane.step / 2
        if mark.is_owner or (first == last and mark.factor >= 1):
            kind = "owner" if mark.is_owner else "day"
            yield svg.line((plane.x(first), plane.top), (plane.x(first), plane.floor), kind)
        else:
            kind = "slow" if mark.factor < 1 else "zone"
            yield svg.tag("rect", x=left, y=plane.top, width=right - left, height=_DEPTH, class_=kind)


def _letters(view: ChartView, plane: _Plane) -> Iterator[str]:
    """The letter of each mark under the dates, where the list below the chart explains it."""
    taken = -math.inf
    for letter, _, first, _ in shown_marks(view):
        x = max(plane.x(first), taken + 11)
        if x > _WIDTH - 4:
            return
        taken = x
        yield svg.words((x, plane.floor + 29), letter, "letter", anchor="middle")


def _fan(view: ChartView, plane: _Plane) -> Iterator[str]:
    fan = view.fan
    if fan is None:
        return
    for class_, low, high in (("band95", fan.low95, fan.high95), ("band80", fan.low80, fan.high80)):
        at = [i for i, (a, b) in enumerate(zip(low, high, strict=True)) if is_number(a) and is_number(b)]
        upper = [(plane.x(i), plane.y(high[i] or 0.0)) for i in at]
        lower = [(plane.x(i), plane.y(low[i] or 0.0)) for i in reversed(at)]
        yield svg.path([*upper, *lower], class_, is_closed=True)
    yield svg.path([(plane.x(i), plane.y(v)) for i, v in enumerate(fan.mean) if v is not None], "middle")


def _reference(one: LineView, plane: _Plane) -> Iterator[str]:
    """A reference line: in steps where each period has a value of its own, else from point to point."""
    class_ = f"ref {_CLASSES.get(one.name, 'plan')}"
    for run in _runs(one.values):
        if one.name in _STEPPED:
            half = plane.step / 2
            points = [(plane.x(i) + side, plane.y(v)) for i, v in run for side in (-half, half)]
        else:
            points = [(plane.x(i), plane.y(v)) for i, v in run]
        yield svg.path(points, class_)


def _values(view: ChartView, plane: _Plane) -> Iterator[str]:
    whole = tuple(value if view.is_whole(index) else None for index, value in enumerate(view.values))
    newest = None
    for run in _runs(whole):
        yield svg.path([(plane.x(i), plane.y(v)) for i, v in run], "series")
        newest = run[-1]
        if len(run) == 1:
            yield _dot(plane, *run[0], 2.2, "point")
    for index, value in enumerate(view.values):
        if value is not None and math.isfinite(value) and not view.is_whole(index):
            yield _dot(plane, index, value, 3.2, "hollow")
    for index in view.signals:
        value = view.values[index]
        if value is not None and math.isfinite(value):
            yield _dot(plane, index, value, 5.2, "ring")
    if newest is not None:
        yield _dot(plane, *newest, 3.0, "point")


def _dot(plane: _Plane, index: int, value: float, radius: float, class_: str) -> str:
    return svg.tag("circle", cx=plane.x(index), cy=plane.y(value), r=radius, class_=class_)


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Stretches with values; a gap in the data is a gap in the line."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is not None and math.isfinite(value):
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _legend(view: ChartView) -> list[list[tuple[float, str, str]]]:
    """What is drawn, as rows of (place, class, words): as many rows as the words need."""
    unit = "%" if view.format in PERCENT else view.unit
    shown = [("series", f"by {view.grain}" + (f", {unit}" if unit else ""))]
    shown += [(f"ref {_CLASSES.get(name, 'plan')}", name) for name in dict.fromkeys(one.name for one in view.lines)]
    shown += [("band80", "forecast")] if view.fan is not None else []
    shown += [("ring", "signal")] if view.signals else []
    has_open = any(value is not None and not view.is_whole(index) for index, value in enumerate(view.values))
    shown += [("hollow", "not whole")] if has_open else []
    rows: list[list[tuple[float, str, str]]] = [[]]
    x = 2.0
    for class_, name in shown:
        room = 18 + cell_width(safe(name)) * _LETTER
        if rows[-1] and x + room > _WIDTH:
            rows.append([])
            x = 2.0
        rows[-1].append((x, class_, name))
        x += room + 10
    return rows


def _legend_row(row: Sequence[tuple[float, str, str]], y: float) -> str:
    """One row of the legend: each name behind a piece of its line."""
    parts: list[str] = []
    for x, class_, name in row:
        if class_ in {"ring", "hollow"}:
            parts.append(svg.tag("circle", cx=x + 7, cy=y - 4, r=4 if class_ == "ring" else 3.2, class_=class_))
        elif class_ == "band80":
            parts.append(svg.tag("rect", x=x, y=y - 8, width=14, height=8, class_=class_))
        else:
            parts.append(svg.line((x, y - 4), (x + 14, y - 4), class_))
        parts.append(svg.words((x + 18, y), name, "tick"))
    return "".join(parts)
