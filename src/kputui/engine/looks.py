"""Looks over time computed: trailing windows, earlier periods, and base events that were followed by a conversion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from kputui.engine.combine import evaluated, joined, with_spine
from kputui.engine.definition import Matched, Moved, Trailing, grouping_sources, has_fill, looks_of, period_leaves
from kputui.engine.row_periods import PERIOD
from kputui.engine.source import DAY
from kputui.engine.states import VALUE, Event, LeafColumns, book_of
from kputui.engine.stretched import over_stretches
from kputui.engine.stretches import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kputui.engine.definition import Leaf, Look, Value
    from kputui.engine.periods import Periods
    from kputui.engine.stretches import Trail
    from kputui.model.ids import SourceId
    from kputui.model.metric import Grain

_AT = "\0at"
_DAY = "\0base_day"
_ROWS = "\0rows"


def events_of(look: Matched, times: Mapping[SourceId, str]) -> tuple[Event, Event]:
    """The rows that matching needs of base and conversion; `times` is each source's time column."""
    keys = (look.entity, *look.constants)
    base = Event(look.base, tuple(dict.fromkeys([times[look.base.source], *keys])), is_grouped=True)
    conversion = Event(look.conversion, tuple(dict.fromkeys([times[look.conversion.source], *keys])), is_grouped=False)
    return base, conversion


