"""What a command line is made of: commands, their words and options, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from keyword import iskeyword
from typing import TYPE_CHECKING

from kputui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable


class Count(StrEnum):
    """How many words an argument takes, and how often it may stand."""

    FLAG = "flag"
    ONE = "one"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Option:
    """An option that starts with a dash. `metavar` is the value's name in help; `choices` its words."""

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    count: Count = Count.ONE
    choices: tuple[str, ...] = ()
    default: str | None = None
    convert: Callable[[str], object] = str

    @property
    def name(self) -> str:
        """The attribute that holds the value: `--group-by` gives `group_by`, `--from` gives `from_`."""
        name = self.flags[-1].removeprefix("--").replace("-", "_")
        return f"{name}_" if iskeyword(name) else name

    @property
    def usage(self) -> str:
        """How it is written: `-w, --workspace DIR`."""
        value = "|".join(self.choices) or self.metavar
        return ", ".join(self.flags) + (f" {value}" if value else "")


@dataclass(frozen=True, slots=True)
class Positional:
    """A word without a dash; `arity` is argparse's: "" for exactly one, "?" for at most one, "+" for some."""

    name: str
    help: str
    arity: str = ""

    @property
    def usage(self) -> str:
        """How it is written: `DIR`, `[DIR]`, `METRIC...`."""
        return {"": self.name, "?": f"[{self.name}]", "+": f"{self.name}..."}[self.arity]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it is for, what it takes, what it answers, and a line to try."""

    name: str
    summary: str
    about: str
    examples: tuple[str, ...]
    positionals: tuple[Positional, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def module(self) -> str:
        """The file of `cli` that runs it: `import` is a word of Python and gives `import_`."""
        return f"{self.name}_" if iskeyword(self.name) else self.name

    @property
    def usage(self) -> str:
        """The whole line: `kputui query METRIC... [--grain G] ...`."""
        words = ["kputui", *([] if self.name == BOARD else [self.name]), *(p.usage for p in self.positionals)]
        for option in self.options:
            value = option.metavar or "|".join(option.choices)
            text = f"{option.flags[0]} {value}" if value else option.flags[0]
            words.append(f"[{text}]" + ("..." if option.count is Count.REPEATED else ""))
        return " ".join(words)


BOARD = "board"
"""The command that runs when none is named."""


def day(text: str) -> date:
    """The date that `text` writes as YYYY-MM-DD; raises `UsageError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is not a date', "write it as 2026-11-20") from None


def amount(text: str) -> float:
    """The number above 0 that `text` writes; raises `UsageError`."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.0 < found < float("inf"):
        raise UsageError(f'"{text}" is not an amount', "write it as a number above 0: 0.02")
    return found


_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600}


def seconds(text: str) -> float:
    """The length of time that `text` writes, from 1 s to a day; raises `UsageError`."""
    digits = text.rstrip("smihn")
    unit = text[len(digits) :]
    is_known = len(digits) <= 5 and digits.isascii() and digits.isdigit() and unit in _SECONDS
    found = int(digits) * _SECONDS[unit] if is_known else 0
    if not 1 <= found <= 86_400:
        raise UsageError(f'"{text}" is not a length of time', "write it as 30s, 5m or 1h, a day at most")
    return float(found)


def one_of(option: Option) -> Callable[[str], str]:
    """What checks a word against the option's choices; raises `UsageError` that names the nearest."""

    def check(text: str) -> str:
        if text in option.choices:
            return text
        known = ", ".join(option.choices)
        near = did_you_mean(text, option.choices)
        raise UsageError(f'{option.flags[-1]}: no "{text}"; known: {known}', near)

    return check
