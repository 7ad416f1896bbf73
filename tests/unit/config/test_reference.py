"""The reference of keys is made from the field tables, and what it says is true."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kputui.config import load, reference
from kputui.config.cursor import Cursor, Decoding
from kputui.config.fields import Field, Record
from kputui.config.merge import Tree
from kputui.config.shapes import ListOf
from kputui.config.tables import TABLES
from kputui.model.goal import Context, Goal
from kputui.model.link import Link
from kputui.model.metric import Conversion, Cumulative, Derived, Metric, NonAdditiveDimension, Ratio, Simple
from kputui.model.remark import Annotation
from kputui.model.signals import SignalSettings
from kputui.model.team import Team
from kputui.model.workspace import CsvOptions, Project, Source

ROOT = Path(__file__).parents[3]
MODELS = {
    "project": Project,
    "sources": Source,
    "goals": Goal,
    "contexts": Context,
    "annotations": Annotation,
    "signals": SignalSettings,
    "metrics": Metric,
    "links": Link,
    "teams": Team,
    "simple": Simple,
    "ratio": Ratio,
    "derived": Derived,
    "cumulative": Cumulative,
    "conversion": Conversion,
    "csv": CsvOptions,
    "balance": NonAdditiveDimension,
}


def all_fields() -> list[tuple[str, Field]]:
    """Every field with the name of the table, variant or record it belongs to."""
    found: list[tuple[str, Field]] = []
    groups: list[tuple[str, tuple[Field, ...]]] = []
    for table in TABLES:
        groups.append((table.name, table.fields))
        groups.extend((variant.word, variant.fields) for variant in table.variants)
    for name, fields in groups:
        for field in fields:
            found.append((name, field))
            shape = field.shape.item if isinstance(field.shape, ListOf) else field.shape
            if isinstance(shape, Record) and not any(known == shape.name for known, _ in groups):
                groups.append((shape.name, shape.fields))
    return found


def is_value(text: str) -> bool:
    """Whether a default is written as a value rather than in words."""
    return text.startswith(('"', "[")) or text in {"true", "false"} or text.isdecimal()


def test_the_committed_reference_is_fresh() -> None:
    """docs/config-reference.md is what the field tables say today."""
    assert (ROOT / "docs" / "config-reference.md").read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize(("name", "field"), all_fields(), ids=lambda value: getattr(value, "name", value))
def test_every_key_is_documented(name: str, field: Field) -> None:
    """Every key has a sentence of its own and words for the values it takes."""
    assert field.doc.endswith((".", ")", "0.9."))
    assert field.shape.words
    assert f"| `{field.name}` |" in reference(), name


@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field) for name, field in all_fields() if is_value(field.default)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_documented_default_is_the_models_default(name: str, field: Field, tmp_path: Path) -> None:
    """What the reference calls a default is what a workspace without the key gets."""
    if field.name == "type":
        return
    at = Cursor(("x",), Decoding(Tree(), tmp_path))
    documented = field.shape.decode(tomllib.loads(f"x = {field.default}")["x"], at)
    attributes: dict[str, Any] = {entry.name: entry for entry in dataclasses.fields(MODELS[name])}
    assert documented == attributes[field.target].default


def test_the_good_workspace_uses_every_key() -> None:
    """The workspace "everything" misses no table, key or variant, so each is read in a test."""
    folder = ROOT / "tests" / "data" / "good_configs" / "everything"
    data = tomllib.loads((folder / "kputui.toml").read_text(encoding="utf-8"))
    written: set[str] = set()
    pending: list[Any] = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            written |= value.keys()
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    assert {field.name for _, field in all_fields()} <= written
    assert load(folder).metrics


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_reference_examples_parse(table: Any) -> None:
    """Each example of the reference is TOML of its own table."""
    assert table.name in tomllib.loads(table.example)
