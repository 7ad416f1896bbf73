"""The reference of a workspace's tables and keys as Markdown, made from the field tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.config.fields import Record
from kputui.config.shapes import ListOf
from kputui.config.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kputui.config.fields import Field, Table

_HEAD = """\
# The workspace's files

<!-- Made by kputui.config.reference() from the field tables; a test holds both equal. -->

A workspace is a folder of `*.toml` files. All of them are read and merged; how they are split is up to
you. A name is defined once. Names are letters, digits, `_` and `-`, do not start with a digit, and have
at most 64 characters. Unknown keys are errors, and the nearest known key is named. Dates are written
without quotes: `2026-12-31`. Files are UTF-8 and have at most 4 MiB together.
"""


def reference() -> str:
    """All tables, their keys, the values these take, their defaults and what they mean."""
    return "\n".join([_HEAD, *(_table_text(table) for table in TABLES)]).rstrip() + "\n"


def _table_text(table: Table) -> str:
    title = table.layout.value.format(name=table.name)
    lines = [f"## `{title}`", "", table.doc, "", "```toml", table.example.rstrip(), "```", ""]
    if table.free is not None:
        lines += [f"{table.free_doc}: {table.free.words}.", ""]
    if table.fields:
        lines += [*_fields_lines(table.fields), ""]
    for variant in table.variants:
        lines += [f'### `{table.chooser} = "{variant.word}"`', "", variant.doc, "", *_fields_lines(variant.fields), ""]
    fields = [*table.fields, *(field for variant in table.variants for field in variant.fields)]
    for record in _records(fields):
        lines += [f"### {record.name}", "", record.doc, "", *_fields_lines(record.fields), ""]
    return "\n".join(lines)


def _fields_lines(fields: Iterable[Field]) -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    for field in fields:
        default = "**required**" if field.required else _default_text(field.default)
        yield f"| `{field.name}` | {field.shape.words} | {default} | {field.doc} |"


def _default_text(default: str) -> str:
    is_value = default.startswith(('"', "[")) or default in {"true", "false"} or default.isdecimal()
    return f"`{default}`" if is_value else default


def _records(fields: Iterable[Field]) -> list[Record]:
    """The inline tables that the fields' values are made of, each once."""
    found: list[Record] = []
    for field in fields:
        shape = field.shape.item if isinstance(field.shape, ListOf) else field.shape
        if isinstance(shape, Record) and shape not in found:
            found.append(shape)
    return found
