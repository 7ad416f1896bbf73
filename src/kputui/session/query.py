"""Asking for numbers: metrics by period and breakdown, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kputui.engine.date_parts import DATE_PARTS
from kputui.engine.request import Request
from kputui.engine.stretches import Offset
from kputui.errors import DataError, UsageError, did_you_mean
from kputui.session.naming import metric_named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kputui.engine.remote import Remote
    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain
    from kputui.model.series import Table
    from kputui.model.workspace import Workspace


def query(  # noqa: PLR0913 - one keyword for each option of the command
    workspace: Workspace,
    metrics: Sequence[str],
    *,
    grain: str | Grain | None = None,
    group_by: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
    where: str = "",
    today: date | None = None,
    compare: str = "",
    allowed_roots: tuple[Path, ...] = (),
    cache: Path | None = None,
    remote: Remote | None = None,
) -> Table:
    """The metrics' values from the period of `start` to the period of `end` (that day included).

    `grain` None takes the metrics' own, which must be one. Rows after `today` are not used; None uses
    all rows. `compare` ("1 year") adds each metric's value so much earlier and the change since, which
    is withheld where a period is not whole. Where the periods of the grain have labels, these are a
    column too. Raises `UsageError` for an unknown metric, grain, breakdown or length; a metric that
    cannot be computed, also because of `where`, is in the table's failures.
    """
    request = request_of(
        workspace,
        metrics,
        grain=grain,
        group_by=group_by,
        start=start,
        end=end,
        where=where,
        today=today,
        compare=compare,
    )
    from kputui.engine.compute import Engine  # noqa: PLC0415 - polars is imported only where it is needed

    table = Engine(workspace, allowed_roots=allowed_roots, cache=cache, remote=remote).table(request)
    return _labelled(table, request.grain)


def request_of(  # noqa: PLR0913 - as `query`
    workspace: Workspace,
    metrics: Sequence[str],
    *,
    grain: str | Grain | None = None,
    group_by: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
    where: str = "",
    today: date | None = None,
    compare: str = "",
) -> Request:
    """What `query` asks of the engine, checked; raises `UsageError`."""
    if not metrics:
        raise UsageError("no metric is named", f"metrics: {', '.join(workspace.metrics)}")
    known = [metric_named(workspace, name) for name in dict.fromkeys(metrics)]
    if start is not None and end is not None and end < start:
        raise UsageError(f"--to {end} is before --from {start}", "exchange the two")
    for column in group_by:
        _check_breakdown(workspace, known, column)
    if compare:
        _check_length(workspace, compare)
    last = end if end is None or end == date.max else end + timedelta(days=1)
    asked = _grain(workspace, known, grain)
    return Request(tuple(known), asked, tuple(dict.fromkeys(group_by)), start, last, where, today, compare=compare)


def _labelled(table: Table, grain: Grain | None) -> Table:
    """The table with a column, called as the grain, of the periods' labels, where a table of periods gives some."""
    if grain is None or grain.calendar is None or not grain.calendar.labels or grain.value in table.names:
        return table
    label_of = grain.calendar.label_of
    labels = tuple(label_of(day) if isinstance(day, date) else "" for day in table.columns[0])
    names, columns = table.names, table.columns
    return replace(table, names=(names[0], grain.value, *names[1:]), columns=(columns[0], labels, *columns[1:]))


def _check_length(workspace: Workspace, text: str) -> None:
    try:
        Offset.of(text, workspace.grains)
    except DataError as error:
        raise UsageError(f"--compare {error.message}", error.hint) from error


def _grain(workspace: Workspace, metrics: Sequence[MetricId], asked: str | Grain | None) -> Grain:
    if asked is not None:
        found = workspace.grain(asked) if isinstance(asked, str) else asked
        if found is None:
            names = [grain.value for grain in workspace.all_grains]
            raise UsageError(f'no grain "{asked}"', did_you_mean(str(asked), names) or f"grains: {', '.join(names)}")
        return found
    own = {workspace.metrics[name].grain for name in metrics}
    if len(own) > 1:
        raise UsageError("the metrics have different grains", "choose one with --grain")
    return own.pop()


def _check_breakdown(workspace: Workspace, metrics: Sequence[MetricId], column: str) -> None:
    for name in metrics:
        dimensions = workspace.metrics[name].dimensions
        if column not in dimensions and column not in DATE_PARTS:
            near = did_you_mean(column, dimensions)
            known = f"its dimensions: {', '.join(dimensions)}" if dimensions else "it declares no dimensions"
            raise UsageError(f'the metric "{name}" has no dimension "{column}"', near or known)
