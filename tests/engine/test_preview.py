"""The newest quarter of a large source is told first, from what the footers of its files say of their days."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kputui.engine import excerpt, files, glimpse, library, periods, run
from kputui.engine.compute import Engine
from kputui.engine.footer import row_groups
from kputui.engine.parquet_file import ParquetFile
from kputui.engine.request import Request
from kputui.engine.states import finished_rows
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Conversion, Cumulative, Grain, Input
from kputui.model.workspace import Join, Weekday

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.engine.conftest import Bench

    from kputui.engine.footer import RowGroup
    from kputui.model.series import Reading, Series

_FIRST = date(2021, 1, 1)
_DAYS = 1_095
_NAMES = tuple(map(MetricId, ("sales", "buyers", "middle", "returns", "so_far")))


@pytest.fixture
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred rows count as many."""
    monkeypatch.setattr(glimpse, "MANY_ROWS", 100)
    monkeypatch.setattr(run, "MANY_ROWS", 100)
    monkeypatch.setattr(library, "_MANY_BYTES", 0)
    monkeypatch.setattr(glimpse, "_MANY_BYTES", 1)


pytestmark = pytest.mark.usefixtures("_everything_is_large")


def _rows(days: Sequence[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "day": [_FIRST + timedelta(day) for day in days],
            "amount": [float(day * 7 % 37) for day in days],
            "customer": [day * day % 11 for day in days],
            "team": [("north", "south", None)[day % 3] for day in days],
        }
    )


def _metrics(bench: Bench) -> None:
    bench.simple("sales", "sum", "amount")
    bench.simple("buyers", "count_distinct", "customer", Grain.MONTH)
    bench.simple("middle", "median", "amount", Grain.WEEK, filter="team is not null")
    side = Input(MetricId("sales"))
    bench.add("returns", Conversion(side, side, "customer", "7 days", "conversions"))
    bench.add("so_far", Cumulative(side, "30 days", None, "last"))


def _months(bench: Bench, folder: str = "months") -> None:
    """Three years, a file a month, a row a day."""
    (bench.folder / folder).mkdir()
    days = _rows(range(_DAYS))
    for (month,), part in days.group_by(pl.col("day").dt.strftime("%Y-%m"), maintain_order=True):
        part.write_parquet(bench.folder / folder / f"{month}.parquet")
    bench.source("rows", f"{folder}/*.parquet")


def _batches(bench: Bench, *requests: Request) -> list[list[Reading]]:
    return [[one for found in batch for one in found] for batch in bench.engine().readings_of(requests)]


def _plain(batch: Sequence[Reading]) -> list[Reading]:
    return [replace(one, provenance=None) for one in batch]


def _without_preview(bench: Bench, *requests: Request) -> list[Reading]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(glimpse, "MANY_ROWS", 10**9)
        return _batches(bench, *requests)[-1]


def _whole(bench: Bench) -> tuple[Request, Request]:
    _metrics(bench)
    return Request(_NAMES), Request(_NAMES[:3], group_by=("team",))


def _holds(earlier: Series, whole: Series) -> bool:
    """Whether every period of the one has the other's value."""
    known = dict(zip(whole.starts, whole.values, strict=True))
    return all(known[start] == value for start, value in zip(earlier.starts, earlier.values, strict=True))


