"""Definitions held against the data: each problem with its place in the file that a person wrote."""

from __future__ import annotations

import ast
import math
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import kputui.engine
from kputui import config
from kputui.engine.codes import CODES
from kputui.engine.compute import Engine
from kputui.engine.expression import Kind
from kputui.errors import DataError, Severity
from kputui.model.ids import SourceId

if TYPE_CHECKING:
    from kputui.errors import Problem

_PROJECT = """
[project]
name = "Shop"
[sources.orders]
path = "orders.csv"
time = "day"
[goals.g]
label = "Grow"
"""
_ORDERS = "day,amount,price,place\n2024-01-01,1,n/a,a\n2024-01-02,2,3,b\n"


def _problems(folder: Path, metrics: str, orders: str = _ORDERS) -> tuple[Problem, ...]:
    (folder / "kputui.toml").write_text(_PROJECT + metrics)
    (folder / "orders.csv").write_text(orders)
    loaded = config.read(folder)
    assert loaded.workspace is not None, loaded.problems
    return Engine(loaded.workspace).problems()


def _metric(name: str, lines: str) -> str:
    return f'[metrics.{name}]\nkind = "kpi"\nlabel = "{name}"\ngoals = ["g"]\n{lines}\n'


_SIMPLE = 'type = "simple"\nsource = "orders"\n'


def test_a_sound_workspace_has_no_problems(tmp_path: Path) -> None:
    """Nothing is found where nothing is wrong."""
    assert _problems(tmp_path, _metric("m", _SIMPLE + 'agg = "sum"\nexpr = "amount"')) == ()


@pytest.mark.parametrize(
    ("lines", "code", "under_caret"),
    [
        ('agg = "sum"\nexpr = "2 * amuont"', "E07", "amuont"),
        ("agg = 'sum'\nexpr = '2 * amuont'", "E07", "amuont"),
        ('agg = "count"\nfilter = "place = 3"', "E10", "place = 3"),
        ('agg = "count"\nfilter = "amount"', "E11", "amount"),
        ('agg = "count"\nfilter = "\\"amount\\" > plaec"', "E07", "plaec"),
        ('agg = "sum"\nexpr = "amount +"', "E02", ""),
        ('agg = "sum"\nexpr = "place"', "D20", '"place"'),
        ('agg = "sum"\nexpr = "price"', "D14", '"price"'),
        ('agg = "count"\ndimensions = ["place", "plaec"]', "D12", '"plaec"'),
    ],
)
def test_problems_stand_at_their_place(tmp_path: Path, lines: str, code: str, under_caret: str) -> None:
    """The place of a problem is the very word that is wrong, in the file as it is written."""
    (found,) = _problems(tmp_path, _metric("m", _SIMPLE + lines))
    assert found.code == code
    assert found.severity is Severity.ERROR
    assert found.place is not None
    assert found.place.source_line[found.place.column - 1 :].startswith(under_caret)
    if code in {"E07", "E11"}:
        assert found.width == len(under_caret)


def test_filters_of_inputs_are_checked(tmp_path: Path) -> None:
    """A filter on a ratio's part is held against the source that the part reads."""
    metrics = _metric("n", _SIMPLE + 'agg = "count"') + _metric(
        "r", 'type = "ratio"\nnumerator = { name = "n", filter = "plaec = 1" }\ndenominator = "n"'
    )
    (found,) = _problems(tmp_path, metrics)
    assert (found.code, found.hint.partition(";")[0]) == ("E07", "nearest: place")
    assert found.key == "metrics.r.numerator.filter"


def test_derived_names_are_checked(tmp_path: Path) -> None:
    """A derived expression may use its inputs' names only."""
    metrics = _metric("n", _SIMPLE + 'agg = "count"') + _metric(
        "d", 'type = "derived"\nexpr = "n + m"\ninput_metrics = [{ name = "n" }]'
    )
    (found,) = _problems(tmp_path, metrics)
    assert (found.code, found.key) == ("E07", "metrics.d.expr")


def test_unreadable_source_is_one_problem(tmp_path: Path) -> None:
    """A missing file is told once, at its path, not once a metric."""
    metrics = _metric("a", _SIMPLE + 'agg = "count"') + _metric("b", _SIMPLE + 'agg = "sum"\nexpr = "amount"')
    (tmp_path / "kputui.toml").write_text((_PROJECT + metrics).replace("orders.csv", "order.csv"))
    (tmp_path / "orders.csv").write_text(_ORDERS)
    loaded = config.read(tmp_path)
    assert loaded.workspace is not None
    (found,) = Engine(loaded.workspace).problems()
    assert (found.code, found.key) == ("D02", "sources.orders.path")
    assert found.place is not None
    assert found.place.line == 5


def test_left_out_rows_are_a_warning(tmp_path: Path) -> None:
    """Rows without a readable date are a warning at the time column."""
    (found,) = _problems(tmp_path, "", _ORDERS + "Total,3,3,\n")
    assert (found.code, found.severity, found.key) == ("D23", Severity.WARNING, "sources.orders.time")


