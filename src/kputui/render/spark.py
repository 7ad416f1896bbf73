"""Sparklines of block characters: the newest values, one cell each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = " "


def spark(values: Sequence[float | None], width: int, *, is_last_running: bool = False) -> str:
    """The newest `width` values as blocks from the lowest to the highest, aligned to the right.

    No data is a gap; values that are all alike stand in the middle. A running last period does not
    stretch the scale: it is not whole, and would flatten the others.
    """
    newest = [value if value is not None and math.isfinite(value) else None for value in values][-width:]
    known = [value for value in newest if value is not None]
    if width <= 0 or not known:
        return GAP * max(width, 0)
    if is_last_running and newest[-1] is not None and len(known) > 1:
        known = known[:-1]
    low, high = min(known), max(known)
    return "".join(_block(value, low, high) for value in newest).rjust(width)


def _block(value: float | None, low: float, high: float) -> str:
    if value is None:
        return GAP
    if high == low:
        return BLOCKS[3]
    if math.isfinite(high - low) and math.isfinite(value - low):
        share = (value - low) / (high - low)
    else:  # their halves are as far apart as a float can tell
        share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return BLOCKS[min(len(BLOCKS) - 1, math.floor(max(0.0, min(share, 1.0)) * len(BLOCKS)))]
