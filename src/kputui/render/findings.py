"""Findings as lines: one a line with its place at the right, and all about one of them."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from kputui.errors import Severity
from kputui.render import glyphs
from kputui.render.lines import Ink, Line, Span, filled, spread
from kputui.render.problem import problem_lines, wrap
from kputui.render.safe import safe

if TYPE_CHECKING:
    from kputui.errors import Problem

_SEVERITY = {Severity.ERROR: ("✗", Ink.BAD), Severity.WARNING: ("!", Ink.CAUTION), Severity.INFO: ("·", Ink.MUTED)}
_PLACE_FROM = 60


def heading_row(title: str, count: int, width: int, *, is_folded: bool) -> Line:
    """A group of findings with how many there are."""
    lead = glyphs.FOLDED if is_folded else glyphs.UNFOLDED
    return filled(((f"{lead} {safe(title)}", Ink.STRONG), (f"  {count}", Ink.MUTED)), width)


def finding_row(problem: Problem, width: int) -> Line:
    """A finding in one line: how grave, its code, what is wrong, and where at the right when there is room."""
    glyph, ink = _SEVERITY[problem.severity]
    left: tuple[Span, ...] = ((f"  {glyph} {safe(problem.code)}  ", ink), (safe(problem.message), Ink.PLAIN))
    place = place_text(problem)
    right: tuple[Span, ...] = ((f"  {place} ", Ink.MUTED),) if place and width >= _PLACE_FROM else ()
    return spread(left, right, width) if right else filled(left, width)


def place_text(problem: Problem) -> str:
    """`metrics.toml:88`: the file's name and the line; empty without a place."""
    return f"{safe(PurePath(problem.place.file).name)}:{problem.place.line}" if problem.place is not None else ""


def about_lines(problem: Problem, meaning: str, width: int, height: int) -> tuple[Line, ...]:
    """All about a finding in at most `height` lines: the sentence, what to do, the line in the file, the code."""
    room = max(width - 2, 10)
    where, *words = problem_lines(problem, room)
    lines: list[Line] = [where, *words]
    if problem.place is None:
        lines.insert(1, (("  it stands in no file", Ink.MUTED),))
    if meaning:
        parts = wrap(f"{problem.code}: {meaning}", room - 2)
        if len(lines) + len(parts) <= height:
            lines += [((f"  {part}", Ink.MUTED),) for part in parts]
    return tuple(filled(((" ", Ink.PLAIN), *line), width) for line in lines[: max(height, 0)])
