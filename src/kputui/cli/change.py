"""What assign, confirm and refute share: the rules first, then the reason, then the change, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import exits, out
from kputui.cli.reason import reason_of
from kputui.errors import ExitCode
from kputui.model.change import cell_of
from kputui.render.safe import safe
from kputui.session import commands
from kputui.session.choosing import preview
from kputui.session.history import cell_words

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.model.change import Command
    from kputui.session.commands import Done
    from kputui.session.open import Opened


def change(
    options: Namespace, opened: Opened, command: Command, *, override: bool = False, said: tuple[str, ...] = ()
) -> ExitCode:
    """Carry a command out and say what became of it.

    `said`: what the person is told first. A refusal comes before it and before the question for a reason. Raises
    what `session.commands.apply` raises.
    """
    seen = commands.revision(opened, command)
    refused = commands.refusal(opened, command)
    if refused is not None and not (override and refused.can_override):
        raise refused
    cell = cell_of(command)
    now = preview(opened, command).old
    for words in said:
        exits.say(words)
    reason = reason_of(options, f"{cell_words(opened.workspace, cell)}: now {now}.")
    return say(commands.apply(opened, command, reason=reason, override=override, seen_revision=seen))


def say(done: Done) -> ExitCode:
    """Print what was done, and on stderr what else happened."""
    out.text(safe(done.message))
    for notice in done.notices:
        exits.say(notice.message, notice.hint)
    return ExitCode.OK
