"""Figures as people type them, and as a question offers them."""

from __future__ import annotations

import math
import re

from kputui.errors import UsageError

_GROUPS = re.compile(r"(?<=\d)[ _'](?=\d{3}(?!\d))")


def figure_of(typed: str, *, is_share: bool = False) -> float:
    """The number that `typed` writes; of a share `76 %` and `0.76` are one. Raises `UsageError`."""
    text = typed.strip()
    is_percent = text.endswith("%")
    try:
        found = float(_GROUPS.sub("", text.removesuffix("%").strip()))
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or (is_percent and not is_share):
        raise UsageError(f'"{typed}" is not a number', "write it as 8500, or 0.76")
    found = round(found / 100, 12) if is_percent else found
    if is_share and not 0 <= found <= 1:
        raise UsageError(f"{typed} is no share", "write it as 76 % or 0.76")
    return found


def figure_text(value: float, *, is_share: bool = False) -> str:
    """A figure that `figure_of` reads back: `76.5 %` for a share, `8 500` with its thousands apart."""
    if is_share:
        return f"{value * 100:.10g} %"
    return f"{value:,.10g}".replace(",", " ") if abs(value) >= 1000 else f"{value:.10g}"
