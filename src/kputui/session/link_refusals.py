"""Refusals by definition: a metric is not tested against itself, its complement or its own part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kputui.engine.expression import ExpressionError, canonical, parse
from kputui.engine.expression.tree import Between, Boolean, Compare, In, Is, Like, Logical, Node, Not, constant
from kputui.model.metric import Aggregation, Ratio, Simple
from kputui.review import parts_deep
from kputui.session.definitions import definition_hash
from kputui.session.words import listed, metric_words

if TYPE_CHECKING:
    from kputui.model.ids import MetricId
    from kputui.model.metric import Input
    from kputui.model.workspace import Workspace

_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_NEGATED = {">=": "<", ">": "<=", "<>": "="}
"""Of each pair of opposite comparisons the one that stands for both."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A condition as a text that its opposite shares, and whether it is the opposite."""

    text: str
    is_opposite: bool = False


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which rows a simple metric counts and what of them."""

    definition: Simple
    side: _Side
    conditions: frozenset[_Side]


def refused_by_definition(  # noqa: PLR0911 - one reason a line, in the order in which they are told
    workspace: Workspace, cpi: MetricId, kpi: MetricId
) -> str:
    """Why the two metrics can't be tested against each other, from their definitions alone; "" when they can."""
    first, second = metric_words(workspace, cpi), metric_words(workspace, kpi)
    if cpi == kpi:
        return "they are the same metric"
    if len({definition_hash(workspace, name, has_periods=False) for name in (cpi, kpi)}) == 1:
        return "they are one definition under two names"
    if cpi in parts_deep(workspace, kpi):
        return f"{first} is a part of {second}"
    if kpi in parts_deep(workspace, cpi):
        return f"{second} is a part of {first}"
    one, other = (workspace.metrics[name].definition for name in (cpi, kpi))
    if isinstance(one, Simple) and isinstance(other, Simple):
        return _of_simple(_rows(one), _rows(other), first, second)
    if isinstance(one, Ratio) and isinstance(other, Ratio):
        return _of_ratios(workspace, one, other)
    return ""


def shared_parts(workspace: Workspace, cpi: MetricId, kpi: MetricId) -> tuple[str, ...]:
    """The labels of the metrics that both are made of: part of what the two share may be arithmetic."""
    shared = parts_deep(workspace, cpi) & parts_deep(workspace, kpi)
    return tuple(metric_words(workspace, name) for name in workspace.metrics if name in shared)


def shared_words(workspace: Workspace, cpi: MetricId, kpi: MetricId) -> str:
    """The warning about shared parts; "" without any."""
    shared = shared_parts(workspace, cpi, kpi)
    return f"both are made of {listed(shared)}: part of the strength may be arithmetic" if shared else ""


def _of_simple(one: _Rows, other: _Rows, first: str, second: str) -> str:
    is_comparable = (one.definition.source, one.definition.agg) == (other.definition.source, other.definition.agg)
    if (
        not is_comparable
        or one.side.text != other.side.text
        or one.definition.percentile != other.definition.percentile
    ):
        return ""
    is_opposite = one.side.is_opposite != other.side.is_opposite
    if is_opposite and one.definition.agg is not Aggregation.AVERAGE:
        return ""
    if one.conditions == other.conditions:
        words = "they are one measure seen from two sides: together they always make 100 %"
        return words if is_opposite else "they are one measure under two names"
    for narrow, wide, names in ((one, other, (first, second)), (other, one, (second, first))):
        if wide.conditions < narrow.conditions:
            side = ", from the other side" if is_opposite else ""
            return f"{names[0]} counts a part of the rows of {names[1]}{side}"
    return ""


def _of_ratios(workspace: Workspace, one: Ratio, other: Ratio) -> str:
    """Two ratios that are each other's inverse, or whose numerators make up the same denominator."""
    if (one.numerator, one.denominator) == (other.denominator, other.numerator):
        return "one is the other turned upside down"
    if one.denominator != other.denominator or one.filter != other.filter:
        return ""
    tops = [_input_rows(workspace, part) for part in (one.numerator, other.numerator)]
    if tops[0] is None or tops[1] is None:
        return ""
    left, right = tops[0], tops[1]
    if (left.definition.source, left.definition.agg) != (right.definition.source, right.definition.agg):
        return ""
    if left.definition.agg is Aggregation.SUM_BOOLEAN and left.conditions == right.conditions:
        is_complement = left.side.text == right.side.text and left.side.is_opposite != right.side.is_opposite
    else:
        apart = left.conditions ^ right.conditions
        is_complement = left.side == right.side and len(apart) == 2 and len({side.text for side in apart}) == 1
    return "they are one measure seen from two sides: together they always make the whole" if is_complement else ""


def _input_rows(workspace: Workspace, part: Input) -> _Rows | None:
    metric = workspace.metrics.get(part.metric)
    if metric is None or not isinstance(metric.definition, Simple) or part.offset_window or part.offset_to_grain:
        return None
    rows = _rows(metric.definition)
    return replace(rows, conditions=rows.conditions | _conditions(part.filter))


def _rows(definition: Simple) -> _Rows:
    node = _parsed(definition.expr)
    side = _side(node) if node is not None else _Side(" ".join(definition.expr.split()))
    return _Rows(definition, side, _conditions(definition.filter))


def _conditions(text: str) -> frozenset[_Side]:
    """What a filter asks, all of which must hold."""
    if not text.strip():
        return frozenset()
    node = _parsed(text)
    if node is None:
        return frozenset({_Side(" ".join(text.split()))})
    found: set[_Side] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Logical) and part.operator == "and":
            waiting.extend(part.items)
        elif not (isinstance(part, Boolean) and part.value):
            found.add(_side(part))
    return frozenset(found)


def _parsed(text: str) -> Node | None:
    try:
        return parse(text)
    except ExpressionError:
        return None


def _side(node: Node) -> _Side:
    """The condition in a form that it shares with its opposite: `a <= 1` and `a > 1`, `x is null` and its negation."""
    if isinstance(node, Not):
        inner = _side(node.operand)
        return _Side(inner.text, not inner.is_opposite)
    if isinstance(node, Compare):
        if constant(node.left) is not None and constant(node.right) is None:
            node = replace(node, operator=_MIRRORED[node.operator], left=node.right, right=node.left)
        standing = _NEGATED.get(node.operator)
        if standing is not None:
            return _Side(canonical(replace(node, operator=standing)), is_opposite=True)
    elif isinstance(node, Between | In | Is | Like) and node.is_negated:
        return _Side(canonical(replace(node, is_negated=False)), is_opposite=True)
    return _Side(canonical(node))
