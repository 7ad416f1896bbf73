"""`kputui journal`: verify the journal; import or discard an edit of the snapshot made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kputui import store
from kputui.cli import context, out
from kputui.cli.change import say
from kputui.cli.places import near
from kputui.cli.reason import reason_of
from kputui.errors import ExitCode, Severity, UsageError, did_you_mean
from kputui.render.problem import problem_lines, summary
from kputui.render.safe import safe
from kputui.session import commands
from kputui.session.words import count_words

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.store import HandEdit

ACTIONS = ("verify", "import", "discard")


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Do what is named; the workspace's other files are read for `import` and `discard` only."""
    if options.action not in ACTIONS:
        near_word = did_you_mean(options.action, ACTIONS)
        raise UsageError(f'journal cannot "{options.action}"', near_word or f"it can: {', '.join(ACTIONS)}")
    if options.action == "verify":
        return _verify(options)
    opened = context.opened(options)
    if not opened.state.edits:
        raise UsageError("the snapshot was not edited by hand: there is nothing to import or discard")
    reason = reason_of(options, _words(opened.state.edits)) if options.action == "import" else ""
    for edit in opened.state.edits:
        if options.action == "import":
            say(commands.import_edit(opened, edit, reason=reason))
        else:
            say(commands.discard_edit(opened, edit))
    return ExitCode.OK


def _words(edits: tuple[HandEdit, ...]) -> str:
    return f"{count_words(sum(len(edit.cells) for edit in edits), 'entry differs', 'entries differ')}."


def _verify(options: Namespace) -> ExitCode:
    """0 when all is well, 1 with findings, 5 when history was edited or cannot be read."""
    folder = context.folder_of(options)
    problems = store.verify(folder)
    for problem in problems:
        lines = problem_lines(near(problem, Path.cwd()))
        out.lines((*lines, ()), is_coloured=context.is_coloured(options))
    journal = store.open_store(folder, is_repairing=False).journal
    subject = "there is no journal yet"
    if not journal.is_missing:
        subject = f"{count_words(journal.seq, 'change')} in the journal"
    out.text(safe(f"{subject}: {summary(problems)}"))
    if any(problem.severity is Severity.ERROR for problem in problems):
        return ExitCode.DATA
    return ExitCode.OK if all(problem.severity is Severity.INFO for problem in problems) else ExitCode.FINDINGS
