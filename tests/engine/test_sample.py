"""A data file described, for making a first workspace from it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui.engine.expression import Kind
from kputui.engine.sample import describe
from kputui.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def test_columns_are_described(tmp_path: Path) -> None:
    """Kinds, extremes, counts of distinct and missing cells, samples, and which column is the time."""
    path = tmp_path / "a.csv"
    path.write_text("when,amount,place,code\n2024-01-02,1.5,a,007\n2024-01-01,,b,008\n2024-01-01,3,a,009\n")
    sample = describe(path)
    when, amount, place, code = sample.columns
    assert sample.rows == 3
    assert (when.kind, when.looks_like_time, when.low, when.high) == (
        Kind.DATE,
        True,
        date(2024, 1, 1),
        date(2024, 1, 2),
    )
    assert (amount.kind, amount.nulls, amount.distinct, amount.low, amount.high) == (Kind.NUMBER, 1, 2, 1.5, 3.0)
    assert (place.kind, place.samples, place.looks_like_time) == (Kind.TEXT, ("a", "b"), False)
    assert code.kind is Kind.TEXT


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    """The delimiter is the one that makes columns."""
    path = tmp_path / "a.csv"
    path.write_text(delimiter.join(["day", "x"]) + "\n" + delimiter.join(["2024-01-01", "5"]) + "\n")
    sample = describe(path)
    assert sample.csv.delimiter == delimiter
    assert [column.name for column in sample.columns] == ["day", "x"]


def test_decimal_comma_is_found(tmp_path: Path) -> None:
    """A German export is seen as such."""
    path = tmp_path / "a.csv"
    path.write_text("day;x\n01.02.2024;1.234,5\n")
    sample = describe(path)
    assert (sample.csv.delimiter, sample.csv.decimal_comma) == (";", True)
    assert sample.columns[1].high == 1234.5
    assert sample.columns[0].time_formats == ("%d.%m.%Y",)


def test_day_and_month_that_can_not_be_told_apart(tmp_path: Path) -> None:
    """Both readings are offered when every date fits both."""
    path = tmp_path / "a.csv"
    path.write_text("day,x\n01/02/2024,1\n03/04/2024,2\n")
    assert describe(path).columns[0].time_formats == ("%d/%m/%Y", "%m/%d/%Y")


def test_parquet_is_described(tmp_path: Path) -> None:
    """Parquet columns keep their types; a nested one has no kind."""
    path = tmp_path / "a.parquet"
    pl.DataFrame({"day": [date(2024, 1, 1)], "parts": [[1]], "ok": [True]}).write_parquet(path)
    assert [column.kind for column in describe(path).columns] == [Kind.DATE, None, Kind.BOOLEAN]


@pytest.mark.parametrize(("text", "code"), [("", "D09"), ("a,b\n", "D09"), ("a,b\n1\n", "D11"), ("<html>", "D05")])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, code: str) -> None:
    """A file that can't be read is refused as the engine would."""
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError) as refused:
        describe(path)
    assert refused.value.code == code
