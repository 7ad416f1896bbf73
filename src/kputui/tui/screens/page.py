"""The screen of a page of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from kputui.tui.panes.footer import FooterPane
from kputui.tui.panes.page import PagePane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from kputui.render.lines import Line
    from kputui.tui.actions import Action, KeyMap
    from kputui.tui.linepane import Look


class PageScreen(Screen[str], inherit_bindings=False):
    """Shows lines until it is closed; closing gives the id of the action that closed it."""

    DEFAULT_CSS: ClassVar[str] = "PageScreen { overflow: hidden; } PagePane { width: 100%; height: 100%; }"

    def __init__(
        self,
        title: Line,
        content: Callable[[int], Sequence[Line]],
        keys: KeyMap,
        look: Callable[[], Look],
        act: Callable[[Action], None],
    ) -> None:
        """Keep what to show; `content` makes the lines for a width, `act` does what is not of the page."""
        super().__init__()
        self._keys, self._look, self._act = keys, look, act
        self.pane = PagePane("page", title, content)
        self.footer = FooterPane("footer")
        self.footer.keys = (("Esc", "back"), ("↑ ↓", "scroll"), ("q", "quit"))

    def compose(self) -> ComposeResult:
        """The page over its keys."""
        yield self.pane
        yield self.footer

    def on_mount(self) -> None:
        """Take the look of the board."""
        self.apply_look()

    def on_resize(self, event: events.Resize) -> None:
        """Stand in the whole screen but its last line."""
        width, height = event.size
        for pane, y, rows in ((self.pane, 0, max(height - 1, 1)), (self.footer, max(height - 1, 1), 1)):
            pane.styles.offset = (0, y)
            pane.styles.width, pane.styles.height = width, rows

    def apply_look(self) -> None:
        """Show in the theme of now."""
        for pane in (self.pane, self.footer):
            pane.look = self._look()
            pane.repaint_all()

    def on_key(self, event: events.Key) -> None:
        """Scroll, or close and say why; a key that was pressed before the page closed closes nothing else."""
        event.stop()
        if self.app.screen is not self:
            return
        action = self._keys.action_of.get(event.key)
        if action is None:
            return
        steps = {"up": -1, "down": 1, "page_up": -self.pane.page, "page_down": self.pane.page}.get(action.id)
        if action.id in {"first", "last"}:
            steps = -1_000_000 if action.id == "first" else 1_000_000
        if steps is not None:
            self.pane.scroll_lines(steps)
        elif action.id in {"theme", "repaint", "suspend"}:
            self._act(action)
        elif action.id in {"back", "open", "board", "help", "check", "source", "explain", "quit", "fold"}:
            self.dismiss(action.id)
