"""The table `[sources.<id>]`: local files and how to read them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kputui.config.data_path import DataPath
from kputui.config.fields import Field, Record, Table
from kputui.config.merge import Layout
from kputui.config.shapes import Flag, ListOf, Number, Scalar, Text
from kputui.config.time_shapes import Duration, Zone
from kputui.model.ids import SourceId
from kputui.model.workspace import CsvOptions, DataTest, Freshness, Source

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor

_COLUMN = Text(may_be_empty=False, longest=500, words="column")
_TEST_NAMES = ("not_null", "unique", "accepted_values", "range")


def _freshness(values: dict[str, Any], at: Cursor) -> Any:
    freshness = Freshness(**values)
    latest = freshness.error_after or timedelta.max
    if freshness.warn_after is not None and freshness.warn_after > latest:
        return at.refuse("C26", "error_after is earlier than warn_after")
    return freshness


def _test(values: dict[str, Any], at: Cursor) -> Any:
    named = [name for name in _TEST_NAMES if name in values]
    if len(named) != 1:
        return at.refuse("C26", f"wants exactly one of: {', '.join(_TEST_NAMES)}")
    test = named[0]
    if ("values" in values) != (test == "accepted_values"):
        return at.refuse("C26", '"values" and "accepted_values" belong together')
    has_bounds = "low" in values or "high" in values
    if has_bounds != (test == "range"):
        return at.refuse("C26", '"range" goes with "low", "high" or both')
    low, high = values.get("low"), values.get("high")
    if low is not None and high is not None and low > high:
        return at.refuse("C26", "low is greater than high")
    return DataTest(test, values[test], values.get("values", ()), low, high)


def _csv(values: dict[str, Any], at: Cursor) -> Any:
    options = CsvOptions(**values)
    if len(options.delimiter) != 1 or options.delimiter in '"\n\r' or not options.delimiter.isascii():
        return at.into("delimiter").refuse("C27", "wants one ASCII character that is no quote and no line end")
    return options


def _source(name: str, values: dict[str, Any], _at: Cursor) -> Any:
    return Source(id=SourceId(name), **values)


FRESHNESS = Record(
    "freshness",
    "How old the newest row may be.",
    (
        Field("warn_after", Duration(), "Older than this asks for attention."),
        Field("error_after", Duration(), "Older than this counts as stale."),
    ),
    _freshness,
)

TEST = Record(
    "test",
    "A promise about the rows. Exactly one of the first four keys names the test and its column.",
    (
        Field("not_null", _COLUMN, "This column has no nulls."),
        Field("unique", _COLUMN, "No two rows share a value of this column."),
        Field("accepted_values", _COLUMN, "This column has only the values listed in `values`."),
        Field("range", _COLUMN, "This column's numbers lie from `low` to `high`, both included."),
        Field("values", ListOf(Scalar(), is_unique=False, fewest=1), "The values accepted."),
        Field("low", Number(), "The least value of the range."),
        Field("high", Number(), "The greatest value of the range."),
    ),
    _test,
)

CSV = Record(
    "csv",
    "How a CSV file is written.",
    (
        Field("delimiter", Text(longest=1, words="one character"), "The character between two cells.", default='","'),
        Field("decimal_comma", Flag(), "Numbers are written `1,5`.", default="false"),
        Field("null_words", ListOf(Text()), "Cells that mean no value.", default='[""]'),
    ),
    _csv,
)

SOURCES = Table(
    name="sources",
    layout=Layout.NAMED,
    doc="Local files that share columns.",
    example='[sources.deliveries]\npath = "data/deliveries/*.parquet"\ntime = "promised_on"\n',
    build=_source,
    fields=(
        Field("path", DataPath(), "Where the files are; relative paths start at the workspace.", required=True),
        Field("time", _COLUMN, "The column that says when a row happened.", required=True),
        Field("source_timezone", Zone(), "The zone of time stamps that name none.", default="the project's"),
        Field(
            "time_format",
            Text(may_be_empty=False, longest=100),
            "The strptime pattern of a time column written as text: `%d.%m.%Y`.",
            default="ISO 8601",
        ),
        Field("primary_key", ListOf(_COLUMN, or_single=True, fewest=1), "The columns that name a row."),
        Field("freshness", FRESHNESS, "How old the newest row may be."),
        Field("tests", ListOf(TEST, is_unique=False), "Promises about the rows.", default="none"),
        Field("csv", CSV, "How a CSV file is written.", default="comma, decimal point, empty cell is no value"),
    ),
)
