"""The sources of a workspace, opened when first needed and kept as long as their files do not change."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine import files
from kputui.engine.borrowed import TO, date_part, joined_name, key_table, unmatched, with_joined
from kputui.engine.column_kinds import Kinds
from kputui.engine.conversions import Conversions
from kputui.engine.converted_source import ConvertedSource
from kputui.engine.date_parts import DATE_PARTS, HOUR
from kputui.engine.glimpse import glimpse_of
from kputui.engine.guard import guarded
from kputui.engine.listing import fingerprint, listed
from kputui.engine.opening import open_source, zones_of
from kputui.engine.periods import FIRST_DAY, NEWEST_DAYS
from kputui.engine.sharing import Sharing
from kputui.engine.source import DAY, OpenSource, between
from kputui.errors import DataError
from kputui.model.ids import MetricId

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from kputui.engine.expression import Kind
    from kputui.engine.glimpse import Glimpse
    from kputui.engine.kept_files import KeptFiles
    from kputui.engine.listing import Listing
    from kputui.engine.parquet_file import ParquetFile
    from kputui.engine.progress import Progress
    from kputui.engine.remote import Remote
    from kputui.model.ids import SourceId
    from kputui.model.workspace import Join, Source, Workspace

KEPT_BYTES = 128 * 2**20
"""Sources and decoded columns up to this size are kept between requests."""


_MANY_BYTES = 4 * 2**20
"""Files that are smaller together are read at once."""

_MUCH = 0.25
"""So much of a source must be new, or looking at the newest quarter again would cost more than what is new."""


@dataclass(slots=True)
class Library:
    """Opens each source once for a request; an error is remembered for the request as well.

    `by_key` computes a metric over all rows by the first of the columns that its sources have: a frame
    of the key and the value.
    """

    workspace: Workspace
    allowed_roots: tuple[Path, ...] = ()
    by_key: Callable[[MetricId, tuple[str, str]], pl.DataFrame] | None = None
    kept: KeptFiles | None = None
    conversions: Conversions = field(default_factory=Conversions)
    remote: Remote | None = None
    sharing: Sharing = field(default_factory=Sharing)
    _held: dict[SourceId, OpenSource | DataError] = field(default_factory=dict)
    _glimpses: dict[SourceId, Glimpse] = field(default_factory=dict)
    _listings: dict[SourceId, Listing] = field(default_factory=dict)
    _just_opened: dict[SourceId, Mapping[files.FileStamp, ParquetFile]] = field(default_factory=dict)
    _timeless: set[SourceId] = field(default_factory=set)
    _metrics: dict[tuple[Join, MetricId], pl.DataFrame] = field(default_factory=dict)
    _counted: set[MetricId] = field(default_factory=set)
    _known: dict[SourceId, Mapping[files.FileStamp, ParquetFile]] = field(default_factory=dict)
    _tables: dict[Join, tuple[OpenSource, tuple[str, ...], pl.DataFrame]] = field(default_factory=dict)

    def glimpse(self, names: Iterable[SourceId], since: Callable[[int], int]) -> bool:
        """Open of large sources, of which little is known yet, the newest rows alone; whether there are such.

        `since` says for a source's last day from which day on rows are wanted. Ends with `end_glimpses`.
        """
        for name in names:
            source = self.workspace.sources[name]
            if name in self._held:
                continue
            known = self._known[name] = self._known_files(name)
            with suppress(DataError), guarded("D22", f"reading `{source.path}`"):
                listing = self._listed(source)
                fresh = sum(one.stamp.size for one in listing.files if one.stamp not in known)
                if fresh < max(_MANY_BYTES, _MUCH * sum(one.stamp.size for one in listing.files)):
                    self._listings[name] = listing
                    continue
                self._listings.clear()
                found = glimpse_of(source, zones_of(source, self.workspace.project.timezone), listing, since)
                if found is not None:
                    self._glimpses[name] = found
        return bool(self._glimpses)

    def end_glimpses(self) -> None:
        """Know the whole of all sources again."""
        self._just_opened = {name: held.opened for name, held in self._glimpses.items()}
        self._glimpses.clear()

    def known_since(self, name: SourceId) -> int:
        """The day from which on all rows of the source are known, while there may be glimpses."""
        return self._glimpses[name].since if name in self._glimpses else FIRST_DAY

    def refresh(self) -> None:
        """Forget what changed on disk, or is too young to tell, or could not be read."""
        self._just_opened.clear()
        self._listings.clear()
        self.conversions.forget_ahead()
        self._metrics.clear()
        now = time.time_ns()
        for name, held in list(self._held.items()):
            if isinstance(held, DataError):
                del self._held[name]
                continue
            current = fingerprint(self.workspace.sources[name], self.workspace.folder, self.allowed_roots, self.remote)
            young = any(min(now, held.read_ns) - stamp.mtime_ns < files.YOUNG_NS for stamp in current.stamps)
            if young or current != held.fingerprint:
                self._forget(name, held)

    def converting(self, names: Iterable[SourceId]) -> Generator[Progress, None, None]:
        """Convert the CSV files of sources that are not open, piece by piece; opening them is quick then.

        What can't be read is told when it is opened.
        """
        sources, wanted = self.workspace.sources, []
        for name in names:
            if name not in self._held and files.suffix_of(sources[name].path) != ".parquet":
                with suppress(DataError), guarded("D22", f"reading `{sources[name].path}`"):
                    listing = self._listed(sources[name])
                    wanted += [(one, sources[name]) for one in listing.files if listing.is_csv]
        yield from self.conversions.ahead(wanted)

    def verify(self) -> bool:
        """Whether all that was read of grown files is still true; what is not is forgotten, to be read again."""
        wrong = {
            name: held
            for name, held in self._held.items()
            if isinstance(held, ConvertedSource) and not held.verify(self.conversions)
        }
        for name, held in wrong.items():
            self._forget(name, held)
        return not wrong

    def release(self) -> None:
        """Keep what was learnt about files, and forget large sources: their bytes do not stay in memory."""
        self._metrics.clear()
        self._just_opened.clear()
        self.conversions.release()
        for name, held in list(self._held.items()):
            if isinstance(held, DataError):
                continue
            self._shelve(held)
            if sum(stamp.size for stamp in held.fingerprint.files) > KEPT_BYTES:
                self._forget(name, held)

    def _forget(self, name: SourceId, held: OpenSource) -> None:
        """Close a source, but keep what was learnt about files that can only change together with their stamps."""
        settled = (table for table in held.tables if table.is_settled and table.tally is not None)
        self._known[name] = {table.stamp: table.again() for table in settled if table.stamp is not None}
        del self._held[name]

    def opened(self, name: SourceId) -> OpenSource:
        """The open source; raises DataError when it can't be read, or a file of it has no rows or no time column."""
        return self._open(name, with_time=True)

    def _open(self, name: SourceId, *, with_time: bool) -> OpenSource:
        if with_time and name in self._glimpses:
            return self._glimpses[name]
        held = self._held.get(name)
        if held is None or (with_time and name in self._timeless):
            source = self.workspace.sources[name]
            try:
                with guarded("D22", f"reading `{source.path}`"):
                    if held is None:
                        zone = self.workspace.project.timezone
                        known = self._known_files(name)
                        listing = self._listings.get(name) or self._listed(source)
                        self._listings.clear()  # what is opened after this one is listed again: files come and go
                        opened = self._just_opened.pop(name, {})
                        held = open_source(source, listing, zone, known, self.conversions, opened)
                    if with_time and isinstance(held, OpenSource):
                        held.facts()
                    (self._timeless.discard if with_time else self._timeless.add)(name)
            except DataError as error:
                if with_time and not source.time and isinstance(held, OpenSource):
                    raise  # it may still be joined
                held = error
            self._held[name] = held
        if isinstance(held, DataError):
            raise held
        return held

    def _listed(self, source: Source) -> Listing:
        return listed(source, self.workspace.folder, self.allowed_roots, self.remote)

    def _known_files(self, name: SourceId) -> Mapping[files.FileStamp, ParquetFile]:
        """What was learnt about the files of a source, by this process or an earlier one."""
        if name in self._known or self.kept is None:
            return self._known.pop(name, {})
        source = self.workspace.sources[name]
        return self.kept.known(source, zones_of(source, self.workspace.project.timezone))

    def _shelve(self, held: OpenSource) -> None:
        """Keep what was learnt about a source's files when it is more than is kept already."""
        if self.kept is not None and any(table.is_fresh for table in held.tables):
            self.kept.keep(held.source, held.zones, held.tables)
            for table in held.tables:
                table.is_fresh = False

    def kinds(self, source: SourceId) -> Mapping[str, Kind]:
        """The columns of a source, also joined ones and date parts; raises DataError when it can't be read."""
        return Kinds(self.opened(source), self.workspace.sources[source].joins, self)

    def joined(self, join: Join) -> OpenSource:
        """The source that a join names; raises DataError when it can't be read."""
        if join.source not in self.workspace.sources:
            raise DataError("D19", f"the join `{join.name}` names a source `{join.source}` that is not known")
        return self.untimed(join.source)

    def untimed(self, name: SourceId) -> OpenSource:
        """The open source, whether or not it has a time column; raises DataError when it can't be read."""
        return self._open(name, with_time=False)

    def check_key(self, join: Join) -> None:
        """Raise DataError D12 without the key in the joined source, D31 when it is not unique there."""
        self._table(join, ())

    def unmatched(self, name: SourceId, join: Join, most_rows: int, end: int) -> DataError | None:
        """Why a join of a source gives nothing, if that is so.

        Of more rows than `most_rows` the newest quarter of days before `end` tells. Raises DataError when either
        can't be read, D22 when their keys can't be compared.
        """
        facts = self.opened(name).facts()
        days = facts.days_in(FIRST_DAY, end)
        if not days:
            return None
        is_long = facts.rows > most_rows
        first = days[-1] + 1 - NEWEST_DAYS if is_long else days[0]
        with guarded("D22", f"the join `{join.name}`"):
            frame = self.rows(name, (join.key,), first, days[-1] + 1, most_rows)
            return unmatched(frame, join, self._table(join, ()), " in the newest quarter" if is_long else "")

    def explained(self, source: SourceId, names: Iterable[str]) -> DataError | None:
        """Cells that keep one of the columns from being numbers, if that is what is wrong."""
        opened = self.opened(source)
        return next((error for name in names if (error := opened.bad_numbers(name)) is not None), None)

    def rows(self, name: SourceId, columns: Sequence[str], start: int, end: int, chunk_rows: int) -> pl.DataFrame:
        """The rows of [start, end) with `DAY` and at least the columns asked; small sources are kept decoded."""
        opened = self.opened(name)
        own = [column for column in columns if column in opened.column_names]
        if len(own) == len(columns):
            return self._own_rows(opened, columns, start, end, chunk_rows)
        borrowed = [column for column in columns if column not in opened.column_names]
        joins: dict[Join, list[str]] = {}
        for column in borrowed:
            found = joined_name(opened.source.joins, column)
            if found is not None:
                joins.setdefault(found[0], []).append(found[1])
        times = [opened.source.time] if HOUR in borrowed else []
        keys = [join.key for join in joins]
        needed = [name for name in dict.fromkeys([*own, *keys, *times]) if name in opened.column_names]
        frame = self._own_rows(opened, needed, start, end, chunk_rows)
        parts = [name for name in dict.fromkeys([*borrowed, *keys]) if name in DATE_PARTS and name not in needed]
        first_month = self.workspace.project.fiscal_year_start
        frame = frame.with_columns(date_part(part, frame, opened.source.time, first_month) for part in parts)
        for join, names in joins.items():
            columns_there = [column for column in names if self._is_column(join, column)]
            if columns_there:
                frame = with_joined(frame, join, self._table(join, columns_there))
            for metric in (column for column in names if column not in columns_there):
                frame = with_joined(frame, join, self._metric_table(join, MetricId(metric)))
        return frame

    def _table(self, join: Join, names: Sequence[str]) -> pl.DataFrame:
        """The rows of a joined source by key, kept as long as its files are the same."""
        other = self.joined(join)
        known = self._tables.get(join)
        if known is None or known[0] is not other or not set(names) <= set(known[1]):
            wanted = tuple(dict.fromkeys([*(known[1] if known is not None and known[0] is other else ()), *names]))
            known = self._tables[join] = (other, wanted, key_table(join, other, wanted))
        return known[2]

    def _is_column(self, join: Join, name: str) -> bool:
        return name in self.joined(join).column_names

    def is_metric(self, join: Join, name: str) -> bool:
        """Whether `<join>__<name>` means the value of a metric for the row's key."""
        return name in self.workspace.metrics and not self._is_column(join, name)

    def check_metric(self, join: Join, name: str) -> None:
        """Raise DataError when the metric cannot be computed by the join's key."""
        self._metric_table(join, MetricId(name))

    def _metric_table(self, join: Join, metric: MetricId) -> pl.DataFrame:
        """A metric over all rows by key, under its joined name; kept for the request."""
        if self.by_key is None or self._glimpses:
            raise DataError("D18", f"`{join.name}__{metric}`: no metric can be computed here")
        if (join, metric) not in self._metrics:
            if metric in self._counted:
                raise DataError("D19", f"metric `{metric}` is filtered by its own values", "name another metric")
            self._counted.add(metric)
            try:
                found = self.by_key(metric, (join.key, join.to))
            finally:
                self._counted.discard(metric)
            self._metrics[join, metric] = found.select(
                found.to_series(0).alias(TO), found.to_series(1).alias(f"{join.name}__{metric}")
            ).filter(pl.col(TO).is_not_null())
        return self._metrics[join, metric]

    def _own_rows(
        self, opened: OpenSource, columns: Sequence[str], start: int, end: int, chunk_rows: int
    ) -> pl.DataFrame:
        if opened.rows > chunk_rows:
            return self.sharing.read(opened, columns, start, end)
        held = opened.decoded
        if held is None or not set(columns) <= set(held.columns):
            facts = opened.facts()
            if facts.rows_in(start, end) * 2 < opened.rows:
                return self.sharing.read(opened, columns, start, end)  # it costs less than having all at hand
            known = set() if held is None else set(held.columns)
            missing = sorted({*columns, *self.sharing.columns(opened)} - known)
            more = opened.read(missing, min(facts.rows_by_day, default=0), facts.last_day + 1)
            held = more if held is None else held.hstack(more.drop(DAY))
            opened.decoded = held if held.estimated_size() <= KEPT_BYTES else None
        return between(held, start, end)
