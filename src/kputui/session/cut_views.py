"""What a breakdown shows: the parts of a metric side by side, over the same periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from kputui.model.metric import Grain
    from kputui.session.views import Quantity


@dataclass(frozen=True, slots=True)
class PartView:
    """One value of a dimension, or the rest of them.

    `values`: one a period of the breakdown. `quantity`: the newest whole period's. `rows`: the rows that
    all the values were made of, over all periods.
    """

    label: str
    quantity: Quantity
    values: tuple[float | None, ...]
    rows: int
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class PartsView:
    """A metric broken down by a dimension, its largest parts first and the rest last.

    `all_values`: how many values the dimension has in the rows looked at; `ranked_by`: what the largest
    are largest by. `period`: the newest whole period in words. `running_from` and `cut_until` as in charts.
    """

    dimension: str
    period: str
    grain: Grain
    starts: tuple[date, ...]
    running_from: int | None
    cut_until: int
    parts: tuple[PartView, ...]
    all_values: int
    ranked_by: str = "rows"
