"""The detail pane: everything about the selected row, in the same frame as the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.detail import chart_size, detail_lines, title_line
from kputui.render.lines import Frame, Line, framed
from kputui.tui.charting import ChartKey
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable

    from kputui.session.views import ChartView, DetailView

    Charts = Callable[[ChartKey, ChartView], tuple[Line, ...] | None]


class DetailPane(LinePane):
    """Shows a detail; the chart comes from `charts`, which gives it at once or sends it later."""

    def __init__(self, id: str, charts: Charts) -> None:  # noqa: A002 - Textual's own name for it
        """Start empty."""
        super().__init__(id)
        self._charts = charts
        self.view: DetailView | None = None
        self.is_active = False
        self._top = 0

    def show(self, view: DetailView | None) -> None:
        """Show another row's detail, or the same with newer figures."""
        if view is None or self.view is None or view.key != self.view.key:
            self._top = 0
        self.view = view
        self.repaint()

    def chart_box(self, view: DetailView) -> tuple[int, int] | None:
        """The cells that a view's chart would get in this pane."""
        return chart_size(view, max(self.size.width - 2, 0), max(self.size.height - 2, 0))

    def draw(self, width: int, height: int) -> tuple[Line, ...]:
        """The detail in a frame."""
        view = self.view
        if view is None:
            return framed((), Frame(is_active=self.is_active), width, height)
        inner, room = max(width - 2, 0), max(height - 2, 0)
        size = chart_size(view, inner, room)
        chart = None
        if view.chart is not None and size is not None:
            chart = self._charts(ChartKey(view.key, *size), view.chart)
        body = detail_lines(view, chart, inner, room)
        return framed(body, Frame(title_line(view), is_active=self.is_active), width, height)
