"""Items that people and the calendar raise: what is to decide, links, who took over what, and what begins or ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.evidence.verdict import Verdict
from kputui.model.cell import NoteCell, RoleCell
from kputui.model.change import in_force
from kputui.model.ids import GoalId, MetricId
from kputui.model.link import LinkState
from kputui.model.remark import SubjectKind
from kputui.session.accountability import link_state_on, todos
from kputui.session.history import entry_of, subject_words
from kputui.session.link_words import VERDICT_TONES, verdict_sentence
from kputui.session.standup_views import Item, ItemKind, Said
from kputui.session.views import Fact, Tone
from kputui.session.words import day_words, listed, person_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kputui.analysis.evidence.verdict import Evidence
    from kputui.model.cell import Cell
    from kputui.model.change import Change
    from kputui.model.goal import Context
    from kputui.model.link import Link
    from kputui.model.remark import Annotation
    from kputui.session.accountability import LinkStanding, ToDo
    from kputui.session.figures import Figures
    from kputui.session.history import Entry
    from kputui.session.standup_scene import Scene

_STANDING = frozenset({"R13"})
"""To-dos that stay on the list for as long as they are so: told once, when they are new."""
_OF_LINKS = frozenset({"R12", "R14"})
_ASKS = {
    "R08": "Who is accountable?",
    "R09": "Who works on it?",
    "R10": "Who takes it over?",
    "R11": "Does the team influence it, or who does?",
    "R13": "Is this exception still right?",
}
_UNDECIDED = frozenset({LinkState.HYPOTHESIS, LinkState.TESTING})
_TO_DECIDE = "Confirm it, or refute it?"


def decisions(scene: Scene) -> Iterator[Item]:
    """What people have to decide about a CPI, all of it in one item; standing exceptions only when they are new."""
    then = {(todo.code, todo.metric, todo.text) for todo in _todos(scene.then)} if scene.then is not None else None
    found: dict[MetricId, list[ToDo]] = {}
    for todo in _todos(scene.now):
        is_new = then is None or (todo.code, todo.metric, todo.text) not in then
        if todo.code not in _OF_LINKS and (is_new or todo.code not in _STANDING):
            found.setdefault(todo.metric, []).append(todo)
    for metric, asked in found.items():
        codes = "+".join(dict.fromkeys(todo.code for todo in asked))
        yield Item(
            f"decision/{metric}/{codes}",
            ItemKind.DECISION,
            scene.words(metric),
            asked[0].text,
            _ASKS.get(asked[0].code, "What is decided?"),
            Tone.CAUTION,
            then is None or any((todo.code, todo.metric, todo.text) not in then for todo in asked),
            tuple(todo.text for todo in asked[1:]),
            row_key=scene.row_key(metric),
            goal=scene.goal_of(metric),
            metric=metric,
            owner=scene.owner_of(metric),
            said=scene.said_of(metric),
            code=asked[0].code,
        )


def verdicts(scene: Scene) -> Iterator[Item]:
    """Links that stand otherwise than then, of which the data says something else, or which wait for a person."""
    for link in dict.fromkeys(scene.workspace.links):
        item = _verdict(scene, link)
        if item is not None:
            yield item


def _verdict(scene: Scene, link: Link) -> Item | None:
    pair = (link.cpi, link.kpi)
    if not {*pair} <= set(scene.workspace.metrics):
        return None
    found, before = scene.now.evidence.get(pair), scene.then.evidence.get(pair) if scene.then is not None else None
    now, then = _standing_of(scene.now, link), _standing_of(scene.then, link) if scene.then is not None else None
    told = [*_turned(now, then), *_said_otherwise(found, before)]
    is_ready = found is not None and found.verdict is Verdict.CONFIRMED and now.state in _UNDECIDED
    waits = is_ready or now.state is LinkState.EXPIRED
    if not told and not waits:
        return None
    is_new = bool(told)
    if not told:
        told = [f"it is expired: {now.why}" if now.state is LinkState.EXPIRED else "the data is ready for a decision"]
    if found is not None:
        told.append(verdict_sentence(scene.workspace, found))
    reason = now.decision.reason if now.decision is not None else ""
    names = [scene.words(one) for one in pair]
    return Item(
        f"verdict/{link.cpi}/{link.kpi}/{now.state}/{found.verdict if found is not None else ''}",
        ItemKind.VERDICT,
        " → ".join(names),
        told[0],
        _TO_DECIDE if waits else "",
        Tone.CAUTION if waits else VERDICT_TONES[found.verdict] if found is not None else Tone.PLAIN,
        is_new,
        (*told[1:], *([f"decided because: {reason}"] if reason else [])),
        tuple(_evidence_facts(found)),
        scene.row_key(link.cpi),
        scene.goal_of(link.cpi),
        link.cpi,
        link.kpi,
        owner=scene.owner_of(link.cpi),
        said=scene.said_of(link.cpi),
        code="R12" if now.state is LinkState.EXPIRED else "",
    )


def taken_over(scene: Scene) -> Iterator[Item]:
    """Who got or lost a part in a CPI since then, all roles of it in one item; what was taken back is left out."""
    found: dict[MetricId, list[Entry]] = {}
    for cell, entries in _entries(scene).items():
        if isinstance(cell, RoleCell):
            found.setdefault(cell.metric, []).extend(entries)
    for metric, entries in found.items():
        newest = sorted(entries, key=lambda entry: entry.seq, reverse=True)
        told = [f"{_role(entry)}: {entry.old} → {entry.new}" for entry in newest]
        said = tuple(Said(one.reason, person_words(one.author), one.day, _role(one)) for one in newest if one.reason)
        yield Item(
            f"change/{metric}/{newest[0].seq}",
            ItemKind.CHANGE,
            scene.words(metric),
            told[0],
            more=tuple(told[1:]),
            row_key=scene.row_key(metric),
            goal=scene.goal_of(metric),
            metric=metric,
            owner=scene.owner_of(metric) if metric in scene.workspace.metrics else "",
            said=(*said, *(scene.said_of(metric) if metric in scene.workspace.metrics else ())),
        )


def days(scene: Scene) -> Iterator[Item]:
    """What began or ended since then or will soon: planned slow times, dates of goals, notes and interventions."""
    for number, zone in enumerate(scene.workspace.contexts):
        told = [_when("begins", "began", zone.start, scene.today)] if scene.since < zone.start <= scene.ahead else []
        told += [_when("ends", "ended", zone.end, scene.today)] if scene.since < zone.end <= scene.ahead else []
        if told:
            yield _of_context(scene, zone, number, listed(told))
    for standing in scene.standings.values():
        due = scene.workspace.goals[standing.goal].due
        if due is not None and scene.today < due <= scene.ahead:
            yield Item(
                f"due/{standing.goal}/{due.isoformat()}",
                ItemKind.CONTEXT,
                standing.name,
                f"due on {day_words(due)}",
                tone=standing.tone,
                row_key=standing.row_key,
                goal=standing,
                start=due,
                owner=f"{standing.owner} owns the goal" if standing.owner else "",
            )
    for number, one in enumerate(scene.workspace.annotations):
        if scene.since < one.on <= scene.ahead:
            yield _of_annotation(scene, one, number)
    yield from _notes(scene)


def _when(coming: str, gone: str, day: date, today: date) -> str:
    return f"{gone if day <= today else coming} on {day_words(day)}"


def _of_context(scene: Scene, zone: Context, number: int, words: str) -> Item:
    names = [*(scene.words(metric) for metric in zone.metrics)]
    names += [scene.standings[goal].name for goal in zone.goals if goal in scene.standings]
    about = listed(names) or "all goals"
    slow = f"; the plan asks for {100 * zone.pace_factor:.0f} % meanwhile" if zone.pace_factor < 1 else ""
    goal = next((scene.standings[one] for one in zone.goals if one in scene.standings), None)
    metric = zone.metrics[0] if zone.metrics else None
    return Item(
        f"context/{number}/{zone.start.isoformat()}/{zone.end.isoformat()}",
        ItemKind.CONTEXT,
        zone.note,
        f"{words}{slow}",
        more=(f"about {about}",),
        row_key=scene.row_key(metric) if metric is not None else goal.row_key if goal is not None else "",
        goal=goal,
        metric=metric,
        start=zone.start,
    )


def _of_annotation(scene: Scene, one: Annotation, number: int) -> Item:
    known = [metric for metric in one.metrics if metric in scene.workspace.metrics]
    goal = next((scene.standings[name] for name in one.goals if name in scene.standings), None)
    names = [*map(scene.words, known), *(scene.standings[name].name for name in one.goals if name in scene.standings)]
    names += [str(source) for source in one.sources]
    return Item(
        f"annotation/{number}/{one.on.isoformat()}",
        ItemKind.CONTEXT,
        one.note,
        f"{'something was changed on purpose' if one.is_intervention else 'noted'} on {day_words(one.on)}",
        more=(f"about {listed(names) or 'everything'}",),
        row_key=scene.row_key(known[0]) if known else goal.row_key if goal is not None else "",
        goal=goal if goal is not None or not known else scene.goal_of(known[0]),
        metric=known[0] if known else None,
        start=one.on,
    )


def _notes(scene: Scene) -> Iterator[Item]:
    """What was noted since, one item a subject."""
    found: dict[str, list[Entry]] = {}
    subjects = {}
    for cell, entries in _entries(scene).items():
        if isinstance(cell, NoteCell) and any(entry.after for entry in entries):
            found.setdefault(cell.subject.written, []).extend(entries)
            subjects[cell.subject.written] = cell.subject
    for name, entries in found.items():
        subject = subjects[name]
        newest = sorted(entries, key=lambda entry: entry.seq, reverse=True)
        metric = MetricId(subject.name) if subject.kind is SubjectKind.METRIC else None
        metric = metric if metric in scene.workspace.metrics else None
        goal = scene.standings.get(GoalId(subject.name)) if subject.kind is SubjectKind.GOAL else None
        yield Item(
            f"note/{name}/{newest[0].seq}",
            ItemKind.CONTEXT,
            subject_words(scene.workspace, subject),
            f"{person_words(newest[0].author)} noted for {day_words(newest[0].day)}: {newest[0].new}",
            more=tuple(f"{person_words(one.author)} for {day_words(one.day)}: {one.new}" for one in newest[1:]),
            row_key=scene.row_key(metric) if metric is not None else goal.row_key if goal is not None else "",
            goal=goal if goal is not None else scene.goal_of(metric) if metric is not None else None,
            metric=metric,
            start=newest[0].day,
        )


def _entries(scene: Scene) -> dict[Cell, list[Entry]]:
    """The changes since then that stand, cell by cell, in words."""
    own: dict[Cell, list[Change]] = {}
    for change in scene.changes:
        own.setdefault(change.cell, []).append(change)
    found: dict[Cell, list[Entry]] = {}
    for cell, changes in own.items():
        standing = set(in_force(changes))
        kept = [entry_of(scene.workspace, one) for one in changes if one.seq in standing and one.undoes is None]
        if kept:
            found[cell] = kept
    return found


def _role(entry: Entry) -> str:
    return entry.cell.role.value if isinstance(entry.cell, RoleCell) else entry.subject


def _todos(figures: Figures) -> tuple[ToDo, ...]:
    return todos(figures.workspace, figures.ownership, day=figures.clock.today, evidence=figures.evidence)


def _standing_of(figures: Figures, link: Link) -> LinkStanding:
    day: date = figures.clock.today
    return link_state_on(figures.workspace, figures.ownership, link.cpi, link.kpi, day, figures.evidence)


def _turned(now: LinkStanding, then: LinkStanding | None) -> Iterator[str]:
    """That people decided something else, or that a confirmation expired; a test that began is no turn."""
    if then is None or now.state is then.state or {now.state, then.state} <= _UNDECIDED:
        return
    why = f": {now.why}" if now.why else ""
    yield f"it was {then.state}, and is {now.state}{why}"


def _said_otherwise(found: Evidence | None, before: Evidence | None) -> Iterator[str]:
    if found is not None and before is not None and found.verdict is not before.verdict:
        yield f"the data said: {before.verdict}, and says now: {found.verdict}"


def _evidence_facts(found: Evidence | None) -> Iterator[Fact]:
    if found is None:
        return
    yield Fact("verdict", text=found.verdict.value, tone=VERDICT_TONES[found.verdict])
    yield Fact("n", text=str(found.n))
    for name, value in (("p", found.p), ("e", found.e), ("q", found.q)):
        if value is not None:
            yield Fact(name, text=f"{value:.3g}")
