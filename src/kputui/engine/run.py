"""One computation: metrics planned together, their sources read interval by interval, newest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.combine import joined
from kputui.engine.expression import columns_of, parse
from kputui.engine.guard import guarded
from kputui.engine.periods import Interval, Periods, intervals, number_of
from kputui.engine.plan import Planner, leaves_of
from kputui.engine.states import LeafColumns, SourceWork, finished_rows
from kputui.errors import DataError
from kputui.model.metric import Derived, Grain, Ratio, Simple
from kputui.model.series import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kputui.engine.library import Library
    from kputui.engine.plan import Leaf, Value
    from kputui.engine.request import Request
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.metric import Input
    from kputui.model.workspace import Workspace

_NO_DAYS = Interval(0, 0, 0)
_MOST_DECODES = 8
"""A large file that is not sorted by time is decoded once an interval, so it gets no more intervals than this."""


def failure_of(error: DataError) -> Failure:
    """An error as the value of the metric that it stops."""
    return Failure(error.code, error.message, error.hint)


@dataclass(frozen=True, slots=True)
class Window:
    """The days asked: `start` and `end` (not included) widen to whole periods; none after `last` is used.

    No day after `over` counts as over, whatever rows it has.
    """

    start: int | None = None
    end: int | None = None
    last: int | None = None
    over: int | None = None

    @classmethod
    def of(cls, request: Request) -> Window:
        """The window of a request's dates."""
        asked = (request.start, request.end, request.last_day, request.over_day)
        return cls(*(None if day is None else number_of(day) for day in asked))

    def rows(self, periods: Periods, grains: frozenset[Grain], first: int, last: int) -> tuple[int, int]:
        """The days [start, end) whose rows are needed, of data from `first` to `last`."""
        low = first if self.start is None else self.start
        high = last + 1 if self.end is None else self.end
        if low >= high:
            return low, low
        if self.start is not None or self.end is not None:
            wide_low, wide_high = periods.span_of(low, high, grains)
            low = low if self.start is None else wide_low
            high = high if self.end is None else wide_high
        return max(low, first), min(high, last + 1)

    def starts(self, periods: Periods, grain: Grain, first: int, last: int) -> list[int]:
        """The first days of the window's periods, over data from `first` to `last`, without holes."""
        low = first if self.start is None else max(first, periods.start_of(self.start, grain))
        high = last
        if self.end is not None:
            high = min(last, periods.next_start(periods.start_of(self.end - 1, grain), grain) - 1)
        return periods.starts(low, high, grain) if low <= high else []


