"""What is read of a Parquet file's footer without decoding any row, and several files read in one pass."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.engine import files, footer
from kputui.engine.footer import RowGroup, footer_of, row_groups
from kputui.engine.source import OpenSource
from kputui.engine.thrift import Reader
from kputui.errors import DataError
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.conftest import Bench

    from kputui.engine.facts import Facts

_FIRST = datetime(2024, 2, 28, 23)


def _written(folder: Path, times: pl.Series, **options: Any) -> tuple[RowGroup, ...]:
    path = folder / "a.parquet"
    pl.DataFrame({"n": list(range(len(times))), "time": times}).write_parquet(path, **options)
    assert footer.row_count(path.read_bytes()) == len(times)
    found = row_groups(path.name, footer_of(path, files.stamp_of(path)), "time")
    ends = [0, *(one.end for one in found)]
    assert all(before < one.start < one.end < path.stat().st_size for before, one in zip(ends, found, strict=False))
    without = tuple(replace(one, start=0, end=0) for one in found)
    quick = row_groups(path.name, footer_of(path, files.stamp_of(path)), "time", with_bytes=False)
    assert quick == without
    return without


@pytest.mark.parametrize("dtype", [pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ns"), pl.Datetime("us", "UTC")])
def test_row_groups_tell_their_days(tmp_path: Path, dtype: pl.DataType) -> None:
    """Of every row group its rows and the days of its times are told, in whatever unit they are written."""
    times = pl.Series([_FIRST + timedelta(hours=hour) for hour in range(4)]).cast(dtype)
    day = (_FIRST.date() - date(1970, 1, 1)).days
    found = _written(tmp_path, times, row_group_size=2)
    assert found == (RowGroup(2, (day, day + 1)), RowGroup(2, (day + 1, day + 1)))


def test_row_groups_of_dates(tmp_path: Path) -> None:
    """Dates are days already, also those before 1970."""
    assert _written(tmp_path, pl.Series([date(1969, 12, 30), None, date(1970, 1, 2)])) == (RowGroup(3, (-2, 1)),)


@pytest.mark.parametrize("times", [pl.Series(["2024-01-01"]), pl.Series([1]), pl.Series([None], dtype=pl.Date)])
def test_row_groups_without_days(tmp_path: Path, times: pl.Series) -> None:
    """Text, numbers and nothing at all tell no days, but their rows are counted."""
    assert _written(tmp_path, times) == (RowGroup(1, None),)


def test_row_groups_know_a_column_from_a_part_of_another(tmp_path: Path) -> None:
    """A field of a struct that has the time column's name is not the time column."""
    path = tmp_path / "a.parquet"
    inner = [{"time": date(1990, 1, 1)}, {"time": date(1990, 1, 2)}]
    pl.DataFrame({"sub": inner, "time": [_FIRST, _FIRST]}).write_parquet(path)
    day = (_FIRST.date() - date(1970, 1, 1)).days
    (found,) = row_groups("a", footer_of(path, files.stamp_of(path)), "time")
    assert (found.rows, found.days) == (2, (day, day))


def test_row_groups_without_statistics(tmp_path: Path) -> None:
    """A writer may leave out what a row group spans."""
    assert _written(tmp_path, pl.Series([_FIRST]), statistics=False) == (RowGroup(1, None),)


