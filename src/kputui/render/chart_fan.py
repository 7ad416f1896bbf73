"""The fan of a forecast: two shaded bands and their middle, to be drawn under the chart's lines and curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.chart_axes import Cell, Scale, is_number
from kputui.render.lines import Ink, Span
from kputui.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.session.views import FanView


def fan_values(fan: FanView | None) -> Iterator[float]:
    """All values that the fan needs room for on the value axis."""
    if fan is not None:
        for values in (fan.low95, fan.high95):
            yield from (value for value in values if value is not None and is_number(value))


def fan_legend(fan: FanView | None) -> tuple[Span, ...]:
    """What the bands are."""
    if fan is None:
        return ()
    return (
        ("   ", Ink.PLAIN),
        (glyphs.BAND80, Ink.MUTED),
        (" 80 % ", Ink.MUTED),
        (glyphs.BAND95, Ink.MUTED),
        (f" 95 % forecast {safe(fan.what)}".rstrip(), Ink.MUTED),
    )


def draw_fan(cells: list[list[Cell]], fan: FanView | None, scale: Scale) -> None:
    """Shade the cells between the bands' ends, the wide band first; the middle is a line of its own."""
    if fan is None:
        return
    for column in range(scale.columns):
        at = column * max(scale.periods - 1, 1) / max(scale.columns - 1, 1)
        for low, high, glyph in (
            (fan.low95, fan.high95, glyphs.BAND95),
            (fan.low80, fan.high80, glyphs.BAND80),
            (fan.mean, fan.mean, glyphs.MIDDLE),
        ):
            bottom, top = _between(low, at), _between(high, at)
            if bottom is None or top is None:
                continue
            for row in range(max(scale.row(top), 0), min(scale.row(bottom), scale.rows - 1) + 1):
                cells[row][column] = (glyph, Ink.MUTED)


def _between(values: Sequence[float | None], at: float) -> float | None:
    """The value on the straight line between the periods around `at`; None where one of them has none."""
    before = min(int(at), len(values) - 1)
    behind = min(before + 1, len(values) - 1)
    left, right = values[before], values[behind]
    if at <= before or right is None:
        return left if at - before < 1e-9 else None
    return None if left is None else left + (right - left) * (at - before)