@dataclass(slots=True)
class Looks:
    """What was kept of all days, and the values of looks made of it.

    `spans` are each source's first and last day, `names` the result columns of leaves and looks. Where
    `is_span` the only period is any stretch of days, at whose end a trailing window is read.
    """

    dims: tuple[str, ...]
    periods: Periods
    names: Mapping[Leaf | Look, LeafColumns]
    spans: Mapping[SourceId, tuple[int, int]]
    times: Mapping[SourceId, str]
    booked: Mapping[Leaf, pl.DataFrame]
    events: Mapping[Event, pl.DataFrame]
    is_span: bool = False
    _matched: dict[Matched, pl.DataFrame] = field(default_factory=dict)

    def over(
        self, look: Look, stretches: Sequence[Stretch], grain: Grain | None, groups: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """A row for each stretch and group that has a value: `PERIOD` (the label), groups, `names` of the look.

        `grain` is that of the stretches; None when they are none of its periods. `groups` are groups for which
        a fill stands too.
        """
        if isinstance(look, Matched):
            return self._converted(look, stretches)
        if isinstance(look, Moved):
            earlier = [look.offset.moved(one, self.periods, grain) for one in stretches]
            found = self._value(look.part, earlier, grain, groups)
        else:
            found = self._trailing(look, stretches, groups)
        names = self.names[look]
        return found.rename({VALUE: names.value, _ROWS: names.rows})

    def _value(
        self, value: Value, stretches: Sequence[Stretch], grain: Grain | None, groups: pl.DataFrame | None
    ) -> pl.DataFrame:
        """Any value over stretches: `PERIOD`, groups, `VALUE`, rows; nothing before the data begins."""
        low, high = self._span(value)
        held = [stretch for stretch in stretches if stretch.end > low and stretch.start <= high]
        frames = [
            over_stretches(leaf, self.booked[leaf], held, self.dims, self.names[leaf])
            for leaf in dict.fromkeys(period_leaves(value))
        ]
        frames += [self.over(look, held, grain, groups) for look in dict.fromkeys(looks_of(value))]
        if groups is not None and held and has_fill(value):
            frames.append(groups.select(pl.lit(held[0].label, pl.Int32).alias(PERIOD), *self._groups()))
        whole = with_spine(joined(frames, self.dims), [stretch.label for stretch in held], self.dims)
        values, counts = evaluated(value, whole, self.names)
        keys = whole.select(PERIOD, *self._groups())
        return keys.with_columns(values.alias(VALUE), counts.alias(_ROWS)).filter(pl.col(VALUE).is_not_null())

    def _trailing(self, look: Trailing, stretches: Sequence[Stretch], groups: pl.DataFrame | None) -> pl.DataFrame:
        """The value of each day of the stretches, and of those the one that stands for the stretch."""
        low, high = self._span(look.part)
        labels: list[int] = []
        days: list[int] = []
        for stretch in stretches:
            own = range(max(stretch.start, low), min(stretch.end, high + 1))
            labels += [stretch.label] * len(own)
            days += own
        daily = self._value(
            look.part,
            [Stretch(day, look.trail.start(day, self.periods, low), day + 1) for day in sorted(set(days))],
            None,
            groups,
        )
        if labels == days:
            return daily
        pairs = pl.DataFrame({_AT: pl.Series(labels, dtype=pl.Int32), PERIOD: pl.Series(days, dtype=pl.Int32)})
        values = pairs.join(daily, on=PERIOD, how="inner").sort(PERIOD, maintain_order=True)
        grouped = values.group_by([pl.col(_AT), *self._groups()], maintain_order=True)
        column, rows = pl.col(VALUE), pl.col(_ROWS)
        if look.period_agg == "average":
            found = grouped.agg(column.mean(), rows.max())
        elif look.period_agg == "last" or self.is_span:
            found = grouped.agg(column.last(), rows.last())
        else:
            found = grouped.agg(column.first(), rows.first())
        return found.rename({_AT: PERIOD})

    def _converted(self, look: Matched, stretches: Sequence[Stretch]) -> pl.DataFrame:
        names = self.names[look]
        if look not in self._matched:
            self._matched[look] = book_of(self._pairs(look), look.conversion, VALUE, self.dims)
        found = over_stretches(look.conversion, self._matched[look], stretches, self.dims, names)
        if look.fill is None:
            return found
        fill = float(look.fill)
        base = over_stretches(look.base, self.booked[look.base], stretches, self.dims, LeafColumns(VALUE, _ROWS))
        keys = [PERIOD, *self.dims]  # a base row without a value may have been followed all the same
        filled = base.select(PERIOD, *self._groups()).join(found, on=keys, how="full", coalesce=True, nulls_equal=True)
        known = pl.col(names.value).fill_null(int(fill) if fill.is_integer() else fill)
        return filled.with_columns(known, pl.col(names.rows).fill_null(0))

    def _pairs(self, look: Matched) -> pl.DataFrame:
        """The conversion rows that follow a base row, with the base row's day and groups."""
        base_event, conversion_event = events_of(look, self.times)
        keys = [look.entity, *look.constants]
        base, conversion = _alike(self.events[base_event], self.events[conversion_event], keys)
        left, right = _in_order(
            (conversion.filter(pl.col(VALUE).is_not_null()), self.times[look.conversion.source]),
            (base, self.times[look.base.source]),
        )
        held = right.select(
            pl.col(_AT),
            pl.col(DAY).alias(_DAY),
            *(cs.by_name(key).as_expr().alias(f"\0k{place}") for place, key in enumerate(keys)),
            *(cs.by_name(name).as_expr().alias(f"\0g{place}") for place, name in enumerate(self.dims)),
        )
        asked = left.select(
            pl.col(_AT),
            pl.col(DAY),
            *(cs.by_name(key).as_expr().alias(f"\0k{place}") for place, key in enumerate(keys)),
            pl.col(VALUE),
        )
        by = [f"\0k{place}" for place in range(len(keys))]
        found = asked.join_asof(held, on=_AT, by=by, strategy="backward", check_sortedness=False)
        found = found.filter(pl.col(_DAY).is_not_null())
        if look.within.length is not None and found.height:
            found = found.filter(pl.col(_DAY) >= _earliest(found[DAY], look.within, self.periods))
        groups = [pl.col(f"\0g{place}").alias(name) for place, name in enumerate(self.dims)]
        return found.select(pl.col(_DAY).alias(DAY), *groups, pl.col(VALUE))

    def _span(self, value: Value) -> tuple[int, int]:
        spans = [self.spans[source] for source in grouping_sources(value)]
        return min(low for low, _ in spans), max(high for _, high in spans)

    def _groups(self) -> list[pl.Expr]:
        return [cs.by_name(name).as_expr() for name in self.dims]


def groups_in(frames: Sequence[pl.DataFrame], starts: Sequence[int], dims: Sequence[str]) -> pl.DataFrame | None:
    """The groups that have a row in one of the periods; None without any to tell."""
    if not (dims and frames and starts):
        return None
    whole = joined(frames, dims).filter(pl.col(PERIOD).is_between(starts[0], starts[-1]))
    return whole.select(cs.by_name(*dims)).unique(maintain_order=True)


def _earliest(days: pl.Series, within: Trail, periods: Periods) -> pl.Series:
    """For each day the first day of the window that ends with it."""
    distinct = days.unique()
    starts = {day: within.start(day, periods, day) for day in distinct.to_list()}
    return days.replace_strict(starts, return_dtype=pl.Int32)


def _alike(left: pl.DataFrame, right: pl.DataFrame, keys: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with keys of one type, without rows that lack one."""
    for key in keys:
        kinds = (left.schema[key], right.schema[key])
        if kinds[0] != kinds[1]:
            target = (
                pl.Int64()
                if all(kind.is_integer() for kind in kinds)
                else pl.Float64()
                if all(kind.is_numeric() for kind in kinds)
                else pl.String()
            )
            left, right = (frame.with_columns(cs.by_name(key).cast(target)) for frame in (left, right))
    has_keys = [cs.by_name(key).as_expr().is_not_null() for key in keys]
    return left.filter(has_keys), right.filter(has_keys)


def _in_order(left: tuple[pl.DataFrame, str], right: tuple[pl.DataFrame, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames in order of time: of their stamps when both have such, else of their days."""
    is_stamped = all(isinstance(frame.schema[time], pl.Datetime) for frame, time in (left, right))
    found = []
    for frame, time in (left, right):
        at = cs.by_name(time).as_expr().cast(pl.Datetime("us")) if is_stamped else pl.col(DAY)
        found.append(frame.with_columns(at.alias(_AT)).sort(_AT, maintain_order=True))
    return found[0], found[1]
