"""Signals and before-and-after for the commands: everything behind them, metric by metric."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kputui.errors import UsageError
from kputui.session.comparing import compared, step_at
from kputui.session.explaining import effect_view, is_ever_negative, shown_limits, signals_of
from kputui.session.judges import Memo, judged_figures
from kputui.session.naming import metric_named
from kputui.session.signalling import signalled
from kputui.session.whole_periods import whole_periods

if TYPE_CHECKING:
    from datetime import date

    from kputui.analysis.change.effect import ChangePoint, StepChange
    from kputui.analysis.signals.reading import ProcessChart
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain, Metric, NumberFormat
    from kputui.model.series import Failure
    from kputui.session.figures import Figures
    from kputui.session.open import Opened
    from kputui.session.signal_views import EffectView, SignalView


@dataclass(frozen=True, slots=True)
class SignalReport:
    """One metric's process behaviour chart with the whole periods it is made of, and what was said about signals.

    `lower` and `upper` are the newest limits as they are shown; `is_ever_negative`: whether a limit below 0 is one.
    `chart` is None without a whole period; `failure`
    says why there are no values.
    """

    metric: MetricId
    label: str
    format: NumberFormat
    unit: str
    grain: Grain
    starts: tuple[date, ...] = ()
    values: tuple[float | None, ...] = ()
    chart: ProcessChart | None = None
    lower: float | None = None
    upper: float | None = None
    is_ever_negative: bool = False
    signals: tuple[SignalView, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Before and after of one metric: each change with its view; `failure` says why there are no values."""

    metric: MetricId
    label: str
    format: NumberFormat
    unit: str
    changes: tuple[tuple[StepChange | ChangePoint, EffectView], ...] = ()
    failure: Failure | None = None


def signal_reports(opened: Opened, name: str | None = None) -> tuple[SignalReport, ...]:
    """The charts of one metric, of all as they are written when None; loads the engine and reads the data.

    Raises UsageError, naming the nearest, when there is no such metric, and DataError when no data can be read.
    """
    wanted = metric_named(opened.workspace, name) if name is not None else None
    figures = judged_figures(opened, (signalled,))
    metrics = (metric for metric in opened.workspace.metrics.values() if wanted in {None, metric.id})
    return tuple(_report(figures, metric) for metric in metrics)


def compare_report(opened: Opened, name: str, day: date | None = None) -> CompareReport:
    """Before and after each known or found day of a metric, or only the day asked for.

    Raises UsageError for a name that is no metric and a day outside the data; DataError as `signal_reports`.
    """
    metric = opened.workspace.metrics[metric_named(opened.workspace, name)]
    figures = judged_figures(opened, (compared,))
    report = CompareReport(
        metric.id, metric.label or metric.id, metric.format, metric.unit, (), _failure(figures, metric)
    )
    whole = whole_periods(figures, metric.id)
    if whole is None:
        return report
    changes = figures.changes.get(metric.id, ())
    if day is not None:
        if not whole.starts[0] < day < whole.ends[-1]:
            raise UsageError(f"{day} is not within the data", f"it spans {whole.starts[0]} to {whole.ends[-1]}")
        changes = (step_at(Memo(), metric.id, whole, day),)
    return replace(report, changes=tuple((one, effect_view(figures, metric, one)) for one in changes))


def _report(figures: Figures, metric: Metric) -> SignalReport:
    report = SignalReport(
        metric.id,
        metric.label or metric.id,
        metric.format,
        metric.unit,
        metric.grain,
        failure=_failure(figures, metric),
    )
    whole, chart = whole_periods(figures, metric.id), figures.signals.get(metric.id)
    if whole is None or chart is None:
        return report
    lower, upper = shown_limits(figures, metric, chart)
    return replace(
        report,
        starts=whole.starts,
        values=whole.values,
        chart=chart,
        lower=lower,
        upper=upper,
        is_ever_negative=is_ever_negative(figures, metric),
        signals=signals_of(figures, metric),
    )


def _failure(figures: Figures, metric: Metric) -> Failure | None:
    reading = figures.readings.get(metric.id)
    return reading.failure if reading is not None else None


def signal_named(opened: Opened, name: str, since: date | None = None) -> SignalView:
    """The signal of a metric whose pattern begins on `since`; without a day the newest that asks for an explanation.

    Raises UsageError, naming those that there are, when there is no such signal; else as `signal_reports`.
    """
    signals = signal_reports(opened, name)[0].signals
    chosen = (view for view in signals if (view.is_unexplained if since is None else view.since == since))
    if (found := next(chosen, None)) is not None:
        return found
    days = list(dict.fromkeys(view.since.isoformat() for view in signals))
    missing = "no new signal to explain" if since is None else f"no signal since {since}"
    raise UsageError(f"{name} has {missing}", f"its signals: {', '.join(days)}" if days else "it has none at all")
