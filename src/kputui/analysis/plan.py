"""Plans: how much of a goal is due by a day, with slow zones weighing less."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kputui.model.goal import PlanKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kputui.analysis.season_curve import Curve
    from kputui.model.goal import Context, Goal

SEASONAL_NOTE = "a seasonal plan needs a whole earlier year of a measure that adds up; the plan shown is linear"
MILESTONES_NOTE = "milestones outside the goal's time are not used"
EMPTY_NOTE = "the plan has no working day; nothing is due before the due date"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the plan from `start` up to, not including, `end`, each unit weighing `factor`."""

    start: float
    end: float
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned weight over a line of positions.

    Positions are days as `date.toordinal` counts them, or any other unit of time (hours of a trip).
    With `is_business` only Mondays to Fridays weigh. `points` are (position, share) pairs of dated
    values; the share between two of them follows the planned weight. `season`: the weight from the start up to
    each whole position, when days weigh what their season brought in earlier years.
    """

    pieces: tuple[Piece, ...]
    is_business: bool = False
    points: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()
    season: tuple[float, ...] = ()

    @property
    def start(self) -> float:
        """The first position."""
        return self.pieces[0].start

    @property
    def end(self) -> float:
        """The position behind the last."""
        return self.pieces[-1].end

    @property
    def total(self) -> float:
        """The whole plan's weight."""
        return self.weight(self.start, self.end)

    def weight(self, start: float, end: float) -> float:
        """The planned weight from `start` up to, not including, `end`; 0 where the plan is not."""
        parts = []
        for piece in self.pieces:
            first, last = max(start, piece.start), min(end, piece.end)
            if first < last:
                parts.append(piece.factor * self._length(first, last))
        return math.fsum(parts)

    def _length(self, first: float, last: float) -> float:
        """What the stretch weighs before its slow zones."""
        if self.season:
            begin = math.floor(self.start)
            return self.season[math.ceil(last) - begin] - self.season[math.ceil(first) - begin]
        return business_days(math.ceil(first), math.ceil(last)) if self.is_business else last - first

    def share(self, position: float) -> float:
        """The part of the plan that is due at `position`: 0 at the start, 1 from the end on."""
        if position >= self.end:
            return 1.0
        if position <= self.start:
            return 0.0
        if self.points:
            return self._share_between_points(position)
        total = self.total
        return self.weight(self.start, position) / total if total > 0 else 0.0

    def _share_between_points(self, position: float) -> float:
        before = max((point for point in self.points if point[0] <= position), default=(self.start, 0.0))
        after = min((point for point in self.points if point[0] > position), default=(self.end, 1.0))
        span = self.weight(before[0], after[0])
        part = self.weight(before[0], position) / span if span > 0 else 0.0
        return before[1] + (after[1] - before[1]) * part


def business_days(start: int, end: int) -> int:
    """The Mondays to Fridays from `start` up to, not including, `end`, both as `date.toordinal` counts."""

    def until(ordinal: int) -> int:
        # Ordinal 1 is a Monday: whole weeks give five days, the rest at most five.
        weeks, rest = divmod(ordinal - 1, 7)
        return weeks * 5 + min(rest, 5)

    return max(0, until(end) - until(start))


def pieces_of(contexts: Sequence[Context], start: int, end: int) -> tuple[Piece, ...]:
    """The stretches of [start, end), ordinals, cut where a slow zone begins or ends.

    Where zones overlap the slowest rules. A factor of 1 only marks the charts.
    """
    zones = [
        (zone.start.toordinal(), zone.end.toordinal() + 1, zone.pace_factor)
        for zone in contexts
        if not math.isclose(zone.pace_factor, 1.0)
    ]
    inner = {edge for first, last, _ in zones for edge in (first, last) if start < edge < end}
    edges = [start, *sorted(inner), end]
    return tuple(
        Piece(first, last, min((factor for begin, stop, factor in zones if begin <= first < stop), default=1.0))
        for first, last in itertools.pairwise(edges)
    )


def contexts_of(goal: Goal, contexts: Sequence[Context]) -> tuple[Context, ...]:
    """The contexts that slow this goal: those naming it, and those naming no goal."""
    return tuple(zone for zone in contexts if goal.id in zone.goals or not zone.goals)


