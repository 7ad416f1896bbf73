"""`kputui signals`: the natural process limits of each metric, and what is more than routine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.render.signal_reports import chart_lines, overview_lines, signal_records
from kputui.session.signal_reports import signal_reports

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print the signals of one metric, or a line for each; 5 when a metric's data cannot be read."""
    opened = context.opened(options)
    reports = signal_reports(opened, options.metric)
    if options.format == "json":
        found = {
            "project": opened.workspace.project.name,
            "last_day": opened.clock.last_day.isoformat(),
            "metrics": signal_records(reports),
        }
        out.data((json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
    else:
        shown = overview_lines(reports) if options.metric is None else chart_lines(reports[0], out.width())
        out.lines(shown, is_coloured=context.is_coloured(options))
    failed = [(report.label, report.failure) for report in reports if report.failure is not None]
    exits.failures(failed)
    return ExitCode.DATA if failed else ExitCode.OK
