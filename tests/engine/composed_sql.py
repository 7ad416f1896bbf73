"""Any metric as SQL for DuckDB, composed from its definition alone: an independent reading of docs/metrics.md.

A value is asked over *stretches*, a relation of `label` and the days [`low`, `high`) whose rows make the value
that stands at `label`. Every question is a named relation with the columns `label`, the groups `k0`, `k1`, ...
and `v`.
"""

# ruff: noqa: S608 - the SQL is made of the test's own constants

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kputui.model.metric import Aggregation, Conversion, Cumulative, Derived, Grain, Input, Ratio, Simple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kputui.model.metric import Definition

AGGREGATES: Mapping[Aggregation, str] = {
    Aggregation.SUM: "sum(({e})::double) filter ({f})",
    Aggregation.MIN: "min(({e})::double) filter ({f})",
    Aggregation.MAX: "max(({e})::double) filter ({f})",
    Aggregation.AVERAGE: "avg(({e})::double) filter ({f})",
    Aggregation.MEDIAN: "quantile_cont(({e})::double, 0.5) filter ({f})",
    Aggregation.PERCENTILE: "quantile_cont(({e})::double, {p}) filter ({f})",
    Aggregation.COUNT: "nullif(count({e}) filter ({f}), 0)",
    Aggregation.COUNT_DISTINCT: "nullif(count(distinct {e}) filter ({f}), 0)",
    Aggregation.SUM_BOOLEAN: "sum(({e})::int) filter ({f})",
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def division(text: str) -> str:
    """The expression with a divisor of 0 giving nothing, as it does in a workspace."""
    left, slash, right = text.partition(" / ")
    return f"{left}::double / nullif({right}, 0)" if slash else text


def length(text: str) -> str:
    """A length of time as an interval."""
    return f"interval '{text}'"


@dataclass(frozen=True)
class Part:
    """A value as a scalar over relations that were joined to one row a stretch and group."""

    relations: tuple[str, ...]
    sql: str


@dataclass
class Composer:
    """Composes the SQL of the metrics of one workspace; `dims` are SQL over a row of any of their sources.

    Every source is a view of its name with the columns `local_day`, and all others as they are.
    """

    metrics: Mapping[str, Definition]
    dims: Sequence[str] = ()
    where: str = ""
    week_start: int = 0
    fiscal_month: int = 1
    ctes: list[str] = field(default_factory=list)
    is_stretch: bool = False
    present: str = ""

    def query(
        self,
        name: str,
        grain: Grain,
        start: str | None,
        end: str | None,
        compare: str = "",
        last: str | None = None,
        *,
        is_spread: bool = False,
    ) -> str:
        """The rows of a metric at a grain, as `label`, groups, value and, with `compare`, the earlier value.

        `start` and `end` (not included) are SQL dates, widened to whole periods; no day after `last` is shown.
        With `is_spread` every group has all periods, and none beyond the data, as series have.
        """
        low, high = self._span(name)
        if self._is_on_spine(name) and not is_spread:
            low = f"least({low}, {start}::timestamp)" if start else low
            asked = f"({end})::date - 1"
            asked = f"least({asked}, {last})" if last else asked
            high = f"greatest({high}, ({asked})::timestamp)" if end else high
        shown = [f"d >= {self._start(start, grain)}"] if start else []
        shown += [f"d < {self._end(end, grain)}"] if end else []
        self._relation("days", f"select d::date as d from generate_series({low}, {high}, interval 1 day) as t(d)")
        periods = self._relation(
            "periods",
            f"select distinct {self._start('d', grain)} as label, {self._start('d', grain)} as low, "
            f"{self._end('d + 1', grain)} as high from days where {' and '.join(shown) or 'true'}",
        )
        keys = "".join(f", {sql} as k{place}" for place, sql in enumerate(self.dims))[2:]
        rows = " union ".join(
            f"select {keys} from {periods} s join {source} r on local_day >= low and local_day < high"
            for source in sorted(self._shown_sources(name))
        )
        self.present = self._relation("present", rows) if keys and rows else ""
        part = self._value(name, (self.where,), periods, grain)
        parts = [part]
        if compare:
            earlier = self._earlier(name, (self.where,), periods, grain, Input(name, offset_window=compare))  # type: ignore[arg-type]
            parts.append(earlier)
        rows = self._evaluated(parts, periods, is_look=False, is_spread=is_spread or self._is_on_spine(name))
        return f"with {', '.join(self.ctes)} select * from {rows}"

    def over_stretch(self, name: str, start: str, end: str) -> str:
        """The value of a metric over one stretch of days, `end` (an SQL date, as `start`) not included."""
        self.is_stretch = True
        stretch = self._relation("stretch", f"select {start} as label, {start} as low, {end} as high")
        rows = self._evaluated([self._value(name, (self.where,), stretch, None)], stretch, is_look=False)
        return f"with {', '.join(self.ctes)} select * from {rows}"

    def _relation(self, name: str, sql: str) -> str:
        unique = f"{name}_{len(self.ctes)}" if name != "days" else name
        self.ctes.append(f"{unique} as materialized ({sql})")
        return unique

    def _keys(self, owner: str = "") -> str:
        return "".join(f", {owner}k{place}" for place in range(len(self.dims)))

    def _same(self, left: str, right: str) -> str:
        same = [f"{left}.label = {right}.label"]
        same += [f"{left}.k{place} is not distinct from {right}.k{place}" for place in range(len(self.dims))]
        return " and ".join(same)

    # periods

    def _start(self, day: str, grain: Grain) -> str:
        if grain is Grain.DAY:
            return f"({day})::date"
        if grain is Grain.WEEK:
            return f"(({day})::date - ((isodow(({day})::date) + 6 - {self.week_start}) % 7)::int)"
        moved = f"({day})::date - interval {self.fiscal_month - 1} month"
        return f"(date_trunc('{grain.value}', {moved}) + interval {self.fiscal_month - 1} month)::date"

    def _end(self, end: str, grain: Grain) -> str:
        """The end of the period that holds the day before `end`."""
        if grain is Grain.DAY:
            return f"({end})::date"
        return f"({self._start(f'({end})::date - 1', grain)} + interval 1 {grain.value})::date"

    def _span(self, name: str) -> tuple[str, str]:
        """The first and last day of the sources whose rows say the period."""
        sources = sorted(self._grouping(name))
        days = " union all ".join(f"select local_day from {source}" for source in sources)
        return f"(select min(local_day)::timestamp from ({days}))", f"(select max(local_day)::timestamp from ({days}))"

    def _grouping(self, name: str) -> set[str]:
        definition = self.metrics[name]
        match definition:
            case Simple():
                return {str(definition.source)}
            case Ratio():
                return self._grouping(definition.numerator.metric) | self._grouping(definition.denominator.metric)
            case Derived():
                return set().union(*(self._grouping(part.metric) for part in definition.inputs))
            case Cumulative():
                return self._grouping(definition.input.metric)
            case Conversion():
                return self._grouping(definition.base.metric)

    def _shown_sources(self, name: str) -> set[str]:
        """The sources of which a period's own rows make the value: those groups have fills in looks over time too."""
        definition = self.metrics[name]
        match definition:
            case Simple():
                return {str(definition.source)}
            case Ratio():
                return self._shown_sources(definition.numerator.metric) | self._shown_sources(
                    definition.denominator.metric
                )
            case Derived():
                own = [one for one in definition.inputs if not (one.offset_window or one.offset_to_grain)]
                return set().union(*(self._shown_sources(part.metric) for part in own))
            case Conversion() if definition.calculation == "conversion_rate":
                return self._shown_sources(definition.base.metric)
            case _:
                return set()

    def _is_on_spine(self, name: str) -> bool:
        """Whether periods asked for before and after the data are shown too."""
        definition = self.metrics[name]
        match definition:
            case Simple():
                return definition.join_to_timespine
            case Ratio():
                inputs: tuple[Input, ...] = (definition.numerator, definition.denominator)
            case Derived():
                inputs = tuple(one for one in definition.inputs if not (one.offset_window or one.offset_to_grain))
            case Conversion() if definition.calculation == "conversion_rate":
                inputs = (definition.base,)
            case _:
                inputs = ()
        return any(self._is_on_spine(part.metric) for part in inputs)

    # values

    def _value(self, name: str, filters: tuple[str, ...], over: str, grain: Grain | None) -> Part:
        definition = self.metrics[name]
        filters = (*filters, definition.filter)
        match definition:
            case Simple():
                relation = self._aggregated(definition, filters, over)
                return _filled(Part((relation,), f"{relation}.v"), definition.fill_nulls_with)
            case Ratio():
                top = self._input(definition.numerator, filters, over, grain)
                bottom = self._input(definition.denominator, filters, over, grain)
                sql = f"({top.sql})::double / nullif(({bottom.sql})::double, 0)"
                return _filled(_joined(sql, top, bottom), definition.fill_nulls_with)
            case Derived():
                parts = {part.name: self._input(part, filters, over, grain) for part in definition.inputs}
                sql = division(definition.expr)
                for alias, part in parts.items():
                    sql = sql.replace(alias, f"({part.sql})::double")
                return _filled(_joined(sql, *parts.values()), definition.fill_nulls_with)
            case Cumulative():
                return self._trailing(definition, filters, over)
            case Conversion():
                return self._converted(definition, filters, over)

    def _input(self, part: Input, filters: tuple[str, ...], over: str, grain: Grain | None) -> Part:
        if part.offset_window or part.offset_to_grain:
            return self._earlier(part.metric, (*filters, part.filter), over, grain, part)
        return self._value(part.metric, (*filters, part.filter), over, grain)

    def _condition(self, filters: tuple[str, ...]) -> str:
        return " and ".join(f"coalesce(({text}), false)" for text in filters if text) or "true"

    def _aggregated(self, simple: Simple, filters: tuple[str, ...], over: str) -> str:
        keys = "".join(f", {sql} as k{place}" for place, sql in enumerate(self.dims))
        condition = self._condition(filters)
        rows = (
            f"select s.label, r.*{keys} from {over} s join {simple.source} r on local_day >= low and local_day < high"
        )
        held = simple.non_additive_dimension
        if held is not None:
            groups = "".join(f", {name}" for name in held.window_groupings)
            edge = f"{held.window_choice}({held.name}) filter (where {condition}) over (partition by label{groups})"
            rows = f"select *, {edge} as edge from ({rows})"
            condition += f" and {held.name} = edge"
        sql = AGGREGATES[simple.agg].format(e=division(simple.expr), f=f"where {condition}", p=simple.percentile)
        return self._relation("leaf", f"select label{self._keys()}, {sql} as v from ({rows}) group by all")

    def _earlier(self, name: str, filters: tuple[str, ...], over: str, grain: Grain | None, part: Input) -> Part:
        low, high = self._moved(part, grain)
        moved = self._relation("moved", f"select label, {low} as low, {high} as high from {over}")
        rows = self._look(name, filters, moved, grain)
        return Part((rows,), f"{rows}.v")

    def _moved(self, part: Input, grain: Grain | None) -> tuple[str, str]:
        if part.offset_to_grain is not None:
            if grain is not None and list(_ORDER).index(grain) >= list(_ORDER).index(part.offset_to_grain):
                return "low", "high"
            low = self._start("low", part.offset_to_grain)
            if grain in {Grain.MONTH, Grain.QUARTER}:
                return low, f"({low} + interval 1 {grain.value})::date"
            return low, f"{low} + {7 if grain is Grain.WEEK else 1}"
        low = f"(low - {length(part.offset_window)})::date"
        if grain in {Grain.DAY, Grain.WEEK}:
            return low, f"{low} + (high - low)::int"
        return low, f"(high - {length(part.offset_window)})::date"

    def _look(self, name: str, filters: tuple[str, ...], over: str, grain: Grain | None) -> str:
        """A value over stretches, those without one left out; nothing before the data begins."""
        low, high = self._span(name)
        held = self._relation("held", f"select * from {over} where high > {low} and low <= {high}")
        rows = self._evaluated([self._value(name, filters, held, grain)], held, is_look=True)
        return self._relation("look", f"select * from {rows} where v is not null")

    def _trailing(self, definition: Cumulative, filters: tuple[str, ...], over: str) -> Part:
        first, last = self._span(definition.input.metric)
        low = f"least({first}::date, d)"
        if definition.window:
            low = f"(d - {length(definition.window)})::date + 1"
        elif definition.grain_to_date is not None:
            low = self._start("d", definition.grain_to_date)
        own = "unnest(generate_series(low::timestamp, high::timestamp - interval 1 day, interval 1 day))::date"
        days = self._relation(
            "trail",
            f"select d as label, {low} as low, d + 1 as high from (select distinct {own} as d from {over}) "
            f"where d >= {first} and d <= {last}",
        )
        filters = (*filters, definition.input.filter)
        rows = self._evaluated([self._value(definition.input.metric, filters, days, None)], days, is_look=True)
        picks = {"first": "arg_min(v, d)", "last": "arg_max(v, d)", "average": "avg(v)"}
        is_end = self.is_stretch and definition.period_agg == "first"
        pick = picks["last" if is_end else definition.period_agg]
        found = self._relation(
            "trailing",
            f"select s.label{self._keys()}, {pick} as v from {over} s join (select label as d{self._keys()}, v "
            f"from {rows} where v is not null) r on d >= s.low and d < s.high group by all",
        )
        return Part((found,), f"{found}.v")

    def _converted(self, definition: Conversion, filters: tuple[str, ...], over: str) -> Part:
        base, conversion = (self.metrics[part.metric] for part in (definition.base, definition.conversion))
        assert isinstance(base, Simple)
        assert isinstance(conversion, Simple)
        base_filters = (*filters, definition.base.filter, base.filter)
        keys = "".join(f", {sql} as k{place}" for place, sql in enumerate(self.dims))
        same = "".join(f" and b.{name} = c.{name}" for name in definition.constant_properties)
        near = f" and b.local_day > c.local_day - {length(definition.window)}" if definition.window else ""
        own = self._condition((definition.conversion.filter, conversion.filter))
        value = "cast(({}) as {})".format(
            division(conversion.expr), "varchar" if conversion.agg is Aggregation.COUNT_DISTINCT else "double"
        )
        if conversion.agg in {Aggregation.COUNT, Aggregation.SUM_BOOLEAN}:
            value = f"({conversion.expr})"
        matched = self._relation(
            "matched",
            f"select b.local_day as local_day{self._keys('b.')}, e, row_number() over (partition by c.nr "
            f"order by b.moment desc, b.nr desc) as place from (select *, {value} as e from {conversion.source} "
            f"where {own}) c join (select *{keys} from {base.source} where {self._condition(base_filters)}) b "
            f"on b.{definition.entity} = c.{definition.entity} and b.moment <= c.moment{near}{same} "
            "where e is not null",
        )
        sql = AGGREGATES[conversion.agg].format(e="e", f="where true", p=conversion.percentile)
        found = self._relation(
            "converted",
            f"select s.label{self._keys()}, {sql} as v from {over} s join {matched} on place = 1 "
            "and local_day >= low and local_day < high group by all",
        )
        under = self._aggregated(base, base_filters, over)
        fill = conversion.fill_nulls_with
        if fill is not None:
            found = self._relation(
                "filled",
                f"select label{self._keys()}, v from {found} union all "
                f"select label{self._keys()}, {fill} from {under} b where v is not null "
                f"and not exists (from {found} f where {self._same('b', 'f')})",
            )
        if definition.calculation == "conversions":
            return Part((found,), f"{found}.v")
        bottom = f"coalesce({under}.v, {base.fill_nulls_with})" if base.fill_nulls_with is not None else f"{under}.v"
        sql = f"({found}.v)::double / nullif(({bottom})::double, 0)"
        return Part((found, under), sql)

    def _evaluated(self, parts: Sequence[Part], over: str, *, is_look: bool, is_spread: bool = False) -> str:
        """The parts side by side: a row a stretch, or a stretch and group that any relation has."""
        relations = list(dict.fromkeys(name for part in parts for name in part.relations))
        universe = f"select label from {over}"
        if self.dims:
            seen = " union ".join(
                f"select label{self._keys()} from {name}{' where v is not null' if is_look else ''}"
                for name in relations
            )
            universe = seen
            if is_look or is_spread:
                groups = f"select {self._keys()[2:]} from ({seen})"
                groups += f" union select {self._keys()[2:]} from {self.present}" if is_look and self.present else ""
                groups = f"select distinct * from ({groups})"
                universe = f"select s.label{self._keys('g.')} from {over} s, ({groups}) g"
        joins = "".join(f" left join {name} on {self._same('u', name)}" for name in relations)
        values = "".join(f", {part.sql} as v{place or ''}" for place, part in enumerate(parts))
        return self._relation("rows", f"select u.label{self._keys('u.')}{values} from ({universe}) u{joins}")


_ORDER = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def _filled(part: Part, fill: float | None) -> Part:
    return part if fill is None else Part(part.relations, f"coalesce({part.sql}, {fill})")


def _joined(sql: str, *parts: Part) -> Part:
    relations = tuple(dict.fromkeys(name for part in parts for name in part.relations))
    return Part(relations, sql)
