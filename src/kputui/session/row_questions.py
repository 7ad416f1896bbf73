"""What questions need of the rows, in few requests: bands around a threshold, parts of a share, segments, days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from kputui.analysis.gaming.question import Sample
from kputui.analysis.periods import season_length
from kputui.model.ids import MetricId
from kputui.model.metric import ADDITIVE_AGGREGATIONS, Aggregation, Direction, Grain, Metric, MetricKind, Ratio, Simple
from kputui.model.series import Span, SpanValue
from kputui.session.denominators import denominators_of
from kputui.session.figures import sources_of
from kputui.session.link_data import CancelledError
from kputui.session.thresholds import bands_of, near_of, threshold_of
from kputui.session.whole_periods import whole_periods

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kputui.engine.compute import Engine
    from kputui.engine.request import Request
    from kputui.model.ids import SourceId
    from kputui.model.series import Reading, Series
    from kputui.session.figures import Figures
    from kputui.session.judges import Work
    from kputui.session.thresholds import Near, Threshold

_LOOKED_BACK = timedelta(days=364)
_MOST_SEGMENTS = 50
"""A dimension with more values than this splits a metric into segments too small to say anything."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What a share was divided from and by, one entry a whole period."""

    numerators: tuple[float | None, ...]
    denominators: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A metric before and after a day by the values of its first dimension.

    `parts`: name, value before and after, weight before and after. The total is over the same rows.
    """

    since: date
    before: float
    after: float
    parts: tuple[tuple[str, float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class RowFigures:
    """What the rows gave for one metric; None where a question does not apply to it.

    `daily`: its days, with the last days of the months (of the quarters) in `ends`. `source_rows`: all rows of
    its source in each whole period, whether it uses them or not.
    """

    near: Near | None = None
    shares: Shares | None = None
    split: Split | None = None
    daily: Sample | None = None
    ends: tuple[date, ...] = ()
    source_rows: tuple[int, ...] = ()


def row_figures(
    figures: Figures, work: Work, metrics: Sequence[Metric], improving: Mapping[MetricId, date]
) -> dict[MetricId, RowFigures]:
    """What questions need of the rows of `metrics`; `improving` are those that improved, and since when.

    One request to the engine for the thresholds, one for the days, one for each dimension by which an
    improvement is split, one for each grain at which something improved; each only when the data or the
    definitions have changed. Raises DataError and CancelledError.
    """
    near = _near(figures, work, metrics)
    splits = _splits(figures, work, [metric for metric in metrics if metric.id in improving], improving)
    daily = _daily(figures, work, metrics)
    source_rows = _source_rows(figures, work, [metric for metric in metrics if metric.id in improving])
    found = {}
    for metric in metrics:
        days = daily.get(metric.id)
        found[metric.id] = RowFigures(
            near.get(metric.id),
            _shares(figures, work, metric) if metric.id in improving else None,
            splits.get(metric.id),
            days,
            _ends(metric, days) if days is not None else (),
            source_rows.get(metric.id, ()),
        )
    return found


def _source_rows(figures: Figures, work: Work, metrics: Sequence[Metric]) -> dict[MetricId, tuple[int, ...]]:
    """All rows of each metric's source by the metric's whole periods; metrics of several sources are left out."""
    by_grain: dict[Grain, dict[MetricId, SourceId]] = {}
    for metric in metrics:
        sources = sources_of(figures.workspace, metric.id)
        if len(sources) == 1:
            by_grain.setdefault(metric.grain, {})[metric.id] = next(iter(sources))
    found: dict[MetricId, tuple[int, ...]] = {}
    for grain, sources_by_metric in by_grain.items():
        stamp = _stamp(figures, (figures.workspace.metrics[name] for name in sources_by_metric))
        rows = work.memo.kept(
            ("source rows", grain),
            stamp,
            partial(_rows, figures, work, frozenset(sources_by_metric.values()), grain),
        )
        for name, source in sources_by_metric.items():
            whole, counts = whole_periods(figures, name), rows.get(source, {})
            if whole is not None and all(start in counts for start in whole.starts):
                found[name] = tuple(counts[start] for start in whole.starts)
    return found


def _rows(figures: Figures, work: Work, sources: Iterable[SourceId], grain: Grain) -> dict[SourceId, dict[date, int]]:
    """The rows of each source by the first day of the period."""
    counting = {
        MetricId(f"rows {source}"): Metric(
            MetricId(f"rows {source}"), MetricKind.DIAGNOSTIC, source, Simple(source, Aggregation.COUNT), grain
        )
        for source in sources
    }
    found: dict[SourceId, dict[date, int]] = {}
    for reading in _read(work.engine.with_metrics(counting), work, figures.clock.request(tuple(counting))):
        if reading.series is not None:
            definition = counting[reading.metric].definition
            assert isinstance(definition, Simple)  # noqa: S101 - made above
            found[definition.source] = dict(zip(reading.series.starts, reading.series.rows, strict=True))
    return found


def _read(engine: Engine, work: Work, request: Request) -> Iterator[Reading]:
    """The readings of a request; raises CancelledError rather than leave some out, since what is read is kept."""
    for batch in engine.readings(request, work.is_cancelled):
        yield from batch
    if work.is_cancelled():
        raise CancelledError


def _stamp(figures: Figures, metrics: Iterable[Metric]) -> object:
    """What the values of these metrics were made of; equal as long as their data and definitions are."""
    readings = figures.readings
    parts = ((metric.definition, metric.direction, readings[metric.id].provenance) for metric in metrics)
    return (tuple(parts), figures.clock)


def _near(figures: Figures, work: Work, metrics: Sequence[Metric]) -> dict[MetricId, Near]:
    """Rows just past and just short of the thresholds that metrics compare a column with, in the last year."""
    steered = [metric for metric in metrics if metric.kind is not MetricKind.CPI]
    thresholds = {metric.id: found for metric in steered if (found := threshold_of(metric)) is not None}
    if not thresholds:
        return {}
    inputs = _stamp(figures, (metric for metric in steered if metric.id in thresholds))
    return work.memo.kept("near", inputs, lambda: _counted(figures, work, thresholds))


def _counted(figures: Figures, work: Work, thresholds: Mapping[MetricId, Threshold]) -> dict[MetricId, Near]:
    bands = {name: bands_of(figures.workspace.metrics[name], found) for name, found in thresholds.items()}
    counting = {band.id: band for four in bands.values() for band in four}
    last = figures.clock.last_day
    span = Span(last - _LOOKED_BACK, last + timedelta(days=1))
    engine = work.engine.with_metrics(counting)
    values = engine.span_values(tuple((name, span) for name in counting), last_day=last)
    found = {}
    for name, four in bands.items():
        read = (values[band.id, span] for band in four)
        counts = [int(one.value or 0) for one in read if isinstance(one, SpanValue)]
        if (near := near_of(thresholds[name], counts)) is not None:
            found[name] = near
    return found


def _shares(figures: Figures, work: Work, metric: Metric) -> Shares | None:
    """The counts behind a share; None for what is no share of counts."""
    whole = whole_periods(figures, metric.id)
    denominators = denominators_of(figures, work, metric, whole) if whole is not None else ()
    if whole is None or not denominators:
        return None
    numerators = tuple(
        None if value is None or base is None else value * base
        for value, base in zip(whole.values, denominators, strict=True)
    )
    return Shares(numerators, denominators)


def _splits(
    figures: Figures, work: Work, metrics: Sequence[Metric], improving: Mapping[MetricId, date]
) -> dict[MetricId, Split]:
    """The improvements of averages and ratios by the first dimension; one request a dimension."""
    by_dimension: dict[str, list[Metric]] = {}
    for metric in metrics:
        if metric.dimensions and _weight_of(metric) is not None:
            by_dimension.setdefault(metric.dimensions[0], []).append(metric)
    found: dict[MetricId, Split] = {}
    for dimension, split in by_dimension.items():
        days = {metric.id: improving[metric.id] for metric in split}
        found |= work.memo.kept(
            ("split", dimension),
            (_stamp(figures, split), days),
            partial(_split, figures, work, dimension, split, days),
        )
    return found


def _weight_of(metric: Metric) -> MetricId | None:
    """The metric whose values weigh this one's: itself for an average (its rows), a ratio's denominator."""
    definition = metric.definition
    if isinstance(definition, Simple):
        return metric.id if definition.agg is Aggregation.AVERAGE else None
    if isinstance(definition, Ratio) and not definition.filter and not definition.denominator.filter:
        return definition.denominator.metric
    return None


def _split(
    figures: Figures, work: Work, dimension: str, metrics: Sequence[Metric], days: Mapping[MetricId, date]
) -> dict[MetricId, Split]:
    weights = {metric.id: weight for metric in metrics if (weight := _weight_of(metric)) is not None}
    asked = tuple(dict.fromkeys((*weights, *weights.values())))
    request = replace(figures.clock.request(asked), group_by=(dimension,))
    groups: dict[MetricId, dict[str, Series]] = {name: {} for name in asked}
    for reading in _read(work.engine, work, request):
        if reading.series is not None and reading.series.group:
            groups[reading.metric][str(reading.series.group[0][1])] = reading.series
    found = {}
    for metric in metrics:
        parts = groups[metric.id]
        if 1 < len(parts) <= _MOST_SEGMENTS:
            split = _halves(parts, groups[weights[metric.id]], days[metric.id], is_own=weights[metric.id] == metric.id)
            if split is not None:
                found[metric.id] = split
    return found


def _halves(parts: Mapping[str, Series], weights: Mapping[str, Series], since: date, *, is_own: bool) -> Split | None:
    """The weighted averages from `since` on and over as many periods before it, by segment and in all."""
    rows, totals = [], [[0.0, 0.0], [0.0, 0.0]]
    for name, series in parts.items():
        weight = weights.get(name)
        if weight is None or weight.starts != series.starts:
            continue
        sides = _sides(series, weight, since, is_own=is_own)
        for total, (weighted, mass) in zip(totals, sides, strict=True):
            total[0] += weighted
            total[1] += mass
        (old, old_mass), (new, new_mass) = sides
        if old_mass > 0 and new_mass > 0:
            rows.append((name, old / old_mass, new / new_mass, old_mass, new_mass))
    (before, before_mass), (after, after_mass) = totals
    if not rows or before_mass <= 0 or after_mass <= 0:
        return None
    return Split(since, before / before_mass, after / after_mass, tuple(rows))


def _sides(series: Series, weight: Series, since: date, *, is_own: bool) -> list[tuple[float, float]]:
    """Weighted sum and weight before and from `since` on."""
    after = [index for index in series.whole if series.starts[index] >= since]
    before = [index for index in series.whole if series.starts[index] < since][-len(after) :] if after else []
    sides = []
    for indexes in (before, after):
        weighted = mass = 0.0
        for index in indexes:
            value = series.values[index]
            share = float(weight.rows[index]) if is_own else weight.values[index]
            if value is not None and share is not None and share > 0:
                weighted += value * share
                mass += share
        sides.append((weighted, mass))
    return sides


def _daily(figures: Figures, work: Work, metrics: Sequence[Metric]) -> dict[MetricId, Sample]:
    """The days of those KPIs and measures that add up over time."""
    summed = [
        metric
        for metric in metrics
        if metric.kind is not MetricKind.CPI
        and isinstance(metric.definition, Simple)
        and metric.definition.agg in ADDITIVE_AGGREGATIONS
    ]
    if not summed:
        return {}
    return work.memo.kept("daily", _stamp(figures, summed), lambda: _days(figures, work, summed))


def _days(figures: Figures, work: Work, metrics: Sequence[Metric]) -> dict[MetricId, Sample]:
    request = replace(figures.clock.request(tuple(metric.id for metric in metrics)), grain=Grain.DAY)
    readings = _read(work.engine, work, request)
    series = {reading.metric: reading.series for reading in readings if reading.series is not None}
    found = {}
    for metric in metrics:
        if (days := series.get(metric.id)) is not None:
            whole = days.whole
            found[metric.id] = Sample(
                metric.id,
                metric.label,
                tuple(days.starts[index] for index in whole),
                tuple(days.values[index] for index in whole),
                metric.direction is Direction.INCREASE,
                season_length(Grain.DAY),
            )
    return found


def _ends(metric: Metric, days: Sample) -> tuple[date, ...]:
    """The last days of the months within the days, of the quarters for a metric by quarter or year.

    For a metric by the periods of a table the last days of these.
    """
    if metric.grain.calendar is not None:
        within = set(days.starts)
        ends = (end - timedelta(days=1) for end in metric.grain.calendar.ends)
        return tuple(end for end in ends if end in within)
    is_long = metric.grain in {Grain.QUARTER, Grain.YEAR}
    following = (day + timedelta(days=1) for day in days.starts)
    return tuple(
        day - timedelta(days=1) for day in following if day.day == 1 and (not is_long or day.month in {1, 4, 7, 10})
    )
