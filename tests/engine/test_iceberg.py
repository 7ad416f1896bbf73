"""Iceberg tables: what the metadata say is in the table is counted, and nothing else."""

from __future__ import annotations

import gzip
import json
import os
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tests.engine.conftest import NOW, Bench

from kputui.engine.compute import Engine
from kputui.engine.listing import fingerprint, listed
from kputui.engine.request import Request
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Grain
from kputui.model.workspace import TableFormat

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pyiceberg")
pytest.importorskip("deltalake")  # its Arrow types write files with numbered columns

DAYS = [date(2026, 1, day) for day in range(1, 9)]
SCHEMA = [(1, "day", "date"), (2, "x", "long"), (3, "region", "string")]


def rows(**more: Any) -> pl.DataFrame:
    """Eight days with a number each."""
    return pl.DataFrame({"day": DAYS, "x": list(range(8)), "region": ["north", "south"] * 4, **more})


@dataclass
class Table:
    """A table that is written as its producers do: files, manifests, a list of these, and metadata."""

    folder: Path
    location: str = ""
    schemas: list[list[tuple[int, str, str]]] = field(default_factory=lambda: [SCHEMA])
    partition: dict[str, Any] | None = None
    properties: dict[str, str] = field(default_factory=dict)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    has_hint: bool = False
    defaults: dict[int, Any] = field(default_factory=dict)
    _manifests: list[Any] = field(default_factory=list)
    _written: int = 0

    def __post_init__(self) -> None:
        """Make the folders."""
        self.location = self.location or f"file://{self.folder}"
        (self.folder / "metadata").mkdir(parents=True)
        (self.folder / "data").mkdir()

    def file(self, frame: pl.DataFrame, ids: dict[str, int] | None = None, name: str = "") -> str:
        """Write a Parquet file whose columns are numbered; its place in the table."""
        import arro3.core as arrow

        known = {column: number for number, column, _ in self.schemas[-1]} if ids is None else ids
        name = name or f"data/{self._written}.parquet"
        self._written += 1
        options: dict[str, Any] = {}
        if known:
            fields = [
                arrow.Field(
                    column, _arrow(arrow, dtype), nullable=True, metadata={"PARQUET:field_id": str(known[column])}
                )
                for column, dtype in frame.schema.items()
            ]
            options["arrow_schema"] = arrow.Schema(fields)
        frame.lazy().sink_parquet(self.folder / name, **options)
        return f"{self.location}/{name}"

    def commit(self, *added: str, deletes: tuple[str, ...] = (), keep: bool = True, **more: Any) -> int:
        """A snapshot with these files besides those before; its id."""
        from pyiceberg.manifest import write_manifest_list

        number = len(self.snapshots) + 1
        if not keep:
            self._manifests = []
        for paths, content in ((added, more.get("content", 0)), (deletes, more.get("kind", 1))):
            if paths:
                self._manifests.append(self._manifest(paths, content, number, **more))
        place = f"{self.location}/metadata/list-{number}.avro"
        with write_manifest_list(2, self._output(place), number, number - 1 or None, number, "null") as writer:
            writer.add_manifests(self._manifests)
        self.snapshots.append(
            {
                "snapshot-id": number,
                "sequence-number": number,
                "timestamp-ms": 1_767_225_600_000 + number,
                "summary": {"operation": "append"},
                "manifest-list": place,
                "schema-id": len(self.schemas) - 1,
            }
        )
        self.write(number)
        return number

    def write(self, number: int, name: str = "") -> None:
        """Write the metadata file of a version."""
        path = self.folder / "metadata" / (name or f"{number:05}-{number:08x}.metadata.json")
        text = json.dumps(self._metadata())
        if path.name.endswith((".gz.metadata.json", ".gz")):
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text)
        if self.has_hint:
            (self.folder / "metadata" / f"v{number}.metadata.json").write_text(text)
            path.unlink()
            (self.folder / "metadata" / "version-hint.text").write_text(str(number))

    def _metadata(self) -> dict[str, Any]:
        spec = {"spec-id": 0, "fields": [self.partition] if self.partition else []}
        return {
            "format-version": 2,
            "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1",
            "location": self.location,
            "last-sequence-number": len(self.snapshots),
            "last-updated-ms": 1_767_225_600_000 + len(self.snapshots),
            "last-column-id": 99,
            "schemas": [self._schema(place) for place in range(len(self.schemas))],
            "current-schema-id": len(self.schemas) - 1,
            "partition-specs": [spec],
            "default-spec-id": 0,
            "last-partition-id": 1000,
            "properties": self.properties,
            "current-snapshot-id": len(self.snapshots) or -1,
            "snapshots": self.snapshots,
            "sort-orders": [{"order-id": 0, "fields": []}],
            "default-sort-order-id": 0,
        }

    def _schema(self, place: int) -> dict[str, Any]:
        fields = [
            {
                "id": number,
                "name": name,
                "type": kind,
                "required": False,
                **({"initial-default": self.defaults[number]} if number in self.defaults else {}),
            }
            for number, name, kind in self.schemas[place]
        ]
        return {"type": "struct", "schema-id": place, "fields": fields}

    def _manifest(self, paths: tuple[str, ...], content: int, number: int, **more: Any) -> Any:
        from pyiceberg.manifest import (
            DataFile,
            DataFileContent,
            FileFormat,
            ManifestContent,
            ManifestEntry,
            ManifestEntryStatus,
            write_manifest,
        )
        from pyiceberg.partitioning import PartitionSpec
        from pyiceberg.schema import Schema
        from pyiceberg.typedef import Record

        schema = Schema.model_validate(self._schema(len(self.schemas) - 1))
        spec = PartitionSpec.model_validate(self._metadata()["partition-specs"][0])
        place = f"{self.location}/metadata/manifest-{number}-{content}.avro"
        value = more.get("value")
        with write_manifest(2, spec, schema, self._output(place), number, "null") as writer:
            if content:
                writer.content = lambda: ManifestContent.DELETES
                writer._meta["content"] = "deletes"
            for path in paths:
                file = DataFile.from_args(
                    content=DataFileContent(content),
                    file_path=path,
                    file_format=FileFormat(more.get("format", "PARQUET")),
                    partition=Record(*([value] if self.partition else [])),
                    record_count=8,
                    file_size_in_bytes=1,
                )
                file.spec_id = 0
                entry = ManifestEntry.from_args(
                    status=ManifestEntryStatus.ADDED, snapshot_id=number, sequence_number=None, data_file=file
                )
                writer.add_entry(entry)
        return writer.to_manifest_file()

    def _output(self, place: str) -> Any:
        return _Output(self.folder / place.removeprefix(f"{self.location}/"), place)


