"""What people promise of a source's rows, held against them: tests, primary keys and freshness."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from kputui.engine.expression import Kind
from kputui.engine.guard import guarded
from kputui.engine.periods import day_of, number_of
from kputui.engine.source import DAY
from kputui.engine.wording import counted_rows
from kputui.errors import DataError
from kputui.model.workspace import DataTest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kputui.engine.library import Library
    from kputui.engine.source import OpenSource
    from kputui.model.ids import SourceId
    from kputui.model.workspace import Source

    Path = tuple[str, ...]
    IsWrong = Callable[[pl.Series], pl.Series]

_ROW = "\0row"
_SHOWN = 40
_DAY = timedelta(days=1)
_WHAT_TO_DO = "mend the rows, or the promise if it is wrong"


@dataclass(slots=True)
class _Watch:
    """One test of one column: the mask of wrong cells, and what was found so far (rows from 0)."""

    path: Path
    code: str
    words: str
    column: str
    is_wrong: IsWrong
    count: int = 0
    row: int = 0
    day: int | None = None
    value: object = None

    def look_at(self, piece: pl.DataFrame) -> None:
        """Add the wrong cells of the next rows."""
        wrong = self.is_wrong(piece[self.column]).fill_null(value=False)
        found = int(wrong.sum())
        if found and not self.count:
            first = wrong.arg_max() or 0
            self.row, self.day, self.value = piece[_ROW][first], piece[DAY][first], piece[self.column][first]
        self.count += found

    def error(self, opened: OpenSource) -> DataError | None:
        """What was found, None for nothing."""
        if not self.count:
            return None
        cell = "" if self.value is None else f"`{_short(self.value)}` "
        where = f"the first {cell}{opened.where(self.row, self.day)}"
        return DataError(self.code, f"{counted_rows(self.count)} {self.words}, {where}", _WHAT_TO_DO)


@dataclass(slots=True)
class _Unique:
    """A promise that no two rows share the values of these columns; rows with an empty one are not looked at."""

    path: Path
    columns: tuple[str, ...]
    parts: list[pl.DataFrame] = field(default_factory=list)

    def look_at(self, piece: pl.DataFrame) -> None:
        """Keep the keys of the next rows."""
        self.parts.append(piece.select(_ROW, DAY, *self.columns).drop_nulls(self.columns))

    def error(self, opened: OpenSource) -> DataError | None:
        """The rows that repeat an earlier one, None for nothing."""
        keys = pl.concat(self.parts)
        self.parts.clear()
        only = pl.col(self.columns[0])
        if len(self.columns) > 1:  # rows whose hash is their own need no comparing, which takes much memory
            keys = keys.filter(keys.select(self.columns).hash_rows().is_duplicated())
            only = pl.struct(self.columns)
        is_repeat = keys.select(~only.is_first_distinct()).to_series()
        count = int(is_repeat.sum())
        if not count:
            return None
        again = keys.row(is_repeat.arg_max() or 0, named=True)
        same = pl.all_horizontal(pl.col(name) == pl.lit(again[name], keys.schema[name]) for name in self.columns)
        first = keys.filter(same).row(0, named=True)
        name = " and ".join(f"`{column}`" for column in self.columns)
        shown = ", ".join(f"`{_short(again[column])}`" for column in self.columns)
        where, before = opened.where(again[_ROW], again[DAY]), opened.where(first[_ROW], first[DAY])
        verb = "repeats" if count == 1 else "repeat"
        message = f"{counted_rows(count)} {verb} the {name} of an earlier one, the first {shown} {where}"
        return DataError("D26", message if where == before else f"{message}, as {before}", _WHAT_TO_DO)


def found_in_rows(name: SourceId, library: Library, today: date) -> Iterator[tuple[Path, DataError]]:
    """What the tests and the primary key of a readable source find in its rows up to `today`, by key.

    The columns needed are read once, rows without a time too. A test that can't be run is told with
    D12, D14 or D16.
    """
    opened = library.opened(name)
    watches: list[_Watch | _Unique] = []
    for path, test in _promises(opened.source):
        try:
            watches.append(_watch(path, test, name, library))
        except DataError as error:
            yield path, error
    if not watches:
        return
    columns = dict.fromkeys(
        column for watch in watches for column in (watch.columns if isinstance(watch, _Unique) else (watch.column,))
    )
    last, row = number_of(today), 0
    with guarded("D22", f"testing the rows of `{name}`"):
        for piece in opened.pieces(tuple(columns)):
            numbered = piece.with_row_index(_ROW, row)
            kept = numbered.filter(pl.col(DAY).is_null() | (pl.col(DAY) <= last))
            for watch in watches:
                watch.look_at(kept)
            row += len(piece)
        found = [(watch.path, watch.error(opened)) for watch in watches]
    yield from ((path, error) for path, error in found if error is not None)


def found_in_age(name: SourceId, library: Library, today: date) -> Iterator[tuple[Path, DataError]]:
    """Whether the newest row up to `today` is older, in days, than the source's freshness allows."""
    opened = library.opened(name)
    promise = opened.source.freshness
    days = [day for day in opened.facts().rows_by_day if day <= number_of(today)]
    if promise is None or not days:
        return
    newest = day_of(max(days))
    age = today - newest
    for key, allowed in (("error_after", promise.error_after), ("warn_after", promise.warn_after)):
        if allowed is not None and age > allowed:
            old = _span(age)
            message = f"the newest row is of {newest}, {old} before {today}; {key} is {_span(allowed)}"
            yield ("freshness", key), DataError("D29", message, "bring newer rows, or allow more")
            return


