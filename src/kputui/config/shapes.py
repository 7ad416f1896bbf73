"""The shapes a value can have. Each decodes, describes itself in words, and gives its JSON schema."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from kputui.config.cursor import BAD, Cursor
from kputui.config.wording import shown, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    from kputui.model.metric import MetricKind

ID_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]*$"
MAX_ID = 64
FIRST_YEAR, LAST_YEAR = 1900, 2199

_ID = re.compile(ID_PATTERN)

Schema = dict[str, Any]


class Shape(Protocol):
    """What every shape can do."""

    @property
    def words(self) -> str:
        """The shape in words, for the reference."""

    def decode(self, value: Any, at: Cursor) -> Any:
        """The value for the model, or `BAD` after its problem has been noted at the cursor."""

    def schema(self) -> Schema:
        """The shape as JSON schema (2020-12)."""


def is_id(name: str) -> bool:
    """Whether a name may be an id."""
    return len(name) <= MAX_ID and _ID.match(name) is not None


def wrong_type(value: object, wanted: str, at: Cursor, hint: str = "") -> Any:
    """Note that a value has the wrong type."""
    return at.refuse("C11", f"wants {wanted}, found {type_name(value)}", hint)


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; `longest` in characters."""

    may_be_empty: bool = True
    longest: int = 20_000
    words: str = "text"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The text itself."""
        if not isinstance(value, str):
            return wrong_type(value, "text", at)
        if not (value.strip() or self.may_be_empty):
            return at.refuse("C27", "is empty")
        if len(value) > self.longest:
            return at.refuse("C27", f"has {len(value)} characters; at most {self.longest}")
        return value

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "maxLength": self.longest} | ({} if self.may_be_empty else {"minLength": 1})


@dataclass(frozen=True, slots=True)
class Id:
    """A new name: letters, digits, `_` and `-`, not starting with a digit, at most 64 characters."""

    words: str = "name"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The name itself."""
        if not isinstance(value, str):
            return wrong_type(value, "a name as text", at)
        if not is_id(value):
            return at.refuse("C14", bad_id(value))
        return value

    def schema(self) -> Schema:
        """A string with a pattern."""
        return {"type": "string", "pattern": ID_PATTERN, "maxLength": MAX_ID}


def bad_id(name: str) -> str:
    """What is wrong with a name that is no id."""
    if len(name) > MAX_ID:
        return f"the name has {len(name)} characters; at most {MAX_ID}"
    return f"{shown(name)} is not a name: letters, digits, _ and -, not starting with a digit"


