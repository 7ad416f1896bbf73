"""Views of signals and of changes: what stands out, who explained it, and what a date changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.session.views import Quantity


@dataclass(frozen=True, slots=True)
class SignalView:
    """One signal of a metric. An explanation belongs to the metric and `since`, the first period of the pattern.

    `period` says in words when, `value` is that of the pattern's last period (`start`), `text` which rule fired.
    `is_new`: it holds at the newest period; only such a signal asks for an explanation by itself. `explanation`,
    `by` (a name) and `on` are empty while nobody explained it. `known`: what is known to have happened in those days.
    `asks`: False for a metric that is only looked at, whose signals are shown and need no explanation.
    """

    metric: MetricId
    since: date
    start: date
    period: str
    value: Quantity
    rule: str
    text: str
    is_new: bool = False
    explanation: str = ""
    by: str = ""
    on: date | None = None
    known: tuple[str, ...] = ()
    asks: bool = True

    @property
    def is_unexplained(self) -> bool:
        """Whether it holds now and nobody has explained it."""
        return self.is_new and not self.explanation

    @property
    def is_open(self) -> bool:
        """Whether it asks for an explanation now."""
        return self.is_unexplained and self.asks


@dataclass(frozen=True, slots=True)
class EffectView:
    """Before and after one day: `what` happened, the step with its 95 % interval, and what else was near.

    `refusal` says why there is no answer yet. `is_shown`: the interval leaves out 0 and hardly any date before shows
    as strong a step. `is_found`: nobody named the day, the data did, and `p` is how often chance would.
    """

    day: date
    what: str
    step: Quantity | None = None
    low: Quantity | None = None
    high: Quantity | None = None
    refusal: str = ""
    is_shown: bool = False
    is_found: bool = False
    p: float | None = None
    placebo_rank: float | None = None
    before: int = 0
    after: int = 0
    near: tuple[str, ...] = ()
