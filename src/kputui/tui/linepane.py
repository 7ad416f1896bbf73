"""The base of every widget here: lines in, and only the cells that changed out.

Textual repaints the region that a widget names. A pane compares its new lines with those on the screen
and names just the stretches that differ, so a cursor key costs two short rows and not a pane.
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
from kputui.render.safe import cell_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.geometry import Size

    from kputui.tui.theme import Palette

_WORTH_A_JUMP = 10
"""Equal cells between two changes that are cheaper to write again than to jump over (bytes of a move)."""


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
        self._edges: dict[int, set[int]] = {}
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
        regions: list[Region] = []
        for y, (before, after) in enumerate(zip(old, self._lines, strict=True)):
            if before != after:
                for start, end in changed_stretches(before, after):
                    regions.append(Region(start, y, end - start, 1))
                    self._edges.setdefault(y, set()).update((start, end))
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
            self._edges.clear()
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
        edges = self._edges.pop(y, None)
        line = cut_at(self._lines[y], edges) if edges else self._lines[y]
        look, none = self.look, Style.null()
        segments = [
            Segment(ascii_text(text) if look.is_ascii else text, look.palette.get(str(ink), none)) for text, ink in line
        ]
        return Strip(segments, width)


def changed_stretches(before: Line, after: Line) -> list[tuple[int, int]]:
    """The stretches of cells, as (start, end), in which two lines of one width differ."""
    old, new = _cells(before), _cells(after)
    stretches: list[tuple[int, int]] = []
    for x in range(max(len(old), len(new))):
        if x < len(old) and x < len(new) and old[x] == new[x]:
            continue
        if stretches and x - stretches[-1][1] < _WORTH_A_JUMP:
            stretches[-1] = (stretches[-1][0], x + 1)
        else:
            stretches.append((x, x + 1))
    return stretches


def cut_at(line: Line, edges: set[int]) -> Line:
    """The same line with its spans divided at the given cells (never inside a wide character)."""
    spans: list[tuple[str, str]] = []
    x = 0
    for text, ink in line:
        start = 0
        for index, character in enumerate(text):
            if x in edges and index > start and cell_width(character):
                spans.append((text[start:index], ink))
                start = index
            x += cell_width(character)
        spans.append((text[start:], ink))
    return tuple(spans)


def _cells(line: Line) -> list[tuple[str, str, int]]:
    """One entry a cell; a wide character fills two that change together, marks stay with their character."""
    cells: list[tuple[str, str, int]] = []
    for text, ink in line:
        if text.isascii():
            cells += [(character, ink, 0) for character in text]
            continue
        for character in text:
            width = cell_width(character)
            if width:
                cells += [(character, ink, part) for part in range(width)]
            elif cells:
                base, base_ink, part = cells[-1]
                cells[-1] = (base + character, base_ink, part)
    return cells
