"""What a person holds, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kputui.render.lines import Ink
from kputui.render.safe import cell_width, fit, safe
from kputui.session.words import day_words, person_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kputui.render.lines import Line
    from kputui.session.mine import MineRow, MineView


def mine_lines(project: str, view: MineView) -> tuple[Line, ...]:
    """A heading, the goals owned, and a line a role: in the person's name first, then through a team."""
    return tuple(_lines(project, view))


def _lines(project: str, view: MineView) -> Iterator[Line]:
    yield (safe(project), Ink.STRONG), (f" · {safe(person_words(view.person))}", Ink.MUTED)
    yield ()
    for _, label in view.goals:
        yield (f"{fit('owner of', _ROLE)}  ", Ink.MUTED), (safe(label), Ink.PLAIN), ("  the goal", Ink.MUTED)
    label_cells = max((cell_width(safe(row.label)) for row in view.rows), default=0)
    for row in view.rows:
        yield _row(row, label_cells)
    if not view.goals and not view.rows:
        yield (("nothing is assigned", Ink.MUTED),)


_ROLE = len("accountable")


def _row(row: MineRow, label_cells: int) -> Line:
    since = f" since {day_words(row.since)}" if row.since is not None else ""
    through = "" if row.is_own else f" through {row.holder}"
    ink = Ink.STRONG if row.is_own else Ink.PLAIN
    return (
        (f"{fit(row.role.value, _ROLE)}  ", Ink.MUTED),
        (fit(safe(row.label), label_cells), ink),
        (safe(f"  {row.state}{since}{through}"), Ink.MUTED),
    )
