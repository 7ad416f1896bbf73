"""`kputui status`: a line a goal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.model.goal import GoalState
from kputui.model.series import Failure
from kputui.render.status import status_lines, status_records
from kputui.session.status import status

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from kputui.cli.context import OpenBoard
    from kputui.session.open import Opened
    from kputui.session.status import GoalStatus

FAILS_ON = {
    "at_risk": frozenset({GoalState.AT_RISK, GoalState.OFF_TRACK, GoalState.MISSED}),
    "off_track": frozenset({GoalState.OFF_TRACK, GoalState.MISSED}),
}


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print the goals; 5 when a goal's data cannot be read, 1 when one is in the state of --fail-on."""
    goals = print_report(context.opened(options), options, form=options.format)
    if any(goal.failure for goal in goals):
        return ExitCode.DATA
    fails_on = FAILS_ON.get(options.fail_on, frozenset())
    return ExitCode.FINDINGS if any(goal.state in fails_on for goal in goals) else ExitCode.OK


def print_report(opened: Opened, options: Namespace, *, form: str = "text") -> Sequence[GoalStatus]:
    """Compute the goals' status and print it; on stderr each failure is told once, with what to do. Gives the goals."""
    goals = status(opened)
    if form == "json":
        report = {
            "project": opened.workspace.project.name,
            "today": opened.clock.today.isoformat(),
            "is_today_fixed": opened.clock.is_fixed,
            "last_day": opened.clock.last_day.isoformat(),
            "goals": status_records(goals),
        }
        out.data((json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
    else:
        lines = status_lines(opened.workspace.project.name, opened.clock, goals, out.width())
        out.lines(lines, is_coloured=context.is_coloured(options))
    exits.failures(
        (goal.label, Failure(goal.failure_code, goal.failure, goal.failure_hint)) for goal in goals if goal.failure
    )
    return goals
