"""Days, weeks, months, fiscal years and time zones: a row is counted in the local day it happened on."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kputui.engine.compute import Engine
from kputui.engine.facts import Facts
from kputui.engine.periods import Periods, intervals, number_of, units_of
from kputui.engine.request import Request
from kputui.engine.times import Zones, local_times, times_by_file
from kputui.model.ids import MetricId
from kputui.model.metric import STANDARD_GRAINS, Grain
from kputui.model.workspace import Weekday

if TYPE_CHECKING:
    from tests.engine.conftest import Bench


def _starts(bench: Bench, grain: Grain) -> list[date]:
    bench.simple("n", "count")
    return list(bench.series("n", grain=grain).starts)


def test_weeks_start_on_monday(bench: Bench) -> None:
    """2 January 2024, a Tuesday, is in the week of Monday the first."""
    bench.parquet({"day": [date(2024, 1, 2)]})
    assert _starts(bench, Grain.WEEK) == [date(2024, 1, 1)]


def test_weeks_start_on_the_day_that_the_project_says(bench: Bench) -> None:
    """With weeks from Sunday, Saturday and Sunday are in two weeks."""
    bench.set(week_start=Weekday.SUNDAY)
    bench.parquet({"day": [date(2024, 1, 6), date(2024, 1, 7)]})
    assert _starts(bench, Grain.WEEK) == [date(2023, 12, 31), date(2024, 1, 7)]


@pytest.mark.parametrize(
    ("grain", "starts"),
    [
        (Grain.QUARTER, [date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)]),
        (Grain.YEAR, [date(2023, 4, 1), date(2024, 4, 1)]),
        (Grain.MONTH, [date(2024, 3, 1), date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)]),
    ],
)
def test_fiscal_year_shifts_quarters_and_years(bench: Bench, grain: Grain, starts: list[date]) -> None:
    """A fiscal year from April begins its quarters in April, July, October and January; months stay."""
    bench.set(fiscal_year_start=4)
    bench.parquet({"day": [date(2024, 3, 31), date(2024, 4, 1), date(2024, 7, 1)]})
    assert _starts(bench, grain) == starts


def test_fiscal_year_from_february(bench: Bench) -> None:
    """Quarters of a year from February begin in February, May, August and November."""
    bench.set(fiscal_year_start=2)
    bench.parquet({"day": [date(2024, 1, 31), date(2024, 2, 1)]})
    assert _starts(bench, Grain.QUARTER) == [date(2023, 11, 1), date(2024, 2, 1)]


def test_last_and_leap_days(bench: Bench) -> None:
    """29 February and 31 December belong to their months."""
    bench.parquet({"day": [date(2024, 2, 29), date(2024, 12, 31)]})
    starts = _starts(bench, Grain.MONTH)
    assert starts[0] == date(2024, 2, 1)
    assert starts[-1] == date(2024, 12, 1)
    assert len(starts) == 11


def _instants(*stamps: datetime) -> pl.Series:
    return pl.Series(stamps, dtype=pl.Datetime("us", "UTC"))


def test_instants_become_local_days(bench: Bench) -> None:
    """23:30 UTC on New Year's Eve is already next year in Berlin, and still last year in New York."""
    stamps = _instants(datetime(2023, 12, 31, 23, 30, tzinfo=UTC))
    for zone, day in (("Europe/Berlin", date(2024, 1, 1)), ("America/New_York", date(2023, 12, 31))):
        bench.set(timezone=zone)
        bench.parquet({"day": stamps})
        assert _starts(bench, Grain.DAY) == [day]


def test_daylight_saving_days_have_23_and_25_hours(bench: Bench) -> None:
    """In Berlin the last Sunday of March holds 23 hours of events, that of October 25."""
    bench.set(timezone="Europe/Berlin")
    first = datetime(2024, 3, 30, 0, tzinfo=UTC)
    bench.parquet({"day": _instants(*(first + timedelta(hours=hour) for hour in range(72)))}, name="spring")
    first = datetime(2024, 10, 26, 0, tzinfo=UTC)
    bench.parquet({"day": _instants(*(first + timedelta(hours=hour) for hour in range(72)))}, name="autumn")
    bench.simple("spring", "count", source="spring")
    bench.simple("autumn", "count", source="autumn")
    assert bench.values("spring") == [23, 23, 24, 2]
    assert bench.values("autumn") == [22, 25, 24, 1]


