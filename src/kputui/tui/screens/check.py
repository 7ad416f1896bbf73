"""The screen of the check: what is wrong or asks to be looked at, and the way to the line where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kputui.tui import actions
from kputui.tui.panes.findings import FindingsPane
from kputui.tui.screens.cover import Controls, CoverScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from kputui.errors import Place
    from kputui.session.views import BoardView

_MANY, _WHEEL_ROWS = 1_000_000, 3


class CheckScreen(CoverScreen):
    """Shows the findings of one `BoardView`; `edit` opens a place in the person's editor."""

    FOOTER: ClassVar[Sequence[str | tuple[str, str]]] = (
        ("open", "edit"),
        "fold",
        ("back", "back"),
        "help",
        "quit",
    )

    def __init__(self, controls: Controls, edit: Callable[[Place], None]) -> None:
        """Nothing is shown yet."""
        self.pane = FindingsPane("findings")
        super().__init__(self.pane, controls)
        self._edit = edit
        self._board_view: BoardView | None = None

    def show(self, view: BoardView) -> None:
        """Show newer findings; cursor and folds stay."""
        self._board_view = view
        self.pane.change(self.pane.list.with_findings(view.findings))

    def situation(self) -> actions.Situation:
        """Nothing of the board is selected here."""
        return actions.Situation(self._board_view)

    def own(self, id_: str) -> bool:
        """Move, fold, edit."""
        page, found = self.pane.page, self.pane.list
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "first": -_MANY, "last": _MANY}
        if id_ in steps:
            self.pane.change(found.moved(steps[id_]))
        elif id_ == "left":
            self.pane.change(found.to_the_left())
        elif id_ == "right":
            self.pane.change(found.to_the_right())
        elif id_ == "fold":
            self.pane.change(found.toggled())
        elif id_ == "open":
            self._open()
        else:
            return id_ == "check"
        return True

    def _open(self) -> None:
        row = self.pane.list.row
        if row is None:
            return
        if row.problem is None:
            self.pane.change(self.pane.list.toggled())
        elif row.problem.place is None:
            self.say("this stands in no file of the workspace: there is nothing to edit")
        else:
            self._edit(row.problem.place)

    # --- the mouse, which nothing needs

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked."""
        if event.widget is self.pane and (index := self.pane.index_at(event.screen_y)) is not None:
            self.pane.change(self.pane.list.pointed(index))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows down."""
        event.stop()
        self.pane.change(self.pane.list.moved(_WHEEL_ROWS))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows up."""
        event.stop()
        self.pane.change(self.pane.list.moved(-_WHEEL_ROWS))
