"""Data files of every bad shape: a right number, or a clear word; never a wrong number or a traceback."""

from __future__ import annotations

import gzip
import os
import random
import socket
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui.engine import files, listing, packed
from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.errors import DataError
from kputui.model.ids import MetricId, SourceId
from kputui.model.workspace import CsvOptions, Source, Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.conftest import Bench

HEADER = "day,x,note\n"
GOOD = HEADER + "2024-01-01,1,a\n2024-01-02,2.5,b\n2024-01-03,3,\n"


def _measured(bench: Bench) -> Bench:
    bench.simple("total", "sum", "x")
    bench.simple("rows", "count")
    return bench


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        "\ufeff\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", "\r\n", 2),
        GOOD.removesuffix("\n"),
        GOOD.replace("\n", "\n\n"),
        GOOD.replace("\n", "\n  \n") + "\n\n",
        GOOD.replace(",a", ',"a, ""b""\n\nc"'),
        GOOD.replace(",1,", ",1e0,"),
        GOOD.replace("2024", '"2024').replace(",1", '",1').replace(",2", '",2').replace(",3", '",3'),
        "\n" + GOOD,
        GOOD.replace("day,", "day,,").replace("-01,", "-01,,").replace("-02,", "-02,,").replace("-03,", "-03,,"),
        GOOD.replace("note", "[bold]note[/]\x1b[31m").replace(",a", ",\x1b]0;x\x07"),
    ],
    ids=lambda text: repr(text)[:30],
)
def test_any_spelling_of_the_same_rows(bench: Bench, text: str) -> None:
    """BOMs, line ends, blank lines, quotes and odd names change nothing."""
    bench.csv(text)
    _measured(bench)
    assert bench.value("total") == 6.5
    assert bench.value("rows") == 3


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "D09", "empty"),
        ("\ufeff", "D09", "empty"),
        ("\n\n\n", "D09", "empty"),
        (HEADER, "D09", "no rows"),
        (GOOD + "2024-01-04,4\n", "D11", "line 5: 2 fields, the header has 3"),
        (GOOD + "2024-01-04,4,d,e\n2024-01-05\n", "D11", "line 5: 4 fields, the header has 3, and 1 more"),
        (GOOD.replace(",a", ',"a\nb"') + "2024-01-04,4\n", "D11", "line 6: 2 fields"),
        (GOOD.replace(",a", ',"a'), "D11", "line 2: a quoted field does not close"),
        (GOOD.replace(",a", ',"a" b'), "D11", "line 2"),
        (GOOD.replace(",a", ',a "b" c'), "D11", "line 2: a quote inside a field"),
        (GOOD.replace("b\n", "\0\n"), "D10", "line 3 has a NUL byte"),
        (GOOD.encode("utf-16"), "D10", "UTF-16"),
        (GOOD.encode("utf-16-be"), "D10", "UTF-16"),
        (GOOD.replace(",b", ",é").encode("latin-1"), "D10", "line 3 is not UTF-8 text (byte 0xe9"),
        (GOOD.replace(",", ";"), "D12", "column `day` not found; found `day;x;note`"),
        (GOOD.removeprefix(HEADER), "D12", "found `2024-01-01`, `1`, `a`"),
        ("Report 2024\n\n" + GOOD, "D12", "column `day` not found; found `Report 2024`"),
        (gzip.compress(GOOD.encode(), mtime=0), "D05", "compressed (gzip)"),
        ("<!DOCTYPE html><html></html>", "D05", "web page"),
        ('[{"day": 1}]', "D05", "JSON"),
        ('{"day": [1]}', "D05", "JSON"),
        (b"PK\x03\x04" + b"x" * 50, "D05", "Excel"),
        (b"PAR1" + b"x" * 50, "D05", "Parquet"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_broken_csv_is_refused_in_words(bench: Bench, text: str | bytes, code: str, words: str) -> None:
    """A file that is not a clean table is refused with its line or its true kind."""
    bench.csv(text)
    _measured(bench)
    assert bench.code("rows") == code
    assert words in bench.message("rows")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("n/a", "1 of 3 cells are not numbers, the first in line 3: `n/a`"),
        ("#REF!", "`#REF!`"),
        ('"2,5"', "decimal_comma = true"),
        ('"1,234.5"', 'thousands = ","'),
        ('"1,234"', "if the comma stands between thousands"),
        ('"1.234,5"', "decimal_comma = true"),
        ("1 234.5", 'thousands = " "'),
        (" 2.5 ", "without the spaces"),
        ("EUR 2.5", "plain numbers"),
        ("(2.5)", "`(2.5)`"),
        ("inf", "`inf`"),
        ("NaN", "`NaN`"),
        ("1e999", "`1e999`"),
        ("99999999999999999999", "larger than 64 bits"),
    ],
)
def test_cell_that_is_no_number_is_told(bench: Bench, cell: str, words: str) -> None:
    """One cell that is not a number stops the sum and is named with its line; counting rows goes on."""
    bench.csv(GOOD.replace("2.5", cell))
    _measured(bench)
    assert bench.code("total") == "D14"
    assert words in bench.message("total")
    assert bench.value("rows") == 3