def test_midnight_that_does_not_exist(bench: Bench) -> None:
    """Where clocks go forward at midnight (Sao Paulo, 4 Nov 2018) the day has 23 hours and none is lost."""
    bench.set(timezone="America/Sao_Paulo")
    first = datetime(2018, 11, 3, 3, tzinfo=UTC)
    bench.parquet({"day": _instants(*(first + timedelta(hours=hour) for hour in range(71)))})
    bench.simple("n", "count")
    assert bench.values("n") == [24, 23, 24]


def test_zone_with_45_minutes(bench: Bench) -> None:
    """In Kathmandu, 5:45 ahead, the day begins at 18:15 UTC."""
    bench.set(timezone="Asia/Kathmandu")
    bench.parquet({"day": _instants(*(datetime(2024, 1, 1, 18, minute, tzinfo=UTC) for minute in (14, 15)))})
    bench.simple("n", "count")
    series = bench.series("n")
    assert series.starts == (date(2024, 1, 1), date(2024, 1, 2))
    assert series.values == (1, 1)


def test_naive_stamps_are_in_their_own_zone(bench: Bench) -> None:
    """A stamp of 00:30 written in Berlin is the day before in New York."""
    bench.set(timezone="America/New_York")
    bench.parquet({"day": [datetime(2024, 1, 2, 0, 30)]}, source_timezone="Europe/Berlin")
    assert _starts(bench, Grain.DAY) == [date(2024, 1, 1)]


def test_naive_stamps_are_local_without_a_zone(bench: Bench) -> None:
    """Without a source zone a stamp means the project's wall clock, on days of clock changes too."""
    bench.set(timezone="America/Sao_Paulo")
    bench.parquet({"day": [datetime(2018, 11, 4, 0, 30), datetime(2018, 11, 4, 23, 59)]})
    bench.simple("n", "count")
    assert bench.values("n") == [2]


def test_naive_stamp_in_the_gap_of_its_zone(bench: Bench) -> None:
    """A stamp that never was (02:30 as clocks go forward) is kept, read with the offset from before."""
    bench.set(timezone="UTC")
    bench.parquet({"day": [datetime(2024, 3, 31, 2, 30), None]}, source_timezone="Europe/Berlin")
    bench.simple("n", "count")
    assert bench.values("n") == [1]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_every_unit_of_stamps(bench: Bench, unit: Literal["ms", "us", "ns"]) -> None:
    """Milli-, micro- and nanoseconds give the same days."""
    bench.parquet({"day": pl.Series([datetime(2024, 5, 1, 23, 59, 59)], dtype=pl.Datetime(unit))})
    assert _starts(bench, Grain.DAY) == [date(2024, 5, 1)]


def test_unknown_zone_is_said(bench: Bench) -> None:
    """A misspelt time zone is a problem of the metric, with an example."""
    bench.set(timezone="Europe/Berln")
    bench.parquet({"day": [date(2024, 1, 1)]})
    bench.simple("n", "count")
    assert bench.code("n") == "D21"


def test_stamps_in_expressions_are_wall_clock(bench: Bench) -> None:
    """A filter on a time column with a zone sees the project's local time."""
    bench.set(timezone="Asia/Kathmandu")
    bench.parquet({"day": _instants(datetime(2024, 1, 1, 18, 30, tzinfo=UTC))})
    bench.simple("n", "count", filter="day >= timestamp '2024-01-02 00:10:00'")
    assert bench.values("n") == [1]


