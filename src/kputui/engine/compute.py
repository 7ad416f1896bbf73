"""The engine: readings for the board, values of stretches of days for goals, tables for queries.

Importing this module imports polars; sessions do so inside their worker.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.answers import Answers
from kputui.engine.by_key import metric_by_key
from kputui.engine.combine import evaluated, with_spine
from kputui.engine.definition import fill_of
from kputui.engine.grown import GrownEntries
from kputui.engine.kept import Kept
from kputui.engine.kept_files import KeptFiles
from kputui.engine.library import Library
from kputui.engine.passes import Reached, compute
from kputui.engine.periods import Periods, StretchPeriods, number_of
from kputui.engine.preload import apart, convert
from kputui.engine.preview import begun
from kputui.engine.progress import Progress, total
from kputui.engine.remembered import Remembered, state_now
from kputui.engine.run import Run
from kputui.engine.shelf import Shelf
from kputui.engine.stretches import Offset
from kputui.engine.tables import tabled
from kputui.engine.window import Window
from kputui.errors import DataError
from kputui.model.metric import Grain
from kputui.model.series import Failure, Reading, Span, SpanValue, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from kputui.engine.expression import Kind
    from kputui.engine.remote import Remote
    from kputui.engine.request import Request
    from kputui.errors import Problem
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.metric import Metric
    from kputui.model.workspace import Workspace


def _never() -> bool:
    return False


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Engine:
    """Computes the metrics of one workspace from its files. Not for several threads at once."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        allowed_roots: tuple[Path, ...] = (),
        chunk_rows: int = 1_000_000,
        now: Callable[[], datetime] = _utc_now,
        cache: Path | None = None,
        remote: Remote | None = None,
    ) -> None:
        """Over a workspace; `chunk_rows` bounds the rows of an interval, `now` (UTC) stamps results.

        Finished periods are kept in the folder `cache`; without one everything is computed anew.
        """
        self._workspace = workspace
        self._library = Library(workspace, allowed_roots, self._by_key, remote=remote)
        self._last: int | None = None
        self._periods = Periods.of(workspace.project)
        self._chunk_rows = chunk_rows
        self._now = now
        self.progress = Progress()
        self._remembered = Remembered()
        self._kept = None
        if cache is not None:
            entries = GrownEntries(Shelf(cache / "periods"))
            self._kept = Kept(entries)
            self._library.kept = KeptFiles(entries, workspace.folder)
            self._library.conversions.cache = cache

    def with_metrics(self, more: Mapping[MetricId, Metric]) -> Engine:
        """An engine that knows further metrics of the same sources, and shares all that was read of them."""
        other = copy(self)
        other._workspace = replace(self._workspace, metrics={**self._workspace.metrics, **more})  # noqa: SLF001 - its own
        other._remembered = Remembered()  # noqa: SLF001 - its own
        return other

    def readings(self, request: Request, is_cancelled: Callable[[], bool] = _never) -> Iterator[tuple[Reading, ...]]:
        """Readings of all metrics asked, in the order asked, one a group when grouped.

        Progressive: the first batch has the newest periods, each later one replaces the earlier, the
        last is complete. After a cancel no further batch comes. A metric that can't be computed has
        its `failure`. `progress` says how far it has come; where only that has changed, the very same
        batch comes again, an empty one while large CSV files are converted.
        """
        for (found,) in self.readings_of((request,), is_cancelled):
            yield found

    def readings_of(
        self, requests: Sequence[Request], is_cancelled: Callable[[], bool] = _never
    ) -> Iterator[tuple[tuple[Reading, ...], ...]]:
        """The readings of several requests, in their order: as `readings`, but rows are read once for all of them.

        All have the same `last_day`.
        """
        state = None
        if self._kept is not None:
            state = state_now(self._workspace, self._library.allowed_roots, self._now().date(), self._library.remote)
        known = {request: self._remembered.answer(request, state) for request in requests}
        asked = [request for request, found in known.items() if found is None]
        if not asked:
            self.progress = Progress(is_complete=True)
            yield _batch(requests, known)
            return
        self._begin(asked[0].last_day)
        for _ in self._convert(asked, is_cancelled):
            yield _batch(requests, known)
        parts = {request: apart(self._workspace, request) for request in asked}
        held: dict[Request, tuple[Reading, ...]] = {}
        wanted = list(dict.fromkeys(chain.from_iterable(parts.values())))
        for reached, found in self._computed(wanted, is_cancelled):
            held |= found
            known |= {one: _whole(one, [held[part] for part in some]) for one, some in parts.items() if found}
            yield _batch(requests, known)
            if reached is Reached.THE_END and not self._library.verify():
                yield from self.readings_of(requests, is_cancelled)
                return
            if reached is Reached.THE_END:
                for request in asked:
                    self._remembered.keep(request, state, known[request] or ())
        self._library.release()

    def _convert(self, asked: Sequence[Request], is_cancelled: Callable[[], bool]) -> Iterator[None]:
        """Convert the CSV files that are needed; comes back now and then, when `progress` says how far it is."""
        for progress in convert(self._workspace, self._library, asked, is_cancelled):
            self.progress = progress
            yield

    def _computed(
        self, asked: Sequence[Request], is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[Reached, Mapping[Request, tuple[Reading, ...]]]]:
        """How far the computing has come, with what is known then; nothing where that is as before."""
        if is_cancelled():
            return
        now = self._now()
        previews, found = self._preview(asked, now, is_cancelled)
        if is_cancelled():
            return
        if previews:
            yield Reached.A_BATCH, found
        runs = {request: self._run(request, self._grains(request), previews.get(request)) for request in asked}
        answers = {request: Answers(self._workspace, self._library, run, now) for request, run in runs.items()}
        own = {id(run): answers[request] for request, run in runs.items()}

        def at_done(run: Run) -> None:
            own[id(run)].prepare()

        for reached in compute(tuple(runs.values()), self._library, is_cancelled, at_done):
            is_complete = reached is Reached.THE_END
            self.progress = replace(total(run.progress for run in runs.values()), is_complete=is_complete)
            if reached is Reached.SOME_ROWS:
                yield reached, {}
            else:
                yield reached, {request: answer.of(request.metrics) for request, answer in answers.items()}

    def _preview(
        self, asked: Sequence[Request], now: datetime, is_cancelled: Callable[[], bool]
    ) -> tuple[Mapping[Request, Run], Mapping[Request, tuple[Reading, ...]]]:
        """Runs that have the newest quarter of large sources, and what they say; none where that saves nothing.

        What fails is told when all is known.
        """

        def plan() -> Sequence[Run]:
            return [self._run(request, self._grains(request), is_preview=True) for request in asked]

        grains = [grain for request in asked for grain in self._grains(request).values()]
        try:
            found = begun(asked, grains, self._workspace, self._library, plan, is_cancelled)
            runs = dict(zip(asked, found, strict=True)) if found else {}
            if runs:
                self.progress = total(run.progress for run in runs.values())
            told = {}
            for request, run in runs.items():
                answered = Answers(self._workspace, self._library, run, now).of(request.metrics)
                told[request] = tuple(Reading(one.metric) if one.failure else one for one in answered)
            return runs, told
        finally:
            self._library.end_glimpses()

    def table(self, request: Request, is_cancelled: Callable[[], bool] = _never) -> Table:
        """All metrics at one grain as rows, sorted by period, then by groups; none on a cancel.

        Without a grain in the request it is the longest of the metrics' own. Without groups every
        period from the first to the last has a row; with groups only those with data have one.
        """
        own = [self._own_grain(name) for name in request.metrics]
        grain = request.grain or max(own, key=lambda one: one.order, default=Grain.DAY)
        self._begin(request.last_day)
        for _ in self._convert((request,), is_cancelled):
            pass
        if is_cancelled():
            self._library.release()
            names = ("metric_time", *request.group_by, *request.metrics)
            return Table(names, tuple(() for _ in names))
        run = self._run(request, dict.fromkeys(request.metrics, grain))
        for reached in compute((run,), self._library, is_cancelled):
            if reached is Reached.THE_END and not self._library.verify():
                return self.table(request, is_cancelled)
        found = tabled(run, request, grain, self._now().date())
        self._library.release()
        return found

    def span_values(
        self, wanted: Sequence[tuple[MetricId, Span]], last_day: date | None = None
    ) -> Mapping[tuple[MetricId, Span], SpanValue | Failure]:
        """The value of a metric over all rows of a stretch of days, exact from rows; None when there are none."""
        found: dict[tuple[MetricId, Span], SpanValue | Failure] = {}
        by_span: dict[Span, list[MetricId]] = {}
        for metric, span in wanted:
            by_span.setdefault(span, []).append(metric)
        self._begin(last_day)
        for span, metrics in by_span.items():
            run = self._span_run(span, tuple(dict.fromkeys(metrics)), last_day)
            for metric in metrics:
                found[metric, span] = _span_value(run, metric, span)
        if not self._library.verify():
            return self.span_values(wanted, last_day)
        self._library.release()
        return found

    def columns(self, source: SourceId) -> Mapping[str, Kind]:
        """The columns of a source that expressions can use; raises DataError when it can't be read."""
        self._library.refresh()
        opened = self._library.opened(source)
        opened.preload(opened.names)
        return {name: kind for name in opened.names if (kind := _kind_or_none(opened.kind, name)) is not None}

    def problems(self, today: date | None = None) -> tuple[Problem, ...]:
        """What does not fit between definitions and data: expressions, dimensions, unreadable sources, data tests.

        `today` is the clock's day, on which freshness is judged and after which no row is tested.
        """
        from kputui.engine.problems import found_problems  # noqa: PLC0415 (only `check` needs it)

        self._library.refresh()
        self._last = None
        found = found_problems(self._workspace, self._library, self._now().date(), today)
        if not self._library.verify():
            return self.problems(today)
        self._library.release()
        return found

    def write_parquet(self, table: Table, path: Path) -> None:
        """Write a table as a Parquet file; raises OSError."""
        pl.DataFrame(dict(zip(table.names, table.columns, strict=True)), strict=False).write_parquet(path)

    def _by_key(self, metric: MetricId, keys: tuple[str, str]) -> pl.DataFrame:
        return metric_by_key(self._workspace, self._library, self._periods, self._last, metric, keys)

    def _own_grain(self, name: MetricId) -> Grain:
        metric = self._workspace.metrics.get(name)
        return Grain.DAY if metric is None else metric.grain

    def _grains(self, request: Request) -> dict[MetricId, Grain]:
        return {name: request.grain or self._own_grain(name) for name in request.metrics}

    def _begin(self, last_day: date | None) -> None:
        self._library.refresh()
        self._last = None if last_day is None else number_of(last_day)

    def _run(
        self,
        request: Request,
        grains: Mapping[MetricId, Grain],
        preview: Run | None = None,
        *,
        is_preview: bool = False,
    ) -> Run:
        run = Run(
            self._workspace,
            self._library,
            self._periods,
            Window.of(request),
            request.group_by,
            self._chunk_rows,
            kept=None if is_preview else self._kept,
            is_preview=is_preview,
            firsts={} if preview is None else preview.firsts,
        )
        run.plan(grains, request.where, Offset.of(request.compare, self._workspace.grains) if request.compare else None)
        return run

    def _span_run(self, span: Span, metrics: tuple[MetricId, ...], last_day: date | None) -> Run:
        """A run in which the whole stretch is one period."""
        last = None if last_day is None else number_of(last_day)
        run = Run(
            self._workspace,
            self._library,
            StretchPeriods.over(number_of(span.start), number_of(span.end)),
            Window(number_of(span.start), number_of(span.end), last),
            (),
            self._chunk_rows,
            self._periods,
        )
        run.plan(dict.fromkeys(metrics, Grain.YEAR))
        for _ in compute((run,), self._library):
            pass
        return run


