"""The newest rows of a large source alone, found by what the footers of its files say.

Opening all files and reading all their times takes longer than computing the newest quarter; for a first
answer neither is needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kputui.engine.footer import footer_of, row_groups
from kputui.engine.opening import add_folders
from kputui.engine.parquet_file import open_parquet
from kputui.engine.periods import END_DAY, FIRST_DAY
from kputui.engine.source import OpenSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kputui.engine.facts import Facts
    from kputui.engine.files import FileStamp
    from kputui.engine.footer import RowGroup
    from kputui.engine.listing import DataFile, Listing
    from kputui.engine.parquet_file import ParquetFile
    from kputui.engine.times import Zones
    from kputui.model.workspace import Source

MANY_ROWS = 1_000_000
"""A source with fewer rows is not looked at twice."""

_LARGEST_SHARE = 0.25
_MOST_FOOTER_BYTES = 2 * 2**20
_ZONES = 2
"""A local day and the day in UTC, or in another zone, are never further apart."""


@dataclass(slots=True)
class Glimpse(OpenSource):
    """The rows of a source from the local day `since` on; of those before only their number and first day are known.

    `opened` are the files that were opened for it, each as a whole.
    """

    since: int = field(kw_only=True)
    older: int = field(kw_only=True)
    first_day: int = field(kw_only=True)
    opened: dict[FileStamp, ParquetFile] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """All rows of all files."""
        return self.older + sum(table.rows for table in self.tables)

    def _look(self) -> Facts:
        """The older rows stand on the first day."""
        found = OpenSource._look(self)  # noqa: SLF001 - of its own class
        days = Counter({self.first_day: self.older})
        days.update(found.rows_by_day)
        return replace(found, rows_by_day=dict(sorted(days.items())))


def glimpse_of(source: Source, zones: Zones, listing: Listing, since_of: Callable[[int], int]) -> Glimpse | None:
    """The newest rows of Parquet files; None where the footers don't tell, or it would be most of the rows.

    `since_of` says for the last local day from which day on rows are wanted. What a footer says is the
    writer's word, in days of UTC: nothing final may be made of it. Raises DataError as opening a file does.
    """
    if not source.time or any(one.part is not None for one in listing.files):
        return None
    footers = []
    left = _MOST_FOOTER_BYTES  # those of many files with many columns would take longer than they save
    for one in listing.files:
        data = footer_of(one.path, one.stamp)
        left -= len(data)
        if left < 0:
            return None
        footers.append(row_groups(one.path.name, data, source.time))
    groups = [group for found in footers for group in found if group.rows]
    days = [group.days for group in groups if group.days is not None]
    rows = sum(group.rows for group in groups)
    if rows < MANY_ROWS or len(days) < len(groups):
        return None
    last = min(END_DAY - 1, max(high for _, high in days))
    since = min(since_of(day) for day in range(last - _ZONES, last + _ZONES + 1))
    wanted = [(one, *_span(found, since)) for one, found in zip(listing.files, footers, strict=True)]
    newest = sum(count for _, _, count in wanted)
    if newest > rows * _LARGEST_SHARE:
        return None
    first_day = max(FIRST_DAY, min(low for low, _ in days))
    opened = Glimpse(source, zones, listing.fingerprint, since=since, older=rows - newest, first_day=first_day)
    _open(opened, [part for part in wanted if part[2]])
    return opened


def _span(groups: Sequence[RowGroup], since: int) -> tuple[int, int]:
    """The first row and the number of the neighbouring rows among which all of the local days from `since` on are."""
    first = end = at = 0
    for group in groups:
        if group.days is not None and group.days[1] + _ZONES >= since:
            first = first if end else at
            end = at + group.rows
        at += group.rows
    return first, end - first


def _open(opened: Glimpse, wanted: Sequence[tuple[DataFile, int, int]]) -> None:
    for one, first, count in wanted:
        table = opened.opened[one.stamp] = open_parquet(one.path, one.stamp)
        if opened.is_large:
            table.shed()
        opened.tables.append(table.cut(first, count))
    add_folders(opened, [one.folders for one, _, _ in wanted])
