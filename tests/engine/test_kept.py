"""What is kept between computations: always the answer of a cold computation, whatever happens to files and cache."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from kputui.engine import kept
from kputui.engine.compute import Engine
from kputui.engine.kept import Kept
from kputui.engine.library import Library
from kputui.engine.opening import open_source
from kputui.engine.periods import number_of
from kputui.engine.request import Request
from kputui.engine.shelf import Shelf
from kputui.model.calendar import Calendar
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Conversion, Cumulative, Grain, Input, NonAdditiveDimension
from kputui.model.workspace import Join, Weekday

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.engine.conftest import Bench

    from kputui.engine.held import Held
    from kputui.engine.source import OpenSource
    from kputui.model.series import Reading
    from kputui.model.workspace import Source

_NOW = datetime(2024, 7, 1, tzinfo=UTC)
_OLD = 1_600_000_000_000_000_000
_FIRST = date(2023, 11, 1)
_OWN = Grain(
    "own",
    Calendar(
        (date(2023, 11, 6), date(2023, 12, 4), date(2024, 1, 15), date(2024, 3, 18)),
        (date(2023, 12, 4), date(2024, 1, 8), date(2024, 3, 18), date(2024, 7, 1)),
    ),
)
"""Periods of four to fifteen weeks, a week left out between two."""


def _define(bench: Bench, longest: Grain = Grain.MONTH) -> None:
    """Sums, distinct counts, medians, ratios, balances and trailing windows over the files of `data`."""
    bench.source("rows", "data/*.parquet")
    bench.simple("sales", "sum", "amount")
    bench.simple("paid", "sum", "amount", Grain.WEEK, filter="status = 'paid'")
    bench.simple("buyers", "count_distinct", "customer", Grain.WEEK)
    bench.simple("middle", "median", "amount", longest)
    bench.simple("stock", "sum", "amount", Grain.MONTH, non_additive_dimension=NonAdditiveDimension("day"))
    bench.ratio("share", "paid", "sales")
    bench.add("trail", Cumulative(Input(MetricId("sales")), window="40 days"))


def _define_conversions(bench: Bench) -> None:
    """Open rows that were paid by the same customer within a month, as a share, and as sums beside other metrics."""
    bench.simple("open", "count", filter="status = 'open'", grain=Grain.MONTH)
    bench.simple("payments", "count", filter="status = 'paid'", fill_nulls_with=0)
    bench.simple("money", "sum", "amount", filter="status = 'paid'")
    open_ones = Input(MetricId("open"))
    bench.add("led", Conversion(open_ones, Input(MetricId("payments")), "customer", "30 days"), Grain.WEEK)
    bench.add("led_money", Conversion(open_ones, Input(MetricId("money")), "customer", "45 days", "conversions"))
    bench.ratio("led_share", "led_money", "sales")


class _Files:
    """Data files that are written, rewritten, shortened and removed, each state with a stamp of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder / "data"
        self.folder.mkdir()
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.turn = 0
        self.rows: dict[str, list[tuple[date, int, int, str]]] = {}

    def write(self, name: str) -> None:
        self.turn += 1
        path = self.folder / f"{name}.parquet"
        days, amounts, customers, states = zip(*self.rows[name], strict=True)
        columns = {"day": days, "amount": amounts, "customer": customers, "status": states}
        pl.DataFrame(columns).write_parquet(path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)
        os.utime(path, ns=(_OLD + self.turn, _OLD + self.turn))

    def row(self, month: int) -> tuple[date, int, int, str]:
        day = _FIRST + timedelta(days=month * 30 + self.random.randrange(30))
        words = ("paid", "open", "lost")
        return day, self.random.randrange(100), self.random.randrange(8), self.random.choice(words)

    def add(self, month: int) -> None:
        name = f"m{month:02}"
        self.rows[name] = sorted(self.row(month) for _ in range(self.random.randrange(1, 30)))
        self.write(name)

    def edit(self) -> None:
        """One edit of any kind."""
        kind = self.random.choice(("add", "late", "shorten", "rewrite", "remove", "touch", "shuffle"))
        name = self.random.choice(sorted(self.rows))
        rows = self.rows[name]
        if kind == "add":
            return self.add(self.random.randrange(9))
        if kind == "late":
            rows.append(self.row(self.random.randrange(9)))
        elif kind == "shorten":
            del rows[self.random.randrange(1, len(rows) + 1) :]
        elif kind == "rewrite":
            self.rows[name] = [(day, amount + 1, customer, state) for day, amount, customer, state in rows]
        elif kind == "shuffle":
            self.random.shuffle(rows)
        elif kind == "remove" and len(self.rows) > 1:
            del self.rows[name]
            (self.folder / f"{name}.parquet").unlink()
            return None
        return self.write(name)


