"""Iceberg tables: the data files of a snapshot, as the table's metadata tell them. Only here is pyiceberg known.

Without a catalogue the newest metadata file is the table: the one that the version hint names, else the one
with the highest number.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from kputui.engine.extras import missing, told
from kputui.engine.files import ICEBERG_LOG, METADATA_FILE, VERSION_HINT, read_stable, real_file
from kputui.engine.snapshot import Column, Part, Snapshot, empty, is_url, path_of_url
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_TYPES: Mapping[str, pl.DataType] = {
    "boolean": pl.Boolean(),
    "int": pl.Int32(),
    "long": pl.Int64(),
    "float": pl.Float32(),
    "double": pl.Float64(),
    "date": pl.Date(),
    "time": pl.Time(),
    "timestamp": pl.Datetime("us"),
    "timestamptz": pl.Datetime("us", "UTC"),
    "timestamp_ns": pl.Datetime("ns"),
    "timestamptz_ns": pl.Datetime("ns", "UTC"),
    "string": pl.String(),
    "binary": pl.Binary(),
}
_DECIMAL = re.compile(r"^decimal\((\d+),\s*(\d+)\)$")
_NUMBERED = re.compile(r"^v?(\d+)")
_MAX_METADATA = 256 * 2**20
_PACKED = (".gz" + METADATA_FILE, METADATA_FILE + ".gz")


@dataclass(frozen=True, slots=True)
class _Place:
    """A table's real folder, the real roots, and the place that its metadata say it is in."""

    folder: Path
    real_roots: tuple[Path, ...]
    shown: str
    location: str = ""

    def local(self, written: str) -> Path:
        """The real path of a file that the metadata name by its place in the table; raises DataError D01-D04."""
        location = self.location.rstrip("/")
        if location and written.startswith(f"{location}/"):
            return real_file(str(self.folder / written[len(location) + 1 :]), self.real_roots, self.shown)
        if is_url(written):
            path = path_of_url(written)
            if path is None:
                message = f"`{self.shown}`: the table names files in another place, by a URL"
                raise DataError("D01", message, "a table's files lie in its folder")
            written = path
        return real_file(str(self.folder / written), self.real_roots, self.shown)


@dataclass(frozen=True, slots=True)
class _Input:
    """A file of the metadata as pyiceberg opens one: read whole, and only under the allowed roots."""

    place: _Place
    location: str

    def open(self, *_: object, **__: object) -> io.BytesIO:
        """The file's bytes."""
        return io.BytesIO(read_stable(self.place.local(self.location), _MAX_METADATA))

    def exists(self) -> bool:
        """It is found out by opening it."""
        return True

    def __len__(self) -> int:
        """The file's size."""
        return self.place.local(self.location).stat().st_size


@dataclass(frozen=True, slots=True)
class _Files:
    """What pyiceberg reads files through."""

    place: _Place

    def new_input(self, location: str) -> _Input:
        """A file by its place."""
        return _Input(self.place, location)


def snapshot(folder: Path, version: int | None, real_roots: tuple[Path, ...], shown: str, pinned: str = "") -> Snapshot:
    """The table in a real folder at a snapshot (None: the newest), by the metadata file `pinned` if one is named.

    Raises DataError: D01 when it names files outside the roots, D02 for a snapshot or a file that is not there,
    D05 for what is not read rightly, D06 for metadata that can't be read, D32 without the library.
    """
    try:
        from pyiceberg.table.metadata import TableMetadataUtil  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing(f"`{shown}` is an Iceberg table", "iceberg") from error
    place = _Place(folder, real_roots, shown)
    path = real_file(str(folder / ICEBERG_LOG / (pinned or _newest(folder, shown))), real_roots, shown)
    text = _unpacked(path, read_stable(path, _MAX_METADATA), shown)
    with told("D06", f"`{shown}`: the metadata of the Iceberg table can't be read"):
        metadata = TableMetadataUtil.parse_raw(text)
        place = _Place(folder, real_roots, shown, metadata.location)
        found = metadata.current_snapshot() if version is None else metadata.snapshot_by_id(version)
        if version is not None and found is None:
            raise DataError("D02", f"`{shown}` has no snapshot {version}", "leave `version` out to read the newest")
        if found is None:
            return Snapshot("newest snapshot", ())
        if found.manifest_list is None:
            raise DataError("D05", f"`{shown}`: its manifests are listed in an old way that is not read")
        parts = _parts(metadata, found, place)
    return Snapshot(f"snapshot {found.snapshot_id}", tuple(sorted(parts, key=lambda part: str(part.path))))


def _newest(folder: Path, shown: str) -> str:
    """The name of the newest metadata file; raises DataError D02, D05."""
    names = [one.name for one in (folder / ICEBERG_LOG).iterdir() if METADATA_FILE in one.name]
    hint = folder / ICEBERG_LOG / VERSION_HINT
    if hint.exists():
        word = read_stable(hint, 10_000).decode("utf-8", "replace").strip()
        wanted = {word, f"v{word}{METADATA_FILE}", f"{word}{METADATA_FILE}", *(f"v{word}{end}" for end in _PACKED)}
        named = [name for name in names if name in wanted]
        if len(named) == 1:
            return named[0]
        raise DataError("D02", f"`{shown}`: the metadata file that {VERSION_HINT} names is not there")
    numbered = [(int(found[1]), name) for name in names if (found := _NUMBERED.match(name))]
    if not numbered:
        raise DataError("D02", f"`{shown}` has no metadata file")
    last = max(number for number, _ in numbered)
    newest = [name for number, name in numbered if number == last]
    if len(newest) > 1:
        message = f"`{shown}`: {len(newest)} metadata files have the number {last}; a catalogue would know which counts"
        raise DataError("D05", message, f'name it: path = "{shown}/{ICEBERG_LOG}/{newest[0]}"')
    return newest[0]


