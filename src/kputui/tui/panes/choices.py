"""A list to choose from by typing: the palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.render.goals import cursor_row
from kputui.render.lines import Frame, Ink, Line, framed, spread
from kputui.render.safe import safe
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: what comes back, its words, and a hint at the right (a key, a kind)."""

    value: str
    label: str
    hint: str = ""


class ChoicesPane(LinePane):
    """Shows the choices that hold all the words typed."""

    def __init__(self, id: str, choices: Sequence[Choice]) -> None:  # noqa: A002 - Textual's own name for it
        """Start with all choices."""
        super().__init__(id)
        self._choices = tuple(choices)
        self.text = ""
        self._at = 0

    @property
    def matching(self) -> tuple[Choice, ...]:
        """The choices that are left."""
        words = self.text.casefold().split()
        return tuple(c for c in self._choices if all(word in f"{c.label} {c.hint}".casefold() for word in words))

    @property
    def chosen(self) -> Choice | None:
        """The choice under the cursor."""
        matching = self.matching
        return matching[min(self._at, len(matching) - 1)] if matching else None

    def type(self, text: str) -> None:
        """Look for another text."""
        self.text, self._at = text, 0
        self.repaint()

    def move(self, steps: int) -> None:
        """Put the cursor further down (up when negative), stopping at the ends."""
        self._at = max(0, min(self._at + steps, len(self.matching) - 1))
        self.repaint()

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The text typed, and under it the choices."""
        inner, room = max(width - 2, 0), max(height - 4, 1)
        matching = self.matching
        top = max(0, self._at - room + 1)
        body: list[Line] = [((" > ", Ink.KEY), (safe(self.text, max(inner - 6, 1)), Ink.PLAIN), ("▌", Ink.PLAIN)), ()]
        for index, choice in enumerate(matching[top : top + room], top):
            line = spread(((f"   {safe(choice.label)}", Ink.PLAIN),), ((f" {safe(choice.hint)}  ", Ink.MUTED),), inner)
            body.append(cursor_row(line, is_active=True) if index == self._at else line)
        if not matching:
            body.append((("   nothing holds these words", Ink.MUTED),))
        return framed(body, Frame((("Palette", Ink.TITLE),), is_active=True), width, height)