def _readings(engine: Engine, request: Request) -> list[Reading]:
    """The last readings, without the moment at which they were computed."""
    *_, last = engine.readings(request)
    return [
        replace(one, provenance=replace(one.provenance, computed_at=_NOW)) if one.provenance is not None else one
        for one in last
    ]


def _requests(bench: Bench) -> Iterator[Request]:
    names = tuple(bench.metrics)
    yield Request(names)
    yield Request(names[:4], group_by=("status",))
    yield Request(names, start=date(2024, 1, 10), end=date(2024, 3, 5))
    yield Request(names, last_day=date(2024, 2, 11), over_day=date(2024, 2, 11))
    yield Request(names[:3], where="amount > 20")


@pytest.mark.parametrize("seed", range(8))
def test_after_any_edits_the_answer_is_that_of_a_cold_computation(bench: Bench, seed: int) -> None:
    """Files added, late, cut, rewritten, removed or shuffled give what a computation without a cache gives."""
    _define(bench, (Grain.MONTH, Grain.QUARTER, Grain.YEAR, _OWN)[seed % 4])
    made = _Files(bench.folder, seed)
    for month in range(5):
        made.add(month)
    workspace = bench.workspace()
    lasting = Engine(workspace, cache=bench.folder / "cache", chunk_rows=40)
    for _ in range(6):
        for request in _requests(bench):
            cold = _readings(Engine(workspace, chunk_rows=40), request)
            assert _readings(lasting, request) == cold
            assert _readings(Engine(workspace, cache=bench.folder / "cache"), request) == cold
        made.edit()


@pytest.mark.parametrize("seed", range(4))
def test_conversions_are_kept_with_their_events(bench: Bench, seed: int) -> None:
    """After any edits conversions, asked with other metrics, are what a computation without a cache gives."""
    _define(bench, (Grain.MONTH, Grain.QUARTER)[seed % 2])
    _define_conversions(bench)
    made = _Files(bench.folder, seed)
    for month in range(5):
        made.add(month)
    workspace = bench.workspace()
    lasting = Engine(workspace, cache=bench.folder / "cache", chunk_rows=40)
    names = (MetricId("led"), MetricId("sales"), MetricId("led_money"), MetricId("trail"), MetricId("led_share"))
    requests = (
        Request(names),
        Request(names, group_by=("status",)),
        Request(names, start=date(2024, 1, 10), end=date(2024, 3, 5)),
        Request(names[:1], last_day=date(2024, 2, 11), over_day=date(2024, 2, 11)),
    )
    for _ in range(6):
        for request in requests:
            cold = _readings(Engine(workspace, chunk_rows=40), request)
            assert _readings(lasting, request) == cold
            assert _readings(Engine(workspace, cache=bench.folder / "cache"), request) == cold
        made.edit()


def _kept_bench(bench: Bench) -> tuple[_Files, Path]:
    _define(bench)
    made = _Files(bench.folder, 1)
    for month in range(5):
        made.add(month)
    return made, bench.folder / "cache"


