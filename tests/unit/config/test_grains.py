"""Tables of periods: how they are read from CSV, and what a calendar can tell of itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kputui.config import load, read, stamp
from kputui.model.calendar import Calendar
from kputui.model.link import Lag
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.errors import Problem

_GOAL = '[goals.more]\nlabel = "More"\n\n'
_GRAIN = '[grains.own]\npath = "periods.csv"\nstart = "from"\nend = "to"\n'


def written(folder: Path, table: str | bytes, toml: str = _GRAIN) -> Path:
    """A workspace with one grain and its table."""
    (folder / "kputui.toml").write_text(_GOAL + toml, encoding="utf-8")
    (folder / "periods.csv").write_bytes(table.encode() if isinstance(table, str) else table)
    return folder


def faults(folder: Path) -> tuple[Problem, ...]:
    """What reading the folder says."""
    return read(folder).problems


def test_rows_may_come_in_any_order_with_times_of_midnight_and_a_mark(tmp_path: Path) -> None:
    """What a spreadsheet or a database exports is read: BOM, quotes, midnights, blank lines, other columns."""
    table = '\ufefffrom,to,note\r\n2026-02-02 00:00:00,"2026-03-01",x\r\n\r\n2026-01-05T00:00:00,2026-02-01,\r\n'
    grain = load(written(tmp_path, table)).grains["own"]
    assert grain.calendar == Calendar(
        (date(2026, 1, 5), date(2026, 2, 2)), (date(2026, 2, 2), date(2026, 3, 2)), labels=()
    )


def test_every_bad_row_is_told_with_its_line(tmp_path: Path) -> None:
    """Several wrong cells are several problems, each with its line in the table and a way to write it."""
    found = faults(written(tmp_path, "from,to\n5.1.2026,2026-02-01\n2026-02-02,soon\n2026-03-02 12:30,2026-03-03\n"))
    assert [problem.code for problem in found] == ["C30"] * 3
    assert ["line 2" in found[0].message, "line 3" in found[1].message, "line 4" in found[2].message] == [True] * 3
    assert found[0].hint == "a day is written 2026-12-31"
    assert found[0].key == "grains.own.path"


def test_a_missing_column_names_those_that_there_are(tmp_path: Path) -> None:
    """A wrong column name gets the nearest one, or the columns of the file."""
    assert "form" in faults(written(tmp_path, "form,to\n2026-01-05,2026-02-01\n"))[0].hint
    assert "begins;ends" in faults(written(tmp_path, "begins;ends\n2026-01-05;2026-02-01\n"))[0].hint
    assert "two columns" in faults(written(tmp_path, "from,from,to\n2026-01-05,2026-01-05,2026-02-01\n"))[0].message


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (b"from,to\n\xff\xfe,2026-02-01\n", "C05"),
        (b'from,to\n"2026-01-05,2026-02-01\n', "C30"),
        (b"", "C30"),
        (b"from,to\n", "C30"),
        (b"from,to\n" + b"2026-01-05,2026-02-01\n" * 60_000, "C04"),
        (b"from,to\n" + b"2026-01-05,2026-02-01\n" * 20_001, "C04"),
    ],
)
def test_what_is_no_table_of_periods_is_refused(table: bytes, code: str, tmp_path: Path) -> None:
    """Bytes, broken quotes, emptiness and floods are problems, never a crash."""
    assert [problem.code for problem in faults(written(tmp_path, table))] == [code]


def test_a_table_that_is_not_there_or_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, and a link that leads out of the workspace are told, and none is read."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("from,to\n2026-01-05,2026-02-01\n")
    (inside / "kputui.toml").write_text(_GOAL + _GRAIN)
    (missing,) = faults(inside)
    assert (missing.code, missing.message) == ("C03", "periods.csv is not there")
    (inside / "kputui.toml").write_text(_GOAL + _GRAIN.replace(".csv", ".parquet"))
    assert [problem.code for problem in faults(inside)] == ["C30"]
    (inside / "kputui.toml").write_text(_GOAL + _GRAIN)
    (inside / "periods.csv").symlink_to(tmp_path / "secret.csv")
    assert [problem.code for problem in faults(inside)] == ["C03"]
    (inside / "periods.csv").unlink()
    (inside / "periods.csv").mkdir()
    assert [problem.code for problem in faults(inside)] == ["C03"]


def test_a_metric_of_a_broken_table_is_not_told_twice(tmp_path: Path) -> None:
    """One fault in the table is one problem, not another for each metric that uses it."""
    metric = '\n[sources.s]\npath = "s.csv"\n\n[metrics.m]\nkind = "kpi"\nsource = "s"\nagg = "count"\ngrain = "own"\n'
    found = faults(written(tmp_path, "from,to\nnever,2026-02-01\n", _GRAIN + metric))
    assert [problem.code for problem in found] == ["C30"]


def test_an_unknown_grain_gets_the_nearest_one(tmp_path: Path) -> None:
    """The workspace's own grains are among those offered."""
    metric = '\n[sources.s]\npath = "s.csv"\n\n[metrics.m]\nkind = "kpi"\nsource = "s"\nagg = "count"\ngrain = "owm"\n'
    (problem,) = faults(written(tmp_path, "from,to\n2026-01-05,2026-02-01\n", _GRAIN + metric))
    assert (problem.code, problem.hint) == ("C12", "nearest: own")


