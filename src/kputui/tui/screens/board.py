"""The board: goals, detail, accountability, and the keys that go to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from kputui.session.views import RowKind
from kputui.tui import actions
from kputui.tui.arrangement import Pane
from kputui.tui.selection import Selection
from kputui.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from kputui.model.cell import Cell
    from kputui.session.views import BoardView
    from kputui.tui.charting import ChartDesk, ChartKey
    from kputui.tui.exploring import Exploring
    from kputui.tui.linepane import Look
    from kputui.tui.messages import CutExplored, SizesFound
    from kputui.tui.panes.detail import DetailPane
    from kputui.tui.panes.goals import GoalsPane

_WHEEL_ROWS = 3


class BoardScreen(Screen[None], inherit_bindings=False):
    """Shows one `BoardView`; hands keys to the active pane and everything else to `act`."""

    DEFAULT_CSS: ClassVar[str] = "BoardScreen { overflow: hidden; }"

    def __init__(
        self,
        keys: actions.KeyMap,
        desk: ChartDesk,
        look: Callable[[], Look],
        act: Callable[[actions.Action], None],
        seen: Callable[[tuple[Cell, ...]], None] = lambda _: None,
    ) -> None:
        """Build the panes; `act` carries out the actions that are not of the board alone.

        `seen` hears of cells that others changed, once the cursor has stood on their row and gone on.
        """
        super().__init__()
        self._seen = seen
        self._keys, self._desk, self._look, self._act = keys, desk, look, act
        self.view: BoardView | None = None
        self.stage = Stage(keys, desk)
        self.selection = Selection(self.stage)
        self._exploring: Exploring | None = None

    @property
    def goals(self) -> GoalsPane:
        """The goals pane."""
        return self.stage.goals

    @property
    def detail(self) -> DetailPane:
        """The detail pane."""
        return self.stage.detail

    def compose(self) -> ComposeResult:
        """The five parts; where they stand is decided at each resize."""
        yield from self.stage.parts

    def on_mount(self) -> None:
        """Take the look of now."""
        self.apply_look()

    # --- what is shown

    def show(self, view: BoardView) -> None:
        """Show a view: everything that is different in it, and nothing else."""
        self.view = view
        is_new_size = self.stage.show(view)
        self.selection.show(view)
        if is_new_size and self.is_mounted:
            self._stand()
        self.stage.prepare_charts(view)

    def apply_look(self) -> None:
        """Show everything in the theme of now."""
        self.stage.apply_look(self._look())

    def say(self, notice: str) -> None:
        """A sentence in the last line, until the next key."""
        self.stage.footer.say(notice)

    def chart_drawn(self, key: ChartKey) -> None:
        """A chart has arrived; it is shown when its row is still the selected one."""
        if self.detail.view is not None and self.detail.view.key == key.row:
            self.detail.repaint()

    # --- exploring

    @property
    def exploring(self) -> Exploring | None:
        """The cuts of metrics; None before the first one was asked for."""
        return self._exploring

    @exploring.setter
    def exploring(self, exploring: Exploring) -> None:
        self._exploring = exploring
        self.selection.explored = exploring.detail

    def on_cut_explored(self, message: CutExplored) -> None:
        """Show what is known of a cut now."""
        if self._exploring is not None:
            self._exploring.explored(message.wish, message.explored)

    def on_sizes_found(self, message: SizesFound) -> None:
        """Fill the menu that waits for the values of a dimension."""
        if self._exploring is not None:
            self._exploring.sizes_found(message.wish, message.sizes)

    # --- where the panes stand

    def on_resize(self, event: events.Resize) -> None:
        """Stand the panes anew; nothing is computed."""
        del event
        self._stand()

    def _stand(self) -> None:
        self.stage.stand(self.size)
        self.call_after_refresh(self._prepare_charts)

    def _prepare_charts(self) -> None:
        if self.view is not None:
            self.stage.prepare_charts(self.view)

    def activate(self, pane: Pane, *, is_whole: bool = False) -> None:
        """Give the keys to a pane; on a small terminal, or when it is asked for, it takes the whole room."""
        if pane is self.stage.active and is_whole == self.stage.is_whole:
            return
        is_to_stand = self.stage.activate(pane, self.size, is_whole=is_whole)
        if pane is Pane.MATRIX:
            self.selection.enter_matrix()
        if is_to_stand:
            self._stand()
        self.stage.repaint()

    # --- keys

    def on_key(self, event: events.Key) -> None:
        """Type into the filter, or do what the key map says."""
        event.stop()
        if self.stage.footer.notice:
            self.say("")
        if self.selection.is_filtering and self.selection.typed(event):
            return
        action = self._keys.action_of.get(event.key)
        if action is not None:
            self.perform(action)

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        self.selection.pasted(event.text)

    def perform(self, action: actions.Action) -> None:
        """Carry out an action, or say why it can't be done."""
        reason = action.refusal(self.situation()) if action.refusal is not None else ""
        if reason:
            self.say(reason)
            return
        before = self.stage.matrix.row if self.stage.active is Pane.MATRIX else None
        if not self.selection.move(self.stage.active, action.id) and not self._own(action.id):
            self._act(action)
        if before is not None and before.marks and self.stage.matrix.row is not before:
            self._seen(tuple(mark.cell for mark in before.marks))

    def situation(self) -> actions.Situation:
        """What refusals look at."""
        row, matrix = self.selection.row, self.stage.matrix
        if self.stage.active is not Pane.MATRIX:
            cpi = row.metric if row is not None and row.kind is RowKind.CPI else None
            return actions.Situation(self.view, row, self.selection.detail, cpi)
        return actions.Situation(
            self.view,
            row,
            self.selection.detail,
            matrix.row.metric if matrix.row is not None else None,
            matrix.assignee,
            matrix.letters,
            is_in_matrix=True,
        )

    def _own(self, id_: str) -> bool:
        """The actions of the board alone."""
        selection = self.selection
        if self.stage.active is Pane.MATRIX and self._in_matrix(id_):
            return True
        match id_:
            case "left":
                selection.change(selection.outline.to_the_left())
            case "right":
                selection.change(selection.outline.to_the_right())
            case "fold":
                selection.change(selection.outline.toggled())
            case "open" if self._is_on_a_goal:
                selection.change(selection.outline.toggled())
            case "filter":
                self.activate(Pane.GOALS)
                selection.begin_filter()
            case _:
                return self._go(id_)
        return True

    def _go(self, id_: str) -> bool:
        """The actions that give the keys to another pane."""
        match id_:
            case "next_pane" | "previous_pane":
                self._next_pane(1 if id_ == "next_pane" else -1)
            case "board":
                self.activate(Pane.GOALS)
            case "matrix":
                self.activate(Pane.MATRIX, is_whole=True)
            case "back":
                self._back()
            case _:
                return False
        return True

    def _in_matrix(self, id_: str) -> bool:
        """What keys mean in the matrix alone."""
        match id_:
            case "left" | "right":
                self.stage.matrix.move_column(1 if id_ == "right" else -1)
            case "open" | "fold":
                if not self.stage.matrix.toggle_people():
                    self.say("this team names nobody")
            case _:
                return False
        return True

    @property
    def _is_on_a_goal(self) -> bool:
        row = self.selection.row
        is_goal = row is not None and row.kind is RowKind.GOAL and row.has_children
        return is_goal and self.stage.active is Pane.GOALS

    def _next_pane(self, step: int) -> None:
        order = tuple(Pane)
        self.activate(order[(order.index(self.stage.active) + step) % len(order)])

    def _back(self) -> None:
        row = self.selection.row
        if self.selection.outline.filter:
            self.selection.filter("")
        elif self._exploring is not None and row is not None and self._exploring.back(row.metric):
            return
        elif self.stage.active is not Pane.GOALS:
            self.activate(Pane.GOALS)
        elif self.view is not None and self.view.header.is_computing:
            self._act(actions.BY_ID["stop"])
            self.say("stopping after the rows that are being looked at ...")

    # --- the mouse, which nothing needs

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked, and give the keys to its pane."""
        pane = self.stage.pane_of(event.widget)
        if pane is not None and event.widget is not None:
            self.activate(pane, is_whole=self.stage.is_whole)
            region = event.widget.region
            self.selection.point(pane, event.screen_x - region.x, event.screen_y - region.y)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows down."""
        self._wheel(event, _WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows up."""
        self._wheel(event, -_WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, steps: int) -> None:
        event.stop()
        is_matrix = self.stage.pane_of(event.widget) is Pane.MATRIX
        self.selection.step(Pane.MATRIX if is_matrix else Pane.GOALS, steps)