def _read_days(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The stretches of days whose rows are read from now on."""
    found: list[tuple[int, int]] = []
    real = Library.rows

    def rows(self: Library, name: SourceId, columns: Sequence[str], start: int, end: int, most: int) -> pl.DataFrame:
        found.append((start, end))
        return real(self, name, columns, start, end, most)

    monkeypatch.setattr(Library, "rows", rows)
    return found


def test_nothing_is_read_again_when_nothing_changed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second computation, also by another process, reads no rows at all."""
    _, cache = _kept_bench(bench)
    request = Request(tuple(bench.metrics))
    first = _readings(Engine(bench.workspace(), cache=cache), request)
    read = _read_days(monkeypatch)
    assert _readings(Engine(bench.workspace(), cache=cache), request) == first
    assert read == []


def test_a_new_or_growing_month_reads_only_itself_and_the_week_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the month before only the week that ends in the new one is computed anew; the answer is a cold one's."""
    _define(bench)
    made = _Files(bench.folder, 1)
    for month in (1, 2):
        made.rows[f"m{month}"] = [(date(2024, month, day), day, day % 5, "paid") for day in range(1, 29)]
        made.write(f"m{month}")
    request = Request(tuple(bench.metrics))
    engine = Engine(bench.workspace(), cache=bench.folder / "cache")
    _readings(engine, request)
    read = _read_days(monkeypatch)
    for last in (1, 12):
        made.rows["m3"] = [(date(2024, 3, day), day, day % 3, "paid") for day in range(1, last + 1)]
        made.write("m3")
        read.clear()
        found = _readings(engine, request)
        assert {start for start, _ in read} == {number_of(date(2024, 2, 26))}
        assert found == _readings(Engine(bench.workspace()), request)


def test_conversions_read_only_what_changed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of the newest month neither conversions nor what is asked beside them read the months before."""
    made, _ = _kept_bench(bench)
    _define_conversions(bench)
    request = Request(tuple(bench.metrics))
    engine = Engine(bench.workspace(), cache=bench.folder / "cache")
    _readings(engine, request)
    read = _read_days(monkeypatch)
    made.rows["m04"].append(made.row(4))
    made.write("m04")
    found = _readings(engine, request)
    newest = number_of(min(row[0] for row in made.rows["m04"]).replace(day=1))
    assert read
    assert min(start for start, _ in read) >= newest - 7
    assert found == _readings(Engine(bench.workspace()), request)


@pytest.mark.parametrize(
    ("more", "limit"), [("led", 10), ("frequent", 2**20)], ids=["too many events", "other metrics' values"]
)
def test_what_is_not_kept_leaves_the_rest_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, more: str, limit: int
) -> None:
    """A metric that can't be kept is computed again each time, and those beside it are not."""
    made = _joined_bench(bench)
    _regions(bench, 0)
    _define_conversions(bench)
    bench.simple("frequent", "sum", "amount", filter="customer__payments > 2")
    plain = Request((MetricId("sales"), MetricId("paid"), MetricId("north")))
    both = replace(plain, metrics=(MetricId("sales"), MetricId(more), *plain.metrics[1:]))
    engine = Engine(bench.workspace(), cache=bench.folder / "cache")
    real = Kept.keep

    def keep(self: Kept, key: str, held: Held) -> None:
        monkeypatch.setattr(kept, "KEPT_BYTES", limit if any("events" in name for name in held.frames) else 2**26)
        real(self, key, held)

    monkeypatch.setattr(Kept, "keep", keep)
    first = _readings(engine, both)
    assert engine.progress.rows_done == engine.progress.rows_all == sum(map(len, made.rows.values()))
    assert first == _readings(Engine(bench.workspace()), both)
    read = _read_days(monkeypatch)
    again = Engine(bench.workspace(), cache=bench.folder / "cache")
    assert _readings(again, plain) == [first[0], *first[2:]]
    assert read == []
    assert _readings(again, both) == first
    assert read


def test_a_new_day_alone_makes_nothing_stale(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no row lies after today, it does not matter which day that is."""
    _, cache = _kept_bench(bench)
    request = Request(tuple(bench.metrics), last_day=date(2024, 5, 6), over_day=date(2024, 5, 6))
    engine = Engine(bench.workspace(), cache=cache)
    _readings(engine, request)
    read = _read_days(monkeypatch)
    later = replace(request, last_day=date(2024, 5, 7), over_day=date(2024, 5, 7))
    found = _readings(engine, later)
    assert read == []
    assert found == _readings(Engine(bench.workspace()), later)


def _four_years(bench: Bench) -> tuple[_Files, Engine, Request]:
    """An engine that has all of 48 files in its cache, with what it was asked."""
    _define(bench)
    made = _Files(bench.folder, 1)
    for month in range(48):
        made.add(month)
    request = Request(tuple(bench.metrics))
    engine = Engine(bench.workspace(), cache=bench.folder / "cache")
    _readings(engine, request)
    return made, engine, request


def test_only_what_changed_is_written_down(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new month is written beside what was kept before, turn after turn, and another process finds all of it."""
    monkeypatch.setattr("kputui.engine.grown.PAUSE_S", 0)
    made, engine, request = _four_years(bench)
    before = {path: path.read_bytes() for path in (bench.folder / "cache" / "periods").iterdir()}
    for month in (48, 49):
        made.add(month)
        _readings(engine, request)
    found = _readings(engine, request)
    assert all(path.read_bytes() == data for path, data in before.items())
    read = _read_days(monkeypatch)
    assert _readings(Engine(bench.workspace(), cache=bench.folder / "cache"), request) == found
    assert read == []


@pytest.mark.parametrize("turns", [1, 3])
def test_a_cache_that_was_deleted_meanwhile_is_filled_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """A board that stays open writes all of it again once something changes, not only what changed."""
    monkeypatch.setattr("kputui.engine.grown.PAUSE_S", 0)
    made, engine, request = _four_years(bench)
    shutil.rmtree(bench.folder / "cache")
    for month in range(48, 48 + turns):
        made.add(month)
        _readings(engine, request)
    found = _readings(engine, request)
    read = _read_days(monkeypatch)
    assert _readings(Engine(bench.workspace(), cache=bench.folder / "cache"), request) == found
    assert read == []


@pytest.mark.parametrize("rows_a_day", [500, 7])
def test_where_rows_went_is_told_as_by_a_cold_run(bench: Bench, rows_a_day: int) -> None:
    """Rows seen, used and left out by filters, of days with many rows or few, after a change and in a new process."""
    bench.source("rows", "data/*.parquet")
    bench.simple("all", "count", "1")
    bench.simple("large", "sum", "amount", filter="amount > 20")
    bench.simple("paid", "count", "1", filter="amount > 20 and status = 'paid'")
    (bench.folder / "data").mkdir()

    def write(month: int, days: int) -> None:
        rows = range(days * rows_a_day)
        columns = {
            "day": [date(2024, month, 1 + row // rows_a_day) for row in rows],
            "amount": [None if row % 11 == 0 else row % 101 for row in rows],
            "status": ["paid" if row % 3 else None for row in rows],
        }
        path = bench.folder / "data" / f"{month}.parquet"
        pl.DataFrame(columns).write_parquet(path)
        os.utime(path, ns=(_OLD + days, _OLD + days))

    for month in (1, 2, 3):
        write(month, 20)
    request = Request(tuple(bench.metrics))
    engine = Engine(bench.workspace(), cache=bench.folder / "cache")
    _readings(engine, request)
    write(3, 25)
    cold = _readings(Engine(bench.workspace()), request)
    assert _readings(engine, request) == cold
    assert _readings(Engine(bench.workspace(), cache=bench.folder / "cache"), request) == cold
    dropped = [dict(one.provenance.dropped) for one in cold if one.provenance is not None]
    assert 0 < dropped[1]["filter"] < dropped[2]["filter"] < 65 * rows_a_day


def test_files_that_come_while_another_source_is_opened_are_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which files there are is looked at right before they are read, not when the first source is opened."""
    for name in ("one", "two"):
        (bench.folder / name).mkdir()
        bench.source(name, f"{name}/*.parquet")
        bench.simple(f"rows_{name}", "count", "1", source=name)
        pl.DataFrame({"day": [date(2024, 1, 1)]}).write_parquet(bench.folder / name / "a.parquet")

    def open_slowly(source: Source, *more: Any) -> OpenSource:
        if not any(bench.folder.glob("*/b.parquet")):
            other = bench.folder / ("two" if source.id == "one" else "one")
            (other / "a.parquet").rename(other / "b.parquet")
        return open_source(source, *more)

    monkeypatch.setattr("kputui.engine.library.open_source", open_slowly)
    found = _readings(Engine(bench.workspace(), cache=bench.folder / "cache"), Request(tuple(bench.metrics)))
    assert [one.series.values for one in found if one.series is not None] == [(1.0,), (1.0,)]


def test_what_is_used_counts_as_written_now(bench: Bench) -> None:
    """Old entries make room first; one beside which only what changed is written is not old."""
    made, engine, request = _four_years(bench)
    entries = list((bench.folder / "cache" / "periods").iterdir())
    for path in entries:
        os.utime(path, ns=(_OLD, _OLD))
    made.add(48)
    _readings(engine, request)
    assert all(path.stat().st_mtime_ns > _OLD for path in entries)


def test_a_file_written_just_now_is_not_trusted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may change again under the same stamp is read each time."""
    made, cache = _kept_bench(bench)
    for path in made.folder.iterdir():
        os.utime(path)
    request = Request(tuple(bench.metrics))
    _readings(Engine(bench.workspace(), cache=cache), request)
    read = _read_days(monkeypatch)
    _readings(Engine(bench.workspace(), cache=cache), request)
    assert read


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "other", "folder"])
def test_a_damaged_cache_only_costs_time(bench: Bench, harm: str) -> None:
    """Whatever happens to the kept files, the numbers are those of the data."""
    _, cache = _kept_bench(bench)
    request = Request(tuple(bench.metrics))
    cold = _readings(Engine(bench.workspace()), request)
    _readings(Engine(bench.workspace(), cache=cache), request)
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert kept
    for number, path in enumerate(kept):
        data = path.read_bytes()
        if harm == "folder":
            path.unlink()
            path.mkdir()
        elif harm == "other":
            path.write_bytes(kept[number - 1].read_bytes() if len(kept) > 1 else b"x" * 100)
        else:
            middle = len(data) // 2
            flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
            path.write_bytes({"cut": data[:-3], "flipped": flipped, "empty": b""}[harm])
    assert _readings(Engine(bench.workspace(), cache=cache), request) == cold


def test_a_changed_definition_is_computed_anew(bench: Bench) -> None:
    """What was kept of another definition, calendar or zone is not used."""
    _, cache = _kept_bench(bench)
    request = Request(tuple(bench.metrics))
    _readings(Engine(bench.workspace(), cache=cache), request)
    bench.simple("sales", "sum", "amount + 1")
    assert _readings(Engine(bench.workspace(), cache=cache), request) == _readings(Engine(bench.workspace()), request)
    bench.set(week_start=Weekday.SUNDAY, fiscal_year_start=4)
    assert _readings(Engine(bench.workspace(), cache=cache), request) == _readings(Engine(bench.workspace()), request)


def test_only_the_user_may_read_the_cache(bench: Bench) -> None:
    """Kept numbers are as private as the data may be: folders 0700, files 0600."""
    _, cache = _kept_bench(bench)
    _readings(Engine(bench.workspace(), cache=cache), Request(tuple(bench.metrics)))
    modes = {path.stat().st_mode & 0o777 for path in (cache, *cache.rglob("*")) if path.is_dir()}
    assert modes == {0o700}
    assert {path.stat().st_mode & 0o777 for path in cache.rglob("*") if path.is_file()} == {0o600}


def test_a_cache_that_cannot_be_written_is_done_without(bench: Bench) -> None:
    """A file where the folder should be leaves the numbers as they are."""
    _, cache = _kept_bench(bench)
    cache.write_text("in the way")
    request = Request(tuple(bench.metrics))
    assert _readings(Engine(bench.workspace(), cache=cache), request) == _readings(Engine(bench.workspace()), request)


def test_old_entries_make_room(tmp_path: Path) -> None:
    """Beyond its size the shelf drops what was written longest ago."""
    shelf = Shelf(tmp_path / "shelf", most_bytes=3000)
    for number in range(4):
        shelf.keep(f"key {number}", {}, [bytes(1000)])
        for path in shelf.folder.iterdir():
            status = path.stat()
            os.utime(path, ns=(status.st_mtime_ns - 10**9, status.st_mtime_ns - 10**9))
    assert [shelf.entry(f"key {number}") is not None for number in range(4)] == [False, False, True, True]


def test_an_unchanged_board_is_answered_at_once(bench: Bench) -> None:
    """Asked again, the engine gives the same readings; a changed file, a new day or a young file asks for new ones."""
    made, cache = _kept_bench(bench)
    days = [_NOW]
    engine = Engine(bench.workspace(), cache=cache, now=lambda: days[-1])
    request = Request(tuple(bench.metrics))
    (first,) = engine.readings(request)
    assert list(engine.readings(request)) == [first]
    days.append(_NOW + timedelta(days=1))
    *_, later = engine.readings(request)
    assert later[0].provenance is not None
    assert later[0].provenance.computed_at == days[-1]
    made.rows["m00"].append(made.row(0))
    made.write("m00")
    *_, changed = engine.readings(request)
    assert changed[0].provenance is not None
    assert changed[0].provenance.rows_read == later[0].provenance.rows_read + 1


def _regions(bench: Bench, turn: int) -> None:
    """A table of customers that is joined to the rows, each turn in a state of its own."""
    path = bench.folder / "customers.parquet"
    regions = [("north", "south", None, "west")[(who * 3 + turn) % 4] for who in range(8)]
    pl.DataFrame({"customer": list(range(8)), "region": regions}).write_parquet(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    os.utime(path, ns=(_OLD + turn, _OLD + turn))


def _joined_bench(bench: Bench) -> _Files:
    made = _kept_bench(bench)[0]
    bench.source("customers", "customers.parquet", time="")
    by_customer = Join("customer", SourceId("customers"), "customer", "customer")
    bench.sources[SourceId("rows")] = replace(bench.sources[SourceId("rows")], joins=(by_customer,))
    bench.simple("north", "sum", "amount", Grain.WEEK, filter="customer__region = 'north'")
    return made


@pytest.mark.parametrize("seed", range(3))
def test_a_joined_table_counts_among_the_files(bench: Bench, seed: int) -> None:
    """After edits of the rows or of the table that is joined to them the answer is that of a cold computation."""
    made = _joined_bench(bench)
    made.random.seed(seed)
    _regions(bench, 0)
    workspace = bench.workspace()
    lasting = Engine(workspace, cache=bench.folder / "cache", chunk_rows=40)
    names = (MetricId("sales"), MetricId("north"))
    for turn in range(1, 6):
        for request in (Request(names), Request(names, group_by=("customer__region",))):
            cold = _readings(Engine(workspace), request)
            assert _readings(lasting, request) == cold
            assert _readings(Engine(workspace, cache=bench.folder / "cache"), request) == cold
        if made.random.random() < 0.5:
            _regions(bench, turn)
        else:
            made.edit()


def test_joined_rows_are_kept_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A metric that is filtered by a joined column is not computed again while neither file changes."""
    _joined_bench(bench)
    _regions(bench, 0)
    request = Request((MetricId("north"),), group_by=("customer__region",))
    first = _readings(Engine(bench.workspace(), cache=bench.folder / "cache"), request)
    read = _read_days(monkeypatch)
    assert _readings(Engine(bench.workspace(), cache=bench.folder / "cache"), request) == first
    assert read == []


def test_rows_with_nan_are_kept_with_what_is_said_of_them(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column with NaN is no reason to compute again, and its note comes with the kept periods."""
    made, cache = _kept_bench(bench)
    path = made.folder / "m02.parquet"
    rows = pl.read_parquet(path).with_columns(
        pl.when(pl.int_range(pl.len()) % 2 == 0).then(float("nan")).otherwise("amount").alias("amount")
    )
    rows.write_parquet(path)
    os.utime(path, ns=(_OLD, _OLD))
    for other in made.folder.glob("m*.parquet"):
        if other != path:
            pl.read_parquet(other).with_columns(pl.col("amount").cast(pl.Float64)).write_parquet(other)
            os.utime(other, ns=(_OLD, _OLD))
    request = Request((MetricId("sales"), MetricId("share")))
    first = _readings(Engine(bench.workspace(), cache=cache, chunk_rows=10), request)
    assert first[0].notes == (
        f"`amount` has {(rows.height + 1) // 2} NaN or infinite values in `m02.parquet`, taken as missing",
    )
    read = _read_days(monkeypatch)
    assert _readings(Engine(bench.workspace(), cache=cache), request) == first
    assert read == []


@pytest.mark.parametrize("is_replaced", [False, True])
def test_what_a_joined_table_gave_is_kept_only_while_it_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, is_replaced: bool
) -> None:
    """Periods that were computed while the joined file was replaced are not kept."""
    _joined_bench(bench)
    _regions(bench, 0)
    read, keep = Library.rows, Shelf.keep
    kept: list[str] = []

    def rows(self: Library, name: SourceId, columns: Sequence[str], start: int, end: int, most: int) -> pl.DataFrame:
        found = read(self, name, columns, start, end, most)
        if is_replaced:
            _regions(bench, 1)
        return found

    def noted(self: Shelf, key: str, head: dict[str, object], blobs: Sequence[bytes]) -> None:
        kept.append(key)
        keep(self, key, head, blobs)

    monkeypatch.setattr(Library, "rows", rows)
    monkeypatch.setattr(Shelf, "keep", noted)
    _readings(Engine(bench.workspace(), cache=bench.folder / "cache"), Request((MetricId("north"),)))
    assert any("customer__region" in key for key in kept) is not is_replaced
