"""Field tables: a key's name, shape, default and documentation, declared once as data.

Decoding, the JSON schema and the reference are all made from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kputui.config.cursor import BAD, Cursor
from kputui.config.shapes import Schema, Shape, wrong_type
from kputui.config.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kputui.config.merge import Layout


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a table. `default` is in words, for people; the model holds the value itself.

    `attribute` is the name in the model where it differs from the key's.
    """

    name: str
    shape: Shape
    doc: str
    required: bool = False
    default: str = ""
    attribute: str = ""

    @property
    def target(self) -> str:
        """The name of the value in the model."""
        return self.attribute or self.name


def decode_fields(
    fields: Iterable[Field], table: Mapping[str, Any], at: Cursor, elsewhere: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], bool]:
    """The table's good values by model attribute, and whether all was well.

    `elsewhere` gives, for keys that only other forms of the table have, the hint that says so.
    """
    by_name = {field.name: field for field in fields}
    values: dict[str, Any] = {}
    is_whole = True
    for key in table:
        if key not in by_name:
            hint = (elsewhere or {}).get(key) or at.decoding.near(key, by_name)
            at.into(key).refuse_key("C10", f"unknown key {shown(key)}", hint)
            is_whole = False
    for field in by_name.values():
        if field.name in table:
            value = field.shape.decode(table[field.name], at.into(field.name))
            if value is BAD:
                is_whole = False
            else:
                values[field.target] = value
        elif field.required:
            at.refuse_key("C13", f'"{field.name}" is missing', field.doc)
            is_whole = False
    return values, is_whole


def fields_schema(fields: Iterable[Field]) -> Schema:
    """The schema of a table with these keys and no others."""
    listed = tuple(fields)
    schema: Schema = {
        "type": "object",
        "properties": {field.name: field.shape.schema() | {"description": field.doc} for field in listed},
        "additionalProperties": False,
    }
    required = [field.name for field in listed if field.required]
    return schema | ({"required": required} if required else {})


@dataclass(frozen=True, slots=True)
class Record:
    """An inline table with fields; `build` makes the model value, `name` finds it in the reference.

    With `short_key` a text alone stands for a table with only that key.
    """

    name: str
    doc: str
    fields: tuple[Field, ...]
    build: Callable[[dict[str, Any], Cursor], Any]
    short_key: str = ""

    @property
    def words(self) -> str:
        """A link to the record's own table in the reference."""
        alone = "name, or " if self.short_key else ""
        return f"{alone}table ([{self.name}](#{self.name.replace(' ', '-')}))"

    def decode(self, value: Any, at: Cursor) -> Any:
        """What `build` makes of the decoded fields."""
        if self.short_key and isinstance(value, str):
            return self._decode_short(value, at)
        if not isinstance(value, dict):
            return wrong_type(value, "a name or a table" if self.short_key else "a table", at)
        values, is_whole = decode_fields(self.fields, value, at)
        return self.build(values, at) if is_whole else BAD

    def _decode_short(self, value: str, at: Cursor) -> Any:
        field = next(field for field in self.fields if field.name == self.short_key)
        decoded = field.shape.decode(value, at)
        return BAD if decoded is BAD else self.build({field.target: decoded}, at)

    def schema(self) -> Schema:
        """An object, or also a string when a name may stand alone."""
        table = fields_schema(self.fields)
        if not self.short_key:
            return table
        short = next(field for field in self.fields if field.name == self.short_key)
        return {"anyOf": [short.shape.schema(), table]}


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several forms of a table, chosen by the word of one key, with the keys only it has."""

    word: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A top-level table: how it is written, its fields, and what makes the model value of it.

    `build` gets the entry's id (empty unless the layout is NAMED), its values, and its cursor.
    `variants` are chosen by the key `chooser`; the first is taken when the key is missing. A table
    with `free` is a map of names to that shape, beside its fields; with `free_names` it has only these
    names, and `free_doc` says what they are.
    """

    name: str
    layout: Layout
    doc: str
    fields: tuple[Field, ...]
    build: Callable[[str, dict[str, Any], Cursor], Any]
    example: str = ""
    chooser: str = ""
    variants: tuple[Variant, ...] = ()
    free: Shape | None = None
    free_names: tuple[str, ...] = ()
    free_doc: str = "Any key"

    def fields_of(self, entry: Mapping[str, Any]) -> tuple[Field, ...]:
        """The fields that an entry may have, by its chosen variant."""
        if not self.variants:
            return self.fields
        chosen = self._chosen(entry)
        if chosen is not None:
            return self.fields + chosen.fields
        anything = {field.name: replace(field, required=False) for variant in self.variants for field in variant.fields}
        return (*self.fields, *anything.values())

    def fields_elsewhere(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """For each key that only other variants have, which one that is."""
        chosen = self._chosen(entry)
        return {
            field.name: f'goes with {self.chooser} = "{variant.word}"'
            for variant in reversed(self.variants)
            for field in variant.fields
            if chosen is not None and field not in chosen.fields
        }

    def _chosen(self, entry: Mapping[str, Any]) -> Variant | None:
        """The variant that the entry names; the first when it names none; None for an unknown word."""
        if self.chooser not in entry:
            return self.variants[0] if self.variants else None
        return next((variant for variant in self.variants if variant.word == entry[self.chooser]), None)
