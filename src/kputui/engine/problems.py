"""Definitions held against the data: every expression and dimension, and sources that can't be read."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kputui.engine.codes import DATA_TESTS
from kputui.engine.data_tests import found_in_age, found_in_rows
from kputui.engine.date_parts import LOCAL_DATE
from kputui.engine.expression import ExpressionError, Kind, check_filter, columns_of, parse
from kputui.engine.periods import day_of, number_of
from kputui.engine.plan import Planner, check_aggregation, check_balance, check_grain, formula
from kputui.engine.preload import parts_of
from kputui.errors import DataError, Problem, Severity, did_you_mean
from kputui.model.metric import Conversion, Cumulative, Derived, Ratio, Simple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from kputui.engine.library import Library
    from kputui.errors import Place
    from kputui.model.ids import MetricId, SourceId
    from kputui.model.metric import Metric
    from kputui.model.workspace import Join, Workspace

_LOOKED_AT = 2_000_000
"""Sources with more rows than this are not decoded for looking at their values alone."""
_TIME_CODES = frozenset({"D12", "D15"})


@dataclass(frozen=True, slots=True)
class _Finder:
    """Looks for problems of one workspace."""

    workspace: Workspace
    library: Library
    future: int

    def of_sources(self) -> Iterator[Problem]:
        """Sources that can't be read, and what their readable ones leave out."""
        for name in self.workspace.sources:
            try:
                if not self.workspace.sources[name].time:
                    self.library.untimed(name)
                    continue
                facts = self.library.opened(name).facts()
            except DataError as error:
                key = "source_timezone" if error.code == "D21" else "time" if error.code in _TIME_CODES else "path"
                yield self._problem(("sources", name, key), error)
                continue
            future = facts.rows_in(self.future)
            late = f"{future} row{'' if future == 1 else 's'} in the future, the newest on"
            told = (f"{late} {day_of(facts.last_day)}",) if future else ()
            for note in (*facts.notes, *told):
                yield self._problem(("sources", name, "time"), DataError("D23", note), Severity.WARNING)

    def of_declared(self) -> Iterator[Problem]:
        """Declared columns that are not there, or do not hold what is declared; joins without their key."""
        for name, source in self.workspace.sources.items():
            with contextlib.suppress(DataError):
                opened = self.library.untimed(name)
                for column, _ in source.columns:
                    path = ("sources", name, "columns", column)
                    if column not in opened.column_names:
                        yield self._problem(path, opened.missing_column(column))
                    else:
                        yield from self._tried(path, partial(opened.kind, column))
                for number, join in enumerate(source.joins):
                    path = ("sources", name, "joins", str(number))
                    if join.key not in opened.column_names and join.key != LOCAL_DATE:
                        yield self._problem((*path, "key"), opened.missing_column(join.key))
                    if join.source != name:  # a join with itself serves metrics by the key alone
                        yield from self._of_join(name, path, join)

    def _of_join(self, source: SourceId, path: tuple[str, ...], join: Join) -> Iterator[Problem]:
        """A joined source that can't be read by the key, or none of whose keys is any row's."""
        unread = list(self._tried((*path, "source"), partial(self.library.check_key, join)))
        yield from unread
        if unread or not self._is_readable(source):
            return
        try:
            nothing = self.library.unmatched(source, join, _LOOKED_AT, self.future)
        except DataError as error:
            nothing = error if error.code == "D22" else None  # else it is told where the key, or the time, is looked at
        if nothing is not None:
            severity = Severity.ERROR if nothing.code == "D22" else Severity.WARNING
            yield self._problem((*path, "key"), nothing, severity)

    def of_values(self) -> Iterator[Problem]:
        """What the number columns of readable sources leave out."""
        wanted: dict[SourceId, dict[str, None]] = {}
        for metric in self.workspace.metrics.values():
            if isinstance(metric.definition, Simple) and self._is_readable(metric.definition.source):
                names = self._number_columns(metric.definition)
                wanted.setdefault(metric.definition.source, {}).update(dict.fromkeys(names))
        for source, columns in wanted.items():
            opened = self.library.opened(source)
            if columns and opened.rows <= _LOOKED_AT:
                with contextlib.suppress(DataError):
                    days = opened.facts().rows_by_day
                    self.library.rows(
                        source, tuple(columns), min(days, default=0), max(days, default=-1) + 1, _LOOKED_AT
                    )
            for note in opened.notes:
                yield self._problem(("sources", source, "path"), DataError("D23", note), Severity.WARNING)

    def of_promises(self, today: date) -> Iterator[Problem]:
        """What readable sources promise and do not keep, up to `today`."""
        for source in self.workspace.sources:
            if not self._is_readable(source):
                continue
            try:
                found = [*found_in_rows(source, self.library, today), *found_in_age(source, self.library, today)]
            except DataError as error:
                yield self._problem(("sources", source, "tests"), error)
                continue
            for path, broken in found:
                severity = Severity.WARNING if broken.code in {*DATA_TESTS, "D29"} else Severity.ERROR
                yield self._problem(("sources", source, *path), broken, severity)

    def _number_columns(self, simple: Simple) -> tuple[str, ...]:
        kinds = self.library.kinds(simple.source)
        with contextlib.suppress(DataError):  # it is told where the metric is looked at
            named = columns_of(parse(simple.expr)) if simple.expr else ()
            return tuple(name for name in named if kinds.get(name) is Kind.NUMBER)
        return ()

    def of_metric(self, metric: Metric) -> Iterator[Problem]:
        """What is wrong with one metric's own keys; its inputs' problems are theirs."""
        definition = metric.definition
        path = ("metrics", metric.id)
        if isinstance(definition, Simple):
            yield from self._of_simple(metric, definition)
        elif isinstance(definition, Derived):
            yield from self._tried((*path, "expr"), lambda: formula(definition))
        sources = self._sources_of(metric.id)
        if isinstance(definition, Conversion):
            yield from self._of_entity(metric, definition)
        if definition.filter.strip():
            yield from self._of_filter((*path, "filter"), definition.filter, sources)
        yield from self._of_inputs(metric)
        yield from self._of_dimensions(metric, sources)

    def _of_simple(self, metric: Metric, simple: Simple) -> Iterator[Problem]:
        path = ("metrics", metric.id)
        if not self._is_readable(simple.source):
            yield from self._tried((*path, "expr"), lambda: parse(simple.expr))
            return

        def attempt() -> None:
            expr = parse(simple.expr)
            try:
                check_aggregation(simple, expr, self.library.kinds(simple.source))
            except DataError as error:
                better = None
                if error.code in {"E10", "D20"}:
                    better = self.library.explained(simple.source, columns_of(expr))
                raise better or error from error

        yield from self._tried((*path, "expr"), attempt)
        kinds = self.library.kinds(simple.source)
        yield from self._tried((*path, "non_additive_dimension"), lambda: check_balance(simple, kinds))

    def _of_filter(self, path: tuple[str, ...], text: str, sources: tuple[SourceId, ...]) -> Iterator[Problem]:
        def attempt() -> None:
            node = parse(text)
            for source in sources:
                check_filter(node, self.library.kinds(source))

        yield from self._tried(path, attempt)

    def _of_inputs(self, metric: Metric) -> Iterator[Problem]:
        definition = metric.definition
        places: list[tuple[str, ...]] = [("numerator",), ("denominator",)]
        if isinstance(definition, Derived):
            places = [("input_metrics", str(number)) for number in range(len(definition.inputs))]
        elif isinstance(definition, Cumulative):
            places = [("input_metric",)]
        elif isinstance(definition, Conversion):
            places = [("base_metric",), ("conversion_metric",)]
        elif not isinstance(definition, Ratio):
            return
        for part, place in zip(parts_of(definition), places, strict=True):
            path = ("metrics", metric.id, *place)
            if part.filter.strip():
                yield from self._of_filter((*path, "filter"), part.filter, self._sources_of(part.metric))

    def _of_entity(self, metric: Metric, definition: Conversion) -> Iterator[Problem]:
        """Columns of a conversion that one of its sides lacks."""
        columns = [("entity", definition.entity)]
        for number, column in enumerate(definition.constant_properties):
            columns.append((f"constant_properties.{number}", column))
        both = (source for side in (definition.base, definition.conversion) for source in self._sources_of(side.metric))
        for source in dict.fromkeys(both):
            kinds = self.library.kinds(source)
            for place, column in columns:
                if column not in kinds:
                    message = f"column `{column}` is not a column of source `{source}`"
                    path = ("metrics", metric.id, *place.split("."))
                    yield self._problem(path, DataError("D12", message, did_you_mean(column, kinds)))

    def _of_dimensions(self, metric: Metric, sources: tuple[SourceId, ...]) -> Iterator[Problem]:
        for source in sources:
            names = self.library.kinds(source)
            for number, name in enumerate(metric.dimensions):
                if name not in names:
                    error = DataError(
                        "D12", f"dimension `{name}` is not a column of source `{source}`", did_you_mean(name, names)
                    )
                    yield self._problem(("metrics", metric.id, "dimensions", str(number)), error)

    def _sources_of(self, name: MetricId, seen: tuple[MetricId, ...] = ()) -> tuple[SourceId, ...]:
        """The readable sources that a metric's filters and dimensions are about: of conversions the base events'."""
        metric = self.workspace.metrics.get(name)
        if metric is None or name in seen:
            return ()
        if isinstance(metric.definition, Simple):
            return (metric.definition.source,) if self._is_readable(metric.definition.source) else ()
        definition = metric.definition
        parts = (definition.base,) if isinstance(definition, Conversion) else parts_of(definition)
        found = [source for part in parts for source in self._sources_of(part.metric, (*seen, name))]
        return tuple(dict.fromkeys(found))

    def _is_readable(self, source: SourceId) -> bool:
        if source not in self.workspace.sources:
            return False
        try:
            self.library.opened(source)
        except DataError:
            return False
        return True

    def _tried(self, path: tuple[str, ...], attempt: Callable[[], object]) -> Iterator[Problem]:
        try:
            attempt()
        except DataError as error:
            yield self._problem(path, error)

    def _problem(self, path: tuple[str, ...], error: DataError, severity: Severity = Severity.ERROR) -> Problem:
        """The error as a problem at the place of the key, or of the nearest key above it."""
        place, is_exact = self._place(path)
        width = 1
        if is_exact and place is not None and isinstance(error, ExpressionError):
            place, width = _inside(place, error)
        return Problem(
            error.code, error.message, severity, place=place, key=".".join(path), hint=error.hint, width=width
        )

    def _place(self, path: tuple[str, ...]) -> tuple[Place | None, bool]:
        for length in range(len(path), 0, -1):
            place = self.workspace.places.get(path[:length])
            if place is not None:
                return place, length == len(path)
        return None, False


