"""Rules about goals: what they lack, and figures of theirs that contradict each other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kputui.errors import Severity
from kputui.model.goal import GoalKind
from kputui.model.metric import Direction
from kputui.review.finding import Finding, Rule
from kputui.review.support import kpis_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.goal import Goal
    from kputui.model.metric import Metric
    from kputui.model.workspace import Workspace
    from kputui.review.known import Known

MANY_KPIS = 7
"""More KPIs than this under one goal are not read together any more."""


def without_measure(known: Known) -> Iterator[Finding]:
    """Goals with neither a measure nor a KPI nor a goal below them."""
    workspace = known.workspace
    parents = {goal.parent for goal in workspace.goals.values()}
    named = {goal for metric in workspace.metrics.values() for goal in metric.goals}
    for goal in workspace.goals.values():
        if goal.measured_by is None and goal.id not in parents and goal.id not in named:
            yield Finding(("goals", goal.id), f'nothing measures the goal "{goal.label}"')


def without_dates_or_target(known: Known) -> Iterator[Finding]:
    """Measured goals that cannot be judged: no target, no start or no due date."""
    for goal in known.workspace.goals.values():
        wanted = {"target": goal.target, "start": goal.start, "due": goal.due}
        missing = [name for name, value in wanted.items() if value is None]
        if goal.measured_by is not None and missing:
            yield Finding(("goals", goal.id), f'the goal "{goal.label}" has no pace: it lacks {" and ".join(missing)}')


def without_why(known: Known) -> Iterator[Finding]:
    """Goals that do not say what they are good for."""
    for goal in known.workspace.goals.values():
        if not goal.why.strip():
            yield Finding(("goals", goal.id), f'the goal "{goal.label}" does not say why it matters')


def without_owner(known: Known) -> Iterator[Finding]:
    """Goals that nobody answers for."""
    for goal in known.workspace.goals.values():
        if goal.owner is None:
            yield Finding(("goals", goal.id), f'nobody answers for the goal "{goal.label}"')


def level_without_baseline(known: Known) -> Iterator[Finding]:
    """Level goals that do not say from where they started: the data's own value is taken."""
    for goal, metric in _measured(known.workspace):
        if _is_level(goal, metric) and goal.baseline is None:
            yield Finding(
                ("goals", goal.id),
                f'the goal "{goal.label}" is a level without a baseline: the last value before its start stands for it',
            )


def zones_out_of_order(known: Known) -> Iterator[Finding]:
    """Goals whose commit, target and stretch do not rise towards the better side."""
    for goal, metric in _measured(known.workspace):
        sign = _better(goal, metric)
        zones = [("commit", goal.commit), ("target", goal.target), ("stretch", goal.stretch)]
        written = [(name, value) for name, value in zones if value is not None]
        for (low_name, low), (high_name, high) in pairwise(written):
            if sign * (high - low) < 0:
                side = "below" if sign > 0 else "above"
                yield Finding(
                    ("goals", goal.id, high_name),
                    f"{high_name} {high:g} is {side} {low_name} {low:g}: easier, though it should ask for more",
                    figures=((low_name, low), (high_name, high)),
                )


def target_behind_baseline(known: Known) -> Iterator[Finding]:
    """Level goals whose target lies on the baseline or on its worse side."""
    for goal, metric in _measured(known.workspace):
        if not _is_level(goal, metric) or goal.baseline is None or goal.target is None:
            continue
        sign = {Direction.INCREASE: 1, Direction.DECREASE: -1}.get(metric.direction, 0)
        if goal.target == goal.baseline or sign * (goal.target - goal.baseline) < 0:
            where = "equal to" if goal.target == goal.baseline else "worse than"
            yield Finding(
                ("goals", goal.id, "target"),
                f"target {goal.target:g} is {where} the baseline {goal.baseline:g}, "
                f'and "{metric.label}" is to {_verb(metric)}',
                figures=(("baseline", goal.baseline), ("target", goal.target)),
            )


def milestone_outside(known: Known) -> Iterator[Finding]:
    """Milestones on days that do not belong to the goal's time."""
    for goal in known.workspace.goals.values():
        for index, milestone in enumerate(goal.milestones):
            is_early = goal.start is not None and milestone.on < goal.start
            is_late = goal.due is not None and milestone.on > goal.due
            if is_early or is_late:
                side = "before the goal's start" if is_early else "after the goal is due"
                yield Finding(
                    ("goals", goal.id, "milestones", str(index)), f"the milestone of {milestone.on} lies {side}"
                )


