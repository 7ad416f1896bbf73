"""Checking a workspace: its files, its metrics against the data, and the rules of the method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui import review
from kputui.errors import ConfigError, Problem, Severity
from kputui.session.accountability import todos
from kputui.session.open import open_workspace, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from kputui.session.accountability import ToDo
    from kputui.session.open import Opened

EXCEPTION = "R13"
_WAYS = {
    "R08": "decide who is: kputui assign {0} TEAM --reason ...",
    "R09": "decide who works on it: kputui assign {0} TEAM --role responsible --reason ...",
    "R10": "assign the role again, or remove it: kputui assign {0} TEAM --remove --reason ...",
    "R11": "add the CPI to the team's `influences`, or assign it to a team that lists it",
    "R12": "decide again: kputui confirm {0} {1} --reason ..., or refute it",
    EXCEPTION: "confirm a link, or keep the exception in mind",
}
"""What to do about each kind of to-do; {0} is the CPI, {1} the KPI."""


def check(
    folder: Path,
    *,
    today: date | None = None,
    now: Callable[[], datetime] = utc_now,
    allowed_roots: tuple[Path, ...] = (),
) -> tuple[Problem, ...]:
    """All problems and findings of a folder, worst first; never raises for what the folder holds."""
    try:
        opened = open_workspace(folder, today=today, now=now, allowed_roots=allowed_roots)
    except ConfigError as error:
        return error.problems
    return check_opened(opened)


def check_opened(opened: Opened) -> tuple[Problem, ...]:
    """All problems and findings of a workspace that was read; loads the engine and looks at the data."""
    from kputui.engine.compute import Engine  # noqa: PLC0415 - polars is imported only where it is needed

    engine = Engine(opened.workspace, allowed_roots=opened.allowed_roots)
    return worst_first((*findings(opened), *engine.problems(opened.clock.today)))


def findings(opened: Opened) -> tuple[Problem, ...]:
    """What can be said without the data: warnings of reading, the rules' findings, and what is to be decided."""
    found = todos(opened.workspace, opened.ownership, day=opened.clock.today)
    gone = {f"assignments.{todo.metric}." for todo in found if todo.code == "R10"}
    told = [
        problem
        for problem in opened.problems
        if problem.code != "S06" or not any(problem.key.startswith(start) for start in gone)
    ]
    decide = (_problem(opened, todo) for todo in found)
    return worst_first((*told, *review.run(opened.workspace, opened.ownership), *decide))


def _problem(opened: Opened, todo: ToDo) -> Problem:
    """A to-do as a finding at the CPI's definition."""
    path = ("metrics", str(todo.metric))
    severity = Severity.INFO if todo.code == EXCEPTION else Severity.WARNING
    place = review.place_of(opened.workspace, path)
    return Problem(
        todo.code, todo.text, severity, place, ".".join(path), _WAYS[todo.code].format(todo.metric, todo.kpi)
    )


def worst_first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Errors, then warnings, then notes; otherwise in the order given."""
    return tuple(sorted(problems, key=lambda problem: list(Severity).index(problem.severity)))
