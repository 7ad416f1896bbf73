"""CSV files are converted once; what is kept of them is never trusted blindly."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import stat
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from kputui.engine import conversions, csv_bytes, csv_conversion, csv_piece, csv_section, files, preload
from kputui.engine.compute import Engine
from kputui.engine.csv_section import Cabinet
from kputui.engine.request import Request
from kputui.model.ids import MetricId
from kputui.model.metric import Grain
from kputui.model.workspace import ColumnKind, CsvOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.engine.conftest import Bench

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ROWS = "".join(f"2024-0{1 + n % 3}-{1 + n % 28:02} 10:00:00,{n},{'abc'[n % 3]}\n" for n in range(60))


@pytest.fixture(autouse=True)
def _all_kept() -> Iterator[None]:
    """Small files are kept too, in pieces of a few lines."""
    with patch.object(conversions, "_SMALL_BYTES", 0), patch.object(csv_bytes, "PIECE_BYTES", 400):
        yield


class Look:
    """An engine with a cache over a bench, and how many bytes it parsed."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.cache = bench.folder / "cache"
        self.engine = self.start()

    def start(self) -> Engine:
        """A program started anew."""
        self.engine = Engine(self.bench.workspace(), now=lambda: NOW, cache=self.cache)
        return self.engine

    def batches(self) -> list[list[float | None]]:
        """The values of the metric `total` by month, batch after batch."""
        found = []
        for batch in self.engine.readings(Request((MetricId("total"),))):
            for reading in batch:
                assert reading.failure is None, reading.failure
                assert reading.series is not None
                found.append(list(reading.series.values))
        return found

    def parsed(self) -> tuple[list[float | None], int]:
        """The values, and how many bytes of CSV were parsed for them."""
        count = 0
        inner = csv_piece.parsed

        def counting(layout: object, text: bytes, *rest: object) -> object:
            nonlocal count
            count += len(text)
            return inner(layout, text, *rest)  # type: ignore[arg-type]

        with patch.object(csv_conversion, "parsed", counting):
            return self.batches()[-1], count


@pytest.fixture
def look(bench: Bench) -> Look:
    """A settled CSV file with a metric over it."""
    bench.csv("at,n,team\n" + ROWS, time="at")
    bench.simple("total", "sum", "n", grain=Grain.MONTH)
    settle(bench.folder / "rows.csv", 1)
    return Look(bench)


def settle(path: Path, second: int) -> None:
    """Date a file back."""
    os.utime(path, (NOW.timestamp() + second, NOW.timestamp() + second))


def append(look: Look, text: str, second: int) -> None:
    """Rows arrive."""
    with (look.bench.folder / "rows.csv").open("a", encoding="utf-8") as opened:
        opened.write(text)
    settle(look.bench.folder / "rows.csv", second)


def test_unchanged_file_is_not_parsed_again(look: Look) -> None:
    """A file that did not change is not parsed again, not by a new process either."""
    first, count = look.parsed()
    assert count >= len(ROWS)
    assert look.parsed() == (first, 0)
    look.start()
    assert look.parsed() == (first, 0)


def test_only_the_tail_is_parsed(look: Look) -> None:
    """Of a file that has grown only what was added is parsed."""
    look.batches()
    more = "2024-03-30 10:00:00,1000,a\n"
    append(look, more, 2)
    values, count = look.parsed()
    assert count == len(more)
    assert values[-1] == sum(range(2, 60, 3)) + 1000


def test_last_line_without_its_end_counts(look: Look) -> None:
    """A last line that is not finished counts as it stands, and is read again when it is."""
    look.batches()
    append(look, "2024-03-30 10:00:00,1000,a", 2)
    assert look.batches()[-1][-1] == sum(range(2, 60, 3)) + 1000
    append(look, "bc\n2024-03-30 10:00:00,5,a\n", 3)
    assert look.batches()[-1][-1] == sum(range(2, 60, 3)) + 1005


def test_corrected_cell_is_no_append(look: Look) -> None:
    """A file in which a cell in the middle was corrected and rows added is read anew before the last word is spoken."""
    look.batches()
    path = look.bench.folder / "rows.csv"
    data = path.read_bytes().replace(b",31,", b",71,") + b"2024-03-30 10:00:00,1000,a\n"
    with path.open("r+b") as opened:
        opened.write(data)
    settle(path, 2)
    with patch.object(csv_conversion, "_QUICK_BYTES", 40):
        found = look.batches()
    assert found[-1] == [sum(range(0, 60, 3)), sum(range(1, 60, 3)) + 40, sum(range(2, 60, 3)) + 1000]


