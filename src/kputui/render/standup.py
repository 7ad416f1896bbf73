"""The stand-up as lines: an item a page for the screen, all of them for the command line, and records for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kputui.render.detail import MIN_CHART_HEIGHT, MIN_CHART_WIDTH, flow
from kputui.render.lines import TONE_INK, Ink, Line, filled, width_of
from kputui.render.number import pace_text
from kputui.render.problem import wrap
from kputui.render.safe import safe
from kputui.render.status import plain
from kputui.session.standup_views import ItemKind
from kputui.session.words import count_words, day_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.session.history import Entry
    from kputui.session.standup_views import GoalStanding, Item, StandUpView
    from kputui.session.views import Fact

USUAL_MINUTES = 10
_WIDTH = 79
_MOST_TOLD = 4
"""Lines of an item's page that its words take above a chart; the rest are below it."""


def record(view: StandUpView) -> dict[str, object]:
    """The stand-up for programs: every item with every figure behind it, dates in ISO form."""
    found: dict[str, object] = {
        "items": [plain(asdict(item)) for item in view.items],
        "snoozed": [plain(asdict(item)) for item in view.snoozed],
        "goals": [plain(asdict(goal)) for goal in view.goals],
    }
    entries = [
        {
            "seq": entry.seq,
            "day": entry.day.isoformat(),
            "author": entry.author,
            "subject": entry.subject,
            "old": entry.old,
            "new": entry.new,
            "reason": entry.reason,
        }
        for entry in view.entries
    ]
    return {
        "project": view.project,
        "today": view.today.isoformat(),
        "is_today_fixed": view.is_today_fixed,
        "since": view.since.isoformat(),
        "held": view.held,
        "refusal": view.refusal,
        "newest_data": view.newest_data.isoformat() if view.newest_data is not None else None,
        **found,
        "entries": entries,
    }


def standup_lines(view: StandUpView, width: int | None) -> tuple[Line, ...]:
    """All of a stand-up: a heading, the items with what they ask, what was put off, and what was decided since."""
    room = max(width or _WIDTH, 20)
    when = f"evening of {day_words(view.today)}" if view.is_today_fixed else day_words(view.today)
    lines: list[Line] = [((safe(view.project), Ink.STRONG), (f" · {when}, since {day_words(view.since)}", Ink.MUTED))]
    lines += [((line, Ink.CAUTION),) for line in wrap(unknown_words(view), room) if view.refusal]
    if not view.items:
        return (*lines, (), ((nothing_words(view), Ink.PLAIN),))
    for item in view.items:
        lines += [(), *(((" ", Ink.PLAIN), *line) if line else () for line in _whole(item, room - 1))]
    lines += [
        (),
        *(((f" {line}", Ink.MUTED),) for item in view.snoozed for line in wrap(put_off_words(item), room - 1)),
    ]
    if view.entries:
        lines += [(), ((f" {count_words(len(view.entries), 'change')} since then", Ink.STRONG),)]
        lines += [*entry_lines(view.entries, room)]
    return tuple(lines)


def nothing_words(view: StandUpView) -> str:
    """The one line of a stand-up without an item."""
    off = f"; {count_words(len(view.snoozed), 'item')} put off" if view.snoozed else ""
    return f"nothing has changed since {day_words(view.since)}, and nothing asks{off}"


def unknown_words(view: StandUpView) -> str:
    """Why nothing is known of then."""
    return safe(f"how it was on {day_words(view.since)} is not known: {view.refusal}")


def put_off_words(item: Item) -> str:
    """An item that is left out: until when, and by whom."""
    day = day_words(item.until) if item.until is not None else ""
    by = f" (by {item.snoozed_by})" if item.snoozed_by else ""
    return safe(f"put off until {day}{by}: {item.title}, {item.text}")


def entry_lines(entries: Sequence[Entry], width: int) -> list[Line]:
    """What people decided and wrote, a line or more each: subject, old and new, who, and why."""
    lines: list[Line] = []
    for entry in entries:
        old = f"{entry.old} → " if entry.before else ""
        reason = f" ({entry.reason})" if entry.reason else ""
        text = safe(f"{entry.subject}: {old}{entry.new}, by {entry.author}{reason}")
        first, *others = wrap(text, max(width - 4, 10))
        lines += [((f"  · {first}", Ink.PLAIN),), *(((f"    {other}", Ink.PLAIN),) for other in others)]
    return lines


@dataclass(frozen=True, slots=True)
class Now:
    """What has become of an item since it was found: the changes that this stand-up brought, and whose it is by now."""

    done: tuple[Entry, ...] = ()
    owner: str = ""


