"""`kputui refute`: a person decides that a CPI does not lead a KPI, with what the data says on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli.confirm import decide
from kputui.model.link import LinkState

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.errors import ExitCode


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Refute the link; 3 when somebody else decided first."""
    return decide(options, LinkState.REFUTED)
