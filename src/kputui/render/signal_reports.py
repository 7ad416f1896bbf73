"""Signals and before-and-after as lines for people and as records for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from kputui.analysis.signals.reading import Variation
from kputui.render import glyphs
from kputui.render.dates import day_text
from kputui.render.lines import Ink
from kputui.render.number import grouped, quantity_text
from kputui.render.problem import wrap
from kputui.render.safe import cell_width, fit, fit_right, safe
from kputui.render.signals import effect_text, range_text, signal_text
from kputui.render.status import plain
from kputui.session.views import Quantity
from kputui.session.words import count_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.analysis.signals.reading import ProcessChart
    from kputui.render.lines import Line
    from kputui.session.signal_reports import CompareReport, SignalReport

_WIDTH = 79
_ON_RESIDUALS = (
    "judged on residuals: neighbouring values depend on each other, so that a value is held against what the trend and "
    "the value before foretell; it may lie outside the limits shown and be routine"
)
_INKS = {Variation.COMMON: Ink.MUTED, Variation.IMPROVEMENT: Ink.GOOD, Variation.CONCERN: Ink.CAUTION}


def signal_records(reports: Sequence[SignalReport]) -> list[dict[str, object]]:
    """The charts for programs: every figure in full precision, dates in ISO form."""
    return [{name: plain(value) for name, value in asdict(report).items()} for report in reports]


def compare_record(report: CompareReport) -> dict[str, object]:
    """Before and after for programs: each change with its figures, what happened that day and what was near."""
    record = {name: plain(value) for name, value in asdict(report).items() if name != "changes"}
    changes = []
    for change, view in report.changes:
        figures = {name: plain(value) for name, value in asdict(change).items()}
        changes.append({**figures, "is_found": view.is_found, "what": view.what, "near": list(view.near)})
    return record | {"changes": changes}


def overview_lines(reports: Sequence[SignalReport]) -> tuple[Line, ...]:
    """A line a metric: newest value, limits, variation; below it the new signals; at the end how many are open."""
    labels = max((cell_width(safe(report.label)) for report in reports), default=0)
    values = [_value(report, _newest(report)) for report in reports]
    limits = [_limits(report) for report in reports]
    value_cells, limit_cells = (max(map(cell_width, texts), default=0) for texts in (values, limits))
    lines: list[Line] = []
    for report, value, limit in zip(reports, values, limits, strict=True):
        lines.append(
            (
                (fit(safe(report.label), labels), Ink.STRONG),
                (f"  {fit_right(value, value_cells)}", Ink.PLAIN),
                (f"  {fit(limit, limit_cells)}  ", Ink.MUTED),
                _variation(report),
            )
        )
        lines += [((f"  {glyphs.SIGNAL} {signal_text(view)}", Ink.PLAIN),) for view in report.signals if view.is_new]
    count = len({(view.metric, view.since) for report in reports for view in report.signals if view.is_open})
    noun = "signal" if count == 1 else "signals"
    if any(report.chart is not None and report.chart.is_residual for report in reports):
        lines += [(), *(((part, Ink.MUTED),) for part in wrap(_ON_RESIDUALS, _WIDTH))]
    return (*lines, (), ((f"{count} {noun} to explain", Ink.CAUTION if count else Ink.MUTED),))


def chart_lines(report: SignalReport, width: int | None) -> tuple[Line, ...]:
    """All of one chart: limits of each phase, rules with their price, dependence, notes, signals newest first."""
    room = max(width or _WIDTH, 20)
    lines: list[Line] = [((safe(report.label), Ink.STRONG),)]
    chart = report.chart
    if chart is None or chart.refusal:
        why = chart.refusal if chart is not None else "no whole period yet"
        return (*lines, ((f"no limits: {safe(why)}", Ink.MUTED),))
    lines.append((_variation(report), (f"  {_value(report, _newest(report))}, limits {_limits(report)}", Ink.PLAIN)))
    texts = [*_phases(report, chart), *_making(chart), *chart.notes]
    lines += [((line, Ink.MUTED),) for text in texts for line in wrap(text, room)]
    lines.append(())
    if not report.signals:
        lines.append((("no signals: what varies is routine", Ink.MUTED),))
    for view in report.signals:
        ink = Ink.CAUTION if view.is_open else Ink.PLAIN
        lines += [((line, ink),) for line in wrap(f"{glyphs.SIGNAL} {signal_text(view)}", room)]
    return tuple(lines)


def compare_lines(report: CompareReport, width: int | None) -> tuple[Line, ...]:
    """Each change in a sentence, newest first."""
    room = max(width or _WIDTH, 20)
    lines: list[Line] = [((safe(report.label), Ink.STRONG),)]
    if not report.changes:
        lines.append((("no change of owner, no intervention, and no shift was found; --at DATE asks", Ink.MUTED),))
    for _, view in reversed(report.changes):
        lines += [((line, Ink.PLAIN),) for line in wrap(effect_text(view), room)]
        if not view.is_found:
            counts = f"{count_words(view.before, 'period')} before, {view.after} from that day on"
            lines.append(((f"  {counts}", Ink.MUTED),))
    return tuple(lines)


def _newest(report: SignalReport) -> float | None:
    return next((value for value in reversed(report.values) if value is not None), None)


def _value(report: SignalReport, value: float | None) -> str:
    return safe(quantity_text(Quantity(value, report.format, report.unit)))


def _limits(report: SignalReport) -> str:
    chart = report.chart
    if chart is None or chart.refusal:
        return safe(chart.refusal) if chart is not None else "no whole period"
    if report.upper is None:
        return "none"
    if report.lower is None:
        return f"up to {_value(report, report.upper)}"
    low, high = (Quantity(value, report.format, report.unit) for value in (report.lower, report.upper))
    return safe(range_text(low, high))


def _variation(report: SignalReport) -> tuple[str, str]:
    chart = report.chart
    if chart is None or chart.refusal:
        return "", Ink.MUTED
    words = {Variation.COMMON: "common cause", Variation.CHANGE: "signal"}
    word = words.get(chart.variation, chart.variation.value)
    return word + (" (judged on residuals)" if chart.is_residual else ""), _INKS.get(chart.variation, Ink.PLAIN)


def _phases(report: SignalReport, chart: ProcessChart) -> list[str]:
    """The limits of each phase from its first period on."""
    texts = []
    for limits in chart.limits:
        low, mean, high = (values[-1] for values in (limits.lower, limits.centre, limits.upper))
        low = None if low is not None and low < 0 and not report.is_ever_negative else low
        parts = (("lower limit", low), ("mean", mean), ("upper limit", high), ("range limit", limits.upper_range))
        figures = ", ".join(f"{name} {_value(report, value)}" for name, value in parts if value is not None)
        texts.append(f"from {day_text(report.starts[limits.first])}: {figures}")
    return texts


def _making(chart: ProcessChart) -> list[str]:
    """Kind of chart, points, firmness, the rules with their price, and the dependence of neighbours."""
    texts = [f"{chart.kind}, {chart.n} points: {chart.firmness.value}"]
    price = f": a false alarm every {grouped(chart.run_length, 0)} periods on average" if chart.run_length else ""
    texts.append(f"rules: {chart.rules.replace('_', ' ')}{price}")
    if chart.autocorrelation is not None:
        texts.append(f"autocorrelation of neighbours {grouped(chart.autocorrelation, 2)}")
    if chart.assurance is not None:
        texts.append(f"against the target: {chart.assurance.value.replace('_', ' ')}")
    return texts
