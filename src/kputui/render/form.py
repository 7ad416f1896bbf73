"""Forms as lines: a name and a value a field, the chosen one marked, and below them what an answer would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.lines import TONE_INK, Ink, Line, Span, filled, spread
from kputui.render.problem import wrap
from kputui.render.safe import cell_width, fit, safe
from kputui.session.views import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

_CARET = "▌"
_MIN_LIST = 3


@dataclass(frozen=True, slots=True)
class FieldLook:
    """A field to draw: its name, its text, and its options (label, hint) with the chosen one.

    `is_row`: the options stand beside one another and `text` is not drawn.
    """

    name: str
    text: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    at: int | None = None
    is_row: bool = False
    has_list: bool = False
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence below the fields, and how it asks for attention."""

    text: str
    tone: Tone = Tone.PLAIN


def form_lines(
    fields: Sequence[FieldLook], told: Sequence[Told], keys: str, width: int, height: int
) -> tuple[Line, ...]:
    """The form in `height` lines of `width` cells; the list gets the lines that the rest leaves.

    When the sentences are too many, the fields give way before them, and the keys are always there.
    """
    below = [line for one in told for line in _told_lines(one, width)]
    room = height - 1 - len(below) - 2 - len(fields)
    lines: list[Line] = [()]
    names = max((cell_width(safe(field.name)) for field in fields), default=0) + 2
    for field in fields:
        lines.append(_field_line(field, names, width))
        if field.has_list:
            lines += _list_lines(field, names, width, max(room, min(_MIN_LIST, len(field.options)), 1))
    lines.append(())
    lines += below
    lines = lines[: max(height - 1, 0)]
    lines += [()] * (height - 1 - len(lines))
    lines.append((("  " + safe(keys), Ink.MUTED),))
    return tuple(filled(line, width) for line in lines)


def _told_lines(told: Told, width: int) -> list[Line]:
    return [((f"  {text}", TONE_INK[told.tone]),) for text in wrap(told.text, max(width - 4, 10))]


def _field_line(field: FieldLook, names: int, width: int) -> Line:
    mark = f"{glyphs.FOLDED} " if field.is_active else "  "
    name: Span = (mark + fit(field.name, names), Ink.KEY if field.is_active else Ink.MUTED)
    if field.is_row:
        spans: list[Span] = [name]
        for index, (label, _) in enumerate(field.options):
            is_chosen = index == field.at
            text = f"[{safe(label)}]" if is_chosen else f" {safe(label)} "
            ink = Ink.CURSOR if is_chosen and field.is_active else Ink.STRONG if is_chosen else Ink.MUTED
            spans += [(text, ink), (" ", Ink.PLAIN)]
        return tuple(spans)
    room = max(width - names - 6, 4)
    if field.text or field.is_active:
        text = safe(field.text)
        shown = text if cell_width(text) <= room else "…" + text[-(room - 1) :]
        caret = _CARET if field.is_active else ""
        hint = f" {safe(field.hint)}" if field.is_active and not field.text and field.hint else ""
        return (name, (shown, Ink.PLAIN), (caret, Ink.PLAIN), (hint, Ink.MUTED))
    return (name, (safe(field.hint), Ink.MUTED))


def _list_lines(field: FieldLook, names: int, width: int, room: int) -> list[Line]:
    lead = " " * (names + 2)
    if not field.options:
        return [((lead + "nothing holds these words", Ink.MUTED),), *[()] * (room - 1)]
    at = field.at or 0
    top = max(0, min(at - room // 2, len(field.options) - room))
    lines: list[Line] = []
    inner = max(width - names - 4, 4)
    for index, (label, hint) in enumerate(field.options[top : top + room], top):
        mark = glyphs.DOT if index == at else " "
        cells = spread(((f"{mark}{safe(label)}", Ink.PLAIN),), ((f" {safe(hint)} ", Ink.MUTED),), inner)
        if index == at:
            ink = Ink.CURSOR if field.is_active else Ink.CURSOR_AWAY
            lines.append(((lead, Ink.PLAIN), ("".join(text for text, _ in cells), ink)))
        else:
            lines.append(((lead, Ink.PLAIN), *cells))
    return lines + [()] * (room - len(lines))
