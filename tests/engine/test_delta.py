"""Delta tables: what the log says is in the table is counted, and nothing else."""

from __future__ import annotations

import json
import os
import struct
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tests.engine.conftest import NOW, Bench

from kputui.engine.compute import Engine
from kputui.engine.listing import fingerprint, listed
from kputui.engine.request import Request
from kputui.errors import DataError
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Grain
from kputui.model.workspace import TableFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

deltalake = pytest.importorskip("deltalake")

DAYS = [date(2026, 1, day) for day in range(1, 9)]
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def rows(**more: Any) -> pl.DataFrame:
    """Eight days with a number each."""
    return pl.DataFrame({"day": DAYS, "x": list(range(8)), **more})


def write(folder: Path, frame: pl.DataFrame, **options: Any) -> None:
    """Write a version of a table, as its producer would."""
    deltalake.write_deltalake(str(folder), frame, **options)


def by_hand(
    folder: Path,
    features: list[str],
    fields: list[dict[str, Any]],
    adds: list[dict[str, Any]],
    partitions: tuple[str, ...] = (),
    **configuration: str,
) -> None:
    """The log of a table that only other programs can write, with one version."""
    schema = json.dumps({"type": "struct", "fields": fields})
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features, "writerFeatures": features}
    metadata = {
        "id": "t",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema,
        "partitionColumns": list(partitions),
        "configuration": {key.replace("_", "."): value for key, value in configuration.items()},
        "createdTime": 1,
    }
    lines: list[dict[str, Any]] = [{"protocol": protocol}, {"metaData": metadata}, *({"add": add} for add in adds)]
    (folder / "_delta_log").mkdir(parents=True, exist_ok=True)
    (folder / "_delta_log" / f"{0:020}.json").write_text("\n".join(map(json.dumps, lines)))


def column(name: str, kind: Any, **metadata: Any) -> dict[str, Any]:
    """A field of a table's schema."""
    return {"name": name, "type": kind, "nullable": True, "metadata": metadata}


def added(path: str, **more: Any) -> dict[str, Any]:
    """A file that a version adds."""
    return {"path": path, "partitionValues": {}, "size": 1, "modificationTime": 1, "dataChange": True, **more}


