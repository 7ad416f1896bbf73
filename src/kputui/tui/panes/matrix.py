"""The accountability pane: CPIs by teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.goals import cursor_row
from kputui.render.lines import Frame, Ink, Line, framed
from kputui.render.matrix import grid_for, matrix_head, matrix_legend, matrix_load, matrix_row
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from kputui.model.ids import MetricId
    from kputui.session.views import MatrixView


class MatrixPane(LinePane):
    """Shows the matrix; its cursor stands on a CPI."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name for it
        """Start without rows."""
        super().__init__(id)
        self.view: MatrixView | None = None
        self.is_active = False
        self.cursor: MetricId | None = None
        self._top = 0
        self._first_row = 2

    def show(self, view: MatrixView) -> None:
        """Show a newer matrix; the cursor stays on its CPI."""
        self.view = view
        self.repaint()

    def point_at(self, metric: MetricId | None) -> None:
        """Put the cursor on a CPI; on none when it is not in the matrix."""
        self.cursor = metric
        self.repaint()

    def moved(self, steps: int) -> MetricId | None:
        """The CPI `steps` rows below the cursor, stopping at the ends."""
        rows = self.view.rows if self.view is not None else ()
        if not rows:
            return None
        at = self._index()
        return rows[min(max((at if at is not None else -1 if steps > 0 else 0) + steps, 0), len(rows) - 1)].metric

    @property
    def page(self) -> int:
        """How many rows a page key goes."""
        return max(self.size.height - 6, 1)

    def metric_at(self, y: int) -> MetricId | None:
        """The CPI under the mouse."""
        rows = self.view.rows if self.view is not None else ()
        index = self._top + y - self._first_row
        return rows[index].metric if 0 <= index < len(rows) and y >= self._first_row else None

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """Head, rows, load and legend in a frame; the last two only where all rows have room."""
        frame = Frame((("Accountability", Ink.TITLE),), is_active=self.is_active)
        view = self.view
        if view is None or not view.rows:
            return framed((((" no CPIs yet", Ink.MUTED),),), frame, width, height)
        inner = max(width - 2, 0)
        grid = grid_for(view, inner)
        head = matrix_head(view, grid)
        spare = height - 2 - len(head) - len(view.rows)
        room = max(height - 2 - len(head) - min(max(spare, 0), 2), 1)
        self._first_row = 1 + len(head)
        at = self._index()
        self._top = min(max(self._top, (at or 0) - room + 1), at if at is not None else self._top)
        self._top = max(0, min(self._top, len(view.rows) - room))
        body = [*head]
        for index in range(self._top, min(self._top + room, len(view.rows))):
            line = matrix_row(view.rows[index], grid)
            body.append(cursor_row(line, is_active=self.is_active) if index == at else line)
        if spare >= 1:
            body.append(matrix_load(view, grid))
        if spare >= 2:
            body.append(matrix_legend(inner))
        return framed(body, frame, width, height)

    def _index(self) -> int | None:
        rows = self.view.rows if self.view is not None else ()
        return next((i for i, row in enumerate(rows) if row.metric == self.cursor), None)
