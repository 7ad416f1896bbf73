"""A CSV file may change in any way between two looks: the answers are always those of reading it whole."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kputui.engine import conversions, csv_bytes, csv_conversion, csv_section, opening
from kputui.engine.compute import Engine
from kputui.engine.request import Request
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Grain, Metric, MetricKind, Simple
from kputui.model.series import Reading, Span
from kputui.model.workspace import CsvOptions, Project, Source, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOW = datetime(2024, 6, 1, tzinfo=UTC)
HEADER = "at,team,n,x\n"
METRICS = (
    ("rows", "count", "1", ""),
    ("total", "sum", "n", ""),
    ("mean", "average", "x", "team <> 'b'"),
    ("people", "count_distinct", "team", ""),
    ("middle", "median", "n", ""),
)

stamps = st.datetimes(datetime(2024, 1, 1), datetime(2024, 3, 1)).map(lambda at: f"{at:%Y-%m-%d %H:%M:%S}")
odd_stamps = st.sampled_from(
    ["2024-01-05", "2024-01-05T10:00", "2024-01-05 10:00:00.5", "2024-02-30 10:00:00", "2024-01-05T00:00Z", "", "soon"]
)
teams = st.sampled_from(["a", "b", "é", '"c, d"', '"e ""f"""', '"two\nlines"', "", "007"])
wholes = st.one_of(st.integers(-5, 99).map(str), st.sampled_from(["", "NA"]))
odd_numbers = st.sampled_from(["1.5", "007", "n/a", " 3", "99999999999999999999", '"4"', "1e3", "inf", "-"])
floats = st.one_of(st.floats(-9, 9).map(lambda x: f"{x:.2f}"), st.just("7"), st.just(""))


def cells(odd: int) -> st.SearchStrategy[str]:
    """A line; one in `odd` has an odd cell."""
    plain = st.tuples(stamps, teams, wholes, floats)
    strange = st.tuples(stamps | odd_stamps, teams, wholes | odd_numbers, floats | odd_numbers)
    return st.integers(0, odd).flatmap(lambda place: strange if place == 0 else plain).map(",".join)


lines = st.lists(cells(12), max_size=12)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n"])
steps = st.one_of(
    st.tuples(st.just("append"), lines, ends),
    st.tuples(st.just("append"), lines, ends),
    st.tuples(st.just("append"), lines, ends),
    st.tuples(st.just("cut short"), cells(12), st.integers(1, 30)),
    st.tuples(st.just("blank"), st.sampled_from(["\n", " \n", "\n\n", "a,b\n"]), st.none()),
    st.tuples(st.just("edit"), st.floats(0, 1), st.sampled_from("0123456789")),
    st.tuples(st.just("edit and append"), st.floats(0, 1), lines),
    st.tuples(st.just("truncate"), st.floats(0, 1), st.none()),
    st.tuples(st.just("replace"), lines, st.booleans()),
    st.tuples(st.just("lose cache"), st.floats(0, 1), st.sampled_from(["all", "one", "flip", "short"])),
    st.tuples(st.just("restart"), st.none(), st.none()),
    st.tuples(st.just("wait"), st.none(), st.none()),
)


class Changing:
    """A workspace over one CSV file that changes, looked at by an engine that stays."""

    def __init__(self, folder: Path) -> None:
        self.path, self.cache = folder / "rows.csv", folder / "cache"
        source = Source(SourceId("rows"), "rows.csv", "at", csv=CsvOptions(null_words=("", "NA")))
        metrics = {
            MetricId(name): Metric(
                MetricId(name),
                MetricKind.KPI,
                name,
                Simple(source.id, Aggregation(agg), expr, filter=condition),
                grain=Grain.WEEK,
            )
            for name, agg, expr, condition in METRICS
        }
        self.workspace = Workspace(str(folder), Project(), {source.id: source}, metrics=metrics)
        self.path.write_text(HEADER, encoding="utf-8")
        self.engine = self.new_engine()
        self.clock = 0

    def new_engine(self) -> Engine:
        """A program that was started anew."""
        return Engine(self.workspace, chunk_rows=20, now=lambda: NOW, cache=self.cache)

    def settle(self) -> None:
        """Date the file back, a second later than the last time."""
        self.clock += 1
        at = NOW.timestamp() + self.clock
        os.utime(self.path, (at, at))

    def do(self, step: tuple[str, object, object]) -> None:
        """Change the file, or lose what is kept."""
        what, one, two = step
        data = self.path.read_bytes()
        if what == "append" and isinstance(one, list):
            self._append("".join(f"{line}{two}" for line in one).encode())
        elif what == "cut short":
            self._append(str(one).encode()[: int(str(two))])
        elif what == "blank":
            self._append(str(one).encode())
        elif what == "edit":
            self._overwrite(_edited(data, float(str(one)), str(two)))
        elif what == "edit and append" and isinstance(two, list):
            self._overwrite(_edited(data, float(str(one)), "7") + "".join(f"{line}\n" for line in two).encode())
        elif what == "truncate":
            os.truncate(self.path, int(len(data) * float(str(one))))
        elif what == "replace" and isinstance(one, list):
            fresh = self.path.with_suffix(".new")
            more = "".join(f"{line}\n" for line in one).encode()
            fresh.write_bytes((data if two else HEADER.encode()) + more)
            fresh.replace(self.path)
        elif what == "lose cache":
            self._lose(float(str(one)), str(two))
        elif what == "restart":
            self.engine = self.new_engine()

    def _append(self, data: bytes) -> None:
        with self.path.open("ab") as opened:
            opened.write(data)

    def _overwrite(self, data: bytes) -> None:
        with self.path.open("r+b") as opened:
            opened.write(data)

    def _lose(self, where: float, how: str) -> None:
        if how == "all":
            shutil.rmtree(self.cache, ignore_errors=True)
        found = sorted(path for path in self.cache.rglob("*") if path.is_file())
        if not found:
            return
        path = found[int(where * (len(found) - 1))]
        data = path.read_bytes()
        if how == "one":
            path.unlink()
        elif how == "short":
            path.write_bytes(data[: len(data) // 2])
        elif data:
            at = int(where * (len(data) - 1))
            path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])


