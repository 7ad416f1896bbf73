"""What is asked of the engine. No polars here, so that a request can be made before the engine is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.ids import MetricId
    from kputui.model.metric import Grain


PRIOR = "__prior"
"""The end of the name of a table's column of earlier values."""

CHANGE = "__change"
"""The end of the name of a column of changes since then, as shares of the earlier value."""


@dataclass(frozen=True, slots=True)
class Request:
    """Metrics by period, and by the values of `group_by` columns.

    `grain` None takes each metric's own. `start` and `end` (not included) widen to whole periods.
    `where` is an SQL condition over the rows of every source asked. Rows dated after `last_day` are
    not used; None uses all. `over_day` is the last day that counts as over: later periods are running.
    `compare` ("1 year") asks a table for each metric's value so much earlier and its change since.
    """

    metrics: tuple[MetricId, ...]
    grain: Grain | None = None
    group_by: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    where: str = ""
    last_day: date | None = None
    over_day: date | None = None
    compare: str = ""
