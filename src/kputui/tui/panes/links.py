"""The links pane: CPIs by KPIs, with a cursor on one link, and below it what that link is and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.evidence import preview_lines
from kputui.render.lines import TONE_INK, Frame, Ink, Line, framed
from kputui.render.links import link_grid, link_info, link_legend, link_row
from kputui.render.matrix import Column, Grid, RowLook, matrix_head
from kputui.render.safe import safe
from kputui.session.words import count_words
from kputui.tui.linepane import LinePane
from kputui.tui.link_table import LinkTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.timer import Timer

    from kputui.model.ids import MetricId
    from kputui.session.link_views import EvidenceView

    LinkKey = tuple[MetricId, MetricId]
    Evidences = Mapping[LinkKey, EvidenceView]

_INFO_ROWS, _PREVIEW_FROM = 4, 2
PREVIEW_RESTS_S = 0.12
"""A held key repeats faster than this, so it never sends a preview."""


class LinksPane(LinePane):
    """Shows a table of links, scrolled so that the cursor is seen; only what can be seen is made."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name for it
        """Start without links."""
        super().__init__(id)
        self.table = LinkTable()
        self.evidence: Evidences = {}
        self._grid = Grid(0, 0, ())
        self._top = 0
        self._first_row = 2
        self._previewed: LinkKey | None = None
        self._rest: Timer | None = None

    def change(self, table: LinkTable) -> None:
        """Show another cursor, another filter, or newer links.

        What the link is follows in the same frame; the preview of its evidence once the keys have rested.
        """
        self.table = table
        if self._previewed is None or not self.is_mounted:
            self._previewed = self._at
        elif self._at != self._previewed:
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(PREVIEW_RESTS_S, self._rested)
        self.repaint()

    @property
    def _at(self) -> LinkKey | None:
        cell = self.table.cell
        return (cell.cpi, cell.kpi) if cell is not None else None

    def _rested(self) -> None:
        self._rest = None
        self._previewed = self._at
        self.repaint()

    @property
    def page(self) -> int:
        """How many rows a page key goes."""
        return max(self.size.height - 4 - self._info_rows(self.size.height), 1)

    def row_at(self, y: int) -> MetricId | None:
        """The CPI under the mouse."""
        index = self._top + y - self._first_row
        rows = self.table.rows
        return self.table.view.rows[rows[index]][0] if y >= self._first_row and 0 <= index < len(rows) else None

    def column_at(self, x: int) -> MetricId | None:
        """The KPI under the mouse."""
        left = 1 + self._grid.label
        for index, cells in enumerate(self._grid.cells, self._grid.first):
            if left <= x < left + cells and index < len(self.table.columns):
                return self.table.view.columns[self.table.columns[index]][0]
            left += cells
        return None

    # --- lines

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """Head, rows, what is under the cursor, and what the marks mean."""
        table = self.table
        inner, room = max(width - 2, 0), max(height - 2, 0)
        place = f"{table.at + 1}/{len(table.rows)}" if table.rows else ""
        frame = Frame(self._title(), ((place, Ink.MUTED),), is_active=True)
        if not table.rows:
            return framed((((self._why_nothing(), Ink.MUTED),),), frame, width, height)
        at = table.columns.index(table.column) if table.column is not None else 0
        labels = [table.view.rows[row][1] for row in table.rows]
        grid = self._grid = link_grid(labels, len(table.columns), inner, self._grid.first, at)
        columns = [Column(table.view.columns[column][1], "", "") for column in table.columns]
        head = matrix_head(columns, grid, at if table.column is not None else None)
        info = self._info_rows(height)
        seen = max(room - len(head) - info, 1)
        self._first_row = 1 + len(head)
        rows = self._rows(seen)
        spare = seen - len(rows)
        return framed([*head, *rows, *self._below(inner, info, spare)], frame, width, height)

    def _info_rows(self, height: int) -> int:
        return min(_INFO_ROWS, max(height // 4, 1)) + (height >= 12)

    def _rows(self, room: int) -> list[Line]:
        table = self.table
        self._top = min(max(self._top, table.at - room + 1), table.at)
        self._top = max(0, min(self._top, len(table.rows) - room))
        shown = table.columns[self._grid.first : self._grid.first + len(self._grid.cells)]
        at = table.columns.index(table.column) if table.column is not None else -1
        lines = []
        for index in range(self._top, min(self._top + room, len(table.rows))):
            row = table.rows[index]
            cells = [table.kept[row].get(column) for column in shown]
            look = RowLook(at if index == table.at else None, is_active=True)
            is_bare = not table.kept[row]
            lines.append(link_row(table.view.rows[row][1], cells, self._grid, look, is_bare=is_bare))
        return lines

    def _below(self, width: int, info: int, spare: int) -> list[Line]:
        """What is under the cursor, in `info` lines and as many of the `spare` ones as it can use; then the marks."""
        has_legend = info > 1
        room = info - has_legend
        if spare >= 1:
            room += spare - 1
        lead: list[Line] = [()] if spare >= 1 else []
        is_shown = self._at is not None and self._previewed is not None
        evidence = self.evidence.get(self._previewed) if is_shown and self._previewed else None
        words = [*link_info(self._info(), width, room)]
        if evidence is not None and room > _INFO_ROWS + _PREVIEW_FROM:
            words += [()] * (_INFO_ROWS - len(words))  # what follows stands still while the cursor moves
            words += [(), *preview_lines(evidence, width, room - len(words) - 1)]
        lines = [*lead, *words, *((),) * (room - len(words))]
        if has_legend:
            lines.append(link_legend((one for cells in self.table.kept.values() for one in cells.values()), width))
        return lines

    def _info(self) -> list[tuple[str, str]]:
        table, view = self.table, self.table.view
        if table.row is None:
            return []
        label = view.rows[table.row][1]
        cell = table.cell
        if cell is None or table.column is None:
            return [
                (f"{label}: no link to a KPI is declared", Ink.CAUTION),
                ("add it under [[links]] in the workspace: cpi, kpi, expect, lag, mechanism", Ink.MUTED),
            ]
        words = cell.state.value + (f", the data says: {cell.verdict}" if cell.verdict else "")
        found = f", found {cell.strength:+.2f}" if cell.strength is not None else ""
        expected = "positive" if cell.sign == "+" else "negative"
        texts: list[tuple[str, str]] = [
            (f"{label} → {view.columns[table.column][1]}", Ink.STRONG),
            (f"{words}; expected {expected}{found}", TONE_INK[cell.tone]),
        ]
        if cell.why:
            texts.append((cell.why, Ink.CAUTION))
        if cell.is_exception:
            texts.append(("decided against the verdict: an exception", Ink.CAUTION))
        if cell.missing:
            texts.append((f"missing: {cell.missing}", Ink.PLAIN))
        elif view.is_weighing:
            texts.append(("the data is being looked at ...", Ink.MUTED))
        return texts

    def _title(self) -> Line:
        table, view = self.table, self.table.view
        parts = [f" · {count_words(table.links, 'link')}, {count_words(len(table.rows), 'CPI')}"]
        narrowing = table.narrowing
        if narrowing.state:
            parts.append(f" · only {narrowing.state}")
        if narrowing.team is not None:
            parts.append(f" · team {dict(view.team_labels).get(narrowing.team, narrowing.team)}")
        if narrowing.goal is not None:
            parts.append(f" · goal {dict(view.goal_labels).get(narrowing.goal, narrowing.goal)}")
        if narrowing.text:
            parts.append(f" · /{narrowing.text}")
        return (("Links", Ink.TITLE), (safe(parts[0]), Ink.MUTED), (safe("".join(parts[1:])), Ink.CAUTION))

    def _why_nothing(self) -> str:
        if self.table.narrowing:
            return " no link is left: Esc shows all"
        return " no links are declared: add [[links]] to the workspace"