@dataclass(frozen=True, slots=True)
class Named:
    """The name of something that another table defines; `kind` is the kind a metric must have."""

    table: str
    kind: MetricKind | None = None

    @property
    def words(self) -> str:
        """Which table the name is of."""
        kind = f" of kind {self.kind}" if self.kind else ""
        return f"a name from `{self.table}`{kind}"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The name; whether it exists is checked when all files are read."""
        if not isinstance(value, str):
            return wrong_type(value, "a name as text", at)
        at.refer(self.table, value, self.kind)
        return value

    def schema(self) -> Schema:
        """A string; existence is beyond a schema."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number within bounds, both included."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def words(self) -> str:
        """The bounds, where there are any."""
        if math.isinf(self.low) and math.isinf(self.high):
            return "number"
        if math.isinf(self.high):
            return f"number, {self.low:g} or more"
        return f"number from {self.low:g} to {self.high:g}"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The number as float."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            hint = "a number is written without quotes" if isinstance(value, str) else ""
            return wrong_type(value, "a number", at, hint)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            return at.refuse("C15", "must be finite")
        if not self.low <= number <= self.high:
            return at.refuse("C16", f"{shown(value)} is out of range; wants a {self.words}")
        return number

    def schema(self) -> Schema:
        """A number with its bounds."""
        bounds: Schema = {"type": "number"}
        if math.isfinite(self.low):
            bounds["minimum"] = self.low
        if math.isfinite(self.high):
            bounds["maximum"] = self.high
        return bounds


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds, both included."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """The bounds."""
        return f"whole number from {self.low} to {self.high}"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The number itself."""
        if isinstance(value, bool) or not isinstance(value, int):
            return wrong_type(value, "a whole number", at)
        if not self.low <= value <= self.high:
            return at.refuse("C16", f"{shown(value)} is out of range; wants a {self.words}")
        return value

    def schema(self) -> Schema:
        """An integer with its bounds."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    words: str = "true or false"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The flag itself."""
        return value if isinstance(value, bool) else wrong_type(value, "true or false", at)

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    words: str = "date"

    def decode(self, value: Any, at: Cursor) -> Any:
        """The date itself."""
        if isinstance(value, datetime):
            return at.refuse("C11", "wants a date, found a date with a time")
        if not isinstance(value, date):
            hint = "a date is written without quotes: 2026-12-31" if isinstance(value, str) else ""
            return wrong_type(value, "a date", at, hint)
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            return at.refuse("C16", f"{value} is out of range; wants a year from {FIRST_YEAR} to {LAST_YEAR}")
        return value

    def schema(self) -> Schema:
        """A TOML date reaches a schema as text."""
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words; `choices` maps each to its value in the model."""

    choices: Mapping[str, Any]

    @property
    def words(self) -> str:
        """The words."""
        return " · ".join(f'`"{word}"`' for word in self.choices)

    def decode(self, value: Any, at: Cursor) -> Any:
        """The word's value in the model."""
        if not isinstance(value, str):
            return wrong_type(value, "a word as text", at, f"one of: {', '.join(self.choices)}")
        if value not in self.choices:
            hint = at.decoding.near(value, self.choices)
            return at.refuse("C12", f"{shown(value)} is not one of: {', '.join(self.choices)}", hint)
        return self.choices[value]

    def schema(self) -> Schema:
        """An enumeration."""
        return {"type": "string", "enum": list(self.choices)}


def one_of(words: type[Enum]) -> Word:
    """The shape of an enumeration whose values are the words."""
    return Word({member.value: member for member in words})


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape, each value once; with `or_single` one value may stand without brackets."""

    item: Shape
    or_single: bool = False
    is_unique: bool = True
    fewest: int = 0

    @property
    def words(self) -> str:
        """The item's words, as a list."""
        return f"list: {self.item.words}" + (", or one alone" if self.or_single else "")

    def decode(self, value: Any, at: Cursor) -> Any:
        """A tuple of what the item's shape gives."""
        if self.or_single and not isinstance(value, list):
            single = self.item.decode(value, at)
            return BAD if single is BAD else (single,)
        if not isinstance(value, list):
            return wrong_type(value, "a list", at, "write it in [brackets]")
        if len(value) < self.fewest:
            return at.refuse("C27", "is an empty list")
        decoded = [self.item.decode(item, at.into(index)) for index, item in enumerate(value)]
        if any(item is BAD for item in decoded):
            return BAD
        if self.is_unique:
            seen = set()
            for index, item in enumerate(decoded):
                if item in seen:
                    at.into(index).refuse("C09", f"{shown(item)} is in the list twice")
                    return BAD
                seen.add(item)
        return tuple(decoded)

    def schema(self) -> Schema:
        """An array, or the item itself where one may stand alone."""
        array: Schema = {"type": "array", "items": self.item.schema()}
        if self.fewest:
            array["minItems"] = self.fewest
        return {"anyOf": [self.item.schema(), array]} if self.or_single else array


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a finite number, or a truth value, as it stands in data."""

    words: str = "text, number, or true/false"
    _number: Number = field(default_factory=Number)

    def decode(self, value: Any, at: Cursor) -> Any:
        """The value itself."""
        if isinstance(value, bool | str):
            return value
        if isinstance(value, int | float):
            return BAD if self._number.decode(value, at) is BAD else value
        return wrong_type(value, self.words, at)

    def schema(self) -> Schema:
        """A string, number or boolean."""
        return {"type": ["string", "number", "boolean"]}
