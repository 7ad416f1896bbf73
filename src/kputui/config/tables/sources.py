"""The table `[sources.<id>]`: local files and how to read them."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kputui.config.cursor import BAD
from kputui.config.data_path import DataPath
from kputui.config.fields import Field, Record, Table
from kputui.config.merge import Layout
from kputui.config.shapes import Flag, Id, Integer, ListOf, Named, Number, Scalar, Schema, Text, one_of, wrong_type
from kputui.config.time_shapes import Duration, Zone
from kputui.config.wording import shown
from kputui.model.ids import SourceId
from kputui.model.workspace import ColumnKind, Compression, CsvOptions, DataTest, Freshness, Join, Source, TableFormat

if TYPE_CHECKING:
    from kputui.config.cursor import Cursor

_COLUMN = Text(may_be_empty=False, longest=500, words="column")
_MAX_SKIPPED = 10_000
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
    if not _is_text_encoding(options.encoding):
        return at.into("encoding").refuse("C12", f"{shown(options.encoding)} is not an encoding", 'such as "cp1252"')
    if options.thousands and (options.thousands.isalnum() or options.thousands in "+-"):
        return at.into("thousands").refuse("C27", "wants one mark that stands in no plain number")
    if options.thousands and options.thousands == ("," if options.decimal_comma else "."):
        return at.into("thousands").refuse("C26", "is the decimal mark", "decimal_comma says which mark that is")
    return options


def _is_text_encoding(name: str) -> bool:
    try:
        "".encode(name)
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _join(values: dict[str, Any], _at: Cursor) -> Join:
    key = values["key"]
    return Join(values.get("name", values["source"]), values["source"], key, values.get("to", key))


def _source(name: str, values: dict[str, Any], at: Cursor) -> Any:
    joins = values.get("joins", ())
    seen: set[str] = set()
    for index, join in enumerate(joins):
        spot = at.into("joins").into(index)
        if join.name in seen:
            return spot.refuse("C09", f"{shown(join.name)} stands for two joins", "give one of them a name")
        seen.add(join.name)
    return Source(id=SourceId(name), **values)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns with the kind that each is declared to hold: `{ amount = "number" }`."""

    words: str = 'columns with their kinds: `{ amount = "number", zip = "text" }`'

    def decode(self, value: Any, at: Cursor) -> Any:
        """A tuple of (column, kind)."""
        if not isinstance(value, dict):
            return wrong_type(value, "a table of columns", at, 'such as { amount = "number" }')
        kind = one_of(ColumnKind)
        found = [(name, kind.decode(word, at.into(name))) for name, word in value.items()]
        return BAD if any(word is BAD for _, word in found) else tuple(found)

    def schema(self) -> Schema:
        """An object of kinds."""
        return {"type": "object", "additionalProperties": one_of(ColumnKind).schema()}


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
        Field(
            "thousands",
            Text(may_be_empty=True, longest=1, words="one character"),
            "The mark between groups of digits.",
            default="none; with a decimal comma any usual one",
        ),
        Field("encoding", Text(may_be_empty=False, longest=40), "The text's encoding.", default='"utf-8"'),
        Field("skip_rows", Integer(0, _MAX_SKIPPED), "So many lines above the header are not read.", default="0"),
        Field(
            "comment",
            Text(longest=10, words="a mark"),
            "Lines that begin with it are not read.",
            default="none",
        ),
    ),
    _csv,
)

JOIN = Record(
    "join",
    "Columns of another source, or metrics by its key, read as `<name>__<column>` or `<name>__<metric>` "
    "in expressions, filters and breakdowns.",
    (
        Field("source", Named("sources"), "Where the columns are; it has one row a key.", required=True),
        Field("key", _COLUMN, "The column here that names the row there.", required=True),
        Field("to", _COLUMN, "The column there that it equals.", default="as `key`"),
        Field("name", Id(), "What stands before `__`.", default="the source's name"),
    ),
    _join,
)

SOURCES = Table(
    name="sources",
    layout=Layout.NAMED,
    doc="Local files that share columns.",
    example='[sources.deliveries]\npath = "data/deliveries/*.parquet"\ntime = "promised_on"\n',
    build=_source,
    fields=(
        Field("path", DataPath(), "Where the files are; relative paths start at the workspace.", required=True),
        Field("time", _COLUMN, "The column that says when a row happened; a source that is only joined needs none."),
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
        Field(
            "compression",
            one_of(Compression),
            "How CSV files are packed.",
            default="by the name: `.csv.gz`, `.csv.zst`",
        ),
        Field("format", one_of(TableFormat), "The table that the folder at `path` is.", default="as the folder shows"),
        Field(
            "version",
            Integer(0, 2**63 - 1),
            "The version of a Delta table, or the snapshot of an Iceberg table, that is read.",
            default="the newest",
        ),
        Field("columns", Columns(), "What columns hold; another content is a problem, not a guess.", default="guessed"),
        Field("joins", ListOf(JOIN, is_unique=False), "Other sources whose columns can be used.", default="none"),
    ),
)
