"""Dated targets: whether a value meets the one in force, and whether it can be judged at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.metric import Direction

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.metric import Metric


def meets_target(metric: Metric, value: float | None, day: date) -> bool | None:
    """Whether `value` meets the target in force on `day`, unrounded.

    None without a value, without a target, or when the metric has no better direction.
    """
    target = metric.target_on(day)
    if value is None or target is None:
        return None
    if metric.direction is Direction.INCREASE:
        return value >= target
    if metric.direction is Direction.DECREASE:
        return value <= target
    return None


def is_small_sample(metric: Metric, rows: int) -> bool:
    """Whether a period's value was made of fewer rows than the metric asks for, and so is not judged."""
    return rows < metric.min_sample
