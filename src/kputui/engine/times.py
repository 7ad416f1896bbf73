"""The time column becomes local days: instant -> wall clock of the project's zone -> date."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from kputui.engine import values
from kputui.engine.periods import END_DAY, FIRST_DAY
from kputui.engine.row_periods import runs_of
from kputui.engine.wording import no_times
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DAY_US = 86_400_000_000
_SLOTS = 96
_SLOT_US = _DAY_US // _SLOTS
"""Every zone's offset is a multiple of 15 minutes (since 1972), so one conversion a slot is exact."""

_DAY_TICKS: Mapping[str, int] = {"ms": 86_400_000, "us": _DAY_US, "ns": 86_400_000_000_000}
_TO_US: Mapping[str, tuple[int, int]] = {"ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}
_HEAD = 1_000
_ROWS_A_RUN = 200
_FEW_ROWS = 50_000
_HAS_CLOCK = re.compile(r"%[HIMSTRpfXcrs+]")
_HAS_ZONE = re.compile(r"%[#:]*z")
_WEEK_ONLY = re.compile(r"%[GY].?.?%[VWU]")


@dataclass(frozen=True, slots=True)
class Zones:
    """The project's zone, in which a day begins, and the zone of naive stamps."""

    local: str
    naive: str


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """A time column as local days.

    `days`: Int32 days since 1970-01-01, null where there is no (plausible) time. `stamps`: the column
    as Date or Datetime. `is_dated`: the column holds dates (or only midnights), so its last day is whole.
    `unreadable`: cells that hold something that is no time; `implausible`: times before 1900 or after
    2199. `note` is what else should be known. `runs`: the rows of each day in turn, where the days are sorted, none is
    missing, and they were counted.
    """

    days: pl.Series
    stamps: pl.Series
    is_dated: bool
    unreadable: values.Faults | None = None
    implausible: int = 0
    note: str = ""
    runs: Mapping[int, int] | None = None

    def counted(self) -> LocalTimes:
        """The same with the rows of each day in turn, where they can be counted so."""
        return self if self.runs is not None else replace(self, runs=_runs_in(self.days))


def check_zone(name: str) -> None:
    """Raise DataError D21 when the zone is not known."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise DataError("D21", f"the time zone `{name}` is not known", "write it like Europe/Berlin") from error


def local_times(column: pl.Series, zones: Zones, time_format: str = "") -> LocalTimes:
    """A time column's local days.

    Raises DataError D15 when the column is neither dates nor stamps, nor text that reads as such
    (ISO, or `time_format`).
    """
    unreadable = None
    stamps = column
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        stamps, unreadable = _parsed(column, time_format)
    elif column.dtype == pl.Null:
        stamps = column.cast(pl.Date)
    if stamps.dtype == pl.Date:
        days, is_dated = stamps.to_physical(), True
    elif isinstance(stamps.dtype, pl.Datetime):
        days, is_dated = _days_of_stamps(stamps, zones)
    else:
        raise DataError(
            "D15",
            f"the time column `{column.name}` holds {_word(column.dtype)}, not dates",
            "give the file a column of dates or time stamps",
        )
    is_wild = (days < FIRST_DAY) | (days >= END_DAY)
    if is_wild.any():
        days = days.set(is_wild, None)
    implausible = days.null_count() - stamps.null_count()
    note = "" if is_dated or column.dtype != pl.String else _shifted_midnights(column, zones)
    return LocalTimes(days.rename("_day"), stamps, is_dated, unreadable, implausible, note)


def times_by_file(
    column: pl.Series, lengths: Sequence[int], zones: Zones, time_format: str = ""
) -> Iterator[LocalTimes]:
    """The local days of neighbouring files, whose rows are so many each: found at once for all, but those of text.

    Raises as `local_times`.
    """
    starts = [0, *accumulate(lengths)]
    parts = [column.slice(start, length) for start, length in zip(starts, lengths, strict=False)]
    if not isinstance(column.dtype, pl.Datetime | pl.Date):
        for part in parts:
            yield local_times(part, zones, time_format)
        return
    whole = local_times(column, zones)
    runs = _runs_in(whole.days)
    counted = None if runs is None else _cut_runs(runs, starts)
    firsts = [start for start, length in zip(starts, lengths, strict=False) if length]
    may_be_dated = iter(()) if whole.is_dated else _are_on_slots(column, firsts)
    for start, part in zip(starts, parts, strict=False):
        days = whole.days.slice(start, len(part))
        is_dated = whole.is_dated or (bool(len(part)) and next(may_be_dated) and local_times(part, zones).is_dated)
        implausible = days.null_count() - part.null_count()
        own = None if counted is None else next(counted)
        yield LocalTimes(days, part, is_dated, implausible=implausible, runs=own)


def _are_on_slots(stamps: pl.Series, places: list[int]) -> Iterator[bool]:
    """Whether the stamps at these places may be midnights of any zone; also where there is none."""
    times, per = _TO_US[stamps.dtype.time_unit]  # type: ignore[attr-defined]  # a Datetime, as dates are all dated
    return iter((stamps.to_physical().gather(places) * times // per % _SLOT_US == 0).fill_null(value=True).to_list())


def _cut_runs(runs: Mapping[int, int], starts: Sequence[int]) -> Iterator[dict[int, int]]:
    """The runs of all rows as those of each file, which begins and ends at these rows."""
    days, ends = list(runs), list(accumulate(runs.values()))
    at = 0
    for first, end in pairwise(starts):
        own: dict[int, int] = {}
        while first < end:
            own[days[at]] = min(end, ends[at]) - first
            first = min(end, ends[at])  # noqa: PLW2901 - it goes on through the file
            at += first == ends[at]
        yield own


def _runs_in(days: pl.Series) -> dict[int, int] | None:
    """The rows of each day; None where one is missing, or they are not sorted."""
    if days.null_count() or not days.is_sorted():
        return None
    numbers, lengths = runs_of(days)
    return dict(zip(numbers.to_list(), lengths, strict=True))


def _shifted_midnights(text: pl.Series, zones: Zones) -> str:
    present = text.drop_nulls()
    return midnights_note(text.name, present[0], zones) if are_shifted_midnights(present) else ""


def are_shifted_midnights(present: pl.Series) -> bool:
    """Whether there are cells, and all of them are midnights with a zone written behind."""
    return not present.is_empty() and present.str.contains(r"[T ]00:00(:00(\.0+)?)?(Z|[+-]\d{2}(:?\d{2})?)$").all()


def midnights_note(name: str, shown: str, zones: Zones) -> str:
    """The warning for dates that were written as midnights of another zone: they may fall on the day before."""
    return f"`{name}` holds midnights of another zone (`{shown}`): in {zones.local} they are other times of day"


def _word(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "numbers"
    return "true and false" if dtype == pl.Boolean else str(dtype)


def _parsed(text: pl.Series, time_format: str) -> tuple[pl.Series, values.Faults | None]:
    """Text as dates or stamps by the format, or strictly by ISO."""
    cells = len(text) - text.null_count()
    if time_format:
        parsed = by_format(text, time_format)
    else:
        tries = (values.iso_dates, values.iso_stamps, values.iso_instants)
        parsed = min((attempt(text) for attempt in tries), key=pl.Series.null_count)
    wrong = parsed.is_null() & text.is_not_null()
    faults = values.first_faults(text, wrong)
    if faults and faults.count * 2 >= cells:
        raise no_times(text.name, time_format, faults.count, cells, faults.text)
    return parsed, faults


def by_format(text: pl.Series, time_format: str) -> pl.Series:
    """Text as dates or stamps by a format of strftime; raises DataError D15 when it can't be used."""
    try:
        if _HAS_CLOCK.search(time_format):
            zone = "UTC" if _HAS_ZONE.search(time_format) else None
            return text.str.to_datetime(time_format, time_unit="us", time_zone=zone, strict=False)
        if _WEEK_ONLY.search(time_format) and not re.search(r"%[uwaA]", time_format):
            return (text + "-1").str.to_date(time_format + "-%u", strict=False)
        return text.str.to_date(time_format, strict=False)
    except pl.exceptions.PolarsError as error:
        message = str(error).split("\n", 1)[0]
        raise DataError("D15", f"the time_format `{time_format}` cannot be used: {message}") from error


def _days_of_stamps(stamps: pl.Series, zones: Zones) -> tuple[pl.Series, bool]:
    unit: str = stamps.dtype.time_unit  # type: ignore[attr-defined]  # a Datetime, as the caller saw
    is_local = stamps.dtype.time_zone is None and zones.naive == zones.local  # type: ignore[attr-defined]
    if is_local and len(stamps) and not stamps.null_count() and stamps.is_sorted():
        return _days_of_sorted(stamps.to_physical(), _DAY_TICKS[unit])
    times, per = _TO_US[unit]
    ticks = stamps.to_physical()
    us = ticks * times if times > 1 else ticks // per if per > 1 else ticks
    if is_local:
        days = (us // _DAY_US).cast(pl.Int32, strict=False)
        return days, bool((us % _DAY_US == 0).all())
    slots = us // _SLOT_US
    wild = (slots < FIRST_DAY * _SLOTS) | (slots >= END_DAY * _SLOTS)
    slots = slots.set(wild, None)
    low, high = slots.min(), slots.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return pl.Series("_day", [None] * len(us), dtype=pl.Int32), False
    known = pl.Series(range(low, high + 1), dtype=pl.Int64) if high - low < len(slots) * 4 + 10_000 else None
    distinct = slots.drop_nulls().unique().sort() if known is None else known
    walls = wall_clock((distinct * _SLOT_US).cast(pl.Datetime("us", stamps.dtype.time_zone)), zones)  # type: ignore[attr-defined]
    wall_us = walls.to_physical()
    index = slots - low if known is not None else distinct.search_sorted(slots).set(slots.is_null(), None)
    days = (wall_us // _DAY_US).cast(pl.Int32).gather(index.cast(pl.UInt32))
    is_dated = bool((us % _SLOT_US == 0).all()) and bool((wall_us.gather(index.cast(pl.UInt32)) % _DAY_US == 0).all())
    return days, is_dated


def _days_of_sorted(ticks: pl.Series, per_day: int) -> tuple[pl.Series, bool]:
    """Each row's day by where its midnight falls among the sorted rows: a tenth of dividing each row."""
    first, last = int(ticks[0]) // per_day, int(ticks[-1]) // per_day
    is_small = len(ticks) < _FEW_ROWS or (last - first) * _ROWS_A_RUN > len(ticks)
    if is_small or not FIRST_DAY <= first <= last < END_DAY:
        return (ticks // per_day).cast(pl.Int32, strict=False), bool((ticks % per_day == 0).all())
    midnights = pl.Series([day * per_day for day in range(first + 1, last + 1)], dtype=ticks.dtype)
    ends = [*ticks.search_sorted(midnights, "left").to_list(), len(ticks)]
    days = pl.Series(range(first, last + 1), dtype=pl.Int32)
    runs = [days.new_from_index(place, end - start) for place, (start, end) in enumerate(pairwise([0, *ends]))]
    is_dated = bool((ticks.head(_HEAD) % per_day == 0).all()) and bool((ticks % per_day == 0).all())
    return pl.concat(runs, rechunk=True), is_dated


def wall_clock(stamps: pl.Series, zones: Zones) -> pl.Series:
    """Stamps as wall-clock times of the project's zone, without a zone.

    Naive stamps are in `zones.naive`; one that happens twice (clocks go back) is its first, one that
    never happens (clocks go forward) is read with the offset from before.
    """
    zone = stamps.dtype.time_zone  # type: ignore[attr-defined]  # a Datetime, by contract
    if zone is None and zones.naive == zones.local:
        return stamps
    if zone is None:
        instants = stamps.dt.replace_time_zone(zones.naive, ambiguous="earliest", non_existent="null")
        if instants.null_count() > stamps.null_count():
            before = (stamps.dt.offset_by("-1d")).dt.replace_time_zone(
                zones.naive, ambiguous="latest", non_existent="null"
            )
            moved = before.dt.convert_time_zone("UTC").dt.offset_by("24h").dt.convert_time_zone(zones.naive)
            instants = pl.select(pl.coalesce(instants, moved)).to_series()
        stamps = instants
    return stamps.dt.convert_time_zone(zones.local).dt.replace_time_zone(None)
