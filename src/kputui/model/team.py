"""Teams: who is in them, and which metrics they can influence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.model.ids import MetricId, PersonId, TeamId


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the roster; `influences` is what it can move."""

    id: TeamId
    label: str
    lead: PersonId | None = None
    members: tuple[PersonId, ...] = ()
    influences: tuple[MetricId, ...] = ()
