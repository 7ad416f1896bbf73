"""Thresholds: the value with which a metric compares a column, and the rows just past and just short of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kputui.engine.expression import ExpressionError, canonical, parse
from kputui.engine.expression.tree import Compare, Negate, Node, Number
from kputui.model.ids import MetricId
from kputui.model.metric import Aggregation, Direction, Metric, MetricKind, Simple

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNTED = frozenset({Aggregation.AVERAGE, Aggregation.SUM_BOOLEAN})
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_BANDS = 4
_WIDTH = 3.0
"""The bands are a third of the threshold wide, so that figures rounded to fives or tens fill each of them alike."""
_LEAST_RISE = 1.5
"""How much steeper than the bands around them the two at the threshold must fall to be looked at."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """`column` (an expression) against `value`; rows below it are the better ones when `is_better_below`.

    `is_open`: the value itself belongs to the side above it.
    """

    column: str
    value: float
    is_better_below: bool
    is_open: bool

    @property
    def width(self) -> float:
        """How wide a band is, in the column's unit."""
        return abs(self.value) / _WIDTH


@dataclass(frozen=True, slots=True)
class Near:
    """How many rows lie within `width` of a threshold: on its better side, and on its worse."""

    threshold: float
    width: float
    past: int
    short: int


def threshold_of(metric: Metric) -> Threshold | None:
    """The threshold of a share or number of rows that compares one expression with a number; None for others."""
    definition = metric.definition
    if not isinstance(definition, Simple) or definition.agg not in _COUNTED:
        return None
    if metric.direction not in {Direction.INCREASE, Direction.DECREASE}:
        return None
    try:
        node = parse(definition.expr)
    except ExpressionError:
        return None
    if not isinstance(node, Compare) or node.operator not in _FLIPPED:
        return None
    column, value, operator = node.left, _number(node.right), node.operator
    if value is None:
        column, value, operator = node.right, _number(node.left), _FLIPPED[node.operator]
    if value is None or value == 0 or _number(column) is not None:
        return None
    is_below_counted = operator in {"<", "<="}
    is_better_below = is_below_counted is (metric.direction is Direction.INCREASE)
    return Threshold(canonical(column), value, is_better_below, is_open=operator in {"<", ">="})


def bands_of(metric: Metric, threshold: Threshold) -> tuple[Metric, ...]:
    """Four metrics that count the rows of neighbouring bands, from the better side to the worse: two on each."""
    assert isinstance(metric.definition, Simple)  # noqa: S101 - a threshold has no other
    low, high = (">=", "<") if threshold.is_open else (">", "<=")
    steps = (-2, -1, 0, 1) if threshold.is_better_below else (1, 0, -1, -2)
    found = []
    for place, step in enumerate(steps):
        start = threshold.value + step * threshold.width
        end = threshold.value + (step + 1) * threshold.width
        inside = f"({threshold.column}) {low} {start!r} and ({threshold.column}) {high} {end!r}"
        kept = f"({metric.definition.filter}) and " if metric.definition.filter.strip() else ""
        counted = replace(
            metric.definition, agg=Aggregation.COUNT, expr="1", filter=f"{kept}{inside}", fill_nulls_with=0.0
        )
        found.append(Metric(MetricId(f"near {place} {metric.id}"), MetricKind.DIAGNOSTIC, metric.label, counted))
    return tuple(found)


def near_of(threshold: Threshold, counts: Sequence[int]) -> Near | None:
    """The rows next to the threshold, of four bands from the better side to the worse.

    None when a band could not be counted, when they only follow the slope of the bands around them (most
    distributions fall somewhere), when the worse side goes on falling as steeply (a single peak on the better
    side: without a heap log-concave counts fall ever steeper), and when nothing lies further on either side: then
    the values end there, or come in two clouds.
    """
    if len(counts) != _BANDS:
        return None
    far_past, past, short, far_short = counts
    if not (far_past and far_short):
        return None
    slope = max((far_past / far_short) ** (1 / 3), short / far_short, 1.0)
    if past < _LEAST_RISE * slope * short:
        return None
    return Near(threshold.value, threshold.width, past, short)


def _number(node: Node) -> float | None:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Negate) and isinstance(node.operand, Number):
        return -node.operand.value
    return None
