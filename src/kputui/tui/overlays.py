"""The screens over the board, built when they are first asked for: nothing of them is needed to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.detail import MIN_CHART_HEIGHT, MIN_CHART_WIDTH, title_line
from kputui.render.lines import Ink, Line
from kputui.render.log import log_lines
from kputui.render.mine import mine_lines
from kputui.render.pages import everything_lines, help_lines, source_lines
from kputui.render.parts import panels_that_fit
from kputui.render.safe import safe
from kputui.session import bug_log, history, mine
from kputui.session.views import RowKind
from kputui.session.words import metric_words
from kputui.tui import actions
from kputui.tui.charting import ChartKey
from kputui.tui.panes.choices import Choice
from kputui.tui.screens.check import CheckScreen
from kputui.tui.screens.cover import CLOSING, Controls, CoverScreen
from kputui.tui.screens.evidence import EvidenceScreen
from kputui.tui.screens.journey import JourneyScreen
from kputui.tui.screens.links import LinksScreen
from kputui.tui.screens.page import PageScreen
from kputui.tui.screens.palette import PaletteScreen
from kputui.tui.screens.standup import StandUpScreen
from kputui.tui.standing import StandingUp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.screen import Screen

    from kputui.errors import Place
    from kputui.model.ids import MetricId
    from kputui.session.board import Board
    from kputui.session.views import BoardView, DetailView
    from kputui.tui.linepane import Look
    from kputui.tui.panes.detail import Charts
    from kputui.tui.private import PrivateBoard
    from kputui.tui.screens.board import BoardScreen

_WORD_ROWS, _CHART_ROWS = 11, 24
"""Lines of a page that are left to the words, and the most that a chart takes."""


class Overlays:
    """Opens pages and the palette over the board, and carries out what they were closed with.

    `push` shows a screen and calls back with what closed it; `board` is missing where there are no changes.
    """

    def __init__(
        self,
        push: Callable[[Screen[str], Callable[[str | None], None]], object],
        controls: Controls,
        screen: BoardScreen,
        situation: Callable[[], actions.Situation],
        board: Board | None,
        private: Callable[[], PrivateBoard],
        charts: Charts,
        edit: Callable[[Place], None],
    ) -> None:
        """Nothing is open yet; `private` starts to read the private board, `charts` gives charts or draws them.

        `edit` opens a place in the person's editor.
        """
        self._push, self._controls = push, controls
        self._screen, self._situation, self._board, self._private = screen, situation, board, private
        self._charts, self._edit = charts, edit
        self._standing: StandingUp | None = None

    def open_page(self, action_id: str) -> None:
        """Open the page of an action: `help`, `check`, `source`, `open`, `history`, `mine` or `links`."""
        situation, controls = self._situation(), self._controls
        if action_id == "links":
            self._cover(LinksScreen(self._controls, self._open_evidence, situation.cpi))
            return
        if action_id == "journey":
            self._cover(JourneyScreen(self._controls, self._screen.selection.select_cpi, situation.cpi))
            return
        if action_id == "standup":
            self._stand_up()
            return
        if action_id == "check":
            self._cover(CheckScreen(self._controls, self._edit))
            return
        if action_id == "mine" and self._board is not None:
            title, content = _mine(self._board, self._private())
        elif action_id == "open" and situation.detail is not None:
            title, content = _everything(situation.detail, self._charts, self._screen)
        else:
            title, content = _content(action_id, situation, controls.keys, self._board)
        self._push(PageScreen(title, content, controls.keys, controls.look, controls.act), self._page_closed)

    def open_palette(self) -> None:
        """Open the palette."""
        if self._screen.view is not None:
            self._push(palette(self._screen.view, self._controls.keys, self._controls.look), self._chosen)

    def _open_evidence(self, cpi: MetricId, kpi: MetricId) -> None:
        self._cover(EvidenceScreen(self._controls, self._charts, (cpi, kpi)))

    def _stand_up(self) -> None:
        """Go on with the stand-up that was left, or begin one."""
        if self._board is None:
            return
        if self._standing is None or self._standing.is_over:
            self._standing = StandingUp(self._board, self._screen.app.post_message, bug_log.note)
        self._cover(StandUpScreen(self._controls, self._charts, self._standing, self._open_evidence))

    def _cover(self, screen: CoverScreen) -> None:
        if self._screen.view is not None:
            screen.show(self._screen.view)
        self._push(screen, self._page_closed)

    def _page_closed(self, by: str | None) -> None:
        """Carry out what closed the page, when it is more than closing, once it is closed."""
        if by in CLOSING - {"back"} or by in {"help", "explain"}:
            self._screen.call_later(self._closed_for, by)

    def _closed_for(self, id_: str) -> None:
        """Close what else covers the board, so that nothing is left under what opens now."""
        above = self._screen.app.screen
        if isinstance(above, CoverScreen) and id_ in above.OWN:
            above.perform(actions.BY_ID[id_])
        elif isinstance(above, CoverScreen) and id_ != "help":
            above.dismiss(id_)
        else:
            self._screen.perform(actions.BY_ID[id_])

    def _chosen(self, value: str | None) -> None:
        kind, _, name = (value or "").partition(" ")
        if kind == "row":
            self._screen.selection.select(name)
        elif kind == "action":
            self._screen.perform(actions.BY_ID[name])


def _content(
    action_id: str, situation: actions.Situation, keys: actions.KeyMap, board: Board | None
) -> tuple[Line, Callable[[int], Sequence[Line]]]:
    if action_id == "history" and board is not None:
        return _history(board, situation.cpi)
    if action_id == "help":
        rows = actions.help_rows(keys)
        return (("Keys", Ink.TITLE),), lambda width: help_lines(rows, width)
    detail = situation.detail
    if detail is None:
        return (("Nothing here", Ink.TITLE),), lambda _: ()
    return title_line(detail), lambda width: source_lines(detail, width)


def _everything(
    detail: DetailView, charts: Charts, screen: BoardScreen
) -> tuple[Line, Callable[[int], Sequence[Line]]]:
    """A row's page: a large chart where there is room for one, and all words under it."""

    def content(width: int) -> Sequence[Line]:
        words, height = everything_lines(detail, width), min(screen.size.height - _WORD_ROWS, _CHART_ROWS)
        picture = detail.parts or detail.chart
        if picture is None or width < MIN_CHART_WIDTH or height < MIN_CHART_HEIGHT:
            return words
        if detail.parts is not None and not panels_that_fit(detail.parts, width, height):
            return words
        drawn = (charts(ChartKey(f"page {detail.key}", width, height), picture) or ())[:height]
        return (*drawn, *((),) * (height - len(drawn)), *words)

    return title_line(detail), content


