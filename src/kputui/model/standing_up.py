"""What a stand-up leaves behind: that it was held, and what it put off until a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

MOST_CHANGES = 150
"""How many changes a held stand-up names at most: a line of the journal holds the list before and the one after."""


@dataclass(frozen=True, slots=True)
class Snoozed:
    """That an item of the stand-up is left out until the day `until`, with who put it off (a login) and when."""

    until: date
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Held:
    """That a stand-up was held: it looked at what came after `since`, and `changes` were decided in it (their seqs)."""

    since: date
    by: str
    changes: tuple[int, ...] = ()
