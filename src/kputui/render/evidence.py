"""The evidence of one link as lines: the verdict first, then its figures, what held, what failed, what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.detail import MIN_CHART_WIDTH, fact_lines
from kputui.render.lines import TONE_INK, Ink, Line, filled
from kputui.render.problem import wrap
from kputui.render.safe import safe
from kputui.session.views import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.session.link_views import EvidenceView

MIN_PAIR_WIDTH, MAX_CHART_WIDTH, _GAP = 72, 90, 2
"""From this width on the scatter and the lag profile stand side by side."""
_VERDICT_ROWS = 3
"""What the verdict takes at least in a preview, so that the figures stand still while the cursor moves."""
CHART_ROWS = (9, 16)
"""The fewest and the most lines of a chart."""


def evidence_title(view: EvidenceView) -> Line:
    """CPI → KPI, and how far the link has come."""
    names = " → ".join(safe(part) for part in view.title)
    return ((names, Ink.TITLE), (f" · {safe(view.state)}", Ink.MUTED))


def preview_lines(view: EvidenceView, width: int, height: int) -> tuple[Line, ...]:
    """The verdict, its figures and what does not hold, in at most `height` lines; Enter shows the rest."""
    verdict = _verdict(view, width)
    lines: list[Line] = [*verdict, *((),) * (_VERDICT_ROWS - len(verdict)), ()]
    lines += fact_lines(view.facts, width - 1)
    lines += _assumptions(view.failed, (), width)
    if len(lines) > height:
        lines = [*lines[: max(height - 1, 0)], ((" Enter shows all of it", Ink.MUTED),)]
    return tuple(filled(line, width) for line in lines)


def evidence_lines(view: EvidenceView, charts: Sequence[Line], width: int) -> tuple[Line, ...]:
    """All words of a link's evidence around its charts."""
    lines: list[Line] = [(), *_verdict(view, width), ()]
    lines += charts
    if charts:
        lines.append(())
    lines += fact_lines(view.facts, width - 1)
    lines += _assumptions(view.failed, view.held, width)
    for heading, texts in (
        ("Before and after the declaration", view.parts),
        ("What if", view.what_if),
        ("History", view.history),
    ):
        if texts:
            lines += [(), ((f" {heading}", Ink.TITLE),), *_texts(texts, width)]
    return tuple(filled(line, width) for line in lines)


def _verdict(view: EvidenceView, width: int) -> list[Line]:
    room = max(width - 2, 10)
    ink = TONE_INK[view.tone] if TONE_INK[view.tone] is not Ink.PLAIN else Ink.STRONG
    lines: list[Line] = [((f" {part}", ink),) for part in wrap(view.sentence or view.refusal, room)]
    if view.refusal and view.refusal != view.sentence and view.sentence:
        lines += [((f" {part}", Ink.CAUTION),) for part in wrap(view.refusal, room)]
    lines += [((f" {part}", Ink.MUTED),) for part in wrap(view.hypothesis, room) if part]
    return lines


def _assumptions(failed: Sequence[str], held: Sequence[str], width: int) -> list[Line]:
    lines: list[Line] = []
    marked = [(glyphs.TONE[Tone.BAD], Ink.CAUTION, text) for text in failed]
    marked += [(glyphs.TONE[Tone.GOOD], Ink.PLAIN, text) for text in held]
    if marked:
        lines += [(), ((" Assumptions" if held else " What does not hold", Ink.TITLE),)]
    for glyph, ink, text in marked:
        first, *others = wrap(text, max(width - 6, 10))
        lines.append(((f"  {glyph} ", ink), (first, ink)))
        lines += [((f"    {part}", ink),) for part in others]
    return lines


def _texts(texts: Sequence[str], width: int) -> list[Line]:
    lines: list[Line] = []
    for text in texts:
        first, *others = wrap(text, max(width - 6, 10))
        lines += [((f"  {glyphs.DOT} {first}", Ink.PLAIN),), *(((f"    {part}", Ink.PLAIN),) for part in others)]
    return lines


def chart_widths(width: int, count: int) -> tuple[int, ...]:
    """The cells of each of `count` charts: beside one another where there is room, else each as wide as the page."""
    if not count or width < MIN_CHART_WIDTH:
        return ()
    if count == 1 or width < MIN_PAIR_WIDTH:
        return (min(width, MAX_CHART_WIDTH),) * count
    each = min((width - _GAP) // count, MAX_CHART_WIDTH)
    return (each,) * count


def beside(charts: Sequence[Sequence[Line]], widths: Sequence[int], rows: int, width: int) -> tuple[Line, ...]:
    """Charts of `rows` lines beside one another where `width` holds them all, else below one another."""
    whole = [
        [filled(chart[row] if row < len(chart) else (), cells) for row in range(rows)]
        for chart, cells in zip(charts, widths, strict=True)
    ]
    if sum(widths) + _GAP * (len(widths) - 1) > width:
        return tuple(line for chart in whole for line in (*chart, ()))[:-1]
    gap = ((" " * _GAP, Ink.PLAIN),)
    lines: list[Line] = []
    for parts in zip(*whole, strict=True):
        line: Line = ()
        for part in parts:
            line = (*line, *gap, *part) if line else part
        lines.append(line)
    return tuple(lines)
