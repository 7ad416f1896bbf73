"""Exploring: a metric's values for a cut, computed from rows beside the board and without touching it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kputui.engine.listing import fingerprints
from kputui.errors import DataError
from kputui.model.ids import MetricId
from kputui.model.metric import (
    ADDITIVE_AGGREGATIONS,
    Aggregation,
    Conversion,
    Cumulative,
    Derived,
    Grain,
    Input,
    Metric,
    MetricKind,
    Ratio,
    Simple,
)
from kputui.model.series import Failure, Reading
from kputui.review import parts_deep
from kputui.session.cuts import Cell, Cut, among, outside
from kputui.session.engines import engine_for

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from kputui.engine.compute import Engine
    from kputui.engine.request import Request
    from kputui.model.metric import Definition
    from kputui.model.series import Series, Table
    from kputui.model.workspace import Workspace
    from kputui.session.open import Opened

    IsCancelled = Callable[[], bool]

MOST_PARTS = 9
"""A dimension with more values than these is shown as the largest ones and the rest."""

_KEPT = 100
MOST_TEXT = 1_500
"""Characters of an SQL condition, well below what an expression may have."""
_ROWS = MetricId("rows looked at")


@dataclass(frozen=True, slots=True)
class Size:
    """One value of a dimension with its rows, and what it is ranked by: the metric where it adds up, else the rows."""

    value: Cell
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """The values of a dimension in a metric's rows, largest first; `failure` says why there are none."""

    values: tuple[Size, ...] = ()
    ranked_by: str = "rows"
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The series of one value of a dimension; the rest has the number of its values in `merged`."""

    value: Cell
    series: Series
    merged: int = 0


@dataclass(frozen=True, slots=True)
class Explored:
    """A metric as a cut shows it, so far: `reading` is the whole of the cut, `parts` its breakdown.

    `values` is how many values the dimension has; `note` says what could not be shown. `share` is the part of the
    rows that is looked at, from 0 to 1, while that is known.
    """

    cut: Cut
    reading: Reading
    parts: tuple[Part, ...] = ()
    values: int = 0
    ranked_by: str = "rows"
    note: str = ""
    is_complete: bool = False
    share: float | None = None


@dataclass(slots=True)
class Explorer:
    """Computes cuts with an engine of its own, in one thread at a time; what the files still say is kept.

    `opened` gives the workspace on show.
    """

    opened: Callable[[], Opened]
    _engine: Engine | None = None
    _workspace: Workspace | None = None
    _held: dict[Hashable, tuple[object, object]] = field(default_factory=dict)

    def explore(self, metric: MetricId, cut: Cut, is_cancelled: IsCancelled) -> Iterator[Explored]:
        """The cut, better each time, newest periods first; the last is complete. After a cancel nothing more comes."""
        stamp, key = self._stamp(), ("cut", metric, cut)
        if (held := self._held.get(key)) is not None and held[0] == stamp:
            yield held[1]  # type: ignore[misc]  # the key fixes the type
            return
        found: Explored | None = None
        try:
            for found in self._explored(metric, cut, is_cancelled):
                if not found.is_complete:
                    yield found
        except DataError as error:
            found = Explored(cut, Reading(metric, failure=_failure(error)), is_complete=True)
        if found is not None and found.is_complete and not is_cancelled():
            self._keep(key, stamp, found)
            yield found

    def sizes(self, metric: MetricId, dimension: str, is_cancelled: IsCancelled, condition: str = "") -> Sizes | None:
        """The values of a dimension with their rows; None after a cancel."""
        stamp, key = self._stamp(), ("sizes", metric, dimension, condition)
        if (held := self._held.get(key)) is not None and held[0] == stamp:
            return held[1]  # type: ignore[return-value]  # as above
        try:
            found = self._sizes(metric, dimension, is_cancelled, condition)
        except DataError as error:
            found = Sizes(failure=_failure(error))
        if is_cancelled():
            return None
        self._keep(key, stamp, found)
        return found

    def _explored(self, metric: MetricId, cut: Cut, is_cancelled: IsCancelled) -> Iterator[Explored]:
        engine, request = self._engine_now(), self._request(metric, cut)
        found = Explored(cut, Reading(metric))
        for batch in engine.readings(request, is_cancelled):
            found = replace(found, reading=batch[0] if batch else found.reading, share=engine.progress.share)
            yield found
        found = replace(found, share=None)
        if is_cancelled():
            return
        if not cut.by or found.reading.failure is not None:
            yield replace(found, is_complete=True)
            return
        sizes = self.sizes(metric, cut.by, is_cancelled, cut.condition)
        if sizes is None:
            return
        if sizes.failure is not None:
            yield replace(found, reading=Reading(metric, failure=sizes.failure), is_complete=True)
            return
        found = replace(found, values=len(sizes.values), ranked_by=sizes.ranked_by)
        shown = _shown(found.cut, sizes)
        if sizes.values and not shown:
            yield replace(found, note=f"the values of {cut.by} are too long to be told apart", is_complete=True)
        elif self._is_matched(metric):
            yield from self._by_group(found, request, shown, is_cancelled)
        else:
            yield from self._broken_down(found, request, shown, is_cancelled)

    def _is_matched(self, metric: MetricId) -> bool:
        """Whether conversions are in a metric: the group of one is that of the newest of all base rows before it."""
        workspace = self.opened().workspace
        return any(isinstance(workspace.metrics[part].definition, Conversion) for part in parts_deep(workspace, metric))

    def _by_group(
        self, found: Explored, request: Request, shown: tuple[Cell, ...], is_cancelled: IsCancelled
    ) -> Iterator[Explored]:
        """The largest parts as groups, without the rest: rows of other values decide too what belongs to a value."""
        from kputui.engine.group_series import group_text  # noqa: PLC0415 - polars only where something is computed

        by = found.cut.by
        if len(shown) < found.values:
            more = found.values - len(shown)
            why = "a conversion belongs to the value of its base row, and no rest is made of them"
            found = replace(found, note=f"{more} more values of {by} are not shown: {why}")
        keys = {value: None if value is None else group_text(value) for value in shown}

        def parts_of(batch: Sequence[Reading]) -> tuple[Part, ...]:
            series = {one.series.group[0][1]: one.series for one in batch if one.series is not None}
            return tuple(Part(value, replace(series[key], group=())) for value, key in keys.items() if key in series)

        request = replace(request, group_by=(by,))
        yield from _in_parts(found, self._engine_now(), request, parts_of, is_cancelled)

    def _broken_down(
        self, found: Explored, request: Request, shown: tuple[Cell, ...], is_cancelled: IsCancelled
    ) -> Iterator[Explored]:
        """The largest parts and the rest, each computed from its own rows in one look at them."""
        cut = found.cut
        has_rest = len(shown) < found.values
        conditions = [among(cut.by, (value,)) for value in shown]
        conditions += [outside(cut.by, shown)] if has_rest else []
        names = [MetricId(f"part {number}") for number in range(len(conditions))]
        metric = self.opened().workspace.metrics[request.metrics[0]]
        more = {name: _narrowed(metric, text) for name, text in zip(names, conditions, strict=True)}
        engine = self._engine_now().with_metrics({name: replace(one, id=name) for name, one in more.items()})
        values: list[Cell] = [*shown, None]
        merged = found.values - len(shown)

        def parts_of(batch: Sequence[Reading]) -> tuple[Part, ...]:
            return tuple(
                Part(value, reading.series, merged if number == len(shown) else 0)
                for number, (value, reading) in enumerate(zip(values, batch, strict=False))
                if reading.series is not None
            )

        request = replace(request, metrics=tuple(names))
        yield from _in_parts(found, engine, request, parts_of, is_cancelled)

    def _sizes(self, metric: MetricId, dimension: str, is_cancelled: IsCancelled, condition: str) -> Sizes:
        workspace = self.opened().workspace
        engine = self._engine_now().with_metrics({_ROWS: _counter(workspace, metric)})
        names = (_ROWS, metric) if _adds_up(workspace.metrics[metric].definition) else (_ROWS,)
        clock = self.opened().clock
        asked = replace(clock.request(names, Grain.YEAR), group_by=(dimension,), where=condition)
        table = engine.table(asked, is_cancelled)
        for _, failure in table.failures:
            return Sizes(failure=failure)
        return Sizes(_ranked(table, metric), "value" if metric in names else "rows")

    def _request(self, metric: MetricId, cut: Cut) -> Request:
        own = self.opened().workspace.metrics[metric].grain
        return replace(self.opened().clock.request((metric,), cut.grain or own), where=cut.condition)

    def _engine_now(self) -> Engine:
        """The engine for the workspace on show; polars is loaded here."""
        opened = self.opened()
        if self._engine is None or self._workspace is not opened.workspace:
            self._engine = engine_for(opened)
            self._workspace = opened.workspace
        return self._engine

    def _stamp(self) -> object:
        """What answers depend on: everything that people define, the day, and the files' state."""
        opened = self.opened()
        return opened.workspace, opened.clock, dict(fingerprints(opened.workspace, opened.allowed_roots, opened.remote))

    def _keep(self, key: Hashable, stamp: object, found: object) -> None:
        self._held.pop(key, None)
        while len(self._held) >= _KEPT:
            del self._held[next(iter(self._held))]
        self._held[key] = (stamp, found)