@dataclass
class _Output:
    """A file that the library writes."""

    path: Path
    location: str

    def create(self, *_: Any, **__: Any) -> Any:
        """Open it."""
        return self.path.open("wb")

    def exists(self) -> bool:
        """It is new."""
        return False

    def __len__(self) -> int:
        """Its size."""
        return self.path.stat().st_size

    def to_input_file(self) -> Any:
        """Nobody asks for it."""
        raise NotImplementedError


def _arrow(arrow: Any, dtype: pl.DataType) -> Any:
    kinds = arrow.DataType
    if isinstance(dtype, pl.Datetime):
        return kinds.timestamp(dtype.time_unit, tz=dtype.time_zone)
    named = {
        pl.Date: kinds.date32,
        pl.Int64: kinds.int64,
        pl.Int32: kinds.int32,
        pl.String: kinds.large_utf8,
        pl.Float64: kinds.float64,
    }
    return named[type(dtype)]()


def asked(bench: Bench, path: str = "orders", **options: Any) -> None:
    """The source and two metrics over it."""
    bench.source("rows", path, **options)
    bench.simple("n", "sum", "x")
    bench.simple("count", "count")


def test_a_table_is_read_by_its_folder(bench: Bench) -> None:
    """A folder with Iceberg metadata is one table; files that its newest snapshot does not name are not read."""
    table = Table(bench.folder / "orders")
    first = table.file(rows())
    table.commit(first, table.file(rows()))
    asked(bench)
    assert bench.value("n") == 56
    table.commit(first, keep=False)
    assert bench.value("n") == 28
    assert bench.reading("n").provenance is not None


