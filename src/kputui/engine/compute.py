"""The engine: readings for the board, values of stretches of days for goals, tables for queries.

Importing this module imports polars; sessions do so inside their worker.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.by_key import metric_by_key
from kputui.engine.combine import evaluated, with_spine
from kputui.engine.definition import (
    Quotient,
    definition_hash,
    fill_of,
    filter_text,
    grouping_sources,
    is_on_spine,
    leaves_of,
    looks_of,
    sources_of,
)
from kputui.engine.extent import covers_of, starts_of
from kputui.engine.facts import in_utc, newest_until
from kputui.engine.group_series import groups_of
from kputui.engine.kept import Kept
from kputui.engine.kept_files import KeptFiles
from kputui.engine.left_out import notes_left_out, rows_left_out
from kputui.engine.library import Library
from kputui.engine.periods import Periods, StretchPeriods, day_of, number_of
from kputui.engine.progress import Progress
from kputui.engine.remembered import Remembered, state_now
from kputui.engine.request import CHANGE, PRIOR
from kputui.engine.run import Run
from kputui.engine.shelf import Shelf
from kputui.engine.states import PERIOD
from kputui.engine.stretches import Offset
from kputui.engine.window import Window
from kputui.errors import DataError
from kputui.model.metric import Grain
from kputui.model.series import Failure, Provenance, Reading, Series, Span, SpanValue, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from kputui.engine.definition import Value
    from kputui.engine.expression import Kind
    from kputui.engine.remembered import State
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
        chunk_rows: int = 2_000_000,
        now: Callable[[], datetime] = _utc_now,
        cache: Path | None = None,
    ) -> None:
        """Over a workspace; `chunk_rows` bounds the rows of an interval, `now` (UTC) stamps results.

        Finished periods are kept in the folder `cache`; without one everything is computed anew.
        """
        self._workspace = workspace
        self._library = Library(workspace, allowed_roots, self._by_key)
        self._last: int | None = None
        self._periods = Periods.of(workspace.project)
        self._chunk_rows = chunk_rows
        self._now = now
        self.progress = Progress()
        self._remembered = Remembered()
        self._kept = None
        if cache is not None:
            shelf = Shelf(cache / "periods")
            self._kept = Kept(shelf)
            self._library.kept = KeptFiles(shelf, workspace.folder)
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
        its `failure`. `progress` says how far the last batch has come.
        """
        state = None
        if self._kept is not None:
            state = state_now(self._workspace, self._library.allowed_roots, self._now().date())
            if (known := self._remembered.answer(request, state)) is not None:
                yield known
                return
        yield from self._batches(request, state, is_cancelled)
        self._library.release()

    def _batches(
        self, request: Request, state: State | None, is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[Reading, ...]]:
        run = self._run(request, {name: request.grain or self._own_grain(name) for name in request.metrics})
        for is_last in run.compute(is_cancelled):
            if is_last and not self._library.verify():
                yield from self._batches(request, state, is_cancelled)
                return
            self.progress = run.progress
            found = tuple(reading for name in request.metrics for reading in self._readings_of(run, name))
            if is_last:
                self._remembered.keep(request, state, found)
            yield found

    def table(self, request: Request, is_cancelled: Callable[[], bool] = _never) -> Table:
        """All metrics at one grain as rows, sorted by period, then by groups; none on a cancel.

        Without a grain in the request it is the longest of the metrics' own. Without groups every
        period from the first to the last has a row; with groups only those with data have one.
        """
        own = [self._own_grain(name) for name in request.metrics]
        grain = request.grain or max(own, key=lambda one: one.order, default=Grain.DAY)
        run = self._run(request, dict.fromkeys(request.metrics, grain))
        for _ in run.compute(is_cancelled):
            pass
        if not self._library.verify():
            return self.table(request, is_cancelled)
        found = self._tabled(run, request, grain)
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
        self._library.refresh()
        self._last = None if last_day is None else number_of(last_day)
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

    def _run(self, request: Request, grains: Mapping[MetricId, Grain]) -> Run:
        self._library.refresh()
        self._last = None if request.last_day is None else number_of(request.last_day)
        run = Run(
            self._workspace,
            self._library,
            self._periods,
            Window.of(request),
            request.group_by,
            self._chunk_rows,
            kept=self._kept,
        )
        run.plan(grains, request.where, Offset.of(request.compare, self._workspace.grains) if request.compare else None)
        return run

    def _readings_of(self, run: Run, name: MetricId) -> Iterator[Reading]:
        value = run.values.get(name)
        starts = [] if value is None else starts_of(run, grouping_sources(value), run.grains[name])
        run.look(name, starts)
        if value is None or name in run.failures:
            yield Reading(name, failure=run.failures[name])
            return
        sources = sources_of(value)
        grain = run.grains[name]
        rows = run.rows_of((value,), grain, starts)
        if rows is None:
            yield Reading(name)
            return
        frame = with_spine(rows, starts, run.dims)
        values, counts = evaluated(value, frame, run.names)
        frame = frame.select(PERIOD, *run.dims).with_columns(values.alias("\0value"), counts.alias("\0rows"))
        provenance = self._provenance(run, value, grain, int(counts.sum()), rows_left_out(run, value, grain, rows))
        notes = self._notes(run, sources, grain)
        covers = covers_of(run, value, sources)
        days = tuple(map(day_of, starts))
        ends = tuple(day_of(run.periods.next_start(start, grain)) for start in starts)
        for group, part in groups_of(frame, run.dims):
            series = Series(
                metric=name,
                grain=grain,
                starts=days,
                ends=ends,
                values=tuple(part["\0value"].cast(pl.Float64).to_list()),
                rows=tuple(part["\0rows"].fill_null(0).to_list()),
                covers=covers,
                group=group,
            )
            yield Reading(name, series=series, provenance=provenance, notes=notes)

    def _provenance(self, run: Run, value: Value, grain: Grain, used: int, left_out: int) -> Provenance:
        sources = sources_of(value)
        read = 0
        dropped: dict[str, int] = {}
        newest: list[datetime] = []
        files: list[str] = []
        for source in sources:
            opened = self._library.opened(source)
            facts = opened.facts()
            read += facts.rows
            files += opened.paths
            _add(dropped, "no time", facts.no_time)
            if run.window.last is not None:
                late = sum(count for day, count in facts.rows_by_day.items() if day > run.window.last)
                _add(dropped, "after today", late)
            moment = newest_until(facts, None if run.window.last is None else day_of(run.window.last))
            newest += [] if moment is None else [moment]
        main = leaves_of(value.denominator if isinstance(value, Quotient) else value)
        if main:
            leaf = main[0]
            work = run.works[leaf.source]
            passed = work.passed.get(leaf.filter_keys, 0)
            if looks_of(value):
                used = min(used, passed)  # a row counts in many windows
            in_time = self._library.opened(leaf.source).facts().rows - sum(dropped.values())
            if len(sources) == 1:
                _add(dropped, "outside the days asked", in_time - work.seen)
            _add(dropped, "filter", work.seen - passed)
            if len(main) == 1:
                _add(dropped, "in no period", left_out)
                _add(dropped, "no value", passed - used - left_out)
        return Provenance(
            files=tuple(files),
            rows_read=read,
            rows_used=used,
            dropped=tuple(dropped.items()),
            filter=filter_text(value),
            newest=max(newest, key=in_utc, default=None),
            definition_hash=definition_hash(self._workspace, value, grain),
            computed_at=self._now(),
        )

    def _notes(self, run: Run, sources: Sequence[SourceId], grain: Grain) -> tuple[str, ...]:
        notes: dict[str, None] = {}
        today = number_of(self._now().date()) + 1  # a zone may be a day ahead of UTC
        for source in sources:
            opened = self._library.opened(source)
            facts = opened.facts()
            notes |= dict.fromkeys(facts.notes) | opened.notes
            future = sum(count for day, count in facts.rows_by_day.items() if day > today)
            if future and run.window.last is None:
                notes[f"{future} row{'' if future == 1 else 's'} of `{source}` lie in the future"] = None
        return (*notes, *notes_left_out(run, sources, grain))

    def _tabled(self, run: Run, request: Request, grain: Grain) -> Table:
        grouping = tuple(dict.fromkeys(one for value in run.values.values() for one in grouping_sources(value)))
        starts = starts_of(run, grouping, grain, is_on_spine=any(map(is_on_spine, run.values.values())))
        for name in tuple(run.values):
            run.look(name, starts)
        values = tuple(run.values.values())
        sources = list(dict.fromkeys(source for value in values for source in sources_of(value)))
        failures = tuple(run.failures.items())
        shown = [name for name in dict.fromkeys(request.metrics) if name in run.values]
        names = ["metric_time", *run.dims]
        for name in shown:
            names += [name, *(f"{name}{end}" for end in (PRIOR, CHANGE) if run.priors)]
        rows = run.rows_of((*values, *run.priors.values()), grain, starts)
        if rows is None:
            return Table(tuple(names), tuple(() for _ in names), failures, self._notes(run, sources, grain))
        if run.dims and not any(is_on_spine(value) for value in values):
            kept = rows.filter(pl.col(PERIOD).is_in(pl.Series(starts, dtype=pl.Int32).implode()))
            frame = kept.sort(PERIOD, *run.dims, nulls_last=True)
        else:
            frame = with_spine(rows, starts, run.dims)
            frame = frame.sort(PERIOD, *run.dims, nulls_last=True) if run.dims else frame
        columns: list[tuple[object, ...]] = [tuple(day_of(day) for day in frame[PERIOD])]
        columns += [tuple(frame[dim]) for dim in run.dims]
        for name in shown:
            found = evaluated(run.values[name], frame, run.names)[0]
            columns.append(tuple(found))
            if name in run.priors:
                columns += _compared(run, name, frame, found)
        return Table(tuple(names), tuple(columns), failures, self._notes(run, sources, grain))

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
        for _ in run.compute(_never):
            pass
        return run


