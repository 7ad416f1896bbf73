"""Views of the report: the stand-up with the charts, links and findings that belong on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.session.views import Tone

if TYPE_CHECKING:
    from kputui.model.series import Failure
    from kputui.session.standup_views import GoalStanding, Item, StandUpView
    from kputui.session.views import ChartView, Fact


@dataclass(frozen=True, slots=True)
class GoalPart:
    """A goal on the page: where it stands, its chart (None for one that nothing measures), its figures and dates."""

    standing: GoalStanding
    chart: ChartView | None = None
    headline: tuple[Fact, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemPart:
    """An item of the stand-up with its metric's chart; None where it has none, or where the page has it already."""

    item: Item
    chart: ChartView | None = None


@dataclass(frozen=True, slots=True)
class LinkPart:
    """A declared link in words: what leads what, what people decided, and what the data says."""

    cpi: str
    kpi: str
    expected: str
    state: str
    said: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class FindingPart:
    """A rule's finding: its code, what it is about as files name it, what it says and what to do."""

    code: str
    key: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ReportView:
    """The page that leaves the house.

    `goals` in the board's order. `asking` and `telling` divide the stand-up's items: those that ask people
    something, and those that only tell. `links`: all that are declared. `findings`: of the rules, without what is an
    item already. `failures`: the metrics that have no value of now, each with the reason.
    """

    standup: StandUpView
    goals: tuple[GoalPart, ...] = ()
    asking: tuple[ItemPart, ...] = ()
    telling: tuple[ItemPart, ...] = ()
    links: tuple[LinkPart, ...] = ()
    findings: tuple[FindingPart, ...] = ()
    failures: tuple[tuple[str, Failure], ...] = ()