def _promises(source: Source) -> Iterator[tuple[Path, DataTest | tuple[str, ...]]]:
    """The tests by key; a primary key is full in each of its columns, and unique over them together."""
    for column in source.primary_key:
        yield ("primary_key",), DataTest("not_null", column)
    if source.primary_key:
        yield ("primary_key",), source.primary_key
    for number, test in enumerate(source.tests):
        yield ("tests", str(number), test.test), test


def _watch(path: Path, test: DataTest | tuple[str, ...], name: SourceId, library: Library) -> _Watch | _Unique:
    """What looks for the rows that break a promise; raises DataError when it can't be run."""
    if isinstance(test, tuple):
        for column in test:
            _kind(column, name, library)
        return _Unique(path, test)
    kind = _kind(test.column, name, library)
    shown = f"`{test.column}`"
    if test.test == "unique":
        return _Unique(path, (test.column,))
    if test.test == "not_null":
        return _Watch(path, "D25", f"without {shown}", test.column, pl.Series.is_null)
    if test.test == "accepted_values":
        return _Watch(path, "D27", f"whose {shown} is not accepted", test.column, _not_accepted(test, kind))
    if kind is not Kind.NUMBER:
        better = library.explained(name, (test.column,))
        raise better or DataError("D16", f"a range is of numbers, but {shown} holds {kind.value}")
    return _Watch(path, "D28", f"whose {shown} is not {_bounds(test)}", test.column, _outside(test))


def _kind(column: str, name: SourceId, library: Library) -> Kind:
    kinds = library.kinds(name)
    if column not in kinds:
        raise library.opened(name).missing_column(column)
    return kinds[column]


def _not_accepted(test: DataTest, kind: Kind) -> IsWrong:
    """Cells that are none of the values; a value is compared as what the column holds. Empty cells pass."""
    if kind is Kind.NUMBER:
        numbers = [float(value) for value in test.values if _is_number(value)]
        return lambda column: ~column.cast(pl.Float64).is_in(numbers)
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in test.values]
    if kind is Kind.TIMESTAMP:
        return lambda column: ~column.dt.to_string("%Y-%m-%d %H:%M:%S").is_in(texts)
    return lambda column: ~column.cast(pl.String).is_in(texts)


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)


def _outside(test: DataTest) -> IsWrong:
    low = float("-inf") if test.low is None else test.low
    high = float("inf") if test.high is None else test.high
    return lambda column: ~column.cast(pl.Float64).is_between(low, high)


def _bounds(test: DataTest) -> str:
    if test.low is None:
        return f"at most {test.high:.15g}"
    return f"at least {test.low:.15g}" if test.high is None else f"from {test.low:.15g} to {test.high:.15g}"


def _short(value: object) -> str:
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    if isinstance(value, datetime):
        text = f"{value:%Y-%m-%d %H:%M:%S}"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _span(length: timedelta) -> str:
    """A length of time in days, or in hours when it is no whole number of days."""
    if length % _DAY:
        return f"{length / timedelta(hours=1):.3g} hours"
    return "1 day" if length == _DAY else f"{length // _DAY} days"
