"""Checking a workspace: its files, its metrics against the data, and the rules of the method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui import review
from kputui.errors import ConfigError, Severity
from kputui.session.open import open_workspace, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from kputui.errors import Problem
    from kputui.session.open import Opened


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
    return worst_first((*findings(opened), *engine.problems()))


def findings(opened: Opened) -> tuple[Problem, ...]:
    """What can be said without the data: warnings of reading, and the rules' findings."""
    return worst_first((*opened.problems, *review.run(opened.workspace, opened.ownership)))


def worst_first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Errors, then warnings, then notes; otherwise in the order given."""
    return tuple(sorted(problems, key=lambda problem: list(Severity).index(problem.severity)))
