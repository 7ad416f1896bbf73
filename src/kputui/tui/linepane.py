"""The base of every widget here: lines in, and only the lines that changed out.

Textual repaints the region that a widget names. A pane compares its new lines with those on the screen
and names just those that differ, so a cursor key costs two rows and not a pane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kputui.render.glyphs import ascii_text
from kputui.render.lines import Line, filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.geometry import Size

    from kputui.tui.theme import Palette


@dataclass(frozen=True, slots=True)
class Look:
    """How lines become strips: a style for each ink, and whether only ASCII may be sent."""

    palette: Palette
    is_ascii: bool


class LinePane(Widget, can_focus=False):
    """A rectangle of lines. Subclasses give `draw`; whoever changes their state calls `repaint`."""

    DEFAULT_CSS: ClassVar[str] = "LinePane { position: absolute; width: 1; height: 1; }"
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name for it
        """Start empty; the first lines are drawn when the pane has a size."""
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._drawn_for: Size | None = None
        self.look = Look({}, is_ascii=False)

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The pane's lines for a size, each `width` cells wide (shorter or longer ones are fitted)."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw again and refresh what differs; nothing at all when nothing does."""
        if self._drawn_for != self.size:
            self.refresh()
            return
        old, self._lines = self._lines, self._fitted()
        regions = [
            Region(0, y, self.size.width, 1)
            for y, (before, after) in enumerate(zip(old, self._lines, strict=True))
            if before != after
        ]
        if regions:
            self.refresh(*regions)

    def repaint_all(self) -> None:
        """Draw again and send every cell: after a change of theme, or when the screen is not to be trusted."""
        self._drawn_for = None
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips of a region, for Textual's compositor."""
        if self._drawn_for != self.size:
            self._lines = self._fitted()
            self._drawn_for = self.size
        strips = [self._strip(y) for y in crop.line_range]
        if crop.column_span != (0, self.size.width):
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def on_resize(self, event: events.Resize) -> None:
        """A new size draws everything again, and computes nothing."""
        del event
        self.repaint_all()

    def _fitted(self) -> tuple[Line, ...]:
        width, height = self.size
        lines = [filled(line, width) for line in self.draw(width, height)[:height]]
        return (*lines, *(filled((), width) for _ in range(height - len(lines))))

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        if not 0 <= y < len(self._lines):
            return Strip.blank(width)
        look, none = self.look, Style.null()
        segments = [
            Segment(ascii_text(text) if look.is_ascii else text, look.palette.get(str(ink), none))
            for text, ink in self._lines[y]
        ]
        return Strip(segments, width)
