"""A menu over the board: one thing chosen, or several marked, from a list that typing narrows."""

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

_MANY = 1_000_000


class ValuesScreen(Screen[tuple[str, ...]], inherit_bindings=False):
    """Closing gives the values of what was marked, else of what the cursor stood on; nothing when it was left.

    With `is_several` Space marks. `sentence` stands over the list, which may be filled later.
    """

    DEFAULT_CSS: ClassVar[str] = "ValuesScreen { overflow: hidden; }"

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
        super().__init__()
        self._look, self._is_several = look, is_several
        self.pane = ChoicesPane("choices", choices, title=title, sentence=sentence)

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

    def fill(self, choices: Sequence[Choice], sentence: str) -> None:
        """Take what there is to choose from, and what is to be said about it."""
        self.pane.fill(choices, sentence)

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        self.pane.type((self.pane.text + event.text[:MAX_FILTER])[:MAX_FILTER])

    def on_key(self, event: events.Key) -> None:
        """Type, move, mark, choose or leave."""
        event.stop()
        key, pane = event.key, self.pane
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -_MANY, "end": _MANY}.get(key)
        if key in {"escape", "ctrl+c"}:
            self.dismiss(())
        elif key == "enter":
            chosen = (pane.chosen.value,) if pane.chosen is not None else ()
            if pane.marked or chosen:
                self.dismiss(tuple(pane.marked) or chosen)
        elif steps is not None:
            pane.move(steps)
        elif key == "space" and self._is_several:
            pane.toggle()
        elif key == "backspace":
            pane.type(pane.text[:-1])
        elif event.is_printable and event.character is not None and len(pane.text) < MAX_FILTER:
            pane.type(pane.text + event.character)