def _compared(run: Run, name: MetricId, frame: pl.DataFrame, found: pl.Series) -> list[tuple[object, ...]]:
    """The earlier values, and the change since as a share of them; none where either period is not whole."""
    prior = evaluated(run.priors[name], frame, run.names)[0].cast(pl.Float64)
    size = prior.abs()
    change = (found.cast(pl.Float64) - prior) / size.set(size == 0, None)
    value = run.values[name]
    covers = [covers_of(run, one, sources_of(value)) for one in (value, run.priors[name])]
    first, end = max(span.start for span in covers), min(span.end for span in covers)
    grain = run.grains[name]
    next_starts = {start: run.periods.next_start(start, grain) for start in frame[PERIOD].unique().to_list()}
    ends = frame[PERIOD].replace_strict(next_starts, return_dtype=pl.Int32)
    is_whole = (frame[PERIOD] >= number_of(first)) & (ends <= number_of(end))
    return [tuple(prior), tuple(change.set(~is_whole | ~change.is_finite(), None))]


def _kind_or_none(kind: Callable[[str], Kind | None], name: str) -> Kind | None:
    try:
        return kind(name)
    except DataError:
        return None


def _add(dropped: dict[str, int], reason: str, count: int) -> None:
    if count > 0:
        dropped[reason] = dropped.get(reason, 0) + count


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
