"""All days cut into pieces: the periods of a calendar, and where it has none pieces of at most a month.

So every day is in exactly one piece, and rows of days in no period can be read, counted and left out. A
day is a number, the days since 1970-01-01. Standard library only.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.model.calendar import Calendar

_EPOCH = date(1970, 1, 1).toordinal()
_FIRST, _LAST = (date(1900, 1, 1).toordinal() - _EPOCH, date(2200, 1, 1).toordinal() - _EPOCH)
_PIECE_DAYS = 31


@dataclass(frozen=True, slots=True)
class Blocks:
    """The periods [`firsts[i]`, `ends[i]`), and the first days of all pieces; both in order."""

    firsts: array[int]
    ends: array[int]
    pieces: array[int]

    def start_of(self, day: int) -> int:
        """The first day of the piece that holds `day`; of days far from all periods the day itself."""
        place = bisect_right(self.pieces, day) - 1
        return self.pieces[place] if 0 <= place < len(self.pieces) - 1 else day

    def next_start(self, start: int) -> int:
        """The first day after the piece that begins on `start`."""
        place = bisect_right(self.pieces, start)
        return self.pieces[place] if 0 < place < len(self.pieces) else start + 1

    def period_of(self, day: int) -> int | None:
        """The place of the period that holds `day`; None where none does."""
        place = bisect_right(self.firsts, day) - 1
        return place if place >= 0 and day < self.ends[place] else None

    def earlier(self, day: int, count: int) -> int | None:
        """The day as far into the period that is `count` periods earlier; None where there is no such day."""
        place = self.period_of(day)
        if place is None or place < count:
            return None
        found = self.firsts[place - count] + day - self.firsts[place]
        return found if found < self.ends[place - count] else None

    def later_start(self, day: int, count: int) -> int:
        """The first day of the period that is `count` periods after the first one from `day` on; else behind all."""
        place = bisect_left(self.firsts, day) + count
        return self.firsts[place] if place < len(self.firsts) else max(day, self.ends[-1])

    def reach(self, count: int) -> int:
        """The most days between the starts of two periods that are `count` periods apart."""
        return max((late - early for early, late in zip(self.firsts, self.firsts[count:], strict=False)), default=0)


@lru_cache(maxsize=64)
def blocks_of(calendar: Calendar) -> Blocks:
    """The periods and pieces of a calendar; the last piece only ends the one before it."""
    firsts = array("i", (start.toordinal() - _EPOCH for start in calendar.starts))
    ends = array("i", (end.toordinal() - _EPOCH for end in calendar.ends))
    pieces: array[int] = array("i")
    day = _FIRST
    for first, end in zip(firsts, ends, strict=True):
        pieces.extend(range(day, first, _PIECE_DAYS))
        pieces.append(first)
        day = end
    pieces.extend(range(day, _LAST, _PIECE_DAYS))
    pieces.append(max(day, _LAST))
    return Blocks(firsts, ends, pieces)