def _edited(data: bytes, where: float, mark: str) -> bytes:
    """One character of the rows is another one."""
    start = min(len(HEADER), len(data))
    if start == len(data):
        return data
    at = start + int(where * (len(data) - start - 1))
    return data if data[at] in b'\n\r,"' or data[at] > 127 else data[:at] + mark.encode() + data[at + 1 :]


@contextmanager
def as_text() -> Iterator[None]:
    """Files are read whole, as text."""

    def whole(source: Source, zones: object, listing: object, *_: object) -> object:
        return opening.text_source(source, zones, listing)  # type: ignore[arg-type]

    with patch.object(opening, "_csv_source", whole):
        yield


@contextmanager
def small_pieces() -> Iterator[None]:
    """Even small files are converted in pieces, and kept."""
    with (
        patch.object(csv_bytes, "PIECE_BYTES", 150),
        patch.object(conversions, "_SMALL_BYTES", 0),
        patch.object(csv_conversion, "_QUICK_BYTES", 40),
        patch.object(csv_conversion, "_SMALL_SECTIONS", (100, 1000)),
        patch.object(csv_section, "_FRAME_BYTES", 0),
    ):
        yield


def said(engine: Engine, names: tuple[MetricId, ...], group: str) -> list[object]:
    """All that an engine says of the workspace."""
    *_, last = engine.readings(Request(names))
    *_, grouped = engine.readings(Request(names[:2], group_by=(group,), grain=Grain.MONTH))
    span = Span(date(2024, 1, 3), date(2024, 2, 20))
    values = engine.span_values([(name, span) for name in names])
    table = engine.table(Request(names, grain=Grain.DAY))
    columns = {name: str(kind) for name, kind in engine.columns(SourceId("rows")).items()} if last[0].series else {}
    problems = [(one.code, one.message, one.hint) for one in engine.problems(date(2024, 6, 1))]
    return [_told(last), _told(grouped), _rounded(values), _rounded(table), columns, problems]


def _told(readings: Sequence[Reading]) -> list[object]:
    return [
        (
            one.metric,
            _rounded(one.failure),
            _rounded(one.series),
            None if one.provenance is None else (one.provenance.rows_read, one.provenance.dropped),
            None if one.provenance is None else one.provenance.newest,
            one.notes,
        )
        for one in readings
    ]


def _rounded(value: object) -> str:
    """In words, without the last digits of sums, whose order of addition is free."""
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda found: f"{float(found[0]):.6g}", repr(value)).replace("-0.0", "0.0")


@settings(
    max_examples=int(os.environ.get("KPUTUI_CSV_EXAMPLES", "15")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(first=st.lists(cells(60), min_size=3, max_size=30), story=st.lists(st.tuples(steps, st.booleans()), max_size=7))
def test_incremental_equals_whole(first: list[str], story: list[tuple[tuple[str, object, object], bool]]) -> None:
    """Whatever happens to the file and to what is kept, every answer is that of reading the file whole."""
    with tempfile.TemporaryDirectory() as name, small_pieces():
        changing = Changing(Path(name))
        for step, is_settled in [(("append", first, "\n"), True), *story]:
            changing.do(step)
            if is_settled:
                changing.settle()
            names = tuple(MetricId(name) for name, *_ in METRICS)
            found = said(changing.engine, names, "team")
            with as_text():
                expected = said(Engine(changing.workspace, chunk_rows=20, now=lambda: NOW), names, "team")
            assert found == expected
