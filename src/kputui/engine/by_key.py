"""A metric by the values of a key, over all rows: what rows are filtered by when a filter names a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.combine import evaluated
from kputui.engine.definition import grouping_sources
from kputui.engine.passes import compute
from kputui.engine.periods import END_DAY, FIRST_DAY, Periods, StretchPeriods
from kputui.engine.run import Run
from kputui.engine.window import Window
from kputui.errors import DataError
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.engine.library import Library
    from kputui.model.ids import MetricId
    from kputui.model.workspace import Workspace

_ROWS = 2_000_000


def metric_by_key(
    workspace: Workspace,
    library: Library,
    periods: Periods,
    last: int | None,
    metric: MetricId,
    keys: Sequence[str],
) -> pl.DataFrame:
    """Two columns, the key and the metric's value, over all rows up to the day `last`.

    The key is the first of `keys` that is a column of all sources of the metric. Raises DataError with
    the code of whatever keeps the metric from being computed.
    """
    always = StretchPeriods.over(FIRST_DAY, END_DAY)

    def planned(dims: tuple[str, ...]) -> Run:
        run = Run(workspace, library, always, Window(last=last), dims, _ROWS, periods)
        run.plan({metric: Grain.YEAR})
        _raise_failure(run, metric)
        return run

    sources = [library.opened(source) for source in grouping_sources(planned(()).values[metric])]
    key = next((key for key in keys if all(key in one.column_names for one in sources)), keys[0])
    run = planned((key,))
    for _ in compute((run,), library):
        pass
    _raise_failure(run, metric)
    value = run.values[metric]
    rows = run.rows_of((value,), Grain.YEAR, (FIRST_DAY,))
    if rows is None:
        return pl.DataFrame(schema={key: pl.String(), "value": pl.Float64()})
    found = evaluated(value, rows, run.names)[0].cast(pl.Float64)
    return pl.DataFrame([rows[key], found.alias("\0value")])


def _raise_failure(run: Run, metric: MetricId) -> None:
    failure = run.failures.get(metric)
    if failure is not None:
        raise DataError(failure.code, f"filtered by `{metric}`: {failure.message}", failure.hint)