@dataclass(slots=True)
class Run:
    """Planned metrics, the work of each source, and the finished rows so far."""

    workspace: Workspace
    library: Library
    periods: Periods
    window: Window
    dims: tuple[str, ...]
    chunk_rows: int
    values: dict[MetricId, Value] = field(default_factory=dict)
    failures: dict[MetricId, Failure] = field(default_factory=dict)
    grains: dict[MetricId, Grain] = field(default_factory=dict)
    names: dict[Leaf, LeafColumns] = field(default_factory=dict)
    works: dict[SourceId, SourceWork] = field(default_factory=dict)
    done: dict[tuple[SourceId, Grain], list[pl.DataFrame]] = field(default_factory=dict)
    reached: dict[SourceId, int | None] = field(default_factory=dict)

    def plan(self, metrics: Mapping[MetricId, Grain], where: str = "") -> None:
        """Plan the metrics at their grains; what can't be planned becomes a failure."""
        self._preload(tuple(metrics), where)
        planner = Planner(self.workspace, self.library)
        for metric, grain in metrics.items():
            try:
                with guarded("D22", f"metric `{metric}`"):
                    value = planner.value(metric, where)
                    for source in {leaf.source for leaf in leaves_of(value)}:
                        self._check_source(source)
            except DataError as error:
                self.failures[metric] = failure_of(error)
                continue
            self.values[metric] = value
            self.grains[metric] = grain
        self._divide()

    def _check_source(self, source: SourceId) -> None:
        """Raise DataError when the source has no row to use, or lacks a group column."""
        opened = self.library.opened(source)
        kinds = self.library.kinds(source)
        for name in self.dims:
            if name not in kinds:
                raise opened.missing_column(name)
            _ = kinds[name]
        if self.span(source) is None:
            raise DataError("D09", f"source `{source}` has no rows with a time up to the last day asked")

    def span(self, source: SourceId) -> tuple[int, int] | None:
        """The first and last day of a source's rows, up to the window's last day."""
        days = self.library.opened(source).facts().rows_by_day
        usable = [day for day in days if self.window.last is None or day <= self.window.last]
        return (min(usable), max(usable)) if usable else None

    def _preload(self, metrics: Sequence[MetricId], where: str) -> None:
        """Read the CSV columns that the metrics name in one pass; what is wrong with them shows later."""
        wanted: dict[SourceId, set[str]] = {}
        everywhere = _column_names(where) | set(self.dims)
        seen: set[MetricId] = set()
        waiting = list(metrics)
        while waiting:
            metric = self.workspace.metrics.get(waiting.pop())
            if metric is None or metric.id in seen:
                continue
            seen.add(metric.id)
            definition = metric.definition
            everywhere |= _column_names(definition.filter)
            if isinstance(definition, Simple):
                wanted.setdefault(definition.source, set()).update(_column_names(definition.expr))
            for part in parts_of(definition):
                everywhere |= _column_names(part.filter)
                waiting.append(part.metric)
        for source, names in wanted.items():
            if source in self.workspace.sources:
                try:
                    opened = self.library.opened(source)
                    opened.preload(name for name in opened.names if name in names | everywhere)
                except DataError:
                    continue

    def _divide(self) -> None:
        """Give every source its leaves by grain."""
        by_source: dict[SourceId, dict[Grain, dict[Leaf, None]]] = {}
        for metric, value in self.values.items():
            for leaf in leaves_of(value):
                self.names.setdefault(leaf, LeafColumns(f"\0l{len(self.names)}", f"\0r{len(self.names)}"))
                by_source.setdefault(leaf.source, {}).setdefault(self.grains[metric], {})[leaf] = None
        for source, grains in by_source.items():
            self.works[source] = SourceWork(
                schema=self.library.kinds(source),
                dims=self.dims,
                grains={grain: tuple(leaves) for grain, leaves in grains.items()},
                names=self.names,
            )

    def intervals(self, source: SourceId) -> list[Interval]:
        """The intervals of a source, newest first."""
        span = self.span(source)
        if span is None:
            return []
        grains = frozenset(self.works[source].grains)
        low, high = self.window.rows(self.periods, grains, *span)
        opened = self.library.opened(source)
        used = {day: count for day, count in opened.facts().rows_by_day.items() if low <= day < high}
        fewest = opened.rows // _MOST_DECODES if opened.is_scattered else 0
        return intervals(self.periods, used, grains, max(self.chunk_rows, fewest))

    def compute(self, is_cancelled: Callable[[], bool]) -> Iterator[bool]:
        """Compute interval after interval; yields after each round whether it was the last one.

        Stops without a word when cancelled: the flag is asked before every interval.
        """
        queues = {source: self.intervals(source) for source in self.works}
        for source in [name for name, queue in queues.items() if not queue]:
            self._step(source, _NO_DAYS, is_oldest=True)  # no row in the window is "no data", not no period
        if not any(queues.values()):
            yield True
            return
        while any(queues.values()):
            for source, queue in queues.items():
                if not queue:
                    continue
                if is_cancelled():
                    return
                self._step(source, queue.pop(0), is_oldest=not queue)
            yield not any(queues.values())

    def _step(self, source: SourceId, interval: Interval, *, is_oldest: bool) -> None:
        work = self.works[source]
        span = self.span(source)
        last = interval.read_end if span is None else min(interval.read_end, span[1] + 1)
        try:
            with guarded("D22", f"source `{source}`"):
                frame = self.library.rows(source, work.columns(), interval.start, last, self.chunk_rows)
                found = finished_rows(frame, work, self.periods, interval)
        except DataError as error:
            self._fail(source, failure_of(error))
            return
        for grain, rows in found.items():
            self.done.setdefault((source, grain), []).append(rows)
        self.reached[source] = None if is_oldest else interval.start

    def _fail(self, source: SourceId, failure: Failure) -> None:
        """Every metric that needs the source fails; the others go on."""
        for metric, value in list(self.values.items()):
            if any(leaf.source == source for leaf in leaves_of(value)):
                self.failures[metric] = failure
                del self.values[metric]

    def rows_of(self, sources: Sequence[SourceId], grain: Grain) -> pl.DataFrame | None:
        """The finished rows of these sources side by side; None when one of them has none yet."""
        frames = [pl.concat(parts) for source in sources if (parts := self.done.get((source, grain)))]
        return joined(frames, self.dims) if len(frames) == len(sources) and frames else None

    def bound(self, sources: Sequence[SourceId]) -> int | None:
        """The day from which all these sources are finished; None when they are finished altogether."""
        bounds = [day for source in sources if (day := self.reached.get(source)) is not None]
        return max(bounds, default=None)


def parts_of(definition: object) -> tuple[Input, ...]:
    """The inputs of a definition that is made of other metrics."""
    if isinstance(definition, Derived):
        return definition.inputs
    if isinstance(definition, Ratio):
        return (definition.numerator, definition.denominator)
    return ()


def _column_names(text: str) -> set[str]:
    """The columns that an expression names; none when it can't be read."""
    if not text.strip():
        return set()
    try:
        return set(columns_of(parse(text)))
    except DataError:
        return set()
