"""Metric definitions become leaves (one aggregation over one source's rows each) and the arithmetic over them.

No polars here: the same plan serves checking and computing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kputui.engine.definition import (
    Balance,
    Formula,
    Leaf,
    LeafValue,
    Matched,
    Moved,
    Quotient,
    Trailing,
    canonical_value,
)
from kputui.engine.expression import Column, ExpressionError, Kind, canonical, check, check_filter, columns_of, parse
from kputui.engine.stretches import Length, Offset, Trail
from kputui.errors import DataError, did_you_mean
from kputui.model.metric import Aggregation, Conversion, Cumulative, Derived, Input, Ratio, Simple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kputui.engine.definition import Value
    from kputui.engine.expression import Node
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.metric import Definition, Grain
    from kputui.model.workspace import Workspace

_NUMBERS = frozenset({Aggregation.SUM, Aggregation.MIN, Aggregation.MAX, Aggregation.MEDIAN, Aggregation.PERCENTILE})
_TIMES = frozenset({Kind.DATE, Kind.TIMESTAMP})
_MAX_DEPTH = 40
_SHOWN = 8


class Sources(Protocol):
    """What planning needs to know of the data."""

    def kinds(self, source: SourceId) -> Mapping[str, Kind]:
        """The columns of a source; raises DataError when it can't be read."""
        ...

    def explained(self, source: SourceId, names: Iterable[str]) -> DataError | None:
        """A better reason in the data for why expressions over these columns do not fit, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Planner:
    """Builds values from the definitions of a workspace, each expression checked against its source."""

    workspace: Workspace
    sources: Sources

    def value(self, name: MetricId, where: str = "") -> Value:
        """The value of a metric, `where` narrowing every leaf.

        Raises DataError: D18 for a combination that is not computed, D19 for an unknown or circular
        input, D20 when an aggregation or a length of time does not fit, E codes for expressions, and
        whatever keeps a source from being read.
        """
        return self._value(name, (where,) if where.strip() else (), ())

    def _value(self, name: MetricId, filters: tuple[str, ...], path: tuple[MetricId, ...]) -> Value:
        definition, filters, path = self._entered(name, filters, path)
        match definition:
            case Simple():
                leaf = self._leaf(name, definition, filters)
                return LeafValue(leaf, definition.fill_nulls_with, definition.join_to_timespine)
            case Ratio():
                numerator = self._input(definition.numerator, filters, path)
                return Quotient(
                    numerator, self._input(definition.denominator, filters, path), definition.fill_nulls_with
                )
            case Derived():
                inputs = tuple((part.name, self._input(part, filters, path)) for part in definition.inputs)
                node = formula(definition)
                return Formula(node, inputs, definition.fill_nulls_with)
            case Cumulative():
                return self._trailing(name, definition, self._input(definition.input, filters, path))
            case Conversion():
                return self._matched(definition, filters, path)

    def _entered(
        self, name: MetricId, filters: tuple[str, ...], path: tuple[MetricId, ...]
    ) -> tuple[Definition, tuple[str, ...], tuple[MetricId, ...]]:
        """A metric's definition, with its filter added to the filters and its name to the path."""
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise DataError("D19", f"metric `{name}` is an input of itself: {circle}")
        metric = self.workspace.metrics.get(name)
        if metric is None:
            raise DataError("D19", f"metric `{name}` is not known", did_you_mean(name, self.workspace.metrics))
        if len(path) > _MAX_DEPTH:
            raise DataError("D19", f"metric `{name}` is nested deeper than {_MAX_DEPTH} inputs")
        return metric.definition, (*filters, *_written(metric.definition.filter)), (*path, name)

    def _input(self, part: Input, filters: tuple[str, ...], path: tuple[MetricId, ...]) -> Value:
        value = self._value(part.metric, (*filters, *_written(part.filter)), path)
        if not (part.offset_window or part.offset_to_grain):
            return value
        grains = self.workspace.grains
        offset = Offset.of(part.offset_window, grains) if part.offset_window else Offset(None, part.offset_to_grain)
        return earlier(value, offset)

    @staticmethod
    def _trailing(name: MetricId, definition: Cumulative, value: Value) -> Value:
        if _accumulates(value):
            raise DataError(
                "D18",
                f"metric `{name}` accumulates what is no plain sum of rows: {_accumulates(value)}",
                "a cumulative metric takes one that is made of the rows of its own period",
            )
        trail = Trail(Length.of(definition.window) if definition.window else None, definition.grain_to_date)
        key = f"trailing({canonical_value(value)}; {trail}; {definition.period_agg})"
        return Trailing(key, value, trail, definition.period_agg)

    def _matched(self, definition: Conversion, filters: tuple[str, ...], path: tuple[MetricId, ...]) -> Value:
        """Filters from outside narrow the base events; each side's own narrow that side."""
        base = self._event(definition.base, filters, path)
        conversion = self._event(definition.conversion, (), path)
        for leaf in (base.leaf, conversion.leaf):
            schema = self.sources.kinds(leaf.source)
            for column in (definition.entity, *definition.constant_properties):
                if column not in schema:
                    known = ", ".join(f"`{name}`" for name in list(schema)[:_SHOWN])
                    raise DataError(
                        "D12",
                        f"column `{column}` of the conversion not found in source `{leaf.source}`; found {known}",
                        did_you_mean(column, schema),
                    )
        within = Trail(Length.of(definition.window) if definition.window else None)
        key = (
            f"matched({base.leaf.key}; {conversion.leaf.key}; {definition.entity}; "
            f"{definition.constant_properties}; {within})"
        )
        matched = Matched(
            key, base.leaf, conversion.leaf, definition.entity, definition.constant_properties, within, conversion.fill
        )
        return matched if definition.calculation == "conversions" else Quotient(matched, base)

    def _event(self, part: Input, filters: tuple[str, ...], path: tuple[MetricId, ...]) -> LeafValue:
        """A side of a conversion: a simple metric, as only rows can be matched."""
        value = self._input(part, filters, path)
        if not isinstance(value, LeafValue):
            word = type(self.workspace.metrics[part.metric].definition).__name__.lower()
            raise DataError(
                "D18", f"a conversion matches rows, but `{part.metric}` is {word}", "name a metric of type simple"
            )
        if value.leaf.balance is not None:
            raise DataError("D18", f"a conversion matches rows, but `{part.metric}` is a balance")
        return value

    def _leaf(self, name: MetricId, simple: Simple, filters: tuple[str, ...]) -> Leaf:
        if simple.source not in self.workspace.sources:
            raise DataError(
                "D19",
                f"metric `{name}` reads a source `{simple.source}` that is not known",
                did_you_mean(simple.source, self.workspace.sources),
            )
        schema = self.sources.kinds(simple.source)
        nodes: dict[str, Node] = {}
        for text in filters:
            node = parse(text)
            self._fitting(simple.source, node, schema, is_filter=True)
            nodes[canonical(node)] = node
        expr = parse(simple.expr)
        try:
            check_aggregation(simple, expr, schema)
        except DataError as error:
            raise self._explained(simple.source, expr, error) from error
        balance = check_balance(simple, schema)
        keys = tuple(sorted(nodes))
        percent = f" {simple.percentile!r}" if simple.agg is Aggregation.PERCENTILE else ""
        held = "" if balance is None else f" at {balance}"
        key = f"{simple.agg.value}{percent}({canonical(expr)}) of {simple.source} where {' and '.join(keys)}{held}"
        filter_nodes = tuple(nodes[text] for text in keys)
        return Leaf(simple.source, simple.agg, key, expr, filter_nodes, keys, simple.percentile, balance)

    def _fitting(self, source: SourceId, node: Node, schema: Mapping[str, Kind], *, is_filter: bool) -> None:
        try:
            if is_filter:
                check_filter(node, schema)
            else:
                check(node, schema)
        except ExpressionError as error:
            raise self._explained(source, node, error) from error

    def _explained(self, source: SourceId, node: Node, error: DataError) -> DataError:
        """The reason in the data (cells that are not numbers) when there is one, else the error itself."""
        if error.code in {"E10", "E11", "D20"}:
            return self.sources.explained(source, columns_of(node)) or error
        return error


