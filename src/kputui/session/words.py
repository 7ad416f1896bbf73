"""Words: dates, people, lags and states as the views say them, in English whatever the locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.goal import GoalState
from kputui.model.link import Expect, LinkState
from kputui.model.metric import Grain
from kputui.session.views import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, timedelta

    from kputui.model.ids import MetricId
    from kputui.model.link import Lag
    from kputui.model.ownership import Assignee
    from kputui.model.workspace import Workspace

JUDGEMENT = "judgement"
"""The `method` of a decision that a person made without a test."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

GOAL_TONES = {
    GoalState.ON_TRACK: Tone.GOOD,
    GoalState.MET: Tone.GOOD,
    GoalState.AT_RISK: Tone.CAUTION,
    GoalState.OFF_TRACK: Tone.BAD,
    GoalState.MISSED: Tone.BAD,
    GoalState.NOT_STARTED: Tone.MUTED,
    GoalState.NO_DATA: Tone.MUTED,
}
LINK_TONES = {
    LinkState.HYPOTHESIS: Tone.MUTED,
    LinkState.TESTING: Tone.MUTED,
    LinkState.CONFIRMED: Tone.PLAIN,
    LinkState.REFUTED: Tone.MUTED,
    LinkState.EXPIRED: Tone.CAUTION,
}
WEAKEST_FIRST = (
    GoalState.MISSED,
    GoalState.OFF_TRACK,
    GoalState.AT_RISK,
    GoalState.NO_DATA,
    GoalState.NOT_STARTED,
    GoalState.ON_TRACK,
    GoalState.MET,
)


def day_words(day: date) -> str:
    """`30 Sep 2013`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def period_words(grain: Grain, start: date) -> str:
    """The period that starts on `start`: `week of 30 Sep 2013`, `Sep 2013`; a quarter or year by its start.

    A period of a table by its label, where it has one: `P03 2026`.
    """
    if grain.calendar is not None and (label := grain.calendar.label_of(start)):
        return label
    if grain is Grain.DAY:
        return day_words(start)
    if grain is Grain.MONTH:
        return f"{_MONTHS[start.month - 1]} {start.year}"
    return f"{grain} of {day_words(start)}"


def periods_words(grain: Grain, first: date, last: date) -> str:
    """One period, or several from the first to the last: `weeks of 2 Sep to 23 Sep 2013`, `Jun to Aug 2013`."""
    if first == last:
        return period_words(grain, first)
    if grain.calendar is not None and grain.calendar.labels:
        return f"{period_words(grain, first)} to {period_words(grain, last)}"
    start = f"{_MONTHS[first.month - 1]}" if grain is Grain.MONTH else f"{first.day} {_MONTHS[first.month - 1]}"
    start = start if first.year == last.year else f"{start} {first.year}"
    end = period_words(grain, last) if grain in {Grain.DAY, Grain.MONTH} else day_words(last)
    return f"{start} to {end}" if grain in {Grain.DAY, Grain.MONTH} else f"{grain}s of {start} to {end}"


def person_words(person: str) -> str:
    """A person's handle as a name: `tarek` -> `Tarek`."""
    return person[:1].upper() + person[1:]


def assignee_words(workspace: Workspace, assignee: Assignee) -> str:
    """`Ramp and taxi (Jo)`: the team, and the person when one is named."""
    team = workspace.teams.get(assignee.team)
    name = team.label if team is not None else assignee.team
    return f"{name} ({person_words(assignee.person)})" if assignee.person else name


def metric_words(workspace: Workspace, metric: MetricId) -> str:
    """A metric's label; its name when the workspace does not define it."""
    found = workspace.metrics.get(metric)
    return (found.label or str(metric)) if found is not None else str(metric)


def decision_words(state: LinkState, method: str) -> str:
    """A link's state, with the ground of a decision that no test made: `confirmed (judgement)`."""
    is_judged = method == JUDGEMENT and state in {LinkState.CONFIRMED, LinkState.REFUTED}
    return f"{state} ({JUDGEMENT})" if is_judged else state.value


def lag_words(lag: Lag) -> str:
    """`after 0-2 weeks`, `after 1 day`."""
    unit = lag.unit.removesuffix("s")
    if lag.low == lag.high:
        return f"after {lag.low} {unit}{'' if lag.high == 1 else 's'}"
    return f"after {lag.low}-{lag.high} {unit}s"


def expect_words(expect: Expect) -> str:
    """The declared sign in words."""
    return "expected positive" if expect is Expect.POSITIVE else "expected negative"


def count_words(count: int, one: str, many: str = "") -> str:
    """`1 day`, `3 days`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def span_words(span: timedelta) -> str:
    """A length of time in its largest whole unit: `2 days`, `3 hours`."""
    seconds = int(span.total_seconds())
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return count_words(seconds // size, word)
    return count_words(seconds, "second")


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def weakest(states: Sequence[GoalState]) -> GoalState | None:
    """The weakest of several states, never an average; None when there are none.

    What has not started yet is no weakness of what has.
    """
    begun = [state for state in states if state is not GoalState.NOT_STARTED] or states
    return min(begun, key=WEAKEST_FIRST.index) if begun else None
