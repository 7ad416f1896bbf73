"""How CSV files are written: encodings, marks between digits, lines that are not data, packing, declared columns."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from kputui.engine import packed
from kputui.errors import DataError
from kputui.model.metric import Grain
from kputui.model.workspace import ColumnKind, Compression, CsvOptions

if TYPE_CHECKING:
    from tests.engine.conftest import Bench

_TEXT = "day,x,t\n2024-01-01,1,ä\n2024-01-02,2.5,b\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "cp1252", "latin-1"])
def test_declared_encoding(bench: Bench, encoding: str) -> None:
    """A file in another encoding reads right once its encoding is named."""
    bench.csv(_TEXT.encode(encoding), csv=CsvOptions(encoding=encoding))
    bench.simple("n", "sum", "x", filter="t = 'ä'")
    assert bench.value("n") == 1


def test_wrong_encoding_is_told(bench: Bench) -> None:
    """Bytes that are not in the declared encoding are refused with their place, never replaced."""
    bench.csv(_TEXT.encode("latin-1"), csv=CsvOptions(encoding="ascii"))
    bench.simple("n", "sum", "x")
    assert bench.code("n") == "D10"
    assert "byte 0xe4 in line 2" in bench.message("n")


@pytest.mark.parametrize(
    ("cell", "options", "expected"),
    [
        ('"1,234.56"', CsvOptions(thousands=","), 1234.56),
        ("1\u2019234.5", CsvOptions(thousands="\u2019"), 1234.5),
        ("-12 345", CsvOptions(thousands=" "), -12345),
        ("1_000_000", CsvOptions(thousands="_"), 1_000_000),
        ('"1.234,5"', CsvOptions(decimal_comma=True), 1234.5),
        ('"1.234,5"', CsvOptions(decimal_comma=True, thousands="."), 1234.5),
        ("1.2E+03", CsvOptions(thousands=","), 1200.0),
    ],
)
def test_marks_between_digits(bench: Bench, cell: str, options: CsvOptions, expected: float) -> None:
    """A declared mark between groups of digits is read as such."""
    bench.csv(f"day,x\n2024-01-01,{cell}\n", csv=options)
    bench.simple("n", "sum", "x")
    assert bench.value("n") == expected


def test_misplaced_marks_are_no_numbers(bench: Bench) -> None:
    """1,5 with a thousands comma is neither 15 nor 1.5: the column says so with its line."""
    bench.csv('day,x\n2024-01-01,"1,5"\n2024-01-02,2\n', csv=CsvOptions(thousands=","))
    bench.simple("n", "sum", "x")
    assert bench.code("n") == "D14"
    assert "line 2" in bench.message("n")


def test_lines_above_the_header_and_comments(bench: Bench) -> None:
    """Titles and comments are passed over, and errors below them still name the line in the file."""
    text = "Report\nmade by hand\n# note\nday,x\n# more\n2024-01-01,1\n2024-01-02,y2\n"
    bench.csv(text, csv=CsvOptions(skip_rows=2, comment="#"))
    bench.simple("n", "count")
    bench.simple("s", "sum", "x")
    assert bench.value("n") == 2
    assert "line 7" in bench.message("s")


def test_declared_compression(bench: Bench) -> None:
    """A packed file under a plain name is read when the packing is declared, and refused when it is another."""
    bench.csv(gzip.compress(_TEXT.encode()), compression=Compression.GZIP)
    bench.simple("n", "sum", "x")
    assert bench.value("n") == 3.5
    bench.csv(gzip.compress(_TEXT.encode()), compression=Compression.ZSTD)
    assert bench.code("n") == "D05"
    bench.csv(gzip.compress(_TEXT.encode()))
    assert bench.code("n") == "D05"


_RAW = b"\x28\xb5\x2f\xfd\x20" + bytes([len(_TEXT.encode())]) + (len(_TEXT.encode()) << 3 | 1).to_bytes(3, "little")


def test_zstd(bench: Bench) -> None:
    """A .csv.zst file is read; cut off or overwritten it is refused as damaged."""
    whole = _RAW + _TEXT.encode()
    bench.simple("n", "sum", "x")
    bench.csv(whole, suffix=".csv.zst")
    assert bench.value("n") == 3.5
    bench.csv(whole + b"\x50\x2a\x4d\x18\x02\x00\x00\x00hi", suffix=".csv.zst")  # a skippable frame
    assert bench.value("n") == 3.5
    bench.csv(whole[:-5], suffix=".csv.zst")
    assert bench.code("n") == "D06"
    bench.csv(whole + b"rest", suffix=".csv.zst")
    assert bench.code("n") == "D06"
    bench.csv(_TEXT, suffix=".csv.zst")
    assert bench.code("n") == "D05"


@pytest.mark.skipif(shutil.which("zstd") is None, reason="the zstd program is not installed")
def test_zstd_of_the_usual_program(bench: Bench) -> None:
    """What the zstd program packs is read, with and without the size in its head."""
    for pipe in (True, False):
        (bench.folder / "plain").write_text(_TEXT)
        command = ["zstd", "-19", "-q", "-f"]  # found on the path: a test tool
        if pipe:
            done = subprocess.run(command, input=_TEXT.encode(), capture_output=True, check=True)
            bench.csv(done.stdout, suffix=".csv.zst")
        else:
            command += [str(bench.folder / "plain"), "-o", str(bench.folder / "rows.csv.zst")]
            subprocess.run(command, check=True)
            bench.source("rows", "rows.csv.zst")
        bench.simple("n", "sum", "x")
        assert bench.value("n") == 3.5


def test_zstd_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that repeats one byte is counted before anything is unpacked."""
    monkeypatch.setattr(packed, "UNPACKED_BYTES", 10_000)
    bomb = b"\x28\xb5\x2f\xfd\x00\x58" + (100_000 << 3 | 0b011).to_bytes(3, "little") + b"0"
    with pytest.raises(DataError) as refused:
        packed.unpack_zstd("bomb", bomb)
    assert refused.value.code == "D07"


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        (ColumnKind.NUMBER, "1x", "D14"),
        (ColumnKind.BOOLEAN, "yes", "D30"),
        (ColumnKind.DATE, "02/01/2024", "D30"),
        (ColumnKind.TIMESTAMP, "2024-01-01", "D30"),
    ],
)
def test_declared_columns_are_held_to_it(bench: Bench, kind: ColumnKind, cell: str, code: str) -> None:
    """A column that does not hold what is declared fails its metrics and is a problem at its declaration."""
    good = {"number": "1", "boolean": "true", "date": "2024-01-01", "timestamp": "2024-01-01 12:00"}[kind.value]
    bench.csv(f"day,x\n2024-01-01,{good}\n2024-01-02,{cell}\n", columns=(("x", kind),))
    bench.simple("n", "count", "x")
    assert bench.code("n") == code
    assert "line 3" in bench.message("n")
    assert ("sources.rows.columns.x", code) in {(found.key, found.code) for found in bench.engine().problems()}
    bench.csv(f"day,x\n2024-01-01,{good}\n2024-01-02,{good}\n", columns=(("x", kind),))
    assert bench.value("n") == 2


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_folders_named_after_values(bench: Bench, suffix: str) -> None:
    """Files in folders such as `region=north` have a column `region`, beside their own."""
    for place, (folder, number) in enumerate([("region=north", 1), ("region=south%20west", 2)]):
        (bench.folder / "data" / folder / f"year={2023 + place}").mkdir(parents=True)
        path = bench.folder / "data" / folder / f"year={2023 + place}" / f"rows{suffix}"
        rows = pl.DataFrame({"day": [date(2024, 1, number)], "x": [number]})
        rows.write_csv(path) if suffix == ".csv" else rows.write_parquet(path)
    bench.source("rows", f"data/**/*{suffix}")
    bench.simple("n", "sum", "x", filter="year >= 2023")
    table = bench.table("n", grain=Grain.YEAR, group_by=("region",))
    assert table.columns[1:] == (("north", "south west"), (1.0, 2.0))


