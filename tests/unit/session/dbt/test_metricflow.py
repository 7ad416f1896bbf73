"""A dbt project carried over gives MetricFlow's own numbers.

`tests/golden/metricflow` has the project's semantic YAML, its tables, and what MetricFlow 0.213.0 (dbt-metricflow
0.15.0, dbt-core 1.11.16 on DuckDB 2.0.0) answered: 57 metrics by five grains, groups, filters and a range. Its
time spine runs from June 2023 to December 2024; answers from December 2023 to May 2024 are kept, nulls are not.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui import config
from kputui.cli import main
from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.ids import MetricId
from kputui.model.metric import Cumulative

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kputui.cli.context import BoardOptions
    from kputui.model.workspace import Workspace
    from kputui.session.board import Board

_GOLDEN = Path(__file__).parents[3] / "golden" / "metricflow"
_TEMPLATE = re.compile(r"\{\{ Dimension\('order__(\w+)'\) \}\}")
_PARSED = {"orders": "ordered_on", "balances": "held_on", "visits": "visited_on", "buys": "bought_on"}
_MONTHS = {"day": 0, "week": 0, "month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class _Question:
    metric: str
    grain: str
    group_by: str
    where: str
    start: str
    end: str


@dataclass(frozen=True)
class _Cell:
    """One value of both: `ends` is the last day of the period, `newest` the data's last day."""

    question: _Question
    definition: object
    ours: float | None
    theirs: float | None
    period: date
    ends: date
    newest: date


