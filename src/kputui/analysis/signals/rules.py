"""Rules that tell a signal from routine variation, and what each set of them costs in false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Scores = NDArray[np.float64]
    Sides = NDArray[np.int8]

HIGH: Final = 1
LOW: Final = -1
NEITHER: Final = 2
"""What a rule answers at a point where it fires: towards higher values, towards lower ones, or no side."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, the words for it, the points its pattern spans, and the function that finds it.

    `words` has `{count}` where a run's real length belongs and `{side}` for above or below. `find` is given
    scores ((value - centre) / sigma; the last axis is time, without gaps) and answers an array of the same shape:
    0, HIGH, LOW or NEITHER. `is_run`: the pattern grows with the run, so it begins where the run does.
    """

    name: str
    words: str
    span: int
    find: Callable[[Scores], Sides]
    is_run: bool = False


def _counted(marks: NDArray[np.bool_], window: int) -> NDArray[np.int64]:
    """How many of the last `window` marks are set, point by point; shorter windows at the start."""
    sums = np.cumsum(marks, axis=-1, dtype=np.int64)
    counts = sums.copy()
    counts[..., window:] = sums[..., window:] - sums[..., :-window]
    return counts


def _sided(high: NDArray[np.bool_], low: NDArray[np.bool_]) -> Sides:
    return high.astype(np.int8) * HIGH + (low & ~high).astype(np.int8) * LOW


def _beyond(needed: int, window: int, distance: float) -> Callable[[Scores], Sides]:
    """`needed` of the last `window` points, this one among them, beyond `distance` on one side."""

    def find(scores: Scores) -> Sides:
        high, low = scores > distance, scores < -distance
        return _sided(high & (_counted(high, window) >= needed), low & (_counted(low, window) >= needed))

    return find


def _trend(points: int) -> Callable[[Scores], Sides]:
    """`points` in a row, each higher (or each lower) than the one before."""

    def find(scores: Scores) -> Sides:
        steps = np.diff(scores, axis=-1, prepend=scores[..., :1])
        return _sided(_counted(steps > 0, points - 1) >= points - 1, _counted(steps < 0, points - 1) >= points - 1)

    return find


def _alternating(points: int) -> Callable[[Scores], Sides]:
    """`points` in a row that go up and down in turn."""

    def find(scores: Scores) -> Sides:
        steps = np.sign(np.diff(scores, axis=-1, prepend=scores[..., :1]))
        turns = np.zeros(scores.shape, dtype=np.bool_)
        turns[..., 1:] = steps[..., 1:] * steps[..., :-1] < 0
        return (_counted(turns, points - 2) >= points - 2).astype(np.int8) * np.int8(NEITHER)

    return find


def _within(points: int, distance: float) -> Callable[[Scores], Sides]:
    """`points` in a row nearer the centre than `distance`."""

    def find(scores: Scores) -> Sides:
        return (_counted(np.abs(scores) < distance, points) >= points).astype(np.int8) * np.int8(NEITHER)

    return find


def _avoiding(points: int, distance: float) -> Callable[[Scores], Sides]:
    """`points` in a row further from the centre than `distance`, on both sides of it."""

    def find(scores: Scores) -> Sides:
        far = _counted(np.abs(scores) > distance, points) >= points
        is_mixed = (_counted(scores > 0, points) > 0) & (_counted(scores < 0, points) > 0)
        return (far & is_mixed).astype(np.int8) * np.int8(NEITHER)

    return find


_OUTSIDE = Rule("outside", "{side} the natural limits", 1, _beyond(1, 1, 3.0))


def _run(points: int) -> Rule:
    return Rule("run", "{count} in a row {side} the centre", points, _beyond(points, points, 0.0), is_run=True)


def _rising(points: int) -> Rule:
    return Rule("trend", "{count} in a row {rising}", points, _trend(points), is_run=True)


_TWO_OF_THREE = Rule("two of three", "2 of 3 in the outer third {side} the centre", 3, _beyond(2, 3, 2.0))
_FOUR_OF_FIVE = Rule("four of five", "4 of 5 beyond the inner third {side} the centre", 5, _beyond(4, 5, 1.0))

SETS: Final = MappingProxyType(
    {
        "wheeler": (
            _OUTSIDE,
            Rule("three of four", "3 of 4 nearer the limit {side} than the centre", 4, _beyond(3, 4, 1.5)),
            _run(8),
        ),
        "nhs": (_OUTSIDE, _run(7), _rising(7), _TWO_OF_THREE),
        "nelson": (
            _OUTSIDE,
            _run(9),
            _rising(6),
            Rule("alternating", "{count} in a row up and down in turn", 14, _alternating(14), is_run=True),
            _TWO_OF_THREE,
            _FOUR_OF_FIVE,
            Rule("near the centre", "{count} in a row in the inner third", 15, _within(15, 1.0), is_run=True),
            Rule("avoids the centre", "{count} in a row outside the inner third", 8, _avoiding(8, 1.0), is_run=True),
        ),
        "western_electric": (_OUTSIDE, _TWO_OF_THREE, _FOUR_OF_FIVE, _run(8)),
    }
)
"""The sets of rules by name.

Wheeler, Understanding Variation (1993); NHS England, Making Data Count; Nelson, Journal of Quality Technology
16 (1984) 237-239; Western Electric, Statistical Quality Control Handbook (1956).
"""

RUN_LENGTHS: Final = MappingProxyType({"wheeler": 127.0, "nhs": 82.0, "nelson": 74.0, "western_electric": 91.75})
"""Average periods between two false alarms, on normal independent values with known limits.

Western Electric's is the exact value of Champ and Woodall, Technometrics 29 (1987) 393-399; the others are
from simulation (a test repeats it). A moving range above its limit is drawn and never alerts: it would bring
Wheeler's 127 down to 69.
"""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule that fires at points `fired` to `last` without a break; its pattern begins at point `first`."""

    rule: Rule
    side: int
    first: int
    fired: int
    last: int

    @property
    def words(self) -> str:
        """What was seen, in plain words: "9 in a row above the centre"."""
        count = self.last - self.first + 1
        rising = "rising" if self.side == HIGH else "falling"
        words = self.rule.words.format(count=count, side=self._side, rising=rising)
        return f"{count} in a row {words}" if self.rule.span == 1 and count > 1 else words

    @property
    def _side(self) -> str:
        return "above" if self.side == HIGH else "below"


def patterns(scores: Scores, rules: str) -> tuple[Pattern, ...]:
    """What the set `rules` finds in scores of one series (no gaps), by rule and then by time."""
    found = []
    for rule in SETS[rules]:
        sides = rule.find(scores)
        starts = np.flatnonzero((sides != 0) & (np.diff(sides, prepend=0) != 0))
        for fired in starts.tolist():
            side = int(sides[fired])
            ends = np.flatnonzero(sides[fired:] != side)
            last = fired + int(ends[0]) - 1 if len(ends) else len(sides) - 1
            found.append(Pattern(rule, side, max(0, fired - rule.span + 1), fired, last))
    return tuple(found)
