"""The tree of goals: its order, and what a goal without a measure takes from the goals below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.session.words import weakest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.analysis.pace import Pace
    from kputui.model.goal import Goal, GoalState
    from kputui.model.ids import GoalId
    from kputui.model.workspace import Workspace


def in_tree_order(goals: tuple[Goal, ...]) -> tuple[tuple[Goal, int], ...]:
    """The goals depth first with their depths, siblings as written."""
    known = {goal.id for goal in goals}
    children: dict[GoalId | None, list[Goal]] = {}
    for goal in goals:
        children.setdefault(goal.parent if goal.parent in known else None, []).append(goal)
    found: list[tuple[Goal, int]] = []
    waiting = [(goal, 0) for goal in reversed(children.get(None, []))]
    while waiting:
        goal, depth = waiting.pop()
        found.append((goal, depth))
        waiting.extend((child, depth + 1) for child in reversed(children.get(goal.id, [])))
    return tuple(found)


def state_of(workspace: Workspace, paces: Mapping[GoalId, Pace], goal: GoalId) -> GoalState | None:
    """The goal's own state, or without a measure the weakest state of the goals below it."""
    if goal in paces:
        return paces[goal].state
    below = [state_of(workspace, paces, child.id) for child in workspace.goals.values() if child.parent == goal]
    return weakest([state for state in below if state is not None])
