"""The accountability pane: CPIs by teams, with a cursor on one cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.model.ids import PersonId, TeamId
from kputui.model.ownership import Assignee
from kputui.render.lines import Frame, Ink, Line, framed
from kputui.render.matrix import (
    Column,
    Grid,
    RowLook,
    grid_for,
    info_lines,
    matrix_head,
    matrix_legend,
    matrix_load,
    matrix_row,
)
from kputui.session.words import day_words, person_words
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from kputui.model.ids import MetricId
    from kputui.session.views import MatrixRowView, MatrixView

_INFO_FROM_HEIGHT = 9


class MatrixPane(LinePane):
    """Shows the matrix; the cursor stands on a CPI and on a team, or on a person of an opened team."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name for it
        """Start without rows."""
        super().__init__(id)
        self.view: MatrixView | None = None
        self.is_active = False
        self.cursor: MetricId | None = None
        self._key = ""
        self._opened: frozenset[str] = frozenset()
        self._columns: tuple[Column, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._grid = Grid(0, 0, ())
        self._top = 0
        self._first_row = 2

    # --- what is shown

    def show(self, view: MatrixView) -> None:
        """Show a newer matrix; the cursor stays on its cell."""
        self.view = view
        self._labels = tuple(row.label for row in view.rows)
        self._build_columns()
        self.repaint()

    def _build_columns(self) -> None:
        view = self.view
        columns: list[Column] = []
        for index, (team, label) in enumerate(view.teams if view is not None else ()):
            columns.append(Column(label, team, str(team)))
            people = view.people[index] if view is not None and index < len(view.people) else ()
            if team in self._opened:
                columns += [Column(person_words(one), team, f"{team}/{one}", is_person=True) for one in people]
        self._columns = tuple(columns)

    def toggle_people(self) -> bool:
        """Open the team under the cursor into its people, or close it; False when it names nobody."""
        column = self._column
        if column is None or self.view is None:
            return False
        index = [str(team) for team, _ in self.view.teams].index(column.team)
        if not (index < len(self.view.people) and self.view.people[index]):
            return False
        self._opened = self._opened ^ {column.team}
        self._key = column.team
        self._build_columns()
        self.repaint()
        return True

    # --- the cursor

    @property
    def _at(self) -> int:
        """The cursor's column."""
        return next((i for i, column in enumerate(self._columns) if column.key == self._key), 0)

    @property
    def _column(self) -> Column | None:
        return self._columns[self._at] if self._columns else None

    @property
    def row(self) -> MatrixRowView | None:
        """The CPI under the cursor."""
        index = self._index()
        return self.view.rows[index] if self.view is not None and index is not None else None

    @property
    def assignee(self) -> Assignee | None:
        """The team, or the person in it, under the cursor."""
        column = self._column
        if column is None:
            return None
        team, _, person = column.key.partition("/")
        return Assignee(TeamId(team), PersonId(person) if person else None)

    @property
    def letters(self) -> str:
        """The letters under the cursor."""
        row, column = self.row, self._column
        return _letters(self.view, row, column).replace("?", "") if row and column and self.view else ""

    def point_at(self, metric: MetricId | None) -> None:
        """Put the cursor on a CPI; on none when it is not in the matrix."""
        self.cursor = metric
        self.repaint()

    def point_at_column(self, index: int) -> None:
        """Put the cursor on a column, stopping at the ends."""
        if self._columns:
            self._key = self._columns[min(max(index, 0), len(self._columns) - 1)].key
            self.repaint()

    def move_column(self, steps: int) -> None:
        """Go to a column further right (left when negative), stopping at the ends."""
        self.point_at_column(self._at + steps)

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

    def column_at(self, x: int) -> int | None:
        """The column under the mouse."""
        left = 1 + self._grid.label
        for index, cells in enumerate(self._grid.cells, self._grid.first):
            if left <= x < left + cells:
                return index
            left += cells
        return None

    # --- lines

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """Head, rows, load, and what is under the cursor or the legend; only what can be seen is made."""
        frame = Frame((("Accountability", Ink.TITLE),), is_active=self.is_active)
        view = self.view
        if view is None or not view.rows:
            return framed((((" no CPIs yet", Ink.MUTED),),), frame, width, height)
        inner = max(width - 2, 0)
        at = self._at if self.is_active else None
        grid = self._grid = grid_for(self._labels, self._columns, inner, self._grid.first, at)
        head = matrix_head(self._columns, grid, at)
        tail = self._tail(view, inner, height - 2 - len(head) - len(view.rows))
        room = max(height - 2 - len(head) - len(tail), 1)
        self._first_row = 1 + len(head)
        body = [*head, *self._rows(view, room), *tail]
        place = f"{(self._index() or 0) + 1}/{len(view.rows)}" if len(view.rows) > room else ""
        frame = replace(frame, right=((place, Ink.MUTED),) if place else ())
        return framed(body, frame, width, height)

    def _rows(self, view: MatrixView, room: int) -> list[Line]:
        at = self._index()
        self._top = min(max(self._top, (at or 0) - room + 1), at if at is not None else self._top)
        self._top = max(0, min(self._top, len(view.rows) - room))
        lines = []
        for index in range(self._top, min(self._top + room, len(view.rows))):
            row = view.rows[index]
            shown = self._columns[self._grid.first : self._grid.first + len(self._grid.cells)]
            letters = [_letters(view, row, column) for column in shown]
            marked = [not column.is_person and _is_marked(row, column) for column in shown]
            look = RowLook(self._at if index == at else None, self.is_active)
            lines.append(matrix_row(row, letters, marked, self._grid, look))
        return lines

    def _tail(self, view: MatrixView, width: int, spare: int) -> list[Line]:
        """The load where all rows have room, and one line: what is under the cursor, or what the letters mean."""
        tail: list[Line] = []
        if spare >= 1 + self.is_active:
            tail.append(matrix_load(self._load(view), self._grid))
        if not self.is_active:
            return [*tail, matrix_legend(width)] if spare >= 2 else tail
        if self.size.height >= _INFO_FROM_HEIGHT:
            texts = self._info()
            room = max(min(spare - 1, len(texts)), 1)
            tail += info_lines(texts[:room], width)
        if spare - len(tail) >= 1:
            tail.append(matrix_legend(width))
        return tail

    def _load(self, view: MatrixView) -> list[str]:
        loads = dict(zip((str(team) for team, _ in view.teams), view.load, strict=True))
        return ["" if column.is_person else str(loads.get(column.team) or "·") for column in self._columns]

    def _info(self) -> list[tuple[str, str]]:
        """Who holds what under the cursor, then what others changed, then what is to be decided."""
        row, column = self.row, self._column
        if row is None or column is None:
            return [("", Ink.PLAIN)]
        held = [
            f"{letter} {_who(key)}"
            for key, letters in row.held.items()
            if key == column.key or (not column.is_person and key.partition("/")[0] == column.team)
            for letter in letters
        ]
        since = f" since {day_words(row.since)}" if row.since is not None and "A" in self.letters else ""
        words = (", ".join(held) or "no part") + since
        texts: list[tuple[str, str]] = [(f"{row.label}, {column.label}: {words}", Ink.PLAIN)]
        marks = [mark for mark in row.marks if not mark.teams or column.team in mark.teams] or list(row.marks)
        texts = [(f"* {mark.text}", Ink.CAUTION) for mark in marks] + texts
        texts += [(f"to decide: {todo}", Ink.CAUTION) for todo in row.todos]
        return texts

    def _index(self) -> int | None:
        rows = self.view.rows if self.view is not None else ()
        return next((i for i, row in enumerate(rows) if row.metric == self.cursor), None)


def _who(key: str) -> str:
    person = key.partition("/")[2]
    return person_words(person) if person else "team"


def _letters(view: MatrixView, row: MatrixRowView, column: Column) -> str:
    if column.is_person:
        return row.held.get(column.key, "")
    index = next((i for i, (team, _) in enumerate(view.teams) if team == column.team), -1)
    return row.cells[index] if 0 <= index < len(row.cells) else ""


def _is_marked(row: MatrixRowView, column: Column) -> bool:
    return any(column.team in mark.teams for mark in row.marks)
