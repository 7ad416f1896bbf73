"""What the workers tell the app. Facts, in the past tense; the app alone changes what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from kputui.render.lines import Line
    from kputui.session.views import BoardView
    from kputui.tui.charting import ChartKey


class ReadingsReady(Message):
    """A newer view of the board; an older generation than the one shown is dropped."""

    def __init__(self, view: BoardView) -> None:
        """Carry the view."""
        super().__init__()
        self.view = view


class ChartReady(Message):
    """A chart has been drawn."""

    def __init__(self, key: ChartKey, lines: tuple[Line, ...]) -> None:
        """Carry the chart and what it was drawn for."""
        super().__init__()
        self.key = key
        self.lines = lines


class WorkFailed(Message):
    """A worker met something that nobody expected; the log has it under `error_id`."""

    def __init__(self, what: str, error_id: str) -> None:
        """Carry what was being done and the id in the log."""
        super().__init__()
        self.what = what
        self.error_id = error_id