def check_grain(metric: MetricId, grain: Grain, value: Value) -> None:
    """Raise D20 where a value at the start of a longer period is asked by the periods of a table."""
    if grain.calendar is None:
        return
    match value:
        case Moved() if value.offset.to_grain is not None:
            raise DataError(
                "D20",
                f"metric `{metric}` is read at the start of each {value.offset.to_grain}, "
                f"and the table of the grain {grain} does not say which of its periods that is",
                "take a standard grain, or `offset_window`",
            )
        case Moved() | Trailing():
            check_grain(metric, grain, value.part)
        case Quotient():
            check_grain(metric, grain, value.numerator)
            check_grain(metric, grain, value.denominator)
        case Formula():
            for _, part in value.inputs:
                check_grain(metric, grain, part)


def earlier(value: Value, offset: Offset) -> Moved:
    """What a value was by an offset before."""
    return Moved(f"earlier({canonical_value(value)}; {offset})", value, offset)


def _written(text: str) -> tuple[str, ...]:
    return (text,) if text.strip() else ()


def _accumulates(value: Value) -> str:
    """What in a value can't be accumulated, in words; empty when all can."""
    match value:
        case LeafValue():
            return "" if value.leaf.balance is None else "a balance"
        case Trailing():
            return "a cumulative metric"
        case Moved():
            return "an offset"
        case Quotient():
            return _accumulates(value.numerator) or _accumulates(value.denominator)
        case Formula():
            return next(filter(None, (_accumulates(part) for _, part in value.inputs)), "")
    return ""


