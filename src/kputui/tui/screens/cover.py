"""What the screens over the board share: one pane over the keys' line, and what a key does there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from kputui.tui import actions
from kputui.tui.panes.footer import FooterPane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from kputui.session.views import BoardView
    from kputui.tui.linepane import LinePane, Look

CLOSING = frozenset({"back", "board", "matrix", "links", "check", "journey", "standup", "mine", "palette", "quit"})
"""The actions that close a screen; the board carries them out."""
_OF_THE_APP = frozenset({"theme", "repaint", "suspend", "help", "report", "export", "screenshot"})


@dataclass(frozen=True, slots=True)
class Controls:
    """What every screen over the board needs: the key map, the look of now, and who carries out actions."""

    keys: actions.KeyMap
    look: Callable[[], Look]
    act: Callable[[actions.Action], None]


class CoverScreen(Screen[str], inherit_bindings=False):
    """One pane over the whole board; closing gives the id of the action that closed it.

    `OWN` are the actions of the app that work here with what stands under the cursor. Subclasses give
    `own`, what moving and opening mean here, and `situation`, what the keys are about.
    """

    DEFAULT_CSS: ClassVar[str] = "CoverScreen { overflow: hidden; }"
    OWN: ClassVar[frozenset[str]] = frozenset()
    FOOTER: ClassVar[Sequence[str | tuple[str, str]]] = ()
    """The ids of the actions that the keys' line names, or an id with another label for it."""

    def __init__(self, pane: LinePane, controls: Controls) -> None:
        """Keep what to show."""
        super().__init__()
        self._controls = controls
        self.body = pane
        self.footer = FooterPane("footer")
        named = [entry if isinstance(entry, tuple) else (entry, actions.BY_ID[entry].label) for entry in self.FOOTER]
        self.footer.keys = tuple(
            (actions.key_text(controls.keys.keys_of[id_][0]), label)
            for id_, label in named
            if controls.keys.keys_of[id_]
        )

    def compose(self) -> ComposeResult:
        """The pane over the keys."""
        yield self.body
        yield self.footer

    def on_mount(self) -> None:
        """Take the look of the board."""
        self.apply_look()

    def on_resize(self, event: events.Resize) -> None:
        """Stand in the whole screen but its last line."""
        width, height = event.size
        for pane, y, rows in ((self.body, 0, max(height - 1, 1)), (self.footer, max(height - 1, 1), 1)):
            pane.styles.offset = (0, y)
            pane.styles.width, pane.styles.height = width, rows

    def apply_look(self) -> None:
        """Show in the theme of now."""
        for pane in (self.body, self.footer):
            pane.look = self._controls.look()
            pane.repaint_all()

    def show(self, view: BoardView) -> None:
        """Show a newer view."""
        raise NotImplementedError

    def chart_drawn(self) -> None:
        """A chart has arrived."""

    def say(self, notice: str) -> None:
        """A sentence in the last line, until the next key."""
        self.footer.say(notice)

    def situation(self) -> actions.Situation:
        """What refusals look at."""
        raise NotImplementedError

    def own(self, id_: str) -> bool:
        """Do what an action means here; False when it means nothing of its own."""
        raise NotImplementedError

    def typed(self, event: events.Key) -> bool:
        """Whether a key is text for something that is being typed."""
        del event
        return False

    def on_key(self, event: events.Key) -> None:
        """Type, or do what the key map says; a key that was pressed before the screen closed closes nothing else."""
        event.stop()
        if self.app.screen is not self:
            return
        if self.footer.notice:
            self.say("")
        if self.typed(event):
            return
        action = self._controls.keys.action_of.get(event.key)
        if action is not None:
            self.perform(action)

    def perform(self, action: actions.Action) -> None:
        """Carry out an action, or say why it can't be done."""
        if self.own(action.id):
            return
        if action.id in self.OWN:
            reason = action.refusal(self.situation()) if action.refusal is not None else ""
            if reason:
                self.say(reason)
            else:
                self._controls.act(action)
        elif action.id in _OF_THE_APP:
            self._controls.act(action)
        elif action.id in CLOSING:
            self.dismiss(action.id)
