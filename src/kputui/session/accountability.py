"""The rules of accountability: what a command may not do, when a confirmation expires, what is still to be done.

Pure functions of the workspace, the ownership, the day and what the tests of the links found; the same for the
screens and the command line. Without evidence (before the data was looked at) a link stands as people left it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.model.change import Assign, Decide, Explain, Hold, Import, Note, Snooze, Unassign
from kputui.model.link import LinkState
from kputui.model.metric import MetricKind
from kputui.model.ownership import Assignee, Assignment, Role
from kputui.model.remark import SubjectKind
from kputui.session.definitions import definition_hash
from kputui.session.words import assignee_words, day_words, metric_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from kputui.analysis.evidence.verdict import Evidence
    from kputui.model.change import Command
    from kputui.model.ids import MetricId, TeamId
    from kputui.model.link import Link, LinkDecision
    from kputui.model.metric import Metric
    from kputui.model.ownership import Ownership
    from kputui.model.workspace import Workspace

    Judged = Mapping[tuple[MetricId, MetricId], Evidence]

_MOVING = (Role.ACCOUNTABLE, Role.RESPONSIBLE)
_STRONGEST = (LinkState.CONFIRMED, LinkState.EXPIRED, LinkState.TESTING, LinkState.HYPOTHESIS, LinkState.REFUTED)
_FAILED = {"rejected": "now rejects it", "contradicted": "now contradicts it"}
"""By the verdict's word: no start loads the verdicts."""
BY_EVIDENCE = "evidence"
"""The `method` of a confirmation that the data was ready for."""


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


def refusal(
    workspace: Workspace, ownership: Ownership, command: Command, *, day: date, evidence: Judged | None = None
) -> Refusal | None:
    """Why a command is refused on `day`; None when it may be carried out.

    What cannot be overridden is said first.
    """
    match command:
        case Assign():
            return _refused_assignment(workspace, ownership, command, day, evidence)
        case Unassign():
            return _refused_removal(workspace, ownership, command, day, evidence)
        case Decide():
            is_declared = any((link.cpi, link.kpi) == (command.cpi, command.kpi) for link in workspace.links)
            return None if is_declared else Refusal("R07", f"no link {command.cpi} -> {command.kpi} is declared")
        case Explain() | Note():
            return _refused_remark(workspace, command)
        case Snooze() if command.until is not None and command.until <= day:
            return Refusal("R21", "an item comes back on a day after today")
        case Snooze() | Hold() | Import():
            return None


def _refused_remark(workspace: Workspace, command: Explain | Note) -> Refusal | None:
    if isinstance(command, Explain):
        known: Mapping[SubjectKind, Collection[str]] = {SubjectKind.METRIC: workspace.metrics}
        kind, name = SubjectKind.METRIC, str(command.metric)
    else:
        known = {
            SubjectKind.METRIC: workspace.metrics,
            SubjectKind.GOAL: workspace.goals,
            SubjectKind.SOURCE: workspace.sources,
        }
        kind, name = command.subject.kind, command.subject.name
    if kind in known and name not in known[kind]:
        return Refusal("R20", f"no {kind} {name} is defined")
    return None


def link_state_on(
    workspace: Workspace,
    ownership: Ownership,
    cpi: MetricId,
    kpi: MetricId,
    day: date,
    evidence: Judged | None = None,
) -> LinkStanding:
    """The state of a link on `day`: what was decided, a confirmation expired when its grounds have changed.

    Undecided it is a hypothesis, and in testing once there is enough data to look at. A confirmation expires
    when the definition of the CPI or the KPI is not the one that was judged, when the data that was judged has
    other values now, when the test on the data of now fails, and when `review_every` has passed since the
    decision. What the decision does not record cannot expire it.
    """
    decision = ownership.decisions.get((cpi, kpi))
    found = evidence.get((cpi, kpi)) if evidence is not None else None
    if decision is None or decision.state is LinkState.HYPOTHESIS:
        is_tested = found is not None and found.p is not None
        return LinkStanding(LinkState.TESTING if is_tested else LinkState.HYPOTHESIS, "", decision)
    if decision.state is LinkState.CONFIRMED and (why := _expired(workspace, decision, day, found)):
        return LinkStanding(LinkState.EXPIRED, why, decision)
    return LinkStanding(decision.state, "", decision)


