"""Every picture that kputui draws, and what stands for it where only ASCII can be shown."""

from __future__ import annotations

import unicodedata

from kputui.render.safe import cell_width
from kputui.session.views import RowKind, Tone

UNFOLDED, FOLDED = "▾", "▸"
KIND = {
    RowKind.GOAL: "",
    RowKind.KPI: "●",
    RowKind.CPI: "╰",
    RowKind.GUARDRAIL: "◆",
    RowKind.DIAGNOSTIC: "·",
    RowKind.HEADING: "",
}
TONE = {Tone.GOOD: "✓", Tone.CAUTION: "!", Tone.BAD: "✗", Tone.MUTED: "·", Tone.PLAIN: " "}
WORD = {
    "question": "?",
    "hypothesis": "?",
    "testing": "?",
    "confirmed": "✓",
    "judged": "○",
    "refuted": "✗",
    "expired": "!",
}
CORNERS = "╭╮╰╯"
HORIZONTAL, VERTICAL = "─", "│"
POINTER = "▌"
DOT = "·"
TARGET = "╌"
HOLLOW = "○"
MARK = "━"
BAND80, BAND95, MIDDLE = "▒", "░", "═"
SIGNAL = "◉"
READY, AGAINST = "★", "≠"

# One character for one cell, so that nothing moves when the pictures change.
ASCII = {
    UNFOLDED: "v",
    FOLDED: ">",
    "●": "*",
    "╰": "+",
    "◆": "#",
    "✓": "+",
    "✗": "x",
    "·": ".",
    "–": "-",  # noqa: RUF001 - the dash that is drawn
    "—": "-",
    "…": "~",
    "─": "-",
    "━": "~",
    "│": "|",
    "╭": "+",
    "╮": "+",
    "╯": "+",
    "├": "+",
    "┤": "|",
    "┬": "+",
    "┴": "+",
    "└": "+",
    "┼": "+",
    "╌": "-",
    "┄": "=",
    "○": "o",
    "◉": "@",
    "▒": ":",
    "░": ".",
    "═": "=",
    "▌": ">",
    "↑": "^",
    "↓": "v",
    "←": "<",
    "→": ">",
    "▁": "_",
    "▂": ".",
    "▃": ":",
    "▄": "-",
    "▅": "=",
    "▆": "+",
    "▇": "*",
    "█": "#",
    "×": "x",  # noqa: RUF001 - as above
    "•": "*",
    "★": "*",
    "≠": "#",
}


def ascii_text(text: str) -> str:
    """`text` (already safe) in ASCII, exactly as wide: pictures by the table, accents off, the rest `?`."""
    if text.isascii():
        return text
    return "".join(_ascii(character) for character in text)


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if (drawn := ASCII.get(character)) is not None:
        return drawn
    if 0x2400 <= ord(character) <= 0x2421:
        return "?"
    if 0x2800 <= ord(character) <= 0x28FF:
        return " " if character == "\u2800" else "*"
    cells = cell_width(character)
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain if len(plain) == cells and plain.isprintable() else "?" * cells