def test_a_lag_may_count_the_periods_of_a_table(tmp_path: Path) -> None:
    """`2 own` and `1-2 owns` are lags in periods of the table."""
    metrics = "".join(
        f'\n[metrics.{name}]\nkind = "{kind}"\nsource = "s"\nagg = "count"\n'
        for name, kind in (("c", "cpi"), ("k", "kpi"))
    )
    link = '\n[[links]]\ncpi = "c"\nkpi = "k"\nexpect = "positive"\nlag = "1-2 owns"\n'
    toml = _GRAIN + '\n[sources.s]\npath = "s.csv"\n' + metrics + link
    assert load(written(tmp_path, "from,to\n2026-01-05,2026-02-01\n", toml)).links[0].lag == Lag(1, 2, "own")


def test_a_changed_table_is_a_changed_workspace(tmp_path: Path) -> None:
    """The board reads the workspace again when a table of periods changes, as for any of its files."""
    files = load(written(tmp_path, "from,to\n2026-01-05,2026-02-01\n")).files
    before = stamp(tmp_path, files)
    (tmp_path / "periods.csv").write_text("from,to\n2026-01-05,2026-02-08\n")
    assert stamp(tmp_path, files) != before


def of_weeks(*weeks: int) -> Calendar:
    """Periods of so many weeks, from the first Monday of 2024."""
    starts = [date(2024, 1, 1)]
    for count in weeks:
        starts.append(starts[-1] + timedelta(weeks=count))
    return Calendar(tuple(starts[:-1]), tuple(starts[1:]))


@pytest.mark.parametrize(
    ("calendar", "season"),
    [
        (of_weeks(*(4, 4, 5) * 8), 12),
        (of_weeks(*(4, 4, 5) * 7, 4, 4, 6, *(4, 4, 5) * 4), 12),
        (of_weeks(*(4,) * 39), 13),
        (of_weeks(*(13,) * 12), 4),
        (of_weeks(*(4, 4, 5) * 4), None),
        (of_weeks(*(52,) * 5), None),
        (of_weeks(*(3, 9, 2, 20) * 5), None),
        (Calendar((date(2024, 1, 1), date(2024, 2, 1)), (date(2024, 1, 9), date(2024, 3, 1))), None),
    ],
)
def test_a_season_is_told_only_where_so_many_periods_always_make_a_year(calendar: Calendar, season: int | None) -> None:
    """4-4-5 has 12 periods a year, also with a 53rd week; less than a year, gaps and odd lengths tell nothing."""
    assert calendar.season == season


def test_grains_are_equal_by_their_periods() -> None:
    """A grain of another table is another one, though it has the same name; what is kept of one is not the other's."""
    one, same, other = (Grain("own", of_weeks(*weeks)) for weeks in ((4, 4, 5), (4, 4, 5), (4, 5, 4)))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert repr(one) == repr(same) != repr(other)
    assert f"{one}s" == "owns"