def best_state_on(
    workspace: Workspace, ownership: Ownership, cpi: MetricId, day: date, evidence: Judged | None = None
) -> LinkState | None:
    """The furthest state of a CPI's links on `day`; None without a link."""
    states = [
        link_state_on(workspace, ownership, cpi, link.kpi, day, evidence).state
        for link in workspace.links
        if link.cpi == cpi
    ]
    return min(states, key=_STRONGEST.index, default=None)


def is_against_verdict(decision: LinkDecision | None) -> bool:
    """Whether a link was confirmed although the test that the person saw was not ready for it."""
    if decision is None or decision.state is not LinkState.CONFIRMED:
        return False
    return decision.method != BY_EVIDENCE and bool(decision.evidence.get("verdict"))


def todos(workspace: Workspace, ownership: Ownership, *, day: date, evidence: Judged | None = None) -> tuple[ToDo, ...]:
    """What is to be decided on `day`: CPI by CPI as people wrote them, each in the order of the codes."""
    found: list[ToDo] = []
    for metric in workspace.metrics.values():
        if metric.kind is MetricKind.CPI:
            found += sorted(_todos_of(workspace, ownership, metric, day, evidence), key=lambda todo: todo.code)
    return tuple(found)


def exceptions(
    workspace: Workspace, ownership: Ownership, *, day: date, evidence: Judged | None = None
) -> Mapping[MetricId, str]:
    """CPIs with somebody accountable before confirmation, or confirmed against the data -> the written reason.

    The reason is empty when none was written. A recorded exception stays on the list also when a link is confirmed
    later; a link confirmed against the verdict does until it is confirmed with evidence.
    """
    found = {
        metric: ownership.exceptions.get(metric, "")
        for metric, assignment in ownership.assignments.items()
        if assignment.accountable is not None
        and (
            metric in ownership.exceptions
            or best_state_on(workspace, ownership, metric, day, evidence) is not LinkState.CONFIRMED
        )
    }
    for (cpi, _), decision in ownership.decisions.items():
        if is_against_verdict(decision):
            found.setdefault(cpi, decision.reason)
    return found


def load(ownership: Ownership) -> Mapping[TeamId, Load]:
    """The load of each team that is accountable or responsible for anything."""
    accountable: Counter[TeamId] = Counter()
    responsible: Counter[TeamId] = Counter()
    for assignment in ownership.assignments.values():
        accountable.update({assignment.accountable.team} if assignment.accountable else set())
        responsible.update({assignee.team for assignee in assignment.responsible})
    return {team: Load(accountable[team], responsible[team]) for team in {**accountable, **responsible}}


def _refused_assignment(
    workspace: Workspace, ownership: Ownership, command: Assign, day: date, evidence: Judged | None
) -> Refusal | None:
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
    if command.role is not Role.ACCOUNTABLE:
        return None
    return _before_confirmation(metric, best_state_on(workspace, ownership, metric.id, day, evidence))


def _before_confirmation(metric: Metric, state: LinkState | None) -> Refusal | None:
    if state is LinkState.CONFIRMED:
        return None
    standing = "it has no link to a KPI" if state is None else f"its furthest link is {_state_words(state)}"
    return Refusal("R04", f"no link of {metric.label} is confirmed ({standing})", can_override=True)


def _refused_removal(
    workspace: Workspace, ownership: Ownership, command: Unassign, day: date, evidence: Judged | None
) -> Refusal | None:
    held = ownership.assignments.get(command.metric, Assignment(command.metric)).holders(command.role)
    label = metric_words(workspace, command.metric)
    if not held or command.assignee not in (None, *held):
        who = "nobody" if command.assignee is None else _who(workspace, command.assignee)
        return Refusal("R06", f"{who} is {'' if command.assignee is None else 'not '}{command.role} for {label}")
    is_last = command.role is Role.ACCOUNTABLE
    if is_last and best_state_on(workspace, ownership, command.metric, day, evidence) is LinkState.CONFIRMED:
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


