"""The names of things, typed so that they can't be mixed up."""

from typing import NewType

GoalId = NewType("GoalId", str)
MetricId = NewType("MetricId", str)
SourceId = NewType("SourceId", str)
StageId = NewType("StageId", str)
TeamId = NewType("TeamId", str)
PersonId = NewType("PersonId", str)
