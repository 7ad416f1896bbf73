"""How a computation goes on: the newest first, in batches that replace each other, rows read once for all that ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from kputui.engine import row_values
from kputui.engine.answers import Answers
from kputui.engine.groups import numbers_of_few
from kputui.engine.request import Request
from kputui.engine.source import OpenSource
from kputui.engine.states import finished_rows
from kputui.model.ids import MetricId
from kputui.model.metric import Grain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.engine.conftest import Bench

    from kputui.engine.groups import Numbers
    from kputui.engine.parquet_file import ParquetFile
    from kputui.engine.states import Finished, Rows, SourceWork
    from kputui.model.series import Reading

_FIRST = date(2021, 1, 1)
_ROWS = 1_460


@pytest.fixture
def long_bench(bench: Bench) -> Bench:
    """Four years, a row a day, computed about a month at a time."""
    days = [_FIRST + timedelta(days=day) for day in range(_ROWS)]
    bench.parquet(
        {
            "day": days,
            "amount": [float(day % 37) for day in range(_ROWS)],
            "customer": [day * day % 101 for day in range(_ROWS)],
            "team": [("north", "south", None, "north west")[day % 4] for day in range(_ROWS)],
        }
    )
    bench.simple("sales", "sum", "amount")
    bench.simple("buyers", "count_distinct", "customer", Grain.MONTH)
    bench.simple("middle", "median", "amount", Grain.WEEK, filter="team is not null")
    bench.chunk_rows = 40
    return bench


def _plain(batch: Sequence[Reading]) -> list[Reading]:
    return [replace(one, provenance=None) for one in batch]


def _requests() -> tuple[Request, ...]:
    names = (MetricId("sales"), MetricId("buyers"), MetricId("middle"))
    return Request(names), Request(names, group_by=("team",)), Request(names[:1], grain=Grain.YEAR)


def test_several_requests_at_once_say_what_each_says_alone(long_bench: Bench) -> None:
    """Computing the board and its breakdowns over the same rows changes none of their numbers."""
    together = list(long_bench.engine().readings_of(_requests()))[-1]
    for request, batch in zip(_requests(), together, strict=True):
        alone = list(long_bench.engine().readings(request))[-1]
        assert _plain(batch) == _plain(alone)


def test_requests_for_different_days_have_each_their_own(long_bench: Bench) -> None:
    """Of several requests at once each has its own periods, also the one that waits for the other's newer days."""
    names = (MetricId("sales"),)
    requests = (
        Request(names),
        Request(names, end=date(2022, 7, 1)),
        Request(names, start=date(2021, 5, 1), end=date(2021, 6, 1)),
    )
    truth = [list(long_bench.engine().readings(request))[-1] for request in requests]
    known = [dict(zip(found.series.starts, found.series.values, strict=True)) for (found,) in truth if found.series]
    for batch in long_bench.engine().readings_of(requests):
        for (found,), values in zip(batch, known, strict=True):
            series = found.series
            assert series is None or series.values == tuple(values[start] for start in series.starts)
            assert series is None or series.values
    assert [_plain(found) for found in batch] == [_plain(found) for found in truth]


