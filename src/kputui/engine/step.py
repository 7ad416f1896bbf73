"""One interval of a source for one run: its rows read, then what they say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kputui.engine.guard import guarded
from kputui.engine.states import Rows, finished_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kputui.engine.library import Library
    from kputui.engine.periods import Interval, Periods
    from kputui.engine.states import Finished, SourceWork
    from kputui.model.ids import SourceId


@dataclass(frozen=True, slots=True)
class Step:
    """An interval whose rows are read: `compute` finds what they say, in any thread, by an `Each` if given.

    `before` are the work's counts of rows seen and passed without it.
    """

    source: SourceId
    interval: Interval
    is_oldest: bool
    before: tuple[int, Mapping[tuple[str, ...], int]]
    compute: Callable[..., Finished]

    @classmethod
    def of(
        cls,
        source: SourceId,
        work: SourceWork,
        interval: Interval,
        library: Library,
        periods: Periods,
        *,
        read_end: int,
        chunk_rows: int,
        is_oldest: bool,
    ) -> Step:
        """Read the rows up to the day `read_end` and make them ready; raises DataError."""
        with guarded("D22", f"source `{source}`"):
            noted = library.sharing.noted(source, interval.start, read_end)
            frame = library.rows(source, work.columns(), interval.start, read_end, chunk_rows)
            rows = Rows.of(frame, work, noted)
        compute = partial(finished_rows, rows, work, periods, interval, noted)
        return cls(source, interval, is_oldest, (work.seen, dict(work.passed)), compute)
