"""The screen of the stand-up: an item a page, and at the end what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kputui.model.cell import NoteCell, SnoozeCell
from kputui.model.change import Hold
from kputui.model.metric import MetricKind
from kputui.render.lines import Ink, Line
from kputui.render.problem import wrap
from kputui.render.safe import safe
from kputui.render.standup import USUAL_MINUTES, Now, chart_size, closing_lines, item_lines
from kputui.session.history import metrics_of
from kputui.session.standup import decided_since, held_words
from kputui.session.standup_views import ItemKind
from kputui.session.words import day_words
from kputui.tui import actions
from kputui.tui.charting import ChartKey
from kputui.tui.panes.page import PagePane
from kputui.tui.screens.cover import CLOSING, Controls, CoverScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from kputui.model.ids import MetricId
    from kputui.session.history import Entry
    from kputui.session.standup_views import Item, StandUpView
    from kputui.session.views import BoardView, DetailView, RowView
    from kputui.tui.panes.detail import Charts
    from kputui.tui.standing import StandingUp

_MANY = 1_000_000
_BACK_KEY = "b"
_EXPLAINING = frozenset({ItemKind.SIGNAL, ItemKind.GUARDRAIL, ItemKind.EXPLAINED})
_PAGES: dict[str, int] = {"fold": 1, "right": 1, "left": -1, "previous_item": -1, "first": -_MANY, "last": _MANY}


class StandUpScreen(CoverScreen):
    """Shows a stand-up in progress; the items stay as they were found, their charts and owners are those of now."""

    OWN: ClassVar[frozenset[str]] = frozenset(
        {"explain", "note", "snooze", "reassign", "confirm", "undo", "history", "source", "hold"}
    )

    def __init__(
        self,
        controls: Controls,
        charts: Charts,
        standing: StandingUp,
        open_evidence: Callable[[MetricId, MetricId], None],
    ) -> None:
        """Go on where it was left; `charts` gives charts or draws them."""
        self.pane = PagePane("standup", (("Stand-up", Ink.TITLE),), self._content)
        super().__init__(self.pane, controls)
        self.standing = standing
        self._charts, self._open_evidence = charts, open_evidence
        self._board_view: BoardView | None = None
        self._name_keys()

    # --- what is shown

    def show(self, view: BoardView) -> None:
        """Take newer figures for charts and owners; look back once they are complete."""
        self._board_view = view
        if not view.header.is_computing:
            self.standing.look_back()
        self.pane.repaint()

    def apply_look(self) -> None:
        """Show in the theme of now, and what was looked up meanwhile."""
        self._name_keys()
        super().apply_look()

    def chart_drawn(self) -> None:
        """Show the chart that has arrived."""
        self.pane.repaint()

    @property
    def item(self) -> Item | None:
        """The item on the page; None before it is looked up, and on the last page."""
        view = self.standing.view
        return view.items[self.standing.at] if view is not None and self.standing.at < len(view.items) else None

    def situation(self) -> actions.Situation:
        """The item with its row; on the last page what holding the stand-up records."""
        item, view = self.item, self._board_view
        metrics = self.standing.board.workspace.metrics
        cpi = item.metric if item is not None and item.metric in metrics else None
        is_cpi = cpi is not None and metrics[cpi].kind is MetricKind.CPI
        return actions.Situation(
            view,
            self._row(item),
            self._detail(item),
            cpi if is_cpi else None,
            kpi=item.kpi if item is not None else None,
            item=item,
            hold=self._hold(),
        )

    def _row(self, item: Item | None) -> RowView | None:
        rows = self._board_view.rows if self._board_view is not None else ()
        return next((row for row in rows if item is not None and row.key == item.row_key), None)

    def _detail(self, item: Item | None) -> DetailView | None:
        if item is None or self._board_view is None:
            return None
        return self._board_view.details.get(item.row_key)

    def _hold(self) -> Hold | None:
        view = self.standing.view
        if view is None or self.item is not None:
            return None
        seqs = tuple(sorted(entry.seq for entry in self._decided()))
        return Hold(view.today, view.since, seqs)

    def _decided(self) -> tuple[Entry, ...]:
        return decided_since(self.standing.board.opened, self.standing.began_seq)

    # --- keys

    def typed(self, event: events.Key) -> bool:
        """A letter beside the space bar goes back, unless the workspace gave it to something else."""
        if event.key != _BACK_KEY or not self._is_b_free:
            return False
        self._turn(-1)
        return True

    @property
    def _is_b_free(self) -> bool:
        """Whether the workspace and the table of keys leave the letter to this screen."""
        action = self._controls.keys.action_of.get(_BACK_KEY)
        return action is None or (action.place is actions.Place.BOARD and action.id not in self.OWN | CLOSING)

    def own(self, id_: str) -> bool:
        """Turn pages, scroll in one, open what is behind an item, hold the stand-up at its end."""
        page = self.pane.page
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        if id_ in _PAGES:
            self._turn(_PAGES[id_])
        elif id_ in steps:
            self.pane.scroll_lines(steps[id_])
        elif id_ == "open":
            self._open()
        else:
            return id_ == "standup"
        return True

    def _turn(self, steps: int) -> None:
        before = self.standing.at
        self.standing.go(steps)
        if self.standing.at == before and steps > 0 and self.item is None and self.standing.view is not None:
            self.say("this is the last page: Enter records that the stand-up was held, Esc leaves it open")
        self._name_keys()
        self.pane.scroll_lines(-_MANY)
        self.footer.repaint()

    def _open(self) -> None:
        item = self.item
        if self.standing.view is None:
            self.say("still looking back ...")
        elif item is None:
            self.perform(actions.BY_ID["hold"])
        elif item.metric is not None and item.kpi is not None:
            self._open_evidence(item.metric, item.kpi)
        elif self._detail(item) is not None:
            self._controls.act(actions.BY_ID["open"])
        else:
            self.say("nothing more is behind this item")

    def _name_keys(self) -> None:
        """Name in the last line the keys that fit the page."""
        keys_of = self._controls.keys.keys_of
        shown = {id_: actions.key_text(keys[0]) for id_, keys in keys_of.items() if keys}
        if self._is_b_free:
            shown["previous_item"] = _BACK_KEY
        self.footer.keys = tuple(
            (shown[id_], label or actions.BY_ID[id_].label) for id_, label in self._named() if id_ in shown
        )

    def _named(self) -> Sequence[tuple[str, str]]:
        item, always = self.item, (("help", ""), ("back", "leave"))
        if item is None:
            return (
                (("open", "held"), ("previous_item", ""), ("note", ""), ("report", ""), *always)
                if self.standing.view
                else always
            )
        fitting = [("fold", "next"), ("previous_item", "")]
        fitting += [("explain", "")] if item.kind in _EXPLAINING else []
        fitting += [("confirm", "decide")] if item.kpi is not None else []
        fitting += [("reassign", "")] if self.situation().cpi is not None else []
        return (*fitting, ("note", ""), ("snooze", ""), ("open", "more"), *always)

    # --- lines

    def _content(self, width: int) -> Sequence[Line]:
        """The page on show; the time is read when it is drawn, and nothing moves by itself."""
        view, standing = self.standing.view, self.standing
        if view is None:
            words = standing.trouble or "looking back ..."
            self.pane.heading = (("Stand-up", Ink.TITLE),)
            return ((), *(((f" {line}", Ink.MUTED),) for line in wrap(safe(words), max(width - 2, 10))))
        count = len(view.items)
        place = f" {standing.at + 1} of {count}" if standing.at < count else " · the end" if count else ""
        time = f" · {standing.minutes} of {USUAL_MINUTES} min"
        since = f" · since {day_words(view.since)}"
        self.pane.heading = ((f"Stand-up{place}", Ink.TITLE), (f"{time}{since}", Ink.MUTED))
        if self.item is None:
            return self._last_page(view, width)
        return self._item_page(self.item, width)

    def _item_page(self, item: Item, width: int) -> Sequence[Line]:
        detail = self._detail(item)
        room = max(self.size.height - 3, 1)
        now = Now(
            tuple(entry for entry in self._decided() if _is_about(entry, item)),
            detail.owner if detail is not None else "",
        )
        size = chart_size(item, now, width, room)
        chart: Sequence[Line] | None = None
        if detail is not None and detail.chart is not None and size is not None:
            chart = self._charts(ChartKey(f"standup {item.row_key}", *size), detail.chart) or ()
        return item_lines(item, now, chart, width, room)

    def _last_page(self, view: StandUpView, width: int) -> Sequence[Line]:
        decided = self._decided()
        left = [item for item in view.items if item.asks and not any(_is_about(entry, item) for entry in decided)]
        return closing_lines(view, decided, left, self._ends(), width)

    def _ends(self) -> str:
        """What ends the stand-up, or that it is ended."""
        read_only = self._board_view.read_only if self._board_view is not None else ""
        opened = self.standing.board.opened
        if self.standing.is_over:
            return f"held {held_words(opened)}: the next one looks back to it"
        if not read_only and opened.clock.today in opened.ownership.stand_ups:
            return f"a second look: held {held_words(opened)}; Enter records it anew, Esc leaves it as it is"
        return read_only or "Enter records that it was held, and the next one looks back to it; Esc leaves it open"


def _is_about(entry: Entry, item: Item) -> bool:
    """Whether a change of now belongs to an item: to its metric or link, its goal, or itself."""
    cell = entry.cell
    if isinstance(cell, SnoozeCell):
        return cell.item == item.key
    if isinstance(cell, NoteCell) and item.metric is None and item.goal is not None:
        return cell.subject.name == item.goal.goal
    return item.metric is not None and item.metric in metrics_of(cell)