def _mine(board: Board, private: PrivateBoard) -> tuple[Line, Callable[[int], Sequence[Line]]]:
    view, project = mine.mine(board.opened), board.workspace.project.name
    title: Line = (("Mine", Ink.TITLE),)
    return title, lambda width: _indented((*mine_lines(project, view), *private.lines(width - 2)))


def _history(board: Board, metric: MetricId | None) -> tuple[Line, Callable[[int], Sequence[Line]]]:
    opened = board.opened
    entries = history.metric_history(opened.workspace, opened.state, metric) if metric is not None else ()
    label = metric_words(opened.workspace, metric) if metric is not None else ""
    nothing: tuple[Line, ...] = ((("nothing was ever changed here", Ink.MUTED),),)
    title: Line = ((f"History: {safe(label)}", Ink.TITLE),)
    return title, lambda width: _indented(log_lines(entries, width - 2) or nothing)


def _indented(lines: Sequence[Line]) -> tuple[Line, ...]:
    return ((), *(((" ", Ink.PLAIN), *line) for line in lines))


def palette(view: BoardView, keys: actions.KeyMap, look: Callable[[], Look]) -> PaletteScreen:
    """Every action and every row; what is chosen comes back as `action ID` or `row KEY`."""
    choices = [
        Choice(f"action {action.id}", action.help, ", ".join(map(actions.key_text, keys.keys_of[action.id])))
        for action in actions.ACTIONS
        if action.id not in {"palette", "up", "down"}
    ]
    choices += [
        Choice(f"row {row.key}", row.label, row.kind.value) for row in view.rows if row.kind is not RowKind.HEADING
    ]
    return PaletteScreen(choices, look)
