"""Carrying a dbt project's metrics over: what becomes of each, and what has to be left behind."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kputui.model.metric import STANDARD_GRAINS, Aggregation
from kputui.session.dbt.joins import Joins, plain_column
from kputui.session.dbt.project import Left, filters_of, references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

from kputui.session.dbt.project import Model, Project, RawMetric

Value = str | float | int | bool | list[Any] | dict[str, Any]

_TEMPLATE = re.compile(r"""\{\{\s*(\w+)\(\s*['"]([^'"]+)['"]\s*(,[^)]*)?\)(\.\w+\([^)]*\))?\s*\}\}""")
_TRUNCATED = re.compile(r"""^\s*date_trunc\(\s*['"]\w+['"]\s*,\s*("?[A-Za-z_][\w ]*"?)\s*\)\s*$""", re.IGNORECASE)
_INPUTS = ("numerator", "denominator", "input_metrics", "input_metric", "base_metric", "conversion_metric")
_GRAINS = tuple(grain.value for grain in STANDARD_GRAINS)
_INTERVAL = re.compile(r"^\s*(\d+)\s*(day|week|month|quarter|year)s?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Carried:
    """Sources and metrics as tables of TOML keys, in order; `left` and `notes` say what to look at."""

    sources: Mapping[str, Mapping[str, Value]]
    metrics: Mapping[str, Mapping[str, Value]]
    left: tuple[Left, ...]
    notes: tuple[Left, ...] = ()


class _Gone(Exception):  # noqa: N818 - not an error: it carries the reason to the metric's line in the list
    """A metric cannot be carried; the text says why."""


@dataclass(slots=True)
class _Carrying:
    """The project, and what has been made of it so far.

    `models` are the models of the sources, `needed` the metrics that a metric's filters name.
    """

    project: Project
    joins: Joins
    sources: dict[str, dict[str, Value]] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    needed: dict[str, set[str]] = field(default_factory=dict)
    notes: list[Left] = field(default_factory=list)
    at: str = ""


def carry(project: Project) -> Carried:
    """The sources and metrics of a workspace; a metric made of one that is left behind is left behind too."""
    work = _Carrying(project, Joins(project))
    found: dict[str, dict[str, Value]] = {}
    left: dict[str, str] = {one.name: one.why for one in project.left}
    for metric in project.metrics.values():
        work.at = metric.name
        try:
            found[metric.name] = _carried(work, metric)
        except _Gone as gone:
            left[metric.name] = str(gone)
    while lost := next(
        ((name, part) for name in found for part in _made_of(work, name, found) if part not in found), None
    ):
        name, part = lost
        del found[name]
        left[name] = f'it is made of "{part}", which ' + ("is left behind" if part in left else "the project lacks")
    used = {str(table["source"]) for table in found.values() if "source" in table}
    sources = _joined(work, {name: table for name, table in work.sources.items() if name in used})
    notes = tuple(note for note in work.notes if note.name in found or note.name in sources)
    return Carried(sources, found, tuple(Left(name, why) for name, why in left.items()), notes)


def _made_of(work: _Carrying, name: str, found: Mapping[str, Mapping[str, Value]]) -> Iterator[str]:
    yield from _parts(found[name])
    yield from sorted(work.needed.get(name, ()))


def _joined(work: _Carrying, sources: Mapping[str, dict[str, Value]]) -> dict[str, dict[str, Value]]:
    """The sources with the joins that filters need, and the sources that only these name."""
    made = {name: dict(table) for name, table in sources.items()}
    for name in sources:
        model = work.models[name]
        if joins := work.joins.of(model.name).values():
            made[name]["joins"] = [dict(join) for join in joins]
        for join in joins:
            there = work.project.models[join["source"]]
            made.setdefault(there.name, {"path": f"data/{there.table}.parquet"})
    return made


def _parts(table: Mapping[str, Value]) -> Iterator[str]:
    for key in _INPUTS:
        said = table.get(key, [])
        yield from (_name(part) for part in (said if isinstance(said, list) else [said]))


def _name(part: Any) -> str:
    return str(part["name"]) if isinstance(part, dict) else str(part)


def _carried(work: _Carrying, metric: RawMetric) -> dict[str, Value]:
    build = {
        "simple": _simple,
        "ratio": _ratio,
        "derived": _derived,
        "cumulative": _cumulative,
        "conversion": _conversion,
    }.get(metric.type)
    if build is None:
        raise _Gone(f'its type "{metric.type}" is not one of simple, ratio, derived, cumulative, conversion')
    table: dict[str, Value] = {"kind": "diagnostic"}
    if metric.label:
        table["label"] = metric.label
    if metric.description:
        table["description"] = " ".join(metric.description.split())
    table |= {"type": metric.type} | build(work, metric)
    grain = metric.body.get("time_granularity")
    if isinstance(grain, str) and grain in _GRAINS:
        table["grain"] = grain
    elif grain is not None:
        work.notes.append(
            Left(metric.name, f'its grain "{grain}" is a column of the time spine: list its periods in [grains]')
        )
    return table


def _simple(work: _Carrying, metric: RawMetric) -> dict[str, Value]:
    model = work.project.models.get(metric.model)
    body = metric.body
    if model is None or "agg" not in body:
        raise _Gone("its measure is not defined in these files")
    agg = str(body["agg"]).lower()
    agg = {"avg": "average", "countd": "count_distinct"}.get(agg, agg)
    if agg not in set(Aggregation):
        raise _Gone(f'its aggregation "{agg}" is not known')
    expr = str(body.get("expr", "1")).strip()
    expr = model.dimensions.get(expr, model.entities.get(expr, expr))
    table: dict[str, Value] = {"source": _source(work, metric, model), "agg": agg, "expr": _checked(expr, "expr")}
    if filters := _filters(work, (model,), metric.filters):
        table["filter"] = filters
    if agg == "percentile":
        table["percentile"] = float(body.get("percentile", 0.5))
        if body.get("percentile_type", "continuous") != "continuous":
            work.notes.append(Left(metric.name, "its percentile is discrete; here it is read between the values"))
    if (fill := body.get("fill_nulls_with")) is not None:
        table["fill_nulls_with"] = float(fill)
    if body.get("join_to_timespine"):
        table["join_to_timespine"] = True
    if isinstance(balance := body.get("non_additive_dimension"), dict):
        table["non_additive_dimension"] = _balance(balance, model)
    if model.categorical:
        columns = [plain_column(model.dimensions.get(name, "")) for name in model.categorical]
        table["dimensions"] = list(dict.fromkeys(column for column in columns if column))
    return table


def _balance(raw: Mapping[str, Any], model: Model) -> dict[str, Value]:
    name = str(raw.get("name", ""))
    column = plain_column(model.dimensions.get(name, name)) or _time_column(model.dimensions.get(name, name))
    if not column:
        raise _Gone(f'the time "{name}" of its balance is more than a column')
    groups = raw.get("window_groupings", raw.get("group_by", [])) or []
    found = [plain_column(model.entities.get(group, model.dimensions.get(group, group))) for group in groups]
    if not all(found):
        raise _Gone("a grouping of its balance is more than a column")
    choice = str(raw.get("window_choice", raw.get("window_agg", "max")))
    table: dict[str, Value] = {"name": column, "window_choice": choice}
    if found:
        table["window_groupings"] = list(found)
    return table


def _ratio(work: _Carrying, metric: RawMetric) -> dict[str, Value]:
    table: dict[str, Value] = {}
    for key in ("numerator", "denominator"):
        (part,) = references(metric.body.get(key)) or ({"name": ""},)
        table[key] = _input(work, metric, part)
    return table | _own_filter(work, metric)


def _derived(work: _Carrying, metric: RawMetric) -> dict[str, Value]:
    inputs: list[Value] = []
    for part in references(metric.body.get("input_metrics")):
        made = _input(work, metric, part)
        more: dict[str, Value] = dict(made) if isinstance(made, dict) else {"name": made}
        if alias := part.get("alias"):
            more["alias"] = str(alias)
        if window := part.get("offset_window"):
            more["offset_window"] = _window(window)
        if grain := part.get("offset_to_grain"):
            more["offset_to_grain"] = _grain(grain)
        inputs.append(more)
    if not inputs:
        raise _Gone("it names no input metrics")
    table: dict[str, Value] = {"expr": _checked(str(metric.body.get("expr", "")), "expr"), "input_metrics": inputs}
    return table | _own_filter(work, metric)


def _cumulative(work: _Carrying, metric: RawMetric) -> dict[str, Value]:
    (part,) = references(metric.body.get("input_metric")) or ({"name": ""},)
    table: dict[str, Value] = {"input_metric": _input(work, metric, part)}
    if window := metric.body.get("window"):
        table["window"] = _window(window)
    if grain := metric.body.get("grain_to_date"):
        table["grain_to_date"] = _grain(grain)
    if agg := metric.body.get("period_agg"):
        table["period_agg"] = str(agg)
    return table | _own_filter(work, metric)


def _conversion(work: _Carrying, metric: RawMetric) -> dict[str, Value]:
    table: dict[str, Value] = {}
    models: list[Model] = []
    for key in ("base_metric", "conversion_metric"):
        (part,) = references(metric.body.get(key)) or ({"name": ""},)
        table[key] = _input(work, metric, part)
        models.extend(_models_of(work, part["name"]))
    entity = str(metric.body.get("entity", ""))
    columns = {plain_column(model.entities.get(entity, entity)) for model in models}
    if len(columns) != 1 or "" in columns:
        raise _Gone(f'the entity "{entity}" is not one column of the same name in both models')
    table["entity"] = columns.pop()
    if window := metric.body.get("window"):
        table["window"] = _window(window)
    table["calculation"] = str(metric.body.get("calculation", "conversion_rate"))
    kept = []
    for pair in metric.body.get("constant_properties") or []:
        base, conversion = str(pair.get("base_property", "")), str(pair.get("conversion_property", ""))
        if base != conversion:
            raise _Gone(f'its constant property is "{base}" in one model and "{conversion}" in the other')
        kept.append(base)
    return table | ({"constant_properties": kept} if kept else {}) | _own_filter(work, metric)


def _input(work: _Carrying, metric: RawMetric, part: Mapping[str, Any]) -> Value:
    """Another metric's name, or a table when it is filtered."""
    name = str(part["name"])
    condition = _filters(work, _models_of(work, name), filters_of(part.get("filter")))
    if part.get("fill_nulls_with") is not None or part.get("join_to_timespine"):
        work.notes.append(Left(metric.name, f'"{name}" is filled here by its own fill_nulls_with only'))
    return {"name": name, "filter": condition} if condition else name


def _own_filter(work: _Carrying, metric: RawMetric) -> dict[str, Value]:
    condition = _filters(work, _models_of(work, metric.name), metric.filters)
    return {"filter": condition} if condition else {}


def _models_of(work: _Carrying, name: str) -> tuple[Model, ...]:
    """The models that a metric's rows come from, through all its parts."""
    found: dict[str, Model] = {}
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        metric = work.project.metrics.get(waiting.pop())
        if metric is None or metric.name in seen:
            continue
        seen.add(metric.name)
        if (model := work.project.models.get(metric.model)) is not None:
            found[model.name] = model
        for key in _INPUTS:
            waiting.extend(part["name"] for part in references(metric.body.get(key)))
    return tuple(found.values())


def _filters(work: _Carrying, models: tuple[Model, ...], raw: tuple[str, ...]) -> str:
    """Conditions with the templates' names replaced by columns; all must hold."""
    parts = [_checked(_TEMPLATE.sub(lambda found: _named(work, found, models), one), "filter") for one in raw]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)


def _named(work: _Carrying, found: re.Match[str], models: tuple[Model, ...]) -> str:
    kind, path, groups, method = found.groups()
    if method:
        raise _Gone(f"its filter uses {kind}(...){method}, which has no counterpart")
    if kind == "Metric":
        names = {work.joins.metric(model, path, groups or "") for model in models}
        if len(names) != 1 or not all(names):
            raise _Gone(f'its filter uses Metric("{path}"{groups or ""}), which has no counterpart')
        work.needed.setdefault(work.at, set()).add(path)
        return names.pop()
    known = {_column_named(work, model, kind, path) for model in models}
    if not known or not all(known):
        raise _Gone(f'its filter needs "{path}" from another model, which no column leads to')
    if len(known) > 1:
        raise _Gone(f'"{path}" of its filter is not the same column in all its models')
    sql = known.pop()
    return sql if plain_column(sql) else f"({sql})"


def _column_named(work: _Carrying, model: Model, kind: str, path: str) -> str:
    """The SQL that a dimension or entity is for the rows of a model; "" when it has none."""
    link, _, name = path.rpartition("__")
    if name == "metric_time":
        return model.dimensions.get(model.time, model.time)
    if kind == "Entity":
        return model.entities.get(path, "")
    if link and link not in model.keys and link in model.entities:
        return work.joins.column(model, link, name)
    return model.dimensions.get(name, model.entities.get(name, ""))


def _source(work: _Carrying, metric: RawMetric, model: Model) -> str:
    """The name of the source for a model and a time column; made when it is new."""
    wanted = str(metric.body.get("agg_time_dimension") or model.time)
    if not wanted:
        raise _Gone(f'its model "{model.name}" names no agg_time_dimension')
    sql = model.dimensions.get(wanted, wanted)
    column = _time_column(sql)
    if not column:
        raise _Gone(f'its time "{wanted}" is more than a column: {sql}')
    name = model.name if wanted == model.time else f"{model.name}_by_{wanted}"
    work.models[name] = model
    if name not in work.sources:
        work.sources[name] = {"path": f"data/{model.table}.parquet", "time": column}
    return name


def _time_column(sql: str) -> str:
    """The column behind a time dimension: itself, or what is cut to whole days."""
    match = _TRUNCATED.match(sql)
    return plain_column(match[1] if match else sql)


def _window(raw: Any) -> str:
    text = f"{raw.get('count')} {raw.get('granularity')}" if isinstance(raw, dict) else str(raw)
    match = _INTERVAL.match(text)
    if match is None:
        raise _Gone(f'its window "{text}" is not a number of days, weeks, months, quarters or years')
    return f"{int(match[1])} {match[2].lower()}{'' if int(match[1]) == 1 else 's'}"


def _grain(raw: Any) -> str:
    if str(raw).lower() not in _GRAINS:
        raise _Gone(f'its grain "{raw}" is not one of {", ".join(_GRAINS)}')
    return str(raw).lower()


def _checked(sql: str, key: str) -> str:
    """The SQL, once the expressions of a workspace can read it."""
    from kputui.engine.expression import ExpressionError, parse  # noqa: PLC0415 - only this command checks without data

    text = " ".join(sql.split())
    try:
        parse(text)
    except ExpressionError as error:
        raise _Gone(f"its {key} has no counterpart: {error.message} ({text})") from None
    return text
