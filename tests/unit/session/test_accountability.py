"""The rules of accountability: what is refused and why, when a confirmation expires, what is still to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from kputui.model.cell import RoleCell
from kputui.model.change import Assign, Decide, Import, Unassign
from kputui.model.link import Expect, Lag, Link, LinkDecision, LinkState
from kputui.model.metric import Aggregation, Input, Metric, MetricKind, Ratio, Simple
from kputui.model.ownership import Assignee, Assignment, Ownership, Role
from kputui.model.team import Team
from kputui.model.workspace import Project, Source, Weekday, Workspace
from kputui.session.accountability import (
    Load,
    best_state_on,
    exceptions,
    link_state_on,
    load,
    refusal,
    todos,
)
from kputui.session.codes import CODES
from kputui.session.definitions import definition_hash

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 3, 2)


def named(name: str) -> Any:
    """A name as whichever id is wanted."""
    return name


def metric(name: str, label: str, kind: MetricKind = MetricKind.CPI, definition: Any = None) -> Metric:
    """A metric that averages a column, or is defined otherwise."""
    return Metric(named(name), kind, label, definition or Simple(named("rides"), Aggregation.AVERAGE, f"{name} > 5"))


LATE, WAIT, RETURNS = named("late"), named("wait"), named("returns")
OPS, TAREK, CARE = Assignee(named("ops")), Assignee(named("ops"), named("tarek")), Assignee(named("care"))
CONFIRMED = LinkDecision(LATE, RETURNS, LinkState.CONFIRMED, "mia", date(2026, 1, 5), "judgement", "seen")


@pytest.fixture
def workspace() -> Workspace:
    """Two CPIs, one of them linked to a KPI; operations moves both, care only the second."""
    rides = Source(named("rides"), "rides.parquet", "day")
    metrics = (
        metric("late", "Late rides"),
        metric("wait", "Long waits"),
        metric("returns", "Riders come back", MetricKind.KPI),
    )
    return Workspace(
        "/shop",
        Project(),
        sources={rides.id: rides},
        metrics={one.id: one for one in metrics},
        links=(Link(LATE, RETURNS, Expect.NEGATIVE, Lag(1, 1, "week"), review_every_days=180),),
        teams={
            named("ops"): Team(named("ops"), "Operations", named("ines"), (named("tarek"),), (LATE, WAIT)),
            named("care"): Team(named("care"), "Customer care", None, (named("mia"),), (WAIT,)),
        },
    )


@pytest.fixture
def owned() -> Ownership:
    """The linked CPI is confirmed, and operations accountable and responsible for it."""
    return Ownership({LATE: Assignment(LATE, TAREK, (OPS,))}, {(LATE, RETURNS): CONFIRMED})


@pytest.fixture
def refused(workspace: Workspace, owned: Ownership) -> Callable[[Any], tuple[str, str, bool] | None]:
    """Why a command is refused: code, reason, and whether a written reason helps."""

    def ask(command: Any) -> tuple[str, str, bool] | None:
        found = refusal(workspace, owned, command, day=DAY)
        return (found.code, found.reason, found.can_override) if found else None

    return ask


@pytest.mark.parametrize(
    "command",
    [
        Assign(LATE, Role.ACCOUNTABLE, OPS),
        Assign(LATE, Role.RESPONSIBLE, Assignee(named("ops"), named("ines"))),
        Assign(WAIT, Role.RESPONSIBLE, CARE),
        Assign(LATE, Role.CONSULTED, CARE),
        Assign(LATE, Role.INFORMED, CARE),
        Unassign(LATE, Role.RESPONSIBLE, OPS),
        Decide(LATE, RETURNS, LinkState.REFUTED),
        Import(RoleCell(LATE, Role.INFORMED), None),
    ],
)
def test_what_the_method_allows_is_not_refused(refused: Any, command: Any) -> None:
    """A confirmed CPI goes to whoever can move it; anybody may be consulted and informed; links are decided."""
    assert refused(command) is None


@pytest.mark.parametrize(
    ("command", "code", "reason", "can_override"),
    [
        (Assign(named("gone"), Role.INFORMED, OPS), "R01", 'no CPI "gone" is defined', False),
        (Assign(RETURNS, Role.ACCOUNTABLE, OPS), "R01", "Riders come back is not a CPI", False),
        (Assign(LATE, Role.INFORMED, Assignee(named("hr"))), "R02", 'no team "hr"', False),
        (
            Assign(LATE, Role.ACCOUNTABLE, Assignee(named("ops"), named("mia"))),
            "R02",
            '"mia" is not in the team Operations',
            False,
        ),
        (
            Assign(LATE, Role.ACCOUNTABLE, CARE),
            "R03",
            "Customer care does not list Late rides under what it influences",
            False,
        ),
        (
            Assign(WAIT, Role.ACCOUNTABLE, CARE),
            "R04",
            "no link of Long waits is confirmed (it has no link to a KPI)",
            True,
        ),
        (Unassign(LATE, Role.ACCOUNTABLE), "R05", "keeps exactly one accountable", True),
        (Unassign(LATE, Role.RESPONSIBLE, CARE), "R06", "Customer care is not responsible for Late rides", False),
        (Unassign(LATE, Role.INFORMED), "R06", "nobody is informed for Late rides", False),
        (Decide(WAIT, RETURNS, LinkState.CONFIRMED), "R07", "no link wait -> returns is declared", False),
    ],
)
def test_a_refusal_says_why(refused: Any, command: Any, code: str, reason: str, can_override: bool) -> None:
    """Each rule has its code, its words, and says whether a written reason makes it an exception."""
    found = refused(command)
    assert found is not None
    assert (found[0], reason in found[1], found[2]) == (code, True, can_override)
    assert code in CODES


def test_no_accountability_before_confirmation(workspace: Workspace) -> None:
    """An undecided link is a hypothesis, and the refusal says so."""
    found = refusal(workspace, Ownership(), Assign(LATE, Role.ACCOUNTABLE, OPS), day=DAY)
    assert found is not None
    assert (found.code, found.can_override) == ("R04", True)
    assert found.reason == "no link of Late rides is confirmed (its furthest link is a hypothesis)"


def test_a_confirmation_expires_when_its_review_is_due(workspace: Workspace, owned: Ownership) -> None:
    """On the last day it stands; the day after it says since when it was due."""
    on_time = link_state_on(workspace, owned, LATE, RETURNS, date(2026, 7, 4))
    assert (on_time.state, on_time.why, on_time.decision) == (LinkState.CONFIRMED, "", CONFIRMED)
    late = link_state_on(workspace, owned, LATE, RETURNS, date(2026, 7, 5))
    assert (late.state, late.why) == (LinkState.EXPIRED, "its review was due on 4 Jul 2026")
    assert best_state_on(workspace, owned, LATE, date(2026, 7, 5)) is LinkState.EXPIRED
    assert refusal(workspace, owned, Assign(LATE, Role.ACCOUNTABLE, OPS), day=date(2026, 7, 5)) is not None


@pytest.mark.parametrize("changed", [LATE, RETURNS])
def test_a_confirmation_expires_when_a_definition_changes(workspace: Workspace, owned: Ownership, changed: Any) -> None:
    """The CPI's and the KPI's definition are what was judged; another one asks for another judgement."""
    cpi_hash, kpi_hash = definition_hash(workspace, LATE), definition_hash(workspace, RETURNS)
    judged = replace(owned, decisions={(LATE, RETURNS): replace(CONFIRMED, cpi_hash=cpi_hash, kpi_hash=kpi_hash)})
    assert link_state_on(workspace, judged, LATE, RETURNS, DAY).state is LinkState.CONFIRMED
    old = workspace.metrics[changed]
    new = replace(old, definition=Simple(named("rides"), Aggregation.AVERAGE, "other > 5"))
    moved = replace(workspace, metrics={**workspace.metrics, changed: new})
    standing = link_state_on(moved, judged, LATE, RETURNS, DAY)
    assert standing.state is LinkState.EXPIRED
    assert standing.why == f"the definition of {old.label} has changed since it was confirmed"


def test_a_refutation_and_an_old_record_do_not_expire(workspace: Workspace, owned: Ownership) -> None:
    """Only confirmations expire, and what a record does not hold cannot be compared."""
    never = date(2036, 1, 1)
    refuted = replace(owned, decisions={(LATE, RETURNS): replace(CONFIRMED, state=LinkState.REFUTED)})
    assert link_state_on(workspace, refuted, LATE, RETURNS, never).state is LinkState.REFUTED
    undated = replace(owned, decisions={(LATE, RETURNS): replace(CONFIRMED, decided_on=None)})
    assert link_state_on(workspace, undated, LATE, RETURNS, never).state is LinkState.CONFIRMED
    assert link_state_on(workspace, Ownership(), LATE, RETURNS, DAY).state is LinkState.HYPOTHESIS


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        (lambda one: replace(one, label="Other", description="words", min_sample=9), False),
        (lambda one: replace(one, definition=replace(one.definition, expr="late   >5")), False),
        (lambda one: replace(one, definition=replace(one.definition, expr="late > 6")), True),
        (lambda one: replace(one, definition=replace(one.definition, filter="late is not null")), True),
        (lambda one: replace(one, definition=replace(one.definition, agg=Aggregation.MEDIAN)), True),
        (lambda one: replace(one, definition=replace(one.definition, fill_nulls_with=0.0)), True),
    ],
)
def test_the_hash_follows_the_definition_only(workspace: Workspace, change: Any, is_another: bool) -> None:
    """Words and layout change nothing; what is computed does."""
    new = replace(workspace, metrics={**workspace.metrics, LATE: change(workspace.metrics[LATE])})
    assert (definition_hash(new, LATE) != definition_hash(workspace, LATE)) == is_another


def test_the_hash_follows_inputs_sources_and_calendar(workspace: Workspace) -> None:
    """A ratio is another one when its parts, its data or its weeks are."""
    share = metric("share", "Share", MetricKind.KPI, Ratio(Input(LATE), Input(WAIT, "late > 1")))
    metrics = {**workspace.metrics, share.id: share}
    begin = replace(workspace, metrics=metrics)
    others = [
        replace(begin, metrics={**metrics, WAIT: replace(metrics[WAIT], definition=metrics[LATE].definition)}),
        replace(begin, sources={named("rides"): Source(named("rides"), "rides.parquet", "night")}),
        replace(begin, project=Project(week_start=Weekday.SUNDAY)),
    ]
    assert len({definition_hash(one, share.id) for one in (begin, *others)}) == 4


def test_what_is_to_be_done_is_listed(workspace: Workspace, owned: Ownership) -> None:
    """A confirmed CPI without A, an A without R, people who left, teams that lost influence, expired confirmations."""

    def codes(ownership: Ownership, day: date = DAY) -> list[tuple[str, str]]:
        found = todos(workspace, ownership, day=day)
        assert all(todo.code in CODES and todo.text for todo in found)
        return [(todo.code, todo.metric) for todo in found]

    def held(assignment: Assignment) -> Ownership:
        return replace(owned, assignments={assignment.metric: assignment})

    assert codes(owned) == []
    assert codes(held(Assignment(LATE, None, (OPS,)))) == [("R08", LATE)]
    assert codes(held(Assignment(LATE, TAREK))) == [("R09", LATE)]
    gone = Assignee(named("ops"), named("bo"))
    assert codes(held(Assignment(LATE, gone, (OPS,), informed=(Assignee(named("hr")),)))) == [("R10", LATE)] * 2
    assert codes(held(Assignment(LATE, TAREK, (CARE,)))) == [("R11", LATE)]
    assert codes(owned, date(2026, 7, 5)) == [("R12", LATE), ("R13", LATE)]
    assert codes(held(Assignment(WAIT, OPS, (OPS,)))) == [("R08", LATE), ("R13", WAIT)]


def test_exceptions_keep_their_reason(workspace: Workspace, owned: Ownership) -> None:
    """An override stays on the list with its reason, also after the confirmation; an unwritten one shows as such."""
    assert exceptions(workspace, owned, day=DAY) == {}
    early = replace(owned, assignments={**owned.assignments, WAIT: Assignment(WAIT, OPS)})
    assert exceptions(workspace, early, day=DAY) == {WAIT: ""}
    written = replace(early, exceptions={LATE: "pilot", WAIT: "trial"})
    assert exceptions(workspace, written, day=DAY) == {LATE: "pilot", WAIT: "trial"}


def test_the_load_counts_cpis_not_people(owned: Ownership) -> None:
    """A team with two responsible people for one CPI has one CPI on its list."""
    more = Assignment(WAIT, CARE, (OPS, TAREK))
    assert load(replace(owned, assignments={**owned.assignments, WAIT: more})) == {
        "ops": Load(1, 2),
        "care": Load(1, 0),
    }
