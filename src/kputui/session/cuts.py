"""Cuts: a metric looked at in another grain, by a dimension, or for some of its values; no definition changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from kputui.session.words import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kputui.model.metric import Grain

Cell = str | int | float | bool | date | datetime | Decimal | None
"""A value of a dimension; None is the rows without one."""

_NAMED = 3
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Only:
    """The rows whose `dimension` has one of these values."""

    dimension: str
    values: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """How a metric is looked at: `grain` None is its own, `by` "" is no breakdown, `only` None is all rows."""

    grain: Grain | None = None
    by: str = ""
    only: Only | None = None

    def __bool__(self) -> bool:
        """Whether anything differs from the metric as it is defined."""
        return self != Cut()

    @property
    def is_whole(self) -> bool:
        """Whether the values are those of the definition: its grain, all its rows."""
        return self.grain is None and self.only is None

    @property
    def condition(self) -> str:
        """The rows as an SQL condition; empty for all."""
        return among(self.only.dimension, self.only.values) if self.only is not None else ""

    def in_grain(self, own: Grain, grains: Sequence[Grain], steps: int = 1) -> Cut:
        """The cut at the next of the `grains`, which begin again behind the last; `own` is no change."""
        grain = grains[(grains.index(self.grain or own) + steps) % len(grains)]
        return replace(self, grain=None if grain == own else grain)


def among(dimension: str, values: Sequence[Cell]) -> str:
    """The SQL condition for rows with one of these values, None among them or not."""
    name = column_text(dimension)
    parts = [f"{name} in ({', '.join(literal_text(value) for value in values if value is not None)})"]
    if all(value is None for value in values):
        parts = []
    if None in values:
        parts.append(f"{name} is null")
    return f"({' or '.join(parts)})" if parts else "false"


def outside(dimension: str, values: Sequence[Cell]) -> str:
    """The SQL condition for all other rows; a row without a value is one of them unless None is among the values."""
    name = column_text(dimension)
    known = [value for value in values if value is not None]
    inside = f"{name} not in ({', '.join(map(literal_text, known))})" if known else "true"
    if None in values:
        return f"({inside} and {name} is not null)" if known else f"({name} is not null)"
    return f"({inside} or {name} is null)" if known else "true"


def both(one: str, other: str) -> str:
    """Two conditions at once; an empty one is none."""
    return f"({one}) and ({other})" if one and other else one or other


def column_text(name: str) -> str:
    """A column's name as expressions write it."""
    return '"' + name.replace('"', '""') + '"'


def literal_text(value: Cell) -> str:
    """A value as expressions write it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return repr(value) if not isinstance(value, Decimal) else f"{value:f}"
    if isinstance(value, datetime):
        return f"timestamp '{value.replace(tzinfo=None).isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return "'" + value.replace("'", "''") + "'"


def group_text(value: Cell) -> str | None:
    """A value as the engine names a group by it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def value_words(value: Cell) -> str:
    """A value as people read it; what is empty has a word too."""
    if value is None:
        return "(no value)"
    text = group_text(value) or ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    return text if text.strip() else "(empty)"


def cut_words(cut: Cut) -> str:
    """`by month, only carrier = UA or DL, broken down by origin`; empty for no cut."""
    parts = [f"by {cut.grain}"] if cut.grain is not None else []
    if cut.only is not None:
        parts.append(f"only {cut.only.dimension} = {values_words(cut.only.values)}")
    if cut.by:
        parts.append(f"broken down by {cut.by}")
    return ", ".join(parts)


def values_words(values: Sequence[Cell]) -> str:
    """A few values by name, of many the first ones and how many more."""
    names = [_short(value_words(value)) for value in values]
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} more"]
    return listed(names)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