def due_after_parent(known: Known) -> Iterator[Finding]:
    """Goals that are due after the goal that they serve."""
    goals = known.workspace.goals
    for goal in goals.values():
        parent = goals.get(goal.parent) if goal.parent else None
        if parent is not None and goal.due is not None and parent.due is not None and goal.due > parent.due:
            yield Finding(
                ("goals", goal.id, "due"),
                f'due {goal.due}, after the goal that it serves: "{parent.label}" is due {parent.due}',
            )


def only_one_kpi(known: Known) -> Iterator[Finding]:
    """Goals that are seen through a single KPI, with no guardrail beside it."""
    for goal in known.workspace.goals.values():
        kpis = kpis_of(known.workspace, goal.id)
        if len(kpis) == 1 and not kpis[0].guardrails:
            yield Finding(
                ("goals", goal.id),
                f'the goal "{goal.label}" is seen through one KPI alone, "{kpis[0].label}": what does it not show?',
            )


def too_many_kpis(known: Known) -> Iterator[Finding]:
    """Goals with more KPIs than anybody reads together."""
    for goal in known.workspace.goals.values():
        count = len(kpis_of(known.workspace, goal.id))
        if count > MANY_KPIS:
            yield Finding(
                ("goals", goal.id), f'{count} KPIs stand under the goal "{goal.label}"', figures=(("kpis", count),)
            )


def _measured(workspace: Workspace) -> Iterator[tuple[Goal, Metric]]:
    """The goals with the metric that measures them."""
    for goal in workspace.goals.values():
        metric = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
        if metric is not None:
            yield goal, metric


def _is_level(goal: Goal, metric: Metric) -> bool:
    """As `analysis.pace.kind_of` says, which is too heavy to load before the first paint."""
    if goal.kind is not None:
        return goal.kind is GoalKind.LEVEL
    return goal.baseline is not None and metric.direction is not Direction.MAINTAIN


def _better(goal: Goal, metric: Metric) -> int:
    """1 when more is better, -1 when less is, 0 when nobody says."""
    if metric.direction is Direction.INCREASE:
        return 1
    if metric.direction is Direction.DECREASE:
        return -1
    if goal.baseline is None or goal.target is None:
        return 0
    return (goal.target > goal.baseline) - (goal.target < goal.baseline)


def _verb(metric: Metric) -> str:
    return metric.direction.value if metric.direction is not Direction.NEUTRAL else "change"


RULES: tuple[Rule, ...] = (
    Rule(
        "M02",
        Severity.WARNING,
        "nothing measures a goal",
        "name its metric in `measured_by`, or let a KPI name it in `goals`",
        without_measure,
    ),
    Rule(
        "M03",
        Severity.WARNING,
        "a measured goal lacks a target, a start or a due date",
        "pace needs a target, a start and a due date",
        without_dates_or_target,
    ),
    Rule(
        "M09",
        Severity.WARNING,
        "a goal does not say why it matters",
        "write in `why` what is better, and for whom, once it is reached",
        without_why,
    ),
    Rule(
        "M10",
        Severity.INFO,
        "nobody answers for a goal",
        "name a person in `owner`",
        without_owner,
    ),
    Rule(
        "M11",
        Severity.INFO,
        "a level goal has no baseline",
        "write the value at the start into `baseline`, so that it does not move when old data is mended",
        level_without_baseline,
    ),
    Rule(
        "M12",
        Severity.WARNING,
        "commit, target and stretch of a goal are in the wrong order",
        "stretch asks for more than target, target for more than commit; which way is better says the metric's "
        "`direction`",
        zones_out_of_order,
    ),
    Rule(
        "M13",
        Severity.WARNING,
        "a goal's target is no improvement on its baseline",
        'turn one of the figures or the metric\'s `direction` round, or say kind = "maintain"',
        target_behind_baseline,
    ),
    Rule(
        "M14",
        Severity.WARNING,
        "a milestone lies outside its goal's time",
        "move the milestone, or `start` or `due`",
        milestone_outside,
    ),
    Rule(
        "M15",
        Severity.INFO,
        "a goal is due after the goal that it serves",
        "let it end earlier, or its parent later",
        due_after_parent,
    ),
    Rule(
        "M16",
        Severity.INFO,
        "a goal is seen through one KPI alone",
        "add a second KPI that sees it from another side, or a guardrail that shows what the first one costs",
        only_one_kpi,
    ),
    Rule(
        "M17",
        Severity.INFO,
        f"more than {MANY_KPIS} KPIs stand under one goal",
        "keep those that would change a decision; the others are diagnostics, or belong to goals below this one",
        too_many_kpis,
    ),
)
