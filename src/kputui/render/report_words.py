"""The report's words, the same in Markdown and HTML: plain texts that the two formats still have to escape."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kputui.analysis.forecast.outlook import share_words
from kputui.render import glyphs
from kputui.render.dates import day_text, weekday_text
from kputui.render.number import number, pace_text, quantity_text, unit_of
from kputui.render.signals import range_text
from kputui.session.standup_views import ItemKind
from kputui.session.words import count_words, person_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.session.history import Entry
    from kputui.session.report_views import ReportView
    from kputui.session.standup_views import GoalStanding, Item, StandUpView
    from kputui.session.views import Fact

NO_NEWS = "Nothing changed since then, and nothing asks for a decision."
MOST_FACTS = 8
"""How many figures an item shows at once."""
HOW_TO_READ = (
    "Whole periods carry the states. A pace of 1 is on plan; a burn above 1 uses an allowance too fast. "
    "What lies within the natural limits is routine and asks for no explanation. A CPI leads a KPI; nothing here says "
    "that it causes it. The bands of a forecast hold 80 and 95 % of what may come; it never claims to know more than "
    "97 %."
)


def title(standup: StandUpView) -> str:
    """The page's title."""
    return f"{standup.project}: stand-up of {day_text(standup.today)}"


def when_words(standup: StandUpView) -> str:
    """The days that the page is about, and how new its data is."""
    day = weekday_text(standup.today)
    parts = [
        f"evening of {day}" if standup.is_today_fixed else day,
        f"since {day_text(standup.since)}",
        f"data up to {day_text(standup.newest_data)}" if standup.newest_data is not None else "no data",
    ]
    return " · ".join(parts)


def summary(view: ReportView) -> tuple[tuple[str, str], ...]:
    """(number, what it counts) of what the page holds: goals by state, what asks, signals, decisions."""
    states = Counter(goal.standing.now for goal in view.goals if goal.standing.now)
    asks, entries = len(view.asking), len(view.standup.entries)
    signals = sum(part.item.kind is ItemKind.SIGNAL for part in view.asking)
    told = [(str(count), state) for state, count in states.items()]
    told.append((str(asks), "asks for an answer" if asks == 1 else "ask for an answer"))
    told.append((str(signals), "signal to explain" if signals == 1 else "signals to explain"))
    told.append((str(entries), "decision or note" if entries == 1 else "decisions and notes"))
    return tuple(told)


def state_words(standing: GoalStanding) -> str:
    """The state, and what it was when it turned: `at risk (was on track)`."""
    now = standing.now or "no state"
    return f"{now} (was {standing.then})" if standing.then and standing.then != standing.now else now


def reached_words(standing: GoalStanding) -> str:
    """`75.0 % of 76.0 %`; "" without a measure."""
    if standing.actual is None or standing.actual.value is None:
        return ""
    if standing.target is None or standing.target.value is None:
        return quantity_text(standing.actual)
    is_one_unit = unit_of(standing.actual) == unit_of(standing.target)
    actual = number(standing.actual.value, standing.actual.format) if is_one_unit else quantity_text(standing.actual)
    at_most = "at most " if standing.is_burn else ""
    return f"{actual} of {at_most}{quantity_text(standing.target)}"


def pace_words(standing: GoalStanding) -> str:
    """The pace, and what it was then when that reads differently: `0.97 (was 1.01)`."""
    if standing.pace is None:
        return ""
    now = pace_text(standing.pace, standing.is_burn)
    then = pace_text(standing.pace_then, standing.is_burn) if standing.pace_then is not None else now
    return now if then == now else f"{now} (was {then.removeprefix('burn ')})"


def forecast_words(standing: GoalStanding) -> str:
    """`78 %, leaning to be met`; "" without a forecast."""
    return "" if standing.p_met is None else f"{share_words(standing.p_met)}, {standing.words}"


def fact_words(fact: Fact) -> str:
    """A fact's value: `75.0 %`, `3.1 – 6.4 %`, or its words."""  # noqa: RUF002 - the dash of a range
    amount = quantity_text(fact.quantity) if fact.quantity is not None else ""
    if fact.quantity is not None and fact.until is not None:
        amount = range_text(fact.quantity, fact.until)
    return " ".join(part for part in (amount, fact.text) if part)


def goal_line(item: Item) -> str:
    """The goal that an item serves, where it is not about that goal itself: `Arrive on time, at risk, pace 0.97`."""
    standing = item.goal
    if standing is None or item.kind in {ItemKind.WORSE, ItemKind.BETTER}:
        return ""
    pace = pace_words(standing)
    parts = [standing.name, standing.now, f"pace {pace}" if pace and not standing.is_burn else pace]
    return ", ".join(part for part in parts if part)


def kind_words(item: Item) -> str:
    """What an item is about, and whether it is known from before: `signal`, `guardrail, as before`."""
    return item.kind.value if item.is_new or not item.asks else f"{item.kind.value}, as before"


def said_lines(item: Item) -> Iterator[str]:
    """What people wrote about it: `Rosa, 30 Sep 2013, week of 23 Sep 2013: storm`."""
    for said in item.said:
        about = f", {said.about}" if said.about else ""
        yield f"{said.by}, {day_text(said.on)}{about}: {said.text}"


def entry_words(entry: Entry) -> tuple[str, str, str, str]:
    """(day, who, what, reason) of a change."""
    reason = f"exception: {entry.reason}" if entry.is_override and entry.reason else entry.reason
    return day_text(entry.day), "" if entry.is_start else person_words(entry.author), entry.what, reason


def snoozed_words(item: Item) -> str:
    """An item that was put off: until when and by whom."""
    until = f"until {day_text(item.until)}" if item.until is not None else ""
    by = f" by {item.snoozed_by}" if item.snoozed_by else ""
    return f"{item.title}: {item.text}; put off {until}{by}"


def glyph_of(standing: GoalStanding) -> str:
    """The state's sign, so that colour is never needed."""
    return glyphs.TONE[standing.tone].strip()


def held_line(standup: StandUpView) -> str:
    """When the last stand-up was held."""
    return f"The last stand-up was held {standup.held}." if standup.held else "No stand-up was held before this one."


def counted(count: int, one: str) -> str:
    """`3 links`."""
    return count_words(count, one)
