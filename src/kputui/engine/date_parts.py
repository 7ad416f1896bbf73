"""The parts of a date by which any metric can be filtered and broken down. No polars here."""

from __future__ import annotations

from typing import Final

HOUR: Final = "hour_of_day"

DATE_PARTS: Final = (
    "weekday",
    "day_of_month",
    "day_of_year",
    "week_of_year",
    "month_of_year",
    "quarter_of_year",
    HOUR,
)
"""Names that every source has, unless a column of its own is called so."""