def _todos_of(
    workspace: Workspace, ownership: Ownership, metric: Metric, day: date, evidence: Judged | None
) -> Iterator[ToDo]:
    assignment = ownership.assignments.get(metric.id, Assignment(metric.id))
    has_owner = assignment.accountable is not None
    is_confirmed = best_state_on(workspace, ownership, metric.id, day, evidence) is LinkState.CONFIRMED
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
            standing = link_state_on(workspace, ownership, metric.id, link.kpi, day, evidence)
            yield from _asked_of_link(workspace, metric, link.kpi, standing)


def _asked_of_link(workspace: Workspace, metric: Metric, kpi: MetricId, standing: LinkStanding) -> Iterator[ToDo]:
    """What a link asks of people: a decision when it expired, the evidence when it was confirmed against it."""
    name = f"{metric.label} -> {metric_words(workspace, kpi)}"
    if standing.state is LinkState.EXPIRED:
        yield ToDo("R12", metric.id, f"{name}: {standing.why}", kpi)
    elif (decision := standing.decision) is not None and is_against_verdict(decision):
        text = f"{name} was confirmed while the data said: {decision.evidence['verdict']}"
        yield ToDo("R14", metric.id, f"{text} ({decision.reason})" if decision.reason else text, kpi)


def _left(workspace: Workspace, metric: Metric, role: Role, assignee: Assignee) -> Iterator[ToDo]:
    if missing := _missing(workspace, assignee):
        yield ToDo("R10", metric.id, f"{metric.label}, {role}: {missing}", assignee=assignee)
    elif role in _MOVING and metric.id not in (team := workspace.teams[assignee.team]).influences:
        text = f"{team.label} is {role} for {metric.label}, which it does not list under what it influences"
        yield ToDo("R11", metric.id, text, assignee=assignee)


def _expired(workspace: Workspace, decision: LinkDecision, day: date, found: Evidence | None) -> str:
    for metric, judged in ((decision.cpi, decision.cpi_hash), (decision.kpi, decision.kpi_hash)):
        if judged and metric in workspace.metrics and definition_hash(workspace, metric) != judged:
            return f"the definition of {metric_words(workspace, metric)} has changed since it was confirmed"
    pair = (decision.cpi, decision.kpi)
    link = next((one for one in workspace.links if (one.cpi, one.kpi) == pair), None)
    judged_as = decision.evidence.get("hypothesis")
    if link is not None and judged_as and judged_as != hypothesis_of(link):
        return "the declared sign or lag has changed since it was confirmed"
    if found is not None and (why := _failed(decision, found)):
        return why
    every = link.review_every_days if link is not None else None
    if every is None or decision.decided_on is None:
        return ""
    if (day - decision.decided_on).days <= every:
        return ""
    return f"its review was due on {day_words(decision.decided_on + timedelta(days=every))}"


def hypothesis_of(link: Link) -> str:
    """What a test is held against, as a decision records it: `negative after 0-1 week`."""
    return f"{link.expect} after {link.lag.low}-{link.lag.high} {link.lag.unit}"


def _failed(decision: LinkDecision, found: Evidence) -> str:
    """What the data of now holds against a confirmation.

    A verdict that the person saw and decided against fails nothing a second time.
    """
    judged = decision.evidence
    past = found.past
    if past is not None and past.data_hash != judged.get("data_hash"):
        is_same_span = (past.data_from.isoformat(), past.data_to.isoformat()) == (
            judged.get("data_from"),
            judged.get("data_to"),
        )
        if is_same_span:
            return f"the data up to {day_words(past.data_to)} has other values now than when it was confirmed"
    verdict = found.verdict.value
    if verdict in _FAILED and verdict != judged.get("verdict"):
        return f"the data {_FAILED[verdict]}"
    return ""


def _state_words(state: LinkState) -> str:
    return "a hypothesis" if state is LinkState.HYPOTHESIS else str(state)
