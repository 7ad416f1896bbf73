"""The rules of accountability: what a command may not do, when a confirmation expires, what is still to be done.

Pure functions of the workspace, the ownership and the day; the same for the screens and the command line.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from kputui.model.change import Assign, Decide, Import, Unassign
from kputui.model.link import LinkState
from kputui.model.metric import Input, Metric, MetricKind, Simple
from kputui.model.ownership import Assignee, Assignment, Role
from kputui.session.words import assignee_words, day_words, metric_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kputui.model.change import Command
    from kputui.model.ids import MetricId, TeamId
    from kputui.model.link import LinkDecision
    from kputui.model.ownership import Ownership
    from kputui.model.workspace import Workspace

_MOVING = (Role.ACCOUNTABLE, Role.RESPONSIBLE)
_hashes: tuple[Workspace, dict[MetricId, str]] | None = None
"""The hashes of the workspace that was asked about last; a workspace never changes."""
_STRONGEST = (LinkState.CONFIRMED, LinkState.EXPIRED, LinkState.TESTING, LinkState.HYPOTHESIS, LinkState.REFUTED)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command is not carried out; `can_override`: a written reason makes it an exception."""

    code: str
    reason: str
    can_override: bool = False


@dataclass(frozen=True, slots=True)
class LinkStanding:
    """A link's state on a day; `why` says what made a confirmation expire."""

    state: LinkState
    why: str = ""
    decision: LinkDecision | None = None


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that people have to decide about a CPI, in words; `kpi` where it is about a link."""

    code: str
    metric: MetricId
    text: str
    kpi: MetricId | None = None
    assignee: Assignee | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """For how many CPIs a team is accountable and responsible, its people included."""

    accountable: int = 0
    responsible: int = 0


def refusal(workspace: Workspace, ownership: Ownership, command: Command, *, day: date) -> Refusal | None:
    """Why a command is refused on `day`; None when it may be carried out.

    What cannot be overridden is said first.
    """
    match command:
        case Assign():
            return _refused_assignment(workspace, ownership, command, day)
        case Unassign():
            return _refused_removal(workspace, ownership, command, day)
        case Decide():
            if any((link.cpi, link.kpi) == (command.cpi, command.kpi) for link in workspace.links):
                return None
            return Refusal("R07", f"no link {command.cpi} -> {command.kpi} is declared")
        case Import():
            return None


def link_state_on(workspace: Workspace, ownership: Ownership, cpi: MetricId, kpi: MetricId, day: date) -> LinkStanding:
    """The state of a link on `day`: what was decided, a confirmation expired when its grounds have changed.

    It expires when the definition of the CPI or the KPI is not the one that was judged, and when
    `review_every` has passed since the decision. What the decision does not record cannot expire it.
    """
    decision = ownership.decisions.get((cpi, kpi))
    if decision is None:
        return LinkStanding(LinkState.HYPOTHESIS)
    if decision.state is LinkState.CONFIRMED and (why := _expired(workspace, decision, day)):
        return LinkStanding(LinkState.EXPIRED, why, decision)
    return LinkStanding(decision.state, "", decision)


def best_state_on(workspace: Workspace, ownership: Ownership, cpi: MetricId, day: date) -> LinkState | None:
    """The furthest state of a CPI's links on `day`; None without a link."""
    states = [
        link_state_on(workspace, ownership, cpi, link.kpi, day).state for link in workspace.links if link.cpi == cpi
    ]
    return min(states, key=_STRONGEST.index, default=None)


def todos(workspace: Workspace, ownership: Ownership, *, day: date) -> tuple[ToDo, ...]:
    """What is to be decided on `day`: CPI by CPI as people wrote them, each in the order of the codes."""
    found: list[ToDo] = []
    for metric in workspace.metrics.values():
        if metric.kind is MetricKind.CPI:
            found += sorted(_todos_of(workspace, ownership, metric, day), key=lambda todo: todo.code)
    return tuple(found)


def exceptions(workspace: Workspace, ownership: Ownership, *, day: date) -> Mapping[MetricId, str]:
    """CPIs with somebody accountable before confirmation -> the written reason (empty when none was written).

    A recorded exception stays on the list also when a link is confirmed later.
    """
    return {
        metric: ownership.exceptions.get(metric, "")
        for metric, assignment in ownership.assignments.items()
        if assignment.accountable is not None
        and (
            metric in ownership.exceptions
            or best_state_on(workspace, ownership, metric, day) is not LinkState.CONFIRMED
        )
    }


