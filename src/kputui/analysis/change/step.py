"""A known date: the level after it against before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.change.effect import StepChange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


def step_change(
    starts: Sequence[date], values: Sequence[float | None], day: date, *, season: int | None = None
) -> StepChange:
    """The step at `day` with its 95 % interval and its rank among placebo dates; see StepChange.

    `starts` and `values` are whole periods, oldest first; None is "no data". "After" are the periods that
    start on `day` or later (a period that contains the day without starting on it belongs to neither side).
    `season`: periods to a year or week, used when two full ones are there. Never raises for data: with
    fewer than 8 points before or 6 after, or a constant series, `refusal` says so.
    """
    return StepChange(day=day, refusal="not computed")
