"""Problems as text: where, what, the source line with a caret, and what to do. Also as plain records."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from kputui.errors import Severity
from kputui.render.lines import Ink
from kputui.render.safe import ELLIPSIS, cell_width, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kputui.errors import Place, Problem
    from kputui.render.lines import Line

_BREAK = re.compile(r"(?<!\d)(?<!\d :) |(?<=\d) (?!%|: \d|\d{3}(?!\d)|(?:min|h|s)(?!\w))")
"""A space at which a line may end."""
_INKS = {Severity.ERROR: Ink.BAD, Severity.WARNING: Ink.CAUTION, Severity.INFO: Ink.MUTED}
_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def problem_lines(problem: Problem, width: int = 80) -> tuple[Line, ...]:
    """One problem as lines of at most `width` cells (only a long file name or key may be wider).

    ```
    goals.toml:12:15  error C07  goals.far.measured_by
      no metric "miles_flwn"; nearest: miles_flown
      12 | measured_by = "miles_flwn"
         |               ^^^^^^^^^^^^
    ```
    """
    return tuple(_lines(problem, width))


def summary(problems: Iterable[Problem]) -> str:
    """The problems counted by severity: "2 errors, 1 warning"; "no problems" for none."""
    counts = Counter(problem.severity for problem in problems)
    parts = [f"{counts[s]} {_NOUNS[s]}{'' if counts[s] == 1 else 's'}" for s in Severity if counts[s]]
    return ", ".join(parts) or "no problems"


def problem_record(problem: Problem) -> dict[str, object]:
    """A problem for programs; `file`, `line` and `column` are null for what stands in no file."""
    place = problem.place
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "hint": problem.hint,
        "key": problem.key,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "width": problem.width,
        "source_line": place.source_line if place else None,
        "others": [{"file": o.file, "line": o.line, "column": o.column} for o in problem.others],
        "figures": dict(problem.figures),
    }


def _lines(problem: Problem, width: int) -> Iterator[Line]:
    ink = _INKS[problem.severity]
    where = f"{_spot(problem.place)}  " if problem.place else ""
    key = f"  {safe(problem.key)}" if problem.key else ""
    yield (where, Ink.STRONG), (f"{_NOUNS[problem.severity]} {problem.code}", ink), (key, Ink.PLAIN)
    words = problem.message + (f"; {problem.hint}" if problem.hint else "")
    for line in wrap(words, width - 2):
        yield ((f"  {line}", Ink.PLAIN),)
    if problem.place and problem.place.source_line.strip():
        yield from _source(problem.place, problem.width, width, ink)
    for other in problem.others:
        yield ((f"  see also {_spot(other)}", Ink.MUTED),)


def _spot(place: Place) -> str:
    return f"{safe(place.file)}:{place.line}:{place.column}"


def _source(place: Place, marked: int, width: int, ink: str) -> Iterator[Line]:
    """The source line, cut around the caret when it is long, and the caret below it.

    The line is made safe in three pieces, so that what is underlined stays below what is meant whatever
    tabs, wide characters or control characters stand before it.
    """
    number = str(place.line)
    room = max(width - len(number) - 5, 20)
    start = max(place.column - 1, 0)
    before = safe(place.source_line[:start])
    under = safe(place.source_line[start : start + max(marked, 1)])
    after = safe(place.source_line[start + max(marked, 1) :])
    caret_cells = max(cell_width(under), 1)
    if cell_width(before) + caret_cells + cell_width(after) > room:
        before = _cut_left(before, max(room - caret_cells - cell_width(after), room // 3))
    under = safe(under, room - cell_width(before))
    after = safe(after, room - cell_width(before) - cell_width(under))
    carets = "^" * max(cell_width(under), 1)
    yield (f"  {number} | ", Ink.MUTED), (before, Ink.PLAIN), (under, ink), (after, Ink.PLAIN)
    yield (f"  {'':{len(number)}} | ", Ink.MUTED), (" " * cell_width(before) + carets, ink)


def _cut_left(text: str, width: int) -> str:
    """The end of `text` in at most `width` cells, with an ellipsis before it when something is cut."""
    if cell_width(text) <= width:
        return text
    while text and cell_width(text) > width - 1:
        text = text[1:]
    return ELLIPSIS + text


def wrap(text: str, width: int) -> tuple[str, ...]:
    """`text`, made safe and broken at spaces into lines of at most `width` cells; a longer word is broken too.

    A number stays with its unit, and odds and groups of digits stay together.
    """
    lines = [""]
    for word in _BREAK.split(safe(text)):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_width(joined) <= width:
            lines[-1] = joined
            continue
        rest = word
        if lines[-1]:
            lines.append("")
        while cell_width(rest) > width:
            cut = _characters_within(rest, width)
            lines[-1] = rest[:cut]
            lines.append("")
            rest = rest[cut:]
        lines[-1] = rest
    return tuple(lines)


def _characters_within(text: str, width: int) -> int:
    """How many characters of `text` take at most `width` cells; at least one."""
    cells = 0
    for count, character in enumerate(text):
        cells += cell_width(character)
        if cells > width:
            return max(count, 1)
    return len(text)