def test_an_older_snapshot_can_be_read(bench: Bench) -> None:
    """`version` names a snapshot; one that never was is told."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    table.commit(table.file(rows()))
    for version, count in ((1, 8), (2, 16), (None, 16)):
        asked(bench, version=version, format=TableFormat.ICEBERG)
        assert bench.value("count") == count
    asked(bench, version=77)
    assert bench.code("n") == "D02"


def test_deleted_rows_are_left_out(bench: Bench) -> None:
    """Rows that delete files take away by position are not counted, in older files only."""
    table = Table(bench.folder / "orders")
    first, second = table.file(rows()), table.file(rows())
    table.commit(first, second)
    gone = pl.DataFrame({"file_path": [first, first, second, "elsewhere"], "pos": [0, 7, 7, 1]})
    ids = {"file_path": 2147483546, "pos": 2147483545}
    table.commit(deletes=(table.file(gone, ids),))
    asked(bench)
    assert bench.values("n") == [0, 2, 4, 6, 8, 10, 12]
    assert bench.values("count") == [1, 2, 2, 2, 2, 2, 2]
    table.commit(first, keep=False)
    assert bench.value("n") == 28


@pytest.mark.parametrize(("kind", "format_", "words"), [(2, "PARQUET", "by their values"), (0, "ORC", "ORC")])
def test_what_is_not_read_rightly_is_refused(bench: Bench, kind: int, format_: str, words: str) -> None:
    """Rows deleted by value, and files of another format, refuse the table by name."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    if kind:
        table.commit(deletes=(table.file(rows()),), kind=kind)
    else:
        table.commit(table.file(rows()), format=format_)
    asked(bench)
    assert bench.code("n") == "D05"
    assert words in bench.message("n")


def test_columns_are_found_by_their_numbers(bench: Bench) -> None:
    """A renamed column keeps its older values, and a new one of an old name gets none of them."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    table.schemas.append([(1, "day", "date"), (2, "pieces", "long"), (4, "x", "long"), (5, "region", "string")])
    table.commit(table.file(pl.DataFrame({"day": DAYS, "pieces": [1] * 8, "x": [100] * 8, "region": ["new"] * 8})))
    asked(bench)
    bench.simple("pieces", "sum", "pieces")
    assert bench.value("n") == 800
    assert bench.value("pieces") == 36
    assert bench.table("count", grain=Grain.YEAR, group_by=("region",)).columns[1:] == (("new", None), (8, 8))
    asked(bench, version=1)
    assert bench.value("n") == 28


def test_a_type_that_grew_is_read(bench: Bench) -> None:
    """A column that was promoted from int to long is one column in old and new files."""
    table = Table(bench.folder / "orders", schemas=[[(1, "day", "date"), (2, "x", "int")]])
    table.commit(table.file(pl.DataFrame({"day": DAYS, "x": [1] * 8}, schema_overrides={"x": pl.Int32})))
    table.schemas.append([(1, "day", "date"), (2, "x", "long")])
    table.commit(table.file(pl.DataFrame({"day": DAYS, "x": [2**40] * 8})))
    asked(bench)
    assert bench.value("n") == 8 * (2**40 + 1)


def test_a_default_fills_older_files(bench: Bench) -> None:
    """A column with an initial default has it in the files before."""
    table = Table(bench.folder / "orders", schemas=[[(1, "day", "date"), (2, "x", "long")]])
    table.commit(table.file(rows().select("day", "x")))
    table.schemas.append([*table.schemas[0], (3, "y", "long"), (4, "z", "long")])
    table.defaults = {3: 5}
    table.commit(table.file(pl.DataFrame({"day": DAYS, "x": [0] * 8, "y": [1] * 8, "z": [1] * 8})))
    asked(bench)
    bench.simple("y", "sum", "y")
    bench.simple("z", "sum", "z")
    assert bench.value("y") == 48
    assert bench.value("z") == 8


def test_partition_values_fill_files_without_the_column(bench: Bench) -> None:
    """A column that a table is partitioned by may be missing in its files: the metadata have it."""
    partition = {"source-id": 3, "field-id": 1000, "name": "region", "transform": "identity"}
    table = Table(bench.folder / "orders", partition=partition)
    table.commit(table.file(rows().drop("region")), value="west")
    table.commit(table.file(rows()), value="ignored: the file has it")
    asked(bench)
    found = bench.table("count", grain=Grain.YEAR, group_by=("region",))
    assert dict(zip(*found.columns[1:], strict=True)) == {"west": 8, "north": 4, "south": 4}


def test_files_without_numbers_need_a_mapping(bench: Bench) -> None:
    """Files of a table that was migrated are read by the names that it lists, and refused when it lists none."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows(), ids={}))
    asked(bench)
    assert bench.code("n") == "D17"
    mapping = [{"field-id": number, "names": [name]} for number, name, _ in SCHEMA]
    table.properties = {"schema.name-mapping.default": json.dumps(mapping)}
    table.commit()
    assert bench.value("n") == 28


