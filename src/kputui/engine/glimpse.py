"""The newest rows of a large source alone, found by what the footers of its files say.

Opening all files and reading all their times takes longer than computing the newest quarter; for a first
answer neither is needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kputui.engine import files
from kputui.engine.excerpt import excerpt_of
from kputui.engine.footer import footer_of, row_groups
from kputui.engine.opening import add_folders
from kputui.engine.parquet_file import open_excerpt, open_parquet
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
_MOST_FOOTER_BYTES = 16 * 2**20
_COST_OF_BYTES = 8
"""Finding where the bytes of row groups are takes so many times as long as finding their days alone."""

_MANY_BYTES = 16 * 2**20
"""Where fewer bytes are saved the whole file is read, as it is needed next."""

_ZONES = 2
"""A local day and the day in UTC, or in another zone, are never further apart."""


@dataclass(slots=True)
class Glimpse(OpenSource):
    """The rows of a source from the local day `since` on; of those before only their number and first day are known.

    `opened` are the files that were opened for it, large ones in part.
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
    footers: list[tuple[RowGroup, ...]] = []
    left = _MOST_FOOTER_BYTES  # those of many files with many columns would take longer than they save
    for one in listing.files:
        data = footer_of(one.path, one.stamp)
        is_long = one.stamp.size >= _MANY_BYTES
        cost = len(data) * (_COST_OF_BYTES if is_long else 1)
        left -= cost
        if left < 0 or (
            not footers and len(data) * len(listing.files) > _MOST_FOOTER_BYTES
        ):  # most often they are alike
            return None
        footers.append(row_groups(one.path.name, data, source.time, with_bytes=is_long))
    groups = [group for found in footers for group in found if group.rows]
    days = [group.days for group in groups if group.days is not None]
    rows = sum(group.rows for group in groups)
    if rows < MANY_ROWS or len(days) < len(groups):
        return None
    last = min(END_DAY - 1, max(high for _, high in days))
    since = min(since_of(day) for day in range(last - _ZONES, last + _ZONES + 1))
    wanted = [_Wanted.of(one, found, since) for one, found in zip(listing.files, footers, strict=True)]
    newest = sum(part.count for part in wanted)
    if newest > rows * _LARGEST_SHARE:
        return None
    first_day = max(FIRST_DAY, min(low for low, _ in days))
    opened = Glimpse(source, zones, listing.fingerprint, since=since, older=rows - newest, first_day=first_day)
    _open(opened, [part for part in wanted if part.count])
    return opened


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Of a file with so many rows, `count` neighbouring ones from row `first` on; `parts` are the bytes that they take.

    The last part are the file's last bytes, which tell about all others.
    """

    file: DataFile
    rows: int
    first: int
    count: int
    parts: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, file: DataFile, groups: Sequence[RowGroup], since: int) -> _Wanted:
        """The rows among which all of the local days from `since` on are."""
        new = [at for at, group in enumerate(groups) if group.days is not None and group.days[1] + _ZONES >= since]
        own = groups[new[0] : new[-1] + 1] if new else ()
        first = sum(group.rows for group in groups[: new[0]]) if new else 0
        rest = max((group.end for group in groups), default=0), file.stamp.size
        parts = *((group.start, group.end) for group in own), rest
        return cls(file, sum(group.rows for group in groups), first, sum(group.rows for group in own), parts)

    @property
    def saved(self) -> int:
        """The bytes that need not be read."""
        return self.file.stamp.size - sum(end - start for start, end in self.parts)


def _open(opened: Glimpse, wanted: Sequence[_Wanted]) -> None:
    for one in wanted:
        path, stamp = one.file.path, one.file.stamp
        is_whole_read = stamp.size <= files.READ_WHOLE_BYTES
        excerpt = excerpt_of(path, stamp, one.parts) if is_whole_read and one.saved >= _MANY_BYTES else None
        table = open_parquet(path, stamp) if excerpt is None else open_excerpt(path, stamp, excerpt, one.rows)
        opened.opened[stamp] = table
        if opened.is_large:
            table.shed()
        opened.tables.append(table.cut(one.first, one.count))
    add_folders(opened, [one.file.folders for one in wanted])