def test_the_first_batch_opens_only_the_newest_files(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest quarter of three years is told when four of 36 files were opened, and stays as it was told."""
    _months(bench)
    requests = _whole(bench)
    opened: list[str] = []
    original = ParquetFile.scan

    def scan(self: ParquetFile) -> pl.LazyFrame:
        opened.append(self.path.name)
        return original(self)

    monkeypatch.setattr(ParquetFile, "scan", scan)
    batches = bench.engine().readings_of(requests)
    first = [one for found in next(batches) for one in found]
    assert set(opened) <= {"2023-09.parquet", "2023-10.parquet", "2023-11.parquet", "2023-12.parquet"}
    last = [one for found in list(batches)[-1] for one in found]
    whole = {(one.metric, one.series.group): one.series for one in last if one.series}
    told = [one.series for one in first if one.series]
    assert {series.metric for series in told} == set(_NAMES[:3])
    for series in told:
        assert _holds(series, whole[series.metric, series.group])
    assert 88 <= len(told[0].values) <= 92
    assert _plain(last) == _plain(_without_preview(bench, *requests))


def test_the_newest_quarter_is_not_computed_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first batch computed is handed on: no interval is computed again, and every row is counted once."""
    _months(bench)
    requests = _whole(bench)
    starts: list[tuple[int, bool]] = []

    def counted(*arguments: Any) -> Any:
        starts.append((arguments[3].start, bool(arguments[1].events)))  # conversions are computed beside the rest
        return finished_rows(*arguments)

    monkeypatch.setattr("kputui.engine.step.finished_rows", counted)
    last = _batches(bench, requests[0])[-1]
    assert len(starts) == len(set(starts)) > 1
    assert last[0].provenance is not None
    assert last[0].provenance.rows_used == last[0].provenance.rows_read == _DAYS


def test_the_end_of_one_long_file_is_told_first(bench: Bench) -> None:
    """Of one file only the last row groups are looked at for the first numbers."""
    _rows(range(_DAYS)).write_parquet(bench.folder / "rows.parquet", row_group_size=50)
    bench.source("rows", "rows.parquet")
    requests = _whole(bench)
    batches = _batches(bench, *requests)
    first = batches[0][0]
    assert first.series is not None
    assert first.provenance is not None
    assert 88 <= len(first.series.values) <= 92
    assert first.provenance.rows_read == _DAYS
    assert _plain(batches[-1]) == _plain(_without_preview(bench, *requests))


def test_of_one_long_file_only_its_end_is_read_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first numbers of a large file wait for the bytes of its newest rows alone, and are those of the whole."""
    _rows(range(_DAYS)).write_parquet(bench.folder / "rows.parquet", row_group_size=50)
    bench.source("rows", "rows.parquet")
    requests = _whole(bench)
    read: list[tuple[int, int]] = []
    original = excerpt._copy

    def copied(source: int, target: int, start: int, end: int) -> None:
        read.append((start, end))
        original(source, target, start, end)

    def whole(path: Path, limit: int = 0) -> bytes:
        raise AssertionError(f"{path} is read whole up to {limit}")

    monkeypatch.setattr(excerpt, "_copy", copied)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "read_stable", whole)
        batches = bench.engine().readings_of(requests)
        first = [one for found in next(batches) for one in found]
    size = (bench.folder / "rows.parquet").stat().st_size
    assert 0 < sum(end - start for start, end in read) < size / 2
    last = [one for found in list(batches)[-1] for one in found]
    known = {(one.metric, one.series.group): one.series for one in last if one.series}
    assert all(_holds(one.series, known[one.metric, one.series.group]) for one in first if one.series)
    assert first[0].series is not None
    assert _plain(last) == _plain(_without_preview(bench, *requests))


@pytest.mark.parametrize("is_refused", [False, True])
def test_without_files_in_memory_the_first_batch_is_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, is_refused: bool
) -> None:
    """Where the system has none or gives none, a large file is read whole, and the first numbers are the same."""
    _rows(range(_DAYS)).write_parquet(bench.folder / "rows.parquet", row_group_size=50)
    bench.source("rows", "rows.parquet")
    requests = _whole(bench)
    usual = _batches(bench, *requests)[0]
    monkeypatch.delattr("os.memfd_create", raising=False)
    if is_refused:

        def refused(name: str, flags: int) -> int:
            raise PermissionError(name, flags)

        monkeypatch.setattr("os.memfd_create", refused, raising=False)
    assert _plain(_batches(bench, *requests)[0]) == _plain(usual)


def test_a_footer_that_lies_costs_nothing_but_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days that a writer told wrongly can mislead the first numbers, and never the last ones."""
    _months(bench)
    requests = _whole(bench)
    truth = _plain(_without_preview(bench, *requests))

    def lying(name: str, *arguments: Any, **options: Any) -> tuple[RowGroup, ...]:
        found = row_groups(name, *arguments, **options)
        return tuple(replace(one, days=(18_628, 18_700)) for one in found) if "2023-11" in name else found

    monkeypatch.setattr("kputui.engine.glimpse.row_groups", lying)
    batches = _batches(bench, *requests)
    assert batches[0][0].series is not None
    assert _plain(batches[-1]) == truth


def test_a_damaged_older_file_is_still_told(bench: Bench) -> None:
    """The newest quarter shows, then the failure of a file that only the whole needs."""
    _months(bench)
    requests = _whole(bench)
    path = bench.folder / "months" / "2022-03.parquet"
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(bytes(data))
    batches = _batches(bench, requests[0])
    assert batches[0][0].series is not None
    failure = batches[-1][0].failure
    assert failure is not None
    assert "2022-03.parquet" in failure.message


def test_one_more_file_is_no_reason_for_a_first_look(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all but one file are known from before, only that one and the week before it are read."""
    _months(bench)
    old = time.time() - 60
    for path in (bench.folder / "months").iterdir():
        os.utime(path, (old, old))
    newest = bench.folder / "months" / "2023-12.parquet"
    away = newest.rename(bench.folder / "later")
    requests = _whole(bench)
    monkeypatch.setattr(library, "KEPT_BYTES", 0)
    engine = Engine(bench.workspace(), chunk_rows=200, cache=bench.folder / "cache")
    list(engine.readings_of(requests))
    away.rename(newest)
    scanned: set[str] = set()
    original = ParquetFile.scan

    def scan(self: ParquetFile) -> pl.LazyFrame:
        scanned.add(self.path.name)
        return original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParquetFile, "scan", scan)
        found = [one for batch in list(engine.readings_of(requests[1:]))[-1] for one in batch]
    assert scanned == {"2023-11.parquet", "2023-12.parquet"}
    assert _plain(found) == _plain(_without_preview(bench, *requests[1:]))


def test_a_window_in_the_past_has_no_first_batch_of_its_own(bench: Bench) -> None:
    """Asked for an earlier year, the newest quarter is none of the answer."""
    _months(bench)
    _metrics(bench)
    asked = Request(_NAMES[:3], start=date(2021, 3, 1), end=date(2021, 9, 1))
    batches = _batches(bench, asked)
    truth = {one.metric: one.series for one in _without_preview(bench, asked) if one.series}
    for batch in batches:
        assert all(_holds(one.series, truth[one.metric]) for one in batch if one.series)
    assert _plain(batches[-1]) == _plain(_without_preview(bench, asked))


def test_a_stop_after_the_first_batch(bench: Bench) -> None:
    """After Esc no further batch comes, and a later look starts from nothing wrong."""
    _months(bench)
    requests = _whole(bench)
    engine = bench.engine()
    assert list(engine.readings(requests[0], lambda: True)) == []
    stopped = [False]
    batches = engine.readings(requests[0], lambda: stopped[0])
    assert next(batches)[0].series is not None
    stopped[0] = True
    assert list(batches) == []
    assert _plain(list(engine.readings(requests[0]))[-1]) == _plain(_without_preview(bench, requests[0]))


def test_the_first_batch_says_nothing_of_what_fails(bench: Bench) -> None:
    """A metric that can't be computed keeps no other from showing, and is told with the whole."""
    _months(bench)
    _metrics(bench)
    bench.simple("wrong", "sum", "no_such_column")
    first, *_, last = _batches(bench, Request((MetricId("wrong"), MetricId("sales"))))
    assert [(one.series is None, one.failure is None) for one in first] == [(True, True), (False, True)]
    assert last[0].failure is not None
    assert last[1].series is not None


@pytest.mark.parametrize("wild", [datetime(1, 1, 1), datetime(9999, 12, 31)])
@pytest.mark.parametrize("grain", [Grain.WEEK, Grain.QUARTER, Grain.YEAR])
def test_a_wild_time_is_left_out_as_ever(bench: Bench, wild: datetime, grain: Grain) -> None:
    """A row of the year 1 or 9999, as some programs write for "none", stops nothing and is counted."""
    bench.set(week_start=Weekday.SUNDAY, fiscal_year_start=2)
    times = [datetime(2021, 1, 1) + timedelta(day) for day in range(_DAYS)] + [wild]
    bench.parquet({"day": times})
    bench.simple("rows", "count", grain=grain)
    last = _batches(bench, Request((MetricId("rows"),)))[-1][0]
    assert last.series is not None
    assert sum(value or 0 for value in last.series.values) == _DAYS
    assert last.provenance is not None
    assert dict(last.provenance.dropped)["no time"] == 1


def test_a_note_of_the_first_batch_stays(bench: Bench) -> None:
    """A NaN among the newest rows is told with every batch, and all of a file's with the last."""
    days = [_FIRST + timedelta(day) for day in range(_DAYS)]
    amounts = [1.0] * _DAYS
    amounts[5] = amounts[-5] = float("nan")
    pl.DataFrame({"day": days, "amount": amounts}).write_parquet(bench.folder / "rows.parquet", row_group_size=50)
    bench.source("rows", "rows.parquet")
    bench.simple("sales", "sum", "amount")
    bench.chunk_rows = 100
    batches = _batches(bench, Request((MetricId("sales"),)))
    assert all("NaN" in batch[0].notes[0] for batch in batches)
    assert "2 NaN" in batches[-1][0].notes[0]


def test_nothing_is_handed_on_where_an_older_file_changes_a_keys_type(bench: Bench) -> None:
    """What the newest files alone could join is computed again when all files together can't."""
    for name, start, dtype in (("a", 0, pl.Float64), ("b", 900, pl.Int64)):
        days = [_FIRST + timedelta(start + day) for day in range(900 if name == "a" else 120)]
        keys = pl.Series([day % 3 for day in range(len(days))], dtype=dtype)
        pl.DataFrame({"day": days, "k": keys}).write_parquet(bench.folder / f"{name}.parquet", row_group_size=50)
    bench.parquet({"id": ["0", "1", "2"], "region": ["n", "s", "w"]}, "regions", time="")
    bench.source("rows", "[ab].parquet", joins=(Join("c", SourceId("regions"), "k", "id"),))
    bench.simple("rows", "count")
    asked = Request((MetricId("rows"),), group_by=("c__region",))
    assert _plain(_batches(bench, asked)[-1]) == _plain(_without_preview(bench, asked))


def test_a_file_rewritten_within_one_tick_of_the_clock_is_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was opened for the first batch and rewritten in the same moment is not taken for settled."""
    now = time.time_ns()
    original = files.stamp_from

    def coarse(path: Path, status: os.stat_result) -> files.FileStamp:
        return replace(original(path, status), mtime_ns=now, ctime_ns=now, inode=1)

    monkeypatch.setattr(files, "stamp_from", coarse)
    path = bench.folder / "rows.parquet"

    def write(amount: float) -> None:
        days = [_FIRST + timedelta(day) for day in range(_DAYS)]
        pl.DataFrame({"day": days, "amount": [amount] * _DAYS}).write_parquet(path, row_group_size=50)

    write(1.0)
    bench.source("rows", "rows.parquet")
    bench.simple("sales", "sum", "amount")
    engine = bench.engine()
    batches = engine.readings(Request((MetricId("sales"),)))
    next(batches)
    write(3.0)
    list(batches)
    (found,) = list(engine.readings(Request((MetricId("sales"),))))[-1]
    assert found.series is not None
    assert set(found.series.values) == {3.0}


def test_the_moment_of_the_first_look_at_a_file_counts(bench: Bench) -> None:
    """A file of which the end was read first is as young as it was then, also when the rest is read long after."""
    _rows(range(_DAYS)).write_parquet(bench.folder / "rows.parquet", row_group_size=50)
    name = SourceId("rows")
    bench.source(name, "rows.parquet")
    held = library.Library(bench.workspace())
    assert held.glimpse([name], lambda day: day - 90)
    (early,) = held.opened(name).tables
    assert early.is_excerpt
    held.end_glimpses()
    opened = held.opened(name)
    assert not opened.tables[0].is_excerpt
    assert opened.read_ns == opened.tables[0].read_ns == early.read_ns


def test_nothing_wrong_is_kept_of_a_first_batch(bench: Bench) -> None:
    """With a cache a second engine, which takes all from what was kept, says the same."""
    _months(bench)
    requests = _whole(bench)
    cache = bench.folder / "cache"
    truth = _plain(_without_preview(bench, *requests))
    for _ in range(2):
        engine = Engine(bench.workspace(), chunk_rows=200, cache=cache)
        found = [one for batch in list(engine.readings_of(requests))[-1] for one in batch]
        assert [replace(one, provenance=None) for one in found] == truth


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parts=st.lists(st.tuples(st.integers(0, 700), st.integers(30, 90), st.booleans()), min_size=1, max_size=8),
    chunk_rows=st.sampled_from([20, 90, 100_000]),
    last=st.none() | st.integers(300, 800),
    groups=st.sampled_from([10, 100_000]),
)
def test_any_files_say_the_same_with_and_without_a_first_batch(
    parts: list[tuple[int, int, bool]], chunk_rows: int, last: int | None, groups: int, new_bench: type[Bench]
) -> None:
    """However files overlap and rows are ordered, no batch has a value that the whole has not."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(periods, "NEWEST_DAYS", 20)
        bench = new_bench(Path(folder), chunk_rows=chunk_rows)
        for place, (start, count, is_turned) in enumerate([(0, 40, False), *parts]):
            days = range(start, start + count)
            rows = _rows(days[::-1] if is_turned else days)
            rows.write_parquet(bench.folder / f"{place}.parquet", row_group_size=groups)
        bench.source("rows", "*.parquet")
        _metrics(bench)
        day = None if last is None else _FIRST + timedelta(last)
        asked = Request(_NAMES, last_day=day), Request(_NAMES[:3], group_by=("team",), last_day=day)
        batches = _batches(bench, *asked)
        truth = _without_preview(bench, *asked)
    assert _plain(batches[-1]) == _plain(truth)
    whole = {(one.metric, one.series.group): one.series for one in truth if one.series}
    for batch in batches:
        for one in batch:
            assert one.series is None or _holds(one.series, whole[one.metric, one.series.group])
