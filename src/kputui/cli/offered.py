"""What a data file offers as KPI or CPI: its columns with how their rows become one value, or a condition."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.cli import exits
from kputui.cli.first_goal import failures_of
from kputui.cli.guess import GuessedMetric, identifier, in_order_for_cpi
from kputui.engine.expression import Kind, check, parse
from kputui.errors import UsageError, did_you_mean
from kputui.model.ids import MetricId
from kputui.model.metric import Aggregation, Direction, MetricKind, NumberFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.cli.first_look import Look


def offered(look: Look, kpi: GuessedMetric | None = None) -> list[GuessedMetric]:
    """The metrics that a file's columns give, the likeliest first; a list for people goes to standard error.

    With the `kpi` they are for a CPI, and the KPI is not among them.
    """
    metrics = list(look.guess.metrics)
    if kpi is not None:
        others = (metric for metric in metrics if (metric.expr, metric.agg) != (kpi.expr, kpi.agg))
        metrics = in_order_for_cpi(others) or [look.guess.cpi]
    width = min(max(len(metric.label) for metric in metrics), 30)
    for number, metric in enumerate(metrics, 1):
        exits.tell(f"    {number:2}  {metric.label[:width]:{width}}  {metric.why.partition(':')[0]}".rstrip())
    exits.tell("        or a condition on a row, such as  delay > 15: the share that meets it")
    return metrics


def picked(
    typed: str, metrics: Sequence[GuessedMetric], look: Look, taken: GuessedMetric | None = None
) -> GuessedMetric:
    """The metric that an answer means: its number in the list, its column, or a condition over a row.

    `taken` may not be meant again. Raises `UsageError` or `DataError` with what is wrong.
    """
    if typed.isdecimal() and 1 <= int(typed) <= len(metrics):
        return metrics[int(typed) - 1]
    for metric in metrics:
        if typed.casefold() in {metric.column.casefold(), metric.id, metric.label.casefold()}:
            return metric
    names = {column.name.casefold() for column in look.sample.columns}
    if typed.isidentifier() and typed.casefold() not in names:
        known = [metric.column or metric.id for metric in metrics]
        raise UsageError(f'no column "{typed}"', did_you_mean(typed, known) or f"a number from 1 to {len(metrics)}")
    metric = _of_condition(typed, look)
    if taken is not None and metric.expr == taken.expr:
        raise UsageError("that is the KPI already")
    failures, _ = failures_of(look.workspace([metric]))
    if (failure := failures.get(MetricId(metric.id))) is not None:
        raise UsageError(failure.message, failure.hint)
    return replace(metric, id=f"{metric.id}_cpi") if taken is not None and metric.id == taken.id else metric


def _of_condition(text: str, look: Look) -> GuessedMetric:
    """The share of rows that meet a condition, or the average of a calculation."""
    kind = check(parse(text), {column.name: column.kind for column in look.sample.columns if column.kind is not None})
    if kind not in {Kind.BOOLEAN, Kind.NUMBER}:
        raise UsageError(f'"{text}" is neither a condition nor a number', "such as  delay > 15")
    is_share = kind is Kind.BOOLEAN
    return GuessedMetric(
        id=identifier(text),
        kind=MetricKind.DIAGNOSTIC,
        label=f"Share of rows with {text}"[:60] if is_share else f"Average of {text}"[:60],
        agg=Aggregation.AVERAGE,
        expr=text,
        direction=Direction.DECREASE if is_share else Direction.INCREASE,
        format=NumberFormat.PERCENT1 if is_share else NumberFormat.NUMBER2,
        is_share=is_share,
        why="the share of rows that meet it" if is_share else "the average of the rows",
    )
