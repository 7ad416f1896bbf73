"""The days that a request asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kputui.engine.periods import number_of

if TYPE_CHECKING:
    from kputui.engine.periods import Periods
    from kputui.engine.reach import Days
    from kputui.engine.request import Request
    from kputui.model.metric import Grain


@dataclass(frozen=True, slots=True)
class Window:
    """The days asked: `start` and `end` (not included) widen to whole periods; none after `last` is used.

    No day after `over` counts as over, whatever rows it has.
    """

    start: int | None = None
    end: int | None = None
    last: int | None = None
    over: int | None = None

    @classmethod
    def of(cls, request: Request) -> Window:
        """The window of a request's dates."""
        asked = (request.start, request.end, request.last_day, request.over_day)
        return cls(*(None if day is None else number_of(day) for day in asked))

    def rows(
        self, periods: Periods, grains: frozenset[Grain], first: int, last: int, reach: tuple[Days, Days] = (0, 0)
    ) -> tuple[int, int]:
        """The days [start, end) whose rows are needed, of data from `first` to `last`.

        `reach` is how many days before and after the periods are needed too; None for all.
        """
        low = first if self.start is None else self.start
        high = last + 1 if self.end is None else self.end
        if self.start is not None and self.end is not None and low >= high:
            return low, low
        if self.start is not None:
            low = periods.span_of(low, low + 1, grains)[0]
        if self.end is not None:
            high = periods.span_of(high - 1, high, grains)[1]
        back, ahead = reach
        low = first if back is None else low - back
        high = last + 1 if ahead is None else high + ahead
        return max(low, first), min(high, last + 1)

    def starts(self, periods: Periods, grain: Grain, first: int, last: int) -> list[int]:
        """The first days of the window's periods, over data from `first` to `last`, without holes."""
        low = first if self.start is None else max(first, periods.start_of(self.start, grain))
        high = last
        if self.end is not None:
            high = min(last, periods.next_start(periods.start_of(self.end - 1, grain), grain) - 1)
        return periods.starts(low, high, grain) if low <= high else []
