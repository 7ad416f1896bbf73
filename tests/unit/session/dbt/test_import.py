"""Metrics of a dbt project come over whole, or are listed with the reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from kputui.cli import main
from kputui.errors import UsageError
from kputui.session.dbt.carry import Carried, carry
from kputui.session.dbt.project import read_project

if TYPE_CHECKING:
    from pathlib import Path

    from kputui.cli.context import BoardOptions
    from kputui.session.board import Board

OLDER = """
semantic_models:
  - name: order_item
    model: ref('order_items')
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order_item, type: primary, expr: order_item_id}
      - {name: customer, type: foreign, expr: customer_id}
    dimensions:
      - name: ordered_at
        type: time
        expr: date_trunc('day', ordered_at)
        type_params: {time_granularity: day}
      - {name: is_food, type: categorical}
      - {name: size, type: categorical, expr: "case when price > 3 then 'big' else 'small' end"}
    measures:
      - {name: revenue, agg: sum, expr: price}
      - {name: visits, agg: count, expr: "1"}
      - {name: p99, agg: percentile, expr: price, agg_params: {percentile: 0.99}, create_metric: true}
metrics:
  - {name: revenue, label: Revenue, type: simple, type_params: {measure: revenue}}
  - name: big_food
    type: simple
    type_params: {measure: {name: visits, fill_nulls_with: 0}}
    filter: ["{{ Dimension('order_item__is_food') }}", "{{Dimension('order_item__size')}} = 'big'"]
  - name: food_share
    type: ratio
    type_params:
      numerator: {name: revenue, filter: "{{ Dimension('order_item__is_food') }} = true"}
      denominator: revenue
  - name: growth
    type: derived
    type_params:
      expr: now - before
      metrics:
        - {name: revenue, alias: now}
        - {name: revenue, offset_window: 1 month, alias: before}
  - name: so_far
    type: cumulative
    type_params: {measure: revenue, cumulative_type_params: {grain_to_date: month, period_agg: last}}
  - name: buys
    type: conversion
    type_params:
      conversion_type_params:
        {entity: customer, base_measure: {name: visits}, conversion_measure: {name: revenue}, window: 7 days}
"""

NEWER = """
models:
  - name: fct_orders
    semantic_model: {enabled: true, name: orders}
    agg_time_dimension: order_date
    columns:
      - {name: order_id, entity: primary}
      - {name: ordered_at, granularity: day, dimension: {type: time, name: order_date}}
      - {name: order_status, dimension: {type: categorical, name: status}}
    derived_semantics:
      dimensions:
        - {name: bucket, type: categorical, expr: "case when amount > 100 then 'large' else 'small' end"}
    metrics:
      - {name: revenue, type: simple, agg: sum, expr: amount, label: Revenue}
      - name: paid
        type: simple
        agg: count
        expr: order_id
        filter: "{{ Dimension('order__status') }} = 'paid' and {{ Dimension('order__bucket') }} = 'large'"
      - {name: trailing, type: cumulative, input_metric: revenue, window: 7 days}
  - {name: stg_nothing, columns: [{name: x}]}
metrics:
  - name: per_order
    type: ratio
    numerator: {name: revenue, filter: "{{ TimeDimension('metric_time', 'day') }} >= '2025-01-01'"}
    denominator: paid
