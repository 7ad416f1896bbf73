"""What the workers tell the app. Facts, in the past tense; the app alone changes what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from kputui.errors import KputuiError
    from kputui.render.lines import Line
    from kputui.session.commands import Conflict, Done
    from kputui.session.exploring import Explored, Sizes
    from kputui.session.views import BoardView
    from kputui.tui import exploration
    from kputui.tui.changing import Wish
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


class ChangeSaved(Message):
    """A change is on disk; `view` is the board with it."""

    def __init__(self, done: Done, view: BoardView) -> None:
        """Carry what was done and what the board is now."""
        super().__init__()
        self.done = done
        self.view = view


class ChangeStopped(Message):
    """A change was not saved: a rule, another lead or the disk stood against it; nothing has changed.

    `view` is the board as the files are now; `conflict` says who was first, when somebody was.
    """

    def __init__(self, wish: Wish, error: KputuiError, view: BoardView, conflict: Conflict | None = None) -> None:
        """Carry what was wished and why it was not done."""
        super().__init__()
        self.wish = wish
        self.error = error
        self.view = view
        self.conflict = conflict


class CutExplored(Message):
    """A cut of a metric is computed, or a further part of it."""

    def __init__(self, wish: exploration.Wish, explored: Explored) -> None:
        """Carry what was wished and what came of it."""
        super().__init__()
        self.wish = wish
        self.explored = explored


class SizesFound(Message):
    """The values of a dimension are counted."""

    def __init__(self, wish: exploration.Wish, sizes: Sizes) -> None:
        """Carry what was wished and what came of it."""
        super().__init__()
        self.wish = wish
        self.sizes = sizes


class PageChanged(Message):
    """The page on the screen has more to show than before."""


class FileWritten(Message):
    """A file that was asked for is written, or not; `text` says which and why."""

    def __init__(self, text: str) -> None:
        """Carry the sentence."""
        super().__init__()
        self.text = text