def test_declared_null_words_are_missing(bench: Bench) -> None:
    """Words that the source declares as missing are no value, and the rest is summed."""
    bench.csv(GOOD.replace("2.5", "n/a"), csv=CsvOptions(null_words=("", "n/a")))
    _measured(bench)
    assert bench.value("total") == 4.0


@pytest.mark.parametrize("number", ["1.234,5", "1 234,5", "1\u202f234,5", "1'234,5", "1234,5"])
def test_decimal_comma(bench: Bench, number: str) -> None:
    """German, French and Swiss notation is read when it is declared."""
    bench.csv(f"day;x\n2024-01-01;{number}\n2024-01-02;1\n", csv=CsvOptions(";", decimal_comma=True))
    _measured(bench)
    assert bench.value("total") == 1235.5


def test_names_written_in_digits_stay_text(bench: Bench) -> None:
    """Codes with leading zeros are names: 007 is not 7."""
    bench.csv("day,code\n2024-01-01,007\n2024-01-02,7\n")
    bench.simple("n", "count_distinct", "code", filter="code = '007'")
    assert bench.value("n") == 1


def test_doubled_column_is_refused_where_it_is_used(bench: Bench) -> None:
    """A name that stands twice in the header can't be summed; other columns can."""
    bench.csv("day,x,x,y\n2024-01-01,1,2,3\n")
    _measured(bench)
    bench.simple("y", "sum", "y")
    assert bench.code("total") == "D13"
    assert bench.value("y") == 3.0


@pytest.mark.parametrize(
    ("written", "time_format"),
    [
        ("07.01.2013", "%d.%m.%Y"),
        ("7/1/2013", "%d/%m/%Y"),
        ("1/7/2013", "%m/%d/%Y"),
        ("07/01/13", "%d/%m/%y"),
        ("20130107", "%Y%m%d"),
        ("07-Jan-2013", "%d-%b-%Y"),
        ("2013-W02", "%G-W%V"),
        ("2013-01-07 23:59", "%Y-%m-%d %H:%M"),
        ("2013-01-07T23:59:59.5", ""),
        ("2013-01-07 23:59", ""),
        ("2013-01-07T23:59:59Z", ""),
        ("2013-01-08T01:30:00+02:00", ""),
        ("2013-01-07", ""),
    ],
)
def test_time_formats(bench: Bench, written: str, time_format: str) -> None:
    """ISO is read as it is; any other notation by its declared format."""
    bench.csv(f"day,x\n{written},1\n", time_format=time_format)
    _measured(bench)
    assert bench.series("total").starts == (date(2013, 1, 7),)


@pytest.mark.parametrize("written", ["01/02/2013", "1.2.2013", "41274", "1356912000000", "31. Dez. 2012", "2013-1-7"])
def test_undeclared_dates_are_not_guessed(bench: Bench, written: str) -> None:
    """Without a format nothing but ISO is a date: month and day are never guessed."""
    bench.csv(f"day,x\n{written},1\n")
    _measured(bench)
    assert bench.code("total") == "D15"
    assert written in bench.message("total")
    assert "time_format" in bench.message("total")


def test_some_bad_dates_are_counted(bench: Bench) -> None:
    """Rows with impossible dates or a total are left out of the sum, counted, and the first is shown."""
    bench.csv(GOOD + "2024-02-30,100,\nTotal,6.5,\n,50,\n")
    _measured(bench)
    reading = bench.reading("total")
    assert bench.value("total") == 6.5
    assert reading.provenance is not None
    assert reading.provenance.dropped == (("no time", 3),)
    assert reading.notes == (
        "left out: 2 rows without a readable `day` (line 5: `2024-02-30`)",
        "left out: 1 row with an empty `day`",
    )