_ZONES = ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(_ZONES),
    stamps=st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)), min_size=1, max_size=20),
)
def test_local_days_equal_zoneinfo(zone: str, stamps: list[datetime]) -> None:
    """For any instant and zone the day is the one that the standard library's zones give."""
    instants = [stamp.replace(tzinfo=UTC) for stamp in stamps]
    found = local_times(pl.Series("t", instants, dtype=pl.Datetime("us", "UTC")), Zones(zone, zone)).days
    assert found.to_list() == [number_of(stamp.astimezone(ZoneInfo(zone)).date()) for stamp in instants]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(_ZONES),
    stamps=st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)), min_size=1, max_size=20),
)
def test_naive_days_equal_zoneinfo(zone: str, stamps: list[datetime]) -> None:
    """For any naive stamp of a zone, doubled and missing hours included, the day elsewhere is the library's."""
    found = local_times(pl.Series("t", stamps, dtype=pl.Datetime("us")), Zones("America/New_York", zone)).days
    there = ZoneInfo("America/New_York")
    assert found.to_list() == [
        number_of(stamp.replace(tzinfo=ZoneInfo(zone)).astimezone(there).date()) for stamp in stamps
    ]


@settings(max_examples=100, deadline=None)
@given(
    week_start=st.integers(0, 6),
    fiscal=st.integers(1, 12),
    grain=st.sampled_from(STANDARD_GRAINS),
    day=st.integers(number_of(date(1900, 1, 1)), number_of(date(2199, 12, 31))),
)
def test_every_day_is_in_exactly_one_period(week_start: int, fiscal: int, grain: Grain, day: int) -> None:
    """A period holds its days, ends where the next one starts, and tables say the same as the rule."""
    periods = Periods(week_start, fiscal)
    start = periods.start_of(day, grain)
    end = periods.next_start(start, grain)
    assert start <= day < end
    assert periods.start_of(end, grain) == end
    assert periods.start_of(end - 1, grain) == start
    assert list(periods.table(day, day + 40, grain)) == [periods.start_of(d, grain) for d in range(day, day + 41)]


@settings(max_examples=100, deadline=None)
@given(
    days=st.dictionaries(st.integers(15000, 17000), st.integers(1, 50), min_size=1, max_size=60),
    grains=st.frozensets(st.sampled_from(STANDARD_GRAINS), min_size=1),
    chunk=st.integers(1, 500),
)
def test_intervals_cover_every_period_once(days: dict[int, int], grains: frozenset[Grain], chunk: int) -> None:
    """Intervals follow each other newest first, and one of them holds the start of each day's every period."""
    periods = Periods()
    units = units_of(periods, sorted(days), grains)
    rows_in = Facts(dict(sorted(days.items())), sum(days.values()), 0, is_dated=True, newest=None).rows_in
    cut = intervals(units, rows_in, chunk)
    assert all(newer.start >= older.end for newer, older in itertools.pairwise(cut))
    for day in days:
        for grain in grains:
            assert sum(one.start <= periods.start_of(day, grain) < one.end for one in cut) == 1
    left = intervals(units, rows_in, chunk, [units[0].start])
    assert not any(one.start <= units[0].start < one.end for one in left)
    assert {unit.start for unit in units[1:]} == {
        unit.start for unit in units for one in left if one.start <= unit.start < one.end
    }
    for interval in cut:
        for grain in grains:
            assert interval.read_end >= periods.next_start(periods.start_of(interval.end - 1, grain), grain)


def _two_files(bench: Bench, first: pl.Series, second: pl.Series) -> None:
    """Two settled files, each in no order, so that their times are looked at again."""
    for name, times in (("a", first), ("b", second)):
        path = bench.folder / f"{name}.parquet"
        pl.DataFrame({"day": times}).sample(fraction=1, shuffle=True, seed=1).write_parquet(path)
        os.utime(path, (1.7e9, 1.7e9))
    bench.source("rows", "*.parquet")
    bench.simple("n", "count", grain=Grain.YEAR)
    bench.simple("by_time", "count", grain=Grain.YEAR, filter="day >= '2023-01-01'")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"),
        ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S+00:00"),
    ],
)
def test_each_files_text_says_by_itself_what_its_times_are(bench: Bench, first: str, second: str) -> None:
    """Files whose times are written in different forms lose no row, however often they are looked at."""
    times = pl.Series([datetime(2024, 1, 1) + timedelta(hours=6 * place) for place in range(200)])
    _two_files(bench, times.dt.strftime(first), times.dt.strftime(second))
    cache = bench.folder / "cache"
    for _ in range(2):
        engine = Engine(bench.workspace(), cache=cache)
        found = list(engine.readings(Request((MetricId("n"), MetricId("by_time")))))[-1]
        assert [reading.series.values for reading in found if reading.series] == [(400,), (400,)]


