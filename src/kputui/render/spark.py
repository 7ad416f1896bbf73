"""Sparklines of block characters: the newest values, one cell each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = " "


def spark(values: Sequence[float | None], width: int) -> str:
    """The newest `width` values as blocks from the lowest to the highest, aligned to the right.

    No data is a gap; values that are all alike stand in the middle.
    """
    newest = [value if value is not None and math.isfinite(value) else None for value in values][-width:]
    known = [value for value in newest if value is not None]
    if width <= 0 or not known:
        return GAP * max(width, 0)
    low, high = min(known), max(known)
    return "".join(_block(value, low, high) for value in newest).rjust(width)


def _block(value: float | None, low: float, high: float) -> str:
    if value is None:
        return GAP
    if high == low:
        return BLOCKS[3]
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return BLOCKS[min(len(BLOCKS) - 1, int(share * len(BLOCKS)))]
