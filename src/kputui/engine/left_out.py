"""Rows of days that a table of periods leaves out: how many there are, so that none is lost without a word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.combine import evaluated
from kputui.engine.row_periods import PERIOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kputui.engine.definition import Value
    from kputui.engine.run import Run
    from kputui.model.ids import SourceId
    from kputui.model.metric import Grain


def rows_left_out(run: Run, value: Value, grain: Grain, rows: pl.DataFrame) -> int:
    """Of a metric's finished rows, how many have a value, but lie in no period of the grain."""
    if grain.calendar is None:
        return 0
    known = rows[PERIOD].unique()
    outside = [start for start in known.to_list() if not run.periods.is_period(start, grain)]
    if not outside:
        return 0
    frame = rows.filter(pl.col(PERIOD).is_in(pl.Series(outside, dtype=pl.Int32).implode()))
    return int(evaluated(value, frame, run.names)[1].sum())


def notes_left_out(run: Run, sources: Sequence[SourceId], grain: Grain) -> Iterator[str]:
    """For each source with rows in no period of the grain, among the days asked, how many, in words."""
    if grain.calendar is None:
        return
    window = run.window
    for source in sources:
        count = sum(
            rows
            for day, rows in run.library.opened(source).facts().rows_by_day.items()
            if (window.last is None or day <= window.last)
            and (window.start is None or day >= window.start)
            and (window.end is None or day < window.end)
            and not run.periods.is_period(day, grain)
        )
        if count:
            first, last = grain.calendar.starts[0], grain.calendar.ends[-1] - timedelta(days=1)
            yield (
                f"{count} row{'' if count == 1 else 's'} of `{source}` lie in no period of `{grain}`, "
                f"whose table reaches from {first} to {last}"
            )
