"""The tables `[goals.<id>]` and `[[contexts]]`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kputui.config.fields import Field, Record, Table
from kputui.config.merge import Layout
from kputui.config.shapes import Day, Id, ListOf, Named, Number, Text, one_of
from kputui.config.wording import label_of
from kputui.model.goal import Context, Goal, GoalKind, Milestone, PlanKind
from kputui.model.ids import GoalId

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor


def _milestone(values: dict[str, Any], _at: Cursor) -> Milestone:
    return Milestone(**values)


def _goal(name: str, values: dict[str, Any], at: Cursor) -> Any:
    goal = Goal(**({"id": GoalId(name), "label": label_of(name)} | values))
    if goal.start and goal.due and goal.due < goal.start:
        return at.into("due").refuse("C17", f"due {goal.due} is before start {goal.start}")
    if any(later.on <= earlier.on for earlier, later in pairwise(goal.milestones)):
        return at.into("milestones").refuse("C17", "milestones want rising dates")
    if goal.plan is PlanKind.MILESTONES and not goal.milestones:
        return at.into("plan").refuse("C26", 'plan = "milestones" needs milestones', "milestones = [{ on, value }]")
    if goal.milestones and goal.plan is not PlanKind.MILESTONES:
        at.into("milestones").warn("C29", f'no effect: the plan is "{goal.plan}"', 'plan = "milestones"')
    return goal


def _context(_name: str, values: dict[str, Any], at: Cursor) -> Any:
    context = Context(**values)
    if context.end < context.start:
        return at.into("to").refuse("C17", f"to {context.end} is before from {context.start}")
    return context


MILESTONE = Record(
    "milestone",
    "A value planned for a day.",
    (
        Field("on", Day(), "The day.", required=True),
        Field("value", Number(), "The value planned for its evening.", required=True),
    ),
    _milestone,
)

GOALS = Table(
    name="goals",
    layout=Layout.NAMED,
    doc="Results that people want by a date. The zones are in the unit of the measuring metric.",
    example='[goals.loyal]\nlabel = "Customers come back on their own"\ndue = 2026-12-31\n',
    build=_goal,
    fields=(
        Field("label", Text(may_be_empty=False), "The result in words: no number, no metric.", default="from the id"),
        Field("why", Text(), "What it is good for (Relevant)."),
        Field("owner", Id("person"), "The person who answers for it."),
        Field("start", Day(), "The first day that counts."),
        Field("due", Day(), "The last day that counts (Time-bound)."),
        Field("measured_by", Named("metrics"), "The metric that tells whether it is reached (Measurable)."),
        Field("kind", one_of(GoalKind), "How the measure reads on the goal.", default="from the metric"),
        Field("baseline", Number(), "The value at the start."),
        Field("commit", Number(), "The least that is promised."),
        Field("target", Number(), "The value to reach."),
        Field("stretch", Number(), "More than is expected."),
        Field(
            "plan",
            one_of(PlanKind),
            "How the way is spread over the time: evenly, over working days, as the years before brought it, "
            "or by dated values.",
            default='"linear"',
        ),
        Field("milestones", ListOf(MILESTONE, is_unique=False), 'Dated values, for `plan = "milestones"`.'),
        Field("parent", Named("goals"), "The goal that this one serves."),
    ),
)

CONTEXTS = Table(
    name="contexts",
    layout=Layout.LISTED,
    doc="Stretches of time that people know about. Slowness that is planned is not red.",
    example='[[contexts]]\nfrom = 2026-07-06\nto = 2026-07-24\npace_factor = 0.5\nnote = "warehouse move"\n',
    build=_context,
    fields=(
        Field("from", Day(), "The first day.", required=True, attribute="start"),
        Field("to", Day(), "The last day, included.", required=True, attribute="end"),
        Field("note", Text(may_be_empty=False), "What happens then.", required=True),
        Field("pace_factor", Number(0, 10), "What each of its days weighs in a plan; 1 only marks.", default="1"),
        Field("goals", ListOf(Named("goals")), "The goals whose plan it changes.", default="all goals"),
        Field("metrics", ListOf(Named("metrics")), "The metrics whose charts it marks.", default="all metrics"),
    ),
)
