"""`kputui assign`: a role for a team or person, or its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import context
from kputui.cli.change import change
from kputui.session.naming import assignment_named

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.errors import ExitCode


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Assign, or remove with --remove; 4 when a rule refuses, 3 when somebody else was first."""
    opened = context.opened(options)
    command = assignment_named(
        opened.workspace,
        options.metric,
        options.team,
        options.role,
        options.person or "",
        is_removing=options.remove,
    )
    return change(options, opened, command, override=options.override)
