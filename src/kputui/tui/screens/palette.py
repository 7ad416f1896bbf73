"""The palette: every action and every row, found by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from kputui.tui.outline import MAX_FILTER
from kputui.tui.panes.choices import Choice, ChoicesPane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from kputui.tui.linepane import Look


class PaletteScreen(Screen[str], inherit_bindings=False):
    """Lets one choice be made; closing gives its value, or nothing."""

    DEFAULT_CSS: ClassVar[str] = "PaletteScreen { overflow: hidden; }"

    def __init__(self, choices: Sequence[Choice], look: Callable[[], Look]) -> None:
        """Keep the choices."""
        super().__init__()
        self._look = look
        self.pane = ChoicesPane("choices", choices)

    def compose(self) -> ComposeResult:
        """The list alone."""
        yield self.pane

    def on_mount(self) -> None:
        """Take the look of the board."""
        self.pane.look = self._look()

    def on_resize(self, event: events.Resize) -> None:
        """Stand in the whole screen."""
        self.pane.styles.width, self.pane.styles.height = event.size

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        self.pane.type((self.pane.text + event.text[:MAX_FILTER])[:MAX_FILTER])

    def on_key(self, event: events.Key) -> None:
        """Type, move, choose or leave."""
        event.stop()
        key = event.key
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -1_000, "end": 1_000}.get(key)
        if key in {"escape", "ctrl+c", "ctrl+p"}:
            self.dismiss("")
        elif key == "enter":
            chosen = self.pane.chosen
            self.dismiss(chosen.value if chosen is not None else "")
        elif steps is not None:
            self.pane.move(steps)
        elif key == "backspace":
            self.pane.type(self.pane.text[:-1])
        elif event.is_printable and event.character is not None and len(self.pane.text) < MAX_FILTER:
            self.pane.type(self.pane.text + event.character)
