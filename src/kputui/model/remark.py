"""Remarks: what people write about figures: explanations of signals, and dated notes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import GoalId, MetricId, SourceId

MAX_REMARK = 1_400
"""Bytes of a remark's text in UTF-8: a line of the journal holds the one before and the one after."""


class SubjectKind(StrEnum):
    """What a note can be about."""

    METRIC = "metric"
    SOURCE = "source"
    GOAL = "goal"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about: `name` is the id of a metric, source or goal, empty for everything."""

    kind: SubjectKind = SubjectKind.EVERYTHING
    name: str = ""

    @property
    def written(self) -> str:
        """The subject as files hold it: `metric/late_share`, `everything`."""
        return f"{self.kind.value}/{self.name}" if self.name else self.kind.value


def subject_of(written: str) -> Subject:
    """The subject that is written so; raises ValueError for anything else."""
    kind, _, name = written.partition("/")
    subject = Subject(SubjectKind(kind), name)
    if bool(name) is (subject.kind is SubjectKind.EVERYTHING):
        raise ValueError(f"no note is about {written!r}")
    return subject


@dataclass(frozen=True, slots=True)
class Remark:
    """A text with its author's login name and the workspace's day on which it was written."""

    text: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Annotation:
    """A dated note from people's files, drawn on the charts of what it names; of all, when it names nothing.

    `is_intervention`: something was changed on purpose on that day, and before is compared with after.
    """

    on: date
    note: str
    metrics: tuple[MetricId, ...] = ()
    goals: tuple[GoalId, ...] = ()
    sources: tuple[SourceId, ...] = ()
    is_intervention: bool = False