def _in_parts(
    found: Explored,
    engine: Engine,
    request: Request,
    parts_of: Callable[[Sequence[Reading]], tuple[Part, ...]],
    is_cancelled: IsCancelled,
) -> Iterator[Explored]:
    """What was found, with the parts that are made of each batch of readings; the last is complete."""
    latest: tuple[Reading, ...] = ()
    for batch in engine.readings(request, is_cancelled):
        found = replace(found, share=engine.progress.share)
        if batch and batch is not latest:  # else only the progress is new
            latest = batch
            failure = next((reading.failure for reading in batch if reading.failure is not None), None)
            if failure is not None:
                yield replace(found, reading=replace(found.reading, series=None, failure=failure), is_complete=True)
                return
            found = replace(found, parts=parts_of(batch))
        yield found
    yield replace(found, is_complete=True)


def _shown(cut: Cut, sizes: Sizes) -> tuple[Cell, ...]:
    """The values that get a part of their own: all of a few, else the largest whose names fit into a condition."""
    shown = [size.value for size in sizes.values]
    if len(shown) > MOST_PARTS:
        shown = shown[: MOST_PARTS - 1]
        while shown and len(among(cut.by, shown)) + len(cut.condition) > MOST_TEXT:
            shown.pop()
    return tuple(shown)


