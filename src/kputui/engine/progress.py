"""How far a computation has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows looked at so far, of all that this computation has to look at; what was kept from before is not counted.

    While CSV files are converted, which comes first: the bytes of these files that are converted, of all.
    """

    rows_done: int = 0
    rows_all: int = 0
    bytes_done: int = 0
    bytes_all: int = 0


def total(parts: Iterable[Progress]) -> Progress:
    """The progress of several computations together."""
    held = tuple(parts)
    return Progress(sum(part.rows_done for part in held), sum(part.rows_all for part in held))
