"""The palette: every action and every row, found by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.tui.panes.choices import Choice, ChoicesPane
from kputui.tui.screens.choosing import ChoosingScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from kputui.tui.linepane import Look


class PaletteScreen(ChoosingScreen[str], inherit_bindings=False):
    """Lets one choice be made; closing gives its value, or nothing."""

    def __init__(self, choices: Sequence[Choice], look: Callable[[], Look]) -> None:
        """Keep the choices."""
        super().__init__(ChoicesPane("choices", choices), look)

    def on_key(self, event: events.Key) -> None:
        """Type, move, choose or leave."""
        event.stop()
        if event.key in {"escape", "ctrl+c", "ctrl+p"}:
            self.dismiss("")
        elif event.key == "enter":
            chosen = self.pane.chosen
            self.dismiss(chosen.value if chosen is not None else "")
        else:
            self.step_or_type(event)