def test_rows_are_read_once_for_several_requests(long_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A breakdown computed together with the whole decodes no row a second time, whatever periods each is by."""
    read: list[tuple[int, int]] = []
    original = OpenSource.read

    def counted(self: OpenSource, columns: Sequence[str], start: int, end: int) -> pl.DataFrame:
        read.append((start, end))
        return original(self, columns, start, end)

    monkeypatch.setattr(OpenSource, "read", counted)
    both, broken_down, _ = _requests()
    by_month = Request(both.metrics, group_by=("team",), grain=Grain.MONTH)
    list(long_bench.engine().readings_of([by_month, broken_down, both]))
    assert len(read) > 10
    week = 6  # the last week of an interval may end in the next one
    assert sum(end - start for start, end in read) <= _ROWS + week * len(read)


def test_what_one_request_cant_compute_fails_it_alone(long_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are computed side by side; an engine failure in one is told there, and the others have their numbers."""

    def broken(rows: Rows, work: SourceWork, *arguments: Any) -> Finished:
        if work.dims:
            raise pl.exceptions.ComputeError("no room")
        return finished_rows(rows, work, *arguments)

    truth = list(long_bench.engine().readings(_requests()[0]))[-1]
    monkeypatch.setattr("kputui.engine.step.finished_rows", broken)
    *_, (whole, by_team) = long_bench.engine().readings_of(_requests()[:2])
    assert _plain(whole) == _plain(truth)
    assert [one.failure.code for one in by_team if one.failure is not None] == ["D22"] * 3


def test_progress_goes_on_between_batches(long_bench: Bench) -> None:
    """Rows done, and since when, are told after every step; the same numbers stay until there are twice as many."""
    engine = long_bench.engine()
    batches, done, since = [], [], []
    for batch in engine.readings(_requests()[0]):
        batches.append(batch)
        done.append(engine.progress.rows_done)
        since.append(engine.progress.since)
    assert done == sorted(done)
    left = [dict(batch[0].provenance.dropped).get("not used so far", 0) for batch in batches if batch[0].provenance]
    assert left[0] > _ROWS // 2
    assert (left[-1], left) == (0, sorted(left, reverse=True))
    assert all("outside the days asked" not in dict(one[0].provenance.dropped) for one in batches if one[0].provenance)
    assert since.pop() is None
    assert since == sorted(set(since), reverse=True)  # type: ignore[type-var]  # only the last is None
    assert done[-1] == engine.progress.rows_all == _ROWS
    assert len({id(batch) for batch in batches}) <= 7 < len(batches)


def test_the_first_batch_is_the_newest(long_bench: Bench) -> None:
    """What is on screen first are the last periods, whole, as they stay."""
    batches = list(long_bench.engine().readings(_requests()[0]))
    first, last = (batch[0].series for batch in (batches[0], batches[-1]))
    assert first is not None
    assert last is not None
    count = len(first.values)
    assert 20 < count < 100
    assert first.values == last.values[-count:]


def test_a_large_source_shows_its_newest_quarter_first(bench: Bench) -> None:
    """However many rows fit into memory at once, the first numbers of a million rows come from three months."""
    days = pl.date_range(_FIRST, _FIRST + timedelta(days=_ROWS - 1), eager=True)
    many = days.repeat_by(700).explode()
    bench.parquet({"day": many})
    bench.simple("rows", "count")
    first = next(iter(bench.engine().readings(Request((MetricId("rows"),)))))[0].series
    assert first is not None
    assert 88 <= len(first.values) <= 92


def test_a_stop_leaves_the_numbers_so_far(long_bench: Bench) -> None:
    """After Esc no further batch comes, and a later look starts from nothing wrong."""
    engine = long_bench.engine()
    seen = 0
    for _ in engine.readings(_requests()[0], lambda: seen == 2):  # noqa: B023 - it is to change
        seen += 1
    assert seen == 2
    assert _plain(list(engine.readings(_requests()[0]))[-1]) == _plain(long_bench.readings("sales", "buyers", "middle"))


def test_words_that_only_seem_few_are_looked_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that begins with one word and has many later is not searched again for each metric that counts it."""
    count = 9_000
    bench.parquet(
        {
            "day": [_FIRST + timedelta(days=place * 28 // count) for place in range(count)],
            "word": ["none" if place < 6_000 else f"id {place % 700}" for place in range(count)],
            "amount": [place % 9 for place in range(count)],
        }
    )
    for least in range(4):
        bench.simple(f"words-{least}", "count_distinct", "word", Grain.MONTH, filter=f"amount >= {least}")
    names = tuple(MetricId(f"words-{least}") for least in range(4))
    looked: list[int] = []

    def counted(column: pl.Series, *, is_head_enough: bool) -> Numbers | None:
        looked.append(len(column))
        return numbers_of_few(column, is_head_enough=is_head_enough)

    monkeypatch.setattr(row_values, "numbers_of_few", counted)
    both = [Request(names), Request(names, where="amount < 100")]
    *_, (found, _) = bench.engine().readings_of(both)
    assert [one.series.values for one in found if one.series is not None] == [(701.0,)] * 4
    assert looked == [count]


def test_a_long_file_in_no_order_is_read_in_pieces(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of any day anywhere, some without a time, say what they say in order, and are not decoded all at once."""
    rows = pl.DataFrame(
        {
            "day": [None if row % 50 == 7 else _FIRST + timedelta(days=row * 7 % 400) for row in range(1_000)],
            "amount": [float("nan") if row == 3 else float(row % 37) for row in range(1_000)],
        },
        schema_overrides={"day": pl.Date},
    )
    for name, own in (("ordered", rows.sort("day")), ("shuffled", rows)):
        own.write_parquet(bench.folder / f"{name}.parquet")
        bench.source(name, f"{name}.parquet")
        bench.simple(name, "sum", "amount", source=name)
        bench.simple(f"{name}_middle", "median", "amount", Grain.MONTH, source=name)
    bench.chunk_rows = 300
    decoded: list[int] = []
    original = OpenSource._slice

    def counted(self: OpenSource, table: ParquetFile, first: int, count: int, columns: Sequence[str]) -> pl.DataFrame:
        decoded.append(count)
        return original(self, table, first, count, columns)

    truth = bench.readings("ordered", "ordered_middle")
    monkeypatch.setattr("kputui.engine.source._UNORDERED", 150)
    monkeypatch.setattr(OpenSource, "_slice", counted)
    found = bench.readings("shuffled", "shuffled_middle")
    assert max(decoded) == 150
    assert [one.series.values for one in found if one.series] == [one.series.values for one in truth if one.series]
    assert len(found[0].notes) == len(truth[0].notes) == 2


def test_what_is_done_is_made_ready_while_the_rest_is_computed(
    long_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The readings of the first request are there before the rows of the last one are grouped, and are the same."""
    steps: list[str] = []

    def noted(rows: Rows, work: SourceWork, *more: Any) -> Finished:
        found = finished_rows(rows, work, *more)
        steps.append("grouped")
        return found

    def prepared(answers: Answers) -> None:
        prepare(answers)
        steps.append("ready")

    prepare = Answers.prepare
    engine = long_bench.engine()
    requests = [
        Request((MetricId("sales"),), grain=grain) for grain in (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.YEAR)
    ]
    expected = [list(long_bench.engine().readings(one))[-1] for one in requests]
    monkeypatch.setattr("kputui.engine.step.finished_rows", noted)
    monkeypatch.setattr(Answers, "prepare", prepared)
    *_, last = engine.readings_of(requests)
    assert [_plain(found) for found in last] == [_plain(found) for found in expected]
    assert steps.count("ready") == len(requests)
    assert "grouped" in steps[steps.index("ready") :]
