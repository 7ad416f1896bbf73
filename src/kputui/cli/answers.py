"""What only people can know about a first workspace, as they said it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Answers:
    """One person's answers; what is empty stays open, marked TODO in the files.

    `owner` is a handle. `declared` is the day on which the link was written down; None when nobody was asked.
    """

    goal: str = ""
    why: str = ""
    owner: str = ""
    gaming: str = ""
    stage: str = ""
    need: str = ""
    question: str = ""
    discovered: str = ""
    mechanism: str = ""
    team: str = ""
    declared: date | None = None

    @property
    def is_asked(self) -> bool:
        """Whether somebody was asked: then figures and directions are decisions and no guesses."""
        return self.declared is not None
