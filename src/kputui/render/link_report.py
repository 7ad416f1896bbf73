"""The links for the command line: a table of them, all about one, hints of a search; and all figures for programs."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from kputui.analysis.evidence.verdict import Verdict
from kputui.render.evidence import evidence_lines, evidence_title
from kputui.render.lines import Ink, text_of, width_of
from kputui.render.problem import wrap
from kputui.render.safe import cell_width, fit, safe
from kputui.render.status import plain
from kputui.session.link_words import short_odds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.render.lines import Line
    from kputui.session.link_reports import HintReport, LinkReport
    from kputui.session.link_views import EvidenceView

_WIDTH = 100
"""The width of text that goes to no terminal."""
_STANDS_OUT = 0.2
"""The q from which on a hint is no more than what a search of that size finds by luck."""
EXPLORATORY = (
    "exploratory: the strongest of many pairs and lags, corrected for the search; hints for hypotheses, "
    "which only data that comes later can test"
)


def link_records(reports: Sequence[LinkReport]) -> list[dict[str, object]]:
    """The links for programs: every figure behind each verdict in full precision, dates in ISO form.

    What is no finite number (the odds of two series without any noise) is null.
    """
    return [{name: _finite(plain(value)) for name, value in asdict(report).items()} for report in reports]


def _finite(value: object) -> object:
    """A value that JSON can hold: null for what is no finite number, at any depth."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value


def hint_records(hints: Sequence[HintReport]) -> list[dict[str, object]]:
    """The hints for programs."""
    return [
        {name: plain(value) for name, value in (asdict(one.hint) | {"is_exploratory": True}).items()} for one in hints
    ]


def table_lines(reports: Sequence[LinkReport], width: int | None = None) -> tuple[Line, ...]:
    """A line a link: both names, the state, the verdict, the lag, the strength, the odds, what is missing.

    Where `width` cells do not hold the widest, labels are cut, and what is missing stands on a line of its own.
    """
    if not reports:
        return ((("no links are declared", Ink.MUTED),),)
    heads = ("CPI", "KPI", "state", "verdict", "lag", "r", "odds", "missing")
    rows = [_cells(report) for report in reports]
    sizes = [max(map(cell_width, column)) for column in zip(heads, *rows, strict=True)]
    is_narrow = width is not None and sum(sizes) + 2 * (len(sizes) - 1) > width
    if is_narrow and width is not None:
        return _narrow(rows, width)
    lines: list[Line] = [((_joined(heads, sizes), Ink.STRONG),)]
    lines += [((_joined(row, sizes), Ink.PLAIN),) for row in rows]
    return tuple(lines)


def _narrow(rows: Sequence[Sequence[str]], width: int) -> tuple[Line, ...]:
    lines: list[Line] = []
    for cpi, kpi, *rest in rows:
        lines += [((part, Ink.STRONG),) for part in wrap(f"{cpi} -> {kpi}", width)]
        names = ("", "", "lag", "r", "odds", "missing")
        words = ", ".join(f"{name} {cell}".strip() for name, cell in zip(names, rest, strict=True) if cell)
        lines += [((f"  {part}", Ink.PLAIN),) for part in wrap(words, max(width - 2, 20))]
    return tuple(lines)


def _joined(cells: Sequence[str], sizes: Sequence[int]) -> str:
    return "  ".join(fit(cell, size) for cell, size in zip(cells, sizes, strict=True)).rstrip()


def _cells(report: LinkReport) -> tuple[str, ...]:
    evidence = report.evidence
    best = evidence.best
    is_shown = best is not None and evidence.p is not None
    unit = evidence.grain.value if evidence.grain is not None else "period"
    odds = evidence.e_opposite if evidence.verdict is Verdict.CONTRADICTED else evidence.e
    return (
        safe(report.cpi_label),
        safe(report.kpi_label),
        report.state.value if report.state is not None else "undeclared",
        evidence.verdict.value,
        f"{best.lag} {unit}{'' if best.lag == 1 else 's'}" if is_shown and best is not None else "",
        f"{best.r:+.2f}" if is_shown and best is not None else "",
        short_odds(odds),
        safe(report.missing),
    )


def pair_lines(report: LinkReport, view: EvidenceView, width: int | None = None) -> tuple[Line, ...]:
    """All about one pair: the verdict, the figures, the lag profile, the assumptions, what if, the history."""
    room = max(width or _WIDTH, 40)
    if report.what_if_words:
        view = replace(view, what_if=(report.what_if_words,))  # the change that was asked for, and no other
    title = evidence_title(view)
    titles = (title,) if width_of(title) <= room else (((part, Ink.TITLE),) for part in wrap(text_of(title), room))
    lines = (*titles, *evidence_lines(view, _profile_lines(view), room))
    return tuple(_trimmed(line) for line in lines)


def _trimmed(line: Line) -> Line:
    """A line without the spaces that fill it to a pane's width."""
    spans = list(line)
    while spans and not spans[-1][0].rstrip():
        spans.pop()
    if spans:
        spans[-1] = (spans[-1][0].rstrip(), spans[-1][1])
    return tuple(spans)


def _profile_lines(view: EvidenceView) -> tuple[Line, ...]:
    """The strength at each lag with its interval; the lags that were not declared are a hint."""
    profile = view.profile
    if profile is None:
        return ()
    lines: list[Line] = [((f" Strength by lag, in {safe(profile.unit)}", Ink.TITLE),)]
    for lag, r, low, high, is_declared in zip(
        profile.lags, profile.r, profile.low, profile.high, profile.is_declared, strict=True
    ):
        words = f"  {lag:>3}  {r:+.2f}  [{low:+.2f}, {high:+.2f}]" + ("  declared" if is_declared else "")
        lines.append(((words, Ink.PLAIN if is_declared else Ink.MUTED),))
    return tuple(lines)


def hint_lines(hints: Sequence[HintReport], width: int | None = None, most: int = 20) -> tuple[Line, ...]:
    """The strongest `most` hints, marked as exploratory."""
    lines: list[Line] = [((part, Ink.CAUTION),) for part in wrap(EXPLORATORY, max(width or _WIDTH, 40))]
    lines.append(())
    if not hints:
        return (*lines, (("no undeclared pair has enough data", Ink.MUTED),))
    heads = ("CPI", "KPI", "lag", "r", "n", "p", "q")
    rows = [_hint_cells(hint) for hint in hints[:most]]
    sizes = [max(map(cell_width, column)) for column in zip(heads, *rows, strict=True)]
    lines.append(((_joined(heads, sizes), Ink.STRONG),))
    lines += [((_joined(row, sizes), Ink.PLAIN),) for row in rows]
    if len(hints) > most:
        lines.append(((f"and {len(hints) - most} weaker pairs", Ink.MUTED),))
    if min(hint.hint.q for hint in hints) > _STANDS_OUT:
        lines.append(())
        words = f"none of the {len(hints)} stands out: so many looks find as much by luck (no q below {_STANDS_OUT:g})"
        lines += [((part, Ink.CAUTION),) for part in wrap(words, max(width or _WIDTH, 40))]
    return tuple(lines)


def _hint_cells(report: HintReport) -> tuple[str, ...]:
    hint = report.hint
    lag = f"{hint.lag} {hint.grain}{'' if hint.lag == 1 else 's'}"
    return (
        safe(report.cpi_label),
        safe(report.kpi_label),
        lag,
        f"{hint.r:+.2f}",
        str(hint.n),
        f"{hint.p:.4f}",
        f"{hint.q:.4f}",
    )