def test_files_with_times_of_other_units_are_read_as_one(bench: Bench) -> None:
    """Milliseconds in one file and microseconds in another are one column of times, also on a second look."""
    times = pl.Series([datetime(2024, 1, 1) + timedelta(hours=6 * place) for place in range(200)])
    _two_files(bench, times.cast(pl.Datetime("ms")), times.cast(pl.Datetime("us")))
    for _ in range(2):
        engine = Engine(bench.workspace(), cache=bench.folder / "cache")
        found = list(engine.readings(Request((MetricId("n"), MetricId("by_time")))))[-1]
        assert [reading.series.values for reading in found if reading.series] == [(400,), (400,)]


@st.composite
def _files(draw: st.DrawFn) -> tuple[list[list[datetime | None]], Zones, str]:
    """The stamps of neighbouring files, most of them in order, some of them midnights; zones; a unit."""
    step = st.sampled_from([timedelta(0), timedelta(minutes=7), timedelta(minutes=15), timedelta(hours=5)])
    moment = datetime(2024, 3, 30) + timedelta(hours=draw(st.integers(0, 23)))
    found: list[list[datetime | None]] = []
    for _ in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):  # midnights
            moment = datetime(moment.year, moment.month, moment.day) + timedelta(days=1)
            found.append([moment] * draw(st.integers(0, 3)))
            continue
        stamps: list[datetime | None] = []
        for _ in range(draw(st.integers(0, 6))):
            moment += draw(step)
            stamps.append(moment)
        found.append(stamps)
    odd = draw(st.sampled_from(["", "", "", "empty", "wild", "back"]))
    if odd and found[0]:
        found[0][-1] = {"empty": None, "wild": datetime(1850, 1, 1), "back": datetime(2030, 1, 1)}[odd]
    zones = draw(
        st.sampled_from([Zones("UTC", "UTC"), Zones("Europe/Berlin", "UTC"), Zones("Asia/Kathmandu", "Asia/Kathmandu")])
    )
    return found, zones, draw(st.sampled_from(["ms", "us", "ns"]))


@given(_files())
def test_files_looked_at_together_tell_what_each_tells(drawn: tuple[list[list[datetime | None]], Zones, str]) -> None:
    """The days, the midnights and the runs of neighbouring files are those of each file by itself."""
    files, zones, unit = drawn
    column = pl.Series("t", [stamp for file in files for stamp in file], dtype=pl.Datetime(unit))  # type: ignore[arg-type]  # one of them
    together = list(times_by_file(column, [len(file) for file in files], zones))
    assert len(together) == len(files)
    first = 0
    for file, found in zip(files, together, strict=True):
        alone = local_times(column.slice(first, len(file)), zones).counted()
        first += len(file)
        assert found.days.to_list() == alone.days.to_list()
        assert found.stamps.to_list() == alone.stamps.to_list()
        assert found.counted().runs == alone.runs
        assert (found.implausible, found.note) == (alone.implausible, alone.note)
        assert found.is_dated == alone.is_dated or not file


def test_wild_times_of_another_zone_are_told_as_such(bench: Bench) -> None:
    """A time before 1900 is said to be one, not an empty cell, also where stamps are in UTC and the project is not."""
    bench.set(timezone="Europe/Berlin")
    bench.parquet({"day": pl.Series([datetime(1850, 1, 1), datetime(2024, 1, 1)], dtype=pl.Datetime("us", "UTC"))})
    bench.simple("n", "count")
    assert "left out: 1 row with a time before 1900 or after 2199" in bench.reading("n").notes