def test_same_length_edit_is_seen(look: Look) -> None:
    """An edit that keeps the file's length is seen."""
    before = look.batches()[-1]
    path = look.bench.folder / "rows.csv"
    data = path.read_bytes().replace(b",30,", b",70,")
    with path.open("r+b") as opened:
        opened.write(data)
    settle(path, 2)
    assert look.batches()[-1] == [before[0] + 40, *before[1:]]  # type: ignore[operator]


def test_replaced_by_a_longer_one_costs_the_tail(look: Look) -> None:
    """A producer that writes the whole file beside and renames it costs what it added."""
    look.batches()
    path = look.bench.folder / "rows.csv"
    fresh = path.with_suffix(".new")
    more = b"2024-03-30 10:00:00,1000,a\n"
    fresh.write_bytes(path.read_bytes() + more)
    fresh.replace(path)
    settle(path, 2)
    values, count = look.parsed()
    assert count == len(more)
    assert values[-1] == sum(range(2, 60, 3)) + 1000


def test_appended_word_makes_the_column_text(look: Look) -> None:
    """A word at the end of a number column says the same as if it had been there from the beginning."""
    look.batches()
    append(look, "2024-03-30 10:00:00,soon,a\n", 2)
    *_, (reading,) = look.engine.readings(Request((MetricId("total"),)))
    assert reading.failure is not None
    assert reading.failure.code == "D14"
    assert "line 62" in reading.failure.message


def test_half_a_line_names_its_line(look: Look) -> None:
    """A line that is still being written is refused with its number, without reading the file again."""
    look.batches()
    append(look, "2024-03-30 1", 2)
    *_, (reading,) = look.engine.readings(Request((MetricId("total"),)))
    assert reading.failure is not None
    assert (reading.failure.code, "line 62: 1 field" in reading.failure.message) == ("D11", True)
    append(look, "0:00:00,7,a\n", 3)
    assert look.parsed()[1] < 100


def test_many_small_tails_become_few_files(look: Look) -> None:
    """However often a file grows, few files are kept of it."""
    for number in range(40):
        append(look, f"2024-03-30 10:00:00,{number},a\n", 2 + number)
        look.batches()
    assert look.batches()[-1][-1] == sum(range(2, 60, 3)) + sum(range(40))
    assert len(list(look.cache.rglob("*.parquet"))) < 20


