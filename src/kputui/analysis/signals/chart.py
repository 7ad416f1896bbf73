"""The process behaviour chart of one metric: limits, signals, variation and assurance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.analysis.signals.charting import Charting
from kputui.analysis.signals.reading import ProcessChart

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


def process_chart(
    starts: Sequence[date],
    values: Sequence[float | None],
    charting: Charting = Charting(),  # noqa: B008 - frozen
    denominators: Sequence[float | None] | None = None,
) -> ProcessChart:
    """The chart of whole periods, oldest first; never raises for data, `refusal` says why there is no chart.

    `starts` and `values` have one entry a whole period (leave out running and cut ones); None is "no data" and is
    skipped, never bridged. `denominators`: what each value was divided by (values are then numerator / denominator,
    a share or a rate per unit); p and u limits follow from them. The figures' indexes are those of `values`.
    Only the newest period with a value alerts (`Signal.is_new`).
    """
    return ProcessChart(refusal="not computed", rules=charting.rules, n=sum(value is not None for value in values))
