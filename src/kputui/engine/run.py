"""One computation: metrics planned together, their sources read interval by interval, newest first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.combine import joined
from kputui.engine.definition import (
    Matched,
    grouping_sources,
    leaves_of,
    looks_of,
    period_leaves,
    sources_of,
)
from kputui.engine.glimpse import MANY_ROWS
from kputui.engine.guard import guarded
from kputui.engine.head_start import HeadStart
from kputui.engine.kept import Units
from kputui.engine.kept_key import key_of
from kputui.engine.looks import Looks, events_of, groups_in
from kputui.engine.periods import END_DAY, FIRST_DAY, NEWEST_DAYS, Interval, Periods, day_of, intervals, units_of
from kputui.engine.plan import Planner, check_grain, earlier
from kputui.engine.preload import preload
from kputui.engine.progress import Progress
from kputui.engine.reach import needs, wider
from kputui.engine.states import LeafColumns, SourceWork
from kputui.engine.step import Step
from kputui.engine.stretches import Stretch
from kputui.errors import DataError
from kputui.model.series import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kputui.engine.definition import Leaf, Look, Moved, Value
    from kputui.engine.kept import Kept
    from kputui.engine.library import Library
    from kputui.engine.reach import Days
    from kputui.engine.source import OpenSource
    from kputui.engine.states import Event, Finished
    from kputui.engine.stretches import Offset
    from kputui.engine.window import Window
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.metric import Grain
    from kputui.model.workspace import Workspace

_NO_DAYS = Interval(0, 0, 0)
_MOST_DECODES = 8
"""A large file that is not sorted by time is decoded once an interval, so it gets no more intervals than this."""


def failure_of(error: DataError) -> Failure:
    """An error as the value of the metric that it stops."""
    return Failure(error.code, error.message, error.hint)


@dataclass(slots=True)
class Run:
    """Planned metrics, the work of each source, and the finished rows so far.

    `calendar` are the periods of the workspace where `periods` is a single stretch of days. `looks` are
    all looks over time with the leaves and events that are kept for them, `reach` the days that each
    source is read beyond the periods asked. With `kept` finished periods of earlier runs are used. `firsts` are
    the newest intervals, given by a run over the newest rows alone; with `is_preview` they are taken down here.
    """

    workspace: Workspace
    library: Library
    periods: Periods
    window: Window
    dims: tuple[str, ...]
    chunk_rows: int
    calendar: Periods | None = None
    kept: Kept | None = None
    is_preview: bool = False
    values: dict[MetricId, Value] = field(default_factory=dict)
    failures: dict[MetricId, Failure] = field(default_factory=dict)
    grains: dict[MetricId, Grain] = field(default_factory=dict)
    names: dict[Leaf | Look, LeafColumns] = field(default_factory=dict)
    priors: dict[MetricId, Moved] = field(default_factory=dict)
    works: dict[SourceId, SourceWork] = field(default_factory=dict)
    done: dict[tuple[SourceId, Grain], list[pl.DataFrame]] = field(default_factory=dict)
    reached: dict[SourceId, int | None] = field(default_factory=dict)
    reach: dict[SourceId, tuple[Days, Days]] = field(default_factory=dict)
    booked: dict[Leaf, list[pl.DataFrame]] = field(default_factory=dict)
    events: dict[Event, list[pl.DataFrame]] = field(default_factory=dict)
    queues: dict[SourceId, list[Interval]] = field(default_factory=dict)
    firsts: dict[SourceId, list[HeadStart]] = field(default_factory=dict)
    _units: dict[SourceId, Units] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    _spans: dict[SourceId, tuple[int, int] | None] = field(default_factory=dict)
    _looks: Looks | None = None
    _looked: dict[tuple[Look, Grain, tuple[int, ...], tuple[SourceId, ...]], pl.DataFrame] = field(default_factory=dict)

    def plan(self, metrics: Mapping[MetricId, Grain], where: str = "", before: Offset | None = None) -> None:
        """Plan the metrics at their grains; what can't be planned becomes a failure.

        With `before` each metric's value so much earlier is planned too, as `priors`.
        """
        preload(self.workspace, self.library, tuple(metrics), where, self.dims)
        planner = Planner(self.workspace, self.library)
        for metric, grain in metrics.items():
            try:
                with guarded("D22", f"metric `{metric}`"):
                    value = planner.value(metric, where)
                    check_grain(metric, grain, value)
                    grouping = grouping_sources(value)
                    for source in sources_of(value):
                        self._check_source(source, self.dims if source in grouping else ())
            except DataError as error:
                self.failures[metric] = failure_of(error)
                continue
            self.values[metric] = value
            self.grains[metric] = grain
            if before is not None:
                self.priors[metric] = earlier(value, before)
        self._divide()

    def _check_source(self, source: SourceId, dims: Sequence[str]) -> None:
        """Raise DataError when the source has no row to use, or lacks a group column."""
        opened = self.library.opened(source)
        kinds = self.library.kinds(source)
        for name in dims:
            if name not in kinds:
                raise opened.missing_column(name)
            if name == "*" or (name.startswith("^") and name.endswith("$")):  # polars takes it for a pattern of names
                raise DataError("D12", f"a column called `{name}` can't be broken down by", "give it another name")
            _ = kinds[name]
        if self.span(source) is None:
            raise DataError("D09", f"source `{source}` has no rows with a time up to the last day asked")

    def span(self, source: SourceId) -> tuple[int, int] | None:
        """The first and last day of a source's rows, up to the window's last day."""
        if source not in self._spans:
            self._spans[source] = self.library.opened(source).facts().span(self.window.last)
        return self._spans[source]

    def _divide(self) -> None:
        """Give every source its leaves by grain, and what is kept of it for looks over time."""
        by_source: dict[SourceId, dict[Grain, dict[Leaf, None]]] = {}
        booked: dict[Leaf, None] = {}
        events: dict[Event, None] = {}
        planned = [*self.values.items(), *self.priors.items()]
        for metric, value in planned:
            for leaf in period_leaves(value):
                self._name(leaf)
                by_source.setdefault(leaf.source, {}).setdefault(self.grains[metric], {})[leaf] = None
            for look in looks_of(value):
                self._divide_look(look, booked, events)
            for source, back, ahead in needs(value):
                known = self.reach.get(source, (0, 0))
                self.reach[source] = (wider(known[0], back), wider(known[1], ahead))
        ungrouped = {event.leaf.source for event in events if not event.is_grouped} - set(by_source)
        ungrouped -= {leaf.source for leaf in booked} | {event.leaf.source for event in events if event.is_grouped}
        for source in {*by_source, *(leaf.source for leaf in booked), *(event.leaf.source for event in events)}:
            self.works[source] = SourceWork(
                schema=self.library.kinds(source),
                dims=() if source in ungrouped else self.dims,
                grains={grain: tuple(leaves) for grain, leaves in by_source.get(source, {}).items()},
                names=self.names,
                booked=tuple(leaf for leaf in booked if leaf.source == source),
                events=tuple(event for event in events if event.leaf.source == source),
            )

    def _divide_look(self, look: Look, booked: dict[Leaf, None], events: dict[Event, None]) -> None:
        self._name(look)
        if isinstance(look, Matched):
            events.update(dict.fromkeys(events_of(look, self._times())))
            if look.fill is not None:
                booked[look.base] = None
            return
        for leaf in period_leaves(look.part):
            self._name(leaf)
            booked[leaf] = None
        for inner in looks_of(look.part):
            self._divide_look(inner, booked, events)

    def _name(self, part: Leaf | Look) -> None:
        number = len(self.names)
        self.names.setdefault(part, LeafColumns(f"\0l{number}", f"\0r{number}"))

    def _times(self) -> dict[SourceId, str]:
        return {name: source.time for name, source in self.workspace.sources.items()}

    def _used(self, source: SourceId) -> tuple[int, int]:
        """The days [start, end) that are needed of a source."""
        span = self.span(source)
        if span is None:
            return 0, 0
        work, reach = self.works[source], self.reach.get(source, (0, 0))
        asked = frozenset(self.grains.values() if work.booked or work.events else work.grains)
        return self.window.rows(self.periods, asked, *span, reach)

    def _rows_at_once(self, source: SourceId) -> int:
        opened = self.library.opened(source)
        return max(self.chunk_rows, opened.rows // _MOST_DECODES if opened.is_scattered else 0)

    def _queue(self, source: SourceId) -> list[Interval]:
        """The intervals of a source that are to be computed, newest first, after what is kept was taken over."""
        work, span, kept = self.works[source], self.span(source), self.kept
        work.is_kept = self.is_preview and self.library.kept is not None
        opened = self.library.opened(source)
        used, facts = self._used(source), opened.facts()
        units = units_of(self.periods, facts.days_in(*used), frozenset(work.grains))
        key = None
        if kept is not None and span is not None and units and self.calendar is None:
            key = key_of(opened, work, self.library, self.periods)
        first_days = NEWEST_DAYS if facts.rows_in(*used) >= MANY_ROWS and not opened.is_scattered else None
        if self.is_preview:
            units = [unit for unit in units if unit.start >= self.library.known_since(source)]
        if key is None or kept is None or span is None:
            return intervals(units, facts.rows_in, self._rows_at_once(source), first_days=first_days)
        work.is_kept = True
        end = END_DAY if span[1] == facts.last_day else span[1] + 1
        known = self._units[source] = Units.of(key, opened, work, self.periods, units, end, kept)
        queue = known.stale(self._rows_at_once(source), first_days)
        recalled = known.recall()
        if recalled is not None:
            self._take(source, recalled)
        if not queue:
            self.reached[source] = None
        return queue

    def end(self, is_unchanged: Callable[[OpenSource], bool]) -> None:
        """Keep what was computed for later runs, where the files are still in the states in which they were read."""
        for units in self._units.values():
            with suppress(DataError), guarded("D22", "keeping results"):
                if self.kept is not None and (held := units.held(is_unchanged)) is not None:
                    self.kept.keep(units.key.text, held)

    def begin(self) -> None:
        """Take over what is kept, and queue what is left to be computed, newest first."""
        self.queues = {source: self._queue(source) for source in self.works}
        self.reached |= {source: queue[0].end for source, queue in self.queues.items() if queue}
        left = sum(self._rows_in(name, (part.start, part.end)) for name, queue in self.queues.items() for part in queue)
        if self.is_preview:
            left = sum(self._rows_in(name, self._used(name)) for name in self.works)
        self.progress = Progress(0, left)
        for source in [name for name, queue in self.queues.items() if not queue and name not in self._units]:
            # no row in the window is "no data", not no period
            if (step := self._started(source, _NO_DAYS, 0, is_oldest=True)) is not None:
                self.finish(step, step.compute)
        if not self.is_preview:
            for source, firsts in self.firsts.items():
                for first in firsts:
                    self._take_over(source, first)

    def _take_over(self, source: SourceId, first: HeadStart) -> None:
        """Take the newest interval from a run that found the very same in it."""
        queue, work = self.queues.get(source), self.works.get(source)
        if queue and work is not None and first.fits(source, work, self.library, queue[0]):
            first.count(work, self.library.opened(source))
            self._finish(source, queue.pop(0), first.finished, is_oldest=not queue)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be computed."""
        return not any(self.queues.values())

    def start(self, source: SourceId, read_end: int) -> Step | None:
        """Read the newest interval that is left of a source, its rows up to the day `read_end` at least.

        None when that fails.
        """
        queue = self.queues[source]
        interval = queue.pop(0)
        return self._started(source, interval, max(interval.read_end, read_end), is_oldest=not queue)

    def _started(self, source: SourceId, interval: Interval, read_end: int, *, is_oldest: bool) -> Step | None:
        span = self.span(source)
        last = read_end if span is None else min(read_end, span[1] + 1)
        try:
            return Step.of(
                source,
                self.works[source],
                interval,
                self.library,
                self.periods,
                read_end=last,
                chunk_rows=self.chunk_rows,
                is_oldest=is_oldest,
            )
        except DataError as error:
            self._stop(source, error)
            return None

    def finish(self, step: Step, result: Callable[[], Finished]) -> None:
        """Take what a step found; `result` gives it, or raises what `step.compute` raised."""
        try:
            with guarded("D22", f"source `{step.source}`"):
                found = result()
        except DataError as error:
            self._stop(step.source, error)
            return
        if self.is_preview and step.interval is not _NO_DAYS:
            work = self.works[step.source]
            first = HeadStart.of(step.source, work, self.library, step.interval, found, step.before)
            self.firsts.setdefault(step.source, []).append(first)
        self._finish(step.source, step.interval, found, is_oldest=step.is_oldest)

    def _stop(self, source: SourceId, error: DataError) -> None:
        self.queues[source] = []
        self._fail(source, failure_of(error))

    def _finish(self, source: SourceId, interval: Interval, found: Finished, *, is_oldest: bool) -> None:
        self._take(source, found)
        if source in self._units:
            self._units[source].add(interval, found)
        is_glimpse = self.is_preview and self.library.known_since(source) > FIRST_DAY
        self.reached[source] = None if is_oldest and not is_glimpse else interval.start
        done = self.progress.rows_done + self._rows_in(source, (interval.start, interval.end))
        since = self.bound(tuple(self.reached))
        self.progress = replace(self.progress, rows_done=done, since=None if since is None else day_of(since))

    def _rows_in(self, source: SourceId, days: tuple[int, int]) -> int:
        return self.library.opened(source).facts().rows_in(*days)

    def _take(self, source: SourceId, found: Finished) -> None:
        self._looks = None  # a look over a source that was done earlier may have made them of less
        for grain, rows in found.rows.items():
            self.done.setdefault((source, grain), []).append(rows)
        for leaf, kept in found.booked.items():
            self.booked.setdefault(leaf, []).append(kept)
        for event, kept in found.events.items():
            self.events.setdefault(event, []).append(kept)

    def _fail(self, source: SourceId, failure: Failure) -> None:
        """Every metric that needs the source fails; the others go on."""
        for metric, value in list(self.values.items()):
            if any(leaf.source == source for leaf in leaves_of(value)):
                self._give_up(metric, failure)

    def _give_up(self, metric: MetricId, failure: Failure) -> None:
        self.failures[metric] = failure
        self.values.pop(metric, None)
        self.priors.pop(metric, None)

    def look(self, metric: MetricId, starts: Sequence[int]) -> None:
        """Compute a metric's looks over time, if it has any; where that fails the metric does, and no other."""
        value, prior = self.values.get(metric), self.priors.get(metric)
        if value is None or (prior is None and not looks_of(value)):
            return
        try:
            with guarded("D22", f"metric `{metric}`"):
                self.rows_of((value,) if prior is None else (value, prior), self.grains[metric], starts)
        except DataError as error:
            self._give_up(metric, failure_of(error))

    def rows_of(self, values: Sequence[Value], grain: Grain, starts: Sequence[int]) -> pl.DataFrame | None:
        """The finished rows of these values side by side, looks over time for the periods of `starts`.

        None while a source has none yet, or a look would need rows that are not read yet.
        """
        sources = dict.fromkeys(leaf.source for value in values for leaf in period_leaves(value))
        frames = [pl.concat(parts) for source in sources if (parts := self.done.get((source, grain)))]
        if len(frames) < len(sources):
            return None
        looks = tuple(dict.fromkeys(look for value in values for look in looks_of(value)))
        needed = {leaf.source for look in looks for leaf in leaves_of(look)}
        if any(self.reached.get(source, 0) is not None for source in needed):
            return None
        if looks:
            kept = self._looks = self._looks or self._kept()
            stretches = [Stretch(start, start, self.periods.next_start(start, grain)) for start in starts]
            groups = groups_in(frames, starts, self.dims)
            for look in looks:
                asked = (look, grain, tuple(starts), tuple(sources))
                if asked not in self._looked:
                    own = None if self.calendar is not None else grain
                    self._looked[asked] = kept.over(look, stretches, own, groups)
                frames.append(self._looked[asked])
        return joined(frames, self.dims) if frames else None

    def _kept(self) -> Looks:
        return Looks(
            self.dims,
            self.calendar or self.periods,
            self.names,
            {source: span for source in self.works if (span := self.span(source)) is not None},
            self._times(),
            {leaf: pl.concat(parts) for leaf, parts in self.booked.items()},
            {event: pl.concat(parts) for event, parts in self.events.items()},
            is_span=self.calendar is not None,
        )

    def bound(self, sources: Sequence[SourceId]) -> int | None:
        """The day from which all these sources are finished; None when they are finished altogether."""
        bounds = [day for source in sources if (day := self.reached.get(source)) is not None]
        return max(bounds, default=None)