def _batch(
    requests: Sequence[Request], known: Mapping[Request, tuple[Reading, ...] | None]
) -> tuple[tuple[Reading, ...], ...]:
    """What is known of each request, in their order."""
    return tuple(known[request] or () for request in requests)


def _whole(request: Request, parts: Sequence[tuple[Reading, ...]]) -> tuple[Reading, ...]:
    """The readings of a request's parts in the order of its metrics."""
    if len(parts) == 1:
        return parts[0]
    by_metric: dict[MetricId, list[Reading]] = {}
    for reading in chain.from_iterable(parts):
        by_metric.setdefault(reading.metric, []).append(reading)
    return tuple(reading for name in request.metrics for reading in by_metric.get(name, ()))


def _kind_or_none(kind: Callable[[str], Kind | None], name: str) -> Kind | None:
    try:
        return kind(name)
    except DataError:
        return None


def _span_value(run: Run, metric: MetricId, span: Span) -> SpanValue | Failure:
    start = number_of(span.start)
    run.look(metric, (start,))
    value = run.values.get(metric)
    if value is None:
        return run.failures[metric]
    rows = run.rows_of((value,), Grain.YEAR, (start,))
    if rows is None:
        return SpanValue(span, fill_of(value), 0)
    frame = with_spine(rows, [start], ())
    values, counts = evaluated(value, frame, run.names)
    cell = values[0]
    return SpanValue(span, None if cell is None else float(cell), int(counts[0] or 0))
