"""The screen of one link's evidence: the verdict, its charts, its figures, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kputui.render.evidence import CHART_ROWS, beside, chart_widths, evidence_lines, evidence_title
from kputui.render.lines import Ink, Line
from kputui.tui import actions
from kputui.tui.charting import ChartKey
from kputui.tui.panes.page import PagePane
from kputui.tui.screens.cover import Controls, CoverScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.model.ids import MetricId
    from kputui.session.link_views import EvidenceView
    from kputui.session.views import BoardView
    from kputui.tui.panes.detail import Charts

_MANY, _WORD_ROWS, _LEAST = 1_000_000, 14, 10


class EvidenceScreen(CoverScreen):
    """Shows the evidence of one link; a newer view brings newer evidence."""

    OWN: ClassVar[frozenset[str]] = frozenset({"confirm", "reassign", "undo", "history"})
    FOOTER: ClassVar[Sequence[str | tuple[str, str]]] = (
        ("back", "the links"),
        ("down", "scroll"),
        "confirm",
        "history",
        "help",
        "quit",
    )

    def __init__(
        self,
        controls: Controls,
        charts: Charts,
        link: tuple[MetricId, MetricId],
    ) -> None:
        """Nothing is shown yet; `charts` gives charts or draws them."""
        self.pane = PagePane("evidence", (("Evidence", Ink.TITLE),), self._content)
        super().__init__(self.pane, controls)
        self._charts, self._link = charts, link
        self._board_view: BoardView | None = None
        self._evidence: EvidenceView | None = None

    def show(self, view: BoardView) -> None:
        """Show newer evidence of the same link."""
        self._board_view = view
        self._evidence = view.evidence.get(self._link, self._evidence)
        if self._evidence is not None:
            self.pane.heading = evidence_title(self._evidence)
        self.pane.repaint()

    def chart_drawn(self) -> None:
        """Show the charts that have arrived."""
        self.pane.repaint()

    def situation(self) -> actions.Situation:
        """The link's CPI and KPI."""
        return actions.Situation(self._board_view, cpi=self._link[0], kpi=self._link[1])

    def own(self, id_: str) -> bool:
        """Scroll."""
        page = self.pane.page
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "first": -_MANY, "last": _MANY}
        if id_ in steps:
            self.pane.scroll_lines(steps[id_])
        elif id_ in {"open", "fold"}:
            self.dismiss("back")
        else:
            return False
        return True

    # --- lines

    def _content(self, width: int) -> Sequence[Line]:
        view = self._evidence
        return evidence_lines(view, self._drawn(view, width), width) if view is not None and width > _LEAST else ()

    def _drawn(self, view: EvidenceView, width: int) -> Sequence[Line]:
        """The scatter beside the lag profile, or above it where the screen is narrow."""
        least, most = CHART_ROWS
        rows = min(max(self.size.height - _WORD_ROWS, least), most)
        wanted = [one for one in ((view if view.scatter else None), view.profile) if one is not None]
        widths = chart_widths(width, len(wanted))
        if not widths:
            return ()
        name = ">".join(self._link)
        charts = [
            self._charts(ChartKey(f"{type(one).__name__} {name}", cells, rows), one) or ()
            for one, cells in zip(wanted, widths, strict=True)
        ]
        return beside(charts, widths, rows, width)
