"""What a test of a link found, figure by figure. No numpy here: screens and records read these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain


class Verdict(StrEnum):
    """What the data says about a declared link; the value is the word that people read."""

    CONFIRMED = "ready to confirm"
    LEANING = "leaning"
    TOGETHER = "moves together, direction unknown"
    CONTRADICTED = "contradicted"
    REJECTED = "rejected"
    NOT_ENOUGH = "not enough data"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LagFigure:
    """One shape of the test: a single lag (in periods), or the sum over the window when `lag` is None.

    `r` is the correlation of the whitened series, `low` and `high` its 95 % interval; `t` has `df`
    degrees of freedom; `p` is one-sided for the declared sign; `e` and `e_opposite` are e-values for the
    declared and the opposite sign. `is_declared`: inside the declared window (others are a hint only).
    """

    lag: int | None
    n: int
    r: float
    low: float
    high: float
    t: float
    df: int
    p: float
    e: float
    e_opposite: float
    is_declared: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """One assumption of the test: whether it held, and in words what that means."""

    name: str
    held: bool
    text: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What one unit of the CPI goes with: KPI units per CPI unit, with its 95 % interval, at `lag` periods."""

    slope: float
    low: float
    high: float
    lag: int


@dataclass(frozen=True, slots=True)
class Part:
    """The same test on a part of the data: before or after the day on which the link was declared."""

    name: str
    n: int
    r: float | None
    p: float | None
    e: float | None


@dataclass(frozen=True, slots=True)
class Past:
    """The stretch of days that a standing decision was made on, and the hash of the data of now over it."""

    data_from: date
    data_to: date
    data_hash: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All behind one link's verdict.

    `reason` says in plain words why it is this verdict (for REFUSED and NOT_ENOUGH: what is missing).
    `n` are the joint whitened rows, `grain` the grain at which both were compared, `e` and `p` those of
    the whole window, `q` after Benjamini-Hochberg over the open links (None when not in the family).
    `best`: the strongest declared lag; `total`: the sum over the window; `profile`: all lags looked at,
    undeclared ones as a hint. `upper`: the 95 % upper bound of the strength in the declared direction.
    `more_periods`: about how many more are needed, None when not known. `effect`: None without a
    verdict that has one; `joint`: the effect in the joint fit of the KPI's confirmed CPIs. `scatter`: whitened
    (CPI, KPI) pairs at the best lag. `parts`: before and after the declaration. `alike`: CPIs of the same
    KPI that can't be told apart from this one. `data_from` and `data_to`: the first and last day used, `data_hash`
    of the values of both in between. `past`: of the data that was judged, when a decision recorded which.
    `gaps`: the share of periods without data in the worse of the two, only where it keeps the link from being tested.
    """

    cpi: MetricId
    kpi: MetricId
    verdict: Verdict
    reason: str
    n: int = 0
    grain: Grain | None = None
    p: float | None = None
    e: float | None = None
    e_opposite: float | None = None
    q: float | None = None
    best: LagFigure | None = None
    total: LagFigure | None = None
    profile: tuple[LagFigure, ...] = ()
    upper: float | None = None
    smallest_effect: float = 0.3
    more_periods: int | None = None
    effect: Effect | None = None
    joint: Effect | None = None
    checks: tuple[Check, ...] = ()
    controls: tuple[MetricId, ...] = ()
    scatter: tuple[tuple[float, float], ...] = ()
    parts: tuple[Part, ...] = ()
    alike: tuple[MetricId, ...] = ()
    data_from: date | None = None
    data_to: date | None = None
    data_hash: str = ""
    past: Past | None = None
    gaps: float | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """An undeclared pair that a search found; exploratory, it can't confirm anything.

    `q` is corrected for all pairs and lags searched.
    """

    cpi: MetricId
    kpi: MetricId
    grain: Grain
    lag: int
    r: float
    n: int
    p: float
    q: float