def deleted(*places: int) -> dict[str, Any]:
    """Rows of a file that are deleted, as a roaring bitmap with one array inside the log."""
    low = struct.pack("<HH", 0, len(places) - 1) + struct.pack("<I", 16) + struct.pack(f"<{len(places)}H", *places)
    data = struct.pack("<iqi", 1681511377, 1, 0) + struct.pack("<II", 12346, 1) + low
    padded = data + b"\0" * (-len(data) % 4)
    text = ""
    for start in range(0, len(padded), 4):
        number = int.from_bytes(padded[start : start + 4], "big")
        text += "".join(Z85[number // 85**power % 85] for power in (4, 3, 2, 1, 0))
    return {"storageType": "i", "pathOrInlineDv": text, "sizeInBytes": len(data), "cardinality": len(places)}


def test_a_table_is_read_by_its_folder(bench: Bench) -> None:
    """A folder with a Delta log is one table: rewritten files do not count twice."""
    write(bench.folder / "orders", rows())
    write(bench.folder / "orders", rows(), mode="append")
    deltalake.DeltaTable(str(bench.folder / "orders")).delete("x >= 6")
    assert len(list((bench.folder / "orders").glob("*.parquet"))) > 2
    bench.source("rows", "orders")
    bench.simple("n", "sum", "x")
    assert bench.value("n") == 2 * sum(range(6))


def test_an_older_version_can_be_read(bench: Bench) -> None:
    """`version` reads the table as it was; a version that never was is told."""
    write(bench.folder / "orders", rows())
    write(bench.folder / "orders", rows(), mode="append")
    bench.simple("n", "count")
    for version, count in ((0, 8), (1, 16), (None, 16)):
        bench.source("rows", "orders", version=version, format=TableFormat.DELTA)
        assert bench.value("n") == count
    bench.source("rows", "orders", version=7)
    assert bench.code("n") == "D02"
    assert "version 7" in bench.message("n")


def test_partition_values_are_columns(bench: Bench) -> None:
    """Columns that only the log holds can be filtered by and broken down by, with their types."""
    frame = rows(region=["no/rth = 1", "south", None, "south"] * 2, year=[2026, 2027] * 4)
    write(bench.folder / "orders", frame, partition_by=["region", "year"])
    bench.source("rows", "orders")
    bench.simple("n", "sum", "x", filter="year = 2026")
    table = bench.table("n", grain=Grain.YEAR, group_by=("region",))
    assert dict(zip(*table.columns[1:], strict=True)) == {"no/rth = 1": 4.0, "south": None, None: 8.0}


def test_a_new_column_is_empty_in_older_files(bench: Bench) -> None:
    """A column that the table got later has no values in the files before."""
    write(bench.folder / "orders", rows())
    write(bench.folder / "orders", rows(paid=[2.5] * 8), mode="append", schema_mode="merge")
    bench.source("rows", "orders")
    bench.simple("paid", "sum", "paid")
    bench.simple("n", "count")
    assert bench.value("paid") == 20
    assert bench.value("n") == 16


def test_deleted_rows_are_left_out(bench: Bench) -> None:
    """Rows that a deletion vector marks are not counted, whatever part of the file is read."""
    folder = bench.folder / "orders"
    by_hand(
        folder,
        ["deletionVectors"],
        [column("day", "date"), column("x", "long")],
        [added("a.parquet", deletionVector=deleted(1, 3), stats='{"numRecords":8}'), added("b.parquet")],
    )
    rows().write_parquet(folder / "a.parquet")
    rows().write_parquet(folder / "b.parquet")
    bench.source("rows", "orders")
    bench.simple("n", "sum", "x")
    assert bench.values("n") == [0, 1, 4, 3, 8, 10, 12, 14]
    bench.chunk_rows = 3
    assert bench.values("n") == [0, 1, 4, 3, 8, 10, 12, 14]


def test_renamed_columns_are_found(bench: Bench) -> None:
    """A table with column mapping shows its columns' present names, and never a file's own."""
    folder = bench.folder / "orders"
    named = "delta.columnMapping.physicalName"
    number = "delta.columnMapping.id"
    fields = [
        column("day", "date", **{named: "c1", number: 1}),
        column("x", "long", **{named: "y", number: 2}),
        column("y", "long", **{named: "x", number: 3}),
        column("shop no", "string", **{named: "c4", number: 4}),
    ]
    adds = [added("a.parquet", partitionValues={"c4": "north"})]
    by_hand(folder, ["columnMapping"], fields, adds, ("shop no",), delta_columnMapping_mode="name")
    pl.DataFrame({"c1": DAYS, "y": [1] * 8, "x": [100] * 8}).write_parquet(folder / "a.parquet")
    bench.source("rows", "orders")
    bench.simple("n", "sum", "x", filter="\"shop no\" = 'north'")
    bench.simple("m", "sum", "y")
    assert bench.value("n") == 8
    assert bench.value("m") == 800


def test_stamps_of_other_programs_are_instants(bench: Bench) -> None:
    """A table's `timestamp` is an instant even where the file's stamps name no zone."""
    folder = bench.folder / "orders"
    by_hand(folder, [], [column("at", "timestamp"), column("n", "integer")], [added("a.parquet"), added("b.parquet")])
    at = datetime(2026, 1, 1, 23, 30)
    pl.DataFrame({"at": [at]}, schema={"at": pl.Datetime("ns")}).with_columns(n=pl.lit(1)).write_parquet(
        folder / "a.parquet"
    )
    pl.DataFrame({"at": [at.replace(tzinfo=UTC)], "n": [1]}).write_parquet(folder / "b.parquet")
    bench.set(timezone="Europe/Berlin")
    bench.source("rows", "orders", "at")
    bench.simple("n", "count")
    series = bench.series("n")
    assert series.starts == (date(2026, 1, 2),)
    assert series.values == (2.0,)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../../secret.parquet", "D01"),
        ("/etc/passwd", "D01"),
        ("file:///etc/passwd", "D01"),
        ("%2E%2E/%2E%2E/secret.parquet", "D01"),
        ("https://127.0.0.1:1/a.parquet", "D01"),
        ("s3://bucket/a.parquet", "D01"),
        ("link.parquet", "D01"),
        ("pipe.parquet", "D03"),
        ("gone.parquet", "D02"),
    ],
)
def test_files_elsewhere_are_refused(tmp_path: Path, path: str, code: str) -> None:
    """A log that names files outside the allowed folders, or by a URL, reads nothing of them."""
    rows().write_parquet(tmp_path / "secret.parquet")
    bench = Bench(tmp_path / "config")
    folder = bench.folder / "orders"
    by_hand(folder, [], [column("day", "date"), column("x", "long")], [added(path)])
    (folder / "link.parquet").symlink_to(tmp_path / "secret.parquet")
    os.mkfifo(folder / "pipe.parquet")
    bench.source("rows", "orders")
    bench.simple("n", "count")
    assert bench.code("n") == code


