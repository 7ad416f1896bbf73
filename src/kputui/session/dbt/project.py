"""A dbt project's semantic models and metrics, from its YAML files, in one form for both of dbt's spellings.

The older spelling has `semantic_models` with `measures`; the newer writes `semantic_model`, `metrics` and the
columns' roles below each model. What is read here is brought to the newer one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kputui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_BYTES = 4 * 2**20
_SKIPPED = frozenset({"target", "dbt_packages", "dbt_modules", "node_modules", ".git", ".venv", "venv"})
_KEYS = frozenset({"primary", "unique"})
_REF = re.compile(r"""^\s*(?:\{\{)?\s*ref\(\s*(?:['"][^'"]*['"]\s*,\s*)?['"]([^'"]+)['"]\s*\)\s*(?:\}\})?\s*$""")


@dataclass(frozen=True, slots=True)
class Model:
    """A semantic model: the table it stands on, its time column, and name -> SQL of dimensions and entities.

    `keys` are the entities of which each row is one.
    """

    name: str
    table: str
    time: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    entities: Mapping[str, str] = field(default_factory=dict)
    categorical: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RawMetric:
    """A metric as the project writes it, its keys spelt the newer way; `model` where it is a simple one."""

    name: str
    type: str
    label: str
    description: str
    filters: tuple[str, ...]
    body: Mapping[str, Any]
    model: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """What could not be carried over, and why."""

    name: str
    why: str


@dataclass(slots=True)
class Project:
    """All that was found; `left` grows where something has no place in a workspace.

    `declared` are the metrics that the project itself names.
    """

    models: dict[str, Model] = field(default_factory=dict)
    metrics: dict[str, RawMetric] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)


def read_project(path: Path) -> Project:
    """The project of a folder (all its .yml and .yaml files) or of one file.

    Raises `UsageError` when there is nothing to read, a file is no YAML, or the reader is not installed.
    """
    project = Project()
    documents = [document for file in _files(path) for document in _documents(file)]
    for document in documents:
        for model in _entries(document, "semantic_models"):
            _older_model(project, model)
        for model in _entries(document, "models"):
            if model.get("semantic_model"):
                _newer_model(project, model)
    measures = _measures(documents)
    declared = [metric for document in documents for metric in _entries(document, "metrics")]
    project.declared |= {metric["name"] for metric in declared}
    for metric in sorted(declared, key=lambda metric: metric.get("type", "simple") != "simple"):
        _metric(project, metric, measures)  # simple ones first: others may be made of the same measures
    _made_of_measures(project, documents, measures)
    if not project.metrics and not project.left:
        raise UsageError(
            f'"{path}" holds no metrics of a semantic layer', "name a dbt project, or one of its YAML files"
        )
    return project


def _files(path: Path) -> tuple[Path, ...]:
    if not path.exists():
        raise UsageError(f'there is no "{path}"', "name a dbt project, or one of its YAML files")
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise UsageError(f'"{path}" is not a regular file')
    found = [file for pattern in ("*.yml", "*.yaml") for file in path.rglob(pattern) if file.is_file()]
    kept = sorted(file for file in found if not _SKIPPED & set(file.relative_to(path).parts))
    if not kept:
        raise UsageError(f'"{path}" holds no .yml file', "name a dbt project, or one of its YAML files")
    return tuple(kept)


def _documents(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        import yaml  # noqa: PLC0415 - an extra that only this command needs
    except ImportError:
        raise UsageError(
            "reading YAML needs one more package, which is not installed", 'pip install "kputui[dbt]"'
        ) from None
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UsageError(f'"{file}" is larger than 4 MiB')
        text = file.read_text("utf-8-sig")
        documents = list(yaml.safe_load_all(text))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f'cannot read "{file}": {error}') from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise UsageError(
            f'"{file}"{where} is not YAML: {getattr(error, "problem", None) or "it cannot be read"}'
        ) from error
    yield from (document for document in documents if isinstance(document, dict))


def _entries(parent: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    """The tables with a name in a list."""
    found = parent.get(key)
    named = found if isinstance(found, list) else []
    return tuple(one for one in named if isinstance(one, dict) and isinstance(one.get("name"), str))


def _older_model(project: Project, raw: Mapping[str, Any]) -> None:
    defaults = raw.get("defaults")
    time = defaults.get("agg_time_dimension", "") if isinstance(defaults, dict) else ""
    dimensions = {one["name"]: _sql(one) for one in _entries(raw, "dimensions")}
    categorical = tuple(one["name"] for one in _entries(raw, "dimensions") if one.get("type") != "time")
    entities = {one["name"]: _sql(one) for one in _entries(raw, "entities")}
    keys = {one["name"] for one in _entries(raw, "entities") if one.get("type") in _KEYS} | _own_key(raw)
    ref = _REF.match(str(raw.get("model", "")))
    table = ref[1] if ref else str(raw["name"])
    project.models[raw["name"]] = Model(
        raw["name"], table, str(time), dimensions, entities, categorical, frozenset(keys)
    )


def _own_key(raw: Mapping[str, Any]) -> set[str]:
    """The entity that a model is of without having a column for it."""
    named = raw.get("primary_entity")
    return {str(named)} if named else set()


def _newer_model(project: Project, raw: Mapping[str, Any]) -> None:
    asked = raw["semantic_model"]
    if isinstance(asked, dict) and asked.get("enabled") is False:
        return
    name = str(asked.get("name") or raw["name"]) if isinstance(asked, dict) else str(raw["name"])
    dimensions: dict[str, str] = {}
    entities: dict[str, str] = {}
    categorical: list[str] = []
    keys = _own_key(raw)
    for column in _entries(raw, "columns"):
        for role, found in (("dimension", dimensions), ("entity", entities)):
            said = column.get(role)
            if not said:
                continue
            own = str(said.get("name") or column["name"]) if isinstance(said, dict) else str(column["name"])
            found[own] = _column(str(column["name"]))
            kind = said.get("type") if isinstance(said, dict) else said
            if role == "dimension" and kind != "time":
                categorical.append(own)
            if role == "entity" and kind in _KEYS:
                keys.add(own)
    derived = raw.get("derived_semantics")
    if isinstance(derived, dict):
        dimensions |= {one["name"]: _sql(one) for one in _entries(derived, "dimensions")}
        entities |= {one["name"]: _sql(one) for one in _entries(derived, "entities")}
        keys |= {one["name"] for one in _entries(derived, "entities") if one.get("type") in _KEYS}
    time = str(raw.get("agg_time_dimension", ""))
    project.models[name] = Model(
        name, str(raw["name"]), time, dimensions, entities, tuple(categorical), frozenset(keys)
    )
    for metric in _entries(raw, "metrics"):
        _metric(project, metric, {}, name)


def _sql(raw: Mapping[str, Any]) -> str:
    expr = raw.get("expr")
    return str(expr).strip() if expr is not None else _column(str(raw["name"]))


def _column(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else '"' + name.replace('"', '""') + '"'


Measures = dict[str, tuple[str, "Mapping[str, Any]"]]


def _measures(documents: list[Mapping[str, Any]]) -> Measures:
    """Measure -> its semantic model and what it says."""
    return {
        measure["name"]: (model["name"], measure)
        for document in documents
        for model in _entries(document, "semantic_models")
        for measure in _entries(model, "measures")
    }


def _made_of_measures(project: Project, documents: list[Mapping[str, Any]], measures: Measures) -> None:
    """Measures that ask for a metric of their own."""
    for document in documents:
        for model in _entries(document, "semantic_models"):
            for measure in _entries(model, "measures"):
                if measure.get("create_metric") is True and measure["name"] not in project.metrics:
                    _of_measure(project, measure["name"], measures)


def _of_measure(project: Project, name: str, measures: Measures, more: Mapping[str, Any] | None = None) -> str:
    """The name of the metric that is a measure as it stands, with `more` keys; made when there is none."""
    if name not in measures:
        return name
    model, raw = measures[name]
    body = measure_body(raw) | dict(more or {})
    known = project.metrics.get(name)
    while (
        name in project.declared
        if known is None
        else (known.model, dict(known.body), known.filters) != (model, body, ())
    ):
        name += "_measure"
        known = project.metrics.get(name)
    if known is None:
        label, words = str(raw.get("label") or ""), str(raw.get("description") or "")
        project.metrics[name] = RawMetric(name, "simple", label, words, (), body, model)
    return name


def measure_body(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A measure's keys as those of a simple metric."""
    body = {key: raw[key] for key in ("agg", "expr", "agg_time_dimension", "non_additive_dimension") if key in raw}
    body.setdefault("expr", raw["name"])
    parameters = raw.get("agg_params")
    if isinstance(parameters, dict):
        body |= {key: parameters[key] for key in ("percentile",) if key in parameters}
        if parameters.get("use_discrete_percentile"):
            body["percentile_type"] = "discrete"
    return body


