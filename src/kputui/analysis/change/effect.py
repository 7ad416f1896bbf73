"""What a comparison of before and after found. No numpy here: screens and records read these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class StepChange:
    """A metric's level after a date against before it.

    `refusal`: in words why there is no answer yet ("" when there is one). `step` is in the metric's unit
    with its 95 % interval, `p` two-sided; `placebo_rank`: the share of the placebo dates before it with a step
    at least as strong (None: too few). `is_shown`: the interval leaves out 0 and the rank is at most 0.10.
    `before` and `after` count points; `mean_before` and `mean_after` are plain averages.
    """

    day: date
    refusal: str = ""
    step: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    placebo_rank: float | None = None
    is_shown: bool = False
    before: int = 0
    after: int = 0
    mean_before: float | None = None
    mean_after: float | None = None


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A shift at a date that nobody named: the first period of the new level, sup-F and its bootstrap p.

    `is_beside_trend`: the metric has a trend as well, and `step` is what the trend does not explain, so the plain
    averages on both sides may differ the other way.
    """

    day: date
    index: int
    step: float
    f: float
    p: float
    is_beside_trend: bool = False
