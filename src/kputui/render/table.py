"""A query's table as text for people, as CSV for spreadsheets, and as JSON for programs."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING

from kputui.model.metric import NumberFormat
from kputui.render.lines import Ink
from kputui.render.number import NOTHING, number, quantity_text, unit_of
from kputui.render.safe import cell_width, fit, fit_right, safe
from kputui.session.exports import Form, parquet_bytes
from kputui.session.views import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kputui.model.metric import Metric
    from kputui.model.series import Table
    from kputui.model.workspace import Workspace
    from kputui.render.lines import Line

_GAP = "  "
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


def table_lines(table: Table, metrics: Mapping[str, Metric]) -> tuple[Line, ...]:
    """The table for people: a head, a rule, a line a row; numbers right, each metric in its own format.

    `metrics` has an entry for each column that is a metric; its unit stands in the head. Text is made
    safe; no data is a dash.
    """
    heads = [_head(name, metrics.get(name)) for name in table.names]
    columns = [
        [_cell(value, metrics.get(name)) for value in column]
        for name, column in zip(table.names, table.columns, strict=True)
    ]
    widths = [max(map(cell_width, (head, *column))) for head, column in zip(heads, columns, strict=True)]
    align = [fit_right if name in metrics else fit for name in table.names]

    def line(cells: Sequence[str], ink: str) -> Line:
        fitted = (place(cell, width) for place, cell, width in zip(align, cells, widths, strict=True))
        return ((_GAP.join(fitted).rstrip(), ink),)

    rule = ((_GAP.join("-" * width for width in widths), Ink.MUTED),)
    return line(heads, Ink.STRONG), rule, *(line(cells, Ink.PLAIN) for cells in zip(*columns, strict=True))


def csv_text(table: Table) -> str:
    """The table as CSV (RFC 4180, line feeds): raw values in full precision, no data an empty field.

    An empty text is written as "" so that it differs from no data. Text that a spreadsheet would run
    as a formula gets a leading apostrophe; numbers are left alone.
    """
    lines = [",".join(_csv_field(name) for name in table.names)]
    lines += [",".join(_csv_field(value) for value in row) for row in zip(*table.columns, strict=True)]
    return "\n".join(lines) + "\n"


def json_text(table: Table) -> str:
    """The table as a JSON list of row objects, a row a line; dates in ISO form, no data as null."""
    rows = ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False, default=_iso) for row in _records(table))
    return f"[\n{rows}\n]\n" if rows else "[]\n"


def table_bytes(table: Table, form: Form, workspace: Workspace) -> bytes:
    """The table as a file: CSV and JSON in UTF-8, Parquet with its columns' kinds; raises OSError."""
    if form is Form.PARQUET:
        return parquet_bytes(table, workspace)
    return (csv_text(table) if form is Form.CSV else json_text(table)).encode("utf-8", "replace")


def _records(table: Table) -> Iterator[dict[str, object]]:
    for row in zip(*table.columns, strict=True):
        yield dict(zip(table.names, row, strict=True))


def _head(name: str, metric: Metric | None) -> str:
    """The column's name, with the metric's unit where all values share one."""
    if metric is None or metric.format is NumberFormat.DURATION:
        return safe(name)
    unit = unit_of(Quantity(None, metric.format, metric.unit))
    return safe(f"{name} ({unit})" if unit else name)


def _cell(value: object, metric: Metric | None) -> str:
    if value is None:
        return NOTHING
    if metric is None or not isinstance(value, int | float):
        return safe(_plain(value))
    if metric.format is NumberFormat.DURATION:
        return quantity_text(Quantity(float(value), metric.format))
    return number(float(value), metric.format)


def _csv_field(value: object) -> str:
    if value is None:
        return ""
    text = _plain(value)
    if isinstance(value, str):
        if text.startswith(_RUN_BY_SPREADSHEETS):
            text = f"'{text}"
        if not text or any(c in text for c in ',"\r\n') or text != text.strip():
            return '"' + text.replace('"', '""') + '"'
    return text


def _plain(value: object) -> str:
    """A value in full precision: the shortest text that reads back as the same number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _iso(value: object) -> str:
    """JSON's text for dates, and for group values of kinds that JSON does not have."""
    return _plain(value)
