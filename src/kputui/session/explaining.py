"""Explaining: which signals a metric has, what was said about them, and which are still open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.analysis.change.effect import ChangePoint
from kputui.analysis.signals.reading import Variation
from kputui.model.cell import SignalCell
from kputui.model.metric import MetricKind
from kputui.review import parts_of, supporting
from kputui.session.events import EventKind, events_near, events_of
from kputui.session.quantities import difference_of, value_of
from kputui.session.signal_views import EffectView, SignalView
from kputui.session.views import Fact, Tone
from kputui.session.words import day_words, listed, periods_words, person_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from kputui.analysis.change.effect import StepChange
    from kputui.analysis.signals.reading import ProcessChart, Signal
    from kputui.model.metric import Metric
    from kputui.model.workspace import Workspace
    from kputui.session.events import Event
    from kputui.session.figures import Figures

SIGNAL_TONES = {
    Variation.COMMON: Tone.PLAIN,
    Variation.IMPROVEMENT: Tone.GOOD,
    Variation.CONCERN: Tone.CAUTION,
    Variation.CHANGE: Tone.PLAIN,
}


def signals_of(figures: Figures, metric: Metric) -> tuple[SignalView, ...]:
    """The signals of a metric, newest first, with what was said about them."""
    chart = figures.signals.get(metric.id)
    if chart is None:
        return ()
    reading = figures.readings.get(metric.id)
    series = reading.series if reading is not None else None
    if series is None or not chart.signals:
        return ()
    found = {start: (value, end) for start, value, end in zip(series.starts, series.values, series.ends, strict=True)}
    events = [event for event in events_of(figures, metric) if event.kind is not EventKind.SHIFT]
    asks = not chart.new or is_asked(figures.workspace, metric)
    views = (
        replace(
            _view(
                figures, metric, signal, found[signal.start][0], _known(events, signal.since, found[signal.start][1])
            ),
            asks=asks,
        )
        for signal in _told(chart.signals)
        if signal.start in found
    )
    return tuple(sorted(views, key=lambda view: (view.start, view.since), reverse=True))


def is_asked(workspace: Workspace, metric: Metric) -> bool:
    """Whether signals of the metric ask for an explanation; those of a diagnostic that serves no goal do not.

    Neither do those of a mere part of other metrics.
    """
    if metric.kind is not MetricKind.DIAGNOSTIC:
        return True
    return metric.id in supporting(workspace) and metric.id not in parts_of(workspace)


def _told(signals: Sequence[Signal]) -> list[Signal]:
    """The signals without the jumps to and from a period that stands out by itself: they are the same event."""
    alone = {signal.start for signal in signals if signal.is_high is not None and signal.since == signal.start}
    return [signal for signal in signals if signal.is_high is not None or not {signal.since, signal.start} & alone]


def open_signals(figures: Figures) -> tuple[SignalView, ...]:
    """The signals that ask for an explanation now, each pattern once."""
    found: dict[tuple[str, date], SignalView] = {}
    for metric in figures.workspace.metrics.values():
        chart = figures.signals.get(metric.id)
        if chart is None or not chart.new:
            continue
        for view in signals_of(figures, metric):
            if view.is_open:
                found.setdefault((metric.id, view.since), view)
    return tuple(found.values())


def open_variation(figures: Figures, metric: Metric) -> Variation | None:
    """Whether a metric's new signal is for the better or the worse, while nobody has explained it."""
    chart = figures.signals.get(metric.id)
    if chart is None or not chart.new or not any(view.is_unexplained for view in signals_of(figures, metric)):
        return None
    return Variation.CHANGE if chart.variation is Variation.COMMON else chart.variation


def _known(events: Sequence[Event], start: date, behind: date) -> tuple[str, ...]:
    """What happened in [start, behind), each once."""
    return tuple(dict.fromkeys(event.words for event in events if event.start < behind and event.end >= start))


def _view(figures: Figures, metric: Metric, signal: Signal, value: float | None, known: tuple[str, ...]) -> SignalView:
    chart = figures.signals[metric.id]
    remark = figures.ownership.remarks.get(SignalCell(metric.id, signal.since))
    return SignalView(
        metric.id,
        signal.since,
        signal.start,
        periods_words(metric.grain, signal.since, signal.start),
        value_of(metric, value),
        signal.rule,
        signal.text + (", judged on residuals" if chart.is_residual else ""),
        signal.is_new,
        remark.text if remark is not None else "",
        person_words(remark.by) if remark is not None else "",
        remark.on if remark is not None else None,
        known,
    )