def test_midnights_of_another_zone_are_told(bench: Bench) -> None:
    """Dates exported as midnights with an offset are another day elsewhere, and that is said."""
    bench.csv("day,x\n2024-01-01T00:00:00+02:00,1\n")
    _measured(bench)
    assert "midnights of another zone" in bench.reading("total").notes[0]


def test_bad_time_format_is_said(bench: Bench) -> None:
    """A format that can't be one is that source's problem."""
    bench.csv("day,x\n2024-01-01,1\n", time_format="%Q")
    _measured(bench)
    assert bench.code("total") == "D15"


def test_packed_csv(bench: Bench) -> None:
    """A .csv.gz is unpacked, also one of several members; cut or damaged ones are refused."""
    packed = gzip.compress(GOOD[:30].encode()) + gzip.compress(GOOD[30:].encode())
    bench.csv(packed, suffix=".csv.gz")
    _measured(bench)
    assert bench.value("total") == 6.5
    bench.csv(packed[:-20], suffix=".csv.gz")
    assert bench.code("total") == "D06"
    bench.csv(packed[:15] + b"\xff\xff\xff" + packed[18:], suffix=".csv.gz")
    assert bench.code("total") == "D06"
    bench.csv(GOOD, suffix=".csv.gz")
    assert bench.code("total") == "D05"


def test_packed_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks without end is stopped at the limit."""
    monkeypatch.setattr(packed, "UNPACKED_BYTES", 10_000)
    with pytest.raises(DataError) as refused:
        packed.unpack_gzip("bomb", gzip.compress(b"0" * 1_000_000))
    assert refused.value.code == "D07"


def test_parquet_damaged_in_every_way(bench: Bench) -> None:
    """Truncated, overwritten, empty or mislabelled Parquet is refused; it never crashes or hangs."""
    _measured(bench)
    bench.parquet({"day": [date(2024, 1, 1)] * 500, "x": list(range(500))})
    path = bench.folder / "rows.parquet"
    whole = path.read_bytes()
    for data, codes in (
        (b"", {"D09"}),
        (whole[:-3], {"D06"}),
        (whole[:50], {"D06"}),
        (GOOD.encode(), {"D05"}),
        (whole[:4] + bytes(len(whole) - 8) + whole[-4:], {"D06", "D22"}),
    ):
        path.write_bytes(data)
        assert bench.code("total") in codes


@pytest.mark.parametrize(
    ("first", "last", "part"),
    [(4, 300, "its columns"), (-60, -8, "its footer"), (-8, -4, "its footer")],
)
def test_damaged_parquet_is_told_in_plain_words(bench: Bench, first: int, last: int, part: str) -> None:
    """The message names the part that can't be read; the words of the library stand only in the hint."""
    _measured(bench)
    bench.parquet({"day": [date(2024, 1, 1)] * 500, "x": list(range(500))})
    path = bench.folder / "rows.parquet"
    data = bytearray(path.read_bytes())
    data[first:last] = b"\xff" * (last - first)
    path.write_bytes(data)
    failure = bench.reading("total").failure
    assert failure is not None
    assert (failure.code, failure.message) == ("D06", f"`rows.parquet` is damaged: {part} can't be read")
    assert failure.hint.startswith("write the file again, or copy it again (the reader says: ")


def test_random_damage_is_an_answer(bench: Bench) -> None:
    """Bytes changed at random places give a value or a failure, never an exception."""
    _measured(bench)
    bench.parquet({"day": [date(2024, 1, 1)] * 200, "x": list(range(200))})
    path = bench.folder / "rows.parquet"
    whole = path.read_bytes()
    dice = random.Random(7)  # noqa: S311 (test data)
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(3):
            data[dice.randrange(4, len(data) - 4)] = dice.randrange(256)
        path.write_bytes(data)
        assert bench.reading("total") is not None


def test_parquet_without_rows(bench: Bench) -> None:
    """A schema without rows is "no rows", not zero."""
    bench.parquet({"day": pl.Series([], dtype=pl.Date), "x": pl.Series([], dtype=pl.Int64)})
    _measured(bench)
    assert bench.code("rows") == "D09"


