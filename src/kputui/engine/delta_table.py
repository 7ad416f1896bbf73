"""Delta tables: the data files of a version, as the table's log tells them. The only module that knows deltalake."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import polars as pl

from kputui.engine.extras import missing, told
from kputui.engine.files import DELTA_LOG, real_file
from kputui.engine.snapshot import Column, Part, Snapshot, empty, is_url, path_of_url
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

READER_FEATURES = frozenset(
    {
        "columnMapping",
        "deletionVectors",
        "timestampNtz",
        "typeWidening",
        "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
    }
)
"""What tables may ask of their readers; any other wish is refused, as its rows would be read wrong."""

_TYPES: Mapping[str, pl.DataType] = {
    "string": pl.String(),
    "long": pl.Int64(),
    "integer": pl.Int32(),
    "short": pl.Int16(),
    "byte": pl.Int8(),
    "float": pl.Float32(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "binary": pl.Binary(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
    "timestamp_ntz": pl.Datetime("us"),
}
_DECIMAL = re.compile(r"^decimal\((\d+),\s*(-?\d+)\)$")
_PHYSICAL = "delta.columnMapping.physicalName"
_ID = "delta.columnMapping.id"
_VECTORS = "deletionVectors"
_LOG_SUFFIXES = frozenset({".json", ".parquet", ".crc"})
_LAST = "_last_checkpoint"


@dataclass(frozen=True, slots=True)
class _Place:
    """A table's real folder, the real roots under one of which its files lie, and what people call it."""

    folder: Path
    real_roots: tuple[Path, ...]
    shown: str


def snapshot(folder: Path, version: int | None, real_roots: tuple[Path, ...], shown: str) -> Snapshot:
    """The table in a real folder at a version (None: the newest).

    Raises DataError: D01 when its log names files outside the roots, D02 for a version or a file that is not
    there, D05 for what is not read rightly, D06 for a log that can't be read, D32 without the library.
    """
    try:
        import deltalake  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing(f"`{shown}` is a Delta table", "delta") from error
    log = _log_files(folder, real_roots, shown)
    with told("D06", f"`{shown}`: the log of the Delta table can't be read"):
        try:
            table = deltalake.DeltaTable(str(folder), version=version)
        except deltalake.exceptions.DeltaError as error:
            raise _refused(shown, version, error) from error
        return _snapshot_of(table, log, _Place(folder, real_roots, shown))


def _snapshot_of(table: Any, log: tuple[Path, ...], place: _Place) -> Snapshot:
    """What the log says of a version that is open."""
    features = set(table.protocol().reader_features or ())
    if unknown := sorted(features - READER_FEATURES):
        message = f"`{place.shown}`: this Delta table asks for {', '.join(unknown)}, which is not read"
        raise DataError("D05", message, "export the table's present state as Parquet")
    metadata = table.metadata()
    mapping = metadata.configuration.get("delta.columnMapping.mode", "none")
    fields = json.loads(table.schema().to_json())["fields"]
    columns = tuple(_column(one, mapping) for one in fields if one["name"] not in metadata.partition_columns)
    types = {one["name"]: _type(one["type"]) for one in fields}
    gone = _gone(table, log, place.shown) if _VECTORS in features else {}
    parts = []
    for row in pl.DataFrame(table.get_add_actions()).iter_rows(named=True):
        path = _local(row["path"], place)
        given = (row.get("partition") or {}).items()
        constants = tuple(pl.Series(name, [value], dtype=types.get(name)) for name, value in given)
        parts.append(Part(path, columns, constants, gone.pop(path, None)))
    if gone:
        raise DataError("D05", f"`{place.shown}`: the log names deleted rows of files that are not in the table")
    return Snapshot(f"version {table.version()}", tuple(sorted(parts, key=lambda part: str(part.path))))