def _metric(project: Project, raw: Mapping[str, Any], measures: Measures, model: str = "") -> None:
    body = {key: value for key, value in raw.items() if key not in {"name", "type", "label", "description", "filter"}}
    kind = str(raw.get("type", "simple"))
    parameters = raw.get("type_params")
    if isinstance(parameters, dict):
        body, model = _older_body(project, kind, parameters, measures)
        body |= {key: raw[key] for key in ("time_granularity",) if key in raw}
    filters = filters_of(raw.get("filter")) + filters_of(body.pop("filter", None))
    project.metrics[raw["name"]] = RawMetric(
        raw["name"], kind, str(raw.get("label") or ""), str(raw.get("description") or ""), filters, body, model
    )


def _older_body(project: Project, kind: str, raw: Mapping[str, Any], measures: Measures) -> tuple[dict[str, Any], str]:
    """The older `type_params` with the newer keys, and the model of a simple metric."""
    if kind == "simple":
        said = _reference(raw.get("measure"))
        model, measure = measures.get(said["name"], ("", {"name": said["name"]}))
        kept = {key: said[key] for key in ("filter", "fill_nulls_with", "join_to_timespine") if key in said}
        return measure_body(measure) | kept, model
    if kind == "cumulative":
        more = raw.get("cumulative_type_params")
        body = {**raw, **(more if isinstance(more, dict) else {})}
        body["input_metric"] = _filled(project, body.pop("measure", None), measures)
        return body, ""
    if kind == "conversion":
        more = raw.get("conversion_type_params")
        body = dict(more) if isinstance(more, dict) else dict(raw)
        for old, new in (("base_measure", "base_metric"), ("conversion_measure", "conversion_metric")):
            body[new] = _filled(project, body.pop(old, None), measures)
        return body, ""
    body = dict(raw)
    if "metrics" in body:
        body["input_metrics"] = body.pop("metrics")
    return body, ""


def _filled(project: Project, raw: Any, measures: Measures) -> dict[str, Any]:
    """A measure of a window or a conversion as a reference to a metric, which has the fills that were said here."""
    said = _reference(raw)
    fills = {key: said.pop(key) for key in ("fill_nulls_with", "join_to_timespine") if said.get(key) is not None}
    return said | {"name": _of_measure(project, said["name"], measures, fills)}


def _reference(raw: Any) -> dict[str, Any]:
    """A metric or measure named by text or by a table with further keys."""
    if isinstance(raw, dict):
        return {**raw, "name": str(raw.get("name", ""))}
    return {"name": str(raw or "")}


def references(raw: Any) -> tuple[dict[str, Any], ...]:
    """One or more named metrics."""
    found = raw if isinstance(raw, list) else [raw]
    return tuple(_reference(one) for one in found if one)


def filters_of(raw: Any) -> tuple[str, ...]:
    """The conditions of a `filter`: one text, or a list that all must hold."""
    found = raw if isinstance(raw, list) else [raw]
    return tuple(str(one).strip() for one in found if one)