def test_columns_have_kinds(tmp_path: Path) -> None:
    """The columns of a source are known by name and kind; an unreadable source raises."""
    _problems(tmp_path, "")
    workspace = config.load(tmp_path)
    assert Engine(workspace).columns(SourceId("orders")) == {
        "day": Kind.DATE,
        "amount": Kind.NUMBER,
        "price": Kind.TEXT,
        "place": Kind.TEXT,
    }
    (tmp_path / "orders.csv").unlink()
    with pytest.raises(DataError):
        Engine(workspace).columns(SourceId("orders"))


def test_every_code_is_documented() -> None:
    """Each data code that the engine uses stands in its table, and each of the table is used."""
    used: set[str] = set()
    for path in Path(kputui.engine.__file__).parent.glob("*.py"):
        if path.name != "codes.py":
            texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
            used |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"D\d\d", text)}
    assert used == set(CODES)


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    """A row without a day and one dated in the future are warnings at the source's time column."""
    orders = "day,amount\n2024-01-01,1\n,2\n2190-05-01,3\n"
    found = _problems(tmp_path, _metric("m", _SIMPLE + 'agg = "sum"\nexpr = "amount"'), orders)
    assert [(problem.code, problem.severity, problem.key) for problem in found] == [
        ("D23", Severity.WARNING, "sources.orders.time")
    ] * 2
    assert [problem.message for problem in found] == [
        "left out: 1 row with an empty `day`",
        "1 row in the future, the newest on 2190-05-01",
    ]


def test_values_that_are_no_numbers_are_said(tmp_path: Path) -> None:
    """NaN and infinity in a Parquet column that a metric uses are a warning of `check`."""
    days = [date(2024, 1, 1), date(2024, 1, 2)]
    pl.DataFrame({"day": days, "amount": [1.0, math.nan]}).write_parquet(tmp_path / "orders.parquet")
    text = _PROJECT.replace("orders.csv", "orders.parquet") + _metric("m", _SIMPLE + 'agg = "sum"\nexpr = "amount"')
    (tmp_path / "kputui.toml").write_text(text)
    loaded = config.read(tmp_path)
    assert loaded.workspace is not None
    (found,) = Engine(loaded.workspace).problems()
    assert (found.code, found.severity, found.key) == ("D23", Severity.WARNING, "sources.orders.path")
    assert "`amount` has 1 NaN" in found.message


def test_a_column_that_is_missing_is_named_with_its_file_and_its_spaces(tmp_path: Path) -> None:
    """A header written ` day ` is quoted, so that its spaces are seen."""
    found = _problems(tmp_path, _metric("m", _SIMPLE + 'agg = "count"'), " day ,amount\n2024-01-01,1\n")
    assert found[0].message == "column `day` not found; found ` day `, `amount`"
    assert found[0].hint == "write it with its spaces: ` day `"


def test_a_doubled_column_is_the_metrics_problem_alone(tmp_path: Path) -> None:
    """A header that names the column twice is told at the metric, and the rest is still checked."""
    found = _problems(
        tmp_path, _metric("m", _SIMPLE + 'agg = "sum"\nexpr = "amount"'), "day,amount,amount\n2024-01-01,1,2\n"
    )
    assert [(problem.code, problem.key) for problem in found] == [("D13", "metrics.m.expr")]


_TWO_SOURCES = """
[sources.buys]
path = "buys.csv"
time = "day"
"""
_CONVERTED = """
type = "conversion"
base_metric = "n"
conversion_metric = "b"
entity = "who"
"""


def test_filter_around_a_conversion_is_about_its_base_rows(tmp_path: Path) -> None:
    """A derived metric may filter a conversion by a column that only the base events have: a query answers it too."""
    (tmp_path / "buys.csv").write_text("day,who\n2024-01-02,1\n")
    metrics = _metric("n", _SIMPLE + 'agg = "count"') + _metric("b", 'type = "simple"\nsource = "buys"\nagg = "count"')
    metrics += _metric("c", _CONVERTED)
    metrics += _metric("d", 'type = "derived"\nexpr = "c"\ninput_metrics = [{ name = "c", filter = "place = \'a\'" }]')
    orders = "day,amount,price,place,who\n2024-01-01,1,2,a,1\n2024-01-02,2,3,b,2\n"
    assert [(one.code, one.key) for one in _problems(tmp_path, _TWO_SOURCES + metrics, orders)] == []


def test_grain_that_an_offset_does_not_have_is_found(tmp_path: Path) -> None:
    """What a query would refuse because of the metric's own grain, the look through all definitions refuses too."""
    own = "[grains.season]\nstarts = [2024-01-01, 2024-01-15, 2024-02-01]\n"
    metrics = _metric("n", _SIMPLE + 'agg = "count"')
    metrics += _metric(
        "d",
        'type = "derived"\ngrain = "season"\nexpr = "n - m"\n'
        'input_metrics = ["n", { name = "n", alias = "m", offset_to_grain = "month" }]',
    )
    found = _problems(tmp_path, own + metrics)
    assert [one.code for one in found if one.key.startswith("metrics.d")] == ["D20"]
