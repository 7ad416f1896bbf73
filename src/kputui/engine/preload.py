"""What metrics name before they are planned: their sources, and CSV files and columns, which are read in one pass."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from kputui.engine.borrowed import joined_name
from kputui.engine.expression import columns_of, parse
from kputui.errors import DataError
from kputui.model.metric import Conversion, Cumulative, Derived, Ratio, Simple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kputui.engine.library import Library
    from kputui.engine.progress import Progress
    from kputui.engine.request import Request
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.metric import Definition, Input
    from kputui.model.workspace import Workspace

_TOLD_BYTES = 16 * 2**20
_TOLD_PARTS = 40
"""How far a conversion has come is told after so many bytes, of large files after such a part of them."""


def convert(
    workspace: Workspace, library: Library, requests: Iterable[Request], is_cancelled: Callable[[], bool]
) -> Iterator[Progress]:
    """Convert the CSV files that requests are read from, and tell now and then how far that has come.

    Ends without a word when cancelled: the flag is asked after every few megabytes.
    """
    told: int | None = None
    sources = dict.fromkeys(name for request in requests for name in _sources_of(workspace, request))
    with closing(library.converting(sources)) as steps:
        for progress in steps:
            if is_cancelled():
                return
            if told is None:
                told = progress.bytes_done  # what was converted earlier is passed over with the first step
            elif not 0 <= progress.bytes_done - told < max(_TOLD_BYTES, progress.bytes_all // _TOLD_PARTS):
                told = progress.bytes_done
                yield progress


def _sources_of(workspace: Workspace, request: Request) -> Iterator[SourceId]:
    """The sources that a request is read from, and those joined to them of which it names a column."""
    names = _column_names(request.where) | set(request.group_by)
    for definition in _definitions(workspace, request.metrics):
        names |= _all_names(definition)
    for source in sources_read(workspace, request.metrics):
        yield source
        joins = workspace.sources[source].joins
        joined = {found[0].source for name in names if (found := joined_name(joins, name)) is not None}
        yield from (name for name in joined if name in workspace.sources)


def apart(workspace: Workspace, request: Request) -> tuple[Request, ...]:
    """A request in parts, each of which is kept for later, or not, for itself.

    Conversions, whose events may be too many to be kept, and what is filtered by other metrics' values, which is
    not kept, are computed beside the rest, so that they do not keep it from being kept.
    """
    parts: dict[object, list[MetricId]] = {}
    for metric in dict.fromkeys(request.metrics):
        definitions = tuple(_definitions(workspace, (metric,)))
        names = {name for one in definitions for name in _all_names(one)}
        by_metric = any(name.partition("__")[2] in workspace.metrics for name in names)
        matched = any(isinstance(one, Conversion) for one in definitions)
        parts.setdefault((by_metric, matched), []).append(metric)
    return tuple(replace(request, metrics=tuple(names)) for names in parts.values()) if len(parts) > 1 else (request,)


def preload(
    workspace: Workspace, library: Library, metrics: Sequence[MetricId], where: str, dims: Sequence[str]
) -> None:
    """Read the CSV columns that the metrics, a condition and dimensions name; what is wrong with them shows later."""
    wanted: dict[SourceId, set[str]] = {}
    everywhere = _column_names(where) | set(dims)
    for definition in _definitions(workspace, metrics):
        everywhere |= _everywhere(definition)
        if isinstance(definition, Simple):
            wanted.setdefault(definition.source, set()).update(_column_names(definition.expr))
    for source, names in wanted.items():
        if source in workspace.sources:
            try:
                opened = library.opened(source)
                opened.preload(name for name in opened.names if name in names | everywhere)
            except DataError:
                continue


def sources_read(workspace: Workspace, metrics: Sequence[MetricId]) -> tuple[SourceId, ...]:
    """The sources of the metrics and of all that they are made of; joined ones are not among them."""
    found = (one.source for one in _definitions(workspace, metrics) if isinstance(one, Simple))
    return tuple(name for name in dict.fromkeys(found) if name in workspace.sources)


def _definitions(workspace: Workspace, metrics: Sequence[MetricId]) -> Iterator[Definition]:
    """The definitions of the metrics and of all that they are made of, each once."""
    seen: set[MetricId] = set()
    waiting = list(metrics)
    while waiting:
        metric = workspace.metrics.get(waiting.pop())
        if metric is None or metric.id in seen:
            continue
        seen.add(metric.id)
        yield metric.definition
        waiting += [part.metric for part in parts_of(metric.definition)]


def parts_of(definition: object) -> tuple[Input, ...]:
    """The inputs of a definition that is made of other metrics."""
    if isinstance(definition, Derived):
        return definition.inputs
    if isinstance(definition, Ratio):
        return (definition.numerator, definition.denominator)
    if isinstance(definition, Cumulative):
        return (definition.input,)
    if isinstance(definition, Conversion):
        return (definition.base, definition.conversion)
    return ()


def _all_names(definition: Definition) -> set[str]:
    """The columns that a definition reads."""
    return _everywhere(definition) | (_column_names(definition.expr) if isinstance(definition, Simple) else set())


def _everywhere(definition: Definition) -> set[str]:
    """The columns that a definition reads of whatever sources it is made of."""
    filters = (definition.filter, *(part.filter for part in parts_of(definition)))
    return {name for text in filters for name in _column_names(text)} | _named_columns(definition)


def _named_columns(definition: Definition) -> set[str]:
    """The columns that a definition names beside its expressions."""
    if isinstance(definition, Conversion):
        return {definition.entity, *definition.constant_properties}
    if isinstance(definition, Simple) and definition.non_additive_dimension is not None:
        return {definition.non_additive_dimension.name, *definition.non_additive_dimension.window_groupings}
    return set()


def _column_names(text: str) -> set[str]:
    """The columns that an expression names; none when it can't be read."""
    if not text.strip():
        return set()
    try:
        return set(columns_of(parse(text)))
    except DataError:
        return set()