def _inside(place: Place, error: ExpressionError) -> tuple[Place, int]:
    """The spot inside a one-line string value that an expression error is about, and its width."""
    written = place.source_line[place.column - 1 :]
    quote = written[:1]
    if quote not in {'"', "'"} or written.startswith(quote * 3):
        return place, 1
    start = _written_length(written[1:], error.start) if quote == '"' else error.start
    column = place.column + 1 + start
    if column > len(place.source_line):
        return place, 1
    return replace(place, column=column), max(1, error.end - error.start)


def _written_length(written: str, characters: int) -> int:
    """How many characters of a basic string as written stand for its first `characters`."""
    at = 0
    for _ in range(characters):
        if written[at : at + 1] == "\\":
            at += {"u": 6, "U": 10, "x": 4}.get(written[at + 1 : at + 2], 2)
        else:
            at += 1
    return at


def found_problems(workspace: Workspace, library: Library, now: date, today: date | None = None) -> tuple[Problem, ...]:
    """All problems between a workspace's definitions and its data, sources first, in the people's order.

    Rows after the day after `now` (of UTC; a zone may be a day ahead) lie in the future. What the
    sources promise is judged on `today` (`now` when None), with the rows up to it.
    """
    finder = _Finder(workspace, library, number_of(now) + 2)
    found = [*finder.of_sources(), *finder.of_declared(), *finder.of_values(), *finder.of_promises(today or now)]
    planner = Planner(workspace, library)
    for metric in workspace.metrics.values():
        own = list(finder.of_metric(metric))
        found += own
        if not own:
            found += _hidden(finder, planner, metric)
    return tuple(found)


def _hidden(finder: _Finder, planner: Planner, metric: Metric) -> list[Problem]:
    """What only planning the whole metric finds: circles, unknown inputs, and types that do not go together."""
    try:
        check_grain(metric.id, metric.grain, planner.value(metric.id))
    except DataError as error:
        if error.code in {"D18", "D19"} or (error.code in {"D12", "D20"} and parts_of(metric.definition)):
            return [finder._problem(("metrics", metric.id), error)]  # noqa: SLF001 (same module)
    return []
