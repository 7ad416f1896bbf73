"""Words and states that several views share."""

from __future__ import annotations

from kputui.model.goal import GoalState
from kputui.session.words import weakest


def test_a_goal_that_has_not_started_does_not_weaken_its_parent() -> None:
    """Next year's goal leaves this year's state as it is; alone it is not started."""
    assert weakest([GoalState.MET, GoalState.NOT_STARTED]) is GoalState.MET
    assert weakest([GoalState.NOT_STARTED]) is GoalState.NOT_STARTED
    assert weakest([GoalState.ON_TRACK, GoalState.AT_RISK]) is GoalState.AT_RISK
    assert weakest([]) is None
