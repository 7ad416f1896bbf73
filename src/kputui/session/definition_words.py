"""A definition as a sentence near to SQL, with the metrics that it is made of under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.metric import Aggregation, Conversion, Cumulative, Derived, Grain, Ratio, Simple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.model.ids import MetricId
    from kputui.model.metric import Definition, Input
    from kputui.model.workspace import Workspace

_MOST_LINES = 40


def definition_words(
    workspace: Workspace, name: MetricId, grain: Grain | None = None, condition: str = ""
) -> tuple[str, ...]:
    """One line a metric, the asked one first: `late = average(delay > 15) from flights where ... by week of day`.

    `grain` None is the metric's own; `condition` narrows the rows of all of them. At most 40 lines.
    """
    metric = workspace.metrics.get(name)
    if metric is None:
        return ()
    lines: list[str] = []
    waiting: list[MetricId] = [name]
    seen: set[MetricId] = set()
    while waiting and len(lines) < _MOST_LINES:
        at = waiting.pop(0)
        if at in seen or at not in workspace.metrics:
            continue
        seen.add(at)
        definition = workspace.metrics[at].definition
        lines.append(f"{at} = {_words(workspace, definition, grain or metric.grain, condition)}")
        waiting += [part.metric for part in _inputs(definition)]
    return tuple(lines)


def _words(workspace: Workspace, definition: Definition, grain: Grain, condition: str) -> str:
    words = ""
    match definition:
        case Simple():
            return _simple_words(workspace, definition, grain, condition)
        case Ratio():
            words = f"{_input_words(definition.numerator)} / {_input_words(definition.denominator)}"
        case Derived():
            words = definition.expr
            others = [f"{part.name} is {_input_words(part)}" for part in definition.inputs if _is_changed(part)]
            words += f", {', '.join(others)}" if others else ""
        case Cumulative():
            span = f"over {definition.window}" if definition.window else "over all time"
            if definition.grain_to_date is not None:
                span = f"since the {definition.grain_to_date} began"
            words = f"{_input_words(definition.input)} {span}"
            words += "" if definition.period_agg == "first" else f", {definition.period_agg} of each period"
        case Conversion():
            within = f" within {definition.window}" if definition.window else ""
            same = "".join(f" and {name}" for name in definition.constant_properties)
            words = (
                f"{definition.calculation} of {_input_words(definition.base)} followed by "
                f"{_input_words(definition.conversion)} of the same {definition.entity}{same}{within}"
            )
    return words + _where((definition.filter,))


def _simple_words(workspace: Workspace, definition: Simple, grain: Grain, condition: str) -> str:
    expr = definition.expr
    if definition.agg is Aggregation.COUNT and expr == "1":
        expr = "*"
    if definition.agg is Aggregation.PERCENTILE and definition.percentile is not None:
        expr += f", {definition.percentile:g}"
    words = f"{definition.agg}({expr}) from {definition.source}{_where((definition.filter, condition))}"
    balance = definition.non_additive_dimension
    if balance is not None:
        words += f" at the {'last' if balance.window_choice == 'max' else 'first'} {balance.name}"
        words += "".join(f" of each {column}" for column in balance.window_groupings)
    source = workspace.sources.get(definition.source)
    words += f" by {grain} of {source.time}" if source is not None and source.time else f" by {grain}"
    return words + (f", else {definition.fill_nulls_with:g}" if definition.fill_nulls_with is not None else "")


def _where(filters: tuple[str, ...]) -> str:
    written = [text.strip() for text in filters if text.strip()]
    if len(written) > 1:
        written = [f"({text})" for text in written]
    return f" where {' and '.join(written)}" if written else ""


def _input_words(part: Input) -> str:
    words = str(part.metric) + _where((part.filter,))
    words += f" {part.offset_window} before" if part.offset_window else ""
    words += f" at the start of the {part.offset_to_grain}" if part.offset_to_grain is not None else ""
    return f"({words})" if words != part.metric else words


def _is_changed(part: Input) -> bool:
    return bool(part.alias or part.filter.strip() or part.offset_window or part.offset_to_grain)


def _inputs(definition: Definition) -> Iterator[Input]:
    match definition:
        case Ratio():
            yield from (definition.numerator, definition.denominator)
        case Derived():
            yield from definition.inputs
        case Cumulative():
            yield definition.input
        case Conversion():
            yield from (definition.base, definition.conversion)
