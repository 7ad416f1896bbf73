"""From a link's figures to its verdict. Pure arithmetic on plain numbers, no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from kputui.analysis.evidence.verdict import Verdict

ENOUGH_ODDS = 20.0
"""The e-value from which odds count as evidence."""
ALPHA = 0.05
"""The level for p and for the false-discovery rate."""


@dataclass(frozen=True, slots=True)
class Strand:
    """The evidence of one strand of a link for the declared sign (`p`, `e`, `q`) and for the opposite (`e_opposite`).

    A link has up to two: the CPI going before (lags of 1 and more), and both moving in the same period (lag 0).
    """

    p: float
    e: float
    e_opposite: float
    q: float | None = None

    def is_sure(self) -> bool:
        """Whether it would confirm: enough odds, and found among all open links (alone when it is none of them)."""
        return self.e >= ENOUGH_ODDS and (self.p if self.q is None else self.q) <= ALPHA


def combined(single_p: list[float], total_p: float | None) -> float:
    """One p of both shapes: best single lag and, over a window, the sum; Bonferroni over what was looked at."""
    best = min(1.0, min(single_p) * len(single_p))
    return best if total_p is None else min(1.0, 2.0 * min(best, total_p))


def mixed(single_e: list[float], total_e: float | None) -> float:
    """One e of both shapes: the mean over the lags, and half and half with the window's sum."""
    mean = sum(single_e) / len(single_e)
    return mean if total_e is None else 0.5 * (mean + total_e)


def judged(before: Strand | None, together: Strand | None, upper: float, smallest_effect: float) -> Verdict:
    """The verdict of a link that passed the gates; `before`: lags of 1 and more, `together`: lag 0, where declared.

    `upper`: the largest 95 % upper bound in the declared direction over all lags and the window's sum.
    """
    strands = [strand for strand in (before, together) if strand is not None]
    if before is not None and before.is_sure():
        return Verdict.CONFIRMED
    opposite = max(strand.e_opposite for strand in strands)
    if opposite >= ENOUGH_ODDS * len(strands) and opposite > max(strand.e for strand in strands):
        return Verdict.CONTRADICTED
    if together is not None and together.is_sure():
        return Verdict.TOGETHER
    if min(1.0, min(strand.p for strand in strands) * len(strands)) <= ALPHA:
        return Verdict.LEANING
    return Verdict.REJECTED if upper < smallest_effect else Verdict.NOT_ENOUGH