def test_more_rows_than_may_be_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The footer's row count is looked at before any row is read."""
    monkeypatch.setattr("kputui.engine.parquet_file.MAX_ROWS", 10)
    bench.parquet({"day": [date(2024, 1, 1)] * 11, "x": list(range(11))})
    _measured(bench)
    assert bench.code("rows") == "D07"


def test_files_of_a_glob_are_one_source(bench: Bench) -> None:
    """A pattern takes all its files; whole numbers here and floats there are floats."""
    for name, cells in (("a", [1, 2]), ("b", [0.5, 1.5])):
        pl.DataFrame({"day": [date(2024, 1, 1)] * 2, "x": cells}).write_parquet(bench.folder / f"part_{name}.parquet")
    bench.source("rows", "part_*.parquet")
    _measured(bench)
    assert bench.value("total") == 5.0


def test_csv_files_of_a_glob_are_typed_together(bench: Bench) -> None:
    """A bad cell in the second file is found and named with its file."""
    (bench.folder / "a.csv").write_text("day,x\n2024-01-01,1\n")
    (bench.folder / "b.csv").write_text("x,day\n2.5,2024-01-02\n")
    bench.source("rows", "*.csv")
    _measured(bench)
    assert bench.value("total") == 3.5
    (bench.folder / "b.csv").write_text("x,day\nbad,2024-01-02\n")
    assert "`b.csv` line 2: `bad`" in bench.message("total")


def test_a_column_missing_in_one_file_is_reported(bench: Bench) -> None:
    """A column that not all files have is never silently null."""
    pl.DataFrame({"day": [date(2024, 1, 1)], "x": [1]}).write_parquet(bench.folder / "a.parquet")
    pl.DataFrame({"day": [date(2024, 1, 1)]}).write_parquet(bench.folder / "b.parquet")
    bench.source("rows", "*.parquet")
    _measured(bench)
    assert bench.code("total") == "D17"
    assert "`b.parquet` has no column `x`" in bench.message("total")
    assert bench.value("rows") == 2


def test_types_that_do_not_meet_are_reported(bench: Bench) -> None:
    """A column that is a number here and text there is a problem, not a guess."""
    pl.DataFrame({"day": [date(2024, 1, 1)], "x": [1]}).write_parquet(bench.folder / "a.parquet")
    pl.DataFrame({"day": [date(2024, 1, 1)], "x": ["1"]}).write_parquet(bench.folder / "b.parquet")
    bench.source("rows", "*.parquet")
    _measured(bench)
    assert bench.code("total") == "D17"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../outside.csv", "D01"),
        ("/etc/passwd", "D01"),
        ("sub/../../outside.csv", "D01"),
        ("../*.csv", "D01"),
        ("https://example.org/a.csv", "D01"),
        ("s3://bucket/a.parquet", "D01"),
        ("file:///etc/passwd", "D01"),
        ("~/a.csv", "D01"),
        ("$HOME/a.csv", "D01"),
        ("a\0.csv", "D01"),
        ("", "D01"),
        ("x" * 5000 + ".csv", "D01"),
        ("link.csv", "D01"),
        ("missing.csv", "D02"),
        ("*.parquet", "D02"),
        ("dangling.csv", "D02"),
        ("folder.csv", "D03"),
        ("pipe.csv", "D03"),
        ("socket.csv", "D03"),
        ("loop.csv", "D03"),
        ("notes.txt", "D05"),
    ],
)
def test_paths_that_are_not_followed(bench: Bench, tmp_path: Path, path: str, code: str) -> None:
    """Nothing outside the workspace, no URL, pipe, socket or folder is opened, and it is said at once."""
    folder = tmp_path / "w"
    folder.mkdir()
    bench.folder = folder
    (tmp_path / "outside.csv").write_text(GOOD)
    (folder / "link.csv").symlink_to(tmp_path / "outside.csv")
    (folder / "dangling.csv").symlink_to(folder / "nothing.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "folder.csv").mkdir()
    (folder / "notes.txt").write_text("x")
    os.mkfifo(folder / "pipe.csv")
    bound = socket.socket(socket.AF_UNIX)
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)  # a socket's path is short
        bound.bind("socket.csv")
    finally:
        os.chdir(here)
        os.close(here)
        bound.close()
    bench.source("rows", path)
    _measured(bench)
    assert bench.code("rows") == code


