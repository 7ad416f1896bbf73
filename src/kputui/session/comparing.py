"""What known dates and detected shifts changed, for the figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.session.events import known_days
from kputui.session.shifts import shifts_of
from kputui.session.whole_periods import whole_periods

if TYPE_CHECKING:
    from datetime import date

    from kputui.analysis.change.effect import ChangePoint, StepChange
    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures
    from kputui.session.judges import Memo, Work
    from kputui.session.whole_periods import WholePeriods


def compared(figures: Figures, work: Work) -> Figures:
    """The figures with before and after: for each change of owner and intervention, and for each shift found."""
    found: dict[MetricId, tuple[StepChange | ChangePoint, ...]] = {}
    for metric in figures.workspace.metrics.values():
        if work.is_cancelled():
            return figures
        whole = whole_periods(figures, metric.id)
        if whole is not None and (changes := _changes(figures, work, metric, whole)):
            found[metric.id] = changes
    return figures if found == figures.changes else replace(figures, changes=found)


def _changes(figures: Figures, work: Work, metric: Metric, whole: WholePeriods) -> tuple[StepChange | ChangePoint, ...]:
    days = [day for day in known_days(figures, metric) if whole.starts[0] < day < whole.ends[-1]]
    changes: list[StepChange | ChangePoint] = [step_at(work.memo, metric.id, whole, day) for day in days]
    changes += shifts_of(work, metric.id, whole)
    return tuple(sorted(changes, key=lambda change: change.day))


def step_at(memo: Memo, name: MetricId, whole: WholePeriods, day: date) -> StepChange:
    """The level of a metric from `day` on against before it."""
    from kputui.analysis.change.step import step_change  # noqa: PLC0415 - numpy only in the worker

    return memo.kept(
        ("step", name, day), whole, lambda: step_change(whole.starts, whole.values, day, season=whole.season)
    )