def test_stamps_are_instants_or_wall_clock_as_the_table_says(bench: Bench) -> None:
    """`timestamptz` is an instant, `timestamp` a wall clock."""
    at = datetime(2026, 1, 1, 23, 30)
    bench.set(timezone="Europe/Berlin")
    for kind, day in (("timestamptz", 2), ("timestamp", 1)):
        table = Table(bench.folder / kind, schemas=[[(1, "at", kind), (2, "x", "long")]])
        table.commit(table.file(pl.DataFrame({"at": [at], "x": [1]}, schema_overrides={"at": pl.Datetime("us")})))
        asked(bench, kind, time="at")
        assert bench.series("n").starts == (date(2026, 1, day),)


def test_a_copied_table_is_read_where_it_is(bench: Bench) -> None:
    """A table that was copied from object storage names its files by the old place: they are found beside it."""
    table = Table(bench.folder / "orders", location="s3://warehouse/db/orders")
    table.commit(table.file(rows()))
    asked(bench)
    assert bench.value("n") == 28


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("s3://elsewhere/a.parquet", "D01"),
        ("https://127.0.0.1:1/a.parquet", "D01"),
        ("file:///etc/passwd", "D01"),
        ("/etc/passwd", "D01"),
        ("../../secret.parquet", "D01"),
        ("data/gone.parquet", "D02"),
        ("data/pipe", "D03"),
    ],
)
def test_files_elsewhere_are_refused(tmp_path: Path, place: str, code: str) -> None:
    """Metadata that name files outside the allowed folders, or by a URL, read nothing of them."""
    rows().write_parquet(tmp_path / "secret.parquet")
    bench = Bench(tmp_path / "config")
    table = Table(bench.folder / "orders")
    os.mkfifo(bench.folder / "orders" / "data" / "pipe")
    table.commit(place)
    asked(bench)
    assert bench.code("n") == code


