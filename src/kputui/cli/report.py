"""`kputui report`: the stand-up as a page to send, in Markdown or as one HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.render.html_report import html_report
from kputui.render.report_md import markdown_report
from kputui.session.output_file import write_output
from kputui.session.report import report

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Write the page; 5 when data that it speaks of is missing, after the page with what there is."""
    opened = context.opened(options)
    view = report(opened, options.since)
    content = (html_report(view) if options.format == "html" else markdown_report(view)).encode("utf-8", "replace")
    if options.output is None:
        out.data(content)
    else:
        write_output(options.output.expanduser(), content, opened.workspace)
        exits.say(f"wrote {options.output}")
    exits.failures(view.failures)
    return ExitCode.DATA if view.failures else ExitCode.OK
