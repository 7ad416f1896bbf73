"""Tree + the source's schema -> the kind of the value, or what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kputui.engine.expression import tree
from kputui.engine.expression.errors import ExpressionError
from kputui.engine.expression.functions import FUNCTIONS, Function
from kputui.engine.expression.kinds import Kind, common_kind
from kputui.engine.expression.literals import iso_date, iso_timestamp
from kputui.engine.expression.weight import refuse_overweight
from kputui.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SHOWN_COLUMNS: Final = 6

_CASTS: Final[Mapping[tree.CastTarget, frozenset[Kind]]] = {
    tree.CastTarget.INTEGER: frozenset({Kind.NUMBER, Kind.BOOLEAN, Kind.TEXT}),
    tree.CastTarget.DOUBLE: frozenset({Kind.NUMBER, Kind.BOOLEAN, Kind.TEXT}),
    tree.CastTarget.TEXT: frozenset({Kind.NUMBER, Kind.BOOLEAN, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP}),
    tree.CastTarget.BOOLEAN: frozenset({Kind.NUMBER, Kind.BOOLEAN}),
    tree.CastTarget.DATE: frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TEXT}),
    tree.CastTarget.TIMESTAMP: frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TEXT}),
}
CAST_RESULTS: Final[Mapping[tree.CastTarget, Kind]] = {
    tree.CastTarget.INTEGER: Kind.NUMBER,
    tree.CastTarget.DOUBLE: Kind.NUMBER,
    tree.CastTarget.TEXT: Kind.TEXT,
    tree.CastTarget.BOOLEAN: Kind.BOOLEAN,
    tree.CastTarget.DATE: Kind.DATE,
    tree.CastTarget.TIMESTAMP: Kind.TIMESTAMP,
}


def check(node: tree.Node, schema: Mapping[str, Kind]) -> Kind:
    """The kind of the expression's value over rows of `schema` (column name -> kind).

    Raises:
        ExpressionError: an unknown column (E07, E14), a wrong number of arguments (E09), kinds that
            don't fit together (E10), an argument that must be written out (E16), or copies without
            end (E06, see `weight`).
    """
    kind = Checker(schema).kind(node)
    refuse_overweight(node)
    return kind


def check_filter(node: tree.Node, schema: Mapping[str, Kind]) -> None:
    """Make sure that the expression is true or false for a row.

    Raises:
        ExpressionError: as `check`, and E11 when the value is not a boolean.
    """
    kind = check(node, schema)
    if kind is Kind.BOOLEAN:
        return
    hints = {
        Kind.NUMBER: "compare it, as in x > 0",
        Kind.TEXT: "compare it, as in x = 'text'",
        Kind.DATE: "compare it, as in x >= date '2013-01-31'",
        Kind.TIMESTAMP: "compare it, as in x >= timestamp '2013-01-31 12:30:00'",
    }
    message = f"a filter is true or false, this is {_a(kind)}"
    raise ExpressionError("E11", message, hints.get(kind, ""), start=node.start, end=node.end)


def column_name(node: tree.Column, schema: Mapping[str, Kind]) -> str:
    """The source's own spelling of a column: the exact name first, else the one that differs only in case.

    Raises:
        ExpressionError: E07 when there is none, E14 when there are several.
    """
    if node.name in schema:
        return node.name
    folded = node.name.lower()
    same = [name for name in schema if name.lower() == folded]
    if len(same) == 1:
        return same[0]
    if same:
        message = f"`{node.name}` fits {len(same)} columns"
        hint = "write it exactly: " + " or ".join(f'"{name}"' for name in same[:_SHOWN_COLUMNS])
        raise ExpressionError("E14", message, hint, start=node.start, end=node.end)
    near = did_you_mean(node.name, schema)
    hints = [near]
    if not near and schema:
        more = ", ..." if len(schema) > _SHOWN_COLUMNS else ""
        hints = ["columns: " + ", ".join(list(schema)[:_SHOWN_COLUMNS]) + more]
    if node.is_quoted or not near:
        quoted = node.name.replace("'", "''")
        hints.append(f"a text is written in single quotes: '{quoted}'")
    hint = "; ".join(filter(None, hints))
    raise ExpressionError("E07", f"unknown column `{node.name}`", hint, start=node.start, end=node.end)


def dated(node: tree.Node, kind: Kind) -> tree.Node:
    """A text literal as the date or time stamp that it stands for beside `kind`; else the node itself."""
    if isinstance(node, tree.Text):
        if kind is Kind.DATE and (day := iso_date(node.value)) is not None:
            return tree.Date(node.start, node.end, day)
        if kind in {Kind.DATE, Kind.TIMESTAMP} and (stamp := iso_timestamp(node.value)) is not None:
            return tree.Timestamp(node.start, node.end, stamp)
    return node


def _a(kind: Kind) -> str:
    return {Kind.NULL: "null", Kind.TEXT: "text", Kind.TIMESTAMP: "a time stamp"}.get(kind, f"a {kind.value}")


class Checker:
    """Kinds of nodes over one schema; each node is looked at once."""

    def __init__(self, schema: Mapping[str, Kind]) -> None:
        """Check against `schema`, column name -> kind."""
        self._schema = schema
        self._known: dict[int, tuple[tree.Node, Kind]] = {}
        self._rules: Mapping[type[tree.Node], Callable[[Any], Kind]] = {
            tree.Column: lambda node: schema[column_name(node, schema)],
            tree.Number: lambda _: Kind.NUMBER,
            tree.Text: lambda _: Kind.TEXT,
            tree.Boolean: lambda _: Kind.BOOLEAN,
            tree.Null: lambda _: Kind.NULL,
            tree.Date: lambda _: Kind.DATE,
            tree.Timestamp: lambda _: Kind.TIMESTAMP,
            tree.Negate: self._negate,
            tree.Arithmetic: self._arithmetic,
            tree.Concat: self._concat,
            tree.Compare: self._compare,
            tree.Not: self._logical,
            tree.Logical: self._logical,
            tree.In: self._in,
            tree.Between: self._between,
            tree.Is: self._is,
            tree.Like: self._like,
            tree.Case: self._case,
            tree.Cast: self._cast,
            tree.Call: self._call,
        }

    def kind(self, node: tree.Node) -> Kind:
        """The kind of `node`; raises ExpressionError as `check` says."""
        known = self._known.get(id(node))
        if known is not None:
            return known[1]
        kind = self._rules[type(node)](node)
        self._known[id(node)] = (node, kind)  # the node is kept so that its id stays its own
        return kind

    # -- operators

    def _negate(self, node: tree.Negate) -> Kind:
        return self._wanted(node.operand, Kind.NUMBER, "-")

    def _arithmetic(self, node: tree.Arithmetic) -> Kind:
        if node.operator == "-" and self.kind(node.left) is Kind.DATE and self.kind(node.right) is Kind.DATE:
            return Kind.NUMBER
        for side in (node.left, node.right):
            self._wanted(side, Kind.NUMBER, node.operator)
        return Kind.NUMBER

    def _concat(self, node: tree.Concat) -> Kind:
        for side in (node.left, node.right):
            self._wanted(side, Kind.TEXT, "||")
        return Kind.TEXT

    def _logical(self, node: tree.Logical | tree.Not) -> Kind:
        word = node.operator if isinstance(node, tree.Logical) else "not"
        for item in node.children():
            self._wanted(item, Kind.BOOLEAN, word)
        return Kind.BOOLEAN

    def _wanted(self, node: tree.Node, wanted: Kind, sign: str) -> Kind:
        kind = self.kind(node)
        if kind in {wanted, Kind.NULL}:
            return wanted
        hint = ""
        if wanted is Kind.NUMBER:
            hint = {
                Kind.BOOLEAN: "cast(x as integer) makes 1 and 0",
                Kind.TEXT: "cast(x as double) reads a number from text",
                Kind.TIMESTAMP: "epoch(a) - epoch(b) is a duration in seconds",
                Kind.DATE: "only date - date is possible: the days between them",
            }.get(kind, "")
        elif wanted is Kind.BOOLEAN and kind is Kind.NUMBER:
            hint = "compare it, as in x > 0"
        elif wanted is Kind.TEXT:
            hint = "cast(x as text) makes a text"
        message = f"`{sign}` takes {_a(wanted)}, this is {_a(kind)}"
        raise ExpressionError("E10", message, hint, start=node.start, end=node.end)

    def _compared(self, left: tree.Node, right: tree.Node, whole: tree.Node) -> Kind:
        left_kind, right_kind = self.kind(left), self.kind(right)
        if left_kind is Kind.TEXT or right_kind is Kind.TEXT:
            left_kind = self.kind(dated(left, right_kind))
            right_kind = self.kind(dated(right, left_kind))
        kind = common_kind(left_kind, right_kind)
        if kind is not None:
            return kind
        kinds = {left_kind, right_kind}
        hint = ""
        if Kind.BOOLEAN in kinds and Kind.NUMBER in kinds:
            hint = "write x or not x; cast(x as integer) makes 1 and 0"
        elif Kind.TEXT in kinds and Kind.NUMBER in kinds:
            hint = "a text is written in quotes; cast(x as double) reads a number from text"
        elif Kind.DATE in kinds or Kind.TIMESTAMP in kinds:
            hint = "a date is written date '2013-01-31'"
        message = f"{_a(left_kind)} can't be compared with {_a(right_kind)}"
        raise ExpressionError("E10", message, hint, start=whole.start, end=whole.end)

    def _compare(self, node: tree.Compare) -> Kind:
        self._compared(node.left, node.right, node)
        return Kind.BOOLEAN

    def _in(self, node: tree.In) -> Kind:
        for item in node.items:
            self._compared(node.operand, item, item)
        return Kind.BOOLEAN

    def _between(self, node: tree.Between) -> Kind:
        for bound in (node.low, node.high):
            self._compared(node.operand, bound, bound)
        return Kind.BOOLEAN

    def _is(self, node: tree.Is) -> Kind:
        if node.truth is tree.Truth.NULL:
            self.kind(node.operand)
        else:
            self._wanted(node.operand, Kind.BOOLEAN, f"is {node.truth.value}")
        return Kind.BOOLEAN

    def _like(self, node: tree.Like) -> Kind:
        word = "ilike" if node.ignores_case else "like"
        self._wanted(node.operand, Kind.TEXT, word)
        if not isinstance(node.pattern, tree.Text):
            hint = "% stands for any characters, _ for one: x like 'N%'"
            span = node.pattern
            raise ExpressionError("E16", f"{word} takes a pattern in quotes", hint, start=span.start, end=span.end)
        if node.escape and _ends_in_escape(node.pattern.value, node.escape):
            message = "the pattern ends in its escape character"
            raise ExpressionError("E16", message, start=node.pattern.start, end=node.pattern.end)
        return Kind.BOOLEAN

    # -- case, cast, functions

    def _case(self, node: tree.Case) -> Kind:
        for branch in node.branches:
            if node.operand is None:
                self._wanted(branch.condition, Kind.BOOLEAN, "when")
            else:
                self._compared(node.operand, branch.condition, branch.condition)
        values = [branch.value for branch in node.branches]
        if node.otherwise is not None:
            values.append(node.otherwise)
        return self._same(values, "the values of a case")

    def _same(self, nodes: Sequence[tree.Node], what: str) -> Kind:
        kind = self.kind(nodes[0])
        for node in nodes[1:]:
            other = self.kind(node)
            both = common_kind(kind, other)
            if both is None:
                message = f"{what} must be of one kind; {_a(kind)} came first, this is {_a(other)}"
                raise ExpressionError("E10", message, start=node.start, end=node.end)
            kind = both
        return kind

    def _cast(self, node: tree.Cast) -> Kind:
        kind = self.kind(node.operand)
        if kind is not Kind.NULL and kind not in _CASTS[node.target]:
            message = f"{_a(kind)} can't be cast to {node.target.value}"
            hint = "epoch(x) gives seconds" if kind in {Kind.DATE, Kind.TIMESTAMP} else ""
            raise ExpressionError("E10", message, hint, start=node.start, end=node.end)
        return CAST_RESULTS[node.target]

    def _call(self, node: tree.Call) -> Kind:
        function = FUNCTIONS[node.name]
        _refuse_count(node, function)
        for index, argument in enumerate(node.arguments):
            allowed = function.parameters[min(index, len(function.parameters) - 1)]
            kind = self.kind(argument)
            if kind is not Kind.NULL and kind not in allowed:
                wanted = " or ".join(_a(kind) for kind in Kind if kind in allowed)
                message = f"{node.name} takes {wanted} here, this is {_a(kind)}"
                hint = f"usage: {function.usage}"
                raise ExpressionError("E10", message, hint, start=argument.start, end=argument.end)
        _refuse_unwritten(node, function)
        if function.result is None:
            return self._same(node.arguments, f"the arguments of {node.name}")
        return function.result


def _refuse_count(node: tree.Call, function: Function) -> None:
    count, required = len(node.arguments), function.required
    most = None if function.is_variadic else len(function.parameters)
    if count >= required and (most is None or count <= most):
        return
    ranges = {None: f"at least {required}", required: str(required)}
    wanted = ranges.get(most, f"{required} to {most}")
    message = f"{node.name} takes {wanted} argument{'' if wanted == '1' else 's'}, here are {count}"
    raise ExpressionError("E09", message, f"usage: {function.usage}", start=node.start, end=node.end)


def _refuse_unwritten(node: tree.Call, function: Function) -> None:
    if function.written_from is None:
        return
    written = node.arguments[function.written_from :]
    for argument, least in zip(written, function.written_least, strict=False):
        value = tree.whole_number(argument)
        if value is None or value < least or value > function.written_most:
            message = f"{node.name} takes a whole number from {least} to {function.written_most:,} here, written out"
            hint = f"usage: {function.usage}"
            raise ExpressionError("E16", message, hint, start=argument.start, end=argument.end)


def _ends_in_escape(pattern: str, escape: str) -> bool:
    is_escaped = False
    for character in pattern:
        is_escaped = character == escape and not is_escaped
    return is_escaped
