"""What the lists over the board share that typing narrows: the palette, and the menus of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.screen import Screen

from kputui.tui.outline import MAX_FILTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from kputui.tui.linepane import Look
    from kputui.tui.panes.choices import ChoicesPane

T = TypeVar("T")

_MANY = 1_000_000
_STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -_MANY, "end": _MANY}


class ChoosingScreen(Screen[T], inherit_bindings=False):
    """A list in the whole screen. A subclass says what closes it."""

    DEFAULT_CSS: ClassVar[str] = "ChoosingScreen { overflow: hidden; }"

    def __init__(self, pane: ChoicesPane, look: Callable[[], Look]) -> None:
        """Show the list in the look of the board."""
        super().__init__()
        self._look = look
        self.pane = pane

    def compose(self) -> ComposeResult:
        """The list alone."""
        yield self.pane

    def on_mount(self) -> None:
        """Take the look of the board."""
        self.apply_look()

    def apply_look(self) -> None:
        """Show in the theme of now."""
        self.pane.look = self._look()
        self.pane.repaint_all()

    def on_resize(self, event: events.Resize) -> None:
        """Stand in the whole screen."""
        self.pane.styles.width, self.pane.styles.height = event.size

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        self.pane.type((self.pane.text + event.text[:MAX_FILTER])[:MAX_FILTER])

    def step_or_type(self, event: events.Key) -> None:
        """Move in the list, or narrow it."""
        pane = self.pane
        if (steps := _STEPS.get(event.key)) is not None:
            pane.move(steps)
        elif event.key == "backspace":
            pane.type(pane.text[:-1])
        elif event.is_printable and event.character is not None and len(pane.text) < MAX_FILTER:
            pane.type(pane.text + event.character)