@pytest.mark.parametrize("mark", ["_delta_log/0.json", "metadata/version-hint.text"])
def test_tables_with_a_log_are_refused(bench: Bench, mark: str) -> None:
    """The files of a Delta or Iceberg table are not added up: some may hold rows that were deleted."""
    (bench.folder / "lake" / mark).parent.mkdir(parents=True)
    (bench.folder / "lake" / mark).write_text("1")
    (bench.folder / "lake" / "data").mkdir()
    pl.DataFrame({"day": [date(2024, 1, 1)]}).write_parquet(bench.folder / "lake" / "data" / "a.parquet")
    bench.simple("n", "count")
    for path in ("lake/data/*.parquet", "lake/data/a.parquet"):
        bench.source("rows", path)
        assert bench.code("n") == "D05"
        assert "table" in bench.message("n")


def test_declared_text_stays_text(bench: Bench) -> None:
    """Digits declared as text are names: they can be compared with text."""
    bench.csv("day,zip\n2024-01-01,10115\n", columns=(("zip", ColumnKind.TEXT),))
    bench.simple("n", "count", filter="zip = '10115'")
    assert bench.value("n") == 1


def test_declared_columns_of_parquet(bench: Bench) -> None:
    """A Parquet column of another type than declared is told; one that is not there is a problem."""
    bench.parquet({"day": ["2024-01-01"], "x": ["a"]})
    bench.source("rows", "rows.parquet", columns=(("x", ColumnKind.NUMBER), ("y", ColumnKind.TEXT)))
    bench.simple("n", "count", "x")
    assert bench.code("n") == "D30"
    assert [found.code for found in bench.engine().problems() if found.key == "sources.rows.columns.y"] == ["D12"]


@pytest.mark.parametrize(
    ("name", "made", "options"),
    [
        ("rows.gz", gzip.compress, {"compression": Compression.GZIP}),
        ("export.dat", bytes, {"csv": CsvOptions(null_words=("-",))}),
        ("rows.tsv", lambda data: data.replace(b",", b"\t"), {"csv": CsvOptions(delimiter="\t")}),
    ],
)
def test_declared_files_may_have_any_name(bench: Bench, name: str, made: Any, options: dict[str, Any]) -> None:
    """What a source says about how its CSV files are written or packed makes files of any name CSV, in globs too."""
    (bench.folder / name).write_bytes(made(b"day,x\n2024-01-01,1\n2024-01-02,2\n"))
    bench.simple("n", "sum", "x")
    (bench.folder / f"old.{name.rpartition('.')[2]}").mkdir()
    for path in (name, f"*.{name.rpartition('.')[2]}"):
        bench.source("rows", path, **options)
        assert bench.values("n") == [1.0, 2.0]
    bench.source("rows", name)
    assert bench.code("n") == "D05"
    assert "is declared, by csv = {...} or compression" in bench.message("n")


@pytest.mark.parametrize("offset", ["Z", "+00", "+02", "-0530", "+02:00"])
def test_offsets_as_databases_write_them(bench: Bench, offset: str) -> None:
    """A stamp's offset may be hours alone, as Postgres and DuckDB export it."""
    bench.csv(f"day,x\n2024-01-01 12:00:00{offset},1\n2024-01-02 12:00:00.25{offset},2\n")
    bench.simple("n", "sum", "x")
    assert bench.values("n") == [1.0, 2.0]
