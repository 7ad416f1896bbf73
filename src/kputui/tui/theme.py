"""Inks to styles: the terminal's own palette, and a dark and a light one of ours.

The terminal's palette is the default: it fits what people have chosen, works in 16 colours, and writes
a few bytes a span where a colour of ours writes forty.
"""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

from kputui.render.lines import Ink

TERMINAL, DARK, LIGHT = "kputui-terminal", "kputui-dark", "kputui-light"
NAMES = (TERMINAL, DARK, LIGHT)
WORDS = {TERMINAL: "the terminal's own colours", DARK: "dark", LIGHT: "light"}

Palette = dict[str, Style]

THEMES = (
    Theme(
        name=TERMINAL,
        primary="ansi_blue",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        foreground="ansi_default",
        ansi=True,
    ),
    Theme(name=DARK, primary="#7fb4ca", background="#16191d", surface="#16191d", foreground="#d5d8dc", dark=True),
    Theme(name=LIGHT, primary="#1f5f8b", background="#fafaf7", surface="#fafaf7", foreground="#24292e", dark=False),
)

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
