"""Every key as a row of data: what it does, what it is called, and when it says no."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kputui.errors import did_you_mean
from kputui.tui import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kputui.model.change import Hold
    from kputui.model.ids import MetricId
    from kputui.model.ownership import Assignee
    from kputui.session.standup_views import Item
    from kputui.session.views import BoardView, DetailView, RowView


class Place(StrEnum):
    """Where an action works: on the board, in its matrix alone, among the links, in the stand-up, on pages, on all."""

    BOARD = "board"
    STANDUP = "stand-up"
    MATRIX = "matrix"
    LINKS = "links"
    PAGE = "page"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a refusal may look at.

    The view, the selected row and its detail; `cpi` is the selected CPI, `kpi` the one that it is linked to on
    the screens of links. In the matrix also the assignee of the column under the cursor, and the letters there. In
    the stand-up also its item, and on its last page what holding it records.
    """

    view: BoardView | None = None
    row: RowView | None = None
    detail: DetailView | None = None
    cpi: MetricId | None = None
    assignee: Assignee | None = None
    letters: str = ""
    is_in_matrix: bool = False
    kpi: MetricId | None = None
    item: Item | None = None
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a key does.

    `id` is the name in the workspace's `[keys]` table; the first of `keys` is the one shown. `label` is
    for the footer, `help` for the help page. `refusal` says why it can't be done now (empty: it can); a
    press is then answered with that sentence. An action without keys is found in the palette only.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    place: Place = Place.BOARD
    is_in_footer: bool = False
    refusal: Callable[[Situation], str] | None = None


