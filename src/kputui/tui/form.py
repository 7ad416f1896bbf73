"""Forms as values: fields, where the keys go, and what a key makes of them. No screen is needed for any of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_TEXT = 500
"""Characters that a text field takes; a longer paste is cut."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to choose: what comes back, its words, and a hint at the right."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A few options beside one another: left and right choose, or an option's first letter."""

    name: str
    options: tuple[Item, ...]
    at: int = 0

    @property
    def value(self) -> str:
        """The value of the chosen option."""
        return self.options[self.at].value

    def typed(self, key: str, character: str | None) -> Row:
        """The row after a key."""
        if key in {"left", "right"}:
            return replace(self, at=min(max(self.at + (1 if key == "right" else -1), 0), len(self.options) - 1))
        letter = (character or "").casefold()
        at = next((i for i, one in enumerate(self.options) if letter and one.label.casefold().startswith(letter)), None)
        return self if at is None else replace(self, at=at)


def _begins(label: str, typed: Sequence[str]) -> bool:
    words = label.casefold().replace("(", " ").split()
    return all(any(word.startswith(part) for word in words) for part in typed)


@dataclass(frozen=True, slots=True)
class Choosing:
    """Many options under one another, narrowed by typing; up and down choose."""

    name: str
    options: tuple[Item, ...]
    text: str = ""
    at: int = 0

    @property
    def matching(self) -> tuple[Item, ...]:
        """The options that hold all the words typed; those with words that begin so come first."""
        typed = self.text.casefold().split()
        found = [one for one in self.options if all(part in one.label.casefold() for part in typed)]
        return tuple(sorted(found, key=lambda one: not _begins(one.label, typed)))

    @property
    def value(self) -> str:
        """The value of the chosen option; empty when nothing matches."""
        matching = self.matching
        return matching[min(self.at, len(matching) - 1)].value if matching else ""

    def typed(self, key: str, character: str | None) -> Choosing:
        """The list after a key."""
        steps = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "home": -1_000, "end": 1_000}
        if key in steps:
            return replace(self, at=min(max(self.at + steps[key], 0), max(len(self.matching) - 1, 0)))
        if (text := _typed(self.text, key, character)) != self.text:
            return replace(self, text=text, at=0)
        return self


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `hint` stands there while it is empty."""

    name: str
    text: str = ""
    hint: str = ""

    @property
    def value(self) -> str:
        """The text."""
        return self.text

    def typed(self, key: str, character: str | None) -> Words:
        """The line after a key."""
        return replace(self, text=_typed(self.text, key, character))


Field = Row | Choosing | Words


@dataclass(frozen=True, slots=True)
class Form:
    """Fields from the top, and the one that the keys go to. Every key gives a new form."""

    fields: tuple[Field, ...]
    at: int = 0

    @property
    def field(self) -> Field:
        """The field that the keys go to."""
        return self.fields[self.at]

    @property
    def is_at_end(self) -> bool:
        """Whether the keys go to the last field, where Enter answers."""
        return self.at == len(self.fields) - 1

    def value(self, name: str) -> str:
        """What a field holds; empty for a field that is not there."""
        return next((field.value for field in self.fields if field.name == name), "")

    def moved(self, steps: int) -> Form:
        """The keys to another field, stopping at the ends."""
        return replace(self, at=min(max(self.at + steps, 0), len(self.fields) - 1))

    def to(self, name: str) -> Form:
        """The keys to the field of that name."""
        return replace(self, at=next((i for i, field in enumerate(self.fields) if field.name == name), self.at))

    def typed(self, key: str, character: str | None) -> Form:
        """The form after a key; Tab and the arrows that a field has no use for go to its neighbours."""
        if key in {"tab", "shift+tab"}:
            steps = 1 if key == "tab" else -1
            return replace(self, at=(self.at + steps) % len(self.fields))
        if key in {"up", "down"} and not isinstance(self.field, Choosing):
            return self.moved(1 if key == "down" else -1)
        return self._with(self.field.typed(key, character))

    def pasted(self, text: str) -> Form:
        """The form after a paste: as much of it as a field takes, in one line."""
        field = self.field
        clean = " ".join(text[:MAX_TEXT].split())
        if isinstance(field, Row):
            return self
        longer = (field.text + clean)[:MAX_TEXT]
        return self._with(
            replace(field, text=longer, at=0) if isinstance(field, Choosing) else replace(field, text=longer)
        )

    def _with(self, field: Field) -> Form:
        return replace(self, fields=(*self.fields[: self.at], field, *self.fields[self.at + 1 :]))


def _typed(text: str, key: str, character: str | None) -> str:
    if key == "backspace":
        return text[:-1]
    if key == "ctrl+u":
        return ""
    if character is not None and character.isprintable() and len(text) < MAX_TEXT:
        return text + character
    return text
