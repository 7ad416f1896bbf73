"""How far a computation has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows looked at so far, of all that this computation has to look at; what was kept from before is not counted.

    Newest come first: all periods from the day `since` on are finished; none yet, or all, where it is None. While CSV
    files are converted, which comes before: the bytes of these files that are converted, of all. `is_complete`: the
    answer that came with it is the last one.
    """

    rows_done: int = 0
    rows_all: int = 0
    since: date | None = None
    bytes_done: int = 0
    bytes_all: int = 0
    is_complete: bool = False

    @property
    def share(self) -> float | None:
        """The part that is done, from 0 to 1; None where that is not known."""
        done, whole = (self.bytes_done, self.bytes_all) if self.bytes_all else (self.rows_done, self.rows_all)
        return min(done / whole, 1.0) if whole else None


def total(parts: Iterable[Progress]) -> Progress:
    """The progress of several computations over the same rows, side by side: that of the one that has most left."""
    held = [part for part in parts if part.rows_all]
    whole = max((part.rows_all for part in held), default=0)
    left = max((part.rows_all - part.rows_done for part in held), default=0)
    days = [part.since for part in held if part.since is not None and part.rows_done]
    is_begun = all(part.rows_done for part in held)
    return Progress(whole - left, whole, max(days, default=None) if is_begun else None)
