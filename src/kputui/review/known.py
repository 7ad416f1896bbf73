"""Known: what the rules may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.model.ownership import Ownership

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kputui.analysis.pace import Pace
    from kputui.analysis.signals.reading import ProcessChart
    from kputui.model.ids import GoalId, MetricId
    from kputui.model.series import Reading
    from kputui.model.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Known:
    """A workspace on a day, with what was computed of it.

    `today` is the board's day. `paces`, `readings` and `charts` are empty until the data was read: the rules
    that need them are silent then.
    """

    workspace: Workspace
    ownership: Ownership = field(default_factory=Ownership)
    today: date | None = None
    paces: Mapping[GoalId, Pace] = field(default_factory=dict)
    readings: Mapping[MetricId, Reading] = field(default_factory=dict)
    charts: Mapping[MetricId, ProcessChart] = field(default_factory=dict)
