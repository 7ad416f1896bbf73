"""The sources of a workspace, opened when first needed and kept as long as their files do not change."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.engine import files
from kputui.engine.column_kinds import Kinds
from kputui.engine.guard import guarded
from kputui.engine.source import DAY, OpenSource, open_source
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from kputui.engine.expression import Kind
    from kputui.model.ids import SourceId
    from kputui.model.workspace import Workspace

KEPT_BYTES = 128 * 2**20
"""Sources and decoded columns up to this size are kept between requests."""

_YOUNG_NS = 2_000_000_000


@dataclass(slots=True)
class Library:
    """Opens each source once for a request; an error is remembered for the request as well."""

    workspace: Workspace
    allowed_roots: tuple[Path, ...] = ()
    _held: dict[SourceId, OpenSource | DataError] = field(default_factory=dict)

    def refresh(self) -> None:
        """Forget what changed on disk, or is too young to tell, or could not be read."""
        now = time.time_ns()
        for name, held in list(self._held.items()):
            if isinstance(held, DataError):
                del self._held[name]
                continue
            current = files.fingerprint(self.workspace.sources[name], self.workspace.folder, self.allowed_roots)
            young = any(now - stamp.mtime_ns < _YOUNG_NS for stamp in current.files)
            if young or current != held.fingerprint:
                del self._held[name]

    def release(self) -> None:
        """Forget large sources, so that their bytes do not stay in memory between requests."""
        for name, held in list(self._held.items()):
            if isinstance(held, OpenSource) and sum(stamp.size for stamp in held.fingerprint.files) > KEPT_BYTES:
                del self._held[name]

    def opened(self, name: SourceId) -> OpenSource:
        """The open source; raises DataError when it can't be read, or a file of it has no rows or no time column."""
        held = self._held.get(name)
        if held is None:
            source = self.workspace.sources[name]
            try:
                with guarded("D22", f"reading `{source.path}`"):
                    zone = self.workspace.project.timezone
                    held = open_source(source, self.workspace.folder, zone, self.allowed_roots)
                    held.facts()
            except DataError as error:
                held = error
            self._held[name] = held
        if isinstance(held, DataError):
            raise held
        return held

    def kinds(self, source: SourceId) -> Mapping[str, Kind]:
        """The columns of a source; raises DataError when it can't be read."""
        return Kinds(self.opened(source))

    def explained(self, source: SourceId, names: Iterable[str]) -> DataError | None:
        """Cells that keep one of the columns from being numbers, if that is what is wrong."""
        opened = self.opened(source)
        return next((error for name in names if (error := opened.bad_numbers(name)) is not None), None)

    def rows(self, name: SourceId, columns: Sequence[str], start: int, end: int, chunk_rows: int) -> pl.DataFrame:
        """The rows of [start, end) with `DAY` and at least the columns asked; small sources are kept decoded."""
        opened = self.opened(name)
        if opened.rows > chunk_rows:
            return opened.read(columns, start, end)
        held = opened.decoded
        if held is None or not set(columns) <= set(held.columns):
            facts = opened.facts().rows_by_day
            known = [] if held is None else [column for column in held.columns if column != DAY]
            held = opened.read(sorted({*known, *columns}), min(facts, default=0), max(facts, default=0) + 1)
            opened.decoded = held if held.estimated_size() <= KEPT_BYTES else None
        return held.filter(held[DAY].is_between(start, end, closed="left"))
