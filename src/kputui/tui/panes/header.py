"""The top line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.header import header_line
from kputui.render.lines import Ink, Line
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from kputui.session.views import HeaderView


class HeaderPane(LinePane):
    """Shows the header's view, or one sentence when the terminal is too small for a board."""

    view: HeaderView | None = None
    sentence: str = ""

    def show(self, view: HeaderView) -> None:
        """Show another view."""
        self.view = view
        self.repaint()

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """One line."""
        del height
        if self.sentence:
            return (((self.sentence, Ink.STRONG),),)
        return (header_line(self.view, width),) if self.view is not None else ()
