"""The natural season of each grain."""

from __future__ import annotations

from kputui.model.metric import Grain

_SEASONS = {Grain.DAY: 7.0, Grain.WEEK: 365.25 / 7.0, Grain.MONTH: 12.0, Grain.QUARTER: 4.0}


def season_of(grain: Grain) -> float | None:
    """How many periods of `grain` the natural season has: 7 days, 365.25 / 7 weeks, 12 months, 4 quarters.

    Of the periods of a table as many as always make a year. None where no season can be told.
    """
    if grain.calendar is None:
        return _SEASONS.get(grain)
    season = grain.calendar.season
    return None if season is None else float(season)
