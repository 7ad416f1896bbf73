"""`kputui forecast`: whether the goals will be met by their due dates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.render.forecast import forecast_records, goal_lines, overview_lines
from kputui.session.outlooks import goal_outlooks

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print the forecast of one goal, or a summary of all; 5 when a goal's data cannot be read."""
    opened = context.opened(options)
    goals = goal_outlooks(opened, options.goal)
    project = opened.workspace.project.name
    if options.format == "json":
        report = {
            "project": project,
            "today": opened.clock.today.isoformat(),
            "is_today_fixed": opened.clock.is_fixed,
            "last_day": opened.clock.last_day.isoformat(),
            "goals": forecast_records(goals),
        }
        out.data((json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
    else:
        shown = (
            overview_lines(project, opened.clock, goals, out.width())
            if options.goal is None
            else goal_lines(project, opened.clock, goals[0], out.width())
        )
        out.lines(shown, is_coloured=context.is_coloured(options))
    failed = [(goal.label, goal.failure) for goal in goals if goal.failure is not None]
    exits.failures(failed)
    return ExitCode.DATA if failed else ExitCode.OK
