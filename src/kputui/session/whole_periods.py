"""Whole periods: the part of a metric's values that judgements may use, and the season they can have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.periods import season_length
from kputui.analysis.targets import is_small_sample
from kputui.model.series import LARGEST

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.model.series import Series
    from kputui.session.figures import Figures


@dataclass(frozen=True, slots=True)
class WholePeriods:
    """A metric's whole periods, oldest first; the tuples have one entry a period.

    `values`: None where there is no value, too small a sample to be judged, or too large a number. `ends`: the day
    after each period's last. `season`: periods to a week (of days) or a year, None without one.
    """

    starts: tuple[date, ...]
    ends: tuple[date, ...]
    values: tuple[float | None, ...]
    rows: tuple[int, ...]
    season: int | None = None

    @property
    def known(self) -> int:
        """How many periods have a value."""
        return sum(value is not None for value in self.values)


def whole_periods(figures: Figures, name: MetricId) -> WholePeriods | None:
    """The whole periods of a metric; None when nothing is known of it."""
    metric = figures.workspace.metrics.get(name)
    reading = figures.readings.get(name)
    series = reading.series if reading is not None else None
    if metric is None or series is None or not series.whole:
        return None
    return whole_of(metric, series)


def whole_of(metric: Metric, series: Series) -> WholePeriods:
    """The whole periods of a metric's series, at whatever grain it is."""
    kept = slice(series.whole.start, series.whole.stop)
    values, rows = series.values[kept], series.rows[kept]
    return WholePeriods(
        series.starts[kept],
        series.ends[kept],
        tuple(
            None if is_small_sample(metric, count) else _judged(value)
            for value, count in zip(values, rows, strict=True)
        ),
        rows,
        season_length(series.grain),
    )


def _judged(value: float | None) -> float | None:
    return value if value is not None and abs(value) < LARGEST else None
