"""Converted CSV files say the same as files that are read whole as text, however they are written."""

from __future__ import annotations

import gzip
import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.test_csv_growth import as_text, said, small_pieces

from kputui.engine import csv_bytes
from kputui.engine.compute import Engine
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Grain, Metric, MetricKind, Simple
from kputui.model.workspace import ColumnKind, CsvOptions, Project, Source, Workspace

ODD = (
    *("007", "008", "1e3", "+4", "-0", ".5", "5.", "1.234,5", "1,5", "12'345.6", "inf", "nan", "NaN", "true", "FALSE"),
    *("-", "NA", "n/a", "0", "00", "1_000", "0x10", "", " ", " 3", "3 ", "1e400", "é", "a b", "1" * 25),
    *("9223372036854775807", "9223372036854775808", "2024-01-05", "2024-01-05 10:00:00", "2024-01-05T10:00"),
    *("2024-01-05T10:00:00.25", "2024-01-05T00:00:00Z", "2024-01-05 10:00:00+02:00", "2024-01-05 24:00:00"),
    *("2024-02-30", "05.01.2024", "20240105", "2024-1-5"),
)
cells = st.one_of(
    st.integers(-99, 10**6).map(str), st.floats(-1e6, 1e6).map(lambda x: f"{x:.3f}"), st.sampled_from(ODD)
)
kinds = st.sampled_from(
    [
        st.integers(0, 50).map(str),
        st.integers(0, 999).map(lambda x: f"{x:03}"),
        st.floats(-9, 9).map(lambda x: f"{x:.2f}"),
        st.sampled_from(["true", "false", ""]),
        st.sampled_from(["north", "south", "é", "a,b", 'say "x"', "two\nlines", ""]),
        st.dates(date(2024, 1, 1), date(2024, 2, 1)).map(str),
        st.datetimes(datetime(2024, 1, 1), datetime(2024, 2, 1)).map(lambda at: f"{at:%Y-%m-%dT%H:%M}"),
        st.dates(date(2024, 1, 1), date(2024, 2, 1)).map(lambda day: f"{day}T00:00:00+02:00"),
        st.just(""),
        cells,
    ]
)
times = st.sampled_from(
    [
        ("", st.datetimes(datetime(2024, 1, 1), datetime(2024, 2, 1)).map(lambda at: f"{at:%Y-%m-%d %H:%M:%S}")),
        ("", st.dates(date(2024, 1, 1), date(2024, 2, 1)).map(str)),
        ("", st.dates(date(2024, 1, 1), date(2024, 2, 1)).map(lambda day: f"{day}T00:00:00Z")),
        ("%d.%m.%Y", st.dates(date(2024, 1, 1), date(2024, 2, 1)).map(lambda day: f"{day:%d.%m.%Y}")),
        ("%Y%m%d", st.dates(date(2024, 1, 1), date(2024, 2, 1)).map(lambda day: f"{day:%Y%m%d}")),
        ("%Y-%m-%d %H:%M", st.datetimes(datetime(2024, 1, 1), datetime(2024, 2, 1)).map(lambda at: f"{at:%F %H:%M}")),
    ]
)
options = st.builds(
    CsvOptions,
    delimiter=st.sampled_from([",", ",", ";", "\t"]),
    decimal_comma=st.sampled_from([False, False, True]),
    null_words=st.sampled_from([("",), ("", "NA", "-"), ("",)]),
    encoding=st.sampled_from(["utf-8", "utf-8", "latin-1", "utf-16"]),
    skip_rows=st.sampled_from([0, 0, 2]),
    comment=st.sampled_from(["", "", "#"]),
)
declared = st.sampled_from([(), (), *((("x", kind),) for kind in ColumnKind)])


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, bytes], Source]:
    """Some files by path, and the source that they are."""
    csv, (time_format, moments), kind = draw(options), draw(times), draw(kinds)
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    path, compression = draw(st.sampled_from([("*.csv", ""), ("*.csv", ""), ("*.csv.gz", "gz"), ("day=*/a.csv", "")]))
    found: dict[str, bytes] = {}
    for number in range(draw(st.integers(1, 3))):
        rows = draw(st.lists(st.tuples(moments, kind, kinds.flatmap(lambda one: one)), min_size=1, max_size=12))
        odd = draw(st.integers(0, 30))
        if odd < len(rows):
            rows[odd] = (draw(cells), rows[odd][1], draw(cells))
        lines = [_line(row, csv.delimiter, draw(st.sampled_from(["", "", "all"]))) for row in rows]
        if draw(st.integers(0, 9)) == 0:
            lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(["", "  ", "#x", "a", 'a"b', '"open'])))
        header = draw(st.sampled_from([*[("at", "x", "y")] * 9, ("at", "x", "x")]))
        head = [*["a title", ""][: csv.skip_rows], csv.delimiter.join(header)]
        text = end.join([*head, *lines]) + draw(st.sampled_from([end, end, ""]))
        data = text.encode(csv.encoding, errors="replace")
        name = f"day={number}/a.csv" if path.startswith("day") else f"{number}.csv{'.gz' if compression else ''}"
        found[name] = gzip.compress(data) if compression else data
    source = Source(SourceId("rows"), path, "at", csv=csv, time_format=time_format, columns=draw(declared))
    return found, source


def _line(row: tuple[str, ...], delimiter: str, quoting: str) -> str:
    marked = [
        '"' + cell.replace('"', '""') + '"' if quoting or any(mark in cell for mark in f'"\n\r{delimiter}') else cell
        for cell in row
    ]
    return delimiter.join(marked)


@settings(
    max_examples=int(os.environ.get("KPUTUI_CSV_EXAMPLES", "25")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(made=files(), piece=st.sampled_from([40, 150, 10_000]))
def test_converted_equals_text(made: tuple[dict[str, bytes], Source], piece: int) -> None:
    """Values, kinds, errors with their lines and notes are those of the careful reader."""
    found, source = made
    with tempfile.TemporaryDirectory() as name, small_pieces():
        folder = Path(name)
        for path, data in found.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(data)
            os.utime(folder / path, (1e9, 1e9))
        metrics = {
            MetricId(agg): Metric(
                MetricId(agg), MetricKind.KPI, agg, Simple(source.id, Aggregation(agg), expr), grain=Grain.WEEK
            )
            for agg, expr in (("count", "1"), ("sum", "x"), ("average", "y"), ("count_distinct", "x"), ("median", "x"))
        }
        workspace = Workspace(name, Project(timezone="Europe/Berlin"), {source.id: source}, metrics=metrics)
        with as_text():
            expected = said(_engine(workspace, None), tuple(metrics), "x")
        csv_bytes.PIECE_BYTES, before = piece, csv_bytes.PIECE_BYTES
        try:
            assert said(_engine(workspace, None), tuple(metrics), "x") == expected
            assert said(_engine(workspace, folder / "cache"), tuple(metrics), "x") == expected
            assert said(_engine(workspace, folder / "cache"), tuple(metrics), "x") == expected
        finally:
            csv_bytes.PIECE_BYTES = before


def _engine(workspace: Workspace, cache: Path | None) -> Engine:
    return Engine(workspace, chunk_rows=20, now=lambda: datetime(2024, 6, 1, tzinfo=UTC), cache=cache)