def _narrowed(metric: Metric, condition: str) -> Metric:
    """The same metric over the rows of a condition."""
    return replace(metric, definition=Derived("part", (Input(metric.id, condition, "part"),)))


def _adds_up(definition: Definition) -> bool:
    is_plain = isinstance(definition, Simple) and definition.non_additive_dimension is None
    return is_plain and definition.agg in ADDITIVE_AGGREGATIONS  # type: ignore[union-attr]  # is_plain says so


def _ranked(table: Table, metric: MetricId) -> tuple[Size, ...]:
    """The values of a table by year, group, rows and perhaps the metric, added up over the years, largest first."""
    rows: dict[Cell, int] = {}
    weights: dict[Cell, float] = {}
    groups: Sequence[Cell] = table.columns[1]  # type: ignore[assignment]  # a dimension's cells
    counts: Sequence[int | None] = table.columns[table.names.index(_ROWS)]  # type: ignore[assignment]  # counts
    sums: Sequence[float | None] = counts
    if metric in table.names:
        sums = table.columns[table.names.index(metric)]  # type: ignore[assignment]  # a metric's values
    for value, count, weight in zip(groups, counts, sums, strict=True):
        rows[value] = rows.get(value, 0) + int(count or 0)
        weights[value] = weights.get(value, 0.0) + float(weight or 0.0)
    sizes = [Size(value, rows[value], weights[value]) for value in rows if rows[value]]
    return tuple(sorted(sizes, key=lambda size: (-abs(size.weight), -size.rows, str(size.value))))


def _counter(workspace: Workspace, name: MetricId) -> Metric:
    """A count of the rows that a metric is made of: of a ratio's denominator, of a conversion's base."""
    filters: list[str] = []
    definition = workspace.metrics[name].definition
    seen = {name}
    while not isinstance(definition, Simple):
        part = main_input(definition)
        filters += [text for text in (definition.filter, part.filter) if text.strip()]
        if part.metric in seen or part.metric not in workspace.metrics:
            raise DataError("D19", f"metric `{part.metric}` is not known")
        seen.add(part.metric)
        definition = workspace.metrics[part.metric].definition
    filters += [definition.filter] if definition.filter.strip() else []
    counted = Simple(definition.source, Aggregation.COUNT, filter=" and ".join(f"({text})" for text in filters))
    return Metric(_ROWS, MetricKind.DIAGNOSTIC, "", counted, Grain.YEAR)


def main_input(definition: Ratio | Derived | Cumulative | Conversion) -> Input:
    """The input whose rows a metric is said to be made of."""
    match definition:
        case Ratio():
            return definition.denominator
        case Derived():
            return definition.inputs[0]
        case Cumulative():
            return definition.input
        case Conversion():
            return definition.base


def _failure(error: DataError) -> Failure:
    return Failure(error.code, error.message, error.hint)
