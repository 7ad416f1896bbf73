"""The screen of the customer's journey."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kputui.session.journey import JourneyView
from kputui.tui import actions
from kputui.tui.panes.journey import JourneyPane
from kputui.tui.screens.cover import Controls, CoverScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kputui.model.ids import MetricId
    from kputui.session.views import BoardView

_MANY = 1_000_000


class JourneyScreen(CoverScreen):
    """Shows the journey of one `BoardView`; `choose` selects a CPI on the board."""

    OWN: ClassVar[frozenset[str]] = frozenset({"confirm", "reassign", "undo", "history"})
    FOOTER: ClassVar[Sequence[str | tuple[str, str]]] = (
        ("open", "on the board"),
        ("next_pane", "light a KPI"),
        "reassign",
        "confirm",
        ("back", "back"),
        "help",
        "quit",
    )

    def __init__(self, controls: Controls, choose: Callable[[MetricId], None], cpi: MetricId | None = None) -> None:
        """Nothing is shown yet; the cursor will stand on `cpi`."""
        self.pane = JourneyPane("journey")
        super().__init__(self.pane, controls)
        self._choose, self._wanted = choose, cpi
        self._board_view: BoardView | None = None

    def show(self, view: BoardView) -> None:
        """Show a newer journey; the cursor stays."""
        self._board_view = view
        self.pane.show(view.journey() if view.journey is not None else JourneyView())
        if self._wanted is not None:
            self.pane.point_at(self._wanted)
            self._wanted = None

    def situation(self) -> actions.Situation:
        """The CPI under the cursor."""
        cpi = self.pane.cpi
        return actions.Situation(self._board_view, cpi=cpi.metric if cpi is not None else None)

    def own(self, id_: str) -> bool:
        """Move, light the CPIs of a KPI, go to the CPI on the board."""
        page = 4
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "first": -_MANY, "last": _MANY}
        if id_ in steps:
            self.pane.move(steps[id_])
        elif id_ in {"left", "right"}:
            self.pane.move_across(1 if id_ == "right" else -1)
        elif id_ in {"next_pane", "previous_pane"}:
            self.pane.light(1 if id_ == "next_pane" else -1)
        elif id_ == "back" and self.pane.lit is not None:
            self.pane.lit = None
            self.pane.repaint()
        elif id_ == "open":
            self._open()
        else:
            return id_ == "journey"
        return True

    def _open(self) -> None:
        cpi = self.pane.cpi
        if cpi is None:
            self.say("no CPI stands here")
        else:
            self._choose(cpi.metric)
            self.dismiss("back")
