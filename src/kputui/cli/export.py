"""`kputui export`: a table of the board for a spreadsheet or a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode, UsageError, did_you_mean
from kputui.render.table import table_bytes
from kputui.session.exports import Exported, Form, export_table, form_of
from kputui.session.naming import metric_named
from kputui.session.output_file import write_output
from kputui.session.report import refuse_private, whole_figures

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Write the table; 5 when the data of a metric cannot be read, after what there is."""
    what = _table(options.table)
    if (what is Exported.VALUES) is not (options.metric is not None):
        raise UsageError("`export values` needs a metric, the other tables none", "kputui export values METRIC")
    form = _form(options)
    if form is Form.PARQUET and options.output is None and out.is_terminal():
        raise UsageError("Parquet is not for a terminal", "name a file: -o FILE.parquet")
    opened = context.opened(options)
    refuse_private(opened)
    metric = metric_named(opened.workspace, options.metric) if options.metric is not None else None
    figures = whole_figures(opened)
    content = table_bytes(export_table(figures, what, metric), form, opened.workspace)
    if options.output is None:
        out.data(content)
    else:
        write_output(options.output.expanduser(), content, opened.workspace)
    failed = [(str(name), one.failure) for name, one in figures.readings.items() if one.failure is not None]
    exits.failures(failed)
    return ExitCode.DATA if failed else ExitCode.OK


def _table(name: str) -> Exported:
    if name in {one.value for one in Exported}:
        return Exported(name)
    names = [one.value for one in Exported]
    raise UsageError(f'no table "{name}"', did_you_mean(name, names) or f"tables: {', '.join(names)}")


def _form(options: Namespace) -> Form:
    """What --format says, else what the file's name says, else CSV."""
    if options.format is not None:
        return Form(options.format)
    return form_of(options.output) if options.output is not None else Form.CSV