def load(ownership: Ownership) -> Mapping[TeamId, Load]:
    """The load of each team that is accountable or responsible for anything."""
    accountable: Counter[TeamId] = Counter()
    responsible: Counter[TeamId] = Counter()
    for assignment in ownership.assignments.values():
        accountable.update({assignment.accountable.team} if assignment.accountable else set())
        responsible.update({assignee.team for assignee in assignment.responsible})
    return {team: Load(accountable[team], responsible[team]) for team in {**accountable, **responsible}}


def definition_hash(workspace: Workspace, metric: MetricId) -> str:
    """Sixteen hex digits that change when what a metric computes does: its definition, inputs, source, calendar.

    The layout of expressions does not matter, nor do labels, targets and the order of keys.
    """
    global _hashes  # noqa: PLW0603 - exchanged whole; every view asks again for hundreds of the same hashes
    hashes = _hashes
    if hashes is None or hashes[0] is not workspace:
        hashes = _hashes = (workspace, {})
    known = hashes[1]
    if metric not in known:
        known[metric] = _hash(workspace, metric)
    return known[metric]


def _hash(workspace: Workspace, metric: MetricId) -> str:
    import hashlib  # noqa: PLC0415 - no start pays for it while no decision has a hash

    project = workspace.project
    calendar = (project.timezone, int(project.week_start), project.fiscal_year_start)
    text = repr((_definition(workspace, metric, ()), calendar))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _refused_assignment(workspace: Workspace, ownership: Ownership, command: Assign, day: date) -> Refusal | None:
    metric = workspace.metrics.get(command.metric)
    if metric is None:
        return Refusal("R01", f'no CPI "{command.metric}" is defined')
    if metric.kind is not MetricKind.CPI:
        return Refusal("R01", f"{metric.label} is not a CPI: people are accountable for what they can move")
    if missing := _missing(workspace, command.assignee):
        return Refusal("R02", missing)
    team = workspace.teams[command.assignee.team]
    if command.role in _MOVING and metric.id not in team.influences:
        return Refusal("R03", f"{team.label} does not list {metric.label} under what it influences")
    return _before_confirmation(workspace, ownership, metric, day) if command.role is Role.ACCOUNTABLE else None


def _before_confirmation(workspace: Workspace, ownership: Ownership, metric: Metric, day: date) -> Refusal | None:
    state = best_state_on(workspace, ownership, metric.id, day)
    if state is LinkState.CONFIRMED:
        return None
    standing = "it has no link to a KPI" if state is None else f"its furthest link is {_state_words(state)}"
    return Refusal("R04", f"no link of {metric.label} is confirmed ({standing})", can_override=True)


def _refused_removal(workspace: Workspace, ownership: Ownership, command: Unassign, day: date) -> Refusal | None:
    held = ownership.assignments.get(command.metric, Assignment(command.metric)).holders(command.role)
    label = metric_words(workspace, command.metric)
    if not held or command.assignee not in (None, *held):
        who = "nobody" if command.assignee is None else _who(workspace, command.assignee)
        return Refusal("R06", f"{who} is {'' if command.assignee is None else 'not '}{command.role} for {label}")
    is_last = command.role is Role.ACCOUNTABLE
    if is_last and best_state_on(workspace, ownership, command.metric, day) is LinkState.CONFIRMED:
        return Refusal("R05", f"{label} is confirmed and keeps exactly one accountable: reassign it", can_override=True)
    return None


def _who(workspace: Workspace, assignee: Assignee) -> str:
    return assignee_words(workspace, assignee) if assignee.team in workspace.teams else assignee.written


def _missing(workspace: Workspace, assignee: Assignee) -> str:
    """In words what of an assignee the roster does not know; empty when it knows all."""
    team = workspace.teams.get(assignee.team)
    if team is None:
        return f'no team "{assignee.team}" is in the roster'
    if assignee.person is not None and assignee.person not in (*team.members, team.lead):
        return f'"{assignee.person}" is not in the team {team.label}'
    return ""