def signal_facts(figures: Figures, metric: Metric) -> Iterator[Fact]:
    """Limits, variation and assurance in a few words; nothing while there is no chart."""
    chart = figures.signals.get(metric.id)
    if chart is None:
        return
    if chart.refusal:
        yield Fact("limits", text=chart.refusal, tone=Tone.MUTED)
        return
    yield from _limits(figures, metric, chart)
    words = {
        Variation.COMMON: "common cause",
        Variation.IMPROVEMENT: "improvement, a signal",
        Variation.CONCERN: "concern, a signal",
        Variation.CHANGE: "a signal",
    }
    ground = ", judged on residuals" if chart.is_residual else ""
    yield Fact("variation", text=words[chart.variation] + ground, tone=SIGNAL_TONES[chart.variation])
    if chart.assurance is not None:
        yield Fact("as it runs now", text=assurance_words(chart))


def assurance_words(chart: ProcessChart) -> str:
    """The limits against the target in words; "" where there is none."""
    words = {
        "consistent_pass": "it meets the target every time",
        "inconsistent": "it meets the target or misses it by chance",
        "consistent_fail": "it cannot meet the target",
    }
    return words[chart.assurance.value] if chart.assurance is not None else ""


def shown_limits(figures: Figures, metric: Metric, chart: ProcessChart) -> tuple[float | None, float | None]:
    """The newest natural limits; a lower one below 0 is no limit for what was never negative."""
    if not chart.limits:
        return None, None
    lower, upper = chart.limits[-1].lower[-1], chart.limits[-1].upper[-1]
    return (None if lower is not None and lower < 0 and not is_ever_negative(figures, metric) else lower), upper


def is_ever_negative(figures: Figures, metric: Metric) -> bool:
    """Whether the metric ever had a value below 0."""
    reading = figures.readings.get(metric.id)
    series = reading.series if reading is not None else None
    return series is not None and any(value is not None and value < 0 for value in series.values)


def _limits(figures: Figures, metric: Metric, chart: ProcessChart) -> Iterator[Fact]:
    lower, upper = shown_limits(figures, metric, chart)
    firmness = "" if chart.firmness.value in {"limits", "firm limits"} else f"({chart.firmness.value})"
    if lower is not None and upper is not None:
        yield Fact("limits", value_of(metric, lower), firmness, until=value_of(metric, upper))
    elif upper is not None:
        yield Fact("limits up to", value_of(metric, upper), firmness)
    elif lower is not None:
        yield Fact("limits from", value_of(metric, lower), firmness)


def chart_notes(figures: Figures, metric: Metric) -> tuple[str, ...]:
    """What not to trust about the limits, and from what the signals are taken."""
    chart = figures.signals.get(metric.id)
    return tuple(f"limits: {note}" for note in chart.notes) if chart is not None else ()


def effects_of(figures: Figures, metric: Metric) -> tuple[EffectView, ...]:
    """Before and after each day that is known or was found, newest first."""
    changes = figures.changes.get(metric.id, ())
    return tuple(effect_view(figures, metric, change) for change in reversed(changes))


def effect_view(figures: Figures, metric: Metric, change: StepChange | ChangePoint) -> EffectView:
    """One comparison of before and after, with what else happened near the day."""
    near = tuple(_event_words(event.start, event.words) for event in events_near(figures, metric, change.day))
    if isinstance(change, ChangePoint):
        step = difference_of(metric, change.step)
        return EffectView(
            change.day, "a shift that nobody declared", step, is_shown=True, is_found=True, p=change.p, near=near
        )
    kinds = (EventKind.OWNER, EventKind.INTERVENTION)
    happened = [e.words for e in events_of(figures, metric) if e.start == change.day and e.kind in kinds]

    return EffectView(
        change.day,
        listed(happened),
        difference_of(metric, change.step) if change.step is not None else None,
        difference_of(metric, change.low) if change.low is not None else None,
        difference_of(metric, change.high) if change.high is not None else None,
        change.refusal,
        change.is_shown,
        p=change.p,
        placebo_rank=change.placebo_rank,
        before=change.before,
        after=change.after,
        near=near,
    )


def _event_words(day: date, words: str) -> str:
    return f"{words} ({day_words(day)})"
