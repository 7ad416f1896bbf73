"""Denominators: by what each value of a share or a rate was divided, for limits that know the size of the sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.engine.expression import ExpressionError, Kind, check, parse
from kputui.errors import DataError
from kputui.model.metric import Aggregation, NumberFormat, Ratio, Simple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.session.figures import Figures
    from kputui.session.judges import Work
    from kputui.session.whole_periods import WholePeriods

_COUNTS = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT, Aggregation.SUM_BOOLEAN})
_NEVER_BELOW_0 = frozenset(
    {
        NumberFormat.PERCENT,
        NumberFormat.PERCENT0,
        NumberFormat.PERCENT1,
        NumberFormat.PERCENT2,
        NumberFormat.DURATION,
    }
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The values that are possible at all; None: no bound is known."""

    low: float | None = None
    high: float | None = None


def denominators_of(figures: Figures, work: Work, metric: Metric, whole: WholePeriods) -> tuple[float | None, ...]:
    """By what each value of `whole` was divided; () when the metric is no share and no rate of counts."""
    definition = metric.definition
    if isinstance(definition, Simple):
        return tuple(map(float, whole.rows)) if _is_share(figures, work, metric, definition) else ()
    if isinstance(definition, Ratio) and not definition.filter:
        parts = (definition.numerator, definition.denominator)
        counted = all(not part.filter and _is_count(figures, part.metric) for part in parts)
        return _values_at(figures, metric, definition.denominator.metric, whole) if counted else ()
    return ()


def bounds_of(figures: Figures, work: Work, metric: Metric, whole: WholePeriods) -> Bounds:
    """Between what the values must lie: shares from 0 to 1, counts from 0."""
    definition = metric.definition
    if isinstance(definition, Simple) and _is_share(figures, work, metric, definition):
        return Bounds(0.0, 1.0)
    is_positive = all(value is None or value >= 0 for value in whole.values)
    is_counted = isinstance(definition, Ratio) or _is_count(figures, metric.id) or metric.format in _NEVER_BELOW_0
    return Bounds(0.0) if is_positive and is_counted else Bounds()


def _is_share(figures: Figures, work: Work, metric: Metric, definition: Simple) -> bool:
    """Whether it is the average of something true or false: a share of its rows."""
    if definition.agg is not Aggregation.AVERAGE:
        return False

    reading = figures.readings.get(metric.id)
    inputs = (definition, reading.provenance if reading is not None else None)
    known = work.memo.found(("share", metric.id), inputs)
    if isinstance(known, bool):
        return known
    try:
        is_share = check(parse(definition.expr), work.engine.columns(definition.source)) is Kind.BOOLEAN
    except ExpressionError:
        is_share = False
    except DataError:
        return False
    work.memo.keep(("share", metric.id), inputs, is_share)
    return is_share


def _is_count(figures: Figures, name: MetricId) -> bool:
    metric = figures.workspace.metrics.get(name)
    return metric is not None and isinstance(metric.definition, Simple) and metric.definition.agg in _COUNTS


def _values_at(figures: Figures, metric: Metric, part: MetricId, whole: WholePeriods) -> tuple[float | None, ...]:
    """The values of a part in the same periods; () when it is not known by the same periods."""
    reading = figures.readings.get(part)
    series = reading.series if reading is not None else None
    if series is None or series.grain is not metric.grain:
        return ()
    by_start: Mapping[date, float | None] = dict(zip(series.starts, series.values, strict=True))
    return tuple(by_start.get(start) for start in whole.starts)
