"""The stage: the five parts of the board, where they stand, and which of them the keys go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.tui import actions
from kputui.tui.arrangement import Arrangement, Box, Pane, arrange
from kputui.tui.charting import ChartKey
from kputui.tui.panes.detail import DetailPane
from kputui.tui.panes.footer import FooterPane
from kputui.tui.panes.goals import GoalsPane
from kputui.tui.panes.header import HeaderPane
from kputui.tui.panes.matrix import MatrixPane

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.widget import Widget

    from kputui.session.views import BoardView
    from kputui.tui.charting import ChartDesk
    from kputui.tui.linepane import LinePane, Look

_LIKELY_ROWS = 40
"""How far from the cursor charts are drawn ahead."""


class Stage:
    """Builds the panes, stands them for a size, and marks the one that the keys go to."""

    def __init__(self, keys: actions.KeyMap, desk: ChartDesk) -> None:
        """The goals are the first to get the keys."""
        self._desk = desk
        self._keys = keys
        self.active = Pane.GOALS
        self.is_whole = False
        self.header = HeaderPane("header")
        self.goals = GoalsPane("goals")
        self.detail = DetailPane("detail", desk.get)
        self.matrix = MatrixPane("matrix")
        self.footer = FooterPane("footer")
        self._matrix_rows = 0
        self._show_keys()

    def _show_keys(self) -> None:
        self.footer.keys = tuple(
            (actions.key_text(self._keys.keys_of[action.id][0]), action.label)
            for action in actions.for_footer(is_in_matrix=self.active is Pane.MATRIX)
            if self._keys.keys_of[action.id]
        )

    @property
    def parts(self) -> tuple[LinePane, ...]:
        """All five, from the top."""
        return (self.header, self.goals, self.detail, self.matrix, self.footer)

    def show(self, view: BoardView) -> bool:
        """Show a view in all parts but the detail; whether the parts must be stood anew for it."""
        is_new_size = self._matrix_rows != len(view.matrix.rows)
        self._matrix_rows = len(view.matrix.rows)
        self.header.show(view.header)
        self.goals.show(view.rows)
        self.matrix.show(view.matrix)
        return is_new_size

    def apply_look(self, look: Look) -> None:
        """Show everything in a theme."""
        for part in self.parts:
            part.look = look
            part.repaint_all()

    def stand(self, size: Size) -> None:
        """Stand the parts for a size of the terminal."""
        place = arrange(*size, self._matrix_rows, self.active, is_whole=self.is_whole)
        self.header.sentence = f"kputui needs 40x10, this is {size.width}x{size.height}" if place.is_too_small else ""
        self._place(place)
        self.header.repaint()

    def _place(self, place: Arrangement) -> None:
        boxes: tuple[tuple[LinePane, Box | None], ...] = (
            (self.header, place.header),
            (self.goals, place.goals),
            (self.detail, place.detail),
            (self.matrix, place.matrix),
            (self.footer, place.footer),
        )
        for part, box in boxes:
            part.display = box is not None
            if box is not None:
                part.styles.offset = (box.x, box.y)
                part.styles.width, part.styles.height = box.width, box.height

    def activate(self, pane: Pane, size: Size, *, is_whole: bool = False) -> bool:
        """Mark the pane that the keys go to, `is_whole` to give it all the room; whether to stand the parts anew."""
        was_whole, self.is_whole = self.is_whole, is_whole
        self.active = pane
        self._show_keys()
        self.goals.is_active = pane is Pane.GOALS
        self.detail.is_active = pane is Pane.DETAIL
        self.matrix.is_active = pane is Pane.MATRIX
        return is_whole != was_whole or arrange(*size, self._matrix_rows, Pane.GOALS).matrix is None

    def repaint(self) -> None:
        """Draw the panes and the keys again."""
        for part in (self.goals, self.detail, self.matrix, self.footer):
            part.repaint()

    def prepare_charts(self, view: BoardView) -> None:
        """Have the charts near the cursor drawn before they are asked for."""
        if self.detail.size.width < 4 or not self.detail.display:
            return
        wishes = []
        outline = self.goals.outline
        at = outline.index()
        for row in outline.visible[max(at - _LIKELY_ROWS, 0) : at + _LIKELY_ROWS]:
            detail = view.details.get(row.key)
            if detail is not None and detail.chart is not None and (size := self.detail.chart_box(detail)):
                wishes.append((ChartKey(row.key, *size), detail.chart))
        self._desk.prepare(wishes)

    def pane_of(self, widget: Widget | None) -> Pane | None:
        """The pane that a widget is."""
        panes = {Pane.GOALS: self.goals, Pane.DETAIL: self.detail, Pane.MATRIX: self.matrix}
        return next((pane for pane, part in panes.items() if part is widget), None)