@pytest.mark.parametrize("harm", ["delete", "cut", "flip", "delete all"])
def test_harmed_cache_is_made_again(look: Look, harm: str) -> None:
    """What is kept may be deleted, cut or changed: the answer stays the same."""
    before = look.batches()[-1]
    for path in sorted((look.cache / "csv").rglob("*")):
        if path.is_dir():
            continue
        data = path.read_bytes()
        if harm.startswith("delete"):
            path.unlink()
        elif harm == "cut":
            path.write_bytes(data[: len(data) // 2])
        else:
            path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        if harm != "delete all":
            look.bench.simple("total", "sum", "n + 0", grain=Grain.MONTH)
            look.start()
            assert look.batches()[-1] == before
    look.bench.simple("total", "sum", "n + 1 - 1", grain=Grain.MONTH)
    look.start()
    assert look.batches()[-1] == before


def test_only_the_user_may_read_what_is_kept(look: Look) -> None:
    """Folders of the cache are 0700, files 0600."""
    look.batches()
    kept = list((look.cache / "csv").rglob("*"))
    assert any(path.suffix == ".parquet" for path in kept)
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_oldest_conversions_are_removed(look: Look) -> None:
    """Beyond a size that all conversions may have, those that were used longest ago are removed, but not the newest."""
    look.batches()
    (other,) = (path for path in (look.cache / "csv").iterdir())
    settle(other, 1)
    cabinet = Cabinet(look.cache / "csv" / "another", most_bytes=10)
    cabinet.keep({"header": []}, [])
    assert [path.name for path in (look.cache / "csv").iterdir()] == ["another"]


def test_unwritable_cache_costs_only_the_keeping(look: Look) -> None:
    """Where the cache can't be written the values are the same."""
    look.cache.write_text("a file, no folder")
    assert look.batches()[-1] == [sum(range(first, 60, 3)) for first in range(3)]


def test_packed_file_is_converted(look: Look) -> None:
    """A gzip file is converted too, and read anew when it changes."""
    path = look.bench.folder / "rows.csv.gz"
    path.write_bytes(gzip.compress(("at,n,team\n" + ROWS).encode()))
    settle(path, 1)
    look.bench.source("rows", "rows.csv.gz", "at")
    look.start()
    first, count = look.parsed()
    assert count >= len(ROWS)
    look.start()
    assert look.parsed() == (first, 0)
    path.write_bytes(gzip.compress(("at,n,team\n" + ROWS + "2024-03-30 10:00:00,1000,a\n").encode()))
    settle(path, 2)
    assert look.batches()[-1][-1] == sum(range(2, 60, 3)) + 1000


@pytest.fixture
def told_often() -> Iterator[None]:
    """How far a conversion is gets told after each piece."""
    with patch.object(preload, "_TOLD_BYTES", 1), patch.object(preload, "_TOLD_PARTS", 10**6):
        yield


@pytest.mark.usefixtures("told_often")
def test_how_far_a_conversion_is_gets_told(look: Look) -> None:
    """While a large file is converted the bytes done go up to the file's, without numbers; then numbers come."""
    append(look, ROWS * 3, 2)
    size = (look.bench.folder / "rows.csv").stat().st_size
    seen = []
    for batch in look.engine.readings(Request((MetricId("total"),))):
        progress = look.engine.progress
        assert bool(batch) == bool(progress.rows_all)
        if not batch:
            assert progress.bytes_all == size
            seen.append(progress.bytes_done)
    assert len(seen) >= 5
    assert seen == sorted(set(seen))
    assert size / 2 < seen[-1] <= size


@pytest.mark.usefixtures("told_often")
def test_conversion_goes_on_where_it_was_stopped(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Esc ends a conversion between two pieces; the next look converts only the rest, in a new process too."""
    monkeypatch.setattr(csv_conversion, "_SMALL_SECTIONS", (1,))
    append(look, ROWS * 3, 2)
    whole, all_bytes = look.parsed()
    for again in (look.start, lambda: look.engine):
        shutil.rmtree(look.cache)
        look.start()
        told = 0
        for batch in look.engine.readings(Request((MetricId("total"),)), lambda: told >= 2):  # noqa: B023 - it is to change
            assert not batch
            told += 1
        assert told == 2
        again()
        found, count = look.parsed()
        assert found == whole
        assert 0 < count <= all_bytes - 2 * 400


@pytest.mark.usefixtures("told_often")
def test_stops_get_ahead_though_the_file_grows(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows between two stops is converted further each time."""
    monkeypatch.setattr(csv_conversion, "_WORTH_BYTES", 1)
    monkeypatch.setattr(csv_conversion, "_SMALL_SECTIONS", (1,))
    append(look, ROWS * 6, 2)
    for turn in range(3, 6):
        look.start()
        told = 0
        for _ in look.engine.readings(Request((MetricId("total"),)), lambda: told >= 3):  # noqa: B023 - it is to change
            told += 1  # noqa: SIM113 - it is to change
        append(look, "2024-03-30 10:00:00,0,a\n", turn)
    look.start()
    found, count = look.parsed()
    assert found[-1] == 7 * sum(range(2, 60, 3))
    assert count <= len(ROWS) * 7 - 3 * 3 * 400


@pytest.mark.usefixtures("told_often")
def test_table_of_a_stopped_conversion_is_empty(look: Look) -> None:
    """A table that is stopped while a file is converted has no rows, and does not wait for the rest."""
    found = look.engine.table(Request((MetricId("total"),)), lambda: True)
    assert all(not column for column in found.columns)
    assert look.parsed()[1] > 400


def test_file_that_changed_after_its_conversion_is_looked_at_again(look: Look) -> None:
    """What was converted ahead of a computation that then failed is not taken for the file of a later one."""
    with patch.object(Engine, "_computed", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        look.batches()
    append(look, "2024-03-30 10:00:00,1000,a\n", 2)
    assert look.batches()[-1][-1] == sum(range(2, 60, 3)) + 1000


def _message(look: Look) -> tuple[str, str]:
    """The code and the words of the failure of the metric `total`."""
    *_, (reading,) = look.engine.readings(Request((MetricId("total"),)))
    assert reading.failure is not None
    return reading.failure.code, reading.failure.message


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (
            "2024-03-30 10:00:00,soon,a\n",
            "D14",
            "column `n`: 1 {} not {}, the first in line 62: `soon`",
        ),
        ("2024-03-30 10:00:00,7\n", "D11", "`rows.csv` line 62: 2 fields, the header has 3"),
        (
            "2024-03-30 10:00:00,7,\xe9\n",
            "D10",
            "`rows.csv` line 62 is not UTF-8 text (byte 0xe9, number 23 of the line",
        ),
    ],
)
@pytest.mark.parametrize("is_large", [False, True])
def test_fault_in_a_large_file_is_told_by_its_line(
    look: Look, monkeypatch: pytest.MonkeyPatch, line: str, code: str, words: str, *, is_large: bool
) -> None:
    """A file that is too large to be read whole is told what is wrong with which of its lines, as any other."""
    if is_large:
        monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    monkeypatch.setattr(csv_conversion, "_SMALL_SECTIONS", (1,))
    path = look.bench.folder / "rows.csv"
    with path.open("ab") as opened:
        opened.write((line + ROWS).encode("latin-1"))
    settle(path, 2)
    found = _message(look)
    assert found[0] == code
    assert all(part in found[1] for part in words.split("{}"))  # how many cells there are is told of small files


def test_declared_kind_and_times_of_a_large_file_are_told_by_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells that are not what their column is declared to hold, and times that are none, too."""
    monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    text = "at,n,team\n" + ROWS + "2024-03-30 10:00:00,soon,a\n" + ROWS
    bench.csv(text, time="at", columns=(("n", ColumnKind.NUMBER),))
    bench.simple("total", "sum", "n", grain=Grain.MONTH)
    look = Look(bench)
    code, words = _message(look)
    assert (code, "line 62" in words) == ("D14", True)
    bench.csv(text.replace("2024-", "day "), time="at")
    assert _message(Look(bench))[0] == "D15"


@pytest.mark.parametrize("is_large", [False, True])
def test_faults_all_over_a_large_file_are_counted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, is_large: bool
) -> None:
    """Words in the first part of a column and numbers later, and times of which most are none, in a glob of files."""
    if is_large:
        monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    words = re.sub(r":00,(\d+),", ":00,soon,", ROWS)
    (bench.folder / "a.csv").write_text("at,n,team\n" + ROWS)
    (bench.folder / "b.csv").write_text("at,n,team\n" + words + ROWS)
    bench.source("rows", "*.csv", "at")
    bench.simple("total", "sum", "n", grain=Grain.MONTH)
    code, told = _message(Look(bench))
    assert (code, "the first in `b.csv` line 2: `soon`" in told) == ("D14", True)
    assert ("60 cells are not" if is_large else "60 of 180 cells are not") in told
    (bench.folder / "b.csv").write_text("at,n,team\n" + ROWS.replace("2024-", "day ") * 3)
    code, told = _message(Look(bench))
    assert (code, told.endswith("in 180 of 240 rows: `day 01-01 10:00:00`")) == ("D15", True)


@pytest.mark.parametrize("is_large", [False, True])
def test_word_column_of_a_large_file_is_one(bench: Bench, monkeypatch: pytest.MonkeyPatch, *, is_large: bool) -> None:
    """A column of plain words is told to be text, not to be full of faults."""
    if is_large:
        monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    bench.csv("at,n,team\n" + ROWS, time="at")
    bench.simple("total", "sum", "team", grain=Grain.MONTH)
    assert _message(Look(bench))[0] == "D20"


@pytest.mark.parametrize("quoted", ['"open', 'a"b'])
def test_quote_out_of_place_in_a_large_file(look: Look, monkeypatch: pytest.MonkeyPatch, quoted: str) -> None:
    """A quote that does not close is told by the line on which it opens, or near it."""
    monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    monkeypatch.setattr(csv_bytes, "_MOST_PIECE_BYTES", 1000)
    append(look, f"2024-03-30 10:00:00,7,{quoted}\n" + ROWS, 2)
    code, told = _message(look)
    assert (code, "line 62" in told) == ("D11", True)


def _while_converting(look: Look, change: Callable[[], object]) -> list[list[float | None]]:
    """The values that come when a file is changed after its first piece is converted."""
    real, left = csv_conversion.Conversion._take, [1]

    def take(self: csv_conversion.Conversion, *rest: Any) -> bool:
        if left:
            left.clear()
            change()
        return real(self, *rest)

    with patch.object(csv_conversion.Conversion, "_take", take):
        return look.batches()


@pytest.mark.parametrize("young_ns", [0, files.YOUNG_NS])
def test_file_that_grows_while_it_is_converted_is_followed(
    look: Look, monkeypatch: pytest.MonkeyPatch, young_ns: int
) -> None:
    """A log that goes on growing during a long conversion is not taken for finished where the conversion ended."""
    monkeypatch.setattr(files, "YOUNG_NS", young_ns)
    found = _while_converting(look, lambda: append(look, "2024-03-30 10:00:00,1000,a\n", 2))
    now = sum(range(2, 60, 3)) + 1000
    assert found[-1][-1] == now
    assert look.batches()[-1][-1] == now


def test_file_that_is_cut_while_it_is_converted_is_read_again(look: Look) -> None:
    """A file that loses its end during the conversion gives what is left of it, and never an endless loop."""
    path = look.bench.folder / "rows.csv"

    def cut() -> None:
        with path.open("r+b") as opened:
            opened.truncate(len("at,n,team\n" + ROWS[: ROWS.index("\n") + 1]))
        settle(path, 2)

    assert _while_converting(look, cut)[-1] == [0.0]


@pytest.mark.usefixtures("told_often")
def test_stopped_conversion_leaves_a_better_one_alone(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that does not fit makes the whole file be tried again; stopping that loses nothing of what was kept."""
    monkeypatch.setattr(csv_conversion, "_SMALL_SECTIONS", (1,))
    append(look, ROWS * 3, 2)
    look.batches()
    append(look, "2024-03-30 10:00:00\n", 3)
    look.start()
    told = 0
    with patch.object(csv_conversion, "check_lines", lambda *_: None):
        for _ in look.engine.readings(Request((MetricId("total"),)), lambda: told >= 3):  # noqa: B023 - it is to change
            told += 1
    assert told
    path = look.bench.folder / "rows.csv"
    path.write_text(path.read_text().removesuffix("2024-03-30 10:00:00\n"))
    settle(path, 4)
    look.start()
    assert look.parsed()[1] < 400


def test_large_file_with_a_fault_is_not_converted_again(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands above a line that does not fit is kept: the next look fails at once."""
    monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    monkeypatch.setattr(csv_conversion, "_SMALL_SECTIONS", (1,))
    append(look, ROWS * 3 + "2024-03-30 10:00:00\n" + ROWS, 2)
    assert _message(look)[0] == "D11"
    look.start()
    with patch.object(csv_conversion, "parsed", side_effect=AssertionError) as again:
        again.side_effect = lambda *_: None
        assert _message(look)[0] == "D11"
    assert again.call_count <= 3


def test_large_file_gives_the_same_values(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large to be read whole is converted and followed like any other."""
    monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    assert look.batches()[-1] == [sum(range(first, 60, 3)) for first in range(3)]
    append(look, "2024-03-30 10:00:00,1000,a\n", 2)
    assert look.batches()[-1][-1] == sum(range(2, 60, 3)) + 1000


def test_large_file_that_must_be_read_whole_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoding in which bytes are no characters can't be read in parts; what to do is said."""
    monkeypatch.setattr(files, "MAX_CSV_BYTES", 100)
    bench.csv(("at,n,team\n" + ROWS).encode("utf-16"), time="at", csv=CsvOptions(encoding="utf-16"))
    bench.simple("total", "sum", "n", grain=Grain.MONTH)
    assert _message(Look(bench))[0] == "D07"


def test_what_no_disk_takes_is_not_piled_up_in_memory(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cache a file is held in memory only up to a bound."""
    monkeypatch.setattr(csv_conversion, "_MOST_IN_MEMORY", 100)
    monkeypatch.setattr(csv_section, "_FRAME_BYTES", 0)
    look.cache.write_text("a file, no folder")
    assert _message(look)[0] == "D07"


def test_column_is_what_all_files_hold(bench: Bench) -> None:
    """Whole numbers in one file and decimals in another are numbers; leading zeros alone are names."""
    (bench.folder / "one.csv").write_text("day,n,code\n2024-01-01,1,007\n2024-01-02,2,008\n")
    (bench.folder / "two.csv").write_text("day,n,code\n2024-01-03,1.5,009\n")
    bench.source("rows", "*.csv")
    bench.simple("total", "sum", "n")
    bench.simple("codes", "count_distinct", "code", filter="code = '007'")
    assert bench.values("total") == [1.0, 2.0, 1.5]
    assert bench.values("codes")[0] == 1.0
    (bench.folder / "three.csv").write_text("day,n,code\n2024-01-04,1,7.5\n")
    bench.simple("codes", "sum", "code")
    assert bench.values("codes") == [7.0, 8.0, 9.0, 7.5]


def test_kind_of_time_is_that_of_most_cells(bench: Bench) -> None:
    """Where files write times differently, the kind that most cells have is read, the others are left out."""
    (bench.folder / "one.csv").write_text("at,n\n" + "2024-01-01,1\n" * 3)
    (bench.folder / "two.csv").write_text("at,n\n" + "2024-01-02 10:00:00,1\n" * 7)
    bench.source("rows", "*.csv", "at")
    bench.simple("total", "sum", "n")
    reading = bench.reading("total")
    assert reading.series is not None
    assert reading.series.starts == (date(2024, 1, 2),)
    assert reading.notes == ("left out: 3 rows without a readable `at` (`one.csv` line 2: `2024-01-01`)",)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("day;n\n2024-01-01;1.000,5\n2024-01-02;2\n", CsvOptions(delimiter=";", decimal_comma=True)),
        ("day\tn\n2024-01-01\t1000.5\n  \n\t\n2024-01-02\t2\n", CsvOptions(delimiter="\t")),
        ("# notes\n\nday,n\n# more\n2024-01-01,1000.5\n#\n2024-01-02,2\n", CsvOptions(comment="#")),
        ("a title\nday,n\r\n2024-01-01,1000.5\r\n\r\n2024-01-02,2", CsvOptions(skip_rows=1)),
        ('"day","n"\n"2024-01-01","1000.5"\n"2024-01-02","2"\n', CsvOptions()),
        ("day,n\r2024-01-01,1000.5\r2024-01-02,2\r", CsvOptions()),
        ("\ufeffday,n\n2024-01-01,1000.5\n2024-01-02,2\n-,-\n", CsvOptions(null_words=("-",))),
        ("day,n\n2024-01-01,1e3\n2024-01-01,.5\n2024-01-02,+2\n", CsvOptions()),
        ('day,n,note\n2024-01-01,1000.5,"two\n\nlines"\n2024-01-02,2,\n', CsvOptions()),
        ("day,n,\n2024-01-01,1000.5,x\n2024-01-02,2,\n", CsvOptions()),
        ("day,n,k,k\n2024-01-01,1000.5,1,2\n2024-01-02,2,,\n", CsvOptions()),
    ],
)
def test_ways_to_write_a_file(bench: Bench, text: str, options: CsvOptions) -> None:
    """However a file is written, its values are read."""
    bench.csv(text.encode(), csv=options)
    bench.simple("total", "sum", "n")
    assert bench.values("total") == [1000.5, 2.0]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8-sig", "shift_jis"])
def test_encodings(bench: Bench, encoding: str) -> None:
    """A file in another encoding is converted as well."""
    word = "ｶﾞ" if encoding == "shift_jis" else "Größe"
    bench.csv(f"day,n,word\n2024-01-01,1,{word}\n".encode(encoding), csv=CsvOptions(encoding=encoding))
    bench.simple("total", "sum", "n", filter=f"word = '{word}'")
    assert bench.values("total") == [1.0]


def test_declared_numbers_may_begin_with_zeros(bench: Bench) -> None:
    """A column that is declared as numbers is read as such though its cells begin with zeros."""
    bench.csv("day,n\n2024-01-01,007\n2024-01-02,008\n", columns=(("n", ColumnKind.NUMBER),))
    bench.simple("total", "sum", "n")
    assert bench.values("total") == [7.0, 8.0]


def test_source_without_a_readable_time_is_checked(bench: Bench) -> None:
    """A file whose rows have no time at all is told, not fallen over."""
    bench.csv("day,n\n,1\n,2\n")
    bench.simple("total", "sum", "n")
    assert bench.engine().problems(date(2024, 1, 1))


def test_half_a_line_does_not_make_the_file_be_read(look: Look) -> None:
    """While a line is being written the bytes above it are not read again to prove them."""
    look.batches()
    append(look, "2024-03-30 1", 2)
    with patch.object(csv_conversion, "_crc_of", side_effect=AssertionError):
        assert _message(look)[0] == "D11"
