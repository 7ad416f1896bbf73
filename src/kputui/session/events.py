"""Events: what happened to a metric, by day: planned slow times, notes, interventions, changes of owner, shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from kputui.analysis.change.effect import ChangePoint
from kputui.model.cell import NoteCell
from kputui.model.metric import MetricKind
from kputui.model.remark import Subject, SubjectKind
from kputui.session.figures import sources_of
from kputui.session.history import assignees_of, day_of, owner_changes, value_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.goal import Context
    from kputui.model.ids import GoalId
    from kputui.model.metric import Metric
    from kputui.model.remark import Annotation
    from kputui.model.workspace import Workspace
    from kputui.session.figures import Figures

NEAR_PERIODS = 2
"""Events within so many periods of a change are listed beside it."""


class EventKind(StrEnum):
    """What sort of event it is."""

    OWNER = "owner"
    INTERVENTION = "intervention"
    NOTE = "note"
    CONTEXT = "context"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened from `start` to `end`, both included, in words."""

    kind: EventKind
    start: date
    end: date
    words: str


def events_of(figures: Figures, metric: Metric) -> tuple[Event, ...]:
    """All that is known to have happened to a metric, by its first day."""
    found = [*_contexts(figures, metric), *_annotations(figures, metric), *_notes(figures, metric)]
    found += [*_owners(figures, metric), *_shifts(figures, metric)]
    return tuple(sorted(found, key=lambda event: (event.start, event.end, event.kind, event.words)))


def known_days(figures: Figures, metric: Metric) -> tuple[date, ...]:
    """The days of changes of owner and of interventions, each once, in order."""
    kinds = (EventKind.OWNER, EventKind.INTERVENTION)
    return tuple(sorted({event.start for event in events_of(figures, metric) if event.kind in kinds}))


def events_near(figures: Figures, metric: Metric, day: date) -> tuple[Event, ...]:
    """The events within two periods of a day that did not begin on it."""
    reach = timedelta(days=NEAR_PERIODS * metric.grain.longest_days)
    return tuple(
        event
        for event in events_of(figures, metric)
        if event.start != day and event.start - reach <= day <= event.end + reach
    )


def goals_of(workspace: Workspace, metric: Metric) -> set[GoalId]:
    """The goals that a metric names or measures."""
    return set(metric.goals) | {goal.id for goal in workspace.goals.values() if goal.measured_by == metric.id}


def touches(zone: Context, metric: Metric, goals: set[GoalId]) -> bool:
    """Whether a context marks the metric: it names it, or names its goal and no metric, or names nothing."""
    if zone.metrics:
        return metric.id in zone.metrics
    return not zone.goals or bool(goals & set(zone.goals))


def is_about(workspace: Workspace, annotation: Annotation, metric: Metric) -> bool:
    """Whether an annotation names the metric, a goal that it or its KPI supports, or a source of it; or nothing."""
    if not (annotation.metrics or annotation.goals or annotation.sources):
        return True
    return (
        metric.id in annotation.metrics
        or bool(_goals_served(workspace, metric) & set(annotation.goals))
        or bool(sources_of(workspace, metric.id) & set(annotation.sources))
    )


def _goals_served(workspace: Workspace, metric: Metric) -> set[GoalId]:
    """The goals that a metric, or the KPI that it is linked to, names or measures."""
    goals = goals_of(workspace, metric)
    for link in workspace.links:
        if link.cpi == metric.id and link.kpi in workspace.metrics:
            goals |= goals_of(workspace, workspace.metrics[link.kpi])
    return goals


def _contexts(figures: Figures, metric: Metric) -> Iterator[Event]:
    goals = goals_of(figures.workspace, metric)
    for zone in figures.workspace.contexts:
        if touches(zone, metric, goals):
            yield Event(EventKind.CONTEXT, zone.start, zone.end, zone.note)


def _annotations(figures: Figures, metric: Metric) -> Iterator[Event]:
    for one in figures.workspace.annotations:
        if is_about(figures.workspace, one, metric):
            kind = EventKind.INTERVENTION if one.is_intervention else EventKind.NOTE
            yield Event(kind, one.on, one.on, one.note)


def _notes(figures: Figures, metric: Metric) -> Iterator[Event]:
    """The dated notes of the journal."""
    subjects = {Subject(), Subject(SubjectKind.METRIC, metric.id)}
    subjects |= {Subject(SubjectKind.GOAL, goal) for goal in _goals_served(figures.workspace, metric)}
    subjects |= {Subject(SubjectKind.SOURCE, source) for source in sources_of(figures.workspace, metric.id)}
    for cell, remark in figures.ownership.remarks.items():
        if isinstance(cell, NoteCell) and cell.subject in subjects:
            yield Event(EventKind.NOTE, cell.day, cell.day, remark.text)


def _owners(figures: Figures, metric: Metric) -> Iterator[Event]:
    """The days from which somebody else was accountable for a CPI."""
    if figures.state is None or metric.kind is not MetricKind.CPI:
        return
    for change in owner_changes(figures.state, metric.id):
        if assignees_of(change.before) != assignees_of(change.after):
            day = day_of(figures.workspace, change)
            words = value_words(figures.workspace, change.cell, change.after)
            yield Event(EventKind.OWNER, day, day, f"accountable: {words}")


def _shifts(figures: Figures, metric: Metric) -> Iterator[Event]:
    for change in figures.changes.get(metric.id, ()):
        if isinstance(change, ChangePoint):
            yield Event(EventKind.SHIFT, change.day, change.day, "a shift that nobody declared")