def check_balance(simple: Simple, schema: Mapping[str, Kind]) -> Balance | None:
    """How a balance is read, its columns held against the schema; raises D12, D20."""
    wanted = simple.non_additive_dimension
    if wanted is None:
        return None
    for column in (wanted.name, *wanted.window_groupings):
        if column not in schema:
            raise DataError(
                "D12", f"column `{column}` of the balance not found in `{simple.source}`", did_you_mean(column, schema)
            )
    if schema[wanted.name] not in _TIMES:
        raise DataError("D20", f"a balance is read at a time, but `{wanted.name}` is {_a(schema[wanted.name])}")
    return Balance(wanted.name, wanted.window_choice == "max", wanted.window_groupings)


def formula(definition: Derived) -> Node:
    """The expression of a derived metric, checked against its inputs' names; raises ExpressionError, D20."""
    node = parse(definition.expr)
    kind = check(node, {part.name: Kind.NUMBER for part in definition.inputs})
    if kind not in {Kind.NUMBER, Kind.NULL}:
        raise DataError("D20", f"a derived metric is a number, but its expr is {_a(kind)}")
    return node


def check_aggregation(simple: Simple, expr: Node, schema: Mapping[str, Kind]) -> None:
    """Raise ExpressionError when `expr` does not fit the schema, D20 when the aggregation does not fit `expr`."""
    kind = check(expr, schema)
    agg = simple.agg
    if agg is Aggregation.PERCENTILE and (simple.percentile is None or not 0 <= simple.percentile <= 1):
        raise DataError("D20", "percentile needs a `percentile` from 0 to 1", "such as percentile = 0.9")
    if agg is Aggregation.COUNT_DISTINCT and not isinstance(expr, Column):
        raise DataError("D20", "count_distinct takes a column, not an expression", "put the condition into `filter`")
    if kind is Kind.NULL or agg in {Aggregation.COUNT, Aggregation.COUNT_DISTINCT}:
        return
    if agg in _NUMBERS and kind is not Kind.NUMBER:
        hint = "count what is true with sum_boolean" if kind is Kind.BOOLEAN and agg is Aggregation.SUM else ""
        raise DataError("D20", f"{agg.value} needs numbers, but `{simple.expr}` is {_a(kind)}", hint)
    if agg is Aggregation.AVERAGE and kind not in {Kind.NUMBER, Kind.BOOLEAN}:
        raise DataError("D20", f"average needs numbers or true and false, but `{simple.expr}` is {_a(kind)}")
    if agg is Aggregation.SUM_BOOLEAN and kind is not Kind.BOOLEAN:
        raise DataError("D20", f"sum_boolean needs true or false, but `{simple.expr}` is {_a(kind)}")


def _a(kind: Kind) -> str:
    return {Kind.BOOLEAN: "true or false", Kind.TEXT: "text", Kind.TIMESTAMP: "a time stamp"}.get(
        kind, f"a {kind.value}"
    )
