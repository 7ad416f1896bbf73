"""The table `[lint]`: the rules' levels, and exceptions by place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kputui.config.cursor import BAD
from kputui.config.fields import Field, Table
from kputui.config.merge import Layout
from kputui.config.shapes import ListOf, Schema, one_of, wrong_type
from kputui.config.wording import shown
from kputui.model.lint import LEVELLED_CODES, Level, Lint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kputui.config.cursor import Cursor

_PLACES = ("goals", "metrics", "journey", "teams", "grains")


@dataclass(frozen=True, slots=True)
class RuleCode:
    """The code of a rule or question whose level may be set."""

    words: str = "a rule's code"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The code itself."""
        if value in LEVELLED_CODES:
            return value
        if not isinstance(value, str):
            return wrong_type(value, "a rule's code as text", at)
        return at.refuse("C20", f"no rule {shown(value)}", at.decoding.near(value, LEVELLED_CODES))

    def schema(self) -> Schema:
        """An enumeration."""
        return {"type": "string", "enum": list(LEVELLED_CODES)}


_CODES = ListOf(RuleCode(), fewest=1)


@dataclass(frozen=True, slots=True)
class Exceptions:
    """A table of places, `"metrics.rain"`, each with the codes that are not reported there."""

    words: str = 'table: `"metrics.rain" = ["M08"]`; also of `goals`, `journey`, `teams` and `grains`'

    def decode(self, value: Any, at: Cursor) -> Any:
        """The codes by (table, name); whether the name exists is checked when all files are read."""
        if not isinstance(value, dict):
            return wrong_type(value, "a table", at, 'write [lint.ignore] and "metrics.rain" = ["M08"] below it')
        found = {}
        is_whole = True
        for table, name, entry, spot in _entries(value, at):
            if table not in _PLACES:
                spot.refuse_key("C10", f"unknown table {shown(table)}", at.decoding.near(table, _PLACES))
                is_whole = False
                continue
            spot.refer(table, name)
            codes = _CODES.decode(entry, spot)
            if codes is BAD:
                is_whole = False
            else:
                found[table, name] = codes
        return found if is_whole else BAD

    def schema(self) -> Schema:
        """An object of lists of codes, or of such objects by table."""
        codes = _CODES.schema()
        return {"type": "object", "additionalProperties": {"anyOf": [codes, {"type": "object"}]}}


def _entries(value: Mapping[str, Any], at: Cursor) -> Iterator[tuple[str, str, Any, Cursor]]:
    """Table, name, codes and place; a dotted key may stand in quotes, or be TOML's own nesting."""
    for key, entry in value.items():
        spot = at.into(key)
        table, dot, name = key.partition(".")
        if dot:
            yield table, name, entry, spot
        elif isinstance(entry, dict):
            for inner, codes in entry.items():
                yield key, inner, codes, spot.into(inner)
        else:
            yield table, name, entry, spot


def _lint(_name: str, values: dict[str, Any], _at: Cursor) -> Lint:
    ignored = values.pop("ignore", {})
    return Lint(values, ignored)


LINT = Table(
    name="lint",
    layout=Layout.SINGLE,
    doc="How loud the rules are; [rules.md](rules.md) lists them with the levels that they have by themselves.",
    example='[lint]\nM10 = "off"\nM16 = "warning"\n\n[lint.ignore]\n"metrics.rain" = ["M08"]\n',
    build=_lint,
    fields=(Field("ignore", Exceptions(), "Places where some rules are silent."),),
    free=one_of(Level),
    free_names=LEVELLED_CODES,
    free_doc="A rule's code",
)