def test_deleted_rows_kept_elsewhere_are_refused(bench: Bench) -> None:
    """A log cannot send the reader to another place for its deletion vectors."""
    vector = {"storageType": "p", "pathOrInlineDv": "http://127.0.0.1:1/x", "sizeInBytes": 3, "cardinality": 1}
    folder = bench.folder / "orders"
    by_hand(folder, ["deletionVectors"], [column("day", "date")], [added("a.parquet", deletionVector=vector)])
    rows().select("day").write_parquet(folder / "a.parquet")
    bench.source("rows", "orders")
    bench.simple("n", "count")
    assert bench.code("n") == "D01"


def test_a_log_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """A log that is a link out of the workspace is not followed."""
    write(tmp_path / "orders", rows())
    bench = Bench(tmp_path / "config")
    (bench.folder / "orders").mkdir(parents=True)
    (bench.folder / "orders" / "_delta_log").symlink_to(tmp_path / "orders" / "_delta_log")
    bench.source("rows", "orders")
    bench.simple("n", "count")
    assert bench.code("n") == "D01"


def test_an_unknown_wish_of_a_table_is_refused(bench: Bench) -> None:
    """A table that asks its readers for something unknown is refused by name, not read wrong."""
    folder = bench.folder / "orders"
    by_hand(folder, ["someNewThing"], [column("day", "date")], [added("a.parquet")])
    rows().select("day").write_parquet(folder / "a.parquet")
    bench.source("rows", "orders")
    bench.simple("n", "count")
    assert bench.code("n") == "D05"
    assert "someNewThing" in bench.message("n")


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"commitInfo": 1}', "\0\0"])
def test_a_damaged_log_is_told(bench: Bench, text: str) -> None:
    """A log that is no log is a problem of the source."""
    (bench.folder / "orders" / "_delta_log").mkdir(parents=True)
    (bench.folder / "orders" / "_delta_log" / f"{0:020}.json").write_text(text)
    bench.source("rows", "orders")
    bench.simple("n", "count")
    assert bench.code("n") in {"D02", "D06"}


def test_a_plain_folder_is_no_table(bench: Bench) -> None:
    """A folder declared as a Delta table without a log is told."""
    (bench.folder / "orders").mkdir()
    bench.source("rows", "orders", format=TableFormat.DELTA)
    bench.simple("n", "count")
    assert bench.code("n") == "D05"


def test_an_empty_table_has_no_rows(bench: Bench) -> None:
    """A table without files has no rows; it is not zero."""
    write(bench.folder / "orders", rows().clear())
    deltalake.DeltaTable(str(bench.folder / "orders")).delete()
    bench.source("rows", "orders")
    bench.simple("n", "count")
    assert bench.code("n") == "D09"


def test_without_the_library_the_extra_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where deltalake is not installed the message says what to type."""
    write(bench.folder / "orders", rows())
    monkeypatch.setitem(sys.modules, "deltalake", None)
    bench.source("rows", "orders")
    bench.simple("n", "count")
    assert bench.code("n") == "D32"
    assert "pip install 'kputui[delta]'" in bench.message("n")


def test_looking_again_reads_no_log(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polling a table that was read takes a look at its folder, and sees each new version."""
    folder = bench.folder / "orders"
    write(folder, rows())
    bench.source("rows", "orders")
    source = bench.sources[SourceId("rows")]
    before = fingerprint(source, str(bench.folder))
    assert before.marks
    assert not before.files
    first = listed(source, str(bench.folder)).fingerprint
    monkeypatch.setattr(deltalake, "DeltaTable", None)
    assert fingerprint(source, str(bench.folder)) == first
    monkeypatch.undo()
    write(folder, rows(), mode="append")
    assert fingerprint(source, str(bench.folder)) != first
    second = listed(source, str(bench.folder)).fingerprint
    assert len(second.files) == 2
    assert fingerprint(source, str(bench.folder)) == second


