"""The screens over the board, built when they are first asked for: nothing of them is needed to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.detail import title_line
from kputui.render.lines import Ink, Line
from kputui.render.pages import everything_lines, finding_lines, help_lines, source_lines
from kputui.session.views import RowKind
from kputui.tui import actions
from kputui.tui.panes.choices import Choice
from kputui.tui.screens.page import PageScreen
from kputui.tui.screens.palette import PaletteScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kputui.session.views import BoardView
    from kputui.tui.linepane import Look


def page(
    action_id: str,
    situation: actions.Situation,
    keys: actions.KeyMap,
    look: Callable[[], Look],
    act: Callable[[actions.Action], None],
) -> PageScreen:
    """The page that one of the actions `help`, `check`, `source` and `open` opens."""
    title, content = _content(action_id, situation, keys)
    return PageScreen(title, content, keys, look, act)


def _content(
    action_id: str, situation: actions.Situation, keys: actions.KeyMap
) -> tuple[Line, Callable[[int], Sequence[Line]]]:
    if action_id == "help":
        rows = actions.help_rows(keys)
        return (("Keys", Ink.TITLE),), lambda width: help_lines(rows, width)
    if action_id == "check":
        findings = situation.view.findings if situation.view is not None else ()
        return ((f"Check: {len(findings)} to look at", Ink.TITLE),), lambda width: finding_lines(findings, width)
    detail = situation.detail
    if detail is None:
        return (("Nothing here", Ink.TITLE),), lambda _: ()
    if action_id == "source":
        return title_line(detail), lambda width: source_lines(detail, width)
    return title_line(detail), lambda width: everything_lines(detail, width)


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
