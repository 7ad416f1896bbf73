"""Charts off the key path: one thread draws them, newest wish first, and what it drew is kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.tui.messages import ChartReady, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.message import Message

    from kputui.render.lines import Line
    from kputui.session.cut_views import PartsView
    from kputui.session.link_views import EvidenceView, ProfileView
    from kputui.session.views import ChartView

    Drawable = ChartView | PartsView | ProfileView | EvidenceView

_KEPT = 400


def drawn(view: Drawable, width: int, height: int) -> tuple[Line, ...]:
    """A chart's lines, as its view asks for; runs in the charts' thread, after the first paint."""
    from kputui.render import chart, chart_evidence, parts  # noqa: PLC0415 - as above
    from kputui.session.cut_views import PartsView  # noqa: PLC0415 - as above
    from kputui.session.link_views import EvidenceView, ProfileView  # noqa: PLC0415 - as above

    if isinstance(view, EvidenceView):
        return chart_evidence.scatter_lines(view, width, height)
    if isinstance(view, ProfileView):
        return chart_evidence.profile_lines(view, width, height)
    if isinstance(view, PartsView):
        return parts.panel_lines(view, width, height)
    return chart.chart_lines(view, width, height)


@dataclass(frozen=True, slots=True)
class ChartKey:
    """What a drawn chart is good for: a row of the board, a size. The chart's view is compared besides."""

    row: str
    width: int
    height: int


class ChartDesk:
    """Gives drawn charts at once, and has the others drawn by its thread.

    `draw` makes the lines of a chart's view, `post` hands a message to the app from any
    thread, `log` writes an exception to the log and gives its id.
    """

    def __init__(
        self,
        draw: Callable[[Drawable, int, int], tuple[Line, ...]],
        post: Callable[[Message], object],
        log: Callable[[BaseException], str],
    ) -> None:
        """Start with nothing drawn; the thread starts with the first wish."""
        self._draw, self._post, self._log = draw, post, log
        self._drawn: dict[ChartKey, tuple[Drawable, tuple[Line, ...]]] = {}
        self._wishes: list[tuple[ChartKey, Drawable]] = []
        self._changed = threading.Condition()
        self._is_drawing = False
        self._thread: threading.Thread | None = None

    def get(self, key: ChartKey, view: Drawable) -> tuple[Line, ...] | None:
        """The chart if it is drawn for just this view and size; otherwise it is wished for, before all others."""
        with self._changed:
            drawn = self._drawn.get(key)
            if drawn is not None and drawn[0] == view:
                return drawn[1]
            self._wishes = [wish for wish in self._wishes if wish[0] != key]
            self._wishes.append((key, view))
            self._start()
            self._changed.notify_all()
        return None

    def prepare(self, wishes: Sequence[tuple[ChartKey, Drawable]]) -> None:
        """Have charts drawn that are likely to be asked for, after what is asked for now."""
        with self._changed:
            waiting = {key for key, _ in self._wishes}
            missing = [
                wish
                for wish in wishes
                if wish[0] not in waiting and ((drawn := self._drawn.get(wish[0])) is None or drawn[0] != wish[1])
            ]
            self._wishes = [*reversed(missing), *self._wishes]
            if missing:
                self._start()
                self._changed.notify_all()

    @property
    def is_busy(self) -> bool:
        """Whether a chart is being drawn or waits to be."""
        with self._changed:
            return self._is_drawing or bool(self._wishes)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="kputui-charts", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wishes)
                key, view = self._wishes.pop()
                self._is_drawing = True
            try:
                lines = self._draw(view, key.width, key.height)
            except BaseException as error:  # noqa: BLE001 - the worker's edge: nothing may vanish in a thread
                self._post(WorkFailed("drawing a chart", self._log(error)))
                lines = ()
            with self._changed:
                while len(self._drawn) >= _KEPT:
                    del self._drawn[next(iter(self._drawn))]
                self._drawn[key] = (view, lines)
            self._post(ChartReady(key, lines))
            with self._changed:
                self._is_drawing = False
