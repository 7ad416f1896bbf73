"""The stand-up's scene: the figures then and now, with the board's rows, goals, owners and remarks at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.model.cell import NoteCell, SignalCell
from kputui.model.metric import MetricKind
from kputui.model.remark import Subject, SubjectKind
from kputui.session.alike import goal_names
from kputui.session.goal_tree import in_tree_order, state_of
from kputui.session.rows import board_rows
from kputui.session.standup_views import GoalStanding, Said
from kputui.session.views import Quantity, RowKind, Tone
from kputui.session.words import (
    GOAL_TONES,
    WEAKEST_FIRST,
    assignee_words,
    day_words,
    metric_words,
    period_words,
    person_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kputui.model.change import Change
    from kputui.model.goal import Goal
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.workspace import Workspace
    from kputui.session.figures import Figures
    from kputui.session.views import RowView

MOST_SAID = 3
"""How many explanations and notes an item shows."""
_MOST_AHEAD_DAYS = 31


@dataclass(frozen=True)
class Scene:
    """What the items are made of: `then` is None when the figures of then could not be computed.

    `changes` were made after the evening of `since`, oldest first. `rows`: the board's row of each metric and goal.
    """

    since: date
    today: date
    now: Figures
    then: Figures | None
    changes: tuple[Change, ...] = ()
    standings: Mapping[GoalId, GoalStanding] = field(default_factory=dict)
    rows: Mapping[MetricId, RowView] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        """The definitions, the same for then and now."""
        return self.now.workspace

    @property
    def ahead(self) -> date:
        """The last day that a look ahead reaches: as far as the look back, a month at most."""
        return self.today + timedelta(days=min((self.today - self.since).days, _MOST_AHEAD_DAYS))

    def is_since(self, day: date | None) -> bool:
        """Whether a day lies between the last stand-up and today."""
        return day is not None and self.since < day <= self.today

    def row_key(self, metric: MetricId) -> str:
        """The key of the metric's first row on the board, "" without one."""
        row = self.rows.get(metric)
        return row.key if row is not None else ""

    def goal_of(self, metric: MetricId) -> GoalStanding | None:
        """The goal that a metric's row hangs under."""
        row = self.rows.get(metric)
        return self.standings.get(row.goal) if row is not None and row.goal is not None else None

    def owner_of(self, metric: MetricId) -> str:
        """Who is accountable for a CPI in words, or owns the goal of another metric; "" for nobody."""
        assignment = self.now.ownership.assignments.get(metric)
        if assignment is not None and assignment.accountable is not None:
            return f"{assignee_words(self.workspace, assignment.accountable)} is accountable"
        if self.workspace.metrics[metric].kind is MetricKind.CPI:
            return "nobody is accountable"
        standing = self.goal_of(metric)
        return f"{standing.owner} owns the goal" if standing is not None and standing.owner else ""

    def said_of(self, metric: MetricId | None, goal: GoalId | None = None) -> tuple[Said, ...]:
        """What people wrote about a metric or a goal, newest first, the last few."""
        subjects = {Subject(SubjectKind.METRIC, metric)} if metric is not None else set()
        subjects |= {Subject(SubjectKind.GOAL, goal)} if goal is not None else set()
        return tuple(sorted(self._said(metric, subjects), key=lambda said: said.on, reverse=True))[:MOST_SAID]

    def _said(self, metric: MetricId | None, subjects: set[Subject]) -> Iterator[Said]:
        for cell, remark in self.now.ownership.remarks.items():
            if isinstance(cell, SignalCell) and metric is not None and cell.metric == metric:
                about = period_words(self.workspace.metrics[metric].grain, cell.start)
            elif isinstance(cell, NoteCell) and cell.subject in subjects:
                about = f"note for {day_words(cell.day)}"
            else:
                continue
            yield Said(remark.text, person_words(remark.by), remark.on, about)

    def words(self, metric: MetricId) -> str:
        """What a metric is called."""
        return metric_words(self.workspace, metric)


def scene(now: Figures, then: Figures | None, since: date, changes: tuple[Change, ...]) -> Scene:
    """The scene of a stand-up about what came after the evening of `since`."""
    rows: dict[MetricId, RowView] = {}
    depths: dict[str, int] = {}
    for row in board_rows(now):
        if row.metric is not None:
            rows.setdefault(row.metric, row)
        elif row.kind is RowKind.GOAL:
            depths[row.key] = row.depth
    names = goal_names(now.workspace)
    order = in_tree_order(tuple(now.workspace.goals.values()))
    standings = {goal.id: _standing(now, then, goal, names[goal.id], depth) for goal, depth in order}
    return Scene(since, now.clock.today, now, then, changes, standings, rows)


def _standing(now: Figures, then: Figures | None, goal: Goal, name: str, depth: int) -> GoalStanding:
    before = state_of(now.workspace, then.paces, goal.id) if then is not None else None
    state = state_of(now.workspace, now.paces, goal.id)
    pace, outlook = now.paces.get(goal.id), now.outlooks.get(goal.id)
    pace_then = then.paces.get(goal.id) if then is not None else None
    metric = now.workspace.metrics.get(goal.measured_by) if goal.measured_by else None
    is_known = outlook is not None and not outlook.refusal and outlook.p_met is not None
    turn = 0 if before is None or state is None else WEAKEST_FIRST.index(state) - WEAKEST_FIRST.index(before)
    return GoalStanding(
        goal.id,
        name,
        f"goal:{goal.id}",
        depth,
        before.value if before is not None else "",
        state.value if state is not None else "",
        GOAL_TONES[state] if state is not None else Tone.MUTED,
        pace_then.pace_index if pace_then is not None else None,
        pace.pace_index if pace is not None else None,
        bool(pace and pace.is_burn),
        Quantity(pace.actual, metric.format, metric.unit) if pace is not None and metric is not None else None,
        Quantity(pace.target, metric.format, metric.unit) if pace is not None and metric is not None else None,
        outlook.p_met if outlook is not None and is_known else None,
        outlook.words if outlook is not None and is_known else "",
        person_words(goal.owner) if goal.owner else "",
        turn < 0,
        turn > 0,
    )
