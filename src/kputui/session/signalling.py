"""The process behaviour chart of each metric, for the figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.analysis.signals.charting import Charting
from kputui.session.denominators import bounds_of, denominators_of
from kputui.session.shifts import shifts_of
from kputui.session.whole_periods import whole_periods
from kputui.session.words import day_words, listed

if TYPE_CHECKING:
    from datetime import date

    from kputui.analysis.change.effect import ChangePoint
    from kputui.analysis.signals.reading import ProcessChart
    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures
    from kputui.session.judges import Work
    from kputui.session.whole_periods import WholePeriods


def signalled(figures: Figures, work: Work) -> Figures:
    """The figures with a process behaviour chart for each metric of which whole periods are known."""
    charts: dict[MetricId, ProcessChart] = {}
    for metric in figures.workspace.metrics.values():
        if work.is_cancelled():
            return figures
        whole = whole_periods(figures, metric.id)
        if whole is not None:
            charts[metric.id] = _chart(figures, work, metric, whole)
    return figures if charts == figures.signals else replace(figures, signals=charts)


def _chart(figures: Figures, work: Work, metric: Metric, whole: WholePeriods) -> ProcessChart:
    from kputui.analysis.signals.chart import process_chart  # noqa: PLC0415 - numpy only in the worker

    settings = metric.signals
    is_by_hand = bool(settings.rebase) or settings.freeze is not None
    shifts = () if is_by_hand else shifts_of(work, metric.id, whole)
    denominators = denominators_of(figures, work, metric, whole)
    charting = replace(_charting(figures, work, metric, whole, settings.rebase), shifts=shifts)

    def make() -> ProcessChart:
        chart = process_chart(whole.starts, whole.values, charting, denominators or None)
        return replace(chart, notes=(*_shift_notes(shifts), *chart.notes)) if shifts and not chart.refusal else chart

    inputs = (whole, charting, denominators, shifts)
    return work.memo.kept(("signals", metric.id), inputs, make)


def _charting(
    figures: Figures, work: Work, metric: Metric, whole: WholePeriods, rebase_at: tuple[date, ...]
) -> Charting:
    settings = metric.signals
    bounds = bounds_of(figures, work, metric, whole)
    return Charting(
        rules=(settings.rules or figures.workspace.project.signal_rules).value,
        direction=metric.direction,
        target=metric.target_on(whole.ends[-1] - timedelta(days=1)),
        kind=settings.chart.value if settings.chart is not None else None,
        rebase_at=rebase_at,
        freeze_at=settings.freeze,
        season=whole.season,
        low=bounds.low,
        high=bounds.high,
    )


def _shift_notes(shifts: tuple[ChangePoint, ...]) -> tuple[str, ...]:
    days = listed([day_words(shift.day) for shift in shifts])
    return (f"limits begin anew on {days}: a shift was found there that nobody declared",)
