"""Fans: a forecast's bands laid over a chart's periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.session.views import FanView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kputui.analysis.forecast.outlook import Outlook


def fan_of(
    outlook: Outlook | None, starts: Sequence[date], values: Sequence[float | None], what: str = ""
) -> FanView | None:
    """The outlook's steps at the periods that begin on `starts`; None where none of them is drawn.

    `values` are what the chart draws: the fan opens in the one before its first step. `what` it is a forecast of.
    """
    if outlook is None:
        return None
    index_of = {start: index for index, start in enumerate(starts)}
    bands: dict[int, tuple[float, ...]] = {
        index_of[step.start]: (step.mean, step.low80, step.high80, step.low95, step.high95)
        for step in outlook.steps
        if step.start in index_of
    }
    if not bands:
        return None
    before = min(bands) - 1
    last = values[before] if before >= 0 else None
    if last is not None:
        bands[before] = (last,) * 5
    columns = (
        tuple(bands[index][band] if index in bands else None for index in range(len(starts))) for band in range(5)
    )
    mean, low80, high80, low95, high95 = columns
    return FanView(mean, low80, high80, low95, high95, what)
