"""Definitions: a hash of what a metric computes, so that a decision can tell whether it still stands on it."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import TYPE_CHECKING

from kputui.model.metric import Grain, Input, Simple

if TYPE_CHECKING:
    from kputui.model.ids import MetricId
    from kputui.model.workspace import Workspace

_hashes: tuple[Workspace, dict[tuple[MetricId, bool], str]] | None = None
"""The hashes of the workspace that was asked about last; a workspace never changes."""


def definition_hash(workspace: Workspace, metric: MetricId, *, has_periods: bool = True) -> str:
    """Sixteen hex digits that change when what a metric computes does: its definition, inputs, source, calendar.

    The layout of expressions does not matter, nor do labels, targets and the order of keys. The table that
    lists the periods of its own grain does, unless `has_periods` is false.
    """
    global _hashes  # noqa: PLW0603 - exchanged whole; every view asks again for hundreds of the same hashes
    hashes = _hashes
    if hashes is None or hashes[0] is not workspace:
        hashes = _hashes = (workspace, {})
    known = hashes[1]
    key = (metric, has_periods)
    if key not in known:
        known[key] = _hash(workspace, metric, has_periods=has_periods)
    return known[key]


def _hash(workspace: Workspace, metric: MetricId, *, has_periods: bool) -> str:
    import hashlib  # noqa: PLC0415 - no start pays for it while no decision has a hash

    project = workspace.project
    calendar = (project.timezone, int(project.week_start), project.fiscal_year_start)
    text = repr((_definition(workspace, metric, ()), calendar))
    own = workspace.metrics[metric].grain.value if has_periods and metric in workspace.metrics else ""
    tables = [repr(grain) for name, grain in workspace.grains.items() if name == own or name in text]
    return hashlib.sha256("".join([text, *tables]).encode()).hexdigest()[:16]


def _definition(workspace: Workspace, name: MetricId, path: tuple[MetricId, ...]) -> object:
    metric = workspace.metrics.get(name)
    if metric is None or name in path:
        return str(name)
    return _plain(workspace, metric.definition, (*path, name))


def _plain(workspace: Workspace, value: object, path: tuple[MetricId, ...]) -> object:
    """Nested tuples of what differs from a field's default, so that a new field alone changes no hash."""
    if isinstance(value, tuple):
        return tuple(_plain(workspace, one, path) for one in value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Grain):
        return value.value if value.calendar is None else repr(value)
    if not dataclasses.is_dataclass(value):
        return value
    parts: list[object] = [type(value).__name__]
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        if held == field.default:
            continue
        if field.name in ("expr", "filter"):
            held = _laid_out(held)
        elif isinstance(value, Input) and field.name == "metric":
            held = _definition(workspace, held, path)
        elif isinstance(value, Simple) and field.name == "source" and held in workspace.sources:
            source = workspace.sources[held]
            joins = [join for join in source.joins if f"{join.name}__" in value.expr + value.filter]
            there = [workspace.sources[join.source].path for join in joins if join.source in workspace.sources]
            held = (source.path, source.time, source.source_timezone, source.time_format, *joins, *there)
        parts.append((field.name, _plain(workspace, held, path)))
    return tuple(parts)


def _laid_out(text: str) -> str:
    from kputui.engine.expression import ExpressionError, canonical, parse  # noqa: PLC0415 - as in `definition_hash`

    try:
        return canonical(parse(text))
    except ExpressionError:
        return " ".join(text.split())
