"""A finished computation as a table: rows of periods and groups, a column a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.answers import notes_of
from kputui.engine.combine import evaluated, with_spine
from kputui.engine.definition import grouping_sources, is_on_spine, sources_of
from kputui.engine.extent import covers_of, starts_of
from kputui.engine.periods import day_of, number_of
from kputui.engine.request import CHANGE, PRIOR
from kputui.engine.row_periods import PERIOD
from kputui.model.series import Table

if TYPE_CHECKING:
    from datetime import date

    from kputui.engine.request import Request
    from kputui.engine.run import Run
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain


def tabled(run: Run, request: Request, grain: Grain, today: date) -> Table:
    """The table of a finished run; `today` is the day from which the age of data is told."""
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
        empty = tuple(() for _ in names)
        return Table(tuple(names), empty, failures, notes_of(run.library, run, sources, grain, today))
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
    return Table(tuple(names), tuple(columns), failures, notes_of(run.library, run, sources, grain, today))


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