def _last_day(period: date, grain: str) -> date:
    if not _MONTHS[grain]:
        return period + timedelta(6 if grain == "week" else 0)
    months = period.year * 12 + period.month - 1 + _MONTHS[grain]
    return date(months // 12, months % 12 + 1, 1) - timedelta(1)


_DIFFERENCES: Mapping[str, Callable[[_Cell], bool]] = {
    "periods end with the data, those of a time spine go on": lambda cell: cell.period > cell.newest,
    "periods begin with the data": lambda cell: cell.ours is None and cell.question.metric == "revenue_spine0",
    "counting nothing but empty cells is no data, not 0": lambda cell: (
        cell.ours is None and cell.theirs == 0 and cell.question.metric in {"priced", "big"}
    ),
    "a fill stands in periods without rows": lambda cell: (
        cell.ours == 0 and cell.theirs is None and cell.question.metric == "revenue_filled"
    ),
    "on the spine every group has every period": lambda cell: (
        cell.ours == 0 and cell.theirs is None and cell.question.metric == "revenue_spine0"
    ),
    "a shift by months moves whole periods, and weeks by their first day": lambda cell: (
        cell.question.metric in {"growth_month", "month_ago", "quarter_ago"}
        and cell.question.grain in {"week", "quarter", "year"}
    ),
    "a period longer than a day is read whole at the beginning of a longer one": lambda cell: (
        cell.question.metric in {"since_month_start", "at_month_start", "at_quarter_start"}
        and cell.question.grain in {"week", "quarter", "year"}
    ),
    "the days of the running period end with the data": lambda cell: (
        isinstance(cell.definition, Cumulative) and cell.ends > cell.newest and cell.definition.period_agg != "first"
    ),
    "the first day of a period is the first that has a value": lambda cell: (
        ("trailing" in cell.question.metric or isinstance(cell.definition, Cumulative))
        and cell.question.grain != "day"
        and cell.theirs is None
    ),
    "a range changes no value: what lies before and after it is read": lambda cell: (
        cell.question.metric.startswith(("trailing_change", "conv", "rate")) and bool(cell.question.start)
    ),
}


def _no_board(_board: Board, _options: BoardOptions) -> int:
    raise AssertionError


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made of the project by the real command, with its tables."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "data").mkdir()
    for path in _GOLDEN.glob("*.csv"):
        table = pl.read_csv(path, try_parse_dates=True)
        table.write_parquet(folder / "data" / f"{path.stem}.parquet")
    (folder / "kputui.toml").write_text('[project]\nname = "Shop"\n[goals.g]\nlabel = "People come back"\n')
    assert main(["import", "dbt", str(_GOLDEN / "semantic.yml"), "-o", str(folder / "dbt.toml")], _no_board) == 0
    return folder


@pytest.fixture(scope="module")
def answers() -> dict[_Question, dict[tuple[str, ...], float]]:
    """MetricFlow's answers: period and group -> value."""
    found: dict[_Question, dict[tuple[str, ...], float]] = {}
    with gzip.open(_GOLDEN / "answers.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            question = _Question(row["metric"], row["grain"], row["group_by"], row["where"], row["start"], row["end"])
            key = (row["period"], row["group"]) if row["group_by"] else (row["period"],)
            found.setdefault(question, {})[key] = float(row["value"])
    return found


def _ours(engine: Engine, workspace: Workspace, question: _Question) -> dict[tuple[str, ...], float | None]:
    grain = workspace.grain(question.grain)
    assert grain is not None
    group_by = question.group_by if question.group_by.startswith("customer__") else question.group_by.partition("__")[2]
    table = engine.table(
        Request(
            (MetricId(question.metric),),
            grain,
            (group_by,) if group_by else (),
            date.fromisoformat(question.start) if question.start else None,
            date.fromisoformat(question.end) + timedelta(1) if question.end else None,
            _TEMPLATE.sub(r"\1", question.where),
        )
    )
    assert table.failures == ()
    return {
        tuple("" if cell is None else str(cell) for cell in row[:-1]): row[-1]
        for row in zip(*table.columns, strict=True)
    }


def test_every_answer_is_metricflows(carried: Path, answers: dict[_Question, dict[tuple[str, ...], float]]) -> None:
    """Each value is MetricFlow's, or differs for a reason that docs/metrics.md gives; no reason is idle."""
    workspace = config.load(carried)
    engine = Engine(workspace)
    newest = {name: pl.read_parquet(carried / "data" / f"{name}.parquet")[time].max() for name, time in _PARSED.items()}
    used: dict[str, int] = {}
    same = 0
    for question, theirs in answers.items():
        definition = workspace.metrics[MetricId(question.metric)].definition
        source = "balances" if question.metric.startswith("held") else "orders"
        if question.metric in {"visits", "buys"} or question.metric.startswith(("conv", "rate")):
            source = "buys" if question.metric == "buys" else "visits"
        ours = _ours(engine, workspace, question)
        for key in sorted({*ours, *theirs}):
            one, other = ours.get(key), theirs.get(key)
            if one is None and other is None:
                continue
            if one is not None and other is not None and one == pytest.approx(other, rel=1e-9, abs=1e-9):
                same += 1
                continue
            period = date.fromisoformat(key[0])
            last = newest[source]
            assert isinstance(last, date)
            cell = _Cell(question, definition, one, other, period, _last_day(period, question.grain), last)
            reason = next((reason for reason, fits in _DIFFERENCES.items() if fits(cell)), None)
            assert reason is not None, (question, key, one, other)
            used[reason] = used.get(reason, 0) + 1
    assert same > 13_000
    assert set(used) == set(_DIFFERENCES)


def test_the_program_answers_as_metricflow_does(
    carried: Path,
    answers: dict[_Question, dict[tuple[str, ...], float]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """`kputui query` over the carried workspace prints MetricFlow's numbers, a metric of each type."""
    names = ["revenue", "per_order", "growth_month", "trailing7", "held_last_each", "rate7", "web_revenue"]
    assert main(["-w", str(carried), "query", *names, "--grain", "month", "--format", "json"], _no_board) == 0
    rows = json.loads(capfd.readouterr().out)
    for name in names:
        expected = answers[_Question(name, "month", "", "", "", "")]
        found = {row["metric_time"]: row[name] for row in rows if row[name] is not None}
        assert found == {key[0]: pytest.approx(value) for key, value in expected.items() if key[0] in found}
        assert len(found) == 4 if name != "growth_month" else 3


def test_nothing_is_left_behind(carried: Path) -> None:
    """Joined columns, metrics as filters and fills of a conversion's side come over too."""
    metrics = config.load(carried).metrics
    assert metrics[MetricId("web_revenue")].definition.filter == "customer__segment = 'web'"
    assert metrics[MetricId("big_spender_revenue")].definition.filter == "customer__orders >= 12"
    assert len(metrics) == 57
