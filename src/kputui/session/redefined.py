"""Redefinitions: the days on which what a metric is made of changed, as far as anybody wrote it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.model.link import LinkDecision
from kputui.session.figures import sources_of
from kputui.session.history import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kputui.model.change import Change
    from kputui.model.ids import MetricId
    from kputui.session.figures import Figures


def redefinitions(figures: Figures) -> Mapping[MetricId, tuple[date, ...]]:
    """The days by metric, oldest first.

    A decision about a link records the definitions that were judged: where a later one records another, the
    definition has changed by that day. A dated note on a source is a change of what all its metrics are made of.
    """
    found: dict[MetricId, set[date]] = {}
    hashes: dict[MetricId, str] = {}
    for change in figures.state.changes if figures.state is not None else ():
        for metric, judged in _judged(change):
            if judged and hashes.get(metric, judged) != judged:
                found.setdefault(metric, set()).add(day_of(figures.workspace, change))
            if judged:
                hashes[metric] = judged
    noted = [note for note in figures.workspace.annotations if note.sources]
    for name in figures.workspace.metrics if noted else ():
        sources = sources_of(figures.workspace, name)
        found.setdefault(name, set()).update(note.on for note in noted if sources & set(note.sources))
    return {name: tuple(sorted(days)) for name, days in found.items() if days}


def _judged(change: Change) -> Iterator[tuple[MetricId, str]]:
    if isinstance(change.after, LinkDecision):
        yield change.after.cpi, change.after.cpi_hash
        yield change.after.kpi, change.after.kpi_hash