EDITS: dict[str, Callable[[Path], object]] = {
    "append": lambda folder: write(folder, rows(), mode="append"),
    "overwrite": lambda folder: write(folder, rows().head(3), mode="overwrite"),
    "delete": lambda folder: deltalake.DeltaTable(str(folder)).delete("x = 5"),
    "update": lambda folder: deltalake.DeltaTable(str(folder)).update(updates={"x": "x + 1"}, predicate="x > 2"),
    "compact": lambda folder: deltalake.DeltaTable(str(folder)).optimize.compact(),
    "restore": lambda folder: deltalake.DeltaTable(str(folder)).restore(0),
    "checkpoint": lambda folder: deltalake.DeltaTable(str(folder)).create_checkpoint(),
}


@pytest.mark.parametrize("edits", [tuple(EDITS), ("overwrite", "restore", "delete", "append", "compact", "update")])
def test_a_refresh_equals_a_cold_run(bench: Bench, tmp_path: Path, edits: tuple[str, ...]) -> None:
    """After every kind of commit the cached answer equals the one of a new engine, and the table's own rows."""
    folder = bench.folder / "orders"
    write(folder, rows())
    write(folder, rows(), mode="append")
    bench.source("rows", "orders")
    bench.simple("n", "sum", "x")
    bench.simple("d", "count_distinct", "x")
    request = Request((MetricId("n"), MetricId("d")))
    warm = Engine(bench.workspace(), now=lambda: NOW, cache=tmp_path / "cache")
    list(warm.readings(request))
    for edit in edits:
        EDITS[edit](folder)
        _age(folder)
        expected = [reading.series for reading in list(bench.engine().readings(request))[-1]]
        for engine in (warm, Engine(bench.workspace(), now=lambda: NOW, cache=tmp_path / "cache")):
            assert [reading.series for reading in list(engine.readings(request))[-1]] == expected
        truth = pl.DataFrame(
            deltalake.QueryBuilder().register("t", deltalake.DeltaTable(str(folder))).execute("select sum(x) from t")
        )
        assert expected[0] is not None
        assert sum(value or 0 for value in expected[0].values) == truth.item()


def _age(folder: Path) -> None:
    """Make files look as if they had been written some seconds ago, each at a time of its own."""
    for place in (folder / "_delta_log", *folder.rglob("*.parquet")):
        status = place.stat()
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns - 5_000_000_000))


def test_the_same_file_with_other_rows_deleted_is_another_state(bench: Bench) -> None:
    """A deletion vector changes no data file, and yet what was kept of the file is not used again."""
    folder = bench.folder / "orders"
    fields = [column("day", "date"), column("x", "long")]
    folder.mkdir()
    rows().write_parquet(folder / "a.parquet")
    by_hand(folder, ["deletionVectors"], fields, [added("a.parquet")])
    _age(folder)
    bench.source("rows", "orders")
    bench.simple("n", "sum", "x")
    cache = bench.folder / "cache"
    for places in ((), (7,), (6, 7), ()):
        vector = {"deletionVector": deleted(*places)} if places else {}
        by_hand(folder, ["deletionVectors"], fields, [added("a.parquet", stats='{"numRecords":8}', **vector)])
        os.utime(folder / "_delta_log", ns=(1, 10**18 + len(places)))
        for _ in range(2):
            engine = Engine(bench.workspace(), now=lambda: NOW, cache=cache)
            series = list(engine.readings(Request((MetricId("n"),), grain=Grain.YEAR)))[-1][0].series
            assert series is not None
            assert series.values == (sum(range(8)) - sum(places),)


def test_a_lost_data_file_is_told(bench: Bench) -> None:
    """A file that the log names and that is not there fails the source; the rest is not added up."""
    write(bench.folder / "orders", rows())
    write(bench.folder / "orders", rows(), mode="append")
    next((bench.folder / "orders").glob("*.parquet")).unlink()
    bench.source("rows", "orders")
    with pytest.raises(DataError) as raised:
        listed(bench.sources[SourceId("rows")], str(bench.folder))
    assert raised.value.code == "D02"
