"""The journey pane: stages side by side, with a cursor on one CPI or on a hole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.journey import (
    HEAD_ROWS,
    LEAST_WIDTH,
    StageLook,
    cpi_info,
    kpi_line,
    stage_head,
    stage_info,
    stage_lines,
)
from kputui.render.lines import Frame, Ink, Line, blank, framed
from kputui.session.journey import JourneyView
from kputui.session.words import count_words
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from kputui.model.ids import MetricId
    from kputui.session.journey import JourneyCpiView, JourneyStageView

_INFO_ROWS, _LOW = 6, 12


class JourneyPane(LinePane):
    """Shows a journey; as many stages beside one another as the width holds, the cursor's among them."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name for it
        """Start without stages."""
        super().__init__(id)
        self.view = JourneyView()
        self.lit: MetricId | None = None
        self._stage = self._row = 0
        self._first = self._top = 0

    def show(self, view: JourneyView) -> None:
        """Show a newer journey; the cursor stays at its place."""
        self.view = view
        self.repaint()

    # --- the cursor

    @property
    def stage(self) -> JourneyStageView | None:
        """The stage under the cursor."""
        stages = self.view.stages
        return stages[min(self._stage, len(stages) - 1)] if stages else None

    @property
    def cpi(self) -> JourneyCpiView | None:
        """The CPI under the cursor; None in a hole."""
        stage = self.stage
        return stage.cpis[min(self._row, len(stage.cpis) - 1)] if stage is not None and stage.cpis else None

    def point_at(self, metric: MetricId | None) -> None:
        """Put the cursor on a CPI, when it is there."""
        for column, stage in enumerate(self.view.stages):
            for row, cpi in enumerate(stage.cpis):
                if cpi.metric == metric:
                    self._stage, self._row = column, row
        self.repaint()

    def move(self, steps: int) -> None:
        """Go down the stage (up when negative), stopping at the ends."""
        count = len(self.stage.cpis) if self.stage is not None else 0
        self._row = max(0, min(min(self._row, count - 1) + steps, count - 1))
        self.repaint()

    def move_across(self, steps: int) -> None:
        """Go to the next stage (back when negative), stopping at the ends."""
        self._stage = max(0, min(self._stage + steps, len(self.view.stages) - 1))
        self.repaint()

    def light(self, steps: int) -> None:
        """Light the CPIs of the next KPI (the one before when negative); after the last, of none."""
        order = (None, *(kpi for kpi, _ in self.view.kpis))
        at = order.index(self.lit) if self.lit in order else 0
        self.lit = order[(at + steps) % len(order)]
        self.repaint()

    # --- lines

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The stages, the KPI that is lit, and all about the CPI under the cursor."""
        inner, room = max(width - 2, 0), max(height - 2, 0)
        stages = self.view.stages
        holes = sum(not stage.cpis for stage in stages)
        words = f" · {count_words(len(stages), 'stage')}" + (f", {count_words(holes, 'hole')}" if holes else "")
        title: Line = (("Journey", Ink.TITLE), (words, Ink.MUTED))
        if not stages:
            nothing: Line = ((" no stages yet: add [[journey]] to the workspace", Ink.MUTED),)
            return framed((nothing,), Frame(title, is_active=True), width, height)
        count = max(min(len(stages), inner // LEAST_WIDTH), 1)
        at = min(self._stage, len(stages) - 1)
        self._first = max(0, min(max(self._first, at - count + 1), at, len(stages) - count))
        is_low = room < _LOW
        info = min(_INFO_ROWS, room // 3)
        heads = 1 if is_low else HEAD_ROWS
        rows = max(room - heads - info - 1 - (not is_low), 1)
        body = [] if is_low else [kpi_line(self.view.kpis, self.lit, inner)]
        body += self._columns(count, inner, heads, rows)
        body.append(((glyphs.HORIZONTAL * inner, Ink.FRAME),))
        body += self._info(inner, info)
        place = f"{at + 1}/{len(stages)}" if count < len(stages) else ""
        return framed(body, Frame(title, ((place, Ink.MUTED),) if place else (), is_active=True), width, height)

    def _columns(self, count: int, width: int, head_rows: int, rows: int) -> list[Line]:
        each = width // count
        heads: list[tuple[Line, Line]] = []
        columns: list[tuple[Line, ...]] = []
        for index in range(self._first, self._first + count):
            stage = self.view.stages[index]
            is_at = stage is self.stage
            row = min(self._row, len(stage.cpis) - 1) if is_at and stage.cpis else None
            look = StageLook(is_at, row, self.lit)
            heads.append(stage_head(stage, each, look))
            lines, cursor = stage_lines(stage, each, look)
            top = max(0, min(cursor + 2 - rows, len(lines) - rows)) if is_at else 0
            columns.append(lines[top : top + rows])
        body: list[Line] = [tuple(span for head in heads for span in head[row]) for row in range(head_rows)]
        for row in range(rows):
            line: Line = ()
            for column in columns:
                line = (*line, *(column[row] if row < len(column) else blank(each)))
            body.append(line)
        return body

    def _info(self, width: int, room: int) -> tuple[Line, ...]:
        if self.cpi is not None:
            return cpi_info(self.cpi, dict(self.view.kpis), width, room)
        return stage_info(self.stage, width, room) if self.stage is not None else ()
