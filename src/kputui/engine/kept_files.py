"""What was learnt about the files of a source, on a shelf: a file in the same state need not be looked at again."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.facts import Tally
from kputui.engine.files import FileStamp
from kputui.engine.guard import guarded
from kputui.engine.held import ipc_bytes
from kputui.engine.kept import VERSION
from kputui.engine.parquet_file import ParquetFile
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kputui.engine.grown import GrownEntries
    from kputui.engine.times import Zones
    from kputui.model.workspace import Source

_KNOWN = "known"
"""The state of every file here: what is kept of a file never changes while its stamp does not."""


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The looks at files that are kept of a workspace's sources."""

    entries: GrownEntries
    folder: str

    def known(self, source: Source, zones: Zones) -> Mapping[FileStamp, ParquetFile]:
        """The files of a source by their state, none of their rows in memory."""
        key = self._key(source, zones)
        found: dict[FileStamp, ParquetFile] = {}
        for place, entry in enumerate(self.entries.read(key)):
            with suppress(DataError), guarded("D22", "reading what was kept of files"):
                schemas = [dict(pl.read_ipc_schema(io.BytesIO(blob))) for blob in entry.blobs]
                for row in entry.head["files"]:  # type: ignore[attr-defined]  # as `_entry_of` made it
                    table = _table(row, schemas[row["schema"]], zones)
                    if table.stamp is not None:
                        found[table.stamp] = table
                if place == 0:
                    self.entries.note(key, entry, dict.fromkeys(found, _KNOWN))
        return found

    def keep(self, source: Source, zones: Zones, tables: Iterable[ParquetFile]) -> None:
        """Keep the looks at files whose stamps will tell every change."""
        kept = {table.stamp: table for table in tables if table.is_settled and table.stamp is not None}
        parts = dict.fromkeys(kept, _KNOWN)
        self.entries.keep(self._key(source, zones), parts, lambda stamps: _entry_of([kept[one] for one in stamps]))

    def _key(self, source: Source, zones: Zones) -> str:
        return repr(("files", VERSION, self.folder, source, zones))


def _entry_of(tables: Iterable[ParquetFile]) -> tuple[dict[str, object], list[bytes]]:
    schemas: list[Mapping[str, pl.DataType]] = []
    rows = []
    for table in tables:
        if table.tally is not None:
            if table.own_schema not in schemas:
                schemas.append(table.own_schema)
            rows.append({**_row(table, table.tally), "schema": schemas.index(table.own_schema)})
    return {"files": rows}, [ipc_bytes(pl.DataFrame(schema=schema)) for schema in schemas]


def _row(table: ParquetFile, tally: Tally) -> dict[str, object]:
    stamp = table.stamp
    return {
        "stamp": [] if stamp is None else [stamp.path, stamp.size, stamp.mtime_ns, stamp.inode, stamp.ctime_ns],
        "read_ns": table.read_ns,
        "rows": table.rows,
        "days": table.days,
        "first_rows": list(table.first_rows.items()),
        "is_sorted": table.is_sorted,
        "rows_by_day": list(tally.rows_by_day.items()),
        "no_time": tally.no_time,
        "is_dated": tally.is_dated,
        "newest": None if tally.newest is None else tally.newest.isoformat(),
        "notes": list(tally.notes),
        "implausible": tally.implausible,
    }


def _table(row: Mapping[str, object], schema: Mapping[str, pl.DataType], zones: Zones) -> ParquetFile:
    held: dict[str, object] = dict(row)
    newest = held["newest"]
    tally = Tally(
        zones,
        Counter(dict(held["rows_by_day"])),  # type: ignore[call-overload]
        int(str(held["no_time"])),
        bool(held["is_dated"]),
        datetime.fromisoformat(newest) if isinstance(newest, str) else None,
        dict.fromkeys(held["notes"]),  # type: ignore[call-overload]
        int(str(held["implausible"])),
    )
    stamp = FileStamp(*held["stamp"])  # type: ignore[misc]
    days = held["days"]
    return ParquetFile(
        Path(stamp.path),
        None,
        int(str(held["rows"])),
        schema,
        days=(days[0], days[1]) if isinstance(days, list) else None,
        first_rows=dict(held["first_rows"]),  # type: ignore[call-overload]
        is_sorted=bool(held["is_sorted"]),
        stamp=stamp,
        read_ns=int(str(held["read_ns"])),
        tally=tally,
        own_schema=schema,
    )
