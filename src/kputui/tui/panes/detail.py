"""The detail pane: everything about the selected row, in the same frame as the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.detail import chart_size, detail_lines, title_line
from kputui.render.lines import Frame, Line, framed
from kputui.tui.charting import ChartKey
from kputui.tui.linepane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from kputui.session.views import DetailView
    from kputui.tui.charting import Drawable

    Charts = Callable[[ChartKey, Drawable], tuple[Line, ...] | None]

CHART_RESTS_S = 0.12
"""A held key repeats faster than this, so it never sends a chart."""


class DetailPane(LinePane):
    """Shows a detail; the chart comes from `charts`, which gives it at once or sends it later."""

    def __init__(self, id: str, charts: Charts) -> None:  # noqa: A002 - Textual's own name for it
        """Start empty."""
        super().__init__(id)
        self._charts = charts
        self.view: DetailView | None = None
        self.is_active = False
        self._rest: Timer | None = None
        self._last_chart: tuple[Line, ...] | None = None

    def show(self, view: DetailView | None) -> None:
        """Show another row's detail, or the same with newer figures.

        The words follow the selection in the same frame; the chart follows once the keys have rested.
        """
        is_moving = view is not None and self.view is not None and view.key != self.view.key
        self.view = view
        if is_moving and self.is_mounted:
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(CHART_RESTS_S, self._rested)
        self.repaint()

    def _rested(self) -> None:
        self._rest = None
        self.repaint()

    def _chart(self, key: ChartKey, view: Drawable) -> tuple[Line, ...] | None:
        """The chart when it is drawn and the keys rest; until then the last one."""
        if self._rest is None and (drawn := self._charts(key, view)) is not None:
            self._last_chart = drawn
        return self._last_chart

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
        chart, picture = None, view.parts or view.chart
        if picture is not None and size is not None:
            chart = self._chart(ChartKey(view.key, *size), picture)
        body = detail_lines(view, chart, inner, room)
        return framed(body, Frame(title_line(view), is_active=self.is_active), width, height)
