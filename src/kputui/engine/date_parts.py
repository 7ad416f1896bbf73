"""The parts of a date by which any metric can be filtered and broken down. No polars here."""

from __future__ import annotations

from typing import Final

HOUR: Final = "hour_of_day"

LOCAL_DATE: Final = "local_date"
"""The day itself; as the key of a join it finds the day's period in a table of periods."""

DATE_PARTS: Final = (
    LOCAL_DATE,
    "weekday",
    "day_of_month",
    "day_of_year",
    "week_of_year",
    "month_of_year",
    "quarter_of_year",
    "calendar_year",
    HOUR,
)
"""Names that every source has, unless a column of its own is called so."""
