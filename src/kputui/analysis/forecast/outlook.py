"""What a forecast says, figure by figure. No numpy here: screens and records read these."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_SURE, _LEANING = 90, 65
_MOST, _LEAST = 0.97, 0.03


@dataclass(frozen=True, slots=True)
class Step:
    """One future period: its days [start, end), the middle of the forecast and its 80 % and 95 % band.

    For a sum goal these are the totals since the goal's start at the end of the period, else the period's
    own value. `end` is at most the evening of the due date.
    """

    start: date
    end: date
    mean: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """A goal's forecast up to its due date.

    `refusal`: in words why there is none ("" when there is one). `mean` with its bands is the value at
    the due date, in the metric's unit. `p_met` is the probability that the target is met, in [0, 1];
    shown between 3 and 97 %. `words`: likely, leaning, open ... as people read it. `method` names what was
    combined; `n` points were used, of which `season` make one season (1: none). `beyond`: the due date
    lies farther than half of the points reach; the steps end there, and nothing is said of the due date.
    `as_of`: the last day that the forecast knows.
    """

    refusal: str = ""
    steps: tuple[Step, ...] = ()
    due: date | None = None
    mean: float | None = None
    low80: float | None = None
    high80: float | None = None
    low95: float | None = None
    high95: float | None = None
    p_met: float | None = None
    words: str = ""
    method: str = ""
    n: int = 0
    season: int = 1
    beyond: bool = False
    notes: tuple[str, ...] = ()
    as_of: date | None = None


def share_words(probability: float) -> str:
    """A probability as people read it: `78 %`, `> 97 %` or `< 3 %`; no forecast knows more than that."""
    if probability > _MOST:
        return f"> {100 * _MOST:.0f} %"
    if probability < _LEAST:
        return f"< {100 * _LEAST:.0f} %"
    return f"{_percent(probability)} %"


def verdict_words(probability: float) -> str:
    """What a probability of being met says: likely to be met, leaning, open, or the same towards missing."""
    percent = _percent(probability)
    if percent > _SURE:
        return "likely to be met"
    if percent >= _LEANING:
        return "leaning to be met"
    if percent > 100 - _LEANING:
        return "open"
    return "leaning to miss" if percent >= 100 - _SURE else "likely missed"


def _percent(probability: float) -> int:
    """Whole per cent, halves up, so that figure and word agree."""
    return math.floor(100 * probability + 0.5)
