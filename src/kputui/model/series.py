"""Series: a metric's values by period, and where they came from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain

LARGEST = 1e100
"""Numbers from here on are shown, but judged by nothing: their squares could not be summed."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` up to, not including, `end`."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Series:
    """A metric's values, oldest first; the tuples have one entry a period.

    `starts`: the first day of each period; `ends`: the day after its last. `values`: None is "no
    data", never 0 by itself. `rows`: the rows that each value was made of. `group`: (dimension, value)
    pairs, empty for the total. `covers`: the whole days that the data (up to today) spans; a period
    that reaches beyond them is running (at the end) or cut (at the start).
    """

    metric: MetricId
    grain: Grain
    starts: tuple[date, ...]
    ends: tuple[date, ...]
    values: tuple[float | None, ...]
    rows: tuple[int, ...]
    covers: Span
    group: tuple[tuple[str, str | None], ...] = ()

    def is_cut(self, index: int) -> bool:
        """Whether the data begins only after this period has begun."""
        return self.starts[index] < self.covers.start

    def is_running(self, index: int) -> bool:
        """Whether the data does not reach the end of this period yet."""
        return self.ends[index] > self.covers.end

    def is_whole(self, index: int) -> bool:
        """Whether the data spans all of this period."""
        return not (self.is_cut(index) or self.is_running(index))

    @property
    def whole(self) -> range:
        """The indexes of the whole periods, oldest first."""
        first = bisect_left(self.starts, self.covers.start)
        return range(first, max(first, bisect_right(self.ends, self.covers.end)))

    @property
    def newest_whole(self) -> int | None:
        """The index of the newest whole period, or None when there is none."""
        return self.whole[-1] if self.whole else None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a metric's values came from.

    `rows_read` rows of `files` were looked at, `rows_used` went into values; `dropped` says how many
    did not, and why. `newest` is the newest row's time (UTC; a date is midnight without a zone). `definition_hash`
    changes when the definition does; `computed_at` is UTC.
    """

    files: tuple[str, ...]
    rows_read: int
    rows_used: int
    dropped: tuple[tuple[str, int], ...]
    filter: str
    newest: datetime | None
    definition_hash: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a metric has no values; stays with that metric. `code` is a documented problem code."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the engine has for one metric: values, or the failure; both when the values are older.

    `is_stale`: the values are the last good ones from before the failure. `notes` are things to know
    about the data (shrunken files, future dates).
    """

    metric: MetricId
    series: Series | None = None
    failure: Failure | None = None
    provenance: Provenance | None = None
    is_stale: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanValue:
    """A metric over one stretch of days, computed from rows; None is "no data"."""

    span: Span
    value: float | None
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """Values in rows, for `query`: column names and one tuple a column, all of the same length.

    The first column is `metric_time` (the period's first day), then the group columns, then a column
    a metric. `failures` are the metrics that could not be computed; they have no column. `notes` are
    things to know about the data: rows and values that were left out.
    """

    names: tuple[str, ...]
    columns: tuple[tuple[object, ...], ...]
    failures: tuple[tuple[MetricId, Failure], ...] = ()
    notes: tuple[str, ...] = ()