"""


def no_board(_board: Board, _options: BoardOptions) -> int:
    raise AssertionError


def written(folder: Path, text: str) -> Path:
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models" / "semantic.yml").write_text(text)
    return folder


def test_the_older_spelling_comes_over(tmp_path: Path) -> None:
    """All five types of the older spelling become metrics with the same meaning."""
    carried = carry(read_project(written(tmp_path, OLDER)))
    assert not carried.left
    assert carried.sources == {"order_item": {"path": "data/order_items.parquet", "time": "ordered_at"}}
    metrics = carried.metrics
    assert metrics["big_food"]["filter"] == "(is_food) and ((case when price > 3 then 'big' else 'small' end) = 'big')"
    assert metrics["big_food"]["fill_nulls_with"] == 0
    assert metrics["food_share"]["numerator"] == {"name": "revenue", "filter": "is_food = true"}
    assert metrics["growth"]["input_metrics"] == [
        {"name": "revenue", "alias": "now"},
        {"name": "revenue", "alias": "before", "offset_window": "1 month"},
    ]
    assert metrics["so_far"] == {
        "kind": "diagnostic",
        "type": "cumulative",
        "input_metric": "revenue",
        "grain_to_date": "month",
        "period_agg": "last",
    }
    assert (metrics["buys"]["entity"], metrics["buys"]["base_metric"]) == ("customer_id", "visits")
    assert metrics["p99"]["percentile"] == 0.99


def test_the_newer_spelling_comes_over(tmp_path: Path) -> None:
    """Columns with roles, derived dimensions and metrics below a model are read, other models are passed over."""
    carried = carry(read_project(written(tmp_path, NEWER)))
    assert not carried.left
    assert carried.sources == {"orders": {"path": "data/fct_orders.parquet", "time": "ordered_at"}}
    bucket = "(case when amount > 100 then 'large' else 'small' end)"
    assert carried.metrics["paid"]["filter"] == f"order_status = 'paid' and {bucket} = 'large'"
    assert carried.metrics["trailing"]["window"] == "7 days"
    assert carried.metrics["per_order"]["numerator"] == {"name": "revenue", "filter": "ordered_at >= '2025-01-01'"}
    assert carried.metrics["revenue"]["dimensions"] == ["order_status"]


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ("{name: x, type: simple, type_params: {measure: gone}}", "its measure is not defined in these files"),
        (
            "{name: x, type_params: {measure: visits}, filter: \"{{ Dimension('client__rank') }} = 1\"}",
            "client__rank",
        ),
        (
            "{name: x, type: simple, type_params: {measure: visits}, filter: \"{{ Metric('revenue', ['a']) }} > 3\"}",
            "Metric(\"revenue\", ['a'])",
        ),
        ("{name: x, type: derived, type_params: {expr: a * 2, metrics: [a]}}", '"a", which the project lacks'),
        ("{name: x, type: derived, type_params: {expr: 'a *', metrics: [revenue]}}", "its expr has no counterpart"),
        ("{name: x, type: guess}", 'its type "guess"'),
        (
            "{name: x, type: cumulative, type_params: {measure: revenue, window: 3 moons}}",
            'its window "3 moons" is not a number of days',
        ),
    ],
)
def test_what_cannot_come_along_is_listed(tmp_path: Path, metric: str, why: str) -> None:
    """A metric without a counterpart is left behind with the reason, and the others still come over."""
    carried = carry(read_project(written(tmp_path, f"{OLDER}  - {metric}\n")))
    assert [left.name for left in carried.left] == ["x"]
    assert why in carried.left[0].why
    assert "revenue" in carried.metrics


def test_what_stands_on_a_lost_metric_is_lost_too(tmp_path: Path) -> None:
    """A chain of metrics over one that is left behind is left behind to its end."""
    more = (
        "  - {name: a, type: guess}\n"
        "  - {name: b, type: derived, type_params: {expr: a * 2, metrics: [a]}}\n"
        "  - {name: c, type: ratio, type_params: {numerator: b, denominator: revenue}}\n"
    )
    carried = carry(read_project(written(tmp_path, OLDER + more)))
    assert [left.name for left in carried.left] == ["a", "b", "c"]
    assert carried.left[2].why == 'it is made of "b", which is left behind'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "is not YAML"),
        ("a: 1", "holds no metrics"),
        ("&a [*a]", "holds no metrics"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_no_project_is_said_in_a_sentence(tmp_path: Path, content: str, message: str) -> None:
    """A broken or empty file is told with its name and never ends in a traceback."""
    with pytest.raises(UsageError, match=message):
        read_project(written(tmp_path, content))


def test_the_command_writes_a_workspace_that_computes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The written TOML stands in a workspace as it is, and its metrics compute from an exported table."""
    monkeypatch.chdir(tmp_path)
    project = written(tmp_path, OLDER)
    shop = tmp_path / "shop"
    (shop / "data").mkdir(parents=True)
    (shop / "kputui.toml").write_text('[project]\nname = "Shop"\n[goals.g]\nlabel = "People come back"\n')
    days = [date(2025, 1, 6), date(2025, 1, 7), date(2025, 1, 13)]
    rows = {"ordered_at": days, "price": [2.0, 6.0, 4.0], "is_food": [True, False, True], "customer_id": [1, 1, 2]}
    pl.DataFrame(rows).write_parquet(shop / "data" / "order_items.parquet")
    assert main(["import", "dbt", str(project), "-o", str(shop / "dbt.toml")], no_board) == 0
    assert "carried over" in capfd.readouterr().err
    answer = main(["-w", str(shop), "query", "revenue", "food_share", "--grain", "week", "--format", "csv"], no_board)
    assert answer == 0
    assert capfd.readouterr().out.splitlines() == [
        "metric_time,revenue,food_share",
        "2025-01-06,8.0,0.25",
        "2025-01-13,4.0,1.0",
    ]
    assert main(["import", "dbt", str(project), "-o", str(shop / "dbt.toml")], no_board) == 2
    assert "exists already" in capfd.readouterr().err


@pytest.mark.parametrize("text", [OLDER, NEWER], ids=["older", "newer"])
def test_a_metrics_own_grain_comes_over_or_is_told(text: str, tmp_path: Path) -> None:
    """A standard grain is carried; of a column of the time spine the list says what to write instead."""

    def carried_with(grain: str) -> Carried:
        return carry(read_project(written(tmp_path, text.replace("label: Revenue", f"time_granularity: {grain}"))))

    assert carried_with("month").metrics["revenue"]["grain"] == "month"
    carried = carried_with("fiscal_month")
    assert "grain" not in carried.metrics["revenue"]
    (note,) = (note for note in carried.notes if note.name == "revenue")
    assert note.why == 'its grain "fiscal_month" is a column of the time spine: list its periods in [grains]'
