"""Shifts that nobody declared: where a metric went to another level, found once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.analysis.change.effect import ChangePoint
    from kputui.model.ids import MetricId
    from kputui.session.judges import Work
    from kputui.session.whole_periods import WholePeriods


def shifts_of(work: Work, name: MetricId, whole: WholePeriods) -> tuple[ChangePoint, ...]:
    """The change points of a metric's whole periods, oldest first."""
    from kputui.analysis.change.points import change_points  # noqa: PLC0415 - numpy only in the worker

    return work.memo.kept(
        ("shifts", name), whole, lambda: change_points(whole.starts, whole.values, season=whole.season)
    )
