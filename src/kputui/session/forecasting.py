"""The outlook of each goal with a due date, for the figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.analysis.forecast.outlook import Outlook
    from kputui.model.ids import GoalId
    from kputui.session.figures import Figures
    from kputui.session.judges import Work


def forecast(figures: Figures, work: Work) -> Figures:
    """The figures with the outlook of each measured goal that has a due date; a goal without one has none."""
    from kputui.analysis.forecast.goal import outlook_of  # noqa: PLC0415 - numpy only in the worker

    workspace = figures.workspace
    outlooks: dict[GoalId, Outlook] = {}
    for goal in workspace.goals.values():
        pace = figures.paces.get(goal.id)
        metric = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
        if metric is None or pace is None or goal.due is None:
            continue
        if work.is_cancelled():
            return figures
        reading = figures.readings.get(metric.id)
        series = reading.series if reading is not None else None
        inputs = (goal, metric, pace, series, workspace.contexts)
        outlooks[goal.id] = work.memo.kept(
            ("forecast", goal.id),
            inputs,
            lambda inputs=inputs: outlook_of(*inputs),  # type: ignore[misc]
        )
    return figures if outlooks == figures.outlooks else replace(figures, outlooks=outlooks)
