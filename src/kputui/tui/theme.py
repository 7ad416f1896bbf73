"""Inks to styles: the terminal's own palette, and a dark and a light one of ours.

The terminal's palette is the default: it fits what people have chosen, works in 16 colours, and writes
a few bytes a span where a colour of ours writes forty.
"""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

from kputui.render.lines import Ink

TERMINAL, DARK, LIGHT = "terminal", "dark", "light"
NAMES = (TERMINAL, DARK, LIGHT)
WORDS = {TERMINAL: "the terminal's own colours", DARK: "dark", LIGHT: "light"}

Palette = dict[str, Style]

TEXTUAL = Theme(
    name=TERMINAL,
    primary="ansi_blue",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    ansi=True,
)
"""Textual's part: cells that no pane covers stay the terminal's. The panes' cells are ours, in any theme."""

_WITHOUT_COLOUR = {
    Ink.PLAIN: "",
    Ink.MUTED: "dim",
    Ink.GOOD: "",
    Ink.CAUTION: "bold",
    Ink.BAD: "bold",
    Ink.STRONG: "bold",
    Ink.FRAME: "dim",
    Ink.TITLE: "bold",
    Ink.SERIES: "",
    Ink.TARGET: "dim",
    Ink.KEY: "bold",
    Ink.CURSOR: "reverse",
    Ink.CURSOR_AWAY: "underline",
}
_TERMINAL = _WITHOUT_COLOUR | {
    Ink.GOOD: "green",
    Ink.CAUTION: "yellow",
    Ink.BAD: "red",
    Ink.SERIES: "cyan",
    Ink.TARGET: "magenta",
}
_DARK = {
    Ink.PLAIN: "#d5d8dc",
    Ink.MUTED: "#8b939c",
    Ink.GOOD: "#8fbf7f",
    Ink.CAUTION: "#e0b25c",
    Ink.BAD: "#e8806f",
    Ink.STRONG: "bold #f2f4f6",
    Ink.FRAME: "#4a525b",
    Ink.TITLE: "bold #f2f4f6",
    Ink.SERIES: "#7fb4ca",
    Ink.TARGET: "#b293c9",
    Ink.KEY: "bold #f2f4f6",
    Ink.CURSOR: "bold #16191d on #9cc3d5",
    Ink.CURSOR_AWAY: "#f2f4f6 on #333b44",
}
_LIGHT = {
    Ink.PLAIN: "#24292e",
    Ink.MUTED: "#6a737d",
    Ink.GOOD: "#2b6e2f",
    Ink.CAUTION: "#8a5a00",
    Ink.BAD: "#b3261e",
    Ink.STRONG: "bold #101418",
    Ink.FRAME: "#b4bac0",
    Ink.TITLE: "bold #101418",
    Ink.SERIES: "#1f5f8b",
    Ink.TARGET: "#7a3e9d",
    Ink.KEY: "bold #101418",
    Ink.CURSOR: "bold #fafaf7 on #1f5f8b",
    Ink.CURSOR_AWAY: "#101418 on #d6e2ea",
}


def palette(theme: str, *, has_colour: bool) -> Palette:
    """The style of every ink in a theme; without colour only weight, dimness and reversal are left."""
    if not has_colour:
        return _styles(_WITHOUT_COLOUR, "")
    if theme == DARK:
        return _styles(_DARK, "#16191d")
    if theme == LIGHT:
        return _styles(_LIGHT, "#fafaf7")
    return _styles(_TERMINAL, "")


def _styles(words: dict[Ink, str], background: str) -> Palette:
    base = Style(bgcolor=background) if background else Style()
    return {ink.value: base + Style.parse(word) if word else base for ink, word in words.items()}
