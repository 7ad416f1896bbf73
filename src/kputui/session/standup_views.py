"""Views of the stand-up: what turned, what is new and what asks, item by item, since the last one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kputui.session.views import Tone

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import GoalId, MetricId
    from kputui.session.history import Entry
    from kputui.session.views import Fact, Quantity


class ItemKind(StrEnum):
    """What an item is about, in the order in which a team takes them: first what needs a decision.

    The value is the word that people read.
    """

    GUARDRAIL = "guardrail"
    WORSE = "goal turned worse"
    DECISION = "decision"
    VERDICT = "verdict"
    SIGNAL = "signal"
    QUESTION = "question"
    DATA = "data"
    BETTER = "goal turned better"
    EXPLAINED = "explained signal"
    CHANGE = "change"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """A goal then and now. States are words, "" for a goal without a plan; `row_key`: its row on the board.

    `pace` is the pace index (1 = on plan); with `is_burn` the share of an allowance used, so that more than 1 is
    too fast. `p_met` with its `words`: the forecast, None without one. `is_worse`, `is_better`: the state turned.
    """

    goal: GoalId
    name: str
    row_key: str
    depth: int = 0
    then: str = ""
    now: str = ""
    tone: Tone = Tone.PLAIN
    pace_then: float | None = None
    pace: float | None = None
    is_burn: bool = False
    actual: Quantity | None = None
    target: Quantity | None = None
    p_met: float | None = None
    words: str = ""
    owner: str = ""
    is_worse: bool = False
    is_better: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Something a person wrote: an explanation or a note, with `about` (the period or day), author's name and day."""

    text: str
    by: str
    on: date
    about: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at: one a subject and kind.

    `key` is stable while the matter is the same, and is what a snooze names. `text` says what happened in one
    sentence, `asks` what people are asked ("" when it only tells), `more` what was folded into it. `facts` are the
    figures behind it. `row_key`: the row of the board whose detail and chart belong to it, "" for none. `goal`: the
    goal that it serves. `metric` and `kpi`: the CPI and KPI of a link where `kpi` is set. `start`: the first period
    of an open signal, else the day from which it is so. `is_new`: not so at the last stand-up. `said` newest
    first. `until`: the day on which a snoozed item comes back. `code`: the documented code behind it, or "".
    """

    key: str
    kind: ItemKind
    title: str
    text: str
    asks: str = ""
    tone: Tone = Tone.PLAIN
    is_new: bool = True
    more: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    row_key: str = ""
    goal: GoalStanding | None = None
    metric: MetricId | None = None
    kpi: MetricId | None = None
    start: date | None = None
    owner: str = ""
    said: tuple[Said, ...] = ()
    until: date | None = None
    snoozed_by: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class StandUpView:
    """What a team looks at together, since the evening of `since`.

    `items` in the order to take them; `snoozed` are left out of them until their day. `goals`: all of them then and
    now, in the board's order. `entries`: what people decided and wrote since, newest first. `held`: in words when and
    by whom the last stand-up was held ("" when none was; `since` is then a week ago, or what was asked). `refusal`:
    in words why nothing of then is known, while what asks now is still shown. `seq`: the journal's last change in it.
    """

    project: str
    today: date
    since: date
    items: tuple[Item, ...] = ()
    snoozed: tuple[Item, ...] = ()
    goals: tuple[GoalStanding, ...] = ()
    entries: tuple[Entry, ...] = ()
    held: str = ""
    refusal: str = ""
    is_today_fixed: bool = False
    newest_data: date | None = None
    seq: int = 0
