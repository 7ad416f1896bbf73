"""Tree -> polars expression, with the semantics that every engine shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
import polars.selectors as cs

from kputui.engine.expression import tree
from kputui.engine.expression.check import Checker, check, column_name, dated
from kputui.engine.expression.kinds import Kind, common_kind
from kputui.engine.expression.like import pattern_of
from kputui.engine.expression.polars_functions import (
    ARITHMETIC,
    CASTS,
    COMPARISONS,
    ONE,
    SAME_KIND,
    TWO_NUMBERS,
    WITH_WRITTEN,
    clean,
    matched,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DTYPES: Final[Mapping[Kind, pl.DataType]] = {
    Kind.NUMBER: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.TIMESTAMP: pl.Datetime("us"),
    Kind.NULL: pl.Float64(),
}
_MIRRORED: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ARGUMENT_OF_NULL: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("lower", "upper", "trim", "length"), Kind.TEXT),
    **dict.fromkeys(
        ("year", "quarter", "month", "week", "day", "weekday", "isodow", "hour", "minute", "epoch"), Kind.TIMESTAMP
    ),
}


def kind_of(dtype: pl.DataType) -> Kind | None:
    """The kind of a column of this type; None for types that expressions can't read (lists, times, bytes)."""
    if dtype.is_numeric():
        return Kind.NUMBER
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return Kind.TEXT
    if isinstance(dtype, pl.Datetime):
        return Kind.TIMESTAMP
    if isinstance(dtype, pl.Boolean):
        return Kind.BOOLEAN
    if isinstance(dtype, pl.Date):
        return Kind.DATE
    return Kind.NULL if isinstance(dtype, pl.Null) else None


def to_polars(node: tree.Node, schema: Mapping[str, Kind], *, is_normalised: bool = False) -> pl.Expr:
    """The expression for a select over a frame with the columns of `schema`: one value a row, also for a constant.

    Numbers are Float64 (whole numbers beyond 2^53 lose their last digits), NaN and division by 0 are
    null, there is no negative zero. Time stamps are wall-clock times; a column with a zone is read in
    its own zone. `is_normalised` promises that the frame's columns went through `normalised` already.

    Raises:
        ExpressionError: as `check`.
    """
    check(node, schema)
    expression = _Translator(schema, is_normalised=is_normalised).expression(node)
    # Polars folds conditions that no row decides, and 2.1 gives `literal = x` one row where x is one value
    # throughout: the sum of `case when false then x else 1 end` would be 1. This costs 0.1 ns a row.
    return pl.when(pl.repeat(value=True, n=pl.len())).then(expression)


def normalised(name: str, kind: Kind, dtype: pl.DataType | None = None) -> pl.Expr:
    """The column `name` in the one type that its kind is computed in, under its own name.

    Numbers are Float64 with NaN as null, texts String, time stamps naive Datetime("us") by the wall
    clock of the column's zone. With its `dtype` known, a column of whole numbers is not searched for NaN.
    """
    column = _named(name)
    if kind is Kind.NUMBER:
        number = column.cast(pl.Float64)
        return number if dtype is not None and not dtype.is_float() else number.fill_nan(None)
    if kind is Kind.TIMESTAMP:
        return column.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    return column.cast(pl.String) if kind is Kind.TEXT else column


def _named(name: str) -> pl.Expr:
    """Exactly this column; pl.col would take `*` and `^...$` for patterns."""
    return cs.by_name(name).as_expr() if name.startswith("^") or "*" in name else pl.col(name)


