"""The goals pane: the hierarchy with its KPIs and CPIs, and the metrics that support no goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.goals import columns_for, cursor_row, goal_row
from kputui.render.lines import Frame, Ink, Line, framed
from kputui.tui.linepane import LinePane
from kputui.tui.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.render.goals import Columns
    from kputui.session.views import RowView


class GoalsPane(LinePane):
    """Shows an outline of rows, scrolled so that the cursor is seen."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name for it
        """Start without rows."""
        super().__init__(id)
        self.outline = Outline()
        self.is_active = True
        self._top = 0
        self._columns_of: tuple[tuple[RowView, ...], int, Columns] | None = None

    def show(self, rows: Sequence[RowView]) -> None:
        """Show newer rows; cursor, folds and filter stay."""
        self.change(self.outline.with_rows(rows))

    def change(self, outline: Outline) -> None:
        """Show another cursor, other folds, another filter."""
        self.outline = outline
        self.repaint()

    def _columns(self, width: int) -> Columns:
        """The columns for all rows, folded and hidden ones too, so that they stand still; found once a width."""
        if self._columns_of is None or self._columns_of[0] is not self.outline.rows or self._columns_of[1] != width:
            self._columns_of = (self.outline.rows, width, columns_for(width, self.outline.rows))
        return self._columns_of[2]

    @property
    def page(self) -> int:
        """How many rows a page key goes."""
        return max(self.size.height - 3, 1)

    def row_at(self, y: int) -> str | None:
        """The key of the row under the mouse."""
        visible = self.outline.visible
        index = self._top + y - 1
        return visible[index].key if 0 <= index < len(visible) and 0 < y < self.size.height - 1 else None

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The rows in a frame."""
        visible = self.outline.visible
        room = max(height - 2, 1)
        at = self.outline.index()
        self._top = _top_for(self._top, at, len(visible), room)
        inner = max(width - 2, 0)
        body = []
        columns = self._columns(inner)
        for index in range(self._top, min(self._top + room, len(visible))):
            row = visible[index]
            line = goal_row(row, inner, columns, is_folded=row.key in self.outline.folded)
            body.append(cursor_row(line, is_active=self.is_active) if index == at else line)
        if not visible:
            body.append(((" no row holds this text" if self.outline.filter else " no goals", Ink.MUTED),))
        count = f"{at + 1}/{len(visible)}" if len(visible) > room else ""
        frame = Frame((("Goals", Ink.TITLE),), ((count, Ink.MUTED),) if count else (), is_active=self.is_active)
        return framed(body, frame, width, height)


def _top_for(top: int, at: int, count: int, room: int) -> int:
    """The first row to show: as little scrolling as brings the cursor into view."""
    top = min(max(top, at - room + 1), at)
    return max(0, min(top, count - room))