ACTIONS = (
    Action("up", ("up", "k"), "up", "the row above", Place.BOTH),
    Action("down", ("down", "j"), "down", "the row below", Place.BOTH),
    Action("left", ("left", "h"), "fold", "fold the row, or go to the row it hangs under"),
    Action("right", ("right", "l"), "unfold", "unfold the row, or go to its first child"),
    Action("page_up", ("pageup",), "page up", "a page up", Place.BOTH),
    Action("page_down", ("pagedown",), "page down", "a page down", Place.BOTH),
    Action("first", ("home",), "first", "the first row", Place.BOTH),
    Action("last", ("end",), "last", "the last row", Place.BOTH),
    Action("fold", ("space",), "fold", "fold or unfold the row", is_in_footer=True),
    Action(
        "open",
        ("enter",),
        "open",
        "fold or unfold a goal; open everything about a metric on a page",
        is_in_footer=True,
        refusal=refusals.needs_row,
    ),
    Action(
        "source",
        ("o",),
        "where from",
        "where the number comes from: files, rows used and dropped, filter, data tests, definition",
        is_in_footer=True,
        refusal=refusals.needs_number,
    ),
    Action("filter", ("slash",), "find", "show only rows that hold a text; Esc shows all again", is_in_footer=True),
    Action("next_pane", ("tab",), "pane", "the next pane; on a small terminal, the other pane", is_in_footer=True),
    Action("previous_pane", ("shift+tab",), "pane back", "the pane before"),
    Action("board", ("1",), "board", "the board: goals, detail, accountability", Place.BOTH),
    Action(
        "journey",
        ("2",),
        "journey",
        "the customer's journey: stages, CPIs by need, and where nobody measures",
        refusal=refusals.needs_journey,
    ),
    Action(
        "matrix",
        ("3",),
        "accountability",
        "the accountability matrix",
        is_in_footer=True,
        refusal=refusals.needs_matrix,
    ),
    Action(
        "links",
        ("4",),
        "links",
        "which CPI leads which KPI, and the evidence for it",
        is_in_footer=True,
        refusal=refusals.needs_links,
    ),
    Action("narrow", ("v",), "only some", "only some links: of a state, a team, a goal; Esc shows all", Place.LINKS),
    Action(
        "standup",
        ("5",),
        "stand-up",
        "what changed or asks since the last stand-up, an item a page; where you left it, when you left it",
        is_in_footer=True,
    ),
    Action(
        "previous_item",
        ("backspace",),
        "back",
        "the item before; b and ← go there too",
        Place.STANDUP,
    ),
    Action(
        "snooze",
        ("z",),
        "not now",
        "put the item off until a day; nobody sees it in a stand-up before",
        Place.STANDUP,
        refusal=refusals.needs_item,
    ),
    Action(
        "hold",
        (),
        "held",
        "record that the stand-up was held, with what was decided; the next one looks back to it",
        Place.STANDUP,
        refusal=refusals.needs_end,
    ),
    Action(
        "check",
        ("6",),
        "check",
        "problems and findings, each with its file and line",
        Place.BOTH,
        is_in_footer=True,
        refusal=refusals.needs_findings,
    ),
    Action(
        "reassign",
        ("r",),
        "reassign",
        "give the selected CPI to another team or person, with the reason",
        is_in_footer=True,
        refusal=refusals.needs_cpi_and_permission,
    ),
    *(
        Action(
            f"set_{role}",
            (letter,),
            role,
            f"make the team or person under the cursor {role}",
            Place.MATRIX,
            is_in_footer=letter == "A",
            refusal=refusals.needs_cell,
        )
        for letter, role in (("A", "accountable"), ("R", "responsible"), ("C", "consulted"), ("I", "informed"))
    ),
    Action(
        "remove",
        ("x",),
        "remove",
        "take a role from the team or person under the cursor",
        Place.MATRIX,
        is_in_footer=True,
        refusal=refusals.needs_letter,
    ),
    Action(
        "grain",
        ("g",),
        "grain",
        "look at the selected metric by the next longer period, after the year by days again",
        refusal=refusals.needs_metric,
    ),
    Action(
        "break_down",
        ("b",),
        "break down",
        "break the selected metric down by a dimension: the largest parts and the rest",
        is_in_footer=True,
        refusal=refusals.needs_metric,
    ),
    Action(
        "only",
        ("f",),
        "only some rows",
        "look at the selected metric for some values of a dimension; f or Esc shows all rows again",
        refusal=refusals.needs_metric,
    ),
    Action(
        "confirm",
        ("c",),
        "confirm",
        "confirm or refute that the selected CPI leads a KPI; what the data says is kept with it",
        refusal=refusals.needs_cpi_and_permission,
    ),
    Action(
        "explain",
        ("e",),
        "explain",
        "write down what was behind a signal of the selected metric",
        Place.BOTH,
        refusal=refusals.needs_signal,
    ),
    Action(
        "note",
        ("n",),
        "note",
        "write a dated note on the selected metric or goal; it is shown on its charts",
        Place.BOTH,
        refusal=refusals.needs_subject,
    ),
    Action("undo", ("u",), "undo", "take your last change back; it is named first", refusal=refusals.needs_permission),
    Action(
        "history",
        ("H",),
        "history",
        "who was what for the selected CPI, since when, by whom and with what reason",
        refusal=refusals.needs_cpi,
    ),
    Action(
        "accept",
        ("y",),
        "accept",
        "take data that has shrunk by more than a fifth, which is held back until then",
        refusal=refusals.needs_held_back,
    ),
    Action("mine", ("m",), "mine", "what you are accountable and responsible for"),
    Action("help", ("question_mark",), "keys", "this page", Place.BOTH, is_in_footer=True),
    Action("palette", ("ctrl+p",), "palette", "every action, found by typing"),
    Action("theme", ("t",), "theme", "the terminal's own colours, dark, light", Place.BOTH),
    Action("repaint", ("ctrl+l",), "repaint", "send the whole screen again", Place.BOTH),
    Action("suspend", ("ctrl+z",), "suspend", "back to the shell; fg returns", Place.BOTH),
    Action(
        "back",
        ("escape",),
        "back",
        "close the page, clear the filter, show an explored metric as it is, stop the computing",
        Place.BOTH,
    ),
    Action("stop", (), "stop", "stop the computing; what is there stays", refusal=refusals.needs_computing),
    Action("again", ("a",), "go on", "compute what was stopped", refusal=refusals.needs_stopped),
    Action("report", ("p",), "report", "write the stand-up as a page to send: one HTML file, or Markdown"),
    Action("export", ("E",), "export", "write a table to a file: CSV, JSON or Parquet"),
    Action("screenshot", ("S",), "screenshot", "write the screen as SVG to a file"),
    Action("quit", ("q", "ctrl+c"), "quit", "leave", Place.BOTH, is_in_footer=True),
)
_IN_MATRIX = ("reassign", "set_accountable", "remove", "confirm", "undo", "history", "open", "board", "help", "quit")


