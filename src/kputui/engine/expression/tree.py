"""The expression as a small typed tree. Offsets count characters of the text from 0, end exclusive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime


class CastTarget(StrEnum):
    """What a value can be cast to."""

    INTEGER = "integer"
    DOUBLE = "double"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"


class Truth(StrEnum):
    """What `is` asks for."""

    NULL = "null"
    TRUE = "true"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression and the span of text that it came from."""

    start: int
    end: int

    def children(self) -> tuple[Node, ...]:
        """The parts that this node is made of, in the order of the text."""
        return ()


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A column of the source; `is_quoted` when it was written in double quotes."""

    name: str
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as a double."""

    value: float


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text in single quotes, its doubled quotes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`."""


@dataclass(frozen=True, slots=True)
class Date(Node):
    """`date '2013-01-01'`."""

    value: date


@dataclass(frozen=True, slots=True)
class Timestamp(Node):
    """`timestamp '2013-01-01 12:30:00'`, a wall-clock time."""

    value: datetime


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`- operand`."""

    operand: Node

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`left + right`; `operator` is one of `+ - * / %`."""

    operator: str
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Both sides."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Concat(Node):
    """`left || right`."""

    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Both sides."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`left < right`; `operator` is one of `= <> < <= > >=`."""

    operator: str
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Both sides."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not operand`."""

    operand: Node

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Logical(Node):
    """`a and b and c`, or the same with `or`: as many items as were written in a row."""

    operator: str
    items: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The items."""
        return self.items


@dataclass(frozen=True, slots=True)
class In(Node):
    """`operand [not] in (items)`."""

    operand: Node
    items: tuple[Node, ...]
    is_negated: bool

    def children(self) -> tuple[Node, ...]:
        """The operand, then the items."""
        return (self.operand, *self.items)


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`operand [not] between low and high`, both bounds included."""

    operand: Node
    low: Node
    high: Node
    is_negated: bool

    def children(self) -> tuple[Node, ...]:
        """The operand and its bounds."""
        return (self.operand, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Is(Node):
    """`operand is [not] null`, `true` or `false`; itself never null."""

    operand: Node
    truth: Truth
    is_negated: bool

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Like(Node):
    """`operand [not] like pattern [escape 'c']`; `ilike` ignores upper and lower case."""

    operand: Node
    pattern: Node
    escape: str
    ignores_case: bool
    is_negated: bool

    def children(self) -> tuple[Node, ...]:
        """The operand and the pattern."""
        return (self.operand, self.pattern)


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """`when condition then value` of a case."""

    condition: Node
    value: Node

    def children(self) -> tuple[Node, ...]:
        """The condition and the value."""
        return (self.condition, self.value)


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`case [operand] when ... then ... [else ...] end`; without `else` the rest is null."""

    operand: Node | None
    branches: tuple[Branch, ...]
    otherwise: Node | None

    def children(self) -> tuple[Node, ...]:
        """The operand, the branches and the else value, as far as they were written."""
        first = () if self.operand is None else (self.operand,)
        last = () if self.otherwise is None else (self.otherwise,)
        return (*first, *self.branches, *last)


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """`cast(operand as target)` or `operand::target`."""

    operand: Node
    target: CastTarget

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A scalar function; `name` is its name in `functions.FUNCTIONS`."""

    name: str
    arguments: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node of the tree with its depth, the root's being 1; parents come before their parts."""
    waiting = [(node, 1)]
    while waiting:
        current, depth = waiting.pop()
        yield current, depth
        waiting.extend((child, depth + 1) for child in reversed(current.children()))


def columns_of(node: Node) -> frozenset[str]:
    """The names of the columns that the expression reads, as they were written."""
    return frozenset(part.name for part, _ in walk(node) if isinstance(part, Column))


def constant(node: Node) -> float | str | bool | date | datetime | None:
    """The value of a literal or of a negated number; None for everything else, null included."""
    if isinstance(node, Negate) and isinstance(node.operand, Number):
        return -node.operand.value + 0.0
    if isinstance(node, Number | Text | Boolean | Date | Timestamp):
        return node.value
    return None


def whole_number(node: Node) -> int | None:
    """The value of a whole number that was written out, else None."""
    value = constant(node)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None
