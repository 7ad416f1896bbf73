"""A list to choose from by typing: the palette, and the menus of dimensions and values."""

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

    def __init__(
        self,
        id: str,  # noqa: A002 - Textual's own name for it
        choices: Sequence[Choice],
        *,
        title: str = "Palette",
        sentence: str = "",
    ) -> None:
        """Start with all choices; a `sentence` stands over them."""
        super().__init__(id)
        self._title, self._sentence = title, sentence
        self._choices = self._matching = tuple(choices)
        self.text = ""
        self.marked: dict[str, None] = {}
        self._at = 0

    @property
    def matching(self) -> tuple[Choice, ...]:
        """The choices that are left."""
        return self._matching

    def fill(self, choices: Sequence[Choice], sentence: str) -> None:
        """Take other choices; what is typed and where the cursor stands stay."""
        self._choices, self._sentence = tuple(choices), sentence
        self._narrow()
        self.repaint()

    def toggle(self) -> None:
        """Mark what the cursor stands on, or take its mark away; the marked are given in the order of marking."""
        if self.chosen is not None:
            if self.chosen.value in self.marked:
                del self.marked[self.chosen.value]
            else:
                self.marked[self.chosen.value] = None
        self.repaint()

    def _narrow(self) -> None:
        words = self.text.casefold().split()
        self._matching = tuple(
            c for c in self._choices if all(word in f"{c.label} {c.hint}".casefold() for word in words)
        )

    @property
    def chosen(self) -> Choice | None:
        """The choice under the cursor."""
        matching = self.matching
        return matching[min(self._at, len(matching) - 1)] if matching else None

    def type(self, text: str) -> None:
        """Look for another text."""
        self.text, self._at = text, 0
        self._narrow()
        self.repaint()

    def move(self, steps: int) -> None:
        """Put the cursor further down (up when negative), stopping at the ends."""
        self._at = max(0, min(self._at + steps, len(self.matching) - 1))
        self.repaint()

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The text typed, and under it the choices."""
        head: list[Line] = [((f" {safe(self._sentence)}", Ink.MUTED),)] if self._sentence else []
        inner, room = max(width - 2, 0), max(height - 4 - len(head), 1)
        matching = self.matching
        top = max(0, self._at - room + 1)
        typed: Line = ((" > ", Ink.KEY), (safe(self.text, max(inner - 6, 1)), Ink.PLAIN), ("▌", Ink.PLAIN))
        body: list[Line] = [*head, typed, ()]
        for index, choice in enumerate(matching[top : top + room], top):
            mark = " ✓ " if choice.value in self.marked else "   "
            label: Line = ((f"{mark}{safe(choice.label)}", Ink.PLAIN),)
            line = spread(label, ((f" {safe(choice.hint)}  ", Ink.MUTED),), inner)
            body.append(cursor_row(line, is_active=True) if index == self._at else line)
        if not matching and self._choices:
            body.append((("   nothing holds these words", Ink.MUTED),))
        return framed(body, Frame(((safe(self._title), Ink.TITLE),), is_active=True), width, height)
