"""Metric definitions become leaves (one aggregation over one source's rows each) and the arithmetic over them.

No polars here: the same plan serves checking and computing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kputui.engine.expression import Column, ExpressionError, Kind, canonical, check, check_filter, columns_of, parse
from kputui.errors import DataError, did_you_mean
from kputui.model.metric import Aggregation, Conversion, Cumulative, Derived, Input, Ratio, Simple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kputui.engine.expression import Node
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.workspace import Workspace

_NUMBERS = frozenset({Aggregation.SUM, Aggregation.MIN, Aggregation.MAX, Aggregation.MEDIAN, Aggregation.PERCENTILE})
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Leaf:
    """One aggregation of `expr` over the rows of a source that pass all `filters`; equal by its canonical text."""

    source: SourceId
    agg: Aggregation
    key: str
    expr: Node = field(compare=False)
    filters: tuple[Node, ...] = field(compare=False)
    filter_keys: tuple[str, ...] = field(compare=False)
    percentile: float | None = field(compare=False)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the source that it reads, as written."""
        return columns_of(self.expr).union(*(columns_of(node) for node in self.filters))


@dataclass(frozen=True, slots=True)
class LeafValue:
    """The value of a leaf; where there is none, `fill`."""

    leaf: Leaf
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class Quotient:
    """One value over another; no value where the divisor is 0 or either is missing."""

    numerator: Value
    denominator: Value
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression over the named values."""

    node: Node
    inputs: tuple[tuple[str, Value], ...]
    fill: float | None = None


Value = LeafValue | Quotient | Formula


class Sources(Protocol):
    """What planning needs to know of the data."""

    def kinds(self, source: SourceId) -> Mapping[str, Kind]:
        """The columns of a source; raises DataError when it can't be read."""
        ...

    def explained(self, source: SourceId, names: Iterable[str]) -> DataError | None:
        """A better reason in the data for why expressions over these columns do not fit, if there is one."""
        ...


def leaves_of(value: Value) -> tuple[Leaf, ...]:
    """All leaves of a value, left to right."""
    if isinstance(value, LeafValue):
        return (value.leaf,)
    if isinstance(value, Quotient):
        return (*leaves_of(value.numerator), *leaves_of(value.denominator))
    return tuple(leaf for _, part in value.inputs for leaf in leaves_of(part))


def canonical_value(value: Value) -> str:
    """A stable text of the whole definition."""
    fill = "" if value.fill is None else f" fill {value.fill!r}"
    if isinstance(value, LeafValue):
        return f"{value.leaf.key}{fill}"
    if isinstance(value, Quotient):
        return f"ratio({canonical_value(value.numerator)}; {canonical_value(value.denominator)}){fill}"
    inputs = "; ".join(f"{name}={canonical_value(part)}" for name, part in value.inputs)
    return f"derived({canonical(value.node)}; {inputs}){fill}"


def definition_hash(workspace: Workspace, value: Value) -> str:
    """Twelve hex digits that change when the definition, its sources' paths, or the calendar does."""
    project = workspace.project
    sources = sorted({leaf.source for leaf in leaves_of(value)})
    read = [(workspace.sources[name].path, workspace.sources[name].time) for name in sources]
    text = f"{canonical_value(value)}|{read}|{project.timezone}|{project.week_start}|{project.fiscal_year_start}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def filter_text(value: Value) -> str:
    """The filters of all leaves, for provenance; each once."""
    texts = dict.fromkeys(key for leaf in leaves_of(value) for key in leaf.filter_keys)
    return " and ".join(texts)


@dataclass(frozen=True, slots=True)
class Planner:
    """Builds values from the definitions of a workspace, each expression checked against its source."""

    workspace: Workspace
    sources: Sources

    def value(self, name: MetricId, where: str = "") -> Value:
        """The value of a metric, `where` narrowing every leaf.

        Raises DataError: D18 for what this version does not compute, D19 for an unknown or circular
        input, D20 when an aggregation does not fit, E codes for expressions, and whatever keeps a
        source from being read.
        """
        return self._value(name, (where,) if where.strip() else (), ())

    def _value(self, name: MetricId, filters: tuple[str, ...], path: tuple[MetricId, ...]) -> Value:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise DataError("D19", f"metric `{name}` is an input of itself: {circle}")
        metric = self.workspace.metrics.get(name)
        if metric is None:
            raise DataError("D19", f"metric `{name}` is not known", did_you_mean(name, self.workspace.metrics))
        if len(path) > _MAX_DEPTH:
            raise DataError("D19", f"metric `{name}` is nested deeper than {_MAX_DEPTH} inputs")
        definition = metric.definition
        if definition.filter.strip():
            filters = (*filters, definition.filter)
        path = (*path, name)
        match definition:
            case Simple():
                return LeafValue(self._leaf(name, definition, filters), definition.fill_nulls_with)
            case Ratio():
                numerator = self._input(definition.numerator, filters, path)
                return Quotient(
                    numerator, self._input(definition.denominator, filters, path), definition.fill_nulls_with
                )
            case Derived():
                inputs = tuple((part.name, self._input(part, filters, path)) for part in definition.inputs)
                node = formula(definition)
                return Formula(node, inputs, definition.fill_nulls_with)
            case Cumulative() | Conversion():
                word = type(definition).__name__.lower()
                raise DataError("D18", f"{word} metrics are not computed in this version")

    def _input(self, part: Input, filters: tuple[str, ...], path: tuple[MetricId, ...]) -> Value:
        if part.offset_window or part.offset_to_grain:
            raise DataError("D18", f"the offset of input `{part.name}` is not computed in this version")
        own = (part.filter,) if part.filter.strip() else ()
        return self._value(part.metric, (*filters, *own), path)

    def _leaf(self, name: MetricId, simple: Simple, filters: tuple[str, ...]) -> Leaf:
        if simple.source not in self.workspace.sources:
            raise DataError(
                "D19",
                f"metric `{name}` reads a source `{simple.source}` that is not known",
                did_you_mean(simple.source, self.workspace.sources),
            )
        if simple.non_additive_dimension is not None:
            raise DataError("D18", "a non_additive_dimension is not computed in this version")
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
        keys = tuple(sorted(nodes))
        percent = f" {simple.percentile!r}" if simple.agg is Aggregation.PERCENTILE else ""
        key = f"{simple.agg.value}{percent}({canonical(expr)}) of {simple.source} where {' and '.join(keys)}"
        filter_nodes = tuple(nodes[text] for text in keys)
        return Leaf(simple.source, simple.agg, key, expr, filter_nodes, keys, simple.percentile)

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
