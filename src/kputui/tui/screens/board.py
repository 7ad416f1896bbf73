"""The board: goals, detail, accountability, and the keys that go to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from kputui.session.views import RowKind
from kputui.tui import actions
from kputui.tui.arrangement import Arrangement, Box, Pane, arrange
from kputui.tui.charting import ChartKey
from kputui.tui.outline import MAX_FILTER, Outline
from kputui.tui.panes.detail import DetailPane
from kputui.tui.panes.footer import FooterPane
from kputui.tui.panes.goals import GoalsPane
from kputui.tui.panes.header import HeaderPane
from kputui.tui.panes.matrix import MatrixPane

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from kputui.model.ids import MetricId
    from kputui.session.views import BoardView, DetailView, RowView
    from kputui.tui.charting import ChartDesk
    from kputui.tui.linepane import LinePane, Look

_WHEEL_ROWS = 3
_LIKELY_ROWS = 40
"""How far from the cursor charts are drawn ahead."""


class BoardScreen(Screen[None], inherit_bindings=False):
    """Shows one `BoardView`; hands keys to the active pane and everything else to `act`."""

    DEFAULT_CSS: ClassVar[str] = "BoardScreen { overflow: hidden; }"

    def __init__(
        self,
        keys: actions.KeyMap,
        desk: ChartDesk,
        look: Callable[[], Look],
        act: Callable[[actions.Action], None],
    ) -> None:
        """Build the panes; `act` carries out the actions that are not of the board alone."""
        super().__init__()
        self._keys, self._desk, self._look, self._act = keys, desk, look, act
        self.view: BoardView | None = None
        self.active = Pane.GOALS
        self.header = HeaderPane("header")
        self.goals = GoalsPane("goals")
        self.detail = DetailPane("detail", desk.get)
        self.matrix = MatrixPane("matrix")
        self.footer = FooterPane("footer")
        self.footer.keys = tuple(
            (actions.key_text(keys.keys_of[action.id][0]), action.label)
            for action in actions.ACTIONS
            if action.is_in_footer and keys.keys_of[action.id]
        )
        self._is_filtering = False

    @property
    def _panes(self) -> tuple[LinePane, ...]:
        return (self.header, self.goals, self.detail, self.matrix, self.footer)

    def compose(self) -> ComposeResult:
        """The five parts; where they stand is decided at each resize."""
        yield from self._panes

    def on_mount(self) -> None:
        """Take the look of now."""
        self.apply_look()

    # --- what is shown

    def show(self, view: BoardView) -> None:
        """Show a view: everything that is different in it, and nothing else."""
        is_new_size = self.view is None or len(self.view.matrix.rows) != len(view.matrix.rows)
        self.view = view
        self.header.show(view.header)
        self.goals.show(view.rows)
        self.matrix.show(view.matrix)
        self._show_selection()
        if is_new_size and self.is_mounted:
            self._arrange()
        self._prepare_charts()

    def apply_look(self) -> None:
        """Show everything in the theme of now."""
        for pane in self._panes:
            pane.look = self._look()
            pane.repaint_all()

    def say(self, notice: str) -> None:
        """A sentence in the last line, until the next key."""
        self.footer.say(notice)

    @property
    def row(self) -> RowView | None:
        """The selected row."""
        return self.goals.outline.row

    @property
    def detail_view(self) -> DetailView | None:
        """The selected row's detail."""
        row = self.row
        return self.view.details.get(row.key) if self.view is not None and row is not None else None

    def chart_drawn(self, key: ChartKey) -> None:
        """A chart has arrived; it is shown when its row is still the selected one."""
        if self.detail.view is not None and self.detail.view.key == key.row:
            self.detail.repaint()

    def select(self, key: str) -> None:
        """Go to a row, unfolding what it hangs under."""
        self._change(self.goals.outline.filtered("").at(key))
        self._show_filter()

    def _change(self, outline: Outline) -> None:
        self.goals.change(outline)
        self._show_selection()

    def _show_selection(self) -> None:
        row = self.row
        self.detail.show(self.detail_view)
        self.matrix.point_at(row.metric if row is not None and row.kind is RowKind.CPI else None)

    def _prepare_charts(self) -> None:
        if self.view is None or self.detail.size.width < 4 or not self.detail.display:
            return
        wishes = []
        outline = self.goals.outline
        at = outline.index()
        for row in outline.visible[max(at - _LIKELY_ROWS, 0) : at + _LIKELY_ROWS]:
            detail = self.view.details.get(row.key)
            if detail is not None and detail.chart is not None and (size := self.detail.chart_box(detail)):
                wishes.append((ChartKey(row.key, *size), detail.chart))
        self._desk.prepare(wishes)

    # --- where the panes stand

    def on_resize(self, event: events.Resize) -> None:
        """Stand the panes anew; nothing is computed."""
        del event
        self._arrange()

    def _arrange(self) -> None:
        width, height = self.size
        rows = len(self.view.matrix.rows) if self.view is not None else 0
        place = arrange(width, height, rows, self.active)
        self.header.sentence = f"kputui needs 40x10, this is {width}x{height}" if place.is_too_small else ""
        self._place(place)
        self.header.repaint()
        self.call_after_refresh(self._prepare_charts)

    def _place(self, place: Arrangement) -> None:
        boxes: tuple[tuple[LinePane, Box | None], ...] = (
            (self.header, place.header),
            (self.goals, place.goals),
            (self.detail, place.detail),
            (self.matrix, place.matrix),
            (self.footer, place.footer),
        )
        for pane, box in boxes:
            pane.display = box is not None
            if box is not None:
                pane.styles.offset = (box.x, box.y)
                pane.styles.width, pane.styles.height = box.width, box.height

    def activate(self, pane: Pane) -> None:
        """Give the keys to a pane; on a small terminal it takes the whole room."""
        if pane is self.active:
            return
        self.active = pane
        self.goals.is_active = pane is Pane.GOALS
        self.detail.is_active = pane is Pane.DETAIL
        self.matrix.is_active = pane is Pane.MATRIX
        if pane is Pane.MATRIX and self.matrix.cursor is None:
            self._point_in_matrix(self.matrix.moved(1))
        width, height = self.size
        rows = len(self.view.matrix.rows) if self.view is not None else 0
        if arrange(width, height, rows, Pane.GOALS).matrix is None:
            self._arrange()
        for part in (self.goals, self.detail, self.matrix):
            part.repaint()

    def _point_in_matrix(self, metric: MetricId | None) -> None:
        """Select a CPI from the matrix: its first row in the goals pane, when it has one."""
        if metric is None or self.view is None:
            return
        row = next((row for row in self.view.rows if row.metric == metric and row.kind is RowKind.CPI), None)
        if row is not None:
            self._change(self.goals.outline.filtered("").at(row.key))
            self._show_filter()
        self.matrix.point_at(metric)

    # --- keys

    def on_key(self, event: events.Key) -> None:
        """Type into the filter, or do what the key map says."""
        event.stop()
        if self.footer.notice:
            self.footer.say("")
        if self._is_filtering and self._typed(event):
            return
        action = self._keys.action_of.get(event.key)
        if action is not None:
            self.perform(action)

    def perform(self, action: actions.Action) -> None:
        """Carry out an action, or say why it can't be done."""
        reason = action.refusal(self.situation()) if action.refusal is not None else ""
        if reason:
            self.say(reason)
        elif not self._move(action.id) and not self._own(action.id):
            self._act(action)

    def situation(self) -> actions.Situation:
        """What refusals look at."""
        return actions.Situation(self.view, self.row, self.detail_view)

    def _move(self, id_: str) -> bool:
        pane: GoalsPane | MatrixPane = self.matrix if self.active is Pane.MATRIX else self.goals
        many = 1_000_000
        steps = {
            "up": -1,
            "down": 1,
            "page_up": -pane.page,
            "page_down": pane.page,
            "first": -many,
            "last": many,
        }.get(id_)
        if steps is None:
            return False
        if isinstance(pane, MatrixPane):
            self._point_in_matrix(pane.moved(steps))
        else:
            self._change(pane.outline.moved(steps))
        return True

    def _own(self, id_: str) -> bool:
        """The actions of the board alone."""
        outline = self.goals.outline
        row = self.row
        match id_:
            case "left":
                self._change(outline.to_the_left())
            case "right":
                self._change(outline.to_the_right())
            case "fold":
                self._change(outline.toggled())
            case "open" if row is not None and row.kind is RowKind.GOAL and row.has_children and self._is_on_goals:
                self._change(outline.toggled())
            case "filter":
                self._is_filtering = True
                self.activate(Pane.GOALS)
                self._show_filter()
            case "next_pane" | "previous_pane":
                self._next_pane(1 if id_ == "next_pane" else -1)
            case "board":
                self.activate(Pane.GOALS)
            case "matrix":
                self.activate(Pane.MATRIX)
            case "back":
                self._back()
            case _:
                return False
        return True

    @property
    def _is_on_goals(self) -> bool:
        return self.active is Pane.GOALS

    def _next_pane(self, step: int) -> None:
        order = tuple(Pane)
        self.activate(order[(order.index(self.active) + step) % len(order)])

    def _back(self) -> None:
        if self.goals.outline.filter:
            self._filter("")
        else:
            self.activate(Pane.GOALS)

    # --- the filter

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text, as much of it as a filter takes."""
        event.stop()
        if self._is_filtering:
            self._filter((self.goals.outline.filter + event.text[:MAX_FILTER])[:MAX_FILTER])

    def _typed(self, event: events.Key) -> bool:
        """Whether the key was for the filter."""
        text = self.goals.outline.filter
        if event.key in {"enter", "escape"}:
            self._is_filtering = False
            self._filter("" if event.key == "escape" else text)
        elif event.key == "backspace":
            self._filter(text[:-1])
        elif event.is_printable and event.character is not None:
            self._filter(text + event.character)
        else:
            return False
        return True

    def _filter(self, text: str) -> None:
        self._change(self.goals.outline.filtered(text))
        self._show_filter()

    def _show_filter(self) -> None:
        outline = self.goals.outline
        count = len(outline.visible)
        matches = f"{count} row{'' if count == 1 else 's'}" if outline.filter else ""
        self.footer.show_filter(outline.filter, matches, is_filtering=self._is_filtering)

    # --- the mouse, which nothing needs

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked, and give the keys to its pane."""
        pane = self._pane_of(event.widget)
        if pane is None:
            return
        self.activate(pane)
        if pane is Pane.GOALS and (key := self.goals.row_at(event.screen_y - self.goals.region.y)):
            self._change(self.goals.outline.at(key))
        elif pane is Pane.MATRIX:
            self._point_in_matrix(self.matrix.metric_at(event.screen_y - self.matrix.region.y))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows down."""
        self._wheel(event, _WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows up."""
        self._wheel(event, -_WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, steps: int) -> None:
        event.stop()
        if self._pane_of(event.widget) is Pane.MATRIX:
            self._point_in_matrix(self.matrix.moved(steps))
        else:
            self._change(self.goals.outline.moved(steps))

    def _pane_of(self, widget: Widget | None) -> Pane | None:
        panes = {Pane.GOALS: self.goals, Pane.DETAIL: self.detail, Pane.MATRIX: self.matrix}
        return next((pane for pane, part in panes.items() if part is widget), None)
