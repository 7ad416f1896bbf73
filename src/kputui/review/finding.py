"""Findings and rules: what a rule says, and the rule itself as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.errors import Severity
    from kputui.review.known import Known

Figures = tuple[tuple[str, float | int | str], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: the key path it is about, what is wrong, and the figures behind it.

    `hint` says what to do here; where it is empty the rule's own remedy stands. `about` is the place by
    which people name it in `[lint.ignore]`, where that is not the path's beginning.
    """

    path: tuple[str, ...]
    message: str
    hint: str = ""
    figures: Figures = ()
    about: tuple[str, str] | None = None


Find = Callable[["Known"], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the method.

    `meaning` is its line in the documentation, `remedy` what to do about it; `severity` is its level where the
    workspace sets none.
    """

    code: str
    severity: Severity
    meaning: str
    remedy: str
    find: Find
