"""The detail pane's lines: headline, chart, figures, what is to be decided, links, owner and changes, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.lines import TONE_INK, Ink, Line, Span, filled, width_of
from kputui.render.number import quantity_text
from kputui.render.parts import panels_that_fit, parts_lines
from kputui.render.problem import wrap
from kputui.render.safe import safe
from kputui.render.signals import effect_text, range_text, signal_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.session.views import DetailView, Fact

_GAP = "   "
_HEAD_ROWS = 1
MIN_CHART_WIDTH, MIN_CHART_HEIGHT = 24, 7


def title_line(view: DetailView) -> Line:
    """The pane's title: what it is, how it is explored, its kind, its stage, its need."""
    if not view.title:
        return ()
    rest = "".join(f" · {safe(part)}" for part in view.title[1:])
    cut: Line = ((f" · {safe(view.cut)}", Ink.CAUTION),) if view.cut else ()
    return ((safe(view.title[0]), Ink.TITLE), *cut, (rest, Ink.MUTED))


def chart_size(view: DetailView, width: int, height: int) -> tuple[int, int] | None:
    """The cells that `detail_lines` leaves for the chart, or None when it shows none.

    The size depends on the pane alone, so the chart stands still while the selection moves.
    """
    room = height - _HEAD_ROWS - _tail_rows(height)
    if width < MIN_CHART_WIDTH or room < MIN_CHART_HEIGHT or not _has_picture(view, width, room):
        return None
    return width, room


def _has_picture(view: DetailView, width: int, height: int) -> bool:
    """Whether there is something to draw: a chart, or the parts of a breakdown where several fit."""
    if view.parts is not None:
        return panels_that_fit(view.parts, width, height) > 0
    return view.chart is not None


def detail_lines(view: DetailView, chart: Sequence[Line] | None, width: int, height: int) -> tuple[Line, ...]:
    """The pane's inside in `height` lines of `width` cells; an empty space until the chart is there."""
    head, tail = _around(view, width)
    size = chart_size(view, width, height)
    if size is not None:
        middle = [*chart[: size[1]]] if chart is not None else []
        middle += [()] * (size[1] - len(middle))
        head, tail = head[:_HEAD_ROWS], [*head[_HEAD_ROWS:], *tail]
        head += [()] * (_HEAD_ROWS - len(head))
    else:
        middle = []
    lines = [*head, *middle, *tail]
    if len(lines) > height > 0:
        more = len(lines) - height + 1
        lines = [*lines[: height - 1], ((f" … {more} more lines: Enter opens them", Ink.MUTED),)]
    return tuple(filled(line, width) for line in lines)


def _tail_rows(height: int) -> int:
    return min(7, max(height // 3, 2))


def full_lines(view: DetailView, width: int) -> tuple[Line, ...]:
    """Everything in the detail but the chart, however long."""
    head, tail = _around(view, width)
    return tuple(filled(line, width) for line in (*head, *tail))


def fact_lines(facts: Sequence[Fact], width: int) -> list[Line]:
    """Named facts, one a line, the names in a column."""
    names = min(max((width_of(((safe(fact.name), ""),)) for fact in facts), default=0), width // 2)
    lines: list[Line] = []
    for fact in facts:
        words = wrap(_fact_text(fact), max(width - names - 3, 10))
        lines += [
            (
                (f" {safe(fact.name, names):<{names}}  " if not index else " " * (names + 3), Ink.MUTED),
                (text, _ink(fact)),
            )
            for index, text in enumerate(words)
        ]
    return lines


def _around(view: DetailView, width: int) -> tuple[list[Line], list[Line]]:
    inner = max(width - 2, 8)
    head = [((" ", Ink.PLAIN), *line) for line in flow(view.headline, inner)]
    new, older = signal_rows(view.signals)
    tail: list[Line] = parts_lines(view.parts, width) if view.parts is not None else []
    tail += [((f" {line}", ink),) for text, ink in new for line in wrap(text, inner)]
    tail += [((" ", Ink.PLAIN), *line) for line in flow(view.facts, inner)]
    tail += [((f" {line}", Ink.CAUTION),) for todo in view.todos for line in wrap(f"to decide: {todo}", inner)]
    for text in (*view.links, view.owner):
        tail += [((f" {line}", Ink.PLAIN),) for line in (wrap(text, inner) if text else ())]
    tail += [((f" {line}", Ink.MUTED),) for change in view.changes for line in wrap(change, inner)]
    tail += [((f" {line}", ink),) for text, ink in older for line in wrap(text, inner)]
    tail += [((f" {line}", Ink.PLAIN),) for effect in view.effects for line in wrap(effect_text(effect), inner)]
    for note in view.notes:
        tail += [((f" {line}", Ink.MUTED),) for line in wrap(note, inner)]
    return head, tail


def flow(facts: Sequence[Fact], width: int) -> list[Line]:
    """Facts one after another, as many a line as fit; one that is longer than a line is wrapped."""
    lines: list[list[Span]] = []
    used = width
    for fact in facts:
        name, text = safe(fact.name), _fact_text(fact)
        spans: list[Span] = [(f"{name} ", Ink.MUTED)] if name and text else [(name, Ink.PLAIN)]
        spans.append((text, _ink(fact)))
        cells = width_of(spans)
        if cells > width:
            lines += _wrapped(name, text, _ink(fact), width)
            used = width
            continue
        if used + len(_GAP) + cells > width:
            lines.append([])
            used = cells
        else:
            lines[-1].append((_GAP, Ink.PLAIN))
            used += len(_GAP) + cells
        lines[-1] += spans
    return [tuple(line) for line in lines]


def _wrapped(name: str, text: str, ink: str, width: int) -> list[list[Span]]:
    first, *others = wrap(f"{name} {text}" if name else text, width)
    lead = name if first.startswith(f"{name} ") else ""
    return [[(lead, Ink.MUTED), (first[len(lead) :], ink)], *([(other, ink)] for other in others)]


def _fact_text(fact: Fact) -> str:
    number = quantity_text(fact.quantity) if fact.quantity is not None else ""
    if fact.quantity is not None and fact.until is not None:
        number = range_text(fact.quantity, fact.until)
    return " ".join(part for part in (safe(number), safe(fact.text)) if part)


def _ink(fact: Fact) -> str:
    return TONE_INK[fact.tone]
