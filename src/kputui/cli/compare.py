"""`kputui compare`: a metric before and after a day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.render.signal_reports import compare_lines, compare_record
from kputui.session.signal_reports import compare_report

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print what each known or found day changed, or the day of --at; 5 when the metric's data cannot be read."""
    opened = context.opened(options)
    report = compare_report(opened, options.metric, options.at)
    if options.format == "json":
        found = {"project": opened.workspace.project.name, **compare_record(report)}
        out.data((json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
    else:
        out.lines(compare_lines(report, out.width()), is_coloured=context.is_coloured(options))
    if report.failure is not None:
        exits.failures([(report.label, report.failure)])
        return ExitCode.DATA
    return ExitCode.OK
