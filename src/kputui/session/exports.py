"""Exports: what the board shows as tables of raw values, for spreadsheets and programs."""

from __future__ import annotations

import math
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.analysis.targets import meets_target
from kputui.errors import UsageError, did_you_mean
from kputui.model.series import Table
from kputui.session import export_rows
from kputui.session.history import log
from kputui.session.rows import date_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.model.ids import MetricId
    from kputui.model.workspace import Workspace
    from kputui.session.figures import Figures

Row = dict[str, object]


class Exported(StrEnum):
    """Which table; the value is the word that people type."""

    GOALS = "goals"
    METRICS = "metrics"
    VALUES = "values"
    SIGNALS = "signals"
    LINKS = "links"
    ACCOUNTABILITY = "accountability"
    CHANGES = "changes"
    FINDINGS = "findings"


class Form(StrEnum):
    """How a table is written; the value is also the file's suffix."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def export_table(figures: Figures, what: Exported, metric: MetricId | None = None) -> Table:
    """The table of judged figures. VALUES are those of one `metric`; raises UsageError without it.

    Text is as people wrote it: whoever writes the table makes it safe for its reader.
    """
    if what is Exported.VALUES:
        return _values(figures, metric)
    makers = {
        Exported.GOALS: export_rows.goals,
        Exported.METRICS: export_rows.metrics,
        Exported.SIGNALS: export_rows.signals,
        Exported.LINKS: export_rows.links,
        Exported.ACCOUNTABILITY: export_rows.accountability,
        Exported.FINDINGS: export_rows.findings,
    }
    if what is Exported.CHANGES:
        entries = log(figures.workspace, figures.state) if figures.state is not None else ()
        return table_of(export_rows.CHANGES, [export_rows.change(entry) for entry in entries])
    names, rows = makers[what](figures)
    return table_of(names, rows)


def table_of(names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> Table:
    """Rows as a table, its columns in the order of `names`; a number that is none (infinite) is no data."""
    return Table(tuple(names), tuple(tuple(_finite(row[name]) for row in rows) for name in names))


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def form_of(path: Path) -> Form:
    """The form that a file's name asks for; raises UsageError for another suffix."""
    suffix = path.suffix.removeprefix(".").lower()
    if suffix in {form.value for form in Form}:
        return Form(suffix)
    known = ", ".join(f".{form.value}" for form in Form)
    raise UsageError(
        f'"{path.name}" names no form', did_you_mean(suffix, [one.value for one in Form]) or f"end it in {known}"
    )


def parquet_bytes(table: Table, workspace: Workspace) -> bytes:
    """The table as a Parquet file; raises OSError."""
    from kputui.engine.compute import Engine  # noqa: PLC0415 - polars is imported only where it is needed

    with tempfile.TemporaryDirectory(prefix="kputui-") as folder:
        path = Path(folder) / "table.parquet"
        Engine(workspace).write_parquet(table, path)
        return path.read_bytes()


def _values(figures: Figures, name: MetricId | None) -> Table:
    """One metric period by period, oldest first, with target, limits and whether a period is whole."""
    names = (
        "period",
        "value",
        "rows",
        "is_whole",
        "target",
        "is_met",
        "lower_limit",
        "mean",
        "upper_limit",
        "is_signal",
    )
    metric = figures.workspace.metrics.get(name) if name is not None else None
    if metric is None:
        raise UsageError("no metric is named", "its values are the table")
    reading = figures.readings.get(metric.id)
    series = reading.series if reading is not None else None
    if series is None:
        return table_of(names, ())
    limits, chart = export_rows.limits_by_period(figures, metric), figures.signals.get(metric.id)
    signalled = {signal.start for signal in chart.signals} if chart is not None else set()
    rows: list[Row] = []
    for index, start in enumerate(series.starts):
        day, value = date_before(series.ends[index]), series.values[index]
        lower, mean, upper = limits.get(start, (None, None, None))
        is_whole = series.is_whole(index)
        rows.append(
            {
                "period": start,
                "value": value,
                "rows": series.rows[index],
                "is_whole": is_whole,
                "target": metric.target_on(day),
                "is_met": meets_target(metric, value, day) if is_whole else None,
                "lower_limit": lower,
                "mean": mean,
                "upper_limit": upper,
                "is_signal": start in signalled,
            }
        )
    return table_of(names, rows)
