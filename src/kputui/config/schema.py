"""The JSON schema (2020-12) of a workspace's files, made from the field tables, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kputui.config.fields import fields_schema
from kputui.config.merge import Layout
from kputui.config.shapes import ID_PATTERN, MAX_ID
from kputui.config.tables import TABLES

if TYPE_CHECKING:
    from kputui.config.fields import Table, Variant
    from kputui.config.shapes import Schema


def schema() -> dict[str, Any]:
    """The schema of one file. No table is required: a workspace may be split over files.

    A TOML date counts as its ISO text. Whether names exist is beyond a schema; `check` tells.
    """
    definitions: dict[str, Schema] = {}
    properties = {table.name: _layout_schema(table, definitions) | {"description": table.doc} for table in TABLES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kputui workspace",
        "description": "Goals, metrics, journey, links and teams of a kputui workspace.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": definitions,
    }


def _layout_schema(table: Table, definitions: dict[str, Schema]) -> Schema:
    entry = _entry_schema(table, definitions)
    if table.layout is Layout.LISTED:
        return {"type": "array", "items": entry}
    if table.layout is Layout.NAMED:
        names = {"pattern": ID_PATTERN, "maxLength": MAX_ID}
        return {"type": "object", "propertyNames": names, "additionalProperties": entry}
    return entry


def _entry_schema(table: Table, definitions: dict[str, Schema]) -> Schema:
    if table.free is not None:
        named = fields_schema(table.fields)["properties"] | dict.fromkeys(table.free_names, table.free.schema())
        others: Any = False if table.free_names else table.free.schema()
        return {"type": "object", "properties": named, "additionalProperties": others}
    if not table.variants:
        return fields_schema(table.fields)
    for variant in table.variants:
        definitions[_definition_name(table, variant)] = _variant_schema(table, variant)
    return {"type": "object", "allOf": [_choice(table, variant) for variant in table.variants]}


def _definition_name(table: Table, variant: Variant) -> str:
    return f"{table.name}_{variant.word}"


def _variant_schema(table: Table, variant: Variant) -> Schema:
    return fields_schema(table.fields + variant.fields) | {"title": variant.word, "description": variant.doc}


def _choice(table: Table, variant: Variant) -> Schema:
    """What holds when an entry is of this variant; the first also stands for a word that is none."""
    key = table.chooser
    others = [other.word for other in table.variants if other is not variant]
    is_other: Schema = {"required": [key], "properties": {key: {"enum": others}}}
    is_this: Schema = {"required": [key], "properties": {key: {"const": variant.word}}}
    condition = {"not": is_other} if variant is table.variants[0] else is_this
    return {"if": condition, "then": {"$ref": f"#/$defs/{_definition_name(table, variant)}"}}
