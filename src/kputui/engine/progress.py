"""How far a computation has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows looked at so far, of all that this computation has to look at; what was kept from before is not counted."""

    rows_done: int = 0
    rows_all: int = 0