def _refused(shown: str, version: int | None, error: Exception) -> DataError:
    """What deltalake says as a problem; it has one kind of error for nearly everything."""
    said = str(error).split("\n", 1)[0]
    if version is not None and "version" in said.casefold():
        return DataError("D02", f"`{shown}` has no version {version}", "leave `version` out to read the newest")
    if "unsupported" in said.casefold() or "not supported" in said.casefold() or "catalog" in said.casefold():
        return DataError("D05", f"`{shown}`: this Delta table is not read: {said}", "export it as Parquet")
    return DataError("D06", f"`{shown}`: the log of the Delta table can't be read", f"the reader says: {said}")


def _log_files(folder: Path, real_roots: tuple[Path, ...], shown: str) -> tuple[Path, ...]:
    """The files of the log, none of which is a pipe or leads elsewhere."""
    found: list[Path] = []
    for place in (folder / DELTA_LOG, folder / DELTA_LOG / "_sidecars"):
        if not place.is_dir():
            continue
        if not any(place.resolve().is_relative_to(root) for root in real_roots):
            raise DataError("D01", f"`{shown}` leads outside the workspace", "its log is a link to another place")
        ours = (one for one in sorted(place.iterdir()) if one.suffix in _LOG_SUFFIXES or one.name == _LAST)
        found += [real_file(str(one), real_roots, shown) for one in ours]
    return tuple(found)


def _local(written: str, place: _Place) -> Path:
    """The real path of a file that the log names: relative to the table, or a local URL."""
    text = unquote(written)
    if is_url(text):
        path = path_of_url(written)
        if path is None:
            message = f"`{place.shown}`: the log names files in another place, by a URL"
            raise DataError("D01", message, "a table's files lie beside its log")
        text = path
    return real_file(str(place.folder / text), place.real_roots, place.shown)


def _column(field: Mapping[str, Any], mapping: str) -> Column:
    """A column by the log's field; `mapping` says whether files name it otherwise: none, name or id."""
    name, known = field["name"], field["metadata"]
    dtype = _type(field["type"])
    in_file = known.get(_PHYSICAL, name) if mapping == "name" else name
    return Column(name, (in_file,), dtype, empty(name, dtype), known[_ID] if mapping == "id" else None)


def _type(written: object) -> pl.DataType | None:
    """A type of the table's schema; None for nested ones, which expressions can't read anyway."""
    if not isinstance(written, str):
        return None
    decimal = _DECIMAL.match(written)
    return pl.Decimal(int(decimal[1]), int(decimal[2])) if decimal else _TYPES.get(written)


def _gone(table: Any, log: Iterable[Path], shown: str) -> dict[Path, pl.Series]:
    """The deleted rows of the table's files by path."""
    if any(kind == "p" for kind in _kinds_of_vectors(log)):
        message = f"`{shown}`: the log keeps deleted rows in another place"
        raise DataError("D01", message, "a table's files lie beside its log")
    found: dict[Path, pl.Series] = {}
    for row in pl.DataFrame(table.deletion_vectors()).iter_rows(named=True):
        kept = pl.Series(row["selection_vector"], dtype=pl.Boolean)
        found[Path(unquote(urlsplit(row["filepath"]).path))] = (~kept).arg_true()
    return found


def _kinds_of_vectors(log: Iterable[Path]) -> Iterator[str]:
    """How the log says that deleted rows are stored: "u" and "i" lie in the table, "p" anywhere."""
    for path in log:
        data = path.read_bytes()
        if path.suffix == ".json":
            for line in data.splitlines():
                if b"deletionVector" in line or b"\\u" in line:
                    yield _kind_of_vector(json.loads(line).get("add"))
        elif path.suffix == ".parquet":
            frame = pl.scan_parquet(io.BytesIO(data))
            if "add" in frame.collect_schema():
                for row in frame.select("add").collect().iter_rows(named=True):
                    yield _kind_of_vector(row["add"])


def _kind_of_vector(add: Any) -> str:
    vector = add.get("deletionVector") if isinstance(add, dict) else None
    return str(vector.get("storageType", "")) if isinstance(vector, dict) else ""