def _todos_of(workspace: Workspace, ownership: Ownership, metric: Metric, day: date) -> Iterator[ToDo]:
    assignment = ownership.assignments.get(metric.id, Assignment(metric.id))
    has_owner = assignment.accountable is not None
    is_confirmed = best_state_on(workspace, ownership, metric.id, day) is LinkState.CONFIRMED
    if is_confirmed and not has_owner:
        yield ToDo("R08", metric.id, f"{metric.label} is confirmed, and nobody is accountable for it")
    if has_owner and not assignment.responsible:
        yield ToDo("R09", metric.id, f"nobody is responsible for {metric.label}")
    if has_owner and not is_confirmed:
        reason = ownership.exceptions.get(metric.id, "")
        text = f"{metric.label} has somebody accountable before confirmation"
        yield ToDo("R13", metric.id, f"{text}: {reason}" if reason else text, assignee=assignment.accountable)
    for role in Role:
        for assignee in assignment.holders(role):
            yield from _left(workspace, metric, role, assignee)
    for link in workspace.links:
        if link.cpi == metric.id:
            standing = link_state_on(workspace, ownership, metric.id, link.kpi, day)
            if standing.state is LinkState.EXPIRED:
                yield ToDo(
                    "R12", metric.id, f"{metric.label} -> {metric_words(workspace, link.kpi)}: {standing.why}", link.kpi
                )


def _left(workspace: Workspace, metric: Metric, role: Role, assignee: Assignee) -> Iterator[ToDo]:
    if missing := _missing(workspace, assignee):
        yield ToDo("R10", metric.id, f"{metric.label}, {role}: {missing}", assignee=assignee)
    elif role in _MOVING and metric.id not in (team := workspace.teams[assignee.team]).influences:
        text = f"{team.label} is {role} for {metric.label}, which it does not list under what it influences"
        yield ToDo("R11", metric.id, text, assignee=assignee)


def _expired(workspace: Workspace, decision: LinkDecision, day: date) -> str:
    for metric, judged in ((decision.cpi, decision.cpi_hash), (decision.kpi, decision.kpi_hash)):
        if judged and metric in workspace.metrics and definition_hash(workspace, metric) != judged:
            return f"the definition of {metric_words(workspace, metric)} has changed since it was confirmed"
    pair = (decision.cpi, decision.kpi)
    every = next((link.review_every_days for link in workspace.links if (link.cpi, link.kpi) == pair), None)
    if every is None or decision.decided_on is None:
        return ""
    if (day - decision.decided_on).days <= every:
        return ""
    return f"its review was due on {day_words(decision.decided_on + timedelta(days=every))}"


def _state_words(state: LinkState) -> str:
    return "a hypothesis" if state is LinkState.HYPOTHESIS else str(state)


def _definition(workspace: Workspace, name: MetricId, path: tuple[MetricId, ...]) -> object:
    metric = workspace.metrics.get(name)
    if metric is None or name in path:
        return str(name)
    return _plain(workspace, metric.definition, (*path, name))


def _plain(workspace: Workspace, value: object, path: tuple[MetricId, ...]) -> object:
    """Nested tuples of what differs from a field's default, so that a new field alone changes no hash."""
    if isinstance(value, tuple):
        return tuple(_plain(workspace, one, path) for one in value)
    if isinstance(value, StrEnum):
        return value.value
    if not dataclasses.is_dataclass(value):
        return value
    parts: list[object] = [type(value).__name__]
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        if held == field.default:
            continue
        if field.name in ("expr", "filter"):
            held = _laid_out(held)
        elif isinstance(value, Input) and field.name == "metric":
            held = _definition(workspace, held, path)
        elif isinstance(value, Simple) and field.name == "source" and held in workspace.sources:
            source = workspace.sources[held]
            held = (source.path, source.time, source.source_timezone, source.time_format)
        parts.append((field.name, _plain(workspace, held, path)))
    return tuple(parts)


def _laid_out(text: str) -> str:
    from kputui.engine.expression import ExpressionError, canonical, parse  # noqa: PLC0415 - as in `definition_hash`

    try:
        return canonical(parse(text))
    except ExpressionError:
        return " ".join(text.split())
