"""The findings pane: groups of findings, and below them all about the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.findings import about_lines, finding_row, heading_row
from kputui.render.goals import cursor_row
from kputui.render.lines import Frame, Ink, Line, framed
from kputui.session.meanings import meaning_of
from kputui.session.words import count_words
from kputui.tui.finding_list import FindingList
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from kputui.errors import Problem

_LEAST_ABOUT, _MOST_ABOUT = 2, 8


class FindingsPane(LinePane):
    """Shows a list of findings, scrolled so that the cursor is seen; only what can be seen is made."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name for it
        """Start without findings."""
        super().__init__(id)
        self.list = FindingList()
        self._top = 0

    def change(self, findings: FindingList) -> None:
        """Show another cursor, other folds, newer findings."""
        self.list = findings
        self.repaint()

    @property
    def page(self) -> int:
        """How many rows a page key goes."""
        return max(self.size.height - 3 - self._about_rows(self.size.height - 2), 1)

    def index_at(self, y: int) -> int | None:
        """The row under the mouse."""
        index = self._top + y - 1
        return index if 0 <= index < len(self.list.rows) and 0 < y <= self.page else None

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The list in a frame, with the finding under the cursor in full below it."""
        found = self.list
        inner, room = max(width - 2, 0), max(height - 2, 1)
        title: Line = (("Check", Ink.TITLE), (f" · {count_words(len(found.findings), 'finding')}", Ink.MUTED))
        if not found.rows:
            words = " nothing to look at: every file is read and every rule is kept"
            return framed((((words, Ink.MUTED),),), Frame(title, is_active=True), width, height)
        below = self._about_rows(room)
        seen = max(room - below - (below > 0), 1)
        is_under_heading = seen > 1 and found.at > 0 and found.rows[found.at - 1].problem is None
        self._top = min(max(self._top, found.at - seen + 1), found.at - is_under_heading)
        self._top = max(0, min(self._top, len(found.rows) - seen))
        lines = [self._row(index, inner) for index in range(self._top, min(self._top + seen, len(found.rows)))]
        lines += [()] * (seen - len(lines))
        lines += [((glyphs.HORIZONTAL * inner, Ink.FRAME),)] if below else []
        problem = found.row.problem if found.row is not None else None
        if below and problem is not None:
            lines += self._about(problem, inner, below)
        place = f"{found.at + 1}/{len(found.rows)}" if len(found.rows) > seen else ""
        frame = Frame(title, ((place, Ink.MUTED),) if place else (), is_active=True)
        return framed(lines, frame, width, height)

    def _row(self, index: int, width: int) -> Line:
        row = self.list.rows[index]
        if row.problem is None:
            line = heading_row(row.about.value, row.count, width, is_folded=row.about in self.list.folded)
        else:
            line = finding_row(row.problem, width)
        return cursor_row(line, is_active=True) if index == self.list.at else line

    @staticmethod
    def _about_rows(room: int) -> int:
        return max(min(room * 2 // 5, _MOST_ABOUT), _LEAST_ABOUT) if room >= 6 else 0

    @staticmethod
    def _about(problem: Problem, width: int, height: int) -> list[Line]:
        return list(about_lines(problem, meaning_of(problem.code), width, height))
