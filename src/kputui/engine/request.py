"""What is asked of the engine. No polars here, so that a request can be made before the engine is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain


@dataclass(frozen=True, slots=True)
class Request:
    """Metrics by period, and by the values of `group_by` columns.

    `grain` None takes each metric's own. `start` and `end` (not included) widen to whole periods.
    `where` is an SQL condition over the rows of every source asked. Rows dated after `last_day` are
    not used; None uses all. `over_day` is the last day that counts as over: later periods are running.
    """

    metrics: tuple[MetricId, ...]
    grain: Grain | None = None
    group_by: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    where: str = ""
    last_day: date | None = None
    over_day: date | None = None
