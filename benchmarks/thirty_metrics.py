"""The 30 metrics of the engine's benchmarks: as a workspace for kputui, and as one query a shape for DuckDB.

A shape is a grain and a breakdown. A count over no rows is no value, as everywhere in kputui.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Measure:
    """A metric: the keys of its definition, its SQL, and whether its values are counts, which must agree exactly."""

    name: str
    keys: str
    sql: str
    is_count: bool = False


@dataclass(frozen=True)
class Shape:
    """The metrics that share a grain and a breakdown."""

    grain: str
    groups: tuple[str, ...]
    measures: tuple[Measure, ...]


def _simple(name: str, keys: str, sql: str, *, is_count: bool = False) -> Measure:
    return Measure(name, f'type = "simple"\nsource = "events"\n{keys}', sql, is_count)


def _ratio(name: str, numerator: str, denominator: str, sql: str) -> Measure:
    return Measure(name, f'type = "ratio"\nnumerator = "{numerator}"\ndenominator = "{denominator}"', sql)


_COUNT = 'agg = "count"\nexpr = "1"'
_SLOW = "count(*) filter (where seconds > 600)"

INPUTS = (
    _simple("rows", _COUNT, ""),
    _simple("slow", f'{_COUNT}\nfilter = "seconds > 600"', ""),
    _simple("customers", 'agg = "count_distinct"\nexpr = "customer"', ""),
    _simple("money", 'agg = "sum"\nexpr = "amount"', ""),
    _simple("time_spent", 'agg = "sum"\nexpr = "seconds"', ""),
    _simple("answers", 'agg = "count"\nexpr = "score"', ""),
    _simple("unhappy", 'agg = "count"\nexpr = "score"\nfilter = "score <= 6"', ""),
)
"""Parts of ratios and derived metrics; nobody asks for them by themselves."""

_DAY = (
    _simple("day_orders", _COUNT, "count(*)", is_count=True),
    _simple("day_revenue", 'agg = "sum"\nexpr = "amount"', "sum(amount)"),
    _simple(
        "day_app_revenue",
        'agg = "sum"\nexpr = "amount"\nfilter = "channel = \'app\'"',
        "sum(amount) filter (where channel = 'app')",
    ),
    _simple("day_flagged_share", 'agg = "average"\nexpr = "flag"', "avg(flag::int)"),
    _simple("day_seconds", 'agg = "average"\nexpr = "seconds"', "avg(seconds)"),
    _simple("day_customers", 'agg = "count_distinct"\nexpr = "customer"', "count(distinct customer)", is_count=True),
    _simple("day_median_seconds", 'agg = "median"\nexpr = "seconds"', "quantile_cont(seconds, 0.5)"),
    _ratio("day_slow_share", "slow", "rows", f"nullif({_SLOW}, 0) / nullif(count(*), 0)"),
)
_WEEK = (
    _simple(
        "week_flagged",
        f'{_COUNT}\nfilter = "flag"',
        "nullif(count(*) filter (where flag), 0)",
        is_count=True,
    ),
    _ratio("week_revenue_each", "money", "customers", "sum(amount) / nullif(count(distinct customer), 0)"),
    _simple(
        "week_spenders",
        'agg = "count_distinct"\nexpr = "customer"\nfilter = "amount > 50"',
        "nullif(count(distinct customer) filter (where amount > 50), 0)",
        is_count=True,
    ),
    _simple(
        "week_seconds_p90",
        'agg = "percentile"\npercentile = 0.9\nexpr = "seconds"',
        "quantile_cont(seconds, 0.9)",
    ),
    _simple("week_score", 'agg = "average"\nexpr = "score"', "avg(score)"),
    _simple("week_answers", 'agg = "count"\nexpr = "score"', "nullif(count(score), 0)", is_count=True),
    _simple(
        "week_flagged_revenue",
        'agg = "sum"\nexpr = "amount"\nfilter = "flag"',
        "sum(amount) filter (where flag)",
    ),
    _simple("week_longest", 'agg = "max"\nexpr = "seconds"', "max(seconds)"),
)
_MONTH = (
    _simple("month_revenue", 'agg = "sum"\nexpr = "amount"', "sum(amount)"),
    _simple("month_customers", 'agg = "count_distinct"\nexpr = "customer"', "count(distinct customer)", is_count=True),
    _simple(
        "month_amount_p95", 'agg = "percentile"\npercentile = 0.95\nexpr = "amount"', "quantile_cont(amount, 0.95)"
    ),
    _ratio(
        "month_unhappy_share",
        "unhappy",
        "answers",
        "nullif(count(score) filter (where score <= 6), 0) / nullif(count(score), 0)",
    ),
    _simple("month_delighted", 'agg = "sum_boolean"\nexpr = "score >= 9"', "sum((score >= 9)::int)", is_count=True),
    _simple(
        "month_basket",
        'agg = "average"\nexpr = "amount"\nfilter = "not flag"',
        "avg(amount) filter (where not flag)",
    ),
    _simple("month_teams", 'agg = "count_distinct"\nexpr = "team"', "count(distinct team)", is_count=True),
    Measure(
        "month_hourly_revenue",
        'type = "derived"\nexpr = "money * 3600 / time_spent"\n'
        'input_metrics = [{ name = "money" }, { name = "time_spent" }]',
        "sum(amount) * 3600 / nullif(sum(seconds), 0)",
    ),
)

SHAPES = (
    Shape("day", (), _DAY),
    Shape("week", (), _WEEK),
    Shape("month", (), _MONTH),
    Shape(
        "week",
        ("team",),
        (
            _simple("team_seconds", 'agg = "average"\nexpr = "seconds"', "avg(seconds)"),
            _simple(
                "team_seconds_p90",
                'agg = "percentile"\npercentile = 0.9\nexpr = "seconds"',
                "quantile_cont(seconds, 0.9)",
            ),
        ),
    ),
    Shape("day", ("region",), (_simple("region_revenue", 'agg = "sum"\nexpr = "amount"', "sum(amount)"),)),
    Shape(
        "month",
        ("channel",),
        (
            _simple(
                "channel_customers",
                'agg = "count_distinct"\nexpr = "customer"',
                "count(distinct customer)",
                is_count=True,
            ),
        ),
    ),
    Shape(
        "month",
        ("region", "channel"),
        (
            _ratio("corner_slow_share", "slow", "rows", f"nullif({_SLOW}, 0) / nullif(count(*), 0)"),
            _simple("corner_median_amount", 'agg = "median"\nexpr = "amount"', "quantile_cont(amount, 0.5)"),
        ),
    ),
)
"""24 metrics of the whole and 6 broken down, 2 of them by two dimensions."""

WIDE = Shape(
    "month",
    ("site",),
    (
        _simple("wide_revenue", 'agg = "sum"\nexpr = "amount"', "sum(amount)"),
        _simple("wide_median_seconds", 'agg = "median"\nexpr = "seconds"', "quantile_cont(seconds, 0.5)"),
        _simple("wide_channels", 'agg = "count_distinct"\nexpr = "channel"', "count(distinct channel)", is_count=True),
    ),
)
"""A breakdown of 10,000 values: the sites, few large and many small, by month."""

COLUMNS = ("time", "customer", "team", "region", "channel", "seconds", "score", "flag", "amount")
"""What the 30 metrics read: every column but the one that only `WIDE` is broken down by."""


def measures() -> tuple[Measure, ...]:
    """All measures that are asked for, the wide ones last."""
    return tuple(measure for shape in (*SHAPES, WIDE) for measure in shape.measures)


def query(shape: Shape, table: str) -> str:
    """The shape as one query: the period's first day, the breakdown, then a column a metric."""
    day = "time::date"
    period = day if shape.grain == "day" else f"date_trunc('{shape.grain}', {day})"
    columns = [f"{period} as period", *shape.groups]
    columns += [f"{measure.sql} as {measure.name}" for measure in shape.measures]
    return f"select {', '.join(columns)} from {table} group by all"  # noqa: S608 - own constants


def write_workspace(folder: Path) -> None:
    """Write the configuration that defines the metrics over the folder's data files."""
    parts = [_PROJECT]
    grains = {measure.name: shape.grain for shape in (*SHAPES, WIDE) for measure in shape.measures}
    for measure in (*INPUTS, *measures()):
        grain = grains.get(measure.name, "month")
        parts.append(f'[metrics.{measure.name}]\nkind = "diagnostic"\ngrain = "{grain}"\n{measure.keys}\n')
    path, text = folder / "kputui.toml", "\n".join(parts)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


_PROJECT = """[project]
name = "Thirty metrics"
timezone = "UTC"
today = 2025-12-31

[sources.events]
path = "data/*.parquet"
time = "time"

[goals.lasting]
label = "Nobody has to come twice"
why = "a second visit is a day lost to somebody"
measured_by = "served"
start = 2025-01-01
due = 2025-12-31
baseline = 0
target = 1_000_000

[metrics.served]
kind = "kpi"
grain = "month"
direction = "increase"
goals = ["lasting"]
gaming = "counting one visit as two"
type = "simple"
source = "events"
agg = "count"
expr = "1"
"""
