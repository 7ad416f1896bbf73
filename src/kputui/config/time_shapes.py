"""The shapes of times written as text: durations, lags, windows, time zones."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kputui.config.cursor import BAD, Cursor
from kputui.config.shapes import Schema, wrong_type
from kputui.config.wording import shown
from kputui.model.link import Lag
from kputui.model.metric import STANDARD_GRAINS

if TYPE_CHECKING:
    from collections.abc import Mapping

_DURATION_PATTERN = r"^([0-9]{1,5}) ?(min|minutes?|h|hours?|d|days?|w|weeks?)$"
_LAG_PATTERN = r"^([0-9]{1,3})(?: ?- ?([0-9]{1,3}))? ?([A-Za-z_][A-Za-z0-9_-]*)$"
_WINDOW_PATTERN = r"^([0-9]{1,4}) ?([A-Za-z_][A-Za-z0-9_-]*)$"
_DURATION = re.compile(_DURATION_PATTERN)
_LAG = re.compile(_LAG_PATTERN)
_WINDOW = re.compile(_WINDOW_PATTERN)
_UNITS_OF_PERIODS = tuple(grain.value for grain in STANDARD_GRAINS)
_UNITS: Mapping[str, timedelta] = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def unit_of(word: str, at: Cursor) -> str | None:
    """The name of the grain that a word in the singular or plural means; None for an unknown one."""
    known = {*_UNITS_OF_PERIODS, *at.decoding.tree.data.get("grains", {})}
    return next((name for name in (word, word.removesuffix("s")) if name in known), None)


def _not_a_unit(word: str, at: Cursor) -> str:
    known = (*_UNITS_OF_PERIODS, *at.decoding.tree.data.get("grains", {}))
    return f"no {shown(word)} among {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time such as `"2d"` or `"12 hours"`."""

    words: str = 'duration: `"30min"`, `"12h"`, `"2d"`, `"4w"`'

    def decode(self, value: Any, at: Cursor) -> Any:
        """A `timedelta`, longer than nothing."""
        if not isinstance(value, str):
            return wrong_type(value, "a duration as text", at, 'such as "2d"')
        match = _DURATION.match(value)
        if match is None or int(match[1]) == 0:
            return at.refuse("C18", f"{shown(value)} is not a duration", 'such as "30min", "12h", "2d", "4w"')
        return int(match[1]) * _UNITS[match[2][0]]

    def schema(self) -> Schema:
        """A string with a pattern."""
        return {"type": "string", "pattern": _DURATION_PATTERN}


@dataclass(frozen=True, slots=True)
class WholeDays:
    """A duration of whole days."""

    words: str = 'duration in whole days: `"180d"`, `"26w"`'

    def decode(self, value: Any, at: Cursor) -> Any:
        """The number of days."""
        length = Duration().decode(value, at)
        if length is BAD:
            return BAD
        if length % timedelta(days=1):
            return at.refuse("C18", f"{shown(value)} is not a whole number of days", 'such as "180d"')
        return length.days

    def schema(self) -> Schema:
        """A string with a pattern."""
        return Duration().schema()


@dataclass(frozen=True, slots=True)
class LagText:
    """How many periods the KPI follows the CPI: `"4 weeks"`, `"0-2 weeks"`."""

    words: str = 'lag: `"4 weeks"`, `"0-2 weeks"`, `"1 day"`'

    def decode(self, value: Any, at: Cursor) -> Any:
        """A `Lag` with its unit in the singular."""
        hint = 'such as "4 weeks", "0-2 weeks", "1 day"'
        if not isinstance(value, str):
            return wrong_type(value, "a lag as text", at, hint)
        match = _LAG.match(value)
        if match is None:
            return at.refuse("C18", f"{shown(value)} is not a lag", hint)
        unit = unit_of(match[3], at)
        if unit is None:
            return at.refuse("C18", f"{shown(value)} is not a lag: {_not_a_unit(match[3], at)}", hint)
        low = int(match[1])
        high = int(match[2]) if match[2] else low
        if high < low:
            return at.refuse("C18", f"{shown(value)} ends before it begins", hint)
        return Lag(low, high, unit)

    def schema(self) -> Schema:
        """A string with a pattern."""
        return {"type": "string", "pattern": _LAG_PATTERN}


@dataclass(frozen=True, slots=True)
class Window:
    """A number of periods such as `"7 days"`, kept as text with its unit in the plural form it needs.

    With `takes_tables` the unit may be a grain of the workspace's own.
    """

    words: str = 'window: `"7 days"`, `"2 months"`'
    takes_tables: bool = False

    def decode(self, value: Any, at: Cursor) -> Any:
        """The window as `<count> <unit>[s]`."""
        hint = 'such as "7 days", "1 month"'
        if not isinstance(value, str):
            return wrong_type(value, "a window as text", at, hint)
        match = _WINDOW.match(value)
        if match is None or int(match[1]) == 0:
            return at.refuse("C18", f"{shown(value)} is not a window", hint)
        unit = unit_of(match[2], at)
        if unit is None:
            return at.refuse("C18", f"{shown(value)} is not a window: {_not_a_unit(match[2], at)}", hint)
        if unit not in _UNITS_OF_PERIODS and not self.takes_tables:
            hint = f"it takes one of: {', '.join(_UNITS_OF_PERIODS)}"
            return at.refuse("C32", f"{shown(unit)} is a table of periods, which this key does not take", hint)
        count = int(match[1])
        return f"{count} {unit}" + ("" if count == 1 else "s")

    def schema(self) -> Schema:
        """A string with a pattern."""
        return {"type": "string", "pattern": _WINDOW_PATTERN}


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone of the IANA database."""

    words: str = 'time zone: `"Europe/Berlin"`'

    def decode(self, value: Any, at: Cursor) -> Any:
        """The zone's name, once the database knows it."""
        if not isinstance(value, str):
            return wrong_type(value, "a time zone as text", at, 'such as "Europe/Berlin"')
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            zones = zoneinfo.available_timezones()
            hint = at.decoding.near(value, zones) or 'such as "Europe/Berlin" or "UTC"'
            if not zones:
                hint = "this system has no time zone database: pip install tzdata"
            return at.refuse("C19", f"no time zone {shown(value)}", hint)
        return value

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "minLength": 1}
