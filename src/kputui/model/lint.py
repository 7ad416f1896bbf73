"""Lint: how loud each rule of the method is in a workspace, and where it is to be silent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Level(StrEnum):
    """What becomes of a rule's findings."""

    OFF = "off"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


LEVELLED_CODES: tuple[str, ...] = (
    *(f"M{number:02}" for number in range(1, 45)),
    *(f"G{number:02}" for number in range(1, 9)),
)
"""The codes whose level people may set: the rules' (`review.RULES`) and the questions' (`analysis.gaming.codes`)."""


@dataclass(frozen=True, slots=True)
class Lint:
    """The levels that differ from the rules' own, and the exceptions.

    `ignored` gives for a place, such as ("metrics", "rain"), the codes that are not reported at it or
    below it. A stage of the journey is named by its id: ("journey", "arrival").
    """

    levels: Mapping[str, Level] = field(default_factory=dict)
    ignored: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def is_ignored(self, code: str, path: tuple[str, ...]) -> bool:
        """Whether a finding of `code` at a key path is excepted."""
        return len(path) > 1 and code in self.ignored.get((path[0], path[1]), ())