def _unpacked(path: Path, data: bytes, shown: str) -> str:
    try:
        if path.name.endswith(_PACKED):
            with gzip.open(io.BytesIO(data)) as opened:
                data = opened.read(_MAX_METADATA + 1)
        if len(data) > _MAX_METADATA:
            raise DataError("D07", f"`{shown}`: its metadata file is larger than {_MAX_METADATA} bytes")
        return data.decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataError("D06", f"`{shown}`: the metadata of the Iceberg table can't be read", str(error)) from error


def _parts(metadata: Any, found: Any, place: _Place) -> list[Part]:
    """The data files of a snapshot, with the rows that delete files take from them."""
    from pyiceberg.manifest import DataFileContent, FileFormat, read_manifest_list  # noqa: PLC0415 - an extra

    through = _Files(place)
    manifests = read_manifest_list(through.new_input(found.manifest_list))
    entries = [(one, spec.partition_spec_id) for spec in manifests for one in spec.fetch_manifest_entry(through)]
    data: dict[str, tuple[Any, int]] = {}
    deletes = []
    for entry, spec_id in entries:
        file = entry.data_file
        if file.content == DataFileContent.EQUALITY_DELETES or file.file_format != FileFormat.PARQUET:
            is_by_value = file.content == DataFileContent.EQUALITY_DELETES
            kind = "deletes rows by their values" if is_by_value else f"has {file.file_format} files"
            message = f"`{place.shown}`: this Iceberg table {kind}, which is not read"
            raise DataError("D05", message, "compact the table, or export its present state as Parquet")
        if file.content == DataFileContent.POSITION_DELETES:
            deletes.append(entry)
        else:
            data[file.file_path] = (entry, spec_id)
    gone = _gone(deletes, {path: entry for path, (entry, _) in data.items()}, place)
    columns = _columns(metadata, found)
    specs = {spec.spec_id: spec for spec in metadata.partition_specs}
    return [
        Part(place.local(path), _with_partition(columns, specs[spec_id], entry), (), gone.get(path))
        for path, (entry, spec_id) in data.items()
    ]


def _gone(deletes: Iterable[Any], data: Mapping[str, Any], place: _Place) -> dict[str, pl.Series]:
    """Deleted rows by data file: a delete file takes rows only from files that are not younger than it is."""
    found: dict[str, list[pl.Series]] = {}
    for delete in deletes:
        path = place.local(delete.data_file.file_path)
        with told("D06", f"`{path.name}` is damaged: its columns can't be read"):
            frame = pl.read_parquet(read_stable(path, _MAX_METADATA), columns=["file_path", "pos"])
        for (name,), rows in frame.group_by("file_path"):
            entry = data.get(str(name))
            if entry is not None and (delete.sequence_number or 0) >= (entry.sequence_number or 0):
                found.setdefault(str(name), []).append(rows["pos"].cast(pl.UInt32))
    return {name: pl.concat(rows).unique().sort() for name, rows in found.items()}


def _columns(metadata: Any, found: Any) -> tuple[Column, ...]:
    """The columns of the snapshot's schema, found in files by their numbers."""
    number = metadata.current_schema_id if found is metadata.current_snapshot() else found.schema_id
    schema = next((one for one in metadata.schemas if one.schema_id == number), None) or metadata.schema()
    mapping = metadata.name_mapping()
    names = {one.field_id: tuple(one.names) for one in mapping.root} if mapping is not None else {}
    return tuple(_column(field, names.get(field.field_id, ())) for field in schema.fields)


def _column(field: Any, names: tuple[str, ...]) -> Column:
    written = str(field.field_type)
    decimal = _DECIMAL.match(written)
    dtype = pl.Decimal(int(decimal[1]), int(decimal[2])) if decimal else _TYPES.get(written)
    absent = empty(field.name, dtype)
    if field.initial_default is not None and dtype is not None:
        absent = pl.Series(field.name, [field.initial_default], dtype, strict=False)
    return Column(field.name, names, dtype, absent, field.field_id)


def _with_partition(columns: tuple[Column, ...], spec: Any, entry: Any) -> tuple[Column, ...]:
    """The columns, where those that the table is partitioned by as they are have the file's value if it lacks them."""
    known = {
        field.source_id: entry.data_file.partition[place]
        for place, field in enumerate(spec.fields)
        if str(field.transform) == "identity"
    }
    if not known:
        return columns
    return tuple(_given(one, known[one.field_id]) if one.field_id in known else one for one in columns)


def _given(column: Column, value: Any) -> Column:
    """The column with a partition's value, whole numbers for dates and stamps as Avro writes them."""
    dtype = column.dtype
    if value is None or dtype is None:
        return column
    is_counted = isinstance(value, int) and dtype.is_temporal()
    plain = pl.Int32() if dtype == pl.Date else pl.Int64()
    one = pl.Series(column.name, [value], plain).cast(dtype) if is_counted else pl.Series(column.name, [value], dtype)
    return Column(column.name, column.in_file, dtype, one, column.field_id)
