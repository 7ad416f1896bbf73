"""Reach: until when a target can still be reached at the best rate that the history shows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def is_out_of_reach(needed: float | None, best: float | None, *, is_rising: bool) -> bool:
    """Whether the needed rate is beyond the best that was ever reached; False when one is unknown."""
    if needed is None or best is None:
        return False
    return needed > best if is_rising else needed < best


def reachable_until(
    as_of: date,
    due: date,
    remaining: float,
    pace: float,
    best: float,
    weight: Callable[[date, date], float],
    *,
    is_rising: bool,
) -> date | None:
    """The last evening up to which `pace` may go on, and `best` afterwards still brings `remaining`.

    `pace` and `best` are per planned day; `weight(first, behind)` is the planned weight of [first, behind).
    None when the pace itself suffices until the due date, and when the best rate no longer does today.
    """

    def suffices(day: date) -> bool:
        next_day = date.fromordinal(day.toordinal() + 1)
        behind = date.fromordinal(due.toordinal() + 1)
        first = date.fromordinal(as_of.toordinal() + 1)
        brought = pace * weight(first, next_day) + best * weight(next_day, behind)
        return brought >= remaining if is_rising else brought <= remaining

    if suffices(due) or not suffices(as_of):
        return None
    low, high = as_of.toordinal(), due.toordinal()
    while high - low > 1:
        middle = (low + high) // 2
        if suffices(date.fromordinal(middle)):
            low = middle
        else:
            high = middle
    return date.fromordinal(low)
