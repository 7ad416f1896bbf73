"""Signals: what people say about a metric's natural process limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class SignalRules(StrEnum):
    """A set of rules that tell a signal from routine variation."""

    WHEELER = "wheeler"
    NHS = "nhs"
    NELSON = "nelson"
    WESTERN_ELECTRIC = "western_electric"


class ChartKind(StrEnum):
    """How limits are computed: from moving ranges, for shares of a denominator, or for rates per unit of one."""

    XMR = "xmr"
    P = "p"
    U = "u"


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """How the process behaviour chart of one metric is made.

    `rules` None: the project's. `rebase`: days on which the process was changed for good, and limits begin
    anew. `freeze`: the last limits are computed up to this day and then kept. `chart` None: by the metric.
    """

    rules: SignalRules | None = None
    rebase: tuple[date, ...] = ()
    freeze: date | None = None
    chart: ChartKind | None = None
