"""Dates as people read them, in English whatever the locale: the words of the board are English too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day_text(day: date) -> str:
    """`30 Sep 2013`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def weekday_text(day: date) -> str:
    """`Mon 30 Sep 2013`."""
    return f"{WEEKDAYS[day.weekday()]} {day_text(day)}"


def month_text(day: date) -> str:
    """`Sep 2013`."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """`30 Sep`."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def span_text(start: date, last: date) -> str:
    """From the first to the last day, both named once: `8 Feb`, `8-9 Feb`, `24 Jun - 12 Jul`."""
    if start == last:
        return short_day(start)
    if (start.year, start.month) == (last.year, last.month):
        return f"{start.day}-{short_day(last)}"
    return f"{short_day(start)} - {short_day(last)}"
