"""`kputui log`: who changed what, when and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kputui.cli import context, exits, out
from kputui.errors import ExitCode
from kputui.render.log import log_lines, log_records
from kputui.session.history import log, metrics_of
from kputui.session.naming import metric_named, team_named

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.errors import Problem
    from kputui.model.ids import MetricId
    from kputui.session.open import Opened


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Print the changes that fit; 5 when the journal cannot be read to its end, after what could be."""
    opened = context.opened(options)
    workspace = opened.workspace
    entries = log(
        workspace,
        opened.state,
        metric=_metric(opened, options.metric) if options.metric else None,
        team=team_named(workspace, options.team).id if options.team else None,
        person=options.person or "",
        since=options.since,
    )
    if options.format == "json":
        out.data((json.dumps(log_records(entries), ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
    elif entries:
        out.lines(log_lines(entries, out.width()), is_coloured=context.is_coloured(options))
    problem = opened.state.journal.problem or _unopened(opened)
    if not entries and options.format != "json" and (opened.state.journal.seq or problem is None):
        exits.say("no change fits" if opened.state.journal.seq else "there are no changes yet")
    if problem is None:
        return ExitCode.OK
    exits.say(f"{problem.message} ({problem.code})", problem.hint)
    return ExitCode.DATA


def _unopened(opened: Opened) -> Problem | None:
    """Why the folder of the journal cannot be opened; None when it can."""
    return next((notice for notice in opened.state.notices if notice.code == "S01"), None)


def _metric(opened: Opened, name: str) -> MetricId:
    """A metric of the workspace, or one that only the journal still knows."""
    workspace = opened.workspace
    if name in workspace.metrics:
        return metric_named(workspace, name)
    told = (metric for change in opened.state.changes for metric in metrics_of(change.cell))
    return metric_named(workspace, name, dict.fromkeys((*workspace.metrics, *told)))
