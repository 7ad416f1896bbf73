"""Where a problem is, as seen from the folder that the user stands in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kputui.errors import Problem


def near(problem: Problem, here: Path) -> Problem:
    """The problem with the names of its files as seen from `here`, for files below it."""
    if problem.place is None:
        return problem
    others = tuple(replace(other, file=_below(other.file, here)) for other in problem.others)
    return replace(problem, place=replace(problem.place, file=_below(problem.place.file, here)), others=others)


def _below(file: str, here: Path) -> str:
    path = Path(file)
    return str(path.relative_to(here)) if path.is_relative_to(here) else file
