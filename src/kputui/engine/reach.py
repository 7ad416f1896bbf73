"""How far a value looks beyond its own period: the rows that it needs, and the days on which it stands firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.engine.definition import Formula, LeafValue, Matched, Moved, Quotient, Trailing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.engine.definition import Value
    from kputui.engine.periods import Periods
    from kputui.engine.stretches import Trail
    from kputui.model.ids import SourceId

Days = int | None
"""A number of days; None for all there are."""


def needs(value: Value, back: Days = 0, ahead: Days = 0) -> Iterator[tuple[SourceId, Days, Days]]:
    """For each leaf its source, and how many days before and after a period its rows may lie."""
    match value:
        case LeafValue():
            yield value.leaf.source, back, ahead
        case Moved():
            yield from needs(value.part, _sum(back, value.offset.longest), ahead)
        case Trailing():
            yield from needs(value.part, _sum(back, value.trail.longest), ahead)
        case Matched():
            later = _sum(ahead, value.within.longest)
            yield value.base.source, back, later  # a later base row may be the one that a conversion belongs to
            yield value.conversion.source, back, later
        case Quotient():
            yield from needs(value.numerator, back, ahead)
            yield from needs(value.denominator, back, ahead)
        case Formula():
            for _, part in value.inputs:
                yield from needs(part, back, ahead)


def wider(left: Days, right: Days) -> Days:
    """The longer of two reaches."""
    return None if left is None or right is None else max(left, right)


def _sum(left: Days, right: Days) -> Days:
    return None if left is None or right is None else left + right


def firm(value: Value, first: int, end: int, periods: Periods) -> tuple[int, int]:
    """Of data that is whole on the days [first, end), the days on which the value is whole too.

    A trailing window must lie in the data, an earlier period must be there, and a base event's window
    must be over before it counts as not converted.
    """
    match value:
        case Moved():
            first, end = firm(value.part, first, end, periods)
            return value.offset.after(first), end
        case Trailing():
            first, end = firm(value.part, first, end, periods)
            return _filled(value.trail, first, periods), end
        case Matched() if value.within.length is not None:
            return first, value.within.length.before(end) + 1
        case Quotient():
            parts = [firm(part, first, end, periods) for part in (value.numerator, value.denominator)]
        case Formula():
            parts = [firm(part, first, end, periods) for _, part in value.inputs]
        case _:
            return first, end
    return max((low for low, _ in parts), default=first), min((high for _, high in parts), default=end)


def _filled(trail: Trail, first: int, periods: Periods) -> int:
    """The first day whose whole trail lies in data that begins on `first`."""
    if trail.length is not None:
        return trail.length.after(first - 1)
    if trail.to_date is None:
        return first
    start = periods.start_of(first, trail.to_date)
    return first if start == first else periods.next_start(start, trail.to_date)
