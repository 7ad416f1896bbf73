"""`kputui check`: all problems of the workspace and its data, and all findings of the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.cli import context, out
from kputui.cli.places import near
from kputui.errors import ConfigError, ExitCode, Severity
from kputui.render.problem import problem_lines, problem_record, summary
from kputui.render.safe import safe
from kputui.session.check import checked
from kputui.session.words import count_words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from kputui.cli.context import OpenBoard
    from kputui.errors import Problem
    from kputui.session.check import Checked


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """List everything; 2 when the workspace cannot be read, 1 with findings, 0 when there is at most a note."""
    try:
        opened = context.opened(options)
    except ConfigError as error:
        _print(error.problems, options)
        return ExitCode.USAGE
    found = checked(opened)
    workspace = opened.workspace
    counts = (len(workspace.goals), "goal"), (len(workspace.metrics), "metric"), (len(workspace.sources), "source")
    seen = ", ".join(count_words(count, word) for count, word in counts)
    _print(found.problems, options, f"{workspace.project.name}, {seen}", found)
    is_clean = all(problem.severity is Severity.INFO for problem in found.problems)
    return ExitCode.OK if is_clean else ExitCode.FINDINGS


def _print(problems: Sequence[Problem], options: Namespace, subject: str = "", found: Checked | None = None) -> None:
    """The problems, then how far the metrics serve the goals, and how many problems there are."""
    if options.format == "json":
        report: dict[str, object] = {
            "problems": [problem_record(problem) for problem in problems],
            "summary": summary(problems),
        }
        if found is not None:
            counts = {"metrics": found.alignment.metrics, "with_data": found.tracked}
            report["alignment"] = counts | {"supporting": found.alignment.supporting}
        out.data((json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode())
        return
    is_coloured = context.is_coloured(options)
    for problem in problems:
        out.lines((*problem_lines(near(problem, Path.cwd())), ()), is_coloured=is_coloured)
    if found is not None and found.alignment.metrics:
        out.text(_aligned(found))
    out.text(safe(": ".join(part for part in (subject, summary(problems)) if part)))


def _aligned(found: Checked) -> str:
    """How many metrics there are, how many have data, and how many support a goal: three different things."""
    every, serving = found.alignment.metrics, found.alignment.supporting
    tracked, steered = (f"{count} of {every} ({_percent(count, every)} %)" for count in (found.tracked, serving))
    return f"metrics: {tracked} have data, {steered} support a goal"


def _percent(count: int, every: int) -> int:
    """The share, rounded; short of all is never 100."""
    return round(100 * count / every) if count == every else min(round(100 * count / every), 99)
