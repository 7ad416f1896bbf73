"""`kputui confirm`: a person decides that a CPI leads a KPI, with what the data says on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.cli import context, exits
from kputui.cli.change import change
from kputui.errors import DataError
from kputui.model.change import Decide
from kputui.model.link import LinkState
from kputui.session.deciding import told_words, warning_words, with_grounds
from kputui.session.link_reports import evidence_of
from kputui.session.naming import link_named

if TYPE_CHECKING:
    from argparse import Namespace

    from kputui.cli.context import OpenBoard
    from kputui.errors import ExitCode


def run(options: Namespace, _open_board: OpenBoard) -> ExitCode:
    """Confirm the link; 3 when somebody else decided first."""
    return decide(options, LinkState.CONFIRMED)


def decide(options: Namespace, state: LinkState) -> ExitCode:
    """Record a decision about the link that the command line names, after saying what the data says of it.

    Data that can't be read keeps nobody from deciding: it is told, and the decision is a judgement without it.
    """
    opened = context.opened(options)
    command = Decide(*link_named(opened.workspace, options.cpi, options.kpi), state)
    try:
        evidence = evidence_of(opened).get((command.cpi, command.kpi))
    except DataError as error:
        exits.say(error.message, error.hint)
        evidence = None
    command = with_grounds(opened.workspace, command, evidence)
    said = (told_words(opened.workspace, evidence), warning_words(state, evidence))
    return change(options, opened, command, said=tuple(words for words in said if words))
