"""What a run's finished rows say: the readings of its metrics, with where they come from and what is to be known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.combine import evaluated, with_spine
from kputui.engine.definition import (
    Quotient,
    definition_hash,
    filter_text,
    grouping_sources,
    leaves_of,
    looks_of,
    period_leaves,
    sources_of,
)
from kputui.engine.extent import covers_of, starts_of
from kputui.engine.facts import in_utc, newest_until
from kputui.engine.group_series import groups_of
from kputui.engine.left_out import notes_left_out, rows_left_out
from kputui.engine.periods import day_of, number_of
from kputui.model.series import Provenance, Reading, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from kputui.engine.definition import Value
    from kputui.engine.library import Library
    from kputui.engine.run import Run
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.metric import Grain
    from kputui.model.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Axis:
    """The periods of a series from `bound` on: their first days as numbers, as dates, and the days after their last."""

    bound: int | None
    starts: list[int]
    days: tuple[date, ...]
    ends: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class _Frames:
    """Finished rows as they are, and with a row for every period; `state` tells how far the run had come."""

    state: tuple[int, ...]
    rows: pl.DataFrame
    spread: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Origin:
    """Of a source: its files, its rows, those without a time, those after the last day asked, the newest time."""

    files: tuple[str, ...]
    rows: int
    no_time: int
    late: int
    newest: datetime | None


@dataclass(slots=True)
class Answers:
    """The readings of one run, batch after batch; `now` (UTC) stamps them."""

    workspace: Workspace
    library: Library
    run: Run
    now: datetime
    _axes: dict[tuple[tuple[SourceId, ...], Grain], _Axis] = field(default_factory=dict)
    _frames: dict[tuple[tuple[SourceId, ...], Grain], _Frames] = field(default_factory=dict)
    _hashes: dict[MetricId, str] = field(default_factory=dict)
    _origins: dict[SourceId, _Origin] = field(default_factory=dict)
    _final: dict[MetricId, tuple[Reading, ...]] = field(default_factory=dict)

    def of(self, names: Sequence[MetricId]) -> tuple[Reading, ...]:
        """The readings of these metrics, in their order."""
        known = self._final
        return tuple(one for name in names for one in (known[name] if name in known else self.readings(name)))

    def prepare(self) -> None:
        """Make the readings of a run of which nothing is left, while other runs are still computed."""
        self._final = {name: tuple(self.readings(name)) for name in self.run.grains}

    def readings(self, name: MetricId) -> Iterator[Reading]:
        """The reading of a metric as far as the run has come, one a group when it is grouped."""
        run = self.run
        value = run.values.get(name)
        if value is None:
            yield Reading(name, failure=run.failures[name])
            return
        grain = run.grains[name]
        axis = self._axis(grouping_sources(value), grain)
        if axis.bound is not None and not axis.starts:
            yield Reading(name)
            return
        run.look(name, axis.starts)
        if name in run.failures:
            yield Reading(name, failure=run.failures[name])
            return
        found = self._framed(value, grain, axis)
        if found is None:
            yield Reading(name)
            return
        rows, frame = found.rows, found.spread
        values, counts = evaluated(value, frame, run.names)
        sources = sources_of(value)
        left_out = rows_left_out(run, value, grain, rows)
        provenance = self._provenance(name, int(counts.sum()), left_out)
        notes = notes_of(self.library, run, sources, grain, self.now.date())
        covers = covers_of(run, value, sources)
        groups = frame[list(run.dims)].head(frame.height // max(len(axis.starts), 1)) if run.dims else pl.DataFrame()
        for group, own_values, own_rows in groups_of(groups, values, counts):
            series = Series(
                metric=name,
                grain=grain,
                starts=axis.days,
                ends=axis.ends,
                values=own_values,
                rows=own_rows,
                covers=covers,
                group=group,
            )
            yield Reading(name, series=series, provenance=provenance, notes=notes)

    def _framed(self, value: Value, grain: Grain, axis: _Axis) -> _Frames | None:
        """A value's finished rows, made once for all that are of the same ones; None while there are none."""
        run = self.run
        sources = tuple(dict.fromkeys(leaf.source for leaf in period_leaves(value)))
        state = (len(axis.starts), *(len(run.done.get((source, grain), ())) for source in sources))
        held = self._frames.get((sources, grain))
        has_looks = bool(looks_of(value))
        if held is not None and held.state == state and not has_looks:
            return held
        rows = run.rows_of((value,), grain, axis.starts)
        if rows is None:
            return None
        found = _Frames(state, rows, with_spine(rows, axis.starts, run.dims))
        if not has_looks:
            self._frames[sources, grain] = found
        return found

    def _axis(self, sources: tuple[SourceId, ...], grain: Grain) -> _Axis:
        """The periods that are finished; of those that were before, nothing is made anew."""
        bound = self.run.bound(sources)
        held = self._axes.get((sources, grain))
        if held is None or held.bound != bound:
            starts = starts_of(self.run, sources, grain)
            known = 0 if held is None else len(held.starts)
            fresh = starts[: len(starts) - known]
            ends = self.run.periods.ends(fresh, grain)
            days, until = tuple(map(day_of, fresh)), tuple(map(day_of, ends))
            if held is not None:
                days, until = days + held.days, until + held.ends
            held = self._axes[sources, grain] = _Axis(bound, starts, days, until)
        return held

    def _origin(self, source: SourceId) -> _Origin:
        if source not in self._origins:
            opened = self.library.opened(source)
            facts = opened.facts()
            last = self.run.window.last
            late = 0 if last is None else facts.rows_in(last + 1)
            newest = newest_until(facts, last)
            self._origins[source] = _Origin(opened.paths, facts.rows, facts.no_time, late, newest)
        return self._origins[source]

    def _provenance(self, name: MetricId, used: int, left_out: int) -> Provenance:
        value = self.run.values[name]
        if name not in self._hashes:
            self._hashes[name] = definition_hash(self.workspace, value, self.run.grains[name])
        origins = {source: self._origin(source) for source in sources_of(value)}
        dropped: dict[str, int] = {}
        for origin in origins.values():
            _add(dropped, "no time", origin.no_time)
            _add(dropped, "after today", origin.late)
        in_time = sum(origin.rows for origin in origins.values()) - sum(dropped.values())
        main = leaves_of(value.denominator if isinstance(value, Quotient) else value)
        if self.run.bound(tuple(origins)) is not None:
            _add(dropped, "not used so far", in_time - used)
        elif main:
            leaf = main[0]
            work = self.run.works[leaf.source]
            passed = work.passed.get(leaf.filter_keys, 0)
            if looks_of(value):
                used = min(used, passed)  # a row counts in many windows
            if len(origins) == 1:
                _add(dropped, "outside the days asked", in_time - work.seen)
            _add(dropped, "filter", work.seen - passed)
            if len(main) == 1:
                _add(dropped, "in no period", left_out)
                _add(dropped, "no value", passed - used - left_out)
        return Provenance(
            files=tuple(path for origin in origins.values() for path in origin.files),
            rows_read=sum(origin.rows for origin in origins.values()),
            rows_used=used,
            dropped=tuple(dropped.items()),
            filter=filter_text(value),
            newest=max((one.newest for one in origins.values() if one.newest is not None), key=in_utc, default=None),
            definition_hash=self._hashes[name],
            computed_at=self.now,
        )


def notes_of(library: Library, run: Run, sources: Sequence[SourceId], grain: Grain, today: date) -> tuple[str, ...]:
    """What is to be known of the sources' data, each sentence once."""
    notes: dict[str, None] = {}
    tomorrow = number_of(today) + 1  # a zone may be a day ahead of UTC
    for source in sources:
        opened = library.opened(source)
        facts = opened.facts()
        notes |= dict.fromkeys(facts.notes)
        if opened.notes and source in run.works:
            read = set(run.works[source].columns())
            notes |= dict.fromkeys(note for note, column in opened.notes.items() if column in read)
        if run.window.last is None and facts.last_day > tomorrow:
            future = facts.rows_in(tomorrow + 1)
            notes[f"{future} row{'' if future == 1 else 's'} of `{source}` lie in the future"] = None
    return (*notes, *notes_left_out(run, sources, grain))


def _add(dropped: dict[str, int], reason: str, count: int) -> None:
    if count > 0:
        dropped[reason] = dropped.get(reason, 0) + count
