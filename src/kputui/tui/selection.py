"""What is selected: the row of the goals, the CPI of the matrix, and the filter that narrows the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.session.views import RowKind
from kputui.tui.arrangement import Pane
from kputui.tui.outline import MAX_FILTER, Outline

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from kputui.model.ids import MetricId
    from kputui.session.views import BoardView, DetailView, RowView
    from kputui.tui.stage import Stage

_MANY = 1_000_000


def row_to_explore(view: BoardView | None, row: RowView | None) -> RowView | None:
    """The row of a metric: the selected one, or below a goal that of what measures it; None where there is none."""
    if view is None or row is None or row.metric is not None:
        return row
    return next((one for one in view.rows if one.parent == row.key and one.metric is not None), None)


class Selection:
    """Moves the cursors; the detail always shows what is selected, in the same frame."""

    def __init__(self, stage: Stage) -> None:
        """Nothing is selected before there is a view; `explored` gives the details of rows that are explored."""
        self._stage = stage
        self._view: BoardView | None = None
        self.is_filtering = False
        self.explored: Callable[[BoardView, RowView], DetailView | None] | None = None

    @property
    def outline(self) -> Outline:
        """The rows of the goals as they are folded and filtered."""
        return self._stage.goals.outline

    @property
    def row(self) -> RowView | None:
        """The selected row."""
        return self.outline.row

    @property
    def detail(self) -> DetailView | None:
        """The selected row's detail."""
        row = self.row
        if self._view is None or row is None:
            return None
        return self.explored(self._view, row) if self.explored is not None else self._view.details.get(row.key)

    def show(self, view: BoardView) -> None:
        """Take a newer view; the cursors stay where they are."""
        self._view = view
        self._show()

    def show_detail(self) -> None:
        """Show the selected row's detail again: more may be known of it."""
        self._stage.detail.show(self.detail)

    def _show(self) -> None:
        row = self.row
        self._stage.detail.show(self.detail)
        self._stage.matrix.point_at(row.metric if row is not None and row.kind is RowKind.CPI else None)

    def change(self, outline: Outline) -> None:
        """Another cursor, other folds, another filter."""
        self._stage.goals.change(outline)
        self._show()

    def select(self, key: str) -> None:
        """Go to a row, unfolding what it hangs under."""
        self.change(self.outline.filtered("").at(key))
        self._show_filter()

    def select_cpi(self, metric: MetricId | None) -> None:
        """Select a CPI from the matrix: its first row in the goals pane, when it has one."""
        if metric is None or self._view is None:
            return
        row = next((row for row in self._view.rows if row.metric == metric and row.kind is RowKind.CPI), None)
        if row is not None:
            self.select(row.key)
        self._stage.matrix.point_at(metric)

    def enter_matrix(self) -> None:
        """Give the matrix a cursor when it has none."""
        if self._stage.matrix.cursor is None:
            self.select_cpi(self._stage.matrix.moved(1))

    def step(self, pane: Pane, steps: int) -> None:
        """Move the cursor of the matrix, or else that of the goals."""
        if pane is Pane.MATRIX:
            self.select_cpi(self._stage.matrix.moved(steps))
        else:
            self.change(self.outline.moved(steps))

    def move(self, pane: Pane, action_id: str) -> bool:
        """Do a moving action in a pane; False when the action is none."""
        page = (self._stage.matrix if pane is Pane.MATRIX else self._stage.goals).page
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "first": -_MANY, "last": _MANY}
        if action_id not in steps:
            return False
        self.step(pane, steps[action_id])
        return True

    def point(self, pane: Pane, x: int, y: int) -> None:
        """Select what stands in column `x` of line `y` of a pane."""
        if pane is Pane.GOALS and (key := self._stage.goals.row_at(y)):
            self.change(self.outline.at(key))
        elif pane is Pane.MATRIX:
            self.select_cpi(self._stage.matrix.metric_at(y))
            if (column := self._stage.matrix.column_at(x)) is not None:
                self._stage.matrix.point_at_column(column)

    # --- the filter

    def begin_filter(self) -> None:
        """What is typed from now on is the filter."""
        self.is_filtering = True
        self._show_filter()

    def typed(self, event: events.Key) -> bool:
        """Whether the key was for the filter."""
        text = self.outline.filter
        if event.key in {"enter", "escape"}:
            self.is_filtering = False
            self.filter("" if event.key == "escape" else text)
        elif event.key == "backspace":
            self.filter(text[:-1])
        elif event.is_printable and event.character is not None:
            if len(text) < MAX_FILTER:
                self.filter(text + event.character)
        else:
            return False
        return True

    def pasted(self, text: str) -> None:
        """Pasted text is typed text, as much of it as a filter takes."""
        if self.is_filtering:
            self.filter((self.outline.filter + text[:MAX_FILTER])[:MAX_FILTER])

    def filter(self, text: str) -> None:
        """Show only rows that hold the text; an empty one shows all again."""
        self.change(self.outline.filtered(text))
        self._show_filter()

    def _show_filter(self) -> None:
        outline = self.outline
        count = len(outline.visible)
        matches = f"{count} row{'' if count == 1 else 's'}" if outline.filter else ""
        self._stage.footer.show_filter(outline.filter, matches, is_filtering=self.is_filtering)
