"""Why an action can't be done now: one function a need, each "" when it is met, else the sentence that says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.tui.selection import row_to_explore

if TYPE_CHECKING:
    from kputui.tui.actions import Situation


def needs_number(situation: Situation) -> str:
    """A row with a number to open."""
    if situation.detail is None or not situation.detail.provenance:
        return "this row has no number to open"
    return ""


def needs_row(situation: Situation) -> str:
    """A row."""
    return "" if situation.row is not None else "no row is selected"


def needs_metric(situation: Situation) -> str:
    """A row with a metric, or a goal with one below it."""
    row = row_to_explore(situation.view, situation.row)
    has_metric = row is not None and row.metric is not None
    return "" if has_metric else "this row has no metric to explore: select the row of a metric"


def needs_computing(situation: Situation) -> str:
    """That something is being computed."""
    return "" if situation.view is not None and situation.view.header.is_computing else "nothing is being computed"


def needs_stopped(situation: Situation) -> str:
    """That the computing was stopped."""
    return "" if situation.view is not None and situation.view.header.is_stopped else "nothing was stopped"


def needs_matrix(situation: Situation) -> str:
    """A CPI."""
    if situation.view is None or not situation.view.matrix.rows:
        return "there is no CPI to be accountable for"
    return ""


def needs_permission(situation: Situation) -> str:
    """That changes can be saved."""
    return situation.view.read_only if situation.view is not None else "nothing is loaded yet"


def needs_cpi(situation: Situation) -> str:
    """A CPI."""
    return "" if situation.cpi is not None else "people are accountable for CPIs: select one"


def needs_cpi_and_permission(situation: Situation) -> str:
    """A CPI, and that changes can be saved."""
    return needs_cpi(situation) or needs_permission(situation)


def needs_cell(situation: Situation) -> str:
    """A cell of the matrix that may be changed."""
    if not situation.is_in_matrix:
        return "this sets a letter in the accountability matrix: 3 goes there"
    if situation.cpi is None or situation.assignee is None:
        return "no cell is selected"
    return needs_permission(situation)


def needs_letter(situation: Situation) -> str:
    """A cell of the matrix with a letter."""
    return needs_cell(situation) or ("" if situation.letters else "nobody has a part here")


def needs_signal(situation: Situation) -> str:
    """A metric with a signal, and that changes can be saved."""
    if situation.detail is None or not situation.detail.provenance:
        return "there is no number here yet"
    if not situation.detail.signals:
        return "no signal here: what varies is routine, and asks for no explanation"
    return needs_permission(situation)


def needs_subject(situation: Situation) -> str:
    """A metric or a goal, and that changes can be saved."""
    if situation.item is None and (situation.row is None or (situation.row.metric or situation.row.goal) is None):
        return "a note is about a metric or a goal: select one"
    return needs_permission(situation)


def needs_item(situation: Situation) -> str:
    """An item of the stand-up, and that changes can be saved."""
    if situation.item is None:
        return "this puts off an item of the stand-up: 5 goes there"
    return needs_permission(situation)


def needs_end(situation: Situation) -> str:
    """The last page of a stand-up, and that changes can be saved."""
    if situation.hold is None:
        return "a stand-up is held on its last page: 5 goes there"
    return needs_permission(situation)


def needs_held_back(situation: Situation) -> str:
    """Data that is held back."""
    return "" if situation.view is not None and situation.view.is_held_back else "no data is held back"


def needs_links(situation: Situation) -> str:
    """A declared link."""
    links = situation.view.links if situation.view is not None else None
    return "" if links is not None and links.rows else "no CPI is linked to a KPI: add [[links]] to the workspace"


def needs_journey(situation: Situation) -> str:
    """A named stage."""
    has_journey = situation.view is not None and situation.view.journey is not None
    return "" if has_journey else "no stages of a journey are named: add [[journey]] to the workspace"


def needs_findings(situation: Situation) -> str:
    """A finding."""
    return "" if situation.view is not None and situation.view.findings else "the check found nothing"