def planned_weight(
    goal: Goal, contexts: Sequence[Context], start: date, end: date, curve: Curve | None = None
) -> float:
    """The planned weight of the days from `start` up to, not including, `end`; also outside the goal's dates.

    Unit: days, each weighing its slow zone's `pace_factor`; with business days only Mondays to Fridays, with a
    season's curve each weighing what the season asks of it (1 in the mean of a year).
    """
    if end <= start:
        return 0.0
    first, behind = start.toordinal(), end.toordinal()
    pieces = pieces_of(contexts_of(goal, contexts), first, behind)
    season = curve.cumulated(first, behind) if curve is not None else ()
    return Plan(pieces, is_business=goal.plan is PlanKind.BUSINESS_DAYS, season=season).weight(first, behind)


def context_weight(goal: Goal, contexts: Sequence[Context], start: date, end: date) -> float:
    """The days of [start, end), each weighing its slow zone's `pace_factor`, whatever the goal's plan."""
    if end <= start:
        return 0.0
    pieces = pieces_of(contexts_of(goal, contexts), start.toordinal(), end.toordinal())
    return Plan(pieces).weight(start.toordinal(), end.toordinal())


def plan_of(
    goal: Goal, contexts: Sequence[Context], baseline: float | None = None, curve: Curve | None = None
) -> Plan | None:
    """The goal's plan from its start to the evening of its due date; None without both dates.

    `baseline` is where milestones count from (default: the goal's own, else 0). `curve` is the season of a
    seasonal plan; without one it is linear, and says so.
    """
    if goal.start is None or goal.due is None or goal.due < goal.start:
        return None
    first, behind = goal.start.toordinal(), goal.due.toordinal() + 1
    is_business = goal.plan is PlanKind.BUSINESS_DAYS
    pieces = pieces_of(contexts_of(goal, contexts), first, behind)
    season = curve.cumulated(first, behind) if curve is not None and goal.plan is PlanKind.SEASONAL else ()
    notes = [SEASONAL_NOTE] if goal.plan is PlanKind.SEASONAL and not season else []
    if goal.plan is PlanKind.MILESTONES and not all(goal.start <= stone.on <= goal.due for stone in goal.milestones):
        notes.append(MILESTONES_NOTE)
    if Plan(pieces, is_business=is_business, season=season).total <= 0:
        notes.append(EMPTY_NOTE)
    points = _milestone_points(goal, baseline) if goal.plan is PlanKind.MILESTONES else ()
    return Plan(pieces, is_business=is_business, points=points, notes=tuple(notes), season=season)


def _milestone_points(goal: Goal, baseline: float | None) -> tuple[tuple[float, float], ...]:
    low = baseline if baseline is not None else goal.baseline or 0.0
    if goal.target is None or goal.target == low or goal.start is None or goal.due is None:
        return ()
    dated = sorted((stone.on, stone.value) for stone in goal.milestones if goal.start <= stone.on < goal.due)
    return tuple((on.toordinal() + 1, (value - low) / (goal.target - low)) for on, value in dated)


def share(goal: Goal, contexts: Sequence[Context], day: date) -> float | None:
    """The part of the goal's plan that is due by the evening of `day` (0 to 1); None without start and due."""
    plan = plan_of(goal, contexts)
    return None if plan is None else plan.share(evening(day))


def evening(day: date) -> int:
    """The position behind `day`: what is due by then counts the day itself."""
    return (day + timedelta(days=1)).toordinal() if day.toordinal() < day.max.toordinal() else day.toordinal() + 1


def expected(baseline: float, target: float, share_due: float) -> float:
    """The value due when `share_due` of the plan is over (METHODS 2)."""
    return baseline + (target - baseline) * share_due


def required_rate(remaining: float, weight: float) -> float | None:
    """What each unit of `weight` must bring for `remaining` to be done; None when no weight is left."""
    return remaining / weight if weight > 0 else None


def rate_beside(target: float, length: float, zones: Sequence[tuple[float, float]]) -> float | None:
    """The rate that the rest of `length` needs when `zones`, (length, rate) pairs, run at their own rates.

    Source: the road trip of METHODS 2 (100 miles in 2 h with 0.2 h at 25 mph: the rest needs 52.78).
    """
    inside = math.fsum(zone_length for zone_length, _ in zones)
    brought = math.fsum(zone_length * rate for zone_length, rate in zones)
    return required_rate(target - brought, length - inside)