def for_footer(*, is_in_matrix: bool) -> tuple[Action, ...]:
    """The actions that the footer names; those of the matrix first where they work, and not at all elsewhere."""
    named = [action for action in ACTIONS if action.is_in_footer]
    if not is_in_matrix:
        return tuple(action for action in named if action.place not in {Place.MATRIX, Place.LINKS, Place.STANDUP})
    return tuple(BY_ID[id_] for id_ in _IN_MATRIX)


BY_ID = {action.id: action for action in ACTIONS}

_SHOWN = {
    "slash": "/",
    "question_mark": "?",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
}


def key_text(key: str) -> str:
    """A key as people read it: `/`, `Ctrl+P`, `PgDn`, `G`."""
    if key in _SHOWN:
        return _SHOWN[key]
    if len(key) == 1:
        return key
    return "+".join(part.upper() if len(part) == 1 else part.capitalize() for part in key.split("+"))


@dataclass(frozen=True, slots=True)
class KeyMap:
    """Which action a key starts, the keys of each action, and what is wrong with the remapping asked for."""

    action_of: Mapping[str, Action]
    keys_of: Mapping[str, tuple[str, ...]]
    notices: tuple[str, ...]


def key_map(remapped: Mapping[str, str]) -> KeyMap:
    """The keys after a workspace's `[keys]` table: action id -> key, or keys with commas between.

    An unknown id and a key that two actions ask for are notices; the remapped action gets the key, of
    two remapped ones the first.
    """
    notices: list[str] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for id_, keys in remapped.items():
        if id_ not in BY_ID:
            hint = did_you_mean(id_, BY_ID)
            notices.append(f'[keys] no action "{id_}"' + (f"; {hint}" if hint else ""))
        else:
            wanted[id_] = tuple(_internal(key) for part in keys.split(",") if (key := part.strip()))
    keys_of = {action.id: list(wanted.get(action.id, action.keys)) for action in ACTIONS}
    action_of: dict[str, Action] = {}
    for action in sorted(ACTIONS, key=lambda action: action.id not in wanted):
        for key in tuple(keys_of[action.id]):
            if key in action_of:
                other = action_of[key].id
                notices.append(f"[keys] {key_text(key)} is both {other} and {action.id}: it stays {other}")
                keys_of[action.id].remove(key)
            else:
                action_of[key] = action
    return KeyMap(action_of, {id_: tuple(keys) for id_, keys in keys_of.items()}, tuple(notices))


def _internal(key: str) -> str:
    """The terminal library's name of a key that people write as it looks."""
    names = {shown.casefold(): name for name, shown in _SHOWN.items()} | {"/": "slash", "?": "question_mark"}
    return key if len(key) == 1 and key.isalnum() else names.get(key.casefold(), key.casefold())


def help_rows(keys: KeyMap) -> tuple[tuple[str, str], ...]:
    """(keys, help) of every action that has a key, in the order of the table."""
    return tuple(
        (", ".join(key_text(key) for key in keys.keys_of[action.id]), action.help)
        for action in ACTIONS
        if keys.keys_of[action.id]
    )


def reference() -> str:
    """`docs/keys.md`: the key table as Markdown."""
    rows = [
        f"| {', '.join(f'`{key_text(key)}`' for key in action.keys) or 'palette only'} | `{action.id}` "
        f"| {action.help} | {action.place} |"
        for action in ACTIONS
    ]
    return "\n".join(
        (
            "# Keys",
            "",
            "Generated from `src/kputui/tui/actions.py`; a test fails when this page is stale.",
            "",
            '`id` is the name for the workspace\'s `[keys]` table: `filter = "f"` finds with `f`.',
            "A key that is asked for twice and an unknown id are reported when the board opens.",
            "",
            "| key | id | what it does | works on |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        )
    )
