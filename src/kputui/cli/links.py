"""`kputui links`: what the data says of each link, all about one, or hints for new ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode, UsageError
from kputui.render.link_report import hint_lines, hint_records, link_records, pair_lines, table_lines
from kputui.session.link_reports import hint_reports, link_reports, pair_report

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.render.lines import Line
    from kputui.session.link_reports import Unread
    from kputui.session.open import Opened


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print the links; 5 when the data of one of their metrics cannot be read.

    Raises `UsageError` for names that are no metrics and options that do not fit together.
    """
    if options.search and options.cpi:
        raise UsageError("--search looks at all undeclared pairs", "leave CPI and KPI out")
    if options.if_improves is not None and not options.kpi:
        raise UsageError("--if-improves needs one link", "name it: kputui links CPI KPI --if-improves 0.02")
    opened = context.opened(options)
    lines, records, unread = _found(opened, options)
    if options.format == "json":
        report = {
            "project": opened.workspace.project.name,
            "today": opened.clock.today.isoformat(),
            "is_today_fixed": opened.clock.is_fixed,
            "last_day": opened.clock.last_day.isoformat(),
            "hints" if options.search else "links": records,
        }
        out.data((json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
    else:
        out.lines(lines, is_coloured=context.is_coloured(options))
    exits.failures((one.label, one.failure) for one in unread)
    return ExitCode.DATA if unread else ExitCode.OK


def _found(opened: Opened, options: Namespace) -> tuple[tuple[Line, ...], list[dict[str, object]], tuple[Unread, ...]]:
    """What was asked for, as lines and as records, and the metrics that could not be read."""
    width = out.width()
    if options.search:
        hints, unread = hint_reports(opened)
        return hint_lines(hints, width), hint_records(hints), unread
    if options.kpi:
        report, view = pair_report(opened, options.cpi, options.kpi, options.if_improves)
        return pair_lines(report, view, width), link_records([report]), report.unread
    reports = link_reports(opened, options.cpi or "")
    unread = tuple(dict.fromkeys(one for report in reports for one in report.unread))
    return table_lines(reports, width), link_records(reports), unread
