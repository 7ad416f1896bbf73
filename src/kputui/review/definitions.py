"""Definitions compared: what two metrics must have in common to be one figure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.model.metric import Aggregation, Derived, Simple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kputui.model.metric import Definition

_LAYOUT = re.compile(r"[\s()]+")


def definition_key(definition: Definition) -> Hashable:
    """Equal for definitions that give the same values, however their expressions are laid out."""
    return _key(definition, _canonical)


def rough_key(definition: Definition) -> Hashable:
    """Equal for definitions that may have the same `definition_key`, without parsing an expression."""
    return _key(definition, lambda text: _LAYOUT.sub("", text).casefold())


def _key(definition: Definition, written: Callable[[str], str]) -> Hashable:
    filtered = replace(definition, filter=written(definition.filter))
    if isinstance(filtered, Simple):
        # Rows are counted: these ways to say so are one.
        is_all_rows = filtered.agg is Aggregation.COUNT and filtered.expr.strip() in {"1", "*"}
        return replace(filtered, expr="1" if is_all_rows else written(filtered.expr))
    if isinstance(filtered, Derived):
        return replace(filtered, expr=written(filtered.expr))
    return filtered


def _canonical(text: str) -> str:
    """One text for every way of writing an expression; what is no expression stays as written."""
    from kputui.engine.expression import (  # noqa: PLC0415 - loaded only where two definitions look alike
        ExpressionError,
        canonical,
        parse,
    )

    if not text.strip():
        return ""
    try:
        return canonical(parse(text))
    except ExpressionError:
        return text
