"""A page of lines over the whole screen: the key table, a number's origin, the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.lines import Frame, Ink, Line, framed
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class PagePane(LinePane):
    """Shows lines that may be longer than the screen; `content` makes them for a width."""

    def __init__(self, id: str, title: Line, content: Callable[[int], Sequence[Line]]) -> None:  # noqa: A002 - Textual's own name for it
        """Start at the top."""
        super().__init__(id)
        self.heading, self._content = title, content
        self._top = 0

    @property
    def page(self) -> int:
        """How many lines a page key goes."""
        return max(self.size.height - 3, 1)

    def scroll_lines(self, steps: int) -> None:
        """Go down by lines (up when negative), stopping at the ends."""
        self._top += steps
        self.repaint()

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The lines in a frame, with the place in them when there are more."""
        inner, room = max(width - 2, 0), max(height - 2, 1)
        lines = self._content(inner)
        self._top = max(0, min(self._top, len(lines) - room))
        shown = lines[self._top : self._top + room]
        more = f"{self._top + 1}-{self._top + len(shown)} of {len(lines)}" if len(lines) > room else ""
        frame = Frame(self.heading, ((more, Ink.MUTED),) if more else (), is_active=True)
        return framed(shown, frame, width, height)
