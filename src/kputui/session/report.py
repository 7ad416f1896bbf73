"""The report: the stand-up as a page, with the chart of each goal and of each metric that it speaks of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kputui.engine.codes import DATA_TESTS
from kputui.errors import Severity, UsageError
from kputui.session.board_view import board_view
from kputui.session.check import findings, worst_first
from kputui.session.codes import CODES
from kputui.session.link_words import VERDICT_TONES, brief_words
from kputui.session.mine import private_folder
from kputui.session.report_views import FindingPart, GoalPart, ItemPart, LinkPart, ReportView
from kputui.session.rows import link_standing
from kputui.session.standup import all_figures, stand_up
from kputui.session.views import Tone
from kputui.session.words import (
    LINK_TONES,
    decision_words,
    expect_words,
    lag_words,
    metric_words,
    person_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kputui.errors import Problem
    from kputui.model.link import Link
    from kputui.session.accountability import LinkStanding
    from kputui.session.figures import Figures
    from kputui.session.open import Opened
    from kputui.session.standup_views import Item, StandUpView
    from kputui.session.views import BoardView

_FRESHNESS = "D29"
_QUESTION = "G"


def report(opened: Opened, since: date | None = None) -> ReportView:
    """The page of a workspace, computed from its data; loads the engine.

    `since` as in `stand_up`. Raises UsageError for the user's private board and for a `since` that is not before
    today, DataError when the engine cannot be made.
    """
    return report_of(opened, whole_figures(opened), since)


def whole_figures(opened: Opened) -> Figures:
    """All figures of now with all findings; loads the engine, raises DataError when it cannot be made."""
    now = all_figures(opened)
    return replace(now, findings=worst_first((*findings(opened, now), *now.findings)))


def report_of(opened: Opened, now: Figures, since: date | None = None) -> ReportView:
    """The page of figures that are there already, their findings included; in a worker."""
    refuse_private(opened)
    return report_view(now, stand_up(opened, now, since))


def refuse_private(opened: Opened) -> None:
    """Raise UsageError when the workspace is the user's private board: nothing of it leaves the house."""
    place = private_folder()
    if place is not None and Path(opened.folder).resolve() == place.resolve():
        raise UsageError("this is your private board, and no report is made of it", "name the team's workspace: -w DIR")


def report_view(now: Figures, standup: StandUpView) -> ReportView:
    """The page of a stand-up: each chart once, where it is spoken of first."""
    board = board_view(now, 0)
    asking = tuple(item for item in standup.items if item.asks)
    telling = tuple(item for item in standup.items if not item.asks)
    drawn: set[str] = set()
    return ReportView(
        standup,
        tuple(_goals(board, standup)),
        tuple(_items(board, asking, drawn)),
        tuple(_items(board, telling, drawn)),
        tuple(_link(now, link) for link in now.workspace.links),
        tuple(_findings(now)),
        tuple(
            (metric_words(now.workspace, name), reading.failure)
            for name, reading in now.readings.items()
            if reading.failure is not None
        ),
    )


def _goals(board: BoardView, standup: StandUpView) -> Iterator[GoalPart]:
    for standing in standup.goals:
        detail = board.details.get(standing.row_key)
        if detail is None:
            yield GoalPart(standing)
        else:
            yield GoalPart(standing, detail.chart, detail.headline, detail.facts)


def _items(board: BoardView, items: tuple[Item, ...], drawn: set[str]) -> Iterator[ItemPart]:
    """The items with their metric's chart; a goal's own chart stands with the goal."""
    for item in items:
        name = str(item.metric or "")
        detail = board.details.get(item.row_key) if name and name not in drawn else None
        drawn.add(name)
        yield ItemPart(item, detail.chart if detail is not None else None)


def _link(now: Figures, link: Link) -> LinkPart:
    workspace, evidence = now.workspace, now.evidence.get((link.cpi, link.kpi))
    standing = link_standing(now, link.cpi, link.kpi)
    tone = LINK_TONES[standing.state]
    if evidence is not None and standing.decision is None:
        tone = VERDICT_TONES[evidence.verdict]
    return LinkPart(
        metric_words(workspace, link.cpi),
        metric_words(workspace, link.kpi),
        f"{expect_words(link.expect)}, {lag_words(link.lag)}",
        _state_words(standing),
        brief_words(evidence) if evidence is not None else "",
        tone if tone is not Tone.MUTED else Tone.PLAIN,
    )


def _state_words(standing: LinkStanding) -> str:
    decision = standing.decision
    if decision is None or standing.why:
        return standing.state.value + (f": {standing.why}" if standing.why else "")
    by = f" by {person_words(decision.decided_by)}" if decision.decided_by else ""
    return decision_words(decision.state, decision.method) + by


def _findings(now: Figures) -> Iterator[FindingPart]:
    """What rules found; questions, what is to be decided and broken promises of the data are items already."""
    for problem in now.findings:
        if problem.severity is not Severity.INFO and not _is_item(problem):
            yield FindingPart(problem.code, problem.key, problem.message, problem.hint)


def _is_item(problem: Problem) -> bool:
    return (
        problem.code in CODES
        or problem.code in DATA_TESTS
        or problem.code == _FRESHNESS
        or problem.code.startswith(_QUESTION)
    )
