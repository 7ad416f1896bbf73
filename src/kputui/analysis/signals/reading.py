"""What a process behaviour chart says, figure by figure. No numpy here: screens and records read these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Variation(StrEnum):
    """What the newest points are: routine, or a signal that the direction makes good or bad."""

    COMMON = "common"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    CHANGE = "change"
    """A signal of a metric without a better direction."""


class Assurance(StrEnum):
    """The natural limits against the target."""

    CONSISTENT_PASS = "consistent_pass"  # noqa: S105 - not a password
    INCONSISTENT = "inconsistent"
    CONSISTENT_FAIL = "consistent_fail"


class Firmness(StrEnum):
    """How far the limits can be trusted."""

    NONE = "no limits yet"
    PROVISIONAL = "provisional limits"
    LIMITS = "limits"
    FIRM = "firm limits"


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that fired: the last period of its pattern (`index` into the values, and its first day), with words.

    One signal is one pattern: a run that goes on stays one signal and its `index` moves. `first` and `since` are the
    pattern's first period and stay where they are, so an explanation belongs to (rule, since). `is_high`:
    towards higher values (None where there is no side). `is_new`: the pattern holds at the newest period; only
    these alert.
    """

    index: int
    start: date
    rule: str
    text: str
    is_high: bool | None
    is_new: bool
    first: int
    since: date


@dataclass(frozen=True, slots=True)
class Limits:
    """The natural process limits from period `first` on, up to the next ones; `centre` is the mean.

    `lower` and `upper` have one value a period for charts whose limits vary (p, u), else the same value.
    """

    first: int
    centre: tuple[float, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    upper_range: float | None = None


@dataclass(frozen=True, slots=True)
class TimeBetween:
    """Natural limits of the days between rare events, and their usual length (`centre`), all in days."""

    lower: float
    centre: float
    upper: float


@dataclass(frozen=True, slots=True)
class ProcessChart:
    """The chart of one metric's whole periods.

    `kind`: XmR, p, u, p' and u' (another spread than chance alone), log XmR, square root XmR, time between; with
    " on residuals" when neighbours depend on each other (`autocorrelation` is the bias-corrected lag-1 figure,
    `is_residual` then; `residuals` are in the value's unit, None where there is no value). `starts`: the first days
    of the periods in which all indexes count. `limits`: one a phase that has enough points, the last in force
    unless `firmness` is NONE; `n` points made it. `between`: for charts of the time between rare events, which
    have no `limits`. `notes` say in words what not to trust. `run_length`: average periods between false alarms
    of the rules in use. `refusal`: in words why there is no chart ("" when there is one).
    """

    refusal: str = ""
    kind: str = "XmR"
    rules: str = "wheeler"
    run_length: float | None = None
    n: int = 0
    firmness: Firmness = Firmness.NONE
    starts: tuple[date, ...] = ()
    limits: tuple[Limits, ...] = ()
    signals: tuple[Signal, ...] = ()
    variation: Variation = Variation.COMMON
    assurance: Assurance | None = None
    autocorrelation: float | None = None
    is_residual: bool = False
    residuals: tuple[float | None, ...] = ()
    residual_limits: Limits | None = None
    between: TimeBetween | None = None
    notes: tuple[str, ...] = ()

    @property
    def new(self) -> tuple[Signal, ...]:
        """The signals of the newest points: those that ask for an explanation now."""
        return tuple(signal for signal in self.signals if signal.is_new)
