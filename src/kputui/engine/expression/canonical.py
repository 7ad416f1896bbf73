"""Tree -> one stable text, the same for every way of writing the same expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kputui.engine.expression import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def canonical(node: tree.Node) -> str:
    """A stable text of the tree: fully bracketed, keywords in lower case, no spaces of the author.

    Two texts with the same tree have the same canonical text, so a definition's hash ignores layout.
    The text parses again to the same tree as long as the nesting allows (brackets count as levels).
    """
    return _WRITERS[type(node)](node)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(node: tree.Column) -> str:
    return '"' + node.name.replace('"', '""') + '"'


def _number(node: tree.Number) -> str:
    return str(int(node.value)) if node.value.is_integer() and node.value < 2**53 else repr(node.value)


def _list(nodes: tuple[tree.Node, ...]) -> str:
    return ", ".join(canonical(node) for node in nodes)


def _not(node: tree.In | tree.Between | tree.Is | tree.Like) -> str:
    return "not " if node.is_negated else ""


def _like(node: tree.Like) -> str:
    word = "ilike" if node.ignores_case else "like"
    escape = f" escape {_quoted(node.escape)}" if node.escape else ""
    return f"({canonical(node.operand)} {_not(node)}{word} {canonical(node.pattern)}{escape})"


def _case(node: tree.Case) -> str:
    operand = "" if node.operand is None else f" {canonical(node.operand)}"
    branches = "".join(f" when {canonical(b.condition)} then {canonical(b.value)}" for b in node.branches)
    otherwise = "" if node.otherwise is None else f" else {canonical(node.otherwise)}"
    return f"case{operand}{branches}{otherwise} end"


def _between(node: tree.Between) -> str:
    return f"({canonical(node.operand)} {_not(node)}between {canonical(node.low)} and {canonical(node.high)})"


def _binary(node: tree.Arithmetic | tree.Compare) -> str:
    return f"({canonical(node.left)} {node.operator} {canonical(node.right)})"


_WRITERS: Final[Mapping[type[tree.Node], Callable[[Any], str]]] = {
    tree.Column: _name,
    tree.Number: _number,
    tree.Text: lambda node: _quoted(node.value),
    tree.Boolean: lambda node: "true" if node.value else "false",
    tree.Null: lambda _: "null",
    tree.Date: lambda node: f"date '{node.value.isoformat()}'",
    tree.Timestamp: lambda node: f"timestamp '{node.value.isoformat(sep=' ')}'",
    tree.Negate: lambda node: f"(-{canonical(node.operand)})",
    tree.Arithmetic: _binary,
    tree.Concat: lambda node: f"({canonical(node.left)} || {canonical(node.right)})",
    tree.Compare: _binary,
    tree.Not: lambda node: f"(not {canonical(node.operand)})",
    tree.Logical: lambda node: "(" + f" {node.operator} ".join(canonical(item) for item in node.items) + ")",
    tree.In: lambda node: f"({canonical(node.operand)} {_not(node)}in ({_list(node.items)}))",
    tree.Between: _between,
    tree.Is: lambda node: f"({canonical(node.operand)} is {_not(node)}{node.truth.value})",
    tree.Like: _like,
    tree.Case: _case,
    tree.Cast: lambda node: f"cast({canonical(node.operand)} as {node.target.value})",
    tree.Call: lambda node: f"{node.name}({_list(node.arguments)})",
}
