"""`kputui standup`: what changed or asks since the last stand-up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.render.standup import record, standup_lines
from kputui.session.standup import all_figures, stand_up

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print the items in the order to take them; 5 when a metric's data cannot be read."""
    opened = context.opened(options)
    figures = all_figures(opened)
    view = stand_up(opened, figures, options.since)
    if options.format == "json":
        out.data((json.dumps(record(view), ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
    else:
        out.lines(standup_lines(view, out.width()), is_coloured=context.is_coloured(options))
    failed = [(str(name), reading.failure) for name, reading in figures.readings.items() if reading.failure is not None]
    exits.failures(failed)
    return ExitCode.DATA if failed else ExitCode.OK
