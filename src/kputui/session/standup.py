"""The stand-up: what changed or asks since the last one, in the order in which a team takes it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.errors import DataError, UsageError
from kputui.model.cell import StandUpCell
from kputui.session import standup_figures, standup_people
from kputui.session.engines import engine_for
from kputui.session.history import history
from kputui.session.judges import judged_figures
from kputui.session.standup_scene import scene
from kputui.session.standup_then import changes_between, figures_of, ownership_on
from kputui.session.standup_views import Item, ItemKind, StandUpView
from kputui.session.views import Tone
from kputui.session.words import day_words, person_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from kputui.session.figures import Figures
    from kputui.session.history import Entry
    from kputui.session.open import Opened
    from kputui.session.standup_scene import Scene

USUAL_DAYS = 7
"""How far back a first stand-up looks."""
_KINDS = (
    standup_figures.guardrails,
    standup_figures.turned_goals,
    standup_people.decisions,
    standup_people.verdicts,
    standup_figures.signals,
    standup_figures.questions,
    standup_figures.data,
    standup_people.taken_over,
    standup_people.days,
)
_MOST_QUIET = 3
_TOGETHER = {
    ItemKind.VERDICT: "links",
    ItemKind.BETTER: "goals",
    ItemKind.EXPLAINED: "metrics",
    ItemKind.CHANGE: "CPIs",
    ItemKind.CONTEXT: "dates and notes",
}
_WEIGHT = {Tone.BAD: 0, Tone.CAUTION: 1}


def stand_up(opened: Opened, now: Figures, since: date | None = None) -> StandUpView:
    """Everything that changed after the evening of `since` or asks now; in a worker: the figures of then are computed.

    `since` is the last stand-up held before today when left out, a week ago when none was. Raises UsageError for a
    `since` that is not before today.
    """
    today = opened.clock.today
    day = since if since is not None else since_of(opened)
    if day >= today:
        raise UsageError(f"a stand-up looks back to a day before {day_words(today)}", "name an earlier day")
    try:
        then, refusal = figures_of(opened, day), ""
    except DataError as error:
        then, refusal = None, error.message
    changes = changes_between(opened, day, today)
    now = replace(now, ownership=ownership_on(opened, today))
    found = scene(now, then, day, changes)
    items = items_of(found)
    snoozed = {item.key: until for item in items if (until := _snoozed(now, item, today)) is not None}
    return StandUpView(
        opened.workspace.project.name,
        today,
        day,
        tuple(item for item in items if item.key not in snoozed),
        tuple(snoozed.values()),
        tuple(found.standings.values()),
        entries_of(opened, (change.seq for change in changes)),
        held_words(opened),
        refusal,
        opened.clock.is_fixed,
        now.newest_data,
        opened.ownership.seq,
    )


def all_figures(opened: Opened) -> Figures:
    """The figures of now for a stand-up without a board: judged, with what does not fit between data and promises.

    Raises DataError when the engine cannot be made.
    """
    engine = engine_for(opened)
    figures = judged_figures(opened, engine=engine)
    return replace(figures, findings=engine.problems(opened.clock.today))


def items_of(found: Scene) -> tuple[Item, ...]:
    """All items in the order to take them: by kind, what is new first, the worst first, then as people wrote them.

    Of a kind, more than a few that ask nothing are one item: a large organisation has ten minutes as well.
    """
    order = {kind: number for number, kind in enumerate(ItemKind)}
    items = sorted(
        (item for make in _KINDS for item in make(found)),
        key=lambda item: (order[item.kind], not item.asks, not item.is_new, _WEIGHT.get(item.tone, len(_WEIGHT))),
    )
    taken: list[Item] = []
    for kind in ItemKind:
        own = [item for item in items if item.kind is kind]
        quiet = [item for item in own if not item.asks]
        if len(quiet) > _MOST_QUIET:
            taken += [*(item for item in own if item.asks), _together(kind, quiet)]
        else:
            taken += own
    return tuple(taken)


def _together(kind: ItemKind, quiet: Sequence[Item]) -> Item:
    """Items that ask nothing, told on one page: a line each, with all their figures."""
    digest = hashlib.sha256("\n".join(item.key for item in quiet).encode("utf-8", "replace")).hexdigest()[:8]
    return Item(
        f"{kind.value.split()[-1]}/{digest}",
        kind,
        f"{len(quiet)} {_TOGETHER.get(kind, 'items')}",
        "nothing is asked of them",
        more=tuple(f"{item.title}: {item.text}" for item in quiet),
        facts=tuple(replace(fact, name=f"{item.title}, {fact.name}") for item in quiet for fact in item.facts),
    )


def since_of(opened: Opened) -> date:
    """The day of the last stand-up that was held before today; a week ago when none was."""
    today = opened.clock.today
    days = [day for day in opened.ownership.stand_ups if day < today]
    return max(days, default=today - timedelta(days=USUAL_DAYS))


def held_words(opened: Opened) -> str:
    """When and by whom the last stand-up was held, today's included; "" when none was."""
    today = opened.clock.today
    days = [day for day in opened.ownership.stand_ups if day <= today]
    if not days:
        return ""
    held = opened.ownership.stand_ups[max(days)]
    return f"{'today' if max(days) == today else day_words(max(days))} by {person_words(held.by)}"


def decided_since(opened: Opened, seq: int) -> tuple[Entry, ...]:
    """What people decided and wrote after change `seq`, newest first: what a stand-up that began there has brought."""
    return entries_of(opened, (change.seq for change in opened.state.changes if change.seq > seq))


def entries_of(opened: Opened, seqs: Iterable[int]) -> tuple[Entry, ...]:
    """These changes in words, newest first; without those that were taken back, and that a stand-up was held."""
    wanted = set(seqs)
    by_seq = {change.seq: change for change in opened.state.changes if change.seq in wanted}
    cells = dict.fromkeys(change.cell for change in by_seq.values() if not isinstance(change.cell, StandUpCell))
    found = history(opened.workspace, opened.state, cells)
    return tuple(one for one in found if one.seq in wanted and not one.is_undone and one.undoes is None)


def _snoozed(now: Figures, item: Item, today: date) -> Item | None:
    """The item with the day on which it comes back, when somebody put it off and that day is still to come."""
    snoozed = now.ownership.snoozes.get(item.key)
    if snoozed is None or snoozed.until <= today:
        return None
    return replace(item, until=snoozed.until, snoozed_by=person_words(snoozed.by))
