"""The journey as lines: a column a stage, its CPIs by need, and a hole where nobody measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.render import glyphs
from kputui.render.lines import TONE_INK, Ink, Line, Span, filled, width_of
from kputui.render.number import quantity_text
from kputui.render.problem import wrap
from kputui.render.safe import fit, safe
from kputui.render.spark import spark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.model.ids import MetricId
    from kputui.session.journey import JourneyCpiView, JourneyStageView

_SPARK, _LIT = 8, "●"
HEAD_ROWS = 2
LEAST_WIDTH = 24


@dataclass(frozen=True, slots=True)
class StageLook:
    """How a stage is drawn: whether the cursor is in it, on which CPI, and the KPI whose CPIs are lit."""

    is_at: bool = False
    at: int | None = None
    lit: MetricId | None = None


def stage_head(stage: JourneyStageView, width: int, look: StageLook) -> tuple[Line, Line]:
    """The stage's name, and under it how many CPIs it has, or that it is a hole."""
    name = filled(((" " + safe(stage.label, max(width - 2, 1)), Ink.STRONG if look.is_at else Ink.PLAIN),), width)
    count = len(stage.cpis)
    words, ink = (f"{count} CPI{'' if count == 1 else 's'}", Ink.MUTED) if count else ("! nobody measures", Ink.CAUTION)
    if look.is_at and not count:
        words, ink = f"[{words}]", Ink.CURSOR
    return name, filled(((" ", Ink.PLAIN), (safe(words, max(width - 2, 1)), ink)), width)


def stage_lines(stage: JourneyStageView, width: int, look: StageLook) -> tuple[tuple[Line, ...], int]:
    """A stage's CPIs under their needs, two lines each; and the line that the cursor's CPI begins in."""
    lines: list[Line] = []
    cursor = 0
    need: str | None = None
    for index, cpi in enumerate(stage.cpis):
        if cpi.need != need:
            need = cpi.need
            lines.append(filled(((f" {safe(need or 'no need named')}", Ink.MUTED),), width))
        if index == look.at:
            cursor = len(lines)
        lines += _cpi_lines(cpi, width, look, is_at=index == look.at)
    return tuple(lines), cursor


def _cpi_lines(cpi: JourneyCpiView, width: int, look: StageLook, *, is_at: bool) -> tuple[Line, Line]:
    is_lit = look.lit is not None and any(kpi == look.lit for kpi, _ in cpi.links)
    is_dim = look.lit is not None and not is_lit
    lead = _LIT if is_lit else " "
    room = max(width - 3, 1)
    name: Span = (fit(safe(cpi.label), room), Ink.MUTED if is_dim else Ink.STRONG if is_lit else Ink.PLAIN)
    if is_at:
        name = (f"[{safe(cpi.label, max(room - 1, 1))}]", Ink.CURSOR)
        first = filled(((lead, Ink.SERIES), name), width)
    else:
        first = filled(((lead, Ink.SERIES), (" ", Ink.PLAIN), name), width)
    value = safe(quantity_text(cpi.quantity)) if cpi.quantity is not None else "no data"
    glyph = glyphs.WORD.get(cpi.state, glyphs.TONE[cpi.tone])
    spans: list[Span] = [("  ", Ink.PLAIN), (value, Ink.MUTED if is_dim else Ink.PLAIN)]
    if width_of(spans) + _SPARK + 4 <= width:
        spans += [(" ", Ink.PLAIN), (spark(cpi.spark, _SPARK, is_last_running=cpi.is_last_running), Ink.SERIES)]
    spans.append((f" {glyph}", Ink.MUTED if is_dim else TONE_INK[cpi.tone]))
    return first, filled(spans, width)


def cpi_info(cpi: JourneyCpiView, kpis: dict[MetricId, str], width: int, room: int) -> tuple[Line, ...]:
    """All about the CPI under the cursor: its question, how it was discovered, its KPIs, who has it."""
    links = ", ".join(f"{kpis.get(kpi, str(kpi))} ({state})" for kpi, state in cpi.links)
    facts = (
        (f"{cpi.label}" + (f" · {cpi.need}" if cpi.need else ""), Ink.STRONG),
        (cpi.question or "no question is written down", Ink.PLAIN if cpi.question else Ink.CAUTION),
        (f"discovered: {cpi.discovered}" if cpi.discovered else "not said how it was discovered", Ink.MUTED),
        (f"linked to {links}" if links else "linked to no KPI", Ink.PLAIN if links else Ink.CAUTION),
        (f"accountable: {cpi.owner}" if cpi.owner else "nobody is accountable", Ink.PLAIN if cpi.owner else Ink.MUTED),
    )
    return _wrapped(facts, width, room)


def stage_info(stage: JourneyStageView, width: int, room: int) -> tuple[Line, ...]:
    """A stage without CPIs: what the customer wants there, and that nobody looks."""
    facts = (
        (stage.label, Ink.STRONG),
        (f"what they want: {stage.outcome}" if stage.outcome else "", Ink.PLAIN),
        ("no CPI stands at this stage: ask customers there, then add one", Ink.CAUTION),
    )
    return _wrapped(facts, width, room)


def kpi_line(kpis: Sequence[tuple[MetricId, str]], lit: MetricId | None, width: int) -> Line:
    """Which KPI is lit, or that Tab lights one."""
    label = next((label for kpi, label in kpis if kpi == lit), "")
    if not label:
        return filled(((" Tab lights the CPIs of a KPI", Ink.MUTED),), width)
    return filled(((f" {_LIT} ", Ink.SERIES), (safe(label), Ink.STRONG), ("  its CPIs are lit", Ink.MUTED)), width)


def _wrapped(facts: Sequence[tuple[str, str]], width: int, room: int) -> tuple[Line, ...]:
    parts = [(part, ink) for text, ink in facts for part in wrap(text, max(width - 2, 10)) if part]
    return tuple(filled(((f" {part}", ink),), width) for part, ink in parts[: max(room, 0)])
