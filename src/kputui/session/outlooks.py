"""Outlooks for showing: each goal's forecast with what it is the forecast of, and as facts of the goal's detail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.analysis.forecast.outlook import Outlook, share_words
from kputui.errors import UsageError, did_you_mean
from kputui.model.goal import OVER_ALL
from kputui.model.ids import GoalId
from kputui.model.metric import NumberFormat
from kputui.session.alike import goal_names
from kputui.session.goal_tree import in_tree_order, state_of
from kputui.session.views import Fact, Quantity, Tone
from kputui.session.words import day_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kputui.analysis.pace import Pace
    from kputui.model.goal import GoalKind, GoalState
    from kputui.model.ids import MetricId
    from kputui.model.metric import Metric
    from kputui.model.series import Failure
    from kputui.model.workspace import Workspace
    from kputui.session.figures import Figures
    from kputui.session.open import Opened

_UNMEASURED = Outlook("nothing measures this goal")
_ABOVE = Outlook("it has no measure of its own; see the goals below it")
_UNDATED = Outlook("the goal has no due date")


@dataclass(frozen=True, slots=True)
class GoalOutlook:
    """One goal with its outlook. `format` and `unit` are its metric's; `failure` says why its data is missing."""

    goal: GoalId
    label: str
    metric: MetricId | None
    state: GoalState | None
    pace: Pace | None
    outlook: Outlook
    format: NumberFormat = NumberFormat.NUMBER
    unit: str = ""
    failure: Failure | None = None


def goal_outlooks(opened: Opened, goal: str | None = None) -> tuple[GoalOutlook, ...]:
    """The outlook of a goal, of all in tree order when None; loads the engine and reads the data.

    Raises UsageError, naming the nearest, when there is no such goal.
    """
    from kputui.session.forecasting import forecast  # noqa: PLC0415 - the board forecasts in its worker
    from kputui.session.judges import judged_figures  # noqa: PLC0415 - as above

    workspace = opened.workspace
    wanted = goal_named(workspace, goal) if goal is not None else None
    figures = judged_figures(opened, (forecast,))
    goals = (one for one, _ in in_tree_order(tuple(workspace.goals.values())))
    return tuple(_of_goal(figures, one.id) for one in goals if wanted in {None, one.id})


def goal_named(workspace: Workspace, name: str) -> GoalId:
    """The goal of that name; raises UsageError that names the nearest."""
    if name in workspace.goals:
        return GoalId(name)
    near = did_you_mean(name, workspace.goals)
    raise UsageError(f'no goal "{name}"', near or f"goals: {', '.join(workspace.goals)}")


def _of_goal(figures: Figures, name: GoalId) -> GoalOutlook:
    workspace = figures.workspace
    goal = workspace.goals[name]
    metric = workspace.metrics.get(goal.measured_by) if goal.measured_by else None
    reading = figures.readings.get(metric.id) if metric else None
    is_above = any(one.parent == name for one in workspace.goals.values())
    without = _UNDATED if metric is not None else _ABOVE if is_above else _UNMEASURED
    return GoalOutlook(
        name,
        goal_names(workspace)[name],
        metric.id if metric else None,
        state_of(workspace, figures.paces, name),
        figures.paces.get(name),
        figures.outlooks.get(name, without),
        metric.format if metric else NumberFormat.NUMBER,
        metric.unit if metric else "",
        reading.failure if reading else None,
    )


def due_words(due: date, kind: GoalKind) -> str:
    """The due date; where all rows since the goal's start make one value, that it is over the whole time."""
    return f"{day_words(due)} over the whole time" if kind in OVER_ALL else day_words(due)


def outlook_facts(metric: Metric, outlook: Outlook | None, kind: GoalKind) -> Iterator[Fact]:
    """The forecast in words and figures, for the goal's detail: how likely it is met, and where it will stand."""
    if outlook is None:
        return
    if outlook.refusal:
        yield Fact("no forecast", text=outlook.refusal, tone=Tone.MUTED)
        return
    if outlook.due is None or outlook.mean is None or outlook.low80 is None or outlook.high80 is None:
        yield Fact("no forecast of the due date", text=outlook.words, tone=Tone.MUTED)
        return
    if outlook.p_met is not None:
        yield Fact("forecast", text=f"{share_words(outlook.p_met)}: {outlook.words}")
    yield Fact(f"by {due_words(outlook.due, kind)}", Quantity(outlook.mean, metric.format, metric.unit))
    yield Fact(
        "80 % of the time",
        Quantity(outlook.low80, metric.format, metric.unit),
        until=Quantity(outlook.high80, metric.format, metric.unit),
    )
