"""What a metric is made of, as a tree: aggregations of rows at the leaves, arithmetic and looks over time above.

No polars here: the same tree serves checking and computing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.engine.expression import canonical, columns_of
from kputui.model.ids import MetricId

if TYPE_CHECKING:
    from kputui.engine.expression import Node
    from kputui.engine.stretches import Offset, Trail
    from kputui.model.ids import SourceId
    from kputui.model.metric import Aggregation, Grain
    from kputui.model.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Balance:
    """Of each grouping only the rows at its last (or first) time of a period are read."""

    time: str
    is_last: bool
    groupings: tuple[str, ...]


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
    balance: Balance | None = field(compare=False, default=None)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the source that it reads, as written."""
        return columns_of(self.expr).union(*(columns_of(node) for node in self.filters))


@dataclass(frozen=True, slots=True)
class LeafValue:
    """The value of a leaf; where there is none, `fill`."""

    leaf: Leaf
    fill: float | None = None
    is_on_spine: bool = False


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


@dataclass(frozen=True, slots=True)
class Moved:
    """The value that `part` had earlier; equal by its canonical text."""

    key: str
    part: Value = field(compare=False)
    offset: Offset = field(compare=False)


@dataclass(frozen=True, slots=True)
class Trailing:
    """`part` over the rows of the days up to each day; `period_agg` says which day stands for a longer period."""

    key: str
    part: Value = field(compare=False)
    trail: Trail = field(compare=False)
    period_agg: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Matched:
    """`conversion` over those of its rows that follow a row of `base`, read at the base row's time.

    A conversion belongs to the latest base row before it (or at the same time) of equal `entity` and
    equal `constants`, at most `within` earlier. Equal by its canonical text.
    """

    key: str
    base: Leaf = field(compare=False)
    conversion: Leaf = field(compare=False)
    entity: str = field(compare=False)
    constants: tuple[str, ...] = field(compare=False)
    within: Trail = field(compare=False)
    fill: float | None = field(compare=False, default=None)


Look = Moved | Trailing | Matched
"""A value whose periods are not made of their own rows alone."""

Value = LeafValue | Quotient | Formula | Look


def leaves_of(value: Value) -> tuple[Leaf, ...]:
    """All leaves of a value, left to right."""
    match value:
        case LeafValue():
            return (value.leaf,)
        case Matched():
            return (value.base, value.conversion)
        case Moved() | Trailing():
            return leaves_of(value.part)
        case _:
            return tuple(leaf for part in _parts(value) for leaf in leaves_of(part))


def period_leaves(value: Value) -> tuple[Leaf, ...]:
    """The leaves whose rows are the period's own."""
    if isinstance(value, LeafValue):
        return (value.leaf,)
    if isinstance(value, Look):
        return ()
    return tuple(leaf for part in _parts(value) for leaf in period_leaves(part))


def looks_of(value: Value) -> tuple[Look, ...]:
    """The outermost looks over time in a value."""
    if isinstance(value, LeafValue):
        return ()
    if isinstance(value, Look):
        return (value,)
    return tuple(look for part in _parts(value) for look in looks_of(part))


def grouping_sources(value: Value) -> tuple[SourceId, ...]:
    """The sources whose rows say the period and the group: all but those of conversions."""
    match value:
        case LeafValue():
            found: tuple[SourceId, ...] = (value.leaf.source,)
        case Matched():
            found = (value.base.source,)
        case Moved() | Trailing():
            found = grouping_sources(value.part)
        case _:
            found = tuple(source for part in _parts(value) for source in grouping_sources(part))
    return tuple(dict.fromkeys(found))


def sources_of(value: Value) -> tuple[SourceId, ...]:
    """All sources that a value reads."""
    return tuple(dict.fromkeys(leaf.source for leaf in leaves_of(value)))


def fill_of(value: Value) -> float | None:
    """What stands where a value has none."""
    return None if isinstance(value, Moved | Trailing) else value.fill


def has_fill(value: Value) -> bool:
    """Whether something stands anywhere in it where there is no value."""
    match value:
        case LeafValue():
            return value.fill is not None
        case Moved() | Trailing():
            return has_fill(value.part)
        case Matched():
            return False  # its fill stands only beside base rows
    return value.fill is not None or any(has_fill(part) for part in _parts(value))


def is_on_spine(value: Value) -> bool:
    """Whether periods without rows are shown too."""
    if isinstance(value, LeafValue):
        return value.is_on_spine
    if isinstance(value, Look):
        return False
    return any(is_on_spine(part) for part in _parts(value))


def _parts(value: Quotient | Formula) -> tuple[Value, ...]:
    if isinstance(value, Quotient):
        return (value.numerator, value.denominator)
    return tuple(part for _, part in value.inputs)


def canonical_value(value: Value) -> str:
    """A stable text of the whole definition."""
    if isinstance(value, Moved | Trailing):
        return value.key
    fill = "" if value.fill is None else f" fill {value.fill!r}"
    match value:
        case LeafValue():
            spine = " on the spine" if value.is_on_spine else ""
            return f"{value.leaf.key}{fill}{spine}"
        case Matched():
            return f"{value.key}{fill}"
        case Quotient():
            return f"ratio({canonical_value(value.numerator)}; {canonical_value(value.denominator)}){fill}"
    inputs = "; ".join(f"{name}={canonical_value(part)}" for name, part in value.inputs)
    return f"derived({canonical(value.node)}; {inputs}){fill}"


def definition_hash(workspace: Workspace, value: Value, grain: Grain) -> str:
    """Twelve hex digits that change when the definition, its sources' paths, or the calendar does.

    The calendar is also the table that lists the periods of `grain`, if one does.
    """
    project = workspace.project
    sources = sorted(sources_of(value))
    read: list[object] = [(workspace.sources[name].path, workspace.sources[name].time) for name in sources]
    columns = {(leaf.source, column) for leaf in leaves_of(value) for column in leaf.columns}
    for name in sources:
        for join in workspace.sources[name].joins:
            is_used = any(source == name and column.startswith(f"{join.name}__") for source, column in columns)
            read += [(join, workspace.sources[join.source].path)] if is_used else []
            by_key = sorted({column[len(join.name) + 2 :] for _, column in columns} & set(workspace.metrics))
            read += [repr(workspace.metrics[MetricId(metric)].definition) for metric in by_key] if is_used else []
    text = f"{canonical_value(value)}|{read}|{project.timezone}|{project.week_start}|{project.fiscal_year_start}"
    text += "" if grain.calendar is None else f"|{grain!r}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def filter_text(value: Value) -> str:
    """The filters of all leaves, for provenance; each once."""
    texts = dict.fromkeys(key for leaf in leaves_of(value) for key in leaf.filter_keys)
    return " and ".join(texts)
