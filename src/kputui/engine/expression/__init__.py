"""The expression language: a closed SQL subset over one row. Only `to_polars` and what it imports need polars."""

from kputui.engine.expression.canonical import canonical
from kputui.engine.expression.check import check, check_filter
from kputui.engine.expression.codes import CODES
from kputui.engine.expression.errors import ExpressionError
from kputui.engine.expression.kinds import Kind
from kputui.engine.expression.parser import parse
from kputui.engine.expression.tree import Column, Node, columns_of

__all__ = [
    "CODES",
    "Column",
    "ExpressionError",
    "Kind",
    "Node",
    "canonical",
    "check",
    "check_filter",
    "columns_of",
    "parse",
]
