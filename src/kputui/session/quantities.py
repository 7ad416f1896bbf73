"""Quantities: a metric's values and differences with how to write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.metric import NumberFormat
from kputui.session.views import Quantity

if TYPE_CHECKING:
    from kputui.model.metric import Metric

_PERCENT_POINTS = {
    NumberFormat.PERCENT: NumberFormat.NUMBER1,
    NumberFormat.PERCENT0: NumberFormat.NUMBER0,
    NumberFormat.PERCENT1: NumberFormat.NUMBER1,
    NumberFormat.PERCENT2: NumberFormat.NUMBER2,
}


def value_of(metric: Metric, value: float | None) -> Quantity:
    """A value of a metric."""
    return Quantity(value, metric.format, metric.unit)


def difference_of(metric: Metric, value: float) -> Quantity:
    """A difference of two values: that of two shares is in points."""
    points = _PERCENT_POINTS.get(metric.format)
    return Quantity(value * 100, points, "points") if points else Quantity(value, metric.format, metric.unit)
