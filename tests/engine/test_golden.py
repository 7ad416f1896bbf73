"""The demo's numbers, all 17 metrics by week, month and year, against values computed by other means."""

from __future__ import annotations

import csv
import gzip
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kputui import config
from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.ids import MetricId
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from kputui.model.workspace import Workspace

_ROOT = Path(__file__).parents[2]
_GRAINS = {"week": Grain.WEEK, "month": Grain.MONTH, "total": Grain.YEAR}


@pytest.fixture(scope="module")
def demo() -> Workspace:
    """The demo without its fixed day, so that all rows count."""
    workspace = config.load(_ROOT / "config")
    return replace(workspace, project=replace(workspace.project, today=None))


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, str, str, str], float | None]:
    """Metric, grain, period start, origin -> value."""
    with gzip.open(_ROOT / "tests" / "golden" / "expected.csv.gz", "rt") as lines:
        return {
            (row["metric"], row["grain"], row["period_start"], row["segment"]): float(row["value"])
            if row["value"]
            else None
            for row in csv.DictReader(lines)
        }


@pytest.mark.parametrize("chunk_rows", [2_000_000, 40_000], ids=["one interval", "many intervals"])
@pytest.mark.parametrize("groups", [(), ("origin",)], ids=["total", "by origin"])
@pytest.mark.parametrize("grain", list(_GRAINS))
def test_demo_equals_expected(
    demo: Workspace,
    expected: dict[tuple[str, str, str, str], float | None],
    grain: str,
    groups: tuple[str, ...],
    chunk_rows: int,
) -> None:
    """Every value of the demo equals the one computed independently, to nine digits."""
    metrics = tuple(dict.fromkeys(MetricId(key[0]) for key in expected))
    table = Engine(demo, chunk_rows=chunk_rows).table(Request(metrics, _GRAINS[grain], groups))
    assert table.failures == ()
    found: dict[tuple[str, str, str, str], float | None] = {}
    for row in zip(*table.columns, strict=True):
        cells = dict(zip(table.names, row, strict=True))
        period = "" if grain == "total" else str(cells["metric_time"])
        for metric in metrics:
            value = cells[metric]
            assert value is None or isinstance(value, float | int)
            found[metric, grain, period, str(cells.get("origin", ""))] = value
    wanted = {key: value for key, value in expected.items() if key[1] == grain and bool(key[3]) == bool(groups)}
    assert found.keys() == wanted.keys()
    wrong = [
        (key, value, found[key])
        for key, value in wanted.items()
        if not (value is found[key] or math.isclose(value or 0, found[key] or 0, rel_tol=1e-9))
    ]
    assert wrong == []