def chart_size(item: Item, now: Now, width: int, height: int) -> tuple[int, int] | None:
    """The cells of an item's chart on a page of that inside; None where there is no room for one."""
    inner = max(width - 2, 10)
    told, below = len(_told(item, inner, now)), len(_below(item, inner, now))
    least = min(below, max(height // 4, 2))
    rows = min(height - min(told, _MOST_TOLD) - least, max(height - told - below, MIN_CHART_HEIGHT))
    return (width, rows) if width >= MIN_CHART_WIDTH and rows >= MIN_CHART_HEIGHT else None


def item_lines(item: Item, now: Now, chart: Sequence[Line] | None, width: int, height: int) -> tuple[Line, ...]:
    """One item's page, as long as it is: what it is and asks, its goal, the chart, whose it is, what was said.

    `chart` is None for an item without one; an empty chart keeps its room until it is drawn.
    """
    inner = max(width - 2, 10)
    told, below = _told(item, inner, now), _below(item, inner, now)
    size = chart_size(item, now, width, height) if chart is not None else None
    if size is None or chart is None:
        return tuple(filled(line, width) for line in _margin([*told, *below]))
    above = told if len(told) + size[1] < height else told[:_MOST_TOLD]
    drawn = [*chart[: size[1]], *[()] * (size[1] - len(chart))]
    lines = [*_margin(above), *drawn, *_margin([*told[len(above) :], *below])]
    return tuple(filled(line, width) for line in lines)


def closing_lines(
    view: StandUpView, decided: Sequence[Entry], left: Sequence[Item], ends: str, width: int
) -> tuple[Line, ...]:
    """The last page: what was decided, what is left to answer, what is put off, and how the stand-up ends.

    It is the only page when there is no item.
    """
    inner = max(width - 2, 10)
    lines: list[Line] = []
    if not view.items:
        lines += [(), *(((line, Ink.STRONG),) for line in wrap(nothing_words(view), inner))]
    if view.refusal:
        lines += [((line, Ink.CAUTION),) for line in wrap(unknown_words(view), inner)]
    if view.items or decided:
        words = f"{count_words(len(decided), 'change')} in this stand-up" if decided else "nothing was changed"
        lines += [(), ((words, Ink.STRONG),)]
    lines += entry_lines(decided, inner)
    if left:
        lines += [(), ((f"{count_words(len(left), 'item')} left without an answer", Ink.STRONG),)]
        lines += [((line, Ink.PLAIN),) for item in left for line in wrap(safe(f"  · {item.title}: {item.asks}"), inner)]
    if view.snoozed:
        lines += [(), *(((line, Ink.MUTED),) for item in view.snoozed for line in wrap(put_off_words(item), inner))]
    lines += [(), *(((line, Ink.PLAIN),) for line in wrap(safe(ends), inner))]
    return tuple(filled(line, width) for line in _margin(lines))


def kind_words(item: Item) -> str:
    """What an item is, and whether it is new: `signal · new`."""
    return f"{item.kind.value} · new" if item.is_new and item.asks else item.kind.value


def _whole(item: Item, width: int) -> list[Line]:
    return [*_told(item, width, Now()), *_below(item, width, Now())]


def _told(item: Item, width: int, now: Now) -> list[Line]:
    """Its kind and name with what it asks, what was answered, then what happened, then its goal."""
    head: Line = ((f"{kind_words(item)}  ", Ink.MUTED), (safe(item.title), Ink.STRONG))
    asks: Line = ((f"  {safe(item.asks)}", Ink.CAUTION),) if item.asks else ()
    is_short = width_of((*head, *asks)) <= width
    lines: list[Line] = [(*head, *asks)] if is_short else [head, ((safe(item.asks), Ink.CAUTION),)]
    if not is_short and not item.asks:
        lines = [head]
    is_own = item.goal is not None and item.row_key == item.goal.row_key
    goal = _goal_lines(item.goal, width) if item.goal is not None and not is_own else []
    ink = TONE_INK[item.tone]
    words = [((line, ink),) for line in wrap(safe(item.text), width)]
    return [
        *lines,
        *_done(now.done, width),
        *words,
        *goal,
        *(((line, Ink.PLAIN),) for one in item.more for line in wrap(safe(one), width)),
    ]


def _goal_lines(goal: GoalStanding, width: int) -> list[Line]:
    """`goal People arrive when we said they would  at risk, pace 0.99`, in one line."""
    pace = _pace(goal)
    state = ", ".join(part for part in (goal.now, pace) if part)
    turn = f" (was {goal.then})" if goal.then and goal.then != goal.now else ""
    line: Line = (("goal ", Ink.MUTED), (safe(goal.name), Ink.PLAIN), (f"  {state}{turn}", TONE_INK[goal.tone]))
    if width_of(line) <= width:
        return [line]
    room = max(width - width_of(line[2:]) - 5, 8)
    return [(line[0], (safe(goal.name, room), Ink.PLAIN), line[2])]


def _pace(goal: GoalStanding) -> str:
    if goal.pace is None:
        return ""
    text = pace_text(goal.pace, is_burn=goal.is_burn)
    return text if goal.is_burn else f"pace {text}"


def _done(done: Sequence[Entry], width: int) -> list[Line]:
    """What this stand-up brought to an item."""
    texts = [safe(f"now: {entry.subject}: {entry.new}") for entry in done]
    return [((line, Ink.GOOD),) for text in texts for line in wrap(text, width)]


def _below(item: Item, width: int, now: Now) -> list[Line]:
    lines: list[Line] = []
    if owner := now.owner or item.owner:
        lines += [((line, Ink.PLAIN),) for line in wrap(safe(owner), width)]
    for said in item.said:
        about = f" on {said.about}" if said.about else ""
        text = safe(f"{said.by}, {day_words(said.on)}{about}: {said.text}")
        lines += [((line, Ink.PLAIN),) for line in wrap(text, width)]
    return [*lines, *flow(_figures(item), width)]


def _figures(item: Item) -> Sequence[Fact]:
    """The figures behind an item; those of a test, and of many items told together, are for programs."""
    is_for_programs = item.kind is ItemKind.VERDICT or not (item.row_key or item.metric)
    return () if is_for_programs else tuple(dict.fromkeys(item.facts))


def _margin(lines: Sequence[Line]) -> list[Line]:
    return [((" ", Ink.PLAIN), *line) if line else () for line in lines]
