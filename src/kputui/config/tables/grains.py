"""The table `[grains.<id>]`, and the shape of a grain's name elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kputui.config.cursor import BAD
from kputui.config.data_path import DataPath
from kputui.config.fields import Field, Table
from kputui.config.merge import Layout
from kputui.config.period_table import PeriodColumns, listed, read_periods
from kputui.config.shapes import Day, ListOf, Schema, Text, wrong_type
from kputui.config.wording import shown
from kputui.model.calendar import Calendar
from kputui.model.metric import STANDARD_GRAINS, Grain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kputui.config.cursor import Cursor

_STANDARD = {grain.value: grain for grain in STANDARD_GRAINS}
_COLUMN = Text(may_be_empty=False, longest=500, words="column")


@dataclass(frozen=True, slots=True)
class GrainName:
    """A standard grain, or one of the workspace's own."""

    words: str = " · ".join(f'`"{name}"`' for name in _STANDARD) + ", or a name from `grains`"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The grain; `BAD` without a word for one whose own table has a problem."""
        if not isinstance(value, str):
            return wrong_type(value, "a word as text", at, f"one of: {', '.join(_STANDARD)}")
        found = _STANDARD.get(value) or at.decoding.grains.get(value)
        if found is not None:
            return found
        own = at.decoding.tree.data.get("grains", {})
        if value in own or not at.decoding.is_complete:
            return BAD
        known = (*_STANDARD, *own)
        hint = at.decoding.near(value, known) or "other periods are listed in [grains.<name>]"
        return at.refuse("C12", f"{shown(value)} is not one of: {', '.join(known)}", hint)

    def schema(self) -> Schema:
        """A string; which grains the workspace has is beyond a schema."""
        return {"type": "string", "examples": list(_STANDARD)}


@dataclass(frozen=True, slots=True)
class StandardGrain:
    """A grain of every calendar; a table of periods does not say which of them it begins."""

    words: str = " · ".join(f'`"{name}"`' for name in _STANDARD)

    def decode(self, value: Any, at: Cursor) -> Any:
        """The grain."""
        if isinstance(value, str) and value in at.decoding.tree.data.get("grains", {}):
            hint = f"it takes one of: {', '.join(_STANDARD)}; `offset_window` can look back by {value}"
            return at.refuse("C32", f"{shown(value)} is a table of periods, which this key does not take", hint)
        return GrainName().decode(value, at)

    def schema(self) -> Schema:
        """An enumeration."""
        return {"type": "string", "enum": list(_STANDARD)}


def _grain(name: str, values: dict[str, Any], at: Cursor) -> Any:
    if name in _STANDARD:
        return at.refuse_key("C32", f"{shown(name)} is a grain of every workspace", "give the table another name")
    if ("path" in values) == ("starts" in values):
        return at.refuse_key("C26", "a grain has either a path or a list of starts")
    calendar = _listed(values, at) if "starts" in values else _read(values, at)
    if isinstance(calendar, Calendar):
        at.decoding.grains[name] = Grain(name, calendar)
    return at.decoding.grains.get(name, BAD)


def _listed(values: Mapping[str, Any], at: Cursor) -> object:
    """The calendar of a list of days; another thing where a problem was noted."""
    if surplus := [key for key in ("start", "end", "label") if key in values]:
        return at.into(surplus[0]).refuse_key("C26", f'"{surplus[0]}" goes with path')
    starts = values["starts"]
    if list(starts) != sorted(starts):
        return at.into("starts").refuse("C17", "the days are not in order")
    return listed(starts, at.into("starts"))


def _read(values: Mapping[str, Any], at: Cursor) -> object:
    """The calendar of a file; another thing where a problem was noted."""
    if "start" not in values:
        return at.refuse_key("C26", '"start" is missing: the column of the first days goes with path')
    columns = PeriodColumns(values["path"], values["start"], values.get("end", ""), values.get("label", ""))
    return read_periods(columns, at.into("path"))


GRAINS = Table(
    name="grains",
    layout=Layout.NAMED,
    doc=(
        "Periods of the workspace's own, such as 4-4-5 months or seasons: a metric's `grain` and `query --grain` "
        "can name them."
    ),
    example='[grains.period445]\npath = "data/periods.csv"\nstart = "starts_on"\nlabel = "name"\n',
    build=_grain,
    fields=(
        Field("path", DataPath(words="path of one `.csv` file"), "A CSV file with a header and one row a period."),
        Field("start", _COLUMN, "Its column of the periods' first days, written 2026-12-31."),
        Field(
            "end",
            _COLUMN,
            "Its column of their last days.",
            default="the day before the next start; the last start then only ends the period before it",
        ),
        Field("label", _COLUMN, "Its column of their names, which are shown.", default="first days are shown"),
        Field(
            "starts",
            ListOf(Day(), fewest=2),
            "In place of a file: the first days in order; the last one only ends the period before it.",
        ),
    ),
)
