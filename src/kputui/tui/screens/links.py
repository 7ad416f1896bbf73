"""The screen of the links: which CPI is said to lead which KPI, and how far each of them has come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from kputui.model.ids import GoalId, TeamId
from kputui.render.form import Told
from kputui.session.link_views import LinksView
from kputui.session.views import Tone
from kputui.session.words import count_words
from kputui.tui import actions
from kputui.tui.form import Choosing, Form, Item
from kputui.tui.link_table import STATES, LinkTable, Narrowing
from kputui.tui.outline import MAX_FILTER
from kputui.tui.panes.links import LinksPane
from kputui.tui.screens.cover import Controls, CoverScreen
from kputui.tui.screens.form import FormScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from kputui.model.ids import MetricId
    from kputui.session.views import BoardView

_MANY, _WHEEL_ROWS = 1_000_000, 3


class LinksScreen(CoverScreen):
    """Shows the links of one `BoardView`; `open_evidence` opens the page of a link."""

    OWN: ClassVar[frozenset[str]] = frozenset({"confirm", "reassign", "undo", "history"})
    FOOTER: ClassVar[Sequence[str | tuple[str, str]]] = (
        ("open", "evidence"),
        "confirm",
        "filter",
        "narrow",
        ("back", "back"),
        "help",
        "quit",
    )

    def __init__(
        self,
        controls: Controls,
        open_evidence: Callable[[MetricId, MetricId], None],
        cpi: MetricId | None = None,
    ) -> None:
        """Nothing is shown yet; the cursor will stand on `cpi`."""
        self.pane = LinksPane("links")
        super().__init__(self.pane, controls)
        self._open_evidence = open_evidence
        self._board_view: BoardView | None = None
        self.pane.table = LinkTable(cpi=cpi)
        self.is_filtering = False

    @property
    def table(self) -> LinkTable:
        """The links as they are filtered, with the cursor."""
        return self.pane.table

    def show(self, view: BoardView) -> None:
        """Show newer links; cursor and filter stay."""
        self._board_view = view
        self.pane.evidence = view.evidence
        self.pane.change(self.table.with_view(view.links or LinksView()))

    def situation(self) -> actions.Situation:
        """The CPI and the KPI under the cursor."""
        cell, row = self.table.cell, self.table.row
        cpi = self.table.view.rows[row][0] if row is not None else None
        return actions.Situation(self._board_view, cpi=cpi, kpi=cell.kpi if cell is not None else None)

    # --- keys

    def own(self, id_: str) -> bool:
        """Move, open, find, narrow."""
        page = self.pane.page
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "first": -_MANY, "last": _MANY}
        if id_ in steps:
            self.pane.change(self.table.moved(steps[id_]))
        elif id_ in {"left", "right"}:
            self.pane.change(self.table.moved_across(1 if id_ == "right" else -1))
        elif id_ == "open":
            self._open()
        elif id_ == "filter":
            self.is_filtering = True
            self._show_filter()
        elif id_ == "narrow":
            self._ask_what_to_show()
        elif id_ == "back" and self.table.narrowing:
            self._narrow(Narrowing())
        else:
            return id_ == "links"
        return True

    def _open(self) -> None:
        cell = self.table.cell
        if cell is None:
            self.say("no link stands here")
        elif self._board_view is None or (cell.cpi, cell.kpi) not in self._board_view.evidence:
            self.say("the data is still being looked at")
        else:
            self._open_evidence(cell.cpi, cell.kpi)

    def _narrow(self, narrowing: Narrowing) -> None:
        self.pane.change(self.table.narrowed(narrowing))
        self._show_filter()

    # --- the filter

    def typed(self, event: events.Key) -> bool:
        """Whether the key was for the filter."""
        if not self.is_filtering:
            return False
        text = self.table.narrowing.text
        if event.key in {"enter", "escape"}:
            self.is_filtering = False
            self._find("" if event.key == "escape" else text)
        elif event.key == "backspace":
            self._find(text[:-1])
        elif event.is_printable and event.character is not None:
            self._find(text + event.character)
        else:
            return False
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text, as much of it as a filter takes."""
        event.stop()
        if self.is_filtering:
            self._find(self.table.narrowing.text + event.text[:MAX_FILTER])

    def _find(self, text: str) -> None:
        self._narrow(replace(self.table.narrowing, text=text[:MAX_FILTER]))

    def _show_filter(self) -> None:
        text = self.table.narrowing.text
        matches = count_words(self.table.links, "link") if text else ""
        self.footer.show_filter(text, matches, is_filtering=self.is_filtering)

    def _ask_what_to_show(self) -> None:
        """Ask for a state, a team and a goal; what is chosen stays until Esc."""
        screen: FormScreen

        def answered(form: Form) -> None:
            screen.dismiss(None)
            self._narrow(_narrowing_of(form, self.table.narrowing))

        screen = FormScreen(_WhichLinks(self.table), answered, self._controls.look)
        self.app.push_screen(screen)

    # --- the mouse, which nothing needs

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked."""
        if event.widget is self.pane:
            cpi = self.pane.row_at(event.screen_y)
            if cpi is not None:
                self.pane.change(self.table.pointed(cpi, self.pane.column_at(event.screen_x)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows down."""
        event.stop()
        self.pane.change(self.table.moved(_WHEEL_ROWS))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows up."""
        event.stop()
        self.pane.change(self.table.moved(-_WHEEL_ROWS))


class _WhichLinks:
    """Which links are to be shown: a state, a team, a goal."""

    heading = "Which links"
    enter = "shows them"

    def __init__(self, table: LinkTable) -> None:
        """Start on what is shown now."""
        self._table = table
        view, now = table.view, table.narrowing
        self.form = Form(
            (
                _choosing("state", "every state", [(state, state) for state in STATES], now.state),
                _choosing("team", "every team", list(view.team_labels), str(now.team or "")),
                _choosing("goal", "every goal", list(view.goal_labels), str(now.goal or "")),
            )
        )

    def told(self, form: Form) -> Sequence[Told]:
        """How many links that would be."""
        table = self._table.narrowed(_narrowing_of(form, self._table.narrowing))
        words = f"{count_words(table.links, 'link')} of {count_words(len(table.rows), 'CPI')}"
        return (Told(words, Tone.PLAIN if table.links else Tone.CAUTION),)


def _choosing(name: str, everything: str, options: Sequence[tuple[str, str]], now: str) -> Choosing:
    items = (Item("", everything), *(Item(str(value), label) for value, label in options))
    return Choosing(name, items, at=next((i for i, item in enumerate(items) if item.value == now), 0))


def _narrowing_of(form: Form, now: Narrowing) -> Narrowing:
    team, goal = form.value("team"), form.value("goal")
    return Narrowing(now.text, TeamId(team) if team else None, GoalId(goal) if goal else None, form.value("state"))
