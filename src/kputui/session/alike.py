"""Names that look alike once they are safe to show are told apart by their ids."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.model.goal import Goal
    from kputui.model.ids import GoalId
    from kputui.model.workspace import Workspace


_Id = TypeVar("_Id", bound=str)


def told_apart(workspace: Workspace) -> Workspace:
    """The workspace with the id behind the label of metrics, and of teams, that look like another's.

    Goals keep theirs, because rules read it: see `goal_names`.
    """
    metrics = _names({id_: metric.label or str(id_) for id_, metric in workspace.metrics.items()})
    teams = _names({id_: team.label or str(id_) for id_, team in workspace.teams.items()})
    return replace(
        workspace,
        metrics={
            id_: replace(metric, label=metrics[id_]) if id_ in metrics else metric
            for id_, metric in workspace.metrics.items()
        },
        teams={id_: replace(team, label=teams[id_]) if id_ in teams else team for id_, team in workspace.teams.items()},
    )


def goal_names(workspace: Workspace) -> Mapping[GoalId, str]:
    """What each goal is called: its label, its id where it has none, both where another's looks alike."""
    names = {id_: goal.label or str(id_) for id_, goal in workspace.goals.items()}
    return {**names, **_names(names)}


def goal_name(workspace: Workspace, goal: Goal) -> str:
    """What one goal is called."""
    return goal_names(workspace)[goal.id]


def _names(labels: Mapping[_Id, str]) -> Mapping[_Id, str]:
    """The names of those whose labels look alike: label and id."""
    looks = {id_: _look(label) for id_, label in labels.items()}
    seen = Counter(looks.values())
    return {id_: f"{label} ({id_})" for id_, label in labels.items() if seen[looks[id_]] > 1}


def _look(label: str) -> str:
    """What a person sees of a label: signs without a picture are all one dot, spaces are one space."""
    plain = unicodedata.normalize("NFKC", label)
    return " ".join("".join(sign if sign.isprintable() or sign.isspace() else "·" for sign in plain).split())
