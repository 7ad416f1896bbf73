"""Figures: what was computed of a workspace at one moment; every view is made from one of these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kputui.model.metric import Simple
from kputui.review import parts_deep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from kputui.analysis.change.effect import ChangePoint, StepChange
    from kputui.analysis.evidence.verdict import Evidence
    from kputui.analysis.forecast.outlook import Outlook
    from kputui.analysis.gaming.question import Question
    from kputui.analysis.pace import Pace
    from kputui.analysis.signals.reading import ProcessChart
    from kputui.engine.progress import Progress
    from kputui.errors import Problem
    from kputui.model.cell import Cell
    from kputui.model.change import Change
    from kputui.model.ids import GoalId, MetricId, SourceId
    from kputui.model.ownership import Ownership
    from kputui.model.series import Reading, Series
    from kputui.model.workspace import Workspace
    from kputui.session.clock import Clock
    from kputui.store import State

SHRUNK = "D24"
"""The code of values that are kept because the data lost many of its rows."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A workspace with its readings.

    `readings`: each metric at its own grain, absent when not yet computed. `cumulated`: for sum goals
    the actual so far at the end of each period. `paces`: goals with a measure. `tried_at`: when the
    engine was last asked, in UTC. `state`: the program's own files, for the history. `marks`: the newest
    change by somebody else of each cell that was changed since the person looked. `signals` to `questions`:
    what the judges said (`session.judges`), empty until they have. `broken`: why the files as they are now
    cannot be read, while the last good version is on show. `faults`: why a judge's answers are missing.
    `is_stopped`: a person ended the computing, `progress` is how far it has come.
    """

    workspace: Workspace
    ownership: Ownership
    clock: Clock
    readings: Mapping[MetricId, Reading] = field(default_factory=dict)
    paces: Mapping[GoalId, Pace] = field(default_factory=dict)
    cumulated: Mapping[GoalId, Series] = field(default_factory=dict)
    findings: tuple[Problem, ...] = ()
    banner: str = ""
    broken: tuple[Problem, ...] = ()
    faults: tuple[Problem, ...] = ()
    is_computing: bool = False
    is_stopped: bool = False
    progress: Progress | None = None
    tried_at: datetime | None = None
    state: State | None = None
    marks: Mapping[Cell, Change] = field(default_factory=dict)
    signals: Mapping[MetricId, ProcessChart] = field(default_factory=dict)
    outlooks: Mapping[GoalId, Outlook] = field(default_factory=dict)
    evidence: Mapping[tuple[MetricId, MetricId], Evidence] = field(default_factory=dict)
    changes: Mapping[MetricId, tuple[StepChange | ChangePoint, ...]] = field(default_factory=dict)
    questions: Mapping[MetricId, tuple[Question, ...]] = field(default_factory=dict)

    @property
    def newest_data(self) -> date | None:
        """The day of the newest row of all sources."""
        stamps = [reading.provenance.newest for reading in self.readings.values() if reading.provenance]
        return max((self.local_day(stamp) for stamp in stamps if stamp is not None), default=None)

    def local_day(self, stamp: datetime) -> date:
        """The day of a newest row: a date comes without a zone and stays, an instant goes to the project's zone."""
        if stamp.tzinfo is None:
            return stamp.date()
        return stamp.astimezone(ZoneInfo(self.workspace.project.timezone)).date()

    def age_s(self, metric: MetricId) -> float | None:
        """Seconds from computing a stale value to the last try; None for a value that is not stale."""
        reading = self.readings.get(metric)
        if reading is None or not reading.is_stale or reading.provenance is None or self.tried_at is None:
            return None
        return max(0.0, (self.tried_at - reading.provenance.computed_at).total_seconds())

    def computed_at(self, metric: MetricId) -> datetime | None:
        """When a stale value was computed, in the project's zone; None for a value that is not stale."""
        reading = self.readings.get(metric)
        if reading is None or not reading.is_stale or reading.provenance is None:
            return None
        return reading.provenance.computed_at.astimezone(ZoneInfo(self.workspace.project.timezone))


def sources_of(workspace: Workspace, metric: MetricId) -> frozenset[SourceId]:
    """The sources that a metric is computed from, through all its inputs."""
    definitions = (workspace.metrics[name].definition for name in parts_deep(workspace, metric))
    return frozenset(definition.source for definition in definitions if isinstance(definition, Simple))