@pytest.mark.parametrize("name", ["list-1.avro", "manifest-1-0.avro", "00001-00000001.metadata.json"])
@pytest.mark.parametrize("damage", [b"", b"Obj\x01\x02", b"{}", b"\xff" * 300])
def test_damaged_metadata_are_told(bench: Bench, name: str, damage: bytes) -> None:
    """Metadata that can't be read are a problem of the source."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    (bench.folder / "orders" / "metadata" / name).write_bytes(damage)
    asked(bench)
    assert bench.code("n") in {"D06", "D09"}


def test_a_manifest_elsewhere_is_refused(tmp_path: Path) -> None:
    """A manifest that is a link out of the workspace is not read."""
    bench = Bench(tmp_path / "config")
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    manifest = bench.folder / "orders" / "metadata" / "manifest-1-0.avro"
    manifest.rename(tmp_path / "m.avro")
    manifest.symlink_to(tmp_path / "m.avro")
    asked(bench)
    assert bench.code("n") == "D01"


def test_the_hint_names_the_metadata(bench: Bench) -> None:
    """Where a version hint is, it decides; without one the highest number does, and two of these are refused."""
    table = Table(bench.folder / "orders", has_hint=True)
    table.commit(table.file(rows()))
    table.commit(table.file(rows()))
    asked(bench)
    assert bench.value("count") == 16
    hint = bench.folder / "orders" / "metadata" / "version-hint.text"
    hint.write_text("1")
    assert bench.value("count") == 8
    hint.write_text("9")
    assert bench.code("count") == "D02"
    hint.unlink()
    assert bench.value("count") == 16
    table.has_hint = False
    table.write(2, "00002-other.metadata.json")
    assert bench.code("count") == "D05"
    assert "metadata/" in bench.message("count")
    asked(bench, "orders/metadata/v1.metadata.json")
    assert bench.value("count") == 8


def test_packed_metadata_are_read(bench: Bench) -> None:
    """Metadata files may be packed."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    table.write(2, "00002-a.gz.metadata.json")
    asked(bench)
    assert bench.value("count") == 8


def test_a_table_without_snapshots_has_no_rows(bench: Bench) -> None:
    """A table that nobody wrote to has no rows; it is not zero."""
    Table(bench.folder / "orders").write(1)
    asked(bench)
    assert bench.code("count") == "D09"


def test_without_the_library_the_extra_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyiceberg is not installed the message says what to type."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    monkeypatch.setitem(sys.modules, "pyiceberg.table.metadata", None)
    asked(bench)
    assert bench.code("n") == "D32"
    assert "pip install 'kputui[iceberg]'" in bench.message("n")


def test_a_refresh_equals_a_cold_run(bench: Bench, tmp_path: Path) -> None:
    """After every commit the cached answer equals the one of a new engine."""
    table = Table(bench.folder / "orders")
    first = table.file(rows())
    table.commit(first)
    asked(bench)
    request = Request((MetricId("n"), MetricId("count")))
    cache = tmp_path / "cache"
    warm = Engine(bench.workspace(), now=lambda: NOW, cache=cache)
    gone = pl.DataFrame({"file_path": [first], "pos": [3]})
    edits: list[dict[str, Any]] = [
        {},
        {"added": table.file(rows(x=[5] * 8))},
        {"deletes": (table.file(gone, {"file_path": 2147483546, "pos": 2147483545}),)},
        {"added": first, "keep": False},
    ]
    for edit in edits:
        table.commit(*([edit.pop("added")] if "added" in edit else []), **edit)
        for place in (bench.folder / "orders" / "metadata", *(bench.folder / "orders").rglob("*.parquet")):
            status = place.stat()
            os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns - 5_000_000_000))
        expected = [reading.series for reading in list(bench.engine().readings(request))[-1]]
        for engine in (warm, Engine(bench.workspace(), now=lambda: NOW, cache=cache)):
            assert [reading.series for reading in list(engine.readings(request))[-1]] == expected


def test_looking_again_reads_no_metadata(bench: Bench) -> None:
    """Polling a table that was read takes a look at its folder, and sees each new snapshot."""
    table = Table(bench.folder / "orders")
    table.commit(table.file(rows()))
    asked(bench)
    source = bench.sources[SourceId("rows")]
    assert not fingerprint(source, str(bench.folder)).files
    first = listed(source, str(bench.folder)).fingerprint
    assert fingerprint(source, str(bench.folder)) == first
    table.commit(table.file(rows()))
    assert fingerprint(source, str(bench.folder)) != first