def test_missing_file_names_its_neighbour(bench: Bench) -> None:
    """A misspelt file name is answered with the file that is there."""
    bench.csv(GOOD, name="orders")
    bench.source("rows", "order.csv")
    _measured(bench)
    assert "nearest: orders.csv" in bench.message("rows")


def test_a_root_that_the_user_allows(bench: Bench, tmp_path: Path) -> None:
    """A folder allowed on the command line may be read by its absolute path."""
    folder = tmp_path / "w"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text(GOOD)
    bench.folder = folder
    bench.source("rows", str(tmp_path / "data" / "a.csv"))
    _measured(bench)
    assert bench.code("total") == "D01"
    workspace = Workspace(str(folder), bench.project, bench.sources, metrics=bench.metrics)
    engine = Engine(workspace, allowed_roots=(tmp_path / "data",))
    assert engine.table(Request((MetricId("total"),))).columns[1] == (1.0, 2.5, 3.0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(bench: Bench) -> None:
    """A file without read permission is "permission denied"."""
    bench.csv(GOOD)
    (bench.folder / "rows.csv").chmod(0)
    _measured(bench)
    assert bench.code("total") == "D04"


@pytest.mark.parametrize("name", ["with space ünï [x]", "[ab]", "star*", "\x1b[31mred"])
def test_file_names_are_literal_first(bench: Bench, name: str) -> None:
    """A file of exactly that name is opened, whatever signs it has."""
    bench.csv(GOOD, name=name)
    bench.sources[SourceId("rows")] = Source(SourceId("rows"), f"{name}.csv", "day")
    _measured(bench)
    assert bench.value("total") == 6.5


def test_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that never settles is "being rewritten"; one that settles is read."""
    path = tmp_path / "a.csv"
    path.write_text(GOOD)
    real = os.fstat
    calls: list[int] = []

    def growing(handle: int) -> os.stat_result:
        calls.append(handle)
        if len(calls) <= limit:
            path.write_text(GOOD + "x" * len(calls))
        return real(handle)

    monkeypatch.setattr(os, "fstat", growing)
    limit = 100
    with pytest.raises(DataError) as refused:
        files.read_stable(path)
    assert refused.value.code == "D08"
    calls.clear()
    limit = 2
    assert files.read_stable(path).startswith(GOOD.encode())


def test_fingerprints_see_changes_and_never_raise(bench: Bench) -> None:
    """A fingerprint changes with the file, and a source that is gone has one too."""
    bench.csv(GOOD)
    bench.source("gone", "gone.csv")
    workspace = Workspace(str(bench.folder), bench.project, bench.sources)
    first = listing.fingerprints(workspace)
    assert first == listing.fingerprints(workspace)
    assert first[SourceId("gone")].fault == "D02"
    bench.csv(GOOD + "2024-01-04,4,\n")
    second = listing.fingerprints(workspace)
    assert second[SourceId("rows")] != first[SourceId("rows")]
    (bench.folder / "rows.csv").unlink()
    assert listing.fingerprints(workspace)[SourceId("rows")].fault == "D02"


def test_wide_and_big_cells(bench: Bench) -> None:
    """Five thousand columns, or one cell of a megabyte, are nothing special."""
    wide = ",".join(f"c{i}" for i in range(5000))
    bench.csv(f"day,x,{wide}\n2024-01-01,6.5,{',' * 4999}\n")
    _measured(bench)
    assert bench.value("total") == 6.5
    bench.csv(f'day,x,note\n2024-01-01,6.5,"{"z" * 1_000_000}"\n')
    assert bench.value("total") == 6.5


def test_categories_and_nested_columns(bench: Bench) -> None:
    """Categories group and compare as text; a nested column is refused only where it is used."""
    bench.parquet(
        {
            "day": [date(2024, 1, 1)] * 2,
            "kind": pl.Series(["a", "b"], dtype=pl.Categorical),
            "parts": [[1, 2], [3]],
        }
    )
    bench.simple("n", "count", filter="kind = 'a'")
    bench.simple("parts", "count", "parts")
    assert bench.values("n") == [1]
    assert len(bench.readings("n", group_by=("kind",))) == 2
    assert bench.code("parts") == "D16"
