"""The values that links are tested on: metrics at the grain that a link's CPI, KPI and controls have in common."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.analysis.evidence.column import Column
from kputui.analysis.targets import is_small_sample
from kputui.errors import DataError
from kputui.model.metric import STANDARD_GRAINS
from kputui.model.series import Failure, Reading
from kputui.session.whole_periods import whole_of
from kputui.session.words import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.link import Lag
    from kputui.model.metric import Grain
    from kputui.session.figures import Figures
    from kputui.session.judges import Work

_MOSTLY = 0.5
"""From this share of periods without data on, the data comes at a coarser grain than the one asked."""


class CancelledError(Exception):
    """The work was cancelled while values were computed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared: all metrics of one test, and the lag as declared."""

    metrics: tuple[MetricId, ...]
    lag: Lag


@dataclass(frozen=True, slots=True)
class Compared:
    """How it is compared: at `grain`, the KPI `low` to `high` periods later.

    `failure`: why a metric has no values at all. `note`: that the grain is coarser than the lag's unit, and why.
    """

    grain: Grain
    low: int
    high: int
    failure: str = ""
    note: str = ""


@dataclass(slots=True)
class LinkData:
    """Metrics' columns at any grain: from the figures where they have it, else one request a grain to the engine."""

    figures: Figures
    work: Work
    _readings: dict[tuple[MetricId, Grain], Reading] = field(default_factory=dict)
    _columns: dict[tuple[MetricId, Grain], Column | None] = field(default_factory=dict)
    _fitting: dict[tuple[MetricId, Grain], bool] = field(default_factory=dict)
    _digests: dict[tuple[MetricId, Grain, date, date], str] = field(default_factory=dict)

    def compared(self, asked: Sequence[Asked]) -> tuple[Compared, ...]:
        """How each test is compared: at its lag's unit, or the finest coarser grain at which its data comes.

        A metric that cannot be computed at a grain, or has no values in most of its periods, comes at a coarser one;
        nothing is ever spread over finer periods. When no grain fits it stays at the lag's unit, and the gaps speak.
        """
        grains = [self._unit(one) for one in asked]
        failures = [self._failure(one) for one in asked]
        is_open = [not failure for failure in failures]
        for _ in range(len(STANDARD_GRAINS) + 1):
            self._fetch(
                (metric, grain)
                for one, grain, waits in zip(asked, grains, is_open, strict=True)
                if waits
                for metric in one.metrics
            )
            for place, one in enumerate(asked):
                coarser = _coarser(grains[place])
                is_open[place] = is_open[place] and not self._fits(one, grains[place]) and coarser is not None
                if is_open[place] and coarser is not None:
                    grains[place] = coarser
            if not any(is_open):
                break
        return tuple(
            self._compared(one, grain, failure) for one, grain, failure in zip(asked, grains, failures, strict=True)
        )

    def column(self, metric: MetricId, grain: Grain) -> Column | None:
        """A metric's whole periods at a grain that was fetched; None where it could not be computed."""
        key = (metric, grain)
        if key not in self._columns:
            reading = self._readings.get(key)
            series = reading.series if reading is not None else None
            self._columns[key] = None
            if series is not None:
                whole = whole_of(self.figures.workspace.metrics[metric], series)
                self._columns[key] = Column(metric, whole.values, whole.starts)
        return self._columns[key]

    def columns(self, metrics: Iterable[MetricId], grain: Grain) -> tuple[Column, ...]:
        """The columns of those metrics that could be computed, in the order asked, each once."""
        found = (self.column(metric, grain) for metric in dict.fromkeys(metrics))
        return tuple(column for column in found if column is not None)

    def fetch(self, metrics: Iterable[MetricId], grain: Grain) -> None:
        """Have the columns of these metrics at a grain computed, all in one request."""
        self._fetch((metric, grain) for metric in metrics)

    def digest(self, metric: MetricId, grain: Grain, first: date, last: date) -> str:
        """Sixteen hex digits of the metric's values in the periods that begin from `first` to `last`.

        Nine figures of each value: two runs over the same rows may add them up in another order.
        """
        key = (metric, grain, first, last)
        if key not in self._digests:
            column = self.column(metric, grain)
            pairs = zip(column.starts, column.values, strict=True) if column is not None else ()
            text = ";".join(
                f"{start.isoformat()}={value:.9g}"
                for start, value in pairs
                if value is not None and first <= start <= last
            )
            self._digests[key] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return self._digests[key]

    def _compared(self, asked: Asked, grain: Grain, failure: str) -> Compared:
        unit = self._unit(asked)
        if not failure and self._too_small(asked, grain):
            failure = self._too_small(asked, unit)
        if failure or not self._fits(asked, grain):
            return Compared(unit, asked.lag.low, asked.lag.high, failure)
        if grain == unit:
            return Compared(unit, asked.lag.low, asked.lag.high)
        ratio = unit.mean_days / grain.mean_days
        low, high = math.floor(asked.lag.low * ratio + 1e-9), math.ceil(asked.lag.high * ratio - 1e-9)
        note = f"compared by {grain}, because the data comes no finer; the lag is then {low} to {high} {grain}s"
        return Compared(grain, low, high, "", note)

    def _unit(self, asked: Asked) -> Grain:
        """The grain in which the lag is declared."""
        found = self.figures.workspace.grain(asked.lag.unit)
        assert found is not None, asked.lag.unit  # noqa: S101 - a lag of any other unit is refused where it is read
        return found

    def _fits(self, asked: Asked, grain: Grain) -> bool:
        return all(self._comes_at(metric, grain) for metric in asked.metrics)

    def _comes_at(self, metric: MetricId, grain: Grain) -> bool:
        """Whether a metric can be computed at a grain and has a value in most of its periods."""
        key = (metric, grain)
        if key not in self._fitting:
            column = self.column(metric, grain)
            self._fitting[key] = column is not None and not _is_mostly_empty(column.values)
        return self._fitting[key]

    def _too_small(self, asked: Asked, grain: Grain) -> str:
        """Which metric is in no period made of enough rows to be judged; "" when none is like that."""
        for metric in asked.metrics:
            own, column = self.figures.workspace.metrics[metric], self.column(metric, grain)
            reading = self._readings.get((metric, grain))
            series = reading.series if reading is not None else None
            if column is None or series is None or any(value is not None for value in column.values):
                continue
            if any(is_small_sample(own, series.rows[index]) for index in series.whole):
                words = metric_words(self.figures.workspace, metric)
                return f"{words}: no {grain} has the {own.min_sample} rows that it asks for"
        return ""

    def _failure(self, asked: Asked) -> str:
        """Why one of the metrics has no values at any grain; "" when all have."""
        for metric in asked.metrics:
            reading = self.figures.readings.get(metric)
            if reading is None or reading.series is None:
                why = reading.failure.message if reading is not None and reading.failure else "it has no data"
                return f"{metric_words(self.figures.workspace, metric)}: {why}"
        return ""

    def _fetch(self, wanted: Iterable[tuple[MetricId, Grain]]) -> None:
        missing: dict[Grain, dict[MetricId, None]] = {}
        for metric, grain in wanted:
            if (metric, grain) in self._readings:
                continue
            held = self.figures.readings.get(metric)
            if held is not None and held.series is not None and held.series.grain == grain:
                self._readings[metric, grain] = held
            else:
                known = self.work.memo.found(("link data", metric, grain), self._inputs(metric))
                if isinstance(known, Reading):
                    self._readings[metric, grain] = known
                else:
                    missing.setdefault(grain, {})[metric] = None
        for grain, metrics in missing.items():
            try:
                computed = self._computed(tuple(metrics), grain)
            except DataError as error:
                failure = Failure(error.code, error.message, error.hint)
                self._readings |= {(name, grain): Reading(name, failure=failure) for name in metrics}
                continue
            for name, reading in computed.items():
                self._readings[name, grain] = reading
                self.work.memo.keep(("link data", name, grain), self._inputs(name), reading)

    def _inputs(self, metric: MetricId) -> object:
        return self.figures.clock, self.stamp(metric)

    def stamp(self, metric: MetricId) -> object:
        """What changes whenever the metric's values do."""
        reading = self.figures.readings.get(metric)
        if reading is None:
            return None
        return reading.provenance if reading.provenance is not None else reading

    def _computed(self, metrics: tuple[MetricId, ...], grain: Grain) -> Mapping[MetricId, Reading]:
        found: dict[MetricId, Reading] = {}
        for batch in self.work.engine.readings(self.figures.clock.request(metrics, grain), self.work.is_cancelled):
            found = {reading.metric: reading for reading in batch}
        if self.work.is_cancelled():
            raise CancelledError
        return found


def _coarser(grain: Grain) -> Grain | None:
    return next((longer for longer in STANDARD_GRAINS if longer.order > grain.order), None)


def _is_mostly_empty(values: Sequence[float | None]) -> bool:
    """Whether most periods have no value; one or two periods say nothing about how often data comes."""
    return len(values) > 2 and sum(value is None for value in values) > _MOSTLY * len(values)
