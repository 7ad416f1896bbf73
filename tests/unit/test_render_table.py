"""A query's table: aligned for people, exact for programs, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Aggregation, Metric, MetricKind, NumberFormat, Simple
from kputui.model.series import Table
from kputui.render.lines import text_of
from kputui.render.number import NOTHING
from kputui.render.table import csv_text, json_text, table_lines

TABLE = Table(
    ("metric_time", "origin", "share", "flights"),
    (
        (date(2013, 1, 7), date(2013, 1, 7), date(2013, 1, 14)),
        ("EWR", None, "LGA"),
        (0.7612345678901234, None, 0.5),
        (12_345, 7, 0),
    ),
)


def metric(name: str, form: NumberFormat, unit: str = "") -> Metric:
    definition = Simple(SourceId("data"), Aggregation.COUNT)
    return Metric(MetricId(name), MetricKind.KPI, name, definition, format=form, unit=unit)


METRICS = {
    "share": metric("share", NumberFormat.PERCENT1),
    "flights": metric("flights", NumberFormat.NUMBER0, "flights"),
}


def test_people_read_aligned_columns() -> None:
    """Numbers stand right in their metric's format, text left, no data is a dash."""
    assert [text_of(line) for line in table_lines(TABLE, METRICS)] == [
        "metric_time  origin  share (%)  flights (flights)",
        "-----------  ------  ---------  -----------------",
        "2013-01-07   EWR          76.1             12 345",
        f"2013-01-07   {NOTHING}               {NOTHING}                  7",
        "2013-01-14   LGA          50.0                  0",
    ]


def test_a_duration_has_its_unit_beside_each_value() -> None:
    """Where units differ from row to row, the unit stands in the row."""
    table = Table(("wait",), ((90.0, 7_200.0),))
    rows = [text_of(line).strip() for line in table_lines(table, {"wait": metric("wait", NumberFormat.DURATION)})]
    assert rows == ["wait", "-------", "1.5 min", "2.0 h"]


def test_csv_keeps_full_precision() -> None:
    """CSV holds raw values that read back as the same numbers; no data is an empty field."""
    rows = list(csv.DictReader(io.StringIO(csv_text(TABLE))))
    assert float(rows[0]["share"]) == 0.7612345678901234
    assert rows[1]["share"] == rows[1]["origin"] == ""
    assert rows[2]["flights"] == "0"


def test_json_is_a_list_of_rows() -> None:
    """JSON holds one object a row with ISO dates, and null for no data."""
    rows = json.loads(json_text(TABLE))
    assert rows[0] == {"metric_time": "2013-01-07", "origin": "EWR", "share": 0.7612345678901234, "flights": 12_345}
    assert rows[1]["share"] is None
    assert json.loads(json_text(Table(("metric_time",), ((),)))) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=1"])
def test_a_spreadsheet_runs_nothing(text: str) -> None:
    """Text that a spreadsheet would run gets an apostrophe; a negative number does not."""
    table = Table(("metric_time", "name", "value"), ((date(2026, 1, 1),), (text,), (-1.5,)))
    _, row = csv.reader(io.StringIO(csv_text(table), newline=""))
    assert row[1] == f"'{text}"
    assert row[2] == "-1.5"


def test_a_hostile_column_name_is_prefixed_too() -> None:
    """The head of a CSV is text as well."""
    assert csv_text(Table(("=x",), ((1.0,),))).splitlines()[0] == "'=x"


def test_empty_text_is_not_no_data() -> None:
    """An empty text keeps its quotes, so that it differs from no data."""
    assert csv_text(Table(("a", "b"), (("",), (None,)))) == 'a,b\n"",\n'


@given(st.lists(st.tuples(st.text(), st.floats(allow_nan=False, allow_infinity=False)), max_size=8))
def test_csv_and_json_read_back(rows: list[tuple[str, float]]) -> None:
    """Whatever the text and the numbers, a reader gets them back (but for the apostrophe)."""
    table = Table(("name", "value"), (tuple(r[0] for r in rows), tuple(r[1] for r in rows)))
    read = list(csv.reader(io.StringIO(csv_text(table), newline="")))[1:]
    assert [float(value) for _, value in read] == [value for _, value in rows]
    assert [name for name, _ in read] == [
        f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else name for name, _ in rows
    ]
    assert json.loads(json_text(table)) == [{"name": name, "value": value} for name, value in rows]


def test_other_kinds_of_groups_have_plain_words() -> None:
    """Booleans and time stamps of a breakdown are written in one way everywhere."""
    table = Table(("on", "at"), ((True, False), (datetime(2026, 1, 1, 8), None)))
    assert csv_text(table).splitlines()[1] == "true,2026-01-01T08:00:00"
    assert json.loads(json_text(table))[0] == {"on": True, "at": "2026-01-01T08:00:00"}
    assert [text_of(line) for line in table_lines(table, {})][2] == "true   2026-01-01T08:00:00"
