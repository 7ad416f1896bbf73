"""Exploring from the keyboard: the grain, the breakdown and the rows of each metric, and the menus for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.session import bug_log
from kputui.session.cuts import Cut, Only, among, value_words
from kputui.session.exploring import MOST_TEXT, Explorer
from kputui.session.words import count_words
from kputui.tui.exploration import ExploreDesk, Wish
from kputui.tui.panes.choices import Choice
from kputui.tui.screens.values import ValuesScreen
from kputui.tui.selection import row_to_explore

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kputui.model.ids import MetricId
    from kputui.session.board import Board
    from kputui.session.cuts import Cell
    from kputui.session.exploring import Explored, Sizes
    from kputui.session.views import BoardView, DetailView, RowView
    from kputui.tui.linepane import Look
    from kputui.tui.screens.board import BoardScreen

_KEPT = 100
_NONE = ""
_NONE_DECLARED = 'no dimensions are declared: dimensions = ["region"] in the metric adds one'
_PARTS_OF_DATES = ("weekday", "month_of_year", "hour_of_day")
"""Dimensions that every metric has without declaring them."""


class Exploring:
    """The cut of each metric that is explored, and what is known of it; kept until it is cleared.

    `push` shows a menu and calls back with what was chosen, `show` shows the selected row again, `say` says
    a sentence.
    """

    def __init__(
        self,
        desk: ExploreDesk,
        push: Callable[[ValuesScreen, Callable[[tuple[str, ...] | None], None]], object],
        look: Callable[[], Look],
        show: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        """Nothing is explored yet."""
        self._desk, self._push, self._look, self._show, self._say = desk, push, look, show, say
        self.cuts: dict[MetricId, Cut] = {}
        self._answers: dict[tuple[MetricId, Cut], tuple[Hashable, Explored]] = {}
        self._stopped: Wish | None = None
        self._stamp: Hashable = None
        self._made: tuple[Hashable, DetailView] | None = None
        self._menu: ValuesScreen | None = None
        self._menu_of: Wish | None = None
        self._values: tuple[Cell, ...] = ()

    # --- what is shown

    def detail(self, view: BoardView, row: RowView) -> DetailView | None:
        """The row's detail: as it is explored, or else as it is."""
        metric = row.metric
        cut = self.cuts.get(metric) if metric is not None else None
        if metric is None or cut is None or view.explored is None:
            return view.details.get(row.key)
        if not view.header.is_computing:
            self._stamp = view.computed_at
        wish, held = Wish(metric, cut, stamp=self._stamp), self._answers.get((metric, cut))
        is_known = held is not None and held[0] == self._stamp and held[1].is_complete
        is_idle = wish not in {self._desk.wish, self._stopped}
        if not is_known and is_idle and self._menu is None:
            self._desk.want(wish)
        is_computing = not is_known and self._desk.wish == wish
        explored = held[1] if held is not None else None
        key = (view.generation, row.key, cut, explored, is_computing)
        if self._made is None or self._made[0] != key:
            made = view.explored(row.key, metric, cut, explored, row.goal, is_computing=is_computing)
            self._made = (key, made)
        return self._made[1]

    def explored(self, wish: Wish, explored: Explored) -> None:
        """Keep an answer, and show it when its row is the selected one."""
        self._answers.pop((wish.metric, wish.cut), None)
        while len(self._answers) >= _KEPT:
            del self._answers[next(iter(self._answers))]
        self._answers[wish.metric, wish.cut] = (wish.stamp, explored)
        if self.cuts.get(wish.metric) == wish.cut:
            self._show()

    def sizes_found(self, wish: Wish, sizes: Sizes) -> None:
        """Fill the menu that waits for them."""
        if self._menu is None or self._menu_of != wish:
            return
        if sizes.failure is not None:
            self._menu.fill((), sizes.failure.message)
            return
        self._values = tuple(size.value for size in sizes.values)
        counted = [count_words(size.rows, "row") for size in sizes.values]
        self._menu.fill(
            tuple(
                Choice(str(number), value_words(value), count)
                for number, (value, count) in enumerate(zip(self._values, counted, strict=True))
            ),
            f"{count_words(len(self._values), 'value')} · Space marks several · Enter shows only these",
        )

    # --- keys

    def act(self, id_: str, metric: MetricId, detail: DetailView) -> None:
        """Do what `g`, `b` and `f` mean for a metric."""
        cut = self.cuts.get(metric, Cut())
        if id_ == "grain" and detail.grain is not None:
            self._change(metric, cut.in_grain(detail.grain, detail.grains))
        elif id_ == "break_down":
            self._ask_by(metric, cut, detail.dimensions)
        elif id_ == "only" and cut.only is not None:
            self._change(metric, replace(cut, only=None))
        elif id_ == "only":
            self._ask_only(metric, detail.dimensions)

    def back(self, metric: MetricId | None) -> bool:
        """What Esc does to an explored metric: stop its computing, else show it as it is; False for any other."""
        if metric is None or metric not in self.cuts:
            return False
        wish = self._desk.wish
        if wish is not None and wish.metric == metric:
            self._desk.cancel()
            self._stopped = wish
            self._say("stopped; Esc again shows the metric as it is defined")
            self._show()
        else:
            self._change(metric, Cut())
        return True

    def _change(self, metric: MetricId, cut: Cut) -> None:
        self._stopped = None
        if cut:
            self.cuts[metric] = cut
        else:
            self.cuts.pop(metric, None)
            self._desk.cancel()
        self._show()

    # --- menus

    def _ask_by(self, metric: MetricId, cut: Cut, dimensions: tuple[str, ...]) -> None:
        """Let a dimension be chosen; the breakdown in force can be taken back."""
        names = _with_dates(dimensions)
        choices = [Choice(name, name, "now" if name == cut.by else "") for name in names]
        choices = [Choice(_NONE, "no breakdown"), *choices] if cut.by else choices

        def chosen(values: tuple[str, ...] | None) -> None:
            if values:
                self._change(metric, replace(cut, by="" if values[0] == _NONE else values[0]))

        sentence = "" if dimensions else _NONE_DECLARED
        self._push(ValuesScreen("Break down by", self._look, choices, sentence=sentence), chosen)

    def _ask_only(self, metric: MetricId, dimensions: tuple[str, ...]) -> None:
        """Let a dimension be chosen, then its values."""
        choices = [Choice(name, name) for name in _with_dates(dimensions)]

        def chosen(values: tuple[str, ...] | None) -> None:
            if values:
                self._ask_values(metric, values[0])

        sentence = "" if dimensions else _NONE_DECLARED
        self._push(ValuesScreen("Only some rows: by which dimension?", self._look, choices, sentence=sentence), chosen)

    def _ask_values(self, metric: MetricId, dimension: str) -> None:
        """Let values be chosen, largest first, once they are counted."""
        title = f"Only the rows whose {dimension} is"
        menu = ValuesScreen(title, self._look, is_several=True, sentence="counting the rows of each value ...")
        wish = Wish(metric, dimension=dimension, stamp=self._stamp)
        self._menu, self._menu_of, self._values = menu, wish, ()

        def chosen(numbers: tuple[str, ...] | None) -> None:
            values = tuple(self._values[int(number)] for number in numbers or ())
            self._menu = self._menu_of = None
            if self._desk.wish == wish:
                self._desk.cancel()
            if not values:
                self._show()
            elif len(among(dimension, values)) > MOST_TEXT:
                self._say("these values are too many or too long to be looked for at once: mark fewer")
                self._show()
            else:
                self._change(metric, replace(self.cuts.get(metric, Cut()), only=Only(dimension, values)))

        self._push(menu, chosen)
        self._desk.want(wish)


def explore(screen: BoardScreen, board: Board, action_id: str, look: Callable[[], Look]) -> None:
    """Carry out `g`, `b` or `f` for the row that is selected on the screen of the board, or what measures that goal."""
    exploring = screen.exploring
    if exploring is None:
        desk = ExploreDesk(Explorer(lambda: board.opened), screen.post_message, bug_log.note)
        exploring = Exploring(desk, screen.app.push_screen, look, screen.selection.show_detail, screen.say)
        screen.exploring = exploring
    selected = screen.situation().row
    row = row_to_explore(screen.view, selected)
    if row is not None and row is not selected:
        screen.selection.select(row.key)  # where it is seen what is explored, and Esc takes it back
    situation = screen.situation()
    if situation.row is not None and situation.row.metric is not None and situation.detail is not None:
        exploring.act(action_id, situation.row.metric, situation.detail)


def _with_dates(dimensions: tuple[str, ...]) -> tuple[str, ...]:
    return (*dimensions, *(name for name in _PARTS_OF_DATES if name not in dimensions))
