"""What a source promises: tests of its rows, its primary key and its freshness, on real files."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui import config
from kputui.engine import source
from kputui.engine.compute import Engine
from kputui.errors import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.errors import Problem

_ROWS = (
    "day,order_id,city,amount,ok\n"
    "2024-01-01,a,Kiel,10,true\n"
    "2024-01-02,b,Ulm,-5,false\n"
    "2024-01-03,a,,12.5,true\n"
    "2024-01-04,,Kiel,99,true\n"
    "2024-01-05,a,Bonn,7,true\n"
)
_LAST = date(2024, 1, 5)


def _found(folder: Path, promises: str, rows: str = _ROWS, *, today: date = _LAST) -> tuple[Problem, ...]:
    (folder / "orders.csv").write_text(rows)
    return _of(folder, "orders.csv", promises, today)


def _of(folder: Path, path: str, promises: str, today: date = _LAST) -> tuple[Problem, ...]:
    (folder / "kputui.toml").write_text(
        f'[project]\nname = "Shop"\n[goals.g]\nlabel = "Grow"\n'
        f'[sources.orders]\npath = "{path}"\ntime = "day"\n{promises}\n'
    )
    loaded = config.read(folder)
    assert loaded.workspace is not None, loaded.problems
    return Engine(loaded.workspace).problems(today)


@pytest.mark.parametrize(
    ("test", "code", "message", "line"),
    [
        ('{ not_null = "city" }', "D25", "1 row without `city`, the first in line 4", "not_null"),
        (
            '{ unique = "order_id" }',
            "D26",
            "2 rows repeat the `order_id` of an earlier one, the first `a` in line 4, as in line 2",
            "unique",
        ),
        (
            '{ accepted_values = "city", values = ["Kiel", "Ulm"] }',
            "D27",
            "1 row whose `city` is not accepted, the first `Bonn` in line 6",
            "accepted_values",
        ),
        (
            '{ range = "amount", low = 0, high = 50 }',
            "D28",
            "2 rows whose `amount` is not from 0 to 50, the first `-5` in line 3",
            "range",
        ),
        (
            '{ range = "amount", high = 50.5 }',
            "D28",
            "1 row whose `amount` is not at most 50.5, the first `99` in line 5",
            "range",
        ),
        (
            '{ accepted_values = "ok", values = [true] }',
            "D27",
            "1 row whose `ok` is not accepted, the first `false` in line 3",
            "accepted_values",
        ),
    ],
)
def test_a_broken_promise_is_a_warning_at_the_test(
    tmp_path: Path, test: str, code: str, message: str, line: str
) -> None:
    """A broken promise names the count, the first cell and its line, and stands where the test is written."""
    (problem,) = _found(tmp_path, f"tests = [\n  {test},\n]")
    assert (problem.code, problem.message, problem.severity) == (code, message, Severity.WARNING)
    assert problem.key == f"sources.orders.tests.0.{line}"
    assert problem.place is not None
    assert problem.place.line == 9
    assert problem.hint


@pytest.mark.parametrize(
    "test",
    [
        '{ not_null = "day" }',
        '{ unique = "day" }',
        '{ accepted_values = "city", values = ["Kiel", "Ulm", "Bonn"] }',
        '{ accepted_values = "amount", values = [10, -5, 12.5, 99, "7"] }',
        '{ range = "amount", low = -5, high = 99 }',
    ],
)
def test_a_kept_promise_is_silent(tmp_path: Path, test: str) -> None:
    """Nothing is said of promises that hold; bounds are included, and empty cells are not_null's matter."""
    assert _found(tmp_path, f"tests = [{test}]") == ()


def test_a_primary_key_is_full_and_unique_over_its_columns_together(tmp_path: Path) -> None:
    """Each of the key's columns has a value, and no two rows share all of them."""
    assert _found(tmp_path, 'primary_key = ["day", "city"]', _ROWS.replace("03,a,,", "03,a,Ulm,")) == ()
    found = _found(tmp_path, 'primary_key = ["order_id", "ok"]')
    assert [(problem.code, problem.message) for problem in found] == [
        ("D25", "1 row without `order_id`, the first in line 5"),
        (
            "D26",
            "2 rows repeat the `order_id` and `ok` of an earlier one, the first `a`, `true` in line 4, as in line 2",
        ),
    ]
    assert {problem.key for problem in found} == {"sources.orders.primary_key"}


def test_rows_after_the_clocks_day_are_not_tested(tmp_path: Path) -> None:
    """With the clock on an evening only the rows up to it count; rows without a time always do."""
    promises = 'tests = [{ unique = "order_id" }, { not_null = "day" }]'
    assert _found(tmp_path, promises, today=date(2024, 1, 2)) == ()
    found = _found(tmp_path, promises, _ROWS + ",c,Kiel,1,true\n", today=date(2024, 1, 2))
    assert [problem.code for problem in found] == ["D23", "D25"]


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ('{ not_null = "citi" }', "D12"),
        ('{ range = "city", low = 0 }', "D16"),
    ],
)
def test_a_test_that_cannot_be_run_is_an_error_and_stops_no_other(tmp_path: Path, test: str, code: str) -> None:
    """A test of a column that is not there, or not of numbers, is told, and the others run."""
    found = _found(tmp_path, f'tests = [{test}, {{ not_null = "order_id" }}]')
    assert [(problem.code, problem.severity) for problem in found] == [
        (code, Severity.ERROR),
        ("D25", Severity.WARNING),
    ]


def test_freshness_is_judged_on_the_clocks_day(tmp_path: Path) -> None:
    """The age of the newest row is counted in days to the clock's day; the graver promise is told."""
    promise = 'freshness = { warn_after = "2d", error_after = "5d" }'
    assert _found(tmp_path, promise, today=date(2024, 1, 7)) == ()
    (late,) = _found(tmp_path, promise, today=date(2024, 1, 8))
    assert late.message == "the newest row is of 2024-01-05, 3 days before 2024-01-08; warn_after is 2 days"
    (stale,) = _found(tmp_path, promise, today=date(2024, 2, 1))
    assert (stale.code, stale.severity, stale.key) == ("D29", Severity.WARNING, "sources.orders.freshness.error_after")
    assert _found(tmp_path, promise, today=date(2024, 1, 3)) == ()


def test_parquet_files_are_tested_in_pieces_with_the_day_of_the_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repeats are found across the pieces and files of a source; a Parquet row is named by its day."""
    monkeypatch.setattr(source, "PIECE", 2)
    days = [date(2024, 1, day) for day in (5, 1, 4)]
    frame = pl.DataFrame({"day": days, "id": [1, 2, 3], "state": pl.Series(["x", "y", "x"], dtype=pl.Categorical)})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.with_columns(id=pl.Series([4, 3, 5])).write_parquet(tmp_path / "b.parquet")
    found = _of(tmp_path, "*.parquet", 'primary_key = "id"\ntests = [{ accepted_values = "state", values = ["x"] }]')
    assert [problem.message for problem in found] == [
        "1 row repeats the `id` of an earlier one, the first `3` on 2024-01-01, as on 2024-01-04",
        "2 rows whose `state` is not accepted, the first `y` on 2024-01-01",
    ]


def test_an_unreadable_source_is_told_once(tmp_path: Path) -> None:
    """A source that is not there has one problem, not one more for each of its promises."""
    found = _of(tmp_path, "gone.csv", 'primary_key = "a"\ntests = [{ not_null = "b" }]')
    assert [problem.code for problem in found] == ["D02"]
