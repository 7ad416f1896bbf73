"""A menu over the board: one thing chosen, or several marked, from a list that typing narrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.tui.panes.choices import Choice, ChoicesPane
from kputui.tui.screens.choosing import ChoosingScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from kputui.tui.linepane import Look


class ValuesScreen(ChoosingScreen[tuple[str, ...]], inherit_bindings=False):
    """Closing gives the values of what was marked, else of what the cursor stood on; nothing when it was left.

    With `is_several` Space marks. `sentence` stands over the list, which may be filled later.
    """

    def __init__(
        self,
        title: str,
        look: Callable[[], Look],
        choices: Sequence[Choice] = (),
        *,
        is_several: bool = False,
        sentence: str = "",
    ) -> None:
        """Show what there is to choose from so far."""
        super().__init__(ChoicesPane("choices", choices, title=title, sentence=sentence), look)
        self._is_several = is_several

    def fill(self, choices: Sequence[Choice], sentence: str) -> None:
        """Take what there is to choose from, and what is to be said about it."""
        self.pane.fill(choices, sentence)

    def on_key(self, event: events.Key) -> None:
        """Type, move, mark, choose or leave."""
        event.stop()
        key, pane = event.key, self.pane
        if key in {"escape", "ctrl+c"}:
            self.dismiss(())
        elif key == "enter":
            chosen = (pane.chosen.value,) if pane.chosen is not None else ()
            if pane.marked or chosen:
                self.dismiss(tuple(pane.marked) or chosen)
        elif key == "space" and self._is_several:
            pane.toggle()
        else:
            self.step_or_type(event)
