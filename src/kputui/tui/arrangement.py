"""Where the panes stand for a size of the terminal: pure arithmetic, done at a resize and at Tab only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MIN_WIDTH, MIN_HEIGHT = 40, 10


class Pane(StrEnum):
    """The panes that keys can go to, in the order of Tab."""

    GOALS = "goals"
    DETAIL = "detail"
    MATRIX = "matrix"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the screen in cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Each part's box, None for what is not shown; `is_too_small` leaves only the header line."""

    header: Box
    footer: Box | None = None
    goals: Box | None = None
    detail: Box | None = None
    matrix: Box | None = None
    is_too_small: bool = False


def arrange(width: int, height: int, matrix_rows: int, active: Pane, *, is_whole: bool = False) -> Arrangement:
    """All three panes from 112x28 up; below that goals over a detail strip, or the active pane alone.

    With `is_whole` the matrix takes all the room at any size, while it is active.
    """
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return Arrangement(Box(0, 0, max(width, 1), 1), is_too_small=True)
    header, footer = Box(0, 0, width, 1), Box(0, height - 1, width, 1)
    room = height - 2
    whole = Box(0, 1, width, room)
    has_room_for_all = width >= 112 and height >= 28
    if active is Pane.MATRIX and (is_whole or not has_room_for_all):
        return Arrangement(header, footer, matrix=whole)
    if has_room_for_all:
        left = min(max(width * 54 // 100, 62), 90)
        lower = min(matrix_rows + 6, max(room * 2 // 5, 8))
        return Arrangement(
            header,
            footer,
            Box(0, 1, left, room),
            Box(left, 1, width - left, room - lower),
            Box(left, 1 + room - lower, width - left, lower),
        )
    if active is Pane.DETAIL:
        return Arrangement(header, footer, detail=whole)
    if height >= 20:
        strip = max(8, room * 2 // 5)
        return Arrangement(
            header, footer, goals=Box(0, 1, width, room - strip), detail=Box(0, 1 + room - strip, width, strip)
        )
    return Arrangement(header, footer, goals=whole)
