"""`kputui query`: the numbers, as a table for people or as CSV, JSON or Parquet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.engine.request import CHANGE, PRIOR
from kputui.errors import ExitCode, UsageError
from kputui.model.metric import NumberFormat
from kputui.render.table import table_bytes, table_lines
from kputui.session.exports import Form
from kputui.session.output_file import write_output
from kputui.session.query import query

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.model.metric import Metric
    from kputui.model.series import Table
    from kputui.model.workspace import Workspace
    from kputui.render.lines import Line


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Compute the table and write it; on stderr what failed (then the answer is 5) and what the data leaves out."""
    if options.format == "parquet" and options.output is None and out.is_terminal():
        raise UsageError("Parquet is not for a terminal", "name a file: -o FILE.parquet")
    opened = context.opened(options)
    table = query(
        opened.workspace,
        options.metric,
        grain=options.grain,
        group_by=tuple(options.group_by or ()),
        start=options.from_,
        end=options.to,
        where=options.where or "",
        compare=options.compare or "",
        today=options.today,
        allowed_roots=opened.allowed_roots,
        cache=opened.cache,
        remote=opened.remote,
    )
    exits.failures(table.failures)
    for note in table.notes:
        exits.say(f"{note} (D23)")
    if len(table.failures) < len(set(options.metric)):
        _write(table, opened.workspace, options)
    return ExitCode.DATA if table.failures else ExitCode.OK


def _write(table: Table, workspace: Workspace, options: Namespace) -> None:
    if options.output is None and options.format == "table":
        out.lines(_lines(table, workspace), is_coloured=context.is_coloured(options))
        return
    content = _content(table, workspace, options.format)
    if options.output is None:
        out.data(content)
    else:
        write_output(options.output.expanduser(), content, workspace)


def _content(table: Table, workspace: Workspace, form: str) -> bytes:
    if form == "table":
        lines = (out.paint(line, is_coloured=False) for line in _lines(table, workspace))
        return "".join(f"{line}\n" for line in lines).encode()
    return table_bytes(table, Form(form), workspace)


def _lines(table: Table, workspace: Workspace) -> tuple[Line, ...]:
    shown: dict[str, Metric] = {name: metric for name, metric in workspace.metrics.items() if name in table.names}
    for metric in tuple(shown.values()):
        if f"{metric.id}{PRIOR}" in table.names:
            shown[f"{metric.id}{PRIOR}"] = metric
            change = replace(metric, format=NumberFormat.PERCENT1, unit="")
            shown[f"{metric.id}{CHANGE}"] = change
    return table_lines(table, shown)
