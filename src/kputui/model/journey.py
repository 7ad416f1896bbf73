"""The customer's journey: its stages, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.model.ids import StageId


@dataclass(frozen=True, slots=True)
class Stage:
    """One point of the customer's journey and what the customer wants there."""

    id: StageId
    label: str
    outcome: str = ""
