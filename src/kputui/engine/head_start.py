"""What a run over the newest rows alone has computed, handed to the run over all rows where it is the very same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.engine.files import FileStamp, Fingerprint
    from kputui.engine.library import Library
    from kputui.engine.periods import Interval
    from kputui.engine.source import OpenSource
    from kputui.engine.states import Finished, SourceWork
    from kputui.model.ids import SourceId


@dataclass(frozen=True, slots=True)
class HeadStart:
    """One of a source's newest intervals, with all that it was computed from: work, columns' types, files, rows.

    `unfit` are the files and columns in which there is a NaN or an infinite value.
    """

    interval: Interval
    finished: Finished
    seen: int
    passed: Mapping[tuple[str, ...], int]
    work: object
    fingerprint: Fingerprint
    rows: int
    unfit: tuple[tuple[FileStamp, str], ...] = ()

    @classmethod
    def of(
        cls,
        source: SourceId,
        work: SourceWork,
        library: Library,
        interval: Interval,
        found: Finished,
        before: tuple[int, Mapping[tuple[str, ...], int]],
    ) -> HeadStart:
        """What the work found in an interval, before which it had counted these rows, and these that passed."""
        opened = library.opened(source)
        rows = opened.facts().rows_in(interval.start, interval.read_end)
        passed = {keys: count - before[1].get(keys, 0) for keys, count in work.passed.items()}
        unfit = tuple(
            (table.stamp, column)
            for table in opened.tables
            for column, count in table.unfit.items()
            if count and table.stamp is not None
        )
        made = _made(source, work, library)
        return cls(interval, found, work.seen - before[0], passed, made, opened.fingerprint, rows, unfit)

    def fits(self, source: SourceId, work: SourceWork, library: Library, interval: Interval) -> bool:
        """Whether the work would find the very same in that interval."""
        opened = library.opened(source)
        return (
            interval == self.interval
            and opened.fingerprint == self.fingerprint
            and opened.facts().rows_in(interval.start, interval.read_end) == self.rows
            and _made(source, work, library) == self.work
        )

    def count(self, work: SourceWork, opened: OpenSource) -> None:
        """Count the interval's rows in the work, and note of the source what was noted."""
        for table in opened.tables:
            for stamp, column in self.unfit:
                if table.stamp == stamp:
                    opened.note_unfit(table, column)
        work.seen += self.seen
        for keys, passed in self.passed.items():
            work.passed[keys] = work.passed.get(keys, 0) + passed


def _made(source: SourceId, work: SourceWork, library: Library) -> object:
    """All that what a work finds depends on, but the rows."""
    opened = library.opened(source)
    keys = [join.key for join in opened.source.joins]
    own = [name for name in (*work.columns(), *keys, opened.source.time) if name in opened.column_names]
    names = {leaf: work.names.get(leaf) for leaf in work.leaves}
    return work.dims, dict(work.grains), work.booked, work.events, names, [str(opened.type_of(name)) for name in own]
