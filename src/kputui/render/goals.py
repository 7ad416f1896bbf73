"""The goals pane's rows: a tree with value, sparkline, pace and state in columns that never move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kputui.model.metric import NumberFormat
from kputui.render import glyphs
from kputui.render.lines import TONE_INK, Ink, Line, Span, filled, recoloured
from kputui.render.number import NOTHING, number, pace_text, short_number, unit_of
from kputui.render.safe import cell_width, fit, fit_right, safe
from kputui.render.spark import spark
from kputui.session.views import RowKind, Tone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kputui.session.views import RowView

_NUMBER, _UNIT, _SPARK, _PACE, _STATE = 7, 2, 8, 9, 13
_LABEL, _NARROW_LABEL, _DAY_S = 18, 12, 86_400
_GLUED = frozenset({"%", "s", "h", "d"})
_PLAIN = frozenset(form for form in NumberFormat if form.value.startswith("number"))


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a width has room for, the cells for units, and those that are left for the label."""

    label: int
    has_number: bool
    has_spark: bool
    has_pace: bool
    unit: int = _UNIT

    @property
    def number(self) -> int:
        """The cells of the value with its unit and the spaces before them; a unit of 0 cells has none."""
        return (1 + _NUMBER + 1 + self.unit) if self.unit else 1 + _NUMBER


def columns_for(width: int, rows: Sequence[RowView] = ()) -> Columns:
    """The columns of a row of `width` cells: state always, then value, sparkline, pace as room allows.

    What the labels of `rows` leave free goes to their units, as far as it holds them whole.
    """
    spark_cells, pace_cells = 1 + _SPARK, 1 + _PACE
    left = width - 1 - _STATE
    full = Columns(left, has_number=True, has_spark=False, has_pace=False)
    if left - full.number < _LABEL:
        narrow = replace(full, unit=0)
        has_number = left - narrow.number >= _NARROW_LABEL
        return replace(narrow, label=max(left - narrow.number * has_number, 0), has_number=has_number)
    left -= full.number
    has_spark = left - spark_cells >= 22
    left -= spark_cells * has_spark
    has_pace = has_spark and left - pace_cells >= 30
    left -= pace_cells * has_pace
    unit = _unit_cells(rows, left)
    return Columns(left - unit + _UNIT, has_number=True, has_spark=has_spark, has_pace=has_pace, unit=unit)


def _unit_cells(rows: Sequence[RowView], label: int) -> int:
    """The cells of the widest unit that fits beside the longest label of a row with a value."""
    measured = [row for row in rows if row.metric is not None]
    longest = max((2 * row.depth + 2 + cell_width(safe(row.label)) for row in measured), default=label)
    room = _UNIT + label - max(min(longest, label), _LABEL)
    return max((cells for row in measured if (cells := cell_width(safe(row.unit))) <= room), default=_UNIT)


def goal_row(row: RowView, width: int, columns: Columns | None = None, *, is_folded: bool = False) -> Line:
    """One row in exactly `width` cells, in the `columns` that all rows share.

    A goal's label may run over the cells of the sparkline, and of the value when it has none; where
    there is no column of its own for it, the pace stands in the sparkline's.
    """
    columns = columns or columns_for(width)
    lead = "  " * row.depth + _lead(row, is_folded=is_folded)
    if row.kind is RowKind.HEADING:
        return filled(((lead + safe(row.label), Ink.MUTED),), width)
    zones, label_cells = _zones(row, columns)
    label = fit(lead + safe(row.label), label_cells)
    ink = Ink.STRONG if row.kind is RowKind.GOAL else Ink.PLAIN
    return filled(((label, ink), *zones, (" ", Ink.PLAIN), _state(row)), width)


def cursor_row(line: Line, *, is_active: bool) -> Line:
    """The same row under the cursor: one bar, so that it shows without colour and costs few bytes."""
    return recoloured(line, Ink.CURSOR if is_active else Ink.CURSOR_AWAY)


def _lead(row: RowView, *, is_folded: bool) -> str:
    if row.has_children and row.kind is not RowKind.KPI:
        return (glyphs.FOLDED if is_folded else glyphs.UNFOLDED) + " "
    kind = glyphs.KIND[row.kind]
    if row.has_children and is_folded:
        return glyphs.FOLDED + " "
    return f"{kind} " if kind else "" if row.kind is RowKind.HEADING else "  "


def _zones(row: RowView, columns: Columns) -> tuple[tuple[Span, ...], int]:
    """The columns between label and state, and the cells that the label has."""
    label_cells = columns.label
    zones: list[Span] = []
    if columns.has_number and row.kind is RowKind.GOAL and row.quantity is None:
        label_cells += columns.number
    elif columns.has_number:
        zones.append((" " + _number(row, columns.unit), Ink.MUTED if row.age_s is not None else Ink.PLAIN))
    if columns.has_spark:
        pace = "" if row.pace is None else pace_text(row.pace, row.is_burn)
        if row.kind is RowKind.GOAL:
            label_cells += (1 + _SPARK) if columns.has_pace else 0
            if not columns.has_pace:
                label_cells -= 1
                zones.append((fit_right(pace, 2 + _SPARK), _pace_ink(row)))
        elif row.spark or columns.has_pace or not pace:
            zones += _spark(row)
        else:
            zones.append((fit_right(pace, 1 + _SPARK), _pace_ink(row)))
        if columns.has_pace:
            zones.append((" " + fit_right(pace, _PACE), _pace_ink(row)))
    return tuple(zones), label_cells


def _number(row: RowView, unit_cells: int) -> str:
    """The value, its digits ending in one column; a unit that has no room whole is left out."""
    quantity = row.quantity
    digits, unit = "", ""
    if quantity is not None:
        digits = number(quantity.value, quantity.format)
        if cell_width(digits) > _NUMBER and quantity.value is not None and quantity.format in _PLAIN:
            digits = short_number(quantity.value)
        unit = safe(unit_of(quantity)) if digits != NOTHING else ""
    if not unit_cells:
        whole = digits + unit
        return fit_right(whole if unit in _GLUED and cell_width(whole) <= _NUMBER else digits, _NUMBER)
    return f"{fit_right(digits, _NUMBER)} {fit(unit if cell_width(unit) <= unit_cells else '', unit_cells)}"


def _spark(row: RowView) -> list[Span]:
    blocks = spark(row.spark, _SPARK, is_last_running=row.is_last_running)
    if row.is_last_running and row.spark:
        return [(" " + blocks[:-1], Ink.SERIES), (blocks[-1], Ink.MUTED)]
    return [(" " + blocks, Ink.SERIES)]


def _pace_ink(row: RowView) -> str:
    return TONE_INK[row.tone] if row.tone in {Tone.CAUTION, Tone.BAD} else Ink.PLAIN


def _state(row: RowView) -> Span:
    words = row.state
    tone = row.tone
    if row.age_s is not None and row.computed_at is not None:
        words, tone = f"from {_moment(row.computed_at, row.age_s)}", Tone.CAUTION
    glyph = glyphs.SIGNAL if row.has_signal else glyphs.WORD.get(words, glyphs.TONE[tone])
    return fit(f"{glyph} {safe(words)}" if words else "", _STATE), TONE_INK[tone]


def _moment(at: datetime, age_s: float) -> str:
    """The time of day, or from a day on the date: what stays true while nothing is painted."""
    return f"{at:%H:%M}" if age_s < _DAY_S else f"{at.day} {at:%b}"
