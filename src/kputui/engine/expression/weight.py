"""How large an expression grows once an engine has to name a part more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kputui.engine.expression import tree
from kputui.engine.expression.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_WEIGHT: Final = 3_000
_TWICE: Final = frozenset({"sqrt", "ln", "power", "mod", "nullif"})
_CAST_COPIES: Final[Mapping[tree.CastTarget, int]] = {
    tree.CastTarget.INTEGER: 2,
    tree.CastTarget.DOUBLE: 2,
    tree.CastTarget.TEXT: 4,
    tree.CastTarget.TIMESTAMP: 3,
    tree.CastTarget.DATE: 1,
    tree.CastTarget.BOOLEAN: 1,
}


def refuse_overweight(node: tree.Node) -> None:
    """Refuse an expression whose plan would explode: `a / (b / (c / ...))` doubles with every level.

    A guarded division names its divisor twice, a cleaned result itself twice, and so on; nested, the
    copies multiply. Real expressions weigh tens.

    Raises:
        ExpressionError: E06, with the whole expression as its span.
    """
    if _weight(node) > MAX_WEIGHT:
        message = "the expression nests more divisions, cases or functions than can be computed"
        hint = "split it into two metrics, or take the common part out of the brackets"
        raise ExpressionError("E06", message, hint, start=node.start, end=node.end)


def _weight(node: tree.Node) -> int:
    rule = _RULES.get(type(node))
    return 1 + (sum(_weight(child) for child in node.children()) if rule is None else rule(node))


def _cleaned(node: tree.Node) -> int:
    return 2 * _chain(node)


def _chain(node: tree.Node) -> int:
    if isinstance(node, tree.Negate):
        return 1 + _chain(node.operand)
    if not isinstance(node, tree.Arithmetic):
        return _weight(node)
    left, right = _chain(node.left), _chain(node.right)
    return 1 + left * (2 if node.operator == "%" else 1) + right * (2 if node.operator == "/" else 1)


def _between(node: tree.Between) -> int:
    return 2 * _weight(node.operand) + _weight(node.low) + _weight(node.high)


def _in(node: tree.In) -> int:
    items = [item for item in node.items if tree.constant(item) is None]
    copies = len(node.items) if items else 1
    return copies * _weight(node.operand) + sum(map(_weight, items))


def _case(node: tree.Case) -> int:
    operand = 0 if node.operand is None else _weight(node.operand)
    return len(node.branches) * operand + sum(_weight(part) for part in node.children() if part is not node.operand)


def _call(node: tree.Call) -> int:
    return (2 if node.name in _TWICE else 1) * sum(map(_weight, node.arguments))


_RULES: Final[Mapping[type[tree.Node], Callable[[Any], int]]] = {
    tree.Negate: _cleaned,
    tree.Arithmetic: _cleaned,
    tree.Between: _between,
    tree.In: _in,
    tree.Case: _case,
    tree.Cast: lambda node: _CAST_COPIES[node.target] * _weight(node.operand),
    tree.Call: _call,
}
