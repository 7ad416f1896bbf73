"""The table `[metrics.<id>]` with its five types."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kputui.config.cursor import BAD
from kputui.config.fields import Field, Record, Table, Variant
from kputui.config.merge import Layout
from kputui.config.shapes import Day, Flag, Id, Integer, ListOf, Named, Number, Text, Word, one_of
from kputui.config.tables.annotations import SIGNALS
from kputui.config.tables.grains import GrainName, StandardGrain
from kputui.config.time_shapes import Window
from kputui.config.wording import label_of
from kputui.model.ids import MetricId
from kputui.model.metric import (
    Aggregation,
    Conversion,
    Cumulative,
    DatedTarget,
    Derived,
    Direction,
    Input,
    Metric,
    MetricKind,
    Need,
    NonAdditiveDimension,
    NumberFormat,
    Ratio,
    Simple,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kputui.config.cursor import Cursor

MAX_EXPRESSION = 2_000

_COLUMN = Text(may_be_empty=False, longest=500, words="column")
_SQL = Text(may_be_empty=False, longest=MAX_EXPRESSION, words="SQL expression")
_FILTER = Field("filter", _SQL, "Only rows for which this is true are used.", default="all rows")
_FILL = Field("fill_nulls_with", Number(), "The value of periods without one.", default="no value")
_METRIC = Field("name", Named("metrics"), "The metric.", required=True, attribute="metric")
_INPUT_FILTER = Field("filter", _SQL, "Only rows of it for which this is true.", default="all its rows")


def _input(values: dict[str, Any], at: Cursor) -> Any:
    if "offset_window" in values and "offset_to_grain" in values:
        return at.refuse("C26", "offset_window and offset_to_grain exclude each other")
    return Input(**values)


def _balance(values: dict[str, Any], _at: Cursor) -> NonAdditiveDimension:
    return NonAdditiveDimension(**values)


def _target(values: dict[str, Any], _at: Cursor) -> DatedTarget:
    return DatedTarget(**values)


_ALIAS = Field("alias", Id(), "Another name for it here.", default="the metric's name")
INPUT = Record("input", "A metric as part of another one.", (_METRIC, _INPUT_FILTER, _ALIAS), _input, short_key="name")

DERIVED_INPUT = Record(
    "derived input",
    "A metric as part of a derived one.",
    (
        _METRIC,
        _INPUT_FILTER,
        Field("alias", Id(), "Its name in `expr`.", default="the metric's name"),
        Field("offset_window", Window(takes_tables=True), "How much earlier it is read."),
        Field("offset_to_grain", StandardGrain(), "It is read at the start of this period."),
    ),
    _input,
    short_key="name",
)

BALANCE = Record(
    "balance",
    "How a balance is read: its value at one time of each grouping, not the sum over time.",
    (
        Field("name", _COLUMN, "The time column that must not be added over.", required=True),
        Field("window_choice", Word({"min": "min", "max": "max"}), "The first or the last time.", default='"max"'),
        Field("window_groupings", ListOf(_COLUMN), "The columns whose last values are added.", default="none"),
    ),
    _balance,
)

TARGET = Record(
    "target",
    "The value asked for from a day on.",
    (
        Field("from", Day(), "The first day.", required=True, attribute="start"),
        Field("value", Number(), "The value.", required=True),
    ),
    _target,
)

SIMPLE = Variant(
    "simple",
    "One aggregation over the rows of one source.",
    (
        Field("source", Named("sources"), "Where the rows are.", required=True),
        Field("agg", one_of(Aggregation), "How rows become one value.", required=True),
        Field("expr", _SQL, "What is aggregated; a count may leave it out."),
        _FILTER,
        Field("percentile", Number(0, 1), 'Which percentile, for `agg = "percentile"`: 0.9.'),
        _FILL,
        Field("join_to_timespine", Flag(), "Periods without rows are shown too.", default="false"),
        Field("non_additive_dimension", BALANCE, "For balances, which do not add up over time."),
    ),
)

RATIO = Variant(
    "ratio",
    "One metric over another, each computed from rows. A divisor of 0 gives no value.",
    (
        Field("numerator", INPUT, "What is divided.", required=True),
        Field("denominator", INPUT, "By what.", required=True),
        _FILTER,
        _FILL,
    ),
)

DERIVED = Variant(
    "derived",
    "Arithmetic over other metrics' values of the same period.",
    (
        Field("expr", _SQL, "The arithmetic, in the inputs' names or aliases.", required=True),
        Field("input_metrics", ListOf(DERIVED_INPUT, is_unique=False, fewest=1), "What it is made of.", required=True),
        _FILTER,
        _FILL,
    ),
)

CUMULATIVE = Variant(
    "cumulative",
    "A metric over a trailing window, or since the start of a longer period.",
    (
        Field("input_metric", INPUT, "What is accumulated.", required=True),
        Field("window", Window(), "How far back it reaches."),
        Field("grain_to_date", GrainName(), "The period at whose start it begins again."),
        Field(
            "period_agg",
            Word({word: word for word in ("first", "last", "average")}),
            "Which of a longer period's values stands for it.",
            default='"first"',
        ),
        _FILTER,
    ),
)

CONVERSION = Variant(
    "conversion",
    "How many base events are followed by a conversion of the same entity.",
    (
        Field("base_metric", INPUT, "The event that may convert.", required=True),
        Field("conversion_metric", INPUT, "The event it converts to.", required=True),
        Field("entity", _COLUMN, "The column that says who.", required=True),
        Field("window", Window(), "How soon it must follow.", default="any time"),
        Field(
            "calculation",
            Word({word: word for word in ("conversion_rate", "conversions")}),
            "The share or the number.",
            default='"conversion_rate"',
        ),
        Field("constant_properties", ListOf(_COLUMN), "Columns that must be equal in both events.", default="none"),
        _FILTER,
    ),
)


def _simple(values: dict[str, Any], at: Cursor) -> Any:
    definition = Simple(**values)
    if definition.agg is not Aggregation.COUNT and "expr" not in values:
        return at.refuse_key("C13", f'"expr" is missing: agg = "{definition.agg}" needs it', "a column or expression")
    is_percentile = definition.agg is Aggregation.PERCENTILE
    if is_percentile and definition.percentile is None:
        return at.refuse_key("C13", '"percentile" is missing', "a number from 0 to 1, such as 0.9")
    if definition.percentile is not None and not is_percentile:
        return at.into("percentile").refuse_key("C26", f'"percentile" does not go with agg = "{definition.agg}"')
    return definition


def _ratio(values: dict[str, Any], _at: Cursor) -> Any:
    return Ratio(**values)


def _derived(values: dict[str, Any], at: Cursor) -> Any:
    inputs = values.pop("input_metrics")
    names = set()
    for index, part in enumerate(inputs):
        if part.name in names:
            spot = at.into("input_metrics").into(index)
            return spot.refuse("C09", f'"{part.name}" stands for two inputs', "give one of them an alias")
        names.add(part.name)
    return Derived(inputs=inputs, **values)


def _cumulative(values: dict[str, Any], at: Cursor) -> Any:
    values["input"] = values.pop("input_metric")
    if "window" in values and "grain_to_date" in values:
        return at.into("grain_to_date").refuse_key("C26", "window and grain_to_date exclude each other")
    return Cumulative(**values)


def _conversion(values: dict[str, Any], _at: Cursor) -> Any:
    values["base"] = values.pop("base_metric")
    values["conversion"] = values.pop("conversion_metric")
    return Conversion(**values)


_BUILDERS: dict[str, Callable[[dict[str, Any], Cursor], Any]] = {
    "simple": _simple,
    "ratio": _ratio,
    "derived": _derived,
    "cumulative": _cumulative,
    "conversion": _conversion,
}
_VARIANTS = (SIMPLE, RATIO, DERIVED, CUMULATIVE, CONVERSION)


def _metric(name: str, values: dict[str, Any], at: Cursor) -> Any:
    kind_of_definition = values.pop("type", "simple")
    own = {field.target for variant in _VARIANTS if variant.word == kind_of_definition for field in variant.fields}
    definition = _BUILDERS[kind_of_definition]({key: values.pop(key) for key in sorted(own & set(values))}, at)
    targets = values.get("targets", ())
    if any(later.start <= earlier.start for earlier, later in pairwise(targets)):
        return at.into("targets").refuse("C17", "targets want rising dates")
    if definition is BAD:
        return BAD
    return Metric(**({"id": MetricId(name), "label": label_of(name), "definition": definition} | values))


METRICS = Table(
    name="metrics",
    layout=Layout.NAMED,
    doc="What is measured, of which rows, and how to read it.",
    example=(
        '[metrics.late_share]\nkind = "cpi"\ntype = "simple"\nsource = "deliveries"\n'
        'agg = "average"\nexpr = "days_late > 0"\ndirection = "decrease"\n'
    ),
    build=_metric,
    chooser="type",
    variants=_VARIANTS,
    fields=(
        Field("kind", one_of(MetricKind), "What it is for.", required=True),
        Field("label", Text(may_be_empty=False), "What people call it.", default="from the id"),
        Field("description", Text(), "What it measures, in a sentence or two."),
        Field("unit", Text(longest=40), "What one of it is."),
        Field(
            "type", Word({variant.word: variant.word for variant in _VARIANTS}), "How it is made.", default='"simple"'
        ),
        Field("grain", GrainName(), "The length of its periods.", default='"week"'),
        Field("direction", one_of(Direction), "Which way is better.", default='"neutral"'),
        Field("format", one_of(NumberFormat), "How a value is written; the digit is decimals.", default='"number"'),
        Field("dimensions", ListOf(_COLUMN), "The columns that it can be broken down by."),
        Field("goals", ListOf(Named("goals")), "The goals it supports; a CPI supports those of its KPIs."),
        Field("stage", Named("journey"), "Where in the journey the customer feels it."),
        Field("need", one_of(Need), "What of the customer it measures."),
        Field("question", Text(), "The customer's question that it answers."),
        Field("discovered", Text(), "How it was found."),
        Field("min_sample", Integer(0, 1_000_000_000), "Periods of fewer rows are not judged.", default="0"),
        Field("targets", ListOf(TARGET, is_unique=False), "The value asked for, from a day on, in order."),
        Field("guardrails", ListOf(Named("metrics")), "Metrics that must not get worse for it."),
        Field("gaming", Text(), "How one would cheat it."),
        Field(
            "outcome",
            Named("metrics"),
            "What it stands for: when it improves and this does not follow, the board asks.",
            default="the measure of its first goal",
        ),
        Field("signals", SIGNALS, "How its natural process limits and signals are found."),
    ),
)
