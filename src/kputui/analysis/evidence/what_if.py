"""What if: the change of a KPI that a change of a CPI goes with. No numpy here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.analysis.evidence.verdict import Effect


@dataclass(frozen=True, slots=True)
class WhatIf:
    """If the CPI changes by `change`, the KPI is expected to change by `expected` [low, high] after `lag` periods.

    `low` <= `high`, in the KPI's unit. `share`, `share_low`, `share_high`: that change as shares of the goal's gap
    (target - actual; None without a gap); `share_low` <= `share_high`; negative moves away from the target.
    """

    change: float
    expected: float
    low: float
    high: float
    lag: int
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None


def what_if(effect: Effect, change: float, gap: float | None = None) -> WhatIf:
    """What a `change` of the CPI (in its unit) goes with; `gap`: the goal's target less its actual, in the KPI's."""
    ends = sorted((effect.low * change, effect.high * change))
    expected = effect.slope * change
    if not gap:
        return WhatIf(change, expected, ends[0], ends[1], effect.lag)
    shares = sorted((ends[0] / gap, ends[1] / gap))
    return WhatIf(change, expected, ends[0], ends[1], effect.lag, expected / gap, shares[0], shares[1])
