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
from kputui.review import alignment
from kputui.session.check import check_opened
from kputui.session.words import count_words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from kputui.cli.context import OpenBoard
    from kputui.errors import Problem
    from kputui.review import Alignment


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """List everything; 2 when the workspace cannot be read, 1 with findings, 0 when there is at most a note."""
    try:
        opened = context.opened(options)
    except ConfigError as error:
        _print(error.problems, options)
        return ExitCode.USAGE
    problems = check_opened(opened)
    workspace = opened.workspace
    counts = (len(workspace.goals), "goal"), (len(workspace.metrics), "metric"), (len(workspace.sources), "source")
    seen = ", ".join(count_words(count, word) for count, word in counts)
    _print(problems, options, f"{workspace.project.name}, {seen}", alignment(workspace))
    is_clean = all(problem.severity is Severity.INFO for problem in problems)
    return ExitCode.OK if is_clean else ExitCode.FINDINGS


def _print(
    problems: Sequence[Problem], options: Namespace, subject: str = "", aligned: Alignment | None = None
) -> None:
    """The problems, then how far the metrics serve the goals, and how many problems there are."""
    if options.format == "json":
        report: dict[str, object] = {
            "problems": [problem_record(problem) for problem in problems],
            "summary": summary(problems),
        }
        if aligned is not None:
            report["alignment"] = {"supporting": aligned.supporting, "metrics": aligned.metrics}
        out.data((json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode())
        return
    is_coloured = context.is_coloured(options)
    for problem in problems:
        out.lines((*problem_lines(near(problem, Path.cwd())), ()), is_coloured=is_coloured)
    if aligned is not None:
        out.text(f"{aligned.supporting} of {count_words(aligned.metrics, 'metric')} support a goal")
    out.text(safe(": ".join(part for part in (subject, summary(problems)) if part)))
