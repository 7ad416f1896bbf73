"""`kputui confirm`: a person's judgement that a CPI moves a KPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import context
from kputui.cli.change import change
from kputui.model.change import Decide
from kputui.model.link import LinkState
from kputui.session.naming import link_named

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.errors import ExitCode


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Confirm the link; 3 when somebody else decided first."""
    return decide(options, LinkState.CONFIRMED)


def decide(options: Namespace, state: LinkState) -> ExitCode:
    """Record a decision about the link that the command line names."""
    opened = context.opened(options)
    return change(options, opened, Decide(*link_named(opened.workspace, options.cpi, options.kpi), state))