def test_row_groups_of_a_file_that_changed(tmp_path: Path) -> None:
    """What a footer says is taken only for the state of the file that was listed."""
    path = tmp_path / "a.parquet"
    pl.DataFrame({"time": [_FIRST]}).write_parquet(path)
    stamp = files.stamp_of(path)
    pl.DataFrame({"time": [_FIRST, _FIRST]}).write_parquet(path)
    os.utime(path, ns=(stamp.mtime_ns + 1, stamp.mtime_ns + 1))
    with pytest.raises(DataError, match="being rewritten"):
        footer_of(path, stamp)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Bytes that are no footer are refused with one of two errors, and never read beyond their end."""
    with suppress(IndexError, ValueError):
        Reader(data).struct()
    with suppress(DataError):
        row_groups("a", data, "time")
    rows = footer.row_count(data + len(data).to_bytes(4, "little") + b"PAR1")
    assert rows is None or rows >= 0


@given(at=st.integers(0), byte=st.integers(0, 255), end=st.integers(0), with_bytes=st.booleans())
def test_a_damaged_footer_is_read_or_refused(at: int, byte: int, end: int, *, with_bytes: bool) -> None:
    """A byte that is another, or an end that is missing, gives row groups or one error, never anything else."""
    file = BytesIO()
    times = [_FIRST + timedelta(days=day) for day in range(40)]
    pl.DataFrame({"n": list(range(40)), "time": times, "word": ["a"] * 40}).write_parquet(file, row_group_size=20)
    data = file.getvalue()
    held = bytearray(data[-8 - int.from_bytes(data[-8:-4], "little") : -8])
    held[at % len(held)] = byte
    with suppress(DataError):
        found = row_groups("a", bytes(held[: len(held) - end % 50]), "time", with_bytes=with_bytes)
        assert all(group.rows >= 0 for group in found)


def test_damaged_file_among_several_is_named(bench: Bench) -> None:
    """Of many small files read together, the one that is damaged is named."""
    for month in range(1, 7):
        days = [date(2024, month, 1) + timedelta(day) for day in range(28)]
        bench.parquet({"day": days, "amount": [float(month)] * 28}, f"part-{month}")
    bench.source("rows", "part-*.parquet")
    bench.simple("total", "sum", "amount", Grain.MONTH)
    assert bench.values("total") == [28.0 * month for month in range(1, 7)]
    path = bench.folder / "part-4.parquet"
    data = bytearray(path.read_bytes())
    data[4:40] = b"\xff" * 36
    path.write_bytes(bytes(data))
    failure = bench.reading("total").failure
    assert failure is not None
    assert failure.code == "D06"
    assert "part-4.parquet" in failure.message


def test_small_files_that_differ_elsewhere_are_read_together(bench: Bench) -> None:
    """Only the columns that are asked must agree; others may come, go or change, and folders name a value for each."""
    days = [date(2024, 1, 1 + number) for number in range(5)]
    others: list[dict[str, list[object]]] = [{}, {"x": [1]}, {"x": ["a"]}, {"y": [2.5], "x": [None]}, {}]
    for day, other in zip(days, others, strict=True):
        for shop in ("a", "b"):
            amounts = [1.0 + day.day] if shop == "a" else [100.0]
            folder = bench.folder / f"shop={shop}"
            folder.mkdir(exist_ok=True)
            pl.DataFrame({**other, "amount": amounts, "day": [day]}).write_parquet(folder / f"{day}.parquet")
    bench.source("rows", "*/*.parquet")
    bench.simple("total", "sum", "amount", Grain.DAY)
    bench.simple("a", "sum", "amount", Grain.DAY, filter="shop = 'a'")
    assert bench.values("total") == [100.0 + 1.0 + day.day for day in days]
    assert bench.values("a") == [1.0 + day.day for day in days]


def test_a_file_that_lost_a_column_meanwhile_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is read by its path, and was replaced by one without the column, makes no number of the others."""
    monkeypatch.setattr(files, "READ_WHOLE_BYTES", 0)
    for day in (1, 2, 3):
        bench.parquet({"day": [date(2024, 1, day)] * 2, "x": [10.0, 10.0]}, f"p{day}")
    bench.source("rows", "p*.parquet")
    bench.simple("total", "sum", "x", Grain.MONTH)
    look = OpenSource._look

    def replaced(self: OpenSource) -> Facts:
        found = look(self)
        pl.DataFrame({"day": [date(2024, 1, 2)] * 2, "y": [10.0, 10.0]}).write_parquet(bench.folder / "p2.parquet")
        return found

    monkeypatch.setattr(OpenSource, "_look", replaced)
    failure = bench.reading("total").failure
    assert failure is not None
    assert "p2.parquet" in failure.message
