"""How a process behaviour chart is to be made. No numpy here: the session fills it from the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kputui.model.metric import Direction

if TYPE_CHECKING:
    from datetime import date

    from kputui.analysis.change.effect import ChangePoint

RULES: Final = ("wheeler", "nhs", "nelson", "western_electric")
"""The sets of rules that can be chosen; the first is the default."""

KINDS: Final = ("xmr", "p", "u")
"""The kinds of chart that can be asked for; p and u need denominators."""


@dataclass(frozen=True, slots=True)
class Charting:
    """The wishes for one metric's chart.

    `rules` is one of RULES. `direction` and `target` (in the metric's unit) decide improvement or concern, and
    the assurance. `kind` is one of KINDS, or None: p when there are denominators and no value leaves 0 to 1, else u
    with denominators, else XmR. `rebase_at`: days on which new limits begin (the period that contains the day
    is the first of the new phase). `freeze_at`: the last phase's limits are computed from its periods up to this day
    only. `season`: periods to a year or week, or None without one. `low` and `high` bound what values are
    possible (limits are clipped there for showing; the rules use them unclipped). `shifts`: the metric's change
    points; new limits begin at each, and each is a signal itself, because new limits would hide it.
    """

    rules: str = "wheeler"
    direction: Direction = Direction.NEUTRAL
    target: float | None = None
    kind: str | None = None
    rebase_at: tuple[date, ...] = ()
    freeze_at: date | None = None
    season: int | None = None
    low: float | None = None
    high: float | None = None
    shifts: tuple[ChangePoint, ...] = ()