class _Translator:
    """Polars expressions for the nodes of one tree."""

    def __init__(self, schema: Mapping[str, Kind], *, is_normalised: bool) -> None:
        self._schema = schema
        self._is_normalised = is_normalised
        self._kind = Checker(schema).kind
        self._writers: Mapping[type[tree.Node], Callable[[Any], pl.Expr]] = {
            tree.Column: self._column,
            tree.Number: lambda node: pl.lit(node.value, pl.Float64),
            tree.Text: lambda node: pl.lit(node.value, pl.String),
            tree.Boolean: lambda node: pl.lit(node.value, pl.Boolean),
            tree.Date: lambda node: pl.lit(node.value, pl.Date),
            tree.Timestamp: lambda node: pl.lit(node.value, pl.Datetime("us")),
            tree.Negate: self._arithmetic,
            tree.Arithmetic: self._arithmetic,
            tree.Concat: lambda node: self.expression(node.left) + self.expression(node.right),
            tree.Compare: lambda node: self._compared(node.operator, node.left, node.right),
            tree.Not: lambda node: ~self.expression(node.operand, Kind.BOOLEAN),
            tree.Logical: self._logical,
            tree.In: self._in,
            tree.Between: self._between,
            tree.Is: self._is,
            tree.Like: self._like,
            tree.Case: self._case,
            tree.Cast: self._cast,
            tree.Call: self._call,
        }

    def expression(self, node: tree.Node, wanted: Kind | None = None) -> pl.Expr:
        """The node's value; `wanted` types a node that can only be null, and lifts dates to time stamps."""
        kind = self._kind(node)
        if kind is Kind.NULL:
            return pl.lit(None, _DTYPES[wanted or kind])
        if wanted in {Kind.DATE, Kind.TIMESTAMP} and kind is Kind.TEXT:
            node = dated(node, wanted)
            kind = self._kind(node)
        written = self._writers[type(node)](node)
        if wanted is Kind.TIMESTAMP and kind is Kind.DATE:
            return written.cast(pl.Datetime("us"))
        return written

    def _column(self, node: tree.Column) -> pl.Expr:
        name = column_name(node, self._schema)
        return _named(name) if self._is_normalised else normalised(name, self._schema[name])

    # -- arithmetic

    def _arithmetic(self, node: tree.Negate | tree.Arithmetic) -> pl.Expr:
        return clean(self._chain(node))

    def _chain(self, node: tree.Node) -> pl.Expr:
        """As `expression`, but NaN and negative zero of the steps are left to the end of the chain."""
        if isinstance(node, tree.Negate):
            return -self._chain(node.operand)
        if not isinstance(node, tree.Arithmetic):
            return self.expression(node, Kind.NUMBER)
        if self._kind(node.left) is Kind.DATE:
            return (self.expression(node.left) - self.expression(node.right)).dt.total_days().cast(pl.Float64)
        left, right = self._chain(node.left), self._chain(node.right)
        if node.operator == "/" and tree.constant(node.right):
            return left / right
        return ARITHMETIC[node.operator](left, right)

    # -- true, false and null

    def _compared(self, operator: str, left: tree.Node, right: tree.Node) -> pl.Expr:
        left_kind, right_kind = self._kind(left), self._kind(right)
        if Kind.TEXT in {left_kind, right_kind}:
            left_kind = self._kind(dated(left, right_kind))
            right_kind = self._kind(dated(right, left_kind))
        kind = common_kind(left_kind, right_kind)
        if not tree.columns_of(left):  # the literal's side decides the length, see `to_polars`
            left, right, operator = right, left, _MIRRORED[operator]
        return COMPARISONS[operator](self.expression(left, kind), self.expression(right, kind))

    def _logical(self, node: tree.Logical) -> pl.Expr:
        items = [self.expression(item, Kind.BOOLEAN) for item in node.items]
        return pl.all_horizontal(items) if node.operator == "and" else pl.any_horizontal(items)

    def _in(self, node: tree.In) -> pl.Expr:
        kind = self._kind(node.operand)
        values = [tree.constant(item) for item in node.items]
        if kind in {Kind.NUMBER, Kind.TEXT} and None not in values:
            listed = self.expression(node.operand).is_in(pl.Series(values, dtype=_DTYPES[kind]).implode())
        else:
            listed = pl.any_horizontal([self._compared("=", node.operand, item) for item in node.items])
        return ~listed if node.is_negated else listed

    def _between(self, node: tree.Between) -> pl.Expr:
        low = self._compared(">=", node.operand, node.low)
        high = self._compared("<=", node.operand, node.high)
        return ~(low & high) if node.is_negated else low & high

    def _is(self, node: tree.Is) -> pl.Expr:
        if node.truth is tree.Truth.NULL:
            operand = self.expression(node.operand)
            return operand.is_not_null() if node.is_negated else operand.is_null()
        operand = self.expression(node.operand, Kind.BOOLEAN)
        asked = operand if node.truth is tree.Truth.TRUE else ~operand
        answer = asked.fill_null(value=False)
        return ~answer if node.is_negated else answer

    def _like(self, node: tree.Like) -> pl.Expr:
        operand = self.expression(node.operand, Kind.TEXT)
        text = str(tree.constant(node.pattern) or "")
        if node.ignores_case:
            operand = operand.str.to_lowercase()
        answer = matched(operand, pattern_of(text, node.escape, in_lower_case=node.ignores_case))
        return ~answer if node.is_negated else answer

    # -- case, cast, functions

    def _case(self, node: tree.Case) -> pl.Expr:
        kind = self._kind(node)
        result = pl.lit(None, _DTYPES[kind]) if node.otherwise is None else self.expression(node.otherwise, kind)
        for branch in reversed(node.branches):
            if node.operand is None:
                condition = self.expression(branch.condition, Kind.BOOLEAN)
            else:
                condition = self._compared("=", node.operand, branch.condition)
            result = pl.when(condition).then(self.expression(branch.value, kind)).otherwise(result)
        return result

    def _cast(self, node: tree.Cast) -> pl.Expr:
        kind = self._kind(node.operand)
        if kind is Kind.NULL:
            return pl.lit(None, _DTYPES[self._kind(node)])
        return CASTS[node.target](self.expression(node.operand), kind)

    def _call(self, node: tree.Call) -> pl.Expr:
        kind = self._kind(node)
        if node.name == "nullif":
            first, second = node.arguments
            value = self.expression(first, kind)
            is_same = self._compared("=", first, second)
            return pl.when(is_same).then(None).otherwise(value)
        if node.name in SAME_KIND:
            return SAME_KIND[node.name]([self.expression(argument, kind) for argument in node.arguments])
        if node.name in WITH_WRITTEN:
            written = [tree.whole_number(argument) or 0 for argument in node.arguments[1:]]
            wanted = Kind.TEXT if node.name == "substr" else Kind.NUMBER
            return WITH_WRITTEN[node.name](self.expression(node.arguments[0], wanted), written)
        if node.name in TWO_NUMBERS:
            left, right = (self.expression(argument, Kind.NUMBER) for argument in node.arguments)
            return TWO_NUMBERS[node.name](left, right)
        argument = node.arguments[0]
        return ONE[node.name](self.expression(argument, _ARGUMENT_OF_NULL.get(node.name, Kind.NUMBER)))
